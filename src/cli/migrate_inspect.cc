#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <thread>

#include "cli/migrate.h"
#include "migration/inspect/inspection.h"
#include "migration/sources/source.h"

namespace godwit::cli {
namespace {

struct InspectOptions {
    std::string kind;
    migration::SourceOptions source;
    bool json = false;
};

int inspect(const InspectOptions& options) {
    const auto kind = options.kind.empty() ? migration::guess_source_kind(options.source.paths) : migration::find_source_kind(options.kind);
    if (!kind) return complain(kind.error().message) + (options.kind.empty() ? 0 : 1);
    if (options.kind.empty())
        std::fprintf(stderr, "godwit: this looks like --from %.*s\n", static_cast<int>((*kind)->name.size()), (*kind)->name.data());
    auto source = migration::open_source(**kind, options.source);
    if (!source) return complain(source.error().message) + (source.error().id == "MIGRATE-Kind1" ? 1 : 0);
    const bool show = ::isatty(STDERR_FILENO) != 0;
    const auto progress = [show](double share) {
        if (show) std::fprintf(stderr, "\r\033[Kreading: %3.0f %% ", 100 * share);
    };
    auto inspection = migration::inspect(**source, std::thread::hardware_concurrency(), progress, options.source.rp_id);
    if (show) std::fprintf(stderr, "\r\033[K");
    if (!inspection) return complain(inspection.error().message);
    inspection->kind = (*kind)->name;
    std::printf("%s", (options.json ? migration::to_json(*inspection) : migration::to_text(*inspection)).c_str());
    return inspection->bad() ? 1 : 0;
}

}  // namespace

void add_migrate_inspect(CLI::App& migrate, Run& run) {
    CLI::App* verb =
        migrate.add_subcommand("inspect", "say what is in these files: users, hashes, factors, links, roles; what will not come, and why");
    verb->footer(source_kinds_help() +
                 "Files may be packed (gz, zst) and UTF-16. Nothing is written and no server is asked.\n"
                 "Exit status: 0 all of it can be read, 1 records fail, there are no users or a file cannot be read, 2 usage.");
    auto options = std::make_shared<InspectOptions>();
    verb->add_option("PATH", options->source.paths, "files and folders of the export")->required();
    verb->add_option("--from", options->kind, "what wrote them; guessed when it is not said")->type_name("KIND");
    verb->add_option("--passwords", options->source.passwords, "the file with the hashes, where they come apart (auth0)")
        ->type_name("FILE");
    verb->add_option("--mapping", options->source.mapping, "what the columns or fields are (csv, tsv, ndjson)")->type_name("FILE");
    verb->add_option("--rp-id", options->source.rp_id, "domain of passkeys whose export does not say it")->type_name("DOMAIN");
    verb->add_option("--scratch", options->source.scratch, "folder for what does not fit into memory (default: the system's)")
        ->type_name("DIR");
    verb->add_flag("--json", options->json, "print it as JSON");
    verb->callback([&run, options] { run = [options] { return inspect(*options); }; });
}

}  // namespace godwit::cli
