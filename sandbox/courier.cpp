#include "sandbox/courier.hpp"

#include <boost/system/system_error.hpp>

namespace wefee::sandbox {

void Courier::note_accepted(const std::string& id) {
    if (accepted_set_.insert(id).second) accepted_ids_.push_back(id);
}

void Courier::apply(const Fault& fault, Delivery& delivery, bool& held, Instant& first_at) {
    const auto& kind = fault.kind;
    if (kind == "drop") delivery.state = "lost";
    if (kind == "lose_reply") delivery.ignore_answer = true;
    if (kind == "duplicate") delivery.copies = fault.copies;
    if (kind == "delay") first_at += std::chrono::seconds(fault.seconds);
    if (kind == "reorder") held = true;
    if (kind == "probe") delivery.first = Twist::probe;
    if (kind == "wrong_key") delivery.first = Twist::wrong_key;
    if (kind == "tamper") delivery.first = Twist::tamper;
    if (kind == "wrong_amount") delivery.all_wrong_amount = true;
    if (kind == "before_reply") urgent_ = true;
}

std::shared_ptr<Delivery> Courier::post(Parcel parcel) {
    if (parcel.url.empty()) return nullptr;
    auto delivery = std::make_shared<Delivery>();
    delivery->parcel = std::move(parcel);
    all_.push_back(delivery);
    bool held = false;
    auto first_at = clock_.now();
    if (const auto fault = faults_.on_notification(delivery->parcel.provider, delivery->parcel.kind))
        apply(*fault, *delivery, held, first_at);
    if (delivery->state == "lost") return delivery;
    if (held) {
        held_.push_back(delivery);
        return delivery;
    }
    delivery->next_at = first_at;
    agenda_.at(first_at, [this, delivery] { return attempt(delivery); });
    return delivery;
}

void Courier::release_held() {
    for (auto& delivery : std::exchange(held_, {})) {
        delivery->next_at = clock_.now();
        agenda_.at(clock_.now(), [this, delivery] { return attempt(delivery); });
    }
}

io::awaitable<bool> Courier::send(std::shared_ptr<Delivery> delivery, Twist twist) {
    io::ClientResponse response;
    ++sent_;
    ++delivery->tries;
    auto request = delivery->parcel.make(twist);
    try {
        response = co_await client_.send(std::move(request), delivery->parcel.limit);
    } catch (const boost::system::system_error& error) {
        delivery->last_status = 0;
        delivery->last_body = error.code().message();
        co_return false;
    }
    delivery->last_status = response.status;
    delivery->last_body = response.body;
    const bool accepted = delivery->parcel.accepted(response);
    if (twist == Twist::none || twist == Twist::wrong_amount) co_return accepted;
    if (accepted)
        books_.failed_check("a spoilt " + delivery->parcel.provider + " " + delivery->parcel.kind +
                            " was accepted: " + delivery->parcel.key);
    co_return false;
}

io::awaitable<void> Courier::attempt(std::shared_ptr<Delivery> delivery) {
    const auto twist = delivery->all_wrong_amount ? Twist::wrong_amount
                       : delivery->attempts == 0  ? delivery->first
                                                  : Twist::none;
    ++delivery->attempts;
    delivery->next_at.reset();
    for (int copy = 1; copy < delivery->copies; ++copy)
        agenda_.at(clock_.now(), [this, delivery]() -> io::awaitable<void> {
            if (co_await send(delivery, Twist::none)) note_accepted(delivery->parcel.id);
        });
    delivery->copies = 1;
    agenda_.start_due();
    bool accepted = co_await send(delivery, twist);
    if (std::exchange(delivery->ignore_answer, false)) accepted = false;
    if (accepted) {
        delivery->state = "accepted";
        note_accepted(delivery->parcel.id);
    } else if (delivery->state != "accepted") {
        schedule_next(delivery);
    }
    release_held();
}

void Courier::schedule_next(const std::shared_ptr<Delivery>& delivery) {
    const auto done = static_cast<std::size_t>(delivery->attempts) - 1;
    if (done >= delivery->parcel.gaps.size()) {
        delivery->state = "given_up";
        return;
    }
    delivery->next_at = clock_.now() + delivery->parcel.gaps[done];
    agenda_.at(*delivery->next_at, [this, delivery] { return attempt(delivery); });
}

}  // namespace wefee::sandbox
