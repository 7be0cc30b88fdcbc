// House rules that a compiler does not check: the arrows between rooms, where SQL and heavy headers may
// stand, no floating point near money, one job a file.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

struct Line {
    std::string file;  // from the root
    int number = 0;
    std::string text;
    std::string where() const { return file + ":" + std::to_string(number) + ": " + text; }
};

const std::map<std::string, std::set<std::string>> arrows{
    {"billing", {"billing"}},
    {"io", {"io"}},
    {"storage", {"storage", "billing", "io"}},
    {"payment", {"payment", "billing", "io"}},
    {"wecom", {"wecom", "billing", "io"}},
    {"sandbox", {"sandbox", "billing", "io", "payment", "wecom"}},
    {"server", {"server", "billing", "io", "storage", "payment", "wecom", "sandbox"}},
};

std::string room_of(const std::string& file) { return file.substr(0, file.find('/')); }

bool is_source(const fs::path& path) { return path.extension() == ".cpp" || path.extension() == ".hpp"; }

/// Every line of every source of the rooms.
const std::vector<Line>& lines() {
    static const std::vector<Line> all = [] {
        std::vector<Line> read;
        const fs::path root{WEFEE_SOURCE_DIR};
        for (const auto& [room, allowed] : arrows)
            for (const auto& entry : fs::recursive_directory_iterator(root / room)) {
                if (!entry.is_regular_file() || !is_source(entry.path())) continue;
                std::ifstream file{entry.path()};
                int number = 0;
                for (std::string text; std::getline(file, text);)
                    read.push_back({fs::relative(entry.path(), root).string(), ++number, text});
            }
        return read;
    }();
    return all;
}

/// "billing/money.hpp" of an include line with quotes; empty for others.
std::string included(const std::string& text) {
    static const std::regex pattern{R"rx(^\s*#\s*include\s*"([^"]+)")rx"};
    std::smatch match;
    return std::regex_search(text, match, pattern) ? match[1].str() : std::string{};
}

std::string listed(const std::vector<std::string>& found) {
    std::string text;
    for (const auto& one : found) text += one + "\n";
    return text;
}

std::vector<std::string> where(auto condition) {
    std::vector<std::string> found;
    for (const auto& line : lines())
        if (condition(line)) found.push_back(line.where());
    return found;
}

TEST(Tidy, EveryRoomIsRead) {
    std::set<std::string> rooms;
    for (const auto& line : lines()) rooms.insert(room_of(line.file));
    EXPECT_EQ(rooms.size(), arrows.size());
}

TEST(Tidy, RoomsIncludeOnlyWhatTheirArrowsAllow) {
    const auto wrong = where([](const Line& line) {
        const auto target = included(line.text);
        return !target.empty() && !arrows.at(room_of(line.file)).contains(room_of(target));
    });
    EXPECT_TRUE(wrong.empty()) << listed(wrong);
}

TEST(Tidy, IncludesStartAtTheRoot) {
    const auto wrong = where([](const Line& line) {
        const auto target = included(line.text);
        return !target.empty() && !fs::exists(fs::path{WEFEE_SOURCE_DIR} / target);
    });
    EXPECT_TRUE(wrong.empty()) << listed(wrong);
}

TEST(Tidy, SqlStandsInStorageOnly) {
    static const std::regex sql{
        R"((SELECT [a-zA-Z*].* FROM |INSERT (IGNORE )?INTO |UPDATE [a-z_]+ SET |DELETE FROM ))"};
    const auto wrong = where([](const Line& line) {
        return room_of(line.file) != "storage" && std::regex_search(line.text, sql);
    });
    EXPECT_TRUE(wrong.empty()) << listed(wrong);
}

TEST(Tidy, BillingHasNoFloatingPoint) {
    static const std::regex floating{R"(\b(double|float)\b)"};
    const auto wrong = where([](const Line& line) {
        const auto code = line.text.substr(0, line.text.find("//"));
        return room_of(line.file) == "billing" && std::regex_search(code, floating);
    });
    EXPECT_TRUE(wrong.empty()) << listed(wrong);
}

TEST(Tidy, BillingIsPure) {
    static const std::regex impure{R"(#include <(boost/|nlohmann/|fstream|thread|mutex|sqlite3|cppconn))"};
    const auto wrong = where([](const Line& line) {
        return room_of(line.file) == "billing" && std::regex_search(line.text, impure);
    });
    EXPECT_TRUE(wrong.empty()) << listed(wrong);
}

TEST(Tidy, HeavyHeadersStayOutOfHeaders) {
    static const std::regex heavy{R"(#include <(boost/beast|nlohmann/json\.hpp|toml\+\+|CLI/|pugixml))"};
    // Strict JSON readers, views, the demo's world and scenarios hand JSON around: their headers are included
    // in few places.
    const std::set<std::string> allowed{"server/http/body.hpp", "server/http/views.hpp",
                                        "server/demo/world.hpp", "server/scenario/scenario.hpp",
                                        "server/scenario/print.hpp"};
    const auto wrong = where([&](const Line& line) {
        return line.file.ends_with(".hpp") && room_of(line.file) == "server" &&
               !allowed.contains(line.file) && std::regex_search(line.text, heavy);
    });
    EXPECT_TRUE(wrong.empty()) << listed(wrong);
}

/// Two types of one name would not meet in a compiler's eye before one file included both headers.
TEST(Tidy, ANameMeansOneThingInARoomOfOneNamespace) {
    static const std::regex type{R"(^(?:struct|class|enum class) (\w+)(?: final)?(?: : [^;]*)? \{)"};
    std::map<std::string, std::vector<std::string>> places;
    for (const auto& line : lines()) {
        const auto room = room_of(line.file);
        std::smatch match;
        if ((room != "billing" && room != "io") || !line.file.ends_with(".hpp") ||
            !std::regex_search(line.text, match, type))
            continue;
        places[room + " " + match[1].str()].push_back(line.file);
    }
    std::vector<std::string> twice;
    for (const auto& [name, files] : places)
        if (files.size() > 1) twice.push_back(name + " in " + files.front() + " and " + files.back());
    EXPECT_GT(places.size(), 100U) << "the pattern finds types";
    EXPECT_TRUE(twice.empty()) << listed(twice);
}

TEST(Tidy, NothingIsLeftForLater) {
    static const std::regex left{R"(\b(TODO|FIXME|XXX|HACK)\b)"};
    const auto wrong = where([](const Line& line) { return std::regex_search(line.text, left); });
    EXPECT_TRUE(wrong.empty()) << listed(wrong);
}

TEST(Tidy, FilesHaveOneJob) {
    std::map<std::string, int> lengths;
    for (const auto& line : lines()) lengths[line.file] = line.number;
    std::vector<std::string> long_files;
    for (const auto& [file, length] : lengths)
        if (length > 500) long_files.push_back(file + " has " + std::to_string(length) + " lines");
    EXPECT_TRUE(long_files.empty()) << listed(long_files);
}

TEST(Tidy, FilesSayWhatTheyAreFor) {
    const auto silent = where([](const Line& line) {
        return line.number == 1 && line.file.ends_with(".hpp") && !line.text.starts_with("//");
    });
    EXPECT_TRUE(silent.empty()) << listed(silent);
}

}  // namespace
