#include "cli/migrate.h"

#include <CLI/CLI.hpp>

#include "migration/sources/source.h"

namespace godwit::cli {

std::string source_kinds_help() {
    std::string out = "Kinds of --from:\n";
    for (const auto& kind : migration::source_kinds())
        out += "  " + std::string(kind.name) + std::string(10 - std::min<std::size_t>(kind.name.size(), 9), ' ') +
               std::string(kind.summary) + "\n";
    return out;
}

void add_migrate(CLI::App& program, Run& run) {
    CLI::App* migrate = program.add_subcommand("migrate", "bring the users of another system: look at its exports, rehearse, run, report");
    migrate->require_subcommand(1);
    migrate->footer("docs/migrate/ leads through it; docs/migrate/sources/ says how to get the export out of each system.");
    add_migrate_inspect(*migrate, run);
    add_migrate_map(*migrate, run);
    add_migrate_schema(*migrate, run);
    add_migrate_jobs(*migrate, run);
}

}  // namespace godwit::cli
