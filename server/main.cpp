// The program: one subcommand a job. Exit codes: 0 ok, 1 failure, 2 usage or configuration, 3 nothing to do,
// 4 refused by a safety rule.
#include <cstdio>
#include <iostream>

#include <CLI/CLI.hpp>

#include "server/commands.hpp"

int main(int argc, char** argv) {
    using namespace wefee::server;
    CLI::App cli{"wefee: billing and auto-deduction backend for WeCom SCRM vendors"};
    cli.require_subcommand(1);
    cli.footer("Example: wefee serve --config /etc/wefee/wefee.toml");
    std::string config = "/etc/wefee/wefee.toml", roles = "http,worker", id, directory;
    bool once = false;
    unsigned port = 0;

    const auto with_config = [&](CLI::App* command) {
        command->add_option("--config", config, "configuration file (TOML)")->capture_default_str();
        return command;
    };
    auto* serve_command = with_config(cli.add_subcommand("serve", "run the server with its workers"));
    serve_command->add_option("--roles", roles, "http, worker or both")->capture_default_str();
    auto* demo_command = cli.add_subcommand("demo", "a whole month for a seeded tenant on the built-in sandbox");
    demo_command->add_flag("--once", once, "end after the month instead of serving on");
    demo_command->add_option("--dir", directory, "where its files go (default: a temporary folder)");
    auto* sandbox_command = cli.add_subcommand("sandbox", "WeChat Pay, Alipay and WeCom, simulated");
    sandbox_command->add_option("--port", port, "where it listens on 127.0.0.1")->required();
    sandbox_command->add_option("--dir", directory, "writes keys and a wefee.toml that points a server at it");
    auto* verify_command = with_config(cli.add_subcommand("verify", "all invariants and the audit chain; exit 1 and the rows when one fails"));
    auto* explain_command = with_config(cli.add_subcommand("explain", "the whole chain behind an invoice, charge or attempt"));
    explain_command->add_option("id", id, "inv_..., chg_... or att_...")->required();
    auto* migrate_command = with_config(cli.add_subcommand("migrate", "apply pending migrations"));
    auto* config_command = with_config(cli.add_subcommand("config", "check the configuration and show it, secrets by file name"));
    auto* version_command = cli.add_subcommand("version", "print the version");

    try {
        cli.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return cli.exit(error) == 0 ? 0 : 2;
    }
    if (*serve_command) return run_serve(config, roles);
    if (*demo_command) return run_demo(once, directory);
    if (*sandbox_command) return run_sandbox(port, directory);
    if (*verify_command) return run_verify(config);
    if (*explain_command) return run_explain(config, id);
    if (*migrate_command) return run_migrate(config);
    if (*config_command) return run_config(config);
    if (*version_command) return run_version();
    return 2;
}
