// `godwit migrate run` and `resume`: a source, a job, a run to its end, what the operator is told.
#pragma once

#include <string>
#include <vector>

#include "cli/migrate_target.h"

namespace godwit::cli {

/// Of the exit status of `godwit migrate`.
enum class MigrateExit { done = 0, some_failed = 1, usage = 2, paused = 3, unreachable = 4 };

struct RunSettings {
    WantedJob wanted;
    migration::SourceOptions source;
    bool strict = false;      ///< what came in part counts as failed
    std::string report_file;  ///< NDJSON, one line a record; "": none
    std::string html_file;    ///< "": none
};

/// A new job, or the one that the same command began before.
MigrateExit run_new_job(MigrateTarget& target, RunSettings settings);
/// Goes on with a job where it stands; only the files of `settings` count.
MigrateExit resume_job(MigrateTarget& target, const std::string& id, const RunSettings& settings);
/// Writes a job's report; `as_source` writes the failed records as a file of their source instead.
MigrateExit write_job_report(MigrateTarget& target, const std::string& id, const RunSettings& settings, bool failed_only, bool as_source);

/// What a job's end means to who started it.
MigrateExit exit_of(const pb::Job& job, bool strict);
/// The exit status of an error: usage for what the operator said wrong, else out of reach.
MigrateExit complain_of(const Error& error);

}  // namespace godwit::cli
