#include "sandbox/sandbox.hpp"

#include "sandbox/control.hpp"
#include "sandbox/door.hpp"
#include "sandbox/plain_client.hpp"

namespace wefee::sandbox {
namespace {

constexpr auto tick = std::chrono::milliseconds{200};

enum class Owner { wechat, alipay, wecom };

Owner owner_of(std::string_view path) {
    if (path.starts_with("/gateway.do")) return Owner::alipay;
    if (path.starts_with("/cgi-bin/") || path.starts_with("/sns/")) return Owner::wecom;
    return Owner::wechat;
}

constexpr std::string_view owner_name(Owner owner) {
    return owner == Owner::alipay ? "alipay" : owner == Owner::wecom ? "wecom" : "wechat";
}

AnswerStyle style_of(std::string_view fault) {
    if (fault == "unsigned") return AnswerStyle::unsigned_answer;
    if (fault == "bad_signature") return AnswerStyle::bad_signature;
    if (fault == "probe") return AnswerStyle::probe;
    return AnswerStyle::normal;
}

io::Response gateway_page(int status) {
    return {.status = status,
            .content_type = "text/html",
            .body = "<html><body><h1>" + std::to_string(status) + "</h1></body></html>",
            .headers = {}};
}

}  // namespace

struct Sandbox::Parts {
    Parts(Options options, Keys keys)
        : address(options.address),
          wanted_port(options.port),
          tasks(loop.executor()),
          world(std::move(options), std::move(keys), tasks, loop.executor(), client),
          wechat(world),
          alipay(world),
          wecom(world),
          flood(world, wechat, alipay, tasks, loop.executor()),
          control(world, wechat, alipay, wecom, flood),
          door(
              loop.executor(), tasks, [this](const io::Request& request) { return handle(request); },
              [this] { world.agenda.start_due(); }) {}

    io::awaitable<Reply> handle(const io::Request& request);
    io::Response answer(Owner owner, const io::Request& request, AnswerStyle style);
    io::Response system_error(Owner owner, const io::Request& request);
    io::awaitable<void> keep_time();

    std::string address;
    unsigned short wanted_port;
    io::Loop loop;
    io::TaskGroup tasks;
    PlainClient client;
    World world;
    WechatPay wechat;
    Alipay alipay;
    Wecom wecom;
    Flood flood;
    Control control;
    Door door;
    bool started = false;
};

io::Response Sandbox::Parts::answer(Owner owner, const io::Request& request, AnswerStyle style) {
    if (owner == Owner::alipay) return alipay.handle(request, style);
    if (owner == Owner::wecom) return wecom.handle(request);
    return wechat.handle(request, style);
}

io::Response Sandbox::Parts::system_error(Owner owner, const io::Request& request) {
    if (owner == Owner::alipay) return alipay.system_error(request);
    if (owner == Owner::wecom) return wecom.system_error();
    return wechat.system_error(request);
}

io::awaitable<Reply> Sandbox::Parts::handle(const io::Request& request) {
    if (request.path.starts_with("/sandbox/")) {
        Reply reply;
        reply.response = co_await control.handle(request);
        co_return reply;
    }
    const auto owner = owner_of(request.path);
    const auto subject = owner == Owner::alipay ? Alipay::method_of(request) : std::string(request.path);
    const auto fault = world.faults.on_call(owner_name(owner), subject);
    const auto kind = fault ? fault->kind : std::string();
    Reply reply;
    if (kind == "lose_request") {
        reply.drop = true;
        co_return reply;
    }
    if (kind == "status" || kind == "system_error") {
        reply.response = kind == "status" ? gateway_page(fault->status) : system_error(owner, request);
        co_return reply;
    }
    reply.response = answer(owner, request, style_of(kind));
    if (world.courier.take_urgent()) co_await world.agenda.settle();
    if (kind == "lose_reply") reply.drop = true;
    if (kind == "executed_error") reply.response = system_error(owner, request);
    if (kind == "garbled") reply.response.body.resize(reply.response.body.size() / 2);
    if (kind == "empty") reply.response.body.clear();
    if (kind == "slow") reply.delay = std::chrono::seconds{fault->seconds};
    co_return reply;
}

/// With a running clock nobody advances it: what is due is looked for.
io::awaitable<void> Sandbox::Parts::keep_time() {
    for (;;) {
        co_await io::sleep_for(tick);
        wecom.keep_ticket_fresh();
        world.agenda.start_due();
    }
}

Sandbox::Sandbox(Options options, Keys keys)
    : parts_(std::make_unique<Parts>(std::move(options), std::move(keys))) {}

Sandbox::~Sandbox() { stop(); }

void Sandbox::start() {
    parts_->door.listen(parts_->address, parts_->wanted_port);
    if (parts_->world.clock.running()) parts_->tasks.start("sandbox_time", parts_->keep_time());
    parts_->loop.start("sandbox");
    parts_->started = true;
}

void Sandbox::stop() {
    if (!std::exchange(parts_->started, false)) return;
    parts_->loop.run(parts_->tasks.stop(std::chrono::seconds{0}));
    parts_->loop.stop();
    parts_->loop.join();
}

unsigned short Sandbox::port() const { return parts_->door.port(); }

std::string Sandbox::base_url() const { return "http://" + parts_->address + ":" + std::to_string(port()); }

}  // namespace wefee::sandbox
