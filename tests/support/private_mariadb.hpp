// One private MariaDB for a test process, by scripts/private-mariadb: started at first use, stopped at exit,
// and by a watcher should the process be killed.
#pragma once

#include <string>

namespace wefee::tests {

class PrivateMariadb {
public:
    /// The one of this process. Throws std::runtime_error with the script's words when it cannot be started.
    static PrivateMariadb& instance();
    ~PrivateMariadb();
    PrivateMariadb(const PrivateMariadb&) = delete;
    PrivateMariadb& operator=(const PrivateMariadb&) = delete;

    const std::string& socket() const { return socket_; }
    /// "mysql://root@/<database>?socket=..."
    std::string url(const std::string& database) const;
    void create_database(const std::string& name);
    void drop_database(const std::string& name);
    /// Runs SQL with the command line client; gives its output.
    std::string sql(const std::string& text, const std::string& database = "");
    void stop();   // orderly
    void kill();   // as a crash
    void start();  // again, on the same data

private:
    PrivateMariadb();
    std::string directory_;
    std::string socket_;
};

}  // namespace wefee::tests
