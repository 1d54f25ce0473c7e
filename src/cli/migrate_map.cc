#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/migrate.h"
#include "migration/sources/table/table.h"

namespace godwit::cli {
namespace {

struct MapOptions {
    std::string kind;
    migration::SourceOptions source;
};

int suggest(const MapOptions& options) {
    std::string kind = options.kind;
    if (kind.empty()) {
        const auto guess = migration::guess_source_kind(options.source.paths);
        if (!guess) return complain(guess.error().message);
        kind = (*guess)->name;
        // Any JSON lines can be mapped, also those that look like somebody's.
        if (kind != "csv" && kind != "tsv") kind = options.source.paths.front().contains(".csv") ? "csv" : "ndjson";
    }
    const auto mapping = migration::suggest_mapping(kind, options.source);
    if (!mapping) return complain(mapping.error().message);
    std::printf("%s", mapping->c_str());
    return 0;
}

}  // namespace

void add_migrate_map(CLI::App& migrate, Run& run) {
    CLI::App* verb =
        migrate.add_subcommand("map", "propose a mapping file for a table (csv, tsv, ndjson), by its columns and first values");
    verb->footer(
        "Look the proposal over before you give it to --mapping: docs/migrate/sources/csv.md. Exit status: 0 done, 1 cannot be read, 2 "
        "usage.");
    auto options = std::make_shared<MapOptions>();
    verb->add_option("--suggest", options->source.paths, "the table")->type_name("FILE")->required();
    verb->add_option("--from", options->kind, "csv, tsv or ndjson; guessed when it is not said")
        ->check(CLI::IsMember({"csv", "tsv", "ndjson"}))
        ->type_name("KIND");
    verb->callback([&run, options] { run = [options] { return suggest(*options); }; });
}

}  // namespace godwit::cli
