#include <pthread.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <memory>
#include <thread>
#include <utility>

#include "app/master_key.h"
#include "app/runtime.h"
#include "base/log.h"
#include "cli/configuration.h"
#include "cli/verbs.h"

namespace godwit::cli {
namespace {

struct ServeOptions {
    ConfigurationOptions configuration;
    app::MasterKeySource master_key;
};

void set_up_log(const config::Config& config) {
    using log::Level;
    const Level level = config.log_level == "debug"                                   ? Level::debug
                        : config.log_level == "warn" || config.log_level == "warning" ? Level::warn
                        : config.log_level == "error" || config.log_level == "fatal"  ? Level::error
                                                                                      : Level::info;
    log::configure(level, config.log_format == "json" ? log::Format::json : log::Format::text);
}

/// Signals reach one thread, which may then do what a handler may not. Blocked before any other thread starts.
class Signals {
public:
    Signals() {
        sigemptyset(&set_);
        for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set_, signal);
        pthread_sigmask(SIG_BLOCK, &set_, nullptr);
        // A peer that went, or a file at its limit, is an error of one call, not the end of the server.
        for (const int signal : {SIGPIPE, SIGXFSZ}) std::signal(signal, SIG_IGN);
    }
    /// SIGTERM and SIGINT stop, SIGHUP reloads the certificates.
    void watch(app::Runtime& runtime) {
        thread_ = std::jthread([this, &runtime] {
            for (int signal = 0; sigwait(&set_, &signal) == 0;) {
                if (signal == SIGHUP) {
                    runtime.reload();
                    continue;
                }
                runtime.stop();
                return;
            }
        });
    }
    /// Ends the watching when the server ended by itself.
    void end() {
        if (thread_.joinable()) pthread_kill(thread_.native_handle(), SIGTERM);
    }

private:
    sigset_t set_{};
    std::jthread thread_;
};

int serve(const ServeOptions& options) {
    auto loaded = options.configuration.load();
    if (!loaded) return complain(loaded.error().message);
    set_up_log(loaded->config);
    for (const config::Notice& notice : loaded->notices) log::warn(notice.message, {{"at", notice.where}});
    const auto key = app::read_master_key(options.master_key);
    if (!key) return complain(key.error().message);

    Signals signals;
    auto runtime = app::Runtime::open(std::move(loaded->config), *key);
    if (!runtime) return complain(runtime.error().message);
    if (!(*runtime)->greeting().empty()) std::printf("%s", (*runtime)->greeting().c_str());
    std::fflush(stdout);
    signals.watch(**runtime);
    const auto served = (*runtime)->serve();
    signals.end();
    return served ? 0 : complain(served.error().message);
}

}  // namespace

void add_serve(CLI::App& program, Run& run) {
    CLI::App* verb = program.add_subcommand("serve", "serve the API, the OpenID provider and the login; sets up an empty database first");
    // The reference's names for the same, so that a start command works with the program's name exchanged.
    for (const char* alias : {"start", "start-from-init", "start-from-setup"}) verb->alias(alias);
    auto options = std::make_shared<ServeOptions>();
    options->configuration.add_to(*verb);
    verb->add_option("--masterkey", options->master_key.value, "the key that encrypts all secrets in the database: 32 characters")
        ->type_name("KEY");
    verb->add_option("--masterkeyFile", options->master_key.file, "file with the master key")->type_name("FILE");
    verb->add_flag("--masterkeyFromEnv", options->master_key.environment, "take the master key from GODWIT_MASTERKEY or ZITADEL_MASTERKEY");
    verb->callback([&run, options] { run = [options] { return serve(*options); }; });
}

}  // namespace godwit::cli
