// wefee price-list: the same flows as the operator API, on the command line.
#include <unistd.h>

#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

#include "io/crypto.hpp"
#include "io/loop.hpp"
#include "server/command_line.hpp"
#include "server/commands.hpp"
#include "server/flows/price_lists.hpp"
#include "server/http/problem.hpp"
#include "server/http/views.hpp"
#include "server/parts.hpp"

namespace wefee::server {
namespace {

std::string read_file(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) throw std::runtime_error("cannot read " + path);
    return text.str();
}

/// Everything that is wrong, one line each on stderr, or as errors[] on stdout.
void tell_problems(const std::string& what, const std::vector<FieldProblem>& problems, bool json) {
    if (json) return fmt::print("{}\n", view::Json{{"errors", field_problems(problems)}}.dump(2));
    fmt::print(stderr, "wefee: {}\n", what);
    for (const auto& one : problems)
        fmt::print(stderr, "  {}  {}  {}\n", one.pointer.empty() ? "(the list)" : one.pointer, one.code,
                   one.text);
}

void tell_list(const storage::PriceListRow& row, bool json) {
    if (json) return fmt::print("{}\n", view::price_list(row, false).dump(2));
    fmt::print("{}  version {}  {}  from {}  hash {}{}\n", row.id.text(), row.number, row.status,
               row.effective_from ? format_day(*row.effective_from) : "(no day yet)", row.body_hash,
               row.tenant_id.empty() ? "" : "  of " + row.tenant_id.text());
}

/// Runs `body(text)`; a text that is no price list is told with all its mistakes.
int with_list(const std::string& file, bool json, auto body) {
    return guarded([&] {
        const auto text = read_file(file);
        try {
            return body(text);
        } catch (const Error& error) {
            const std::string_view words = *error.what() != '\0' ? error.what() : error.fault().public_text;
            tell_problems(fmt::format("{} is not a price list: {}", file, words), error.fields(), json);
            return exit_failure;
        }
    });
}

/// Runs `body(app, loop)` on a store that this process writes to.
int with_store(const Config& config, auto body) {
    return guarded([&] {
        try {
            io::Loop loop;  // first: the store's threads touch it until they are joined
            Parts parts{config};
            const int code = body(parts.app(), loop);
            parts.close();
            return code;
        } catch (const storage::Unavailable& error) {
            if (!config.store.url.starts_with("sqlite:") ||
                std::string_view{error.what()}.find("another process") == std::string_view::npos)
                throw;
            fmt::print(
                stderr,
                "wefee: {}: a running wefee owns this SQLite file, which has one writer.\n"
                "  Ask the server ({}/admin/v1/price-lists, with an operator's key), or stop it first.\n",
                error.what(), config.public_url);
            return exit_failure;
        }
    });
}

bool is_stored(const std::string& name) { return name.starts_with("prl_"); }

PriceList list_in(const std::string& file) {
    const auto text = read_file(file);
    try {
        return parse_price_list(text);
    } catch (const Error&) {
        throw std::runtime_error(
            fmt::format("{0} is not a price list; wefee price-list check {0} says why", file));
    }
}

/// A list by its id from the store, or from a file.
PriceList list_of(const std::string& name, storage::Store* store, io::Loop& loop) {
    if (!is_stored(name)) return list_in(name);
    const auto row = loop.run(store->find_price_list(PriceListId{name}));
    if (!row) throw std::runtime_error("there is no price list " + name);
    return parse_price_list(row->body);
}

std::string actor() { return "cli:" + std::to_string(::getuid()); }

}  // namespace

int run_price_list_check(const std::string& file, bool json) {
    return with_list(file, json, [&](const std::string& text) {
        std::vector<FieldProblem> problems;
        for (const auto& issue : validate(parse_price_list(text)))
            problems.push_back({issue.pointer, issue.text, issue.code});
        if (problems.empty() && !json)
            fmt::print("{} is fit to publish\n", file);
        else
            tell_problems(file + " must not be published:", problems, json);
        return problems.empty() ? exit_ok : exit_refused;
    });
}

int run_price_list_import(const std::string& config_path, const std::string& file, const std::string& tenant,
                          bool json) {
    const auto config = usable_config(config_path);
    if (!config) return exit_usage;
    return with_list(file, json, [&](const std::string& text) {
        // The content names the operation: the same file imported twice for one tenant is one draft.
        const auto content = print_price_list(parse_price_list(text));
        const auto op_id = "cli:price_list:" +
                           io::sha256_hex(tenant.empty() ? content : tenant + "\n" + content).substr(0, 32);
        return with_store(*config, [&](App& app, io::Loop& loop) {
            if (!tenant.empty() && !loop.run(app.store.find_tenant(TenantId{tenant})))
                throw std::runtime_error("there is no tenant " + tenant);
            const auto known = loop.run(app.store.find_price_list(new_price_list_id(op_id)));
            tell_list(
                known ? *known : loop.run(create_price_list(app, op_id, actor(), TenantId{tenant}, text)),
                json);
            return known ? exit_nothing_to_do : exit_ok;
        });
    });
}

int run_price_list_export(const std::string& config_path, const std::string& id) {
    const auto config = usable_config(config_path);
    if (!config) return exit_usage;
    return guarded([&] {
        io::Loop loop;
        const auto store = storage::Store::open(store_options(*config), false, true);
        const auto row = loop.run(store->find_price_list(PriceListId{id}));
        if (!row) throw std::runtime_error("there is no price list " + id);
        fmt::print("{}\n", row->body);
        return exit_ok;
    });
}

int run_price_list_publish(const std::string& config_path, const std::string& id, bool json) {
    const auto config = usable_config(config_path);
    if (!config) return exit_usage;
    return with_store(*config, [&](App& app, io::Loop& loop) {
        const auto before = loop.run(stored_price_list(app, PriceListId{id}));
        try {
            tell_list(loop.run(publish_price_list(app, "cli:publish:" + id, actor(), PriceListId{id})), json);
        } catch (const Error& error) {
            if (error.fields().empty()) throw;
            tell_problems(id + " must not be published:", error.fields(), json);
            return exit_refused;
        }
        return before.status == "published" ? exit_nothing_to_do : exit_ok;
    });
}

int run_price_list_diff(const std::string& config_path, const std::string& older, const std::string& newer,
                        bool json) {
    const bool stored = is_stored(older) || is_stored(newer);
    std::optional<Config> config;
    if (stored && !(config = usable_config(config_path))) return exit_usage;
    return guarded([&] {
        io::Loop loop;
        const auto store = stored ? storage::Store::open(store_options(*config), false, true) : nullptr;
        const auto all = differences(list_of(older, store.get(), loop), list_of(newer, store.get(), loop));
        view::Json told = view::Json::array();
        for (const auto& one : all) told.push_back(view::price_difference(one));
        if (json)
            fmt::print("{}\n", view::Json{{"differences", told}}.dump(2));
        else
            for (const auto& one : all)
                fmt::print("{:<8} {}\n         {}\n", difference_kind_name(one.kind), one.text, one.pointer);
        if (all.empty() && !json) fmt::print("the two lists say the same\n");
        return exit_ok;
    });
}

}  // namespace wefee::server
