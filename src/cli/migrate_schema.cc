#include <CLI/CLI.hpp>
#include <cstdio>

#include "cli/migrate.h"
#include "migration/inspect/schema.h"

namespace godwit::cli {

void add_migrate_schema(CLI::App& migrate, Run& run) {
    CLI::App* verb = migrate.add_subcommand("schema", "print the JSON Schema of the canonical record, a line of --from godwit");
    verb->callback([&run] {
        run = [] {
            std::printf("%s\n", migration::record_schema().c_str());
            return 0;
        };
    });
}

}  // namespace godwit::cli
