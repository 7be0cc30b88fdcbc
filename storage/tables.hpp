// What each row looks like in the database: one table of columns each, from which INSERT, SELECT and the
// guarded save are made (statements.hpp).
#pragma once

#include "storage/tables/billing.hpp"
#include "storage/tables/money.hpp"
#include "storage/tables/parties.hpp"
#include "storage/tables/plumbing.hpp"
#include "storage/tables/terms.hpp"
