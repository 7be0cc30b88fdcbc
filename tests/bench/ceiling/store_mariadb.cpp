// MariaDB through Connector/C++: one multi-row INSERT and one UPDATE joined to the batch's values, prepared
// once for each power of two. When the counts differ from the batch, it is rolled back and recorded one by
// one.
#include <cppconn/connection.h>
#include <cppconn/driver.h>
#include <cppconn/exception.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/statement.h>

#include <array>
#include <chrono>
#include <span>

#include "tests/bench/ceiling/committer.hpp"

namespace wefee::bench::ceiling {

namespace {

std::string repeated(std::string_view first, std::string_view next, std::size_t count) {
    std::string text(first);
    for (std::size_t i = 1; i < count; ++i) text += next;
    return text;
}

std::string insert_sql(std::size_t rows) {
    return "INSERT IGNORE INTO inbox (source, dedup_key, raw, received_at) VALUES " +
           repeated("(?,?,?,?)", ",(?,?,?,?)", rows);
}

std::string update_sql(std::size_t rows) {
    return "UPDATE charge c JOIN (" +
           repeated("SELECT ? AS number, ? AS amount, ? AS transaction_id, ? AS paid_at",
                    " UNION ALL SELECT ?,?,?,?", rows) +
           ") v ON c.out_trade_no = v.number SET c.state='PAID', c.transaction_id=v.transaction_id, "
           "c.paid_at=v.paid_at WHERE c.state='DUE' AND c.amount_fen=v.amount";
}

std::int64_t unix_millis() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

class MariadbStore final : public PaymentStore {
public:
    MariadbStore(const std::string& socket, const std::string& database)
        : connection_(get_driver_instance()->connect("unix://" + socket, "root", "")) {
        connection_->setSchema(database);
        connection_->setAutoCommit(false);
        for (std::size_t power = 0; power < sizes; ++power) {
            inserts_[power].reset(connection_->prepareStatement(insert_sql(std::size_t{1} << power)));
            updates_[power].reset(connection_->prepareStatement(update_sql(std::size_t{1} << power)));
        }
    }

    void record(const std::vector<Payment>& batch) override {
        if (record_together(batch)) return;
        connection_->rollback();
        for (const auto& payment : batch) {
            const std::span one(&payment, 1);
            if (insert(one, 0) == 1) update(one, 0);
        }
        connection_->commit();
    }

private:
    static constexpr std::size_t sizes = 9;  // 1 .. 256

    bool record_together(std::span<const Payment> rest) {
        while (!rest.empty()) {
            std::size_t power = sizes - 1;
            while ((std::size_t{1} << power) > rest.size()) --power;
            const auto part = rest.first(std::size_t{1} << power);
            if (insert(part, power) != part.size() || update(part, power) != part.size()) return false;
            rest = rest.subspan(part.size());
        }
        connection_->commit();
        return true;
    }

    std::size_t insert(std::span<const Payment> payments, std::size_t power) {
        auto& statement = *inserts_[power];
        unsigned int column = 0;
        for (const auto& payment : payments) {
            statement.setString(++column, payment.source);
            statement.setString(++column, payment.dedup_key);
            statement.setString(++column, payment.raw);
            statement.setInt64(++column, unix_millis());
        }
        return static_cast<std::size_t>(statement.executeUpdate());
    }

    std::size_t update(std::span<const Payment> payments, std::size_t power) {
        auto& statement = *updates_[power];
        unsigned int column = 0;
        for (const auto& payment : payments) {
            statement.setString(++column, payment.out_trade_no);
            statement.setInt64(++column, payment.amount_fen);
            statement.setString(++column, payment.transaction_id);
            statement.setInt64(++column, unix_millis());
        }
        return static_cast<std::size_t>(statement.executeUpdate());
    }

    std::unique_ptr<sql::Connection> connection_;
    std::array<std::unique_ptr<sql::PreparedStatement>, sizes> inserts_;
    std::array<std::unique_ptr<sql::PreparedStatement>, sizes> updates_;
};

}  // namespace

std::unique_ptr<PaymentStore> open_mariadb(const std::string& socket, const std::string& database) {
    return std::make_unique<MariadbStore>(socket, database);
}

}  // namespace wefee::bench::ceiling
