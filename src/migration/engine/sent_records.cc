#include "migration/engine/sent_records.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "migration/engine/prepare.h"
#include "migration/input/lines.h"
#include "migration/sources/godwit/godwit.h"
#include "store/store.h"
#include "transport/http/timed_read.h"

namespace godwit::migration {
namespace {

using store::Database;

/// How long a reader waits before it looks whether something else is due.
constexpr std::chrono::milliseconds kMoment{100};
constexpr std::uint32_t kPage = 1'000;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

std::int64_t signed_of(std::uint64_t number) { return static_cast<std::int64_t>(number); }

std::string quoted(std::string_view id) { return "\"" + std::string(id.substr(0, 200)) + "\""; }

/// Else a whole file would be one record that is no JSON, and the job done.
Result<void> check_plain(std::string_view bytes) {
    const std::pair<std::string_view, std::string_view> others[] = {
        {"\x1f\x8b", "packed with gzip"}, {"\x28\xb5\x2f", "packed with zstd"}, {"\xff\xfe", "UTF-16"}, {"\xfe\xff", "UTF-16"}};
    for (const auto& [beginning, what] : others)
        if (bytes.starts_with(beginning))
            return fail(Code::invalid_argument, "MIGRATE-Send06",
                        "the body is " + std::string(what) + ": send lines of JSON as they are, in UTF-8");
    return {};
}

}  // namespace

/// The next line that is not blank, of what has come so far.
bool LineRecords::take_line(RawRecord& out) {
    for (;;) {
        const std::size_t end = bytes_.find('\n', std::max(taken_, searched_));
        const bool whole = end != std::string::npos;
        if (!whole && !ended_) {
            searched_ = bytes_.size();
            if (bytes_.size() - taken_ <= kMaxRecordBytes) return false;
            // Only its beginning is kept, for the report.
            too_long_ = true;
            bytes_.resize(taken_ + kMaxRecordBytes);
            searched_ = bytes_.size();
            return false;
        }
        if (!whole && taken_ == bytes_.size()) return false;
        std::string_view line = std::string_view(bytes_).substr(taken_, (whole ? end : bytes_.size()) - taken_);
        const bool too_long = std::exchange(too_long_, false) || line.size() > kMaxRecordBytes;
        out = {};
        if (!too_long && std::ranges::all_of(line, is_ascii_space)) {
            taken_ = whole ? end + 1 : bytes_.size();
            continue;
        }
        if (line.ends_with('\r')) line.remove_suffix(1);
        out.bytes = line.substr(0, kMaxRecordBytes);
        if (too_long) out.error = record_too_long("the line is");
        taken_ = whole ? end + 1 : bytes_.size();
        return true;
    }
}

Result<RecordStream::Step> LineRecords::next(RawRecord& out) {
    for (;;) {
        if (begun_ && take_line(out)) return Step::record;
        if (ended_) return Step::end;
        auto piece = http::read_within(body_, kMoment);
        if (!piece) return Step::wait;
        const std::string more = TRY(*std::move(piece));
        ended_ = more.empty();
        bytes_.erase(0, taken_);
        searched_ -= std::min(searched_, std::exchange(taken_, 0));
        bytes_ += more;
        if (!begun_ && (ended_ || bytes_.size() >= kByteOrderMark.size())) {
            begun_ = true;
            TRY(check_plain(bytes_));
            if (bytes_.starts_with(kByteOrderMark)) bytes_.erase(0, kByteOrderMark.size());
        }
    }
}

Result<v1::UserRecord> LineRecords::map(const RawRecord& raw) const {
    if (raw.error) return std::unexpected(*raw.error);
    return map_godwit(raw.bytes);
}

std::string LineRecords::id_of(const RawRecord& raw) const { return id_in_godwit(raw.bytes); }

SentRecords::SentRecords(RecordStream& stream, store::Store& store, InstanceScope instance, const JobRow& job, std::uint64_t first)
    : stream_(stream),
      store_(store),
      instance_(instance),
      job_(job),
      first_(first),
      accounted_(job.job.options().dry_run() ? 0
                 : job.held.empty()          ? job.job.last_record()
                                             : job.held.front() - 1) {}

std::map<std::string, std::string> SentRecords::variables() const {
    const auto& kept = job_.job.options().variables();
    return {kept.begin(), kept.end()};
}

Result<bool> SentRecords::next(RawRecord& out) {
    if (problem_) return false;
    const auto step = read(out);
    if (!step) problem_ = step.error();
    ended_ = !step || *step == RecordStream::Step::end;
    if (!step || *step == RecordStream::Step::end) return false;
    if (*step == RecordStream::Step::wait) out.number = 0;
    return true;
}

Result<RecordStream::Step> SentRecords::read(RawRecord& out) {
    out.number = 0;
    const auto step = TRY(stream_.next(out));
    if (step != RecordStream::Step::record) return step;
    bytes_ += out.size();
    if (out.number == 0) out.number = last_ != 0 ? last_ + 1 : first_ != 0 ? first_ : TRY(place_of_first(out));
    TRY(check_gap(out.number));
    if (out.number <= job_.job.last_record()) TRY(check_known(out));
    last_ = out.number;
    return step;
}

Result<std::uint64_t> SentRecords::place_of_first(const RawRecord& raw) const {
    const std::uint64_t next = accounted_ + 1;
    if (next == 1) return next;
    const auto record = map(raw);
    // One that cannot be read, or whose id no store keeps, has none to be found by, but may well be the first of all.
    if (!record || !accept_source_id(record->source_id())) {
        const auto first = TRY(read_source_ids(store_, instance_, job_, 0, 1));
        return first.contains(1) && first.at(1).empty() ? 1 : next;
    }
    return TRY(find_record(store_, instance_, job_, record->source_id())).value_or(next);
}

Result<void> SentRecords::check_gap(std::uint64_t number) const {
    if (last_ != 0 && number <= last_)
        return fail(Code::invalid_argument, "MIGRATE-Send03",
                    "records are sent in the order of their numbers: " + std::to_string(number) + " came after " + std::to_string(last_));
    if (number <= std::max(last_, accounted_) + 1) return {};
    return fail(Code::out_of_range, "MIGRATE-Send01",
                "records are missing: the job is accounted for up to record " + std::to_string(std::max(last_, accounted_)) +
                    ", and record " + std::to_string(number) + " was sent");
}

/// That a record which is passed over is the one the job has there.
Result<void> SentRecords::check_known(const RawRecord& raw) {
    if (raw.number > known_to_) {
        known_ = TRY(read_source_ids(store_, instance_, job_, raw.number - 1, kPage));
        known_to_ = known_.size() < kPage ? job_.job.last_record() : known_.rbegin()->first;
    }
    const auto known = known_.find(raw.number);
    if (known == known_.end() || known->second.empty()) return {};
    const auto record = map(raw);
    if (record && record->source_id() == known->second) return {};
    return fail(Code::failed_precondition, "MIGRATE-Send02",
                "record " + std::to_string(raw.number) + " of this job is " + quoted(known->second) + ", but " +
                    (record ? quoted(record->source_id()) : "something that is no record") +
                    " was sent in its place: send what comes after record " + std::to_string(accounted_) +
                    " with first_record=" + std::to_string(accounted_ + 1));
}

Result<std::map<std::uint64_t, std::string>> read_source_ids(store::Store& store, InstanceScope instance, const JobRow& job,
                                                             std::uint64_t after, std::uint32_t limit) {
    return store.read(Database::directory, [&](store::Reader& db) -> Result<std::map<std::uint64_t, std::string>> {
        std::map<std::uint64_t, std::string> out;
        const auto take = [&](const store::Row& row) { out.emplace(static_cast<std::uint64_t>(row.i64(0)), row.text(1)); };
        TRY(db.query(instance,
                     "SELECT record_no, source_id FROM migration_issues WHERE instance_no = ?1 AND migration_id = ?2 AND record_no > ?3 "
                     "ORDER BY record_no LIMIT ?4",
                     {job.id, signed_of(after), limit}, take));
        TRY(db.query(
            instance,
            "SELECT record_no, external_id FROM external_refs WHERE instance_no = ?1 AND job_id = ?2 AND job_id <> 0 AND record_no "
            "> ?3 ORDER BY record_no LIMIT ?4",
            {job.id, signed_of(after), limit}, take));
        while (out.size() > limit) out.erase(std::prev(out.end()));
        return out;
    });
}

Result<std::optional<std::uint64_t>> find_record(store::Store& store, InstanceScope instance, const JobRow& job,
                                                 std::string_view source_id) {
    return store.read(Database::directory, [&](store::Reader& db) -> Result<std::optional<std::uint64_t>> {
        std::optional<std::uint64_t> found;
        const auto take = [&](const store::Row& row) {
            if (row.i64(0) > 0) found = static_cast<std::uint64_t>(row.i64(0));
        };
        TRY(db.query(
            instance,
            "SELECT COALESCE(MIN(record_no), 0) FROM migration_issues WHERE instance_no = ?1 AND migration_id = ?2 AND source_id = ?3",
            {job.id, source_id}, take));
        if (!found)
            TRY(db.query(
                instance,
                "SELECT record_no FROM external_refs WHERE instance_no = ?1 AND source_no = ?2 AND external_id = ?3 AND job_id = ?4",
                {job.source_no, source_id, job.id}, take));
        return found;
    });
}

}  // namespace godwit::migration
