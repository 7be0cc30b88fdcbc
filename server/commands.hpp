// What each subcommand does; returns the exit code.
#pragma once

#include <string>

namespace wefee::server {

int run_serve(const std::string& config_path, const std::string& roles);
int run_verify(const std::string& config_path);
int run_explain(const std::string& config_path, const std::string& id);
int run_migrate(const std::string& config_path);
int run_config(const std::string& config_path);
int run_version();
int run_sandbox(unsigned port, const std::string& directory);
int run_demo(bool once, const std::string& directory);

}  // namespace wefee::server
