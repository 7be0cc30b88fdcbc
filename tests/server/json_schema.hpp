// A JSON Schema checker for the keywords that docs/price-list.schema.json uses; any other keyword is an
// error, so that nothing in the schema goes unchecked.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace wefee::server::tests {

class JsonSchema {
public:
    /// Throws std::runtime_error when the schema uses a keyword that is not checked here.
    explicit JsonSchema(nlohmann::json document);
    /// Why `value` is refused, one text with its JSON pointer each; empty: accepted.
    std::vector<std::string> refusals(const nlohmann::json& value) const;
    /// A part of the schema, its $ref followed.
    const nlohmann::json& resolved(const nlohmann::json& schema) const;
    const nlohmann::json& root() const { return document_; }

private:
    void check(const nlohmann::json& schema, const nlohmann::json& value, const std::string& at,
               std::vector<std::string>& found) const;
    void check_object(const nlohmann::json& schema, const nlohmann::json& value, const std::string& at,
                      std::vector<std::string>& found) const;
    nlohmann::json document_;
};

}  // namespace wefee::server::tests
