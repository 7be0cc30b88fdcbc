// The script does the work; here are its calls.
#include "tests/support/private_mariadb.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace wefee::tests {
namespace {

/// Output of a shell command, which may hold no quotes of ours; throws with that output on failure.
std::string output_of(const std::string& command) {
    std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
    std::string text;
    std::array<char, 4096> buffer{};
    while (std::fgets(buffer.data(), static_cast<int>(buffer.size()), pipe) != nullptr) text += buffer.data();
    const int status = ::pclose(pipe);
    if (status != 0) throw std::runtime_error(command + "\n" + text);
    return text;
}

std::string script() { return std::string(WEFEE_SOURCE_DIR) + "/scripts/private-mariadb "; }

}  // namespace

PrivateMariadb& PrivateMariadb::instance() {
    static PrivateMariadb server;
    return server;
}

PrivateMariadb::PrivateMariadb() {
    // In memory where there is room: what these tests kill is the process, and making tables is ten times as
    // fast. Short, since a socket path may have 107 bytes.
    std::error_code none;
    const auto space = std::filesystem::space("/dev/shm", none);
    const bool roomy = !none && space.available > (std::uintmax_t{1} << 30);
    std::string pattern = roomy ? "/dev/shm/wdb-XXXXXX" : "/tmp/wdb-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make the folder " + pattern);
    directory_ = pattern;
    socket_ = directory_ + "/s";
    start();
}

PrivateMariadb::~PrivateMariadb() {
    try {
        stop();
        std::filesystem::remove_all(directory_);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "private MariaDB: %s\n", error.what());
    }
}

std::string PrivateMariadb::url(const std::string& database) const {
    return "mysql://root@/" + database + "?socket=" + socket_;
}

std::string PrivateMariadb::sql(const std::string& text, const std::string& database) {
    return output_of("printf '%s' \"" + text +
                     "\" | mariadb --no-defaults --batch --skip-column-names --user=root "
                     "--socket=" +
                     socket_ + " " + database);
}
void PrivateMariadb::create_database(const std::string& name) { sql("CREATE DATABASE " + name); }
void PrivateMariadb::drop_database(const std::string& name) { sql("DROP DATABASE " + name); }

void PrivateMariadb::stop() { output_of(script() + "stop " + directory_); }
void PrivateMariadb::kill() { output_of(script() + "stop " + directory_ + " --kill"); }
void PrivateMariadb::start() {
    output_of(script() + "start " + directory_ + " --watch " + std::to_string(::getpid()));
}

}  // namespace wefee::tests
