#include "maintenance/doctor.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "app/database.h"
#include "base/log.h"
#include "cli/configuration.h"
#include "cli/verbs.h"

namespace godwit::cli {
namespace {

constexpr int kProblemsFound = 3;

int doctor(const ConfigurationOptions& options, bool json) {
    // What a damaged database makes the store say is in the report already.
    log::set_sink([](log::Level, std::string_view) {});
    const auto config = options.load_database();
    if (!config) return complain(config.error().message);
    auto inspection = app::inspect_store(*config);
    if (!inspection) return complain(inspection.error().message);
    const bool show = !json && ::isatty(STDERR_FILENO) != 0;
    const auto report = maintenance::examine(**inspection, [show](std::string_view check) {
        if (show) std::fprintf(stderr, "\r\033[Kchecking: %.*s ", static_cast<int>(check.size()), check.data());
    });
    if (show) std::fprintf(stderr, "\r\033[K");
    if (!report) return complain(report.error().message);
    std::printf("%s", (json ? maintenance::to_json(*report) : maintenance::to_text(*report)).c_str());
    return report->clean() ? 0 : kProblemsFound;
}

}  // namespace

void add_doctor(CLI::App& program, Run& run) {
    CLI::App* verb = program.add_subcommand(
        "doctor", "look whether the data is whole: files, schema, references, secrets, unique names, event log against state");
    verb->footer(
        "Reads only: of a stopped server, or beside a running one. Exit status: 0 clean, 1 could not look, 2 usage, 3 problems found.");
    auto options = std::make_shared<ConfigurationOptions>();
    options->add_database_to(*verb);
    auto json = std::make_shared<bool>(false);
    verb->add_flag("--json", *json, "print the report as JSON");
    verb->callback([&run, options, json] { run = [options, json] { return doctor(*options, *json); }; });
}

}  // namespace godwit::cli
