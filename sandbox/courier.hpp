// Sends notifications and callbacks: first at once, then by the provider's schedule on the sandbox's clock,
// until the receiver has accepted. Notification faults are played here.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "io/http.hpp"
#include "sandbox/agenda.hpp"
#include "sandbox/books.hpp"
#include "sandbox/faults.hpp"

namespace wefee::sandbox {

/// How a message is spoilt. All but `wrong_amount` must be refused by the receiver.
enum class Twist { none, probe, wrong_amount, wrong_key, tamper };

struct Parcel {
    std::string id;        // the notification's id where it has one, else ours
    std::string provider;  // "wechat", "alipay", "wecom"
    std::string kind;      // event name
    std::string key;       // out_trade_no, our_number, corpid ...
    std::string url;
    std::span<const std::chrono::seconds> gaps;    // before each retry
    std::chrono::milliseconds limit{5'000};        // real time
    std::function<io::ClientRequest(Twist)> make;  // afresh for each try
    std::function<bool(const io::ClientResponse&)> accepted;
};

struct Delivery {
    Parcel parcel;
    int tries = 0;        // messages that went out, parallel copies included
    int attempts = 0;     // steps of the schedule
    int last_status = 0;  // 0: no answer
    std::string last_body;
    std::string state = "waiting";  // waiting, accepted, given_up, lost
    std::optional<Instant> next_at;
    bool all_wrong_amount = false;
    Twist first = Twist::none;
    int copies = 1;
    bool ignore_answer = false;
};

class Courier {
public:
    Courier(SandboxClock& clock, Agenda& agenda, Faults& faults, Books& books, io::HttpClient& client)
        : clock_(clock), agenda_(agenda), faults_(faults), books_(books), client_(client) {}

    /// Due now, but for faults. An empty url sends nothing and returns nullptr.
    std::shared_ptr<Delivery> post(Parcel parcel);
    const std::vector<std::shared_ptr<Delivery>>& all() const { return all_; }
    const std::vector<std::string>& accepted_ids() const { return accepted_ids_; }
    void note_accepted(const std::string& id);
    /// Messages that went out, tries included.
    std::size_t sent() const { return sent_; }
    /// True once after a notification that must go out before the answer of its call.
    bool take_urgent() { return std::exchange(urgent_, false); }
    /// One try: the answer's status (0: none) and whether the receiver accepted.
    io::awaitable<bool> send(std::shared_ptr<Delivery> delivery, Twist twist);

private:
    void apply(const Fault& fault, Delivery& delivery, bool& held, Instant& first_at);
    io::awaitable<void> attempt(std::shared_ptr<Delivery> delivery);
    void schedule_next(const std::shared_ptr<Delivery>& delivery);
    void release_held();

    SandboxClock& clock_;
    Agenda& agenda_;
    Faults& faults_;
    Books& books_;
    io::HttpClient& client_;
    std::vector<std::shared_ptr<Delivery>> all_;
    std::vector<std::shared_ptr<Delivery>> held_;
    std::vector<std::string> accepted_ids_;
    std::set<std::string> accepted_set_;
    std::size_t sent_ = 0;
    bool urgent_ = false;
};

}  // namespace wefee::sandbox
