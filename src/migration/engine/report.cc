#include "migration/engine/report.h"

#include <algorithm>
#include <map>
#include <optional>
#include <span>

#include "base/json.h"
#include "base/text.h"
#include "crypto/sealer.h"
#include "directory/key/sealers.h"
#include "directory/object/public_id.h"
#include "migration/engine/outcome.h"
#include "store/query_in.h"
#include "store/store.h"

namespace godwit::migration {
namespace {

struct Line {
    v1::RecordReport report;
    std::int64_t user = 0;
};
using Lines = std::map<std::uint64_t, Line>;

std::uint64_t unsigned_of(std::int64_t number) { return static_cast<std::uint64_t>(number); }

/// What arrived: rows that the job wrote for source ids.
Result<void> read_arrivals(store::Reader& db, InstanceScope instance, std::int64_t job, std::uint64_t after, std::uint32_t limit,
                           Lines& out) {
    TRY(db.query(
        instance,
        "SELECT record_no, external_id, object_id, outcome FROM external_refs WHERE instance_no = ?1 AND job_id = ?2 AND job_id <> 0 AND "
        "record_no > ?3 ORDER BY record_no LIMIT ?4",
        {job, static_cast<std::int64_t>(after), limit}, [&](const store::Row& row) {
            Line& line = out[unsigned_of(row.i64(0))];
            line.report.set_record(unsigned_of(row.i64(0)));
            line.report.set_source_id(std::string(row.text(1)));
            line.report.set_outcome(std::string(name_of(static_cast<Outcome>(row.i64(3)))));
            line.user = row.i64(2);
        }));
    return {};
}

/// What did not arrive whole; it knows more than the row of the source id.
Result<void> read_issues(store::Reader& db, InstanceScope instance, const crypto::Sealer& sealer, std::int64_t job, std::uint64_t after,
                         std::uint32_t limit, bool failed_only, Lines& out) {
    std::optional<Error> failed;
    TRY(db.query(
        instance,
        "SELECT record_no, source_id, outcome, codes, detail FROM migration_issues WHERE instance_no = ?1 AND migration_id = ?2 AND "
        "record_no > ?3 AND outcome >= ?4 ORDER BY record_no LIMIT ?5",
        {job, static_cast<std::int64_t>(after), failed_only ? static_cast<int>(Outcome::failed) : 0, limit}, [&](const store::Row& row) {
            Line& line = out[unsigned_of(row.i64(0))];
            line.report.set_record(unsigned_of(row.i64(0)));
            line.report.set_source_id(std::string(row.text(1)));
            line.report.set_outcome(std::string(name_of(static_cast<Outcome>(row.i64(2)))));
            for (const std::string_view code : split_words(row.text(3))) line.report.add_codes(std::string(code));
            const crypto::Place place("migration_issues", std::to_string(job) + "/" + std::to_string(row.i64(0)), "detail");
            const auto opened = sealer.open(place, row.blob(4));
            if (!opened) {
                failed = opened.error();
                return;
            }
            v1::IssueDetail detail;
            (void)detail.ParseFromString(std::string(opened->reveal()));
            *line.report.mutable_lost() = std::move(*detail.mutable_lost());
            *line.report.mutable_messages() = std::move(*detail.mutable_messages());
            line.report.set_user_id(detail.user_id());
            if (detail.user_key() != 0) line.user = detail.user_key();
        }));
    return failed ? Result<void>(fail(*failed)) : Result<void>();
}

Result<void> name_users(store::Reader& db, InstanceScope instance, Lines& lines) {
    std::vector<std::int64_t> keys;
    for (const auto& [number, line] : lines) {
        if (line.user > 0) keys.push_back(line.user);
    }
    std::map<std::int64_t, std::string> shown;
    TRY(store::query_in(db, instance, "SELECT id, public_id FROM users WHERE instance_no = ?1 AND id", {}, keys,
                        [&](const store::Row& row) { shown[row.i64(0)] = directory::display_id(row.i64(0), row.text(1)); }));
    for (auto& [number, line] : lines) {
        if (const auto found = shown.find(line.user); found != shown.end()) line.report.set_user_id(found->second);
    }
    return {};
}

}  // namespace

Result<ReportPage> read_report(store::Store& store, const key::Sealers& sealers, InstanceScope instance, const JobRow& job,
                               std::uint64_t after, std::uint32_t limit, bool failed_only) {
    limit = limit == 0 ? 1'000 : std::min(limit, kMaxReportPage);
    const auto sealer = TRY(sealers.of(instance));
    return store.read(store::Database::directory, [&](store::Reader& db) -> Result<ReportPage> {
        Lines lines;
        if (!failed_only) TRY(read_arrivals(db, instance, job.id, after, limit, lines));
        TRY(read_issues(db, instance, *sealer, job.id, after, limit, failed_only, lines));
        // Either list may reach further than the other: only as far as both were read whole is every record known.
        while (lines.size() > limit) lines.erase(std::prev(lines.end()));
        TRY(name_users(db, instance, lines));
        ReportPage out;
        if (lines.size() == limit) out.next = lines.rbegin()->first;
        for (auto& [number, line] : lines) out.records.push_back(std::move(line.report));
        return out;
    });
}

std::string state_name(v1::JobState state) {
    constexpr std::string_view kPrefix = "JOB_STATE_";
    const std::string& name = v1::JobState_Name(state);
    return name.starts_with(kPrefix) ? to_ascii_lower(name.substr(kPrefix.size())) : "unknown";
}

std::string report_line(const v1::RecordReport& record) {
    JsonObject line;
    line.set("record", static_cast<std::int64_t>(record.record()));
    line.set("sourceId", record.source_id());
    line.set("userId", record.user_id());
    line.set("outcome", record.outcome());
    const auto texts = [](const auto& repeated) { return std::vector<std::string>(repeated.begin(), repeated.end()); };
    line.set("codes", std::span<const std::string>(texts(record.codes())));
    line.set("lost", std::span<const std::string>(texts(record.lost())));
    if (record.messages_size() > 0) line.set("messages", std::span<const std::string>(texts(record.messages())));
    return line.text() + "\n";
}

}  // namespace godwit::migration
