#include "cli/job_files.h"

#include <algorithm>
#include <map>

namespace godwit::cli {
namespace {

constexpr std::uint64_t kLookedAt = 1'000;  // before where the job stands

}  // namespace

std::uint64_t passed_over(const pb::Job& job) { return job.options().dry_run() ? 0 : job.last_record(); }

std::unexpected<Error> not_the_files(const std::string& what) {
    return fail(Code::failed_precondition, "MIGRATE-Cli01",
                what + ": the files are not those of the run; give the ones it read after the job's id");
}

Result<void> check_record(const migration::Source& source, const migration::RawRecord& raw, const std::string& source_id) {
    // One that maps and was refused later may be known by the other.
    std::string now = source.id_of(raw);
    if (now == source_id) return {};
    if (const auto record = source.map(raw)) now = record->source_id();
    if (now == source_id) return {};
    return not_the_files("record " + std::to_string(raw.number) + " was \"" + source_id + "\" and is \"" + now + "\"");
}

Result<void> check_files(MigrateTarget& target, const pb::Job& job, migration::Source& source) {
    const std::uint64_t last = passed_over(job);
    std::map<std::uint64_t, std::string> known;  // source ids; records without one cannot be compared
    for (const auto& record : TRY(target.report(job.id(), last - std::min(last, kLookedAt), false)).records)
        if (!record.source_id().empty()) known.emplace(record.record(), record.source_id());
    migration::RawRecord raw;
    for (std::uint64_t reached = 0; reached < last; reached = raw.number) {
        if (!TRY(source.next(raw)))
            return not_the_files("the job has taken " + std::to_string(last) + " records, and the files end after " +
                                 std::to_string(reached));
        if (const auto found = known.find(raw.number); found != known.end()) TRY(check_record(source, raw, found->second));
    }
    return {};
}

}  // namespace godwit::cli
