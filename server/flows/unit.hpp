// One money transaction under construction: machines move here and nowhere else, so that each move has its
// audit row. take() gives the Changes that the store commits.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "billing/error.hpp"
#include "billing/machines/machine.hpp"
#include "storage/changes.hpp"

namespace wefee::server {

class Unit {
public:
    /// `op_id`: the same cause gives the same id, so that doing it twice is refused by the store.
    Unit(std::string op_id, Instant at, std::string actor) : actor_(std::move(actor)) {
        changes_.op_id = std::move(op_id);
        changes_.at = at;
    }

    Instant at() const { return changes_.at; }
    const std::string& actor() const { return actor_; }
    const std::string& op_id() const { return changes_.op_id; }

    /// Gives a new row its first state. Throws Error{wrong_state} when the event creates nothing.
    template <class State, class Row>
    void create(Row& row, typename Machine<State>::Event event) {
        const auto to = wefee::create<State>(event);
        if (!to) refuse(Machine<State>::entity, text_id(row), "", event_text<State>(event));
        add_move(Machine<State>::entity, text_id(row), row, "", state_text(*to));
    }

    /// Moves a loaded row. Throws Error{wrong_state} when the table has no such row: the caller decides
    /// before.
    template <class State, class Row>
    void move(Row& row, typename Machine<State>::Event event) {
        const auto from = parse_state<State>(row.state);
        const auto to = from ? next(*from, event) : std::nullopt;
        if (!to) refuse(Machine<State>::entity, text_id(row), row.state, event_text<State>(event));
        add_move(Machine<State>::entity, text_id(row), row, row.state, state_text(*to));
    }

    /// Moves when the table allows it; false leaves everything as it is.
    template <class State, class Row>
    bool try_move(Row& row, typename Machine<State>::Event event) {
        const auto from = parse_state<State>(row.state);
        if (!from || !next(*from, event)) return false;
        move<State>(row, event);
        return true;
    }

    template <class Row>
    void insert(Row row) {
        changes_.insert(std::move(row));
    }
    template <class Row>
    void save(Row row) {
        changes_.save(std::move(row));
    }
    void post(std::string account, Fen debit, Fen credit, std::string ref_type, std::string ref_id,
              TenantId tenant) {
        changes_.postings.push_back({changes_.op_id, std::move(account), debit, credit, std::move(ref_type),
                                     std::move(ref_id), std::move(tenant), changes_.at});
    }
    void schedule(std::string_view kind, std::string ref_id, TenantId tenant, Instant due_at) {
        changes_.schedule.push_back({std::string{kind}, std::move(ref_id), std::move(tenant), due_at, 0, 0});
    }
    void unschedule(std::string_view kind, std::string ref_id) {
        changes_.unschedule.emplace_back(kind, std::move(ref_id));
    }
    void person_task(std::string kind, std::string ref_id, TenantId tenant, std::string text) {
        const auto id = kind + ":" + ref_id;
        changes_.person_tasks.push_back({id, std::move(kind), std::move(ref_id), std::move(tenant),
                                         std::move(text), changes_.at, std::nullopt});
    }
    /// How an inbox row ended; 0 is none (what we asked for ourselves).
    void end_inbox(std::int64_t inbox_id, std::string_view outcome) {
        if (inbox_id != 0) changes_.inbox.push_back({inbox_id, std::string{outcome}});
    }
    storage::Changes& changes() { return changes_; }
    storage::Changes take() { return std::move(changes_); }

private:
    static std::string text_id(const auto& row) {
        if constexpr (requires { row.id.text(); })
            return row.id.text();
        else
            return row.id;
    }
    template <class Row>
    void add_move(std::string_view entity, std::string id, Row& row, std::string_view from,
                  std::string_view to) {
        changes_.moves.push_back({std::string{entity}, std::move(id), row.state_seq + 1, std::string{from},
                                  std::string{to}, actor_, row.audit_head});
        row.state = to;
        row.state_seq += 1;
    }
    [[noreturn]] static void refuse(std::string_view entity, const std::string& id, std::string_view from,
                                    std::string_view event) {
        throw Error(Errc::wrong_state, std::string{entity} + " " + id + " is " + std::string{from} +
                                           ", where nothing is called " + std::string{event});
    }

    std::string actor_;
    storage::Changes changes_;
};

}  // namespace wefee::server
