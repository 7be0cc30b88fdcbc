// Every handler of the route table, by the file that holds it.
#pragma once

#include "io/http.hpp"
#include "server/http/router.hpp"

namespace wefee::server::handlers {

using Answer = io::awaitable<io::Response>;

// webhooks.cpp
Answer payment_notification(Call& call);
Answer wecom_check(Call& call);
Answer wecom_callback(Call& call);

// health.cpp
Answer healthz(Call& call);
Answer readyz(Call& call);

// public.cpp
Answer current_price_list(Call& call);
Answer price_list_page(Call& call);

// session.cpp
Answer log_in(Call& call);
Answer who_am_i(Call& call);

// tenant.cpp
Answer overview(Call& call);
Answer list_invoices(Call& call);
Answer show_invoice(Call& call);
Answer list_usage(Call& call);
Answer running_cost(Call& call);
Answer explain(Call& call);

// insight.cpp
Answer recommendation(Call& call);
Answer analysis(Call& call);

// subscription.cpp
Answer open_subscription(Call& call);
Answer list_subscriptions(Call& call);

// change.cpp
Answer quote_change(Call& call);
Answer show_quote(Call& call);
Answer confirm_change(Call& call);
Answer list_credit_notes(Call& call);
Answer change_settings(Call& call);
Answer set_thresholds(Call& call);

// consent.cpp
Answer present_consent(Call& call);
Answer show_consent(Call& call);
Answer grant_consent(Call& call);
Answer decline_consent(Call& call);
Answer start_mandate(Call& call);
Answer show_mandate(Call& call);
Answer end_mandate(Call& call);

// payment.cpp
Answer start_payment(Call& call);
Answer show_charge(Call& call);
Answer hold_charge(Call& call);
Answer release_charge(Call& call);

// budget.cpp
Answer show_budget(Call& call);
Answer set_budget(Call& call);
Answer operator_budget(Call& call);

// entitlements.cpp
Answer show_entitlement(Call& call);

// ingest.cpp
Answer ingest_events(Call& call);

// price_lists.cpp
Answer create_price_list(Call& call);
Answer publish_price_list(Call& call);
Answer list_price_lists(Call& call);
Answer own_price_list(Call& call);
Answer own_price_list_page(Call& call);
Answer visible_price_list(Call& call);
Answer compare_visible_price_lists(Call& call);
Answer show_price_list(Call& call);
Answer compare_price_lists(Call& call);

// operator.cpp
Answer list_tenants(Call& call);
Answer set_tenant(Call& call);
Answer set_seats(Call& call);
Answer give_credit(Call& call);
Answer credit_invoice(Call& call);
Answer refund_invoice(Call& call);
Answer correct_subscription(Call& call);
Answer list_approvals(Call& call);
Answer show_approval(Call& call);
Answer approve_request(Call& call);
Answer refuse_request(Call& call);
Answer create_api_key(Call& call);
Answer list_person_tasks(Call& call);
Answer set_kill_switch(Call& call);
Answer clear_kill_switch(Call& call);
Answer verify_books(Call& call);
Answer operator_explain(Call& call);

// test_clock.cpp
Answer show_test_clock(Call& call);
Answer advance_test_clock(Call& call);

}  // namespace wefee::server::handlers
