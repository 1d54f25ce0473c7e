#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "base/near.h"
#include "cli/bind_now.h"
#include "cli/verbs.h"
#include "crypto/memory.h"

namespace godwit::cli {

int complain(std::string_view message) {
    std::fprintf(stderr, "godwit: %.*s\n", static_cast<int>(message.size()), message.data());
    return 1;
}

namespace {

/// Of a command line that was not understood: the word in it that was to be a verb, and is none.
std::optional<std::string> unknown_verb(const CLI::App& program, int argc, const char* const* argv) {
    const CLI::App* at = &program;
    std::string so_far = program.get_name();
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        const auto verbs = at->get_subcommands([](const CLI::App*) { return true; });
        if (word.starts_with('-') || verbs.empty()) return std::nullopt;
        std::vector<std::string_view> names;
        for (const CLI::App* verb : verbs) names.push_back(verb->get_name());
        const auto found = std::ranges::find(names, word);
        if (found == names.end())
            return so_far + " has no verb \"" + std::string(word) + "\"" + did_you_mean(word, names) + "\n" + so_far + " --help lists them";
        at = verbs[static_cast<std::size_t>(found - names.begin())];
        so_far.append(" ").append(word);
    }
    return std::nullopt;
}

}  // namespace
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
        if (const auto message = error.get_exit_code() == 0 ? std::nullopt : godwit::cli::unknown_verb(program, argc, argv)) {
            godwit::cli::complain(*message);
            return 2;
        }
        return program.exit(error) == 0 ? 0 : 2;
    }
    return run();
}
