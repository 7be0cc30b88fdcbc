// The program: one subcommand a job. Exit codes: 0 ok, 1 failure, 2 usage or configuration, 3 nothing to do,
// 4 refused by a safety rule.
#include <cstdio>
#include <iostream>

#include <CLI/CLI.hpp>

#include "server/commands.hpp"

namespace {

/// wefee price-list ...
class PriceListCommands {
public:
    PriceListCommands(CLI::App& parent, std::string& config) : config_(config) {
        parent.footer(
            "Example: wefee price-list check list.json && wefee price-list import list.json --config "
            "wefee.toml");
        check_ = add(parent, "check",
                     "what would forbid publishing a file; needs no store; exit 4 when anything does");
        import_ = add(parent, "import", "store a file as a draft; exit 3 when it is stored already");
        export_ = add(parent, "export", "print a stored list as it is hashed");
        publish_ = add(parent, "publish",
                       "make a draft immutable, in force from its day; exit 4 when a rule forbids it");
        diff_ = add(parent, "diff", "what the second list changes against the first, in words");
        for (auto* command : {check_, import_})
            command->add_option("file", first_, "a price list (JSON)")->required();
        import_->add_option("--tenant", tenant_, "ten_...: the list is this company's own");
        for (auto* command : {export_, publish_}) command->add_option("id", first_, "prl_...")->required();
        diff_->add_option("older", first_, "prl_... or a file")->required();
        diff_->add_option("newer", second_, "prl_... or a file")->required();
    }

    PriceListCommands(const PriceListCommands&) = delete;
    PriceListCommands& operator=(const PriceListCommands&) = delete;

    int run() const {
        using namespace wefee::server;
        const bool json = output_ == "json";
        if (*check_) return run_price_list_check(first_, json);
        if (*import_) return run_price_list_import(config_, first_, tenant_, json);
        if (*export_) return run_price_list_export(config_, first_);
        if (*publish_) return run_price_list_publish(config_, first_, json);
        return run_price_list_diff(config_, first_, second_, json);
    }

private:
    CLI::App* add(CLI::App& parent, const std::string& name, const std::string& says) {
        auto* command = parent.add_subcommand(name, says);
        command->add_option("--config", config_, "configuration file (TOML); files alone need none")
            ->capture_default_str();
        command->add_option("--output", output_, "table or json")
            ->check(CLI::IsMember({"table", "json"}))
            ->capture_default_str();
        return command;
    }

    // CLI11 writes into these: the object stays where it is.
    std::string& config_;
    std::string first_, second_, tenant_, output_ = "table";
    CLI::App *check_{}, *import_{}, *export_{}, *publish_{}, *diff_{};
};

}  // namespace

int main(int argc, char** argv) {
    using namespace wefee::server;
    CLI::App cli{"wefee: billing and auto-deduction backend for WeCom SCRM vendors"};
    cli.require_subcommand(1);
    cli.footer("Example: wefee serve --config /etc/wefee/wefee.toml");
    std::vector<std::string> files;
    std::string config = "/etc/wefee/wefee.toml", roles = "http,worker", id, directory, file;
    bool once = false;
    unsigned port = 0;

    const auto with_config = [&](CLI::App* command) {
        command->add_option("--config", config, "configuration file (TOML)")->capture_default_str();
        return command;
    };
    auto* serve_command = with_config(cli.add_subcommand("serve", "run the server with its workers"));
    serve_command->add_option("--roles", roles, "http, worker or both")->capture_default_str();
    auto* demo_command =
        cli.add_subcommand("demo", "a whole month for a seeded tenant on the built-in sandbox");
    demo_command->add_flag("--once", once, "end after the month instead of serving on");
    demo_command->add_option("--dir", directory, "where its files go (default: a temporary folder)");
    auto* sandbox_command = cli.add_subcommand("sandbox", "WeChat Pay, Alipay and WeCom, simulated");
    sandbox_command->add_option("--port", port, "where it listens on 127.0.0.1")->required();
    sandbox_command->add_option("--dir", directory,
                                "writes keys and a wefee.toml that points a server at it");
    auto* simulate_command = cli.add_subcommand("simulate",
                                                "scenario files through the billing core, without a "
                                                "database; exit 1 when an expectation does not hold");
    simulate_command->add_option("files", files, "scenario files (docs/scenarios.md)")->required();
    simulate_command->footer("Example: wefee simulate tests/scenarios/*.json");
    auto* verify_command = with_config(cli.add_subcommand(
        "verify", "all invariants and the audit chain; exit 1 and the rows when one fails"));
    auto* explain_command =
        with_config(cli.add_subcommand("explain", "the whole chain behind an invoice, charge or attempt"));
    explain_command->add_option("id", id, "inv_..., chg_... or att_...")->required();
    auto* migrate_command = with_config(cli.add_subcommand("migrate", "apply pending migrations"));
    auto* usage_command = cli.add_subcommand("usage", "usage events")->require_subcommand(1);
    auto* import_command = with_config(usage_command->add_subcommand(
        "import", "take usage events from a file; exit 1 when a row was rejected"));
    import_command
        ->add_option("file", file, "NDJSON, or CSV with a header; rejected rows go to FILE.rejected")
        ->required();
    auto* config_command = with_config(
        cli.add_subcommand("config", "check the configuration and show it, secrets by file name"));
    auto* price_list_command =
        cli.add_subcommand("price-list", "check, import, export, publish and compare price lists");
    price_list_command->require_subcommand(1);
    PriceListCommands price_lists{*price_list_command, config};
    auto* version_command = cli.add_subcommand("version", "print the version");

    try {
        cli.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return cli.exit(error) == 0 ? 0 : 2;
    }
    if (*serve_command) return run_serve(config, roles);
    if (*demo_command) return run_demo(once, directory);
    if (*sandbox_command) return run_sandbox(port, directory);
    if (*simulate_command) return run_simulate(files);
    if (*verify_command) return run_verify(config);
    if (*explain_command) return run_explain(config, id);
    if (*migrate_command) return run_migrate(config);
    if (*import_command) return run_usage_import(config, file);
    if (*config_command) return run_config(config);
    if (*price_list_command) return price_lists.run();
    if (*version_command) return run_version();
    return 2;
}
