#include "server/commands_usage.hpp"

#include <fstream>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "io/loop.hpp"
#include "server/flows/ingest.hpp"
#include "server/flows/usage_file.hpp"
#include "server/parts.hpp"

namespace wefee::server {
namespace {

constexpr std::size_t batch_rows = 1'000;

/// Counts answers; keeps what was rejected. The file of rejected rows is made with the first one.
class Report {
public:
    explicit Report(std::string path) : path_(std::move(path)) { std::remove(path_.c_str()); }

    void add(const UsageFileRow& row, const UsageAnswer& answer) {
        ++counts_[answer.result];
        if (answer.result != "rejected") return;
        if (!file_.is_open()) file_.open(path_, std::ios::binary | std::ios::trunc);
        nlohmann::ordered_json line{{"line", row.line}, {"id", answer.id}, {"code", answer.code}};
        line["errors"] = nlohmann::ordered_json::array();
        for (const auto& problem : answer.problems)
            line["errors"].push_back({{"pointer", problem.pointer}, {"detail", problem.text}});
        line["row"] = row.text;
        file_ << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
        if (!file_) throw std::runtime_error("cannot write " + path_);
    }

    bool finish() {
        if (file_.is_open()) {
            file_.close();
            if (!file_) throw std::runtime_error("cannot write " + path_);
        }
        fmt::print("accepted {}, corrected {}, duplicate {}, rejected {}\n", counts_["accepted"],
                   counts_["corrected"], counts_["duplicate"], counts_["rejected"]);
        if (counts_["rejected"] > 0) fmt::print("rejected rows with their reasons: {}\n", path_);
        return counts_["rejected"] == 0;
    }

private:
    std::string path_;
    std::ofstream file_;
    std::map<std::string, std::int64_t> counts_;
};

}  // namespace

bool import_usage(const Config& config, const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    if (!file) throw std::invalid_argument("cannot read " + path);
    UsageFile rows{file};
    Parts parts{config};
    io::Loop loop;
    Report report{path + ".rejected"};
    for (std::vector<UsageFileRow> batch = rows.next(batch_rows); !batch.empty();
         batch = rows.next(batch_rows)) {
        std::vector<UsageReading> readings;
        for (const auto& row : batch) readings.push_back(row.reading);
        const auto answers = loop.run(ingest_usage(parts.app(), {}, std::move(readings)));
        for (std::size_t i = 0; i < batch.size(); ++i) report.add(batch[i], answers[i]);
    }
    parts.close();
    return report.finish();
}

}  // namespace wefee::server
