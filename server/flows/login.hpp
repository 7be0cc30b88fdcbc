// A member logs in with the code of a WeCom mini-program (wx.qy.login); the WeChat code beside it tells the
// openid that mini-program payments need.
#pragma once

#include <string>

#include "io/async.hpp"
#include "storage/rows.hpp"

namespace wefee::server {

struct App;

struct Login {
    std::string token;  // opaque; only its hash is stored
    storage::SessionRow session;
    storage::TenantRow tenant;
};

/// Throws Error{unauthorised} for codes that are wrong or used and for people without a role.
io::awaitable<Login> log_in(App& app, std::string code, std::string wechat_code);

}  // namespace wefee::server
