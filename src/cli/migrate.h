// `godwit migrate`: one file for each of its verbs.
#pragma once

#include <string>
#include <vector>

#include "cli/verbs.h"

namespace godwit::cli {

void add_migrate_inspect(CLI::App& migrate, Run& run);
void add_migrate_map(CLI::App& migrate, Run& run);
void add_migrate_schema(CLI::App& migrate, Run& run);
/// run, resume, status, list, pause, cancel, report.
void add_migrate_jobs(CLI::App& migrate, Run& run);

/// "keycloak: realm file, …" for each kind, for --help.
std::string source_kinds_help();

}  // namespace godwit::cli
