// A person pays an open invoice (B4): by QR code, in the mini-program, on a page. Stops nothing by itself;
// the planned deduction is dropped once the money is there.
#pragma once

#include <string>

#include "io/async.hpp"
#include "storage/store.hpp"

namespace wefee::server {

struct App;

struct PaymentWish {
    std::string provider;  // wechat, alipay
    std::string way;       // native_qr, mini_program, page, wap
    std::string openid;    // mini_program: of the session
    std::string return_url;
};

struct StartedPayment {
    storage::ChargeRow charge;
    storage::AttemptRow attempt;
};

/// Opens the order and returns what the client needs (attempt.instructions), or the state when the provider
/// has not answered yet. Repeats with the same `op_id` give the same payment; an open order of the same way
/// is given again; one of another way is closed first. Throws Error{invoice_closed} when nothing is owed or a
/// deduction is under way.
io::awaitable<StartedPayment> start_payment(App& app, std::string op_id, std::string actor, TenantId tenant,
                                            InvoiceId invoice, PaymentWish wish);

}  // namespace wefee::server
