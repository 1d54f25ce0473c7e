#include <CLI/CLI.hpp>
#include <cstdio>

#include "cli/bind_now.h"
#include "cli/verbs.h"
#include "crypto/memory.h"

namespace godwit::cli {

int complain(std::string_view message) {
    std::fprintf(stderr, "godwit: %.*s\n", static_cast<int>(message.size()), message.data());
    return 1;
}

}  // namespace godwit::cli

int main(int argc, char** argv) {
    godwit::cli::bind_symbols_now(argv);
    godwit::crypto::wipe_freed_memory();
    CLI::App program("Godwit: the identity platform that other systems' users can move into.", "godwit");
    program.require_subcommand(1);
    program.set_version_flag("--version", std::string("godwit ") + GODWIT_VERSION);
    program.footer("Documentation: docs/ in the source tree. `godwit VERB --help` says more about one verb.");

    godwit::cli::Run run;
    godwit::cli::add_serve(program, run);
    godwit::cli::add_config(program, run);
    godwit::cli::add_explain(program, run);
    godwit::cli::add_migrate(program, run);
    godwit::cli::add_password(program, run);
    godwit::cli::add_doctor(program, run);
    godwit::cli::add_backup(program, run);
    godwit::cli::add_restore(program, run);
    godwit::cli::add_raise_token_epoch(program, run);

    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return program.exit(error) == 0 ? 0 : 2;
    }
    return run();
}
