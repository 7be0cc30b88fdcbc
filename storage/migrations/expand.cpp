// The list of migrations, and what their tokens mean in each dialect.
#include <array>
#include <utility>

#include "io/crypto.hpp"
#include "storage/migrations/0001_first.hpp"
#include "storage/migrations/0002_usage.hpp"
#include "storage/migrations/0003_budgets.hpp"
#include "storage/migrations/0004_terms.hpp"
#include "storage/migrations/0005_task_kinds.hpp"
#include "storage/migrations/0006_parts.hpp"
#include "storage/migrations/0007_corrections.hpp"
#include "storage/migrations/0008_price_lists.hpp"
#include "storage/migrations/0009_trials.hpp"
#include "storage/migrations/0010_first_subscription.hpp"
#include "storage/migrations/0011_clustered.hpp"
#include "storage/migrations/0012_pauses.hpp"
#include "storage/migrations/migrations.hpp"

namespace wefee::storage {
namespace {

struct Token {
    std::string_view name;
    std::string_view sqlite;
    std::string_view mysql;
};

// $COLLATION comes last: $END brings it along. The collation compares byte by byte and knows no padding, as
// SQLite.
constexpr std::array tokens{
    Token{"$ID", "TEXT", "VARCHAR(128)"},
    Token{"$KEYED", "STRICT, WITHOUT ROWID", "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=$COLLATION"},
    Token{"$KEY", "TEXT", "VARCHAR(255)"},
    Token{"$WORD", "TEXT", "VARCHAR(64)"},
    Token{"$HASH", "TEXT", "VARCHAR(64)"},
    Token{"$CODE", "TEXT", "VARCHAR(512)"},
    Token{"$TEXT", "TEXT", "MEDIUMTEXT"},
    Token{"$BYTES", "BLOB", "MEDIUMBLOB"},
    Token{"$INT", "INTEGER", "BIGINT"},
    Token{"$DAY", "TEXT", "VARCHAR(10)"},
    Token{"$SERIAL", "INTEGER PRIMARY KEY AUTOINCREMENT", "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY"},
    Token{"$END", "STRICT", "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=$COLLATION"},
};

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

}  // namespace

std::span<const Migration> migrations() {
    static const std::array all{
        Migration{1, "first", false, first_statements()},
        Migration{2, "usage", false, usage_statements()},
        Migration{3, "budgets", false, budget_statements()},
        Migration{4, "terms", false, terms_statements()},
        Migration{5, "task kinds", true, task_kind_statements()},
        Migration{6, "parts", false, part_statements()},
        Migration{7, "corrections", false, correction_statements()},
        Migration{8, "price lists", false, price_list_statements()},
        Migration{9, "trials", false, trial_statements()},
        Migration{10, "first_subscription", false, first_subscription_statements()},
        Migration{11, "clustered", true, clustered_statements()},
        Migration{12, "pauses", false, pause_statements()},
    };
    return all;
}

std::string expand(std::string_view text, sql::Dialect dialect, std::string_view collation) {
    std::string expanded(text);
    for (const auto& token : tokens)
        replace_all(expanded, token.name, dialect == sql::Dialect::sqlite ? token.sqlite : token.mysql);
    replace_all(expanded, "$COLLATION", collation);
    return expanded;
}

std::string checksum(const Migration& migration) {
    std::string all(migration.name);
    for (const auto& statement : migration.statements) {
        all += '\n';
        all += statement.text;
    }
    return io::sha256_hex(all);
}

}  // namespace wefee::storage
