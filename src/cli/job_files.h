// Whether files are those that a job has read, asked before anything of the job changes.
#pragma once

#include <cstdint>
#include <string>

#include "cli/migrate_target.h"

namespace godwit::cli {

/// Records at the start of the source that a run of the job passes over, but for those that are put off; a rehearsal begins anew.
std::uint64_t passed_over(const pb::Job& job);

/// failed_precondition MIGRATE-Cli01; `what` is the difference.
std::unexpected<Error> not_the_files(const std::string& what);
/// That the record is the one with this source id. not_the_files otherwise.
Result<void> check_record(const migration::Source& source, const migration::RawRecord& raw, const std::string& source_id);

/// Of a job that has passed_over() some: reads the source from its start to where it stands, and compares the last records before that with
/// those that it has taken: of other files the wrong people would come where it goes on and in the places of those put off, and what stands
/// before them never would. Errors: not_the_files; those of reading; those of the target.
Result<void> check_files(MigrateTarget& target, const pb::Job& job, migration::Source& source);

}  // namespace godwit::cli
