#include "server/flows/apply_inbox.hpp"

#include <algorithm>

#include "billing/facts.hpp"
#include "io/log.hpp"
#include "server/app.hpp"
#include "server/flows/button.hpp"
#include "server/flows/commit.hpp"
#include "server/flows/mandate.hpp"
#include "server/flows/names.hpp"
#include "server/flows/onboard.hpp"
#include "server/flows/refund.hpp"
#include "server/flows/settle.hpp"
#include "wecom/events.hpp"

namespace wefee::server {
namespace {

/// Ends a row without any other effect.
io::awaitable<void> only_end(App& app, std::int64_t id, std::string outcome) {
    Unit unit{"inbox:" + std::to_string(id), app.clock.now(), "system"};
    unit.end_inbox(id, outcome);
    co_await app.store.commit(unit.take());
}

/// A failure notice is a hint: the query decides, so it is asked at once; the notice's cause is kept for
/// then.
io::awaitable<std::optional<Unit>> ask_now_unit(App& app, std::int64_t inbox_id, const PaymentFailed& fact) {
    const std::string provider{provider_name(fact.provider)};
    std::vector<storage::OrderNumber> number{
        {provider, app.gateway(fact.provider).mchid(), fact.out_trade_no}};
    const auto views = co_await app.store.load_settlements(std::move(number));
    Unit unit{"inbox:" + std::to_string(inbox_id), app.clock.now(), "provider:" + provider};
    const bool open = views.front() && views.front()->attempt.open_flag;
    if (open) {
        auto attempt = views.front()->attempt;
        attempt.cause = failure_cause_name(fact.cause);
        attempt.provider_code = fact.provider_code;
        if (attempt.state != "INTENT" && attempt.state != "REVIEW")
            unit.schedule(task::attempt_step, attempt.id.text(), attempt.tenant_id, unit.at());
        unit.save(std::move(attempt));
    }
    unit.end_inbox(inbox_id, open ? "applied" : views.front() ? "stale" : "mismatch");
    co_return unit;
}

io::awaitable<void> ask_now(App& app, std::int64_t inbox_id, PaymentFailed fact) {
    co_await decide_and_commit(app, [&] { return ask_now_unit(app, inbox_id, fact); });
}

/// One provider fact; payments are settled in batches elsewhere.
struct ApplyFact {
    App& app;
    std::int64_t inbox_id;

    io::awaitable<void> operator()(PaymentSucceeded fact) const {
        return apply_payment(app, std::move(fact), inbox_id);
    }
    io::awaitable<void> operator()(PaymentFailed fact) const {
        return ask_now(app, inbox_id, std::move(fact));
    }
    io::awaitable<void> operator()(RefundChanged fact) const {
        return refund_changed(app, inbox_id, std::move(fact));
    }
    io::awaitable<void> operator()(MandateSigned fact) const {
        return mandate_signed(app, inbox_id, std::move(fact));
    }
    io::awaitable<void> operator()(MandateEnded fact) const {
        return mandate_ended(app, inbox_id, std::move(fact));
    }
    io::awaitable<void> operator()(NoAction) const { return only_end(app, inbox_id, "no_action"); }
};

struct ApplyEvent {
    App& app;
    std::int64_t inbox_id;

