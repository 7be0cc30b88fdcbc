// Steps about money: it comes in through a channel, goes back, becomes account credit.
#include <array>

#include "server/scenario/run.hpp"

namespace wefee::server {
namespace {

void pay(Run& run, ObjectReader& reader, const std::string& tenant, CivilDay on) {
    const auto invoice = read_invoice(reader);
    const auto amount = read_amount(reader, "amount_fen");
    const auto channel = parse_provider(reader.optional_text("channel", 16).value_or("wechat"));
    if (!channel) reader.problem("channel", "is not a channel of payment");
    reader.finish();
    run.account(tenant, on).pay(invoice, *channel, amount);
}

void transfer(Run& run, ObjectReader& reader, const std::string& tenant, CivilDay on) {
    const auto amount = read_amount(reader, "amount_fen");
    reader.finish();
    run.account(tenant, on).transfer(amount);
}

void refund(Run& run, ObjectReader& reader, const std::string& tenant, CivilDay on) {
    const auto invoice = read_invoice(reader);
    const auto amount = read_amount(reader, "amount_fen");
    reader.finish();
    run.account(tenant, on).refund(invoice, amount);
}

/// Fen, or a decimal of yuan of any length, which is rounded once.
Fen read_grant(ObjectReader& reader) {
    const auto yuan = reader.optional_text("amount_yuan", 64);
    if (!yuan) return read_amount(reader, "amount_fen");
    const auto amount = round_yuan(*yuan);
    if (!amount || *amount <= Fen{} || amount->count() > scenario_money_max)
        reader.problem("amount_yuan", "must be a decimal above 0");
    return amount.value_or(Fen{});
}

void grant(Run& run, ObjectReader& reader, const std::string& tenant, CivilDay on) {
    const auto amount = read_grant(reader);
    reader.finish();
    run.account(tenant, on).grant(amount);
}

void credit_note(Run& run, ObjectReader& reader, const std::string& tenant, CivilDay on) {
    const auto invoice = read_invoice(reader);
    const auto line = reader.text("line", 128);
    const auto amount = read_amount(reader, "amount_fen");
    const bool in_cash = reader.optional_flag("refund").value_or(true);
    reader.finish();
    run.account(tenant, on).credit(invoice, line, amount, in_cash);
}

constexpr std::array steps{StepKind{"pay", pay}, StepKind{"transfer", transfer}, StepKind{"refund", refund},
                           StepKind{"grant", grant}, StepKind{"credit_note", credit_note}};

}  // namespace

std::span<const StepKind> money_steps() { return steps; }

}  // namespace wefee::server
