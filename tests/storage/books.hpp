// A small true world to write into the store: a tenant with an invoice, a consent, a mandate and a charge,
// and the moves of a charge from due to settled, with all their books.
#pragma once

#include <string>
#include <string_view>

#include "storage/changes.hpp"
#include "storage/store.hpp"

namespace wefee::tests {

inline constexpr Instant noon{std::chrono::milliseconds{1'764'043'200'000}};  // 2025-11-25T12:00:00+08:00

/// A money transaction under construction, with the audit moves of its rows.
class Deed {
public:
    explicit Deed(std::string op_id, Instant at = noon);
    template <class Row>
    void create(std::string_view entity, Row& row, std::string_view state) {
        move_to(entity, row.id.text(), row, "", state);
    }
    template <class Row>
    void move(std::string_view entity, Row& row, std::string_view state) {
        move_to(entity, row.id.text(), row, row.state, state);
    }
    storage::Changes changes;

private:
    template <class Row>
    void move_to(std::string_view entity, const std::string& id, Row& row, std::string_view from,
                 std::string_view to) {
        changes.moves.push_back({std::string(entity), id, row.state_seq + 1, std::string(from),
                                 std::string(to), "system", row.audit_head});
        row.state = to;
        row.state_seq += 1;
    }
};

/// Ids end in `tag`, so that several worlds live in one store.
struct World {
    explicit World(std::string tag = "1", Fen total = Fen{361'250});
    std::string id(std::string_view prefix) const { return std::string(prefix) + tag; }
    storage::OrderNumber number() const { return {"wechat", "1900000109", id("wf")}; }

    std::string tag;
    storage::TenantRow tenant;
    storage::PriceListRow list;
    storage::SubscriptionRow subscription;
    storage::InvoiceRow invoice;
    storage::ConsentRow consent;
    storage::ConsentItemRow item;
    storage::ConsentCycleRow cycle;
    storage::MandateRow mandate;
    storage::ChargeRow charge;  // DUE
    storage::AttemptRow attempt;
    storage::RefundRow refund;

    /// Everything up to a charge that is DUE, its reminder delivered.
    storage::Changes founding();
    /// Reserves and inserts the attempt as INTENT.
    storage::Changes intent(const std::string& op_id);
    storage::Changes sending(const std::string& op_id);
    /// The provider's success: attempt, charge, invoice, consent cycle, books, outbox.
    storage::Changes settling(const std::string& op_id);
    /// A refund of the whole amount, requested to succeeded in one go.
    storage::Changes refunding(const std::string& op_id);
};

/// Writes it and reads the rows back as they stand; throws unless it was applied.
void commit(storage::Store& store, storage::Changes changes);
/// founding, intent, sending.
World sent_world(storage::Store& store, const std::string& tag = "1");
/// The world's attempt, charge, invoice and cycle as stored.
void reload(storage::Store& store, World& world);

storage::InboxRow received(const std::string& key, const std::string& source = "wechatpay");

}  // namespace wefee::tests
