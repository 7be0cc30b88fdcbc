// What each subcommand does; returns the exit code.
#pragma once

#include <string>
#include <vector>

namespace wefee::server {

int run_serve(const std::string& config_path, const std::string& roles);
int run_verify(const std::string& config_path);
int run_explain(const std::string& config_path, const std::string& id);
int run_migrate(const std::string& config_path);
int run_usage_import(const std::string& config_path, const std::string& file);
int run_config(const std::string& config_path);
int run_version();
int run_sandbox(unsigned port, const std::string& directory);
int run_simulate(const std::vector<std::string>& paths);
int run_demo(bool once, const std::string& directory);

// commands_price_list.cpp; `json`: the answer as JSON instead of words.
int run_price_list_check(const std::string& file, bool json);
/// `tenant`: whose own list it is to be; empty: everybody's.
int run_price_list_import(const std::string& config_path, const std::string& file, const std::string& tenant,
                          bool json);
int run_price_list_export(const std::string& config_path, const std::string& id);
int run_price_list_publish(const std::string& config_path, const std::string& id, bool json);
/// `older`, `newer`: ids of stored lists, or files.
int run_price_list_diff(const std::string& config_path, const std::string& older, const std::string& newer,
                        bool json);

}  // namespace wefee::server
