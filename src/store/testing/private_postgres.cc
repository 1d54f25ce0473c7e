#include "store/testing/private_postgres.h"

#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <thread>
#include <vector>

namespace godwit::store::postgres_server {
namespace {

constexpr const char* kBinaries = "/usr/lib/postgresql/15/bin";
constexpr const char* kVariable = "GODWIT_TEST_POSTGRES";
constexpr int kStartTries = 500;  // of 20 ms

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "tests need a PostgreSQL server: %s\n", why.c_str());
    std::exit(1);
}

/// Starts a program that dies with this one, as user postgres when we are root (PostgreSQL refuses to run as root).
pid_t spawn(const std::vector<std::string>& command, const std::string& log) {
    std::vector<char*> arguments;
    for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const passwd* user = ::geteuid() == 0 ? ::getpwnam("postgres") : nullptr;
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child != 0) return child;

    if (user != nullptr && (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0)) ::_exit(126);
    ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
    if (::getppid() != parent) ::_exit(126);
    const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    ::setsid();  // a terminal's Ctrl-C is for the test, which then stops the server
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
}

class Server {
public:
    Server() {
        std::string pattern = (std::filesystem::temp_directory_path() / "godwit-pg-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) give_up("no temporary directory");
        root_ = pattern;
        if (::geteuid() == 0) {
            const passwd* user = ::getpwnam("postgres");
            if (user == nullptr || ::chown(root_.c_str(), user->pw_uid, user->pw_gid) != 0) give_up("there is no user postgres");
        }
        int status = 0;
        const pid_t initdb = spawn({std::string(kBinaries) + "/initdb", "-D", root_ + "/data", "-U", "godwit", "--auth=trust",
                                    "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"},
                                   root_ + "/log");
        ::waitpid(initdb, &status, 0);
        if (status != 0) give_up("initdb failed, see " + root_ + "/log");
        start();
        // For the processes that a test starts: they use this server rather than one of their own.
        ::setenv(kVariable, connection().c_str(), 1);
    }
    ~Server() {
        stop();
        std::error_code ignored;
        std::filesystem::remove_all(root_, ignored);
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::string connection() const { return "host=" + root_ + " user=godwit dbname=postgres"; }

    void start() {
        // No test pulls the plug of the machine, so nothing is lost without fsync.
        server_ = spawn({std::string(kBinaries) + "/postgres", "-D", root_ + "/data", "-k", root_, "-c", "listen_addresses=", "-c",
                         "fsync=off", "-c", "max_connections=200", "-c", "deadlock_timeout=50ms", "-c", "shared_buffers=32MB"},
                        root_ + "/log");
        for (int i = 0; i < kStartTries; ++i) {
            if (PQping(connection().c_str()) == PQPING_OK) return;
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        give_up("the server does not answer, see " + root_ + "/log");
    }
    void stop() {
        if (!server_) return;
        ::kill(*server_, SIGQUIT);  // immediate: connections end without a good-bye
        ::waitpid(*server_, nullptr, 0);
        server_.reset();
    }

private:
    std::string root_;
    std::optional<pid_t> server_;
};

Server& server() {
    static Server only;
    return only;
}

/// What the variable said when first asked.
const std::optional<std::string>& given() {
    static const std::optional<std::string> value =
        std::getenv(kVariable) != nullptr ? std::optional<std::string>(std::getenv(kVariable)) : std::nullopt;
    return value;
}

}  // namespace

bool is_ours() { return !given(); }

std::string connection() { return given() ? *given() : server().connection(); }

void stop() { server().stop(); }
void start() { server().start(); }
void restart() {
    server().stop();
    server().start();
}

void run(const std::string& sql) {
    PGconn* owner = PQconnectdb(connection().c_str());
    PQsetNoticeProcessor(owner, [](void*, const char*) {}, nullptr);
    PGresult* result = PQexec(owner, sql.c_str());
    if (const auto status = PQresultStatus(result); status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) give_up(PQerrorMessage(owner));
    PQclear(result);
    PQfinish(owner);
}

}  // namespace godwit::store::postgres_server
