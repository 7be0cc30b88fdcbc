// docs/openapi.yaml, as far as the tests hold the server against it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace wefee::server::tests {

class OpenApi {
public:
    /// Reads the project's own description.
    OpenApi();

    struct Operation {
        std::string method;  // "GET"
        std::string path;
        nlohmann::json content;
    };
    const std::vector<Operation>& operations() const { return operations_; }
    const Operation& operation(const std::string& method, const std::string& path) const;
    /// Where `answer` differs from the schema of that operation's successful answer of this status; empty:
    /// nowhere.
    std::vector<std::string> differences(const Operation& operation, const nlohmann::json& answer,
                                         const std::string& status = "2") const;
    /// The fields that the body of a call must have.
    static std::set<std::string> required_fields(const Operation& operation);

private:
    void compare(const nlohmann::json& schema, const nlohmann::json& value, const std::string& at,
                 std::vector<std::string>& found) const;
    void compare_object(const nlohmann::json& schema, const nlohmann::json& value, const std::string& at,
                        std::vector<std::string>& found) const;
    nlohmann::json document_;
    std::vector<Operation> operations_;
};

}  // namespace wefee::server::tests