    io::awaitable<void> operator()(wecom::SuiteTicket fact) const {
        return keep_ticket(app, inbox_id, std::move(fact));
    }
    io::awaitable<void> operator()(wecom::AuthCreated fact) const {
        return app_authorised(app, inbox_id, std::move(fact));
    }
    io::awaitable<void> operator()(wecom::PermanentCodeReset fact) const {
        return app_authorised(app, inbox_id, {fact.suite_id, fact.auth_code, "", fact.at});
    }
    io::awaitable<void> operator()(wecom::AuthCancelled fact) const {
        return app_cancelled(app, inbox_id, std::move(fact));
    }
    io::awaitable<void> operator()(wecom::AuthChanged fact) const {
        return app_changed(app, inbox_id, fact.corp_id, fact.at);
    }
    io::awaitable<void> operator()(wecom::ContactChanged fact) const {
        return app_changed(app, inbox_id, fact.corp_id, fact.at);
    }
    io::awaitable<void> operator()(wecom::AppAdminsChanged fact) const {
        return app_changed(app, inbox_id, fact.corp_id, fact.at);
    }
    io::awaitable<void> operator()(wecom::CardClicked fact) const {
        return card_clicked(app, inbox_id, std::move(fact));
    }
    io::awaitable<void> operator()(wecom::MemberMessage) const {
        return only_end(app, inbox_id, "no_action");
    }
    io::awaitable<void> operator()(wecom::Other) const { return only_end(app, inbox_id, "no_action"); }
};

/// The door whose source this row came through.
const payment::NotificationDoor* door_of(const App& app, const std::string& source) {
    static constexpr std::pair<std::string_view, std::string_view> paths[] = {
        {"wechatpay", "/webhooks/wechatpay"},
        {"wechatpay.v2.contract", "/webhooks/wechatpay/v2/contract"},
        {"wechatpay.v2.deduction", "/webhooks/wechatpay/v2/deduction"},
        {"wechatpay.v2.refund", "/webhooks/wechatpay/v2/refund"},
        {"alipay", "/webhooks/alipay"}};
    for (const auto& [name, path] : paths)
        if (name == source)
            if (const auto door = app.doors.find(path); door != app.doors.end()) return door->second;
    return nullptr;
}

io::awaitable<void> count_failure(App& app, std::int64_t id, std::string reason) {
    io::log(io::Level::warning, "inbox_row_failed", {{"id", id}, {"reason", reason}});
    if (co_await app.store.fail_inbox(id, reason))
        io::log(io::Level::error, "inbox_row_dead", {{"id", id}, {"reason", reason}});
}

io::awaitable<void> apply_one(App& app, storage::InboxRow row) {
    std::string failure;
    try {
        if (row.source.starts_with("wecom.")) {
            co_await std::visit(ApplyEvent{app, row.id}, wecom::decode(row.raw));
            co_return;
        }
        const auto* door = door_of(app, row.source);
        if (!door) throw Error(Errc::unavailable, "the provider of " + row.source + " is not configured");
        co_await std::visit(ApplyFact{app, row.id}, door->decode(row.raw));
        co_return;
    } catch (const std::exception& error) {
        failure = error.what();
    }
    co_await count_failure(app, row.id, std::move(failure));
}

struct Payment {
    std::int64_t inbox_id = 0;
    PaymentSucceeded fact;
};

/// The payments among the rows, decoded; they leave `rows`.
std::vector<Payment> take_payments(const App& app, std::vector<storage::InboxRow>& rows) {
    std::vector<Payment> payments;
    std::erase_if(rows, [&](const storage::InboxRow& row) {
        const auto* door = row.source.starts_with("wecom.") ? nullptr : door_of(app, row.source);
        if (!door) return false;
        try {
            auto fact = door->decode(row.raw);
            auto* paid = std::get_if<PaymentSucceeded>(&fact);
            if (!paid) return false;
            payments.push_back({row.id, std::move(*paid)});
            return true;
        } catch (const std::exception&) {
            return false;  // apply_one decodes again and counts the failure
        }
    });
    return payments;
}

/// What a payment changes; nothing, with the reason in `failure`, when it could not be decided.
std::optional<storage::Changes> settlement(const App& app, std::optional<storage::SettlementView> view,
                                           const Payment& payment, Instant now, std::exception_ptr& failure) {
    try {
        auto unit = view ? settle_payment(app.rules, std::move(*view), payment.fact, payment.inbox_id, now)
                         : foreign_payment(payment.fact, payment.inbox_id, now);
        return unit.take();
    } catch (const std::exception&) {
        failure = std::current_exception();
        return std::nullopt;
    }
}

/// What became of one settlement; met by a faster writer, it goes on alone.
io::awaitable<void> end_settlement(App& app, Payment payment, storage::Store::Committed committed) {
    std::string failure;
    try {
        if (committed.failure) std::rethrow_exception(committed.failure);
        if (committed.result == storage::CommitResult::conflict)
            co_await apply_payment(app, payment.fact, payment.inbox_id);
        co_return;
    } catch (const std::exception& error) {
        failure = error.what();
    }
    co_await count_failure(app, payment.inbox_id, std::move(failure));
}

/// One read for all payments of a batch; their commits share database transactions.
io::awaitable<void> settle_batch(App& app, std::vector<Payment> payments) {
    std::vector<storage::OrderNumber> numbers;
    for (const auto& payment : payments)
        numbers.push_back({std::string{provider_name(payment.fact.provider)},
                           app.gateway(payment.fact.provider).mchid(), payment.fact.out_trade_no});
    auto views = co_await app.store.load_settlements(std::move(numbers));
    const auto now = app.clock.now();
    std::vector<storage::Changes> all;
    std::vector<Payment> decided;
    for (std::size_t i = 0; i < payments.size(); ++i) {
        std::exception_ptr failure;
        if (auto changes = settlement(app, std::move(views[i]), payments[i], now, failure)) {
            all.push_back(std::move(*changes));
            decided.push_back(std::move(payments[i]));
        } else {
            co_await end_settlement(app, std::move(payments[i]), {{}, failure});
        }
    }
    auto committed = co_await app.store.commit_all(std::move(all));
    for (std::size_t i = 0; i < decided.size(); ++i)
        co_await end_settlement(app, std::move(decided[i]), std::move(committed[i]));
}

}  // namespace

io::awaitable<void> apply_inbox(App& app, std::vector<storage::InboxRow> rows) {
    auto payments = take_payments(app, rows);
    if (!payments.empty()) co_await settle_batch(app, std::move(payments));
    for (auto& row : rows) co_await apply_one(app, std::move(row));
}

}  // namespace wefee::server
