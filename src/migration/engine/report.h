// What became of each record of a job: read from the store a page at a time, in the order of the records; as NDJSON, and as a page to look
// at.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "godwit/migration/v1/migration.pb.h"
#include "migration/engine/jobs.h"

namespace godwit::key {
class Sealers;
}
namespace godwit::store {
class Store;
}

namespace godwit::migration {

inline constexpr std::uint32_t kMaxReportPage = 10'000;

struct ReportPage {
    std::vector<v1::RecordReport> records;
    std::uint64_t next = 0;  ///< ask again after this record; 0: that was all
};

/// Records after the number `after`, at most `limit` (0: 1,000; at most kMaxReportPage).
Result<ReportPage> read_report(store::Store& store, const key::Sealers& sealers, InstanceScope instance, const JobRow& job,
                               std::uint64_t after, std::uint32_t limit, bool failed_only);

/// {"record":1,"sourceId":"…","userId":"…","outcome":"created","codes":[],"lost":[]} and a line end; "messages" where there are some.
std::string report_line(const v1::RecordReport& record);

/// "done", "paused", …
std::string state_name(v1::JobState state);

/// One page of HTML without anything outside itself: what came, what did not and why, as numbers and plots.
std::string report_page(const v1::Job& job);

}  // namespace godwit::migration
