// The route table: what the outside may call, with which limits and which rights.
#include <array>

#include "server/routes/handlers.hpp"

namespace wefee::server {
namespace {

using namespace handlers;
using enum Access;
using enum RouteClass;

// Callbacks first: they are the hot ones.
constexpr std::array table{
    Route{"POST", "/webhooks/wechatpay", callback, anyone, payment_notification},
    Route{"POST", "/webhooks/alipay", callback, anyone, payment_notification},
    Route{"POST", "/webhooks/wecom/command", RouteClass::wecom_callback, anyone, handlers::wecom_callback},
    Route{"POST", "/webhooks/wecom/data", RouteClass::wecom_callback, anyone, handlers::wecom_callback},
    Route{"POST", "/webhooks/wecom/app", RouteClass::wecom_callback, anyone, handlers::wecom_callback},
    Route{"POST", "/webhooks/wecom/system", RouteClass::wecom_callback, anyone, handlers::wecom_callback},
    Route{"GET", "/webhooks/wecom/command", RouteClass::wecom_callback, anyone, wecom_check},
    Route{"GET", "/webhooks/wecom/data", RouteClass::wecom_callback, anyone, wecom_check},
    Route{"GET", "/webhooks/wecom/app", RouteClass::wecom_callback, anyone, wecom_check},
    Route{"GET", "/webhooks/wecom/system", RouteClass::wecom_callback, anyone, wecom_check},
    Route{"POST", "/webhooks/wechatpay/v2/contract", callback, anyone, payment_notification},
    Route{"POST", "/webhooks/wechatpay/v2/deduction", callback, anyone, payment_notification},
    Route{"POST", "/webhooks/wechatpay/v2/refund", callback, anyone, payment_notification},
    Route{"POST", "/webhooks/alipay/gateway", callback, anyone, payment_notification},

    Route{"POST", "/ingest/v1/events", ingest, ingest_key, ingest_events},
    Route{"GET", "/entitlements/v1/{tenant}/{feature}", RouteClass::entitlements, entitlements_key,
          show_entitlement},

    Route{"POST", "/api/v1/session", login, anyone, log_in},
    Route{"GET", "/api/v1/session", api, member_viewer, who_am_i},
    Route{"GET", "/api/v1/overview", api, member_viewer, overview},
    Route{"GET", "/api/v1/invoices", api, member_viewer, list_invoices},
    Route{"GET", "/api/v1/invoices/{invoice_id}", api, member_viewer, show_invoice},
    Route{"POST", "/api/v1/invoices/{invoice_id}/payments", api, member_finance, start_payment},
    Route{"GET", "/api/v1/usage", api, member_viewer, list_usage},
    Route{"GET", "/api/v1/running-cost", api, member_viewer, running_cost},
    Route{"GET", "/api/v1/budget", api, member_viewer, show_budget},
    Route{"PUT", "/api/v1/budget", api, member_admin, handlers::set_budget},
    Route{"GET", "/api/v1/recommendation", api, member_viewer, recommendation},
    Route{"GET", "/api/v1/analysis", api, member_viewer, handlers::analysis},
    Route{"GET", "/api/v1/explain/{id}", api, member_viewer, explain},
    Route{"GET", "/api/v1/subscriptions", api, member_viewer, list_subscriptions},
    Route{"POST", "/api/v1/subscriptions", api, member_admin, open_subscription},
    Route{"POST", "/api/v1/subscriptions/{subscription_id}/quotes", api, member_admin,
          handlers::quote_change},
    Route{"POST", "/api/v1/subscriptions/{subscription_id}/changes", api, member_admin,
          handlers::confirm_change},
    Route{"PUT", "/api/v1/subscriptions/{subscription_id}/thresholds", api, member_admin,
          handlers::set_thresholds},
    Route{"GET", "/api/v1/prices", api, member_viewer, own_price_list_page},
    Route{"GET", "/api/v1/price-lists/current", api, member_viewer, own_price_list},
    Route{"GET", "/api/v1/price-lists/{price_list_id}", api, member_viewer, visible_price_list},
    Route{"GET", "/api/v1/price-lists/{price_list_id}/diff", api, member_viewer, compare_visible_price_lists},
    Route{"GET", "/api/v1/quotes/{quote_id}", api, member_viewer, show_quote},
    Route{"GET", "/api/v1/credit-notes", api, member_viewer, list_credit_notes},
    Route{"PATCH", "/api/v1/settings", api, member_admin, change_settings},
    Route{"POST", "/api/v1/consents", api, member_admin, present_consent},
    Route{"GET", "/api/v1/consents/{consent_id}", api, member_viewer, show_consent},
    Route{"POST", "/api/v1/consents/{consent_id}/grant", api, member_admin, grant_consent},
    Route{"POST", "/api/v1/consents/{consent_id}/decline", api, member_admin, decline_consent},
    Route{"POST", "/api/v1/mandates", api, member_admin, handlers::start_mandate},
    Route{"GET", "/api/v1/mandates/{mandate_id}", api, member_viewer, show_mandate},
    Route{"POST", "/api/v1/mandates/{mandate_id}/end", api, member_admin, handlers::end_mandate},
    Route{"GET", "/api/v1/charges/{charge_id}", api, member_viewer, show_charge},
    Route{"POST", "/api/v1/charges/{charge_id}/hold", api, member_finance, hold_charge},
    Route{"POST", "/api/v1/charges/{charge_id}/release", api, member_admin, release_charge},

    Route{"GET", "/public/v1/price-lists/current", api, anyone, current_price_list},
    Route{"GET", "/prices", api, anyone, price_list_page},

    Route{"GET", "/admin/v1/price-lists", api, operator_viewer, list_price_lists},
    Route{"POST", "/admin/v1/price-lists", upload, operator_admin, create_price_list},
    Route{"GET", "/admin/v1/price-lists/{price_list_id}", api, operator_viewer, show_price_list},
    Route{"GET", "/admin/v1/price-lists/{price_list_id}/diff", api, operator_viewer, compare_price_lists},
    Route{"POST", "/admin/v1/price-lists/{price_list_id}/publish", api, operator_admin, publish_price_list},
    Route{"GET", "/admin/v1/tenants", api, operator_viewer, list_tenants},
    Route{"PATCH", "/admin/v1/tenants/{tenant_id}", api, operator_finance, handlers::set_tenant},
    Route{"GET", "/admin/v1/tenants/{tenant_id}/budget", api, operator_viewer, operator_budget},
    Route{"POST", "/admin/v1/subscriptions/{subscription_id}/seats", api, operator_finance,
          handlers::set_seats},
    Route{"POST", "/admin/v1/tenants/{tenant_id}/credits", api, operator_finance, give_credit},
    Route{"POST", "/admin/v1/invoices/{invoice_id}/credit-notes", api, operator_finance, credit_invoice},
    Route{"POST", "/admin/v1/invoices/{invoice_id}/refunds", api, operator_finance, refund_invoice},
    Route{"POST", "/admin/v1/subscriptions/{subscription_id}/corrections", api, operator_finance,
          correct_subscription},
    Route{"GET", "/admin/v1/approvals", api, operator_viewer, list_approvals},
    Route{"GET", "/admin/v1/approvals/{approval_id}", api, operator_viewer, show_approval},
    Route{"POST", "/admin/v1/approvals/{approval_id}/approve", api, operator_finance, approve_request},
    Route{"POST", "/admin/v1/approvals/{approval_id}/refuse", api, operator_finance, refuse_request},
    Route{"POST", "/admin/v1/api-keys", api, operator_admin, create_api_key},
    Route{"GET", "/admin/v1/person-tasks", api, operator_viewer, list_person_tasks},
    Route{"POST", "/admin/v1/stops", api, operator_finance, set_kill_switch},
    Route{"DELETE", "/admin/v1/stops/{scope}", api, operator_admin, clear_kill_switch},
    Route{"GET", "/admin/v1/verify", maintenance, operator_viewer, verify_books},
    Route{"GET", "/admin/v1/explain/{id}", api, operator_viewer, operator_explain},
    Route{"GET", "/admin/v1/test-clock", maintenance, operator_admin, show_test_clock},
    Route{"POST", "/admin/v1/test-clock", maintenance, operator_admin, advance_test_clock},

    Route{"GET", "/healthz", health, anyone, healthz},
    Route{"GET", "/readyz", health, anyone, readyz},
};

}  // namespace

std::span<const Route> routes() { return table; }

}  // namespace wefee::server
