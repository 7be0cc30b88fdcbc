#include "server/http/problem.hpp"

#include <nlohmann/json.hpp>

namespace wefee::server {

nlohmann::ordered_json field_problems(std::span<const FieldProblem> fields) {
    auto all = nlohmann::ordered_json::array();
    for (const auto& field : fields)
        all.push_back({{"pointer", field.pointer}, {"code", field.code}, {"detail", field.text}});
    return all;
}

io::Response problem(Errc errc, std::string_view detail, std::span<const FieldProblem> fields) {
    const auto& row = fault(errc);
    nlohmann::ordered_json body{
        {"type", "about:blank"}, {"title", row.public_text}, {"status", row.http_status}, {"code", row.code}};
    if (!detail.empty()) body["detail"] = detail;
    if (!fields.empty()) body["errors"] = field_problems(fields);
    io::Response response;
    response.status = row.http_status;
    response.content_type = "application/problem+json";
    response.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    if (errc == Errc::too_many_requests)
        response.headers.emplace_back("Retry-After", "1");  // our rates are by the second
    return response;
}

io::Response method_not_allowed(std::string_view allow) {
    auto response = problem(Errc::method_not_allowed);
    response.headers.emplace_back("Allow", allow);
    return response;
}

}  // namespace wefee::server
