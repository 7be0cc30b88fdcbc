#include "support.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <fstream>
#include <stdexcept>

namespace wefee::wecom::test {

std::vector<nlohmann::json> vectors(const std::string& file) {
    std::ifstream in(std::string{WEFEE_TEST_DATA} + "/" + file);
    const auto whole = nlohmann::json::parse(in);
    std::vector<nlohmann::json> out;
    for (auto vector : whole.at("vectors")) {
        for (const auto& [name, value] : whole.items())
            if (name != "vectors" && !vector.contains(name)) vector[name] = value;
        out.push_back(std::move(vector));
    }
    return out;
}

DoorConfig door_for(const nlohmann::json& vector) {
    DoorConfig config;
    config.token = vector.at("token").get<std::string>();
    config.encoding_aes_key = vector.at("encoding_aes_key").get<std::string>();
    config.suite_id = "ww4asffe99e54c0f4c";
    config.provider_corp_id = "wwprovider00000001";
    config.agent_id = "1000002";
    const auto receiveid = vector.at("receiveid").get<std::string>();
    if (receiveid.empty()) {
        config.kind = DoorKind::command;
        config.suite_id = "wwpersonal00000001";
        config.empty_receiveid = true;
    } else if (receiveid == config.suite_id) {
        config.kind = DoorKind::command;
    } else if (receiveid == config.provider_corp_id) {
        config.kind = DoorKind::system;
    } else if (receiveid.starts_with("wp")) {
        config.kind = DoorKind::data;
    } else {
        config.kind = DoorKind::app;
        config.corp_id = receiveid;
    }
    return config;
}

void ScriptedWecom::answer(const std::string& path, const std::string& body, int status) {
    io::ClientResponse response;
    response.status = status;
    response.body = body;
    for (auto& [known, answers] : scripts_)
        if (known == path) return answers.push_back(std::move(response));
    scripts_.emplace_back(path, std::deque{std::move(response)});
}

std::size_t ScriptedWecom::count(const std::string& path) const {
    std::size_t count = 0;
    for (const auto& call : calls) count += call.path == path ? 1 : 0;
    return count;
}

const ScriptedWecom::Call& ScriptedWecom::last(const std::string& path) const {
    for (auto call = calls.rbegin(); call != calls.rend(); ++call)
        if (call->path == path) return *call;
    throw std::runtime_error("never called: " + path);
}

io::awaitable<io::ClientResponse> ScriptedWecom::send(io::ClientRequest request, std::chrono::milliseconds) {
    const auto path_at = request.url.find('/', request.url.find("//") + 2);
    const auto query_at = request.url.find('?');
    Call call;
    call.method = request.method;
    call.path = request.url.substr(path_at, query_at - path_at);
    if (query_at != std::string::npos) call.query = request.url.substr(query_at + 1);
    call.body = request.body;
    calls.push_back(call);
    // One turn of the loop, as a real call takes: concurrent callers meet here.
    co_await boost::asio::post(co_await boost::asio::this_coro::executor, boost::asio::use_awaitable);
    for (auto& [known, answers] : scripts_) {
        if (known != call.path) continue;
        auto response = answers.front();
        if (answers.size() > 1) answers.pop_front();
        if (response.status == 0) throw boost::system::system_error(boost::asio::error::timed_out);
        co_return response;
    }
    throw std::runtime_error("no script for " + call.path);
}

}  // namespace wefee::wecom::test
