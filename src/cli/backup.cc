// backup, restore and raise-token-epoch: what an operator does with the data as a whole.
#include "maintenance/backup.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "app/database.h"
#include "cli/configuration.h"
#include "cli/verbs.h"
#include "maintenance/token_epoch.h"

namespace godwit::cli {
namespace {

struct Options {
    ConfigurationOptions configuration;
    std::string file;
    bool keep_personal = false;
};

/// A line that is written over while a person looks.
maintenance::Progress progress_of(const char* what) {
    if (::isatty(STDERR_FILENO) == 0) return [](std::int64_t, std::int64_t) {};
    return [what](std::int64_t done, std::int64_t total) {
        std::fprintf(stderr, "\r\033[K%s: %3lld %% of %lld MB", what, static_cast<long long>(total > 0 ? done * 100 / total : 100),
                     static_cast<long long>(total >> 20));
        if (done >= total) std::fprintf(stderr, "\n");
    };
}

void add_keep_flag(CLI::App& verb, Options& options) {
    verb.add_flag("--keep-personal-tokens", options.keep_personal,
                  "leave personal access tokens alive; one that was revoked after the backup was made is then alive again");
}

int run_backup(const Options& options) {
    const auto config = options.configuration.load_database();
    if (!config) return complain(config.error().message);
    if (config->postgres.configured()) return complain("the database is PostgreSQL: back it up with pg_dump, see docs/operations.md");
    const SystemClock clock;
    const auto done = maintenance::backup(config->godwit.data_dir, options.file, clock, progress_of("backup"));
    if (!done) return complain(done.error().message);
    std::printf("wrote %s. The master key is not in it: keep that apart, a backup is of no use without it.\n", options.file.c_str());
    return 0;
}

int run_restore(const Options& options) {
    const auto config = options.configuration.load_database();
    if (!config) return complain(config.error().message);
    const std::string& folder = config->godwit.data_dir;
    const SystemClock clock;
    const auto made = maintenance::restore(options.file, folder, options.keep_personal, clock, progress_of("restore"));
    if (!made) return complain(made.error().message);
    std::printf("restored %s, made %s, into %s. Every session and token from before has ended%s.\n", options.file.c_str(), made->c_str(),
                folder.c_str(), options.keep_personal ? ", but for personal access tokens" : ", personal access tokens included");
    return 0;
}

int run_raise(const Options& options) {
    const auto config = options.configuration.load_database();
    if (!config) return complain(config.error().message);
    const SystemClock clock;
    const auto store = app::open_existing_store(*config, clock);
    if (!store) return complain(store.error().message);
    const auto done = maintenance::raise_token_epoch(**store, options.keep_personal);
    if (!done) return complain(done.error().message);
    std::printf("every session and token from before has ended%s.\n",
                options.keep_personal ? ", but for personal access tokens" : ", personal access tokens included");
    return 0;
}

}  // namespace

void add_backup(CLI::App& program, Run& run) {
    CLI::App* verb = program.add_subcommand("backup", "write the embedded database into one file, beside a running server");
    verb->footer("Holds everything acknowledged before it began, and not the master key. Never replaces a file. PostgreSQL: use pg_dump.");
    auto options = std::make_shared<Options>();
    verb->add_option("FILE", options->file, "the file to write (a tar archive)")->required();
    options->configuration.add_database_to(*verb);
    verb->callback([&run, options] { run = [options] { return run_backup(*options); }; });
}

void add_restore(CLI::App& program, Run& run) {
    CLI::App* verb = program.add_subcommand("restore", "make a data folder from a backup, and end every session and token from before");
    verb->footer("The folder must hold no database. After pg_restore on PostgreSQL run `godwit raise-token-epoch` instead.");
    auto options = std::make_shared<Options>();
    verb->add_option("FILE", options->file, "a file that `godwit backup` wrote")->required();
    options->configuration.add_database_to(*verb);
    add_keep_flag(*verb, *options);
    verb->callback([&run, options] { run = [options] { return run_restore(*options); }; });
}

void add_raise_token_epoch(CLI::App& program, Run& run) {
    CLI::App* verb =
        program.add_subcommand("raise-token-epoch", "end every session and token from before now: after pg_restore, or a theft");
    verb->footer("On PostgreSQL beside running nodes; on the embedded database while the server is stopped.");
    auto options = std::make_shared<Options>();
    options->configuration.add_database_to(*verb);
    add_keep_flag(*verb, *options);
    verb->callback([&run, options] { run = [options] { return run_raise(*options); }; });
}

}  // namespace godwit::cli
