// Each read gives what was written, and nothing of another tenant.
#include <gtest/gtest.h>

#include "tests/storage/contract.hpp"

namespace wefee::tests {
namespace {

TEST_P(Contract, AChargeIsReadWithAllThatAStepDecidesOn) {
    auto store = database.open();
    auto world = sent_world(*store);
    wait(store->set_kill_switch({"provider:wechat", "incident", "operator:1", noon}));
    wait(store->set_kill_switch({"provider:alipay", "incident", "operator:1", noon}));
    wait(store->set_kill_switch({"consent:con_1", "asked", "operator:1", noon}));
    const auto view = wait(store->load_charge(world.charge.id)).value();
    EXPECT_EQ(view.tenant.name, "橙子科技");
    EXPECT_EQ(view.charge.state, "COLLECTING");
    EXPECT_EQ(view.invoice.reserved_fen, Fen{361'250});
    ASSERT_EQ(view.lines.size(), 1U);
    EXPECT_EQ(view.lines[0].title, "席位");
    EXPECT_EQ(view.consent->state, "GRANTED");
    ASSERT_EQ(view.items.size(), 1U);
    EXPECT_EQ(view.items[0].unit_price_micro_yuan, MicroYuan{99'000'000});
    EXPECT_EQ(view.consent_cycle->reserved_fen, Fen{361'250});
    EXPECT_EQ(view.mandate->contract_id, "contract1");
    ASSERT_EQ(view.attempts.size(), 1U);
    EXPECT_EQ(view.open_attempt->id, world.attempt.id);
    ASSERT_EQ(view.stops.size(), 2U);
    EXPECT_EQ(view.stops[0].scope, "consent:con_1");
    EXPECT_FALSE(wait(store->load_charge(ChargeId{"chg_none"})).has_value());
}

TEST_P(Contract, ManyOrderNumbersAreLoadedInTheOrderAsked) {
    auto store = database.open();
    std::vector<storage::OrderNumber> numbers;
    for (int i = 0; i < 5; ++i) numbers.push_back(sent_world(*store, std::to_string(i)).number());
    std::vector<storage::OrderNumber> asked;
    for (std::size_t i = 0; i < 100; ++i) {
        asked.push_back(numbers[(i * 3) % 5]);
        if (i % 10 == 0) asked.back().provider = "alipay";
    }
    const auto views = wait(store->load_settlements(asked));
    ASSERT_EQ(views.size(), 100U);
    for (std::size_t i = 0; i < 100; ++i) {
        EXPECT_EQ(views[i].has_value(), i % 10 != 0) << i;
        if (views[i]) EXPECT_EQ(views[i]->attempt.out_trade_no, asked[i].out_trade_no) << i;
    }
    EXPECT_TRUE(wait(store->load_settlements({})).empty());
}

TEST_P(Contract, APeriodIsReadWithAllThatItIsRatedFrom) {
    auto store = database.open();
    auto world = sent_world(*store);
    const auto first = world.subscription.period_start;
    const auto usage = [&](const std::string& id, std::int64_t quantity, CivilDay period) {
        wait(store->ingest({storage::UsageEventRow{world.tenant.id, id, "messages", quantity, noon,
                                                   civil_day(noon), period, "{}", noon}}));
    };
    usage("e1", 7, first);
    auto subscription = *wait(store->find_subscription(world.tenant.id, world.subscription.id));
    const auto start = subscription.period_end;
    subscription.period_start = start;
    subscription.period_end = add_days(start, 30);
    Deed close("op_close");
    close.changes.save(subscription);
    commit(*store, close.changes);
    usage("e2", 5, start);

    const auto open = wait(store->load_period(world.subscription.id, std::nullopt)).value();
    EXPECT_EQ(open.subscription.state, "ACTIVE");
    EXPECT_EQ(open.subscription.period_start, start);
    EXPECT_EQ(open.tenant.id, world.tenant.id);
    EXPECT_EQ(open.price_list.id, world.list.id);
    ASSERT_EQ(open.seats.size(), 1U);
    EXPECT_EQ(open.seats[0].seats, 25);
    ASSERT_EQ(open.usage.size(), 1U);
    EXPECT_EQ(open.usage[0].quantity_micro, 5);
    EXPECT_EQ(open.consent->id, world.consent.id);
    EXPECT_EQ(open.items.size(), 1U);
    EXPECT_EQ(open.mandate->id, world.mandate.id);
    const auto before = wait(store->load_period(world.subscription.id, first)).value();
    ASSERT_EQ(before.usage.size(), 1U);
    EXPECT_EQ(before.usage[0].quantity_micro, 7);
    EXPECT_FALSE(wait(store->load_period(SubscriptionId{"sub_none"}, std::nullopt)).has_value());
}

TEST_P(Contract, ManyPeriodsAreReadInTheOrderAskedEachWithItsOwn) {
    auto store = database.open();
    std::vector<World> worlds;
    for (int i = 0; i < 5; ++i) worlds.push_back(sent_world(*store, std::to_string(i)));
    for (int i = 0; i < 4; ++i) {
        const auto& world = worlds[static_cast<std::size_t>(i)];
        wait(store->ingest(
            {storage::UsageEventRow{world.tenant.id, "e", "messages", i + 1, noon, civil_day(noon),
                                    world.subscription.period_start, "{}", noon}}));
    }
    std::vector<SubscriptionId> asked;
    for (const auto i : {3U, 0U, 4U, 1U}) asked.push_back(worlds[i].subscription.id);
    asked.insert(asked.begin() + 1, SubscriptionId{"sub_none"});
    const auto views = wait(store->load_periods(asked, std::nullopt));
    ASSERT_EQ(views.size(), asked.size());
    EXPECT_FALSE(views[1].has_value());
    for (std::size_t i = 0; i < asked.size(); ++i) {
        if (i == 1) continue;
        const auto& view = views[i].value();
        const auto tag = asked[i].text().substr(4);
        EXPECT_EQ(view.subscription.id, asked[i]);
        EXPECT_EQ(view.tenant.id.text(), "ten_" + tag);
        EXPECT_EQ(view.price_list.id.text(), "prl_" + tag);
        EXPECT_EQ(view.consent->id.text(), "con_" + tag);
        EXPECT_EQ(view.mandate->id.text(), "man_" + tag);
        EXPECT_EQ(view.items.size(), 1U);
        EXPECT_EQ(view.seats.size(), 1U);
        ASSERT_EQ(view.usage.size(), tag == "4" ? 0U : 1U);
        if (tag != "4") EXPECT_EQ(view.usage[0].quantity_micro, std::stoi(tag) + 1);
    }
    EXPECT_TRUE(wait(store->load_periods({}, std::nullopt)).empty());
}

TEST_P(Contract, ATenantSeesItsOwnRowsOnly) {
    auto store = database.open();
    auto mine = sent_world(*store, "1");
    auto other = sent_world(*store, "2");
    const auto me = mine.tenant.id;
    EXPECT_EQ(wait(store->subscriptions(me)).size(), 1U);
    EXPECT_TRUE(wait(store->find_subscription(me, mine.subscription.id)).has_value());
    EXPECT_FALSE(wait(store->find_subscription(me, other.subscription.id)).has_value());
    EXPECT_EQ(wait(store->invoices(me, 10, "")).size(), 1U);
    EXPECT_TRUE(wait(store->invoices(me, 10, other.invoice.id.text())).empty());
    EXPECT_TRUE(wait(store->find_invoice(me, mine.invoice.id)).has_value());
    EXPECT_FALSE(wait(store->find_invoice(me, other.invoice.id)).has_value());
    EXPECT_EQ(wait(store->consents(me)).size(), 1U);
    EXPECT_EQ(wait(store->find_consent(me, mine.consent.id))->mandates.size(), 1U);
    EXPECT_FALSE(wait(store->find_consent(me, other.consent.id)).has_value());
    EXPECT_EQ(wait(store->open_charges_of_tenant(me)).size(), 1U);
    EXPECT_EQ(wait(store->open_charges_of_mandate(mine.mandate.id)).size(), 1U);
    EXPECT_EQ(wait(store->charges_of_invoice(mine.invoice.id)).at(0).id, mine.charge.id);
    commit(*store, mine.settling("op_settle"));
    EXPECT_TRUE(wait(store->open_charges_of_tenant(me)).empty());
}

TEST_P(Contract, InvoicesComeNewestFirstInPages) {
    auto store = database.open();
    World world("1");
    commit(*store, world.founding());
    for (int i = 2; i <= 7; ++i) {
        World more("1");
        Deed deed("op_" + std::to_string(i));
        more.invoice.id = InvoiceId{"inv_" + std::to_string(9 - i)};
        more.invoice.cycle = i;
        more.invoice.created_at = noon + std::chrono::hours(i / 2);  // pairs share a moment
        deed.create("invoice", more.invoice, "FINAL");
        deed.changes.insert(more.invoice);
        commit(*store, deed.changes);
    }
    std::vector<std::string> ids;
    std::string before;
    for (int page = 0; page < 4; ++page) {
        const auto rows = wait(store->invoices(world.tenant.id, 2, before));
        for (const auto& row : rows) ids.push_back(row.id.text());
        if (!rows.empty()) before = rows.back().id.text();
    }
    EXPECT_EQ(ids, (std::vector<std::string>{"inv_3", "inv_2", "inv_5", "inv_4", "inv_7", "inv_6", "inv_1"}));
}

TEST_P(Contract, InvoicesThatReachIntoDaysAreThoseOfTheirPeriodsAndOfTheOneBefore) {
    auto store = database.open();
    World world("1");
    commit(*store, world.founding());
    const auto add = [&](const char* id, const char* end, const char* cause, std::int64_t part, int made) {
        World more("1");
        Deed deed(std::string("op_") + id);
        more.invoice.id = InvoiceId{id};
        more.invoice.cycle = 10 + made;
        more.invoice.part = part;
        more.invoice.cause = cause;
        more.invoice.period_end = parse_day(end).value();
        more.invoice.created_at = noon + std::chrono::hours(made);
        deed.create("invoice", more.invoice, "FINAL");
        deed.changes.insert(more.invoice);
        commit(*store, deed.changes);
    };
    add("inv_aug", "2030-09-01", "period", 0, 1);
    add("inv_sep", "2030-10-01", "period", 0, 2);
    add("inv_oct", "2030-11-01", "period", 0, 3);
    add("inv_nov_part", "2030-12-01", "threshold", 1, 4);
    add("inv_aug_late", "2030-09-01", "late_usage", 1, 5);
    add("inv_sep_late", "2030-10-01", "late_usage", 1, 6);
    const auto reaching = [&](const char* from, std::size_t limit = 100) {
        std::vector<std::string> ids;
        for (const auto& row :
             wait(store->invoices_reaching(world.tenant.id, parse_day(from).value(), limit)))
            ids.push_back(row.id.text());
        return ids;
    };
    using Ids = std::vector<std::string>;
    EXPECT_EQ(reaching("2030-10-15"), (Ids{"inv_sep_late", "inv_nov_part", "inv_oct", "inv_sep"}));
    EXPECT_EQ(reaching("2030-11-01"), (Ids{"inv_nov_part", "inv_oct"}));
    EXPECT_EQ(reaching("2030-10-15", 2), (Ids{"inv_sep_late", "inv_nov_part"}));
    EXPECT_EQ(reaching("2020-01-01").size(), 7U) << "nothing closed before";
    EXPECT_TRUE(
        wait(store->invoices_reaching(TenantId{"ten_2"}, parse_day("2020-01-01").value(), 9)).empty());
}

TEST_P(Contract, PartiesAreFoundByWhatIsKnownOfThem) {
    auto store = database.open();
    auto world = sent_world(*store);
    EXPECT_EQ(wait(store->find_tenant(world.tenant.id))->corp_id, "ww1");
    EXPECT_EQ(wait(store->find_tenant_by_corp("ww1"))->anchor_day, 31);
    EXPECT_FALSE(wait(store->find_tenant_by_corp("ww2")).has_value());
    EXPECT_EQ(wait(store->find_mandate(world.mandate.id))->our_number, "cc1");
    EXPECT_EQ(wait(store->find_mandate_by_number("wechat", "cc1"))->id, world.mandate.id);
    EXPECT_FALSE(wait(store->find_mandate_by_number("alipay", "cc1")).has_value());
    EXPECT_EQ(wait(store->find_mandate_by_contract("wechat", "contract1"))->id, world.mandate.id);

    Deed deed("op_members");
    deed.changes.insert(
        storage::MemberRow{MemberId{"mem_1"}, world.tenant.id, "zhang", "finance", true, noon, 1});
    deed.changes.insert(
        storage::MemberRow{MemberId{"mem_2"}, world.tenant.id, "li", "viewer", false, noon, 1});
    commit(*store, deed.changes);
    EXPECT_EQ(wait(store->find_member(world.tenant.id, "zhang"))->role, "finance");
    EXPECT_FALSE(wait(store->find_member(TenantId{"ten_2"}, "zhang")).has_value());
    EXPECT_FALSE(wait(store->members(world.tenant.id)).at(1).active);
}

TEST_P(Contract, AuthorisationsWaitingForTheirCorpDoNotExcludeEachOther) {
    auto store = database.open();
    for (const auto* code : {"code_a", "code_b"}) {
        Deed deed(std::string("op_") + code);
        storage::AuthorisationRow row;
        row.id = std::string("aut_") + code;
        row.suite_id = "suite";
        row.auth_code = code;
        row.created_at = noon;
        deed.changes.moves.push_back({"authorisation", row.id, 1, "", "CODE_RECEIVED", "provider:wecom", ""});
        row.state = "CODE_RECEIVED";
        row.state_seq = 1;
        deed.changes.insert(row);
        commit(*store, deed.changes);
    }
    auto row = wait(store->find_authorisation_by_code("suite", "code_a")).value();
    EXPECT_EQ(row.corp_id, "");
    EXPECT_FALSE(wait(store->find_authorisation_by_corp("suite", "")).has_value());
    row.corp_id = "ww1";
    Deed deed("op_told");
    deed.changes.save(row);
    commit(*store, deed.changes);
    EXPECT_EQ(wait(store->find_authorisation_by_corp("suite", "ww1"))->id, row.id);
    auto second = wait(store->find_authorisation("aut_code_b")).value();
    second.corp_id = "ww1";
    Deed same("op_same");
    same.changes.save(second);
    EXPECT_EQ(wait(store->commit(same.changes)), storage::CommitResult::conflict);
}

/// prl_1, prl_2 and prl_3 are published, prl_4 is a draft.
storage::PriceListRow price_list(int number, CivilDay effective_from) {
    storage::PriceListRow list;
    list.id = PriceListId{"prl_" + std::to_string(number)};
    list.number = number;
    list.status = number == 4 ? "draft" : "published";
    list.effective_from = effective_from;
    list.body = "{}";
    list.created_at = noon;
    return list;
}

TEST_P(Contract, ThePriceListInForceIsTheLatestPublishedOne) {
    auto store = database.open();
    const auto day = civil_day(noon);
    Deed deed("op_lists");
    for (int i = 1; i <= 4; ++i) deed.changes.insert(price_list(i, add_days(day, 10 * (i - 2))));
    commit(*store, deed.changes);
    EXPECT_EQ(wait(store->price_list_on(day))->number, 2);
    EXPECT_EQ(wait(store->price_list_on(add_days(day, -1)))->number, 1);
    EXPECT_EQ(wait(store->price_list_on(add_days(day, 99)))->number, 3);
    EXPECT_FALSE(wait(store->price_list_on(add_days(day, -99))).has_value());
    EXPECT_EQ(wait(store->price_lists()).size(), 4U);
    EXPECT_EQ(wait(store->find_price_list(PriceListId{"prl_4"}))->status, "draft");
}

TEST_P(Contract, ATenantsOwnPriceListIsInForceForItAndSeenByNobodyElse) {
    auto store = database.open();
    const auto day = civil_day(noon);
    const TenantId one{"ten_1"}, other{"ten_2"};
    Deed deed("op_lists");
    for (int i = 1; i <= 4; ++i) {
        auto list = price_list(i, add_days(day, i == 2 ? -9 : 0));
        if (i % 2 == 0) list.tenant_id = one;
        deed.changes.insert(list);
    }
    commit(*store, deed.changes);
    EXPECT_EQ(wait(store->price_list_on(day))->number, 3);
    EXPECT_EQ(wait(store->price_list_on(day, other))->number, 3);
    EXPECT_EQ(wait(store->price_list_on(day, one))->number, 2) << "its own, though everybody's is newer";
    EXPECT_FALSE(wait(store->price_list_on(add_days(day, -9))));
    EXPECT_TRUE(wait(store->price_list_of(one, PriceListId{"prl_2"})));
    EXPECT_TRUE(wait(store->price_list_of(one, PriceListId{"prl_1"})));
    EXPECT_FALSE(wait(store->price_list_of(other, PriceListId{"prl_2"})));
    EXPECT_FALSE(wait(store->price_list_of(one, PriceListId{"prl_4"}))) << "a draft is nobody's price";
}

TEST_P(Contract, AnOpenStoreIsReadyAndAClosedOneRefuses) {
    auto store = database.open();
    EXPECT_TRUE(wait(store->ready()));
    store->close();
    EXPECT_THROW(wait(store->receive(received("EV-1"))), storage::Unavailable);
    EXPECT_FALSE(wait(store->ready()));
}

}  // namespace
}  // namespace wefee::tests
