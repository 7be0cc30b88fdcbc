// Errors as application/problem+json (RFC 9457) with a stable code and JSON pointers for bad fields.
#pragma once

#include <span>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "billing/error.hpp"
#include "io/http.hpp"

namespace wefee::server {

/// `detail`: for the client; ids, never secrets.
io::Response problem(Errc errc, std::string_view detail = {}, std::span<const FieldProblem> fields = {});
/// `errors` of an answer: one {pointer, code, detail} for each.
nlohmann::ordered_json field_problems(std::span<const FieldProblem> fields);
/// 404 and 405 of the router; Allow lists what the path takes.
io::Response method_not_allowed(std::string_view allow);

}  // namespace wefee::server
