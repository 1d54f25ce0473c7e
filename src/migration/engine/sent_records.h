// Records that a client sends to a job: where in the job they stand, and which of them it has already. docs/migrate/server.md.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "migration/engine/jobs.h"
#include "migration/sources/source.h"
#include "transport/http/message.h"

namespace godwit::migration {

/// What carries the records of one call. One thread reads.
class RecordStream {
public:
    virtual ~RecordStream() = default;
    enum class Step { record, wait, end };
    /// Waits for the next record for a moment. `out.number` is left 0 unless the sender counts itself. An error ends it.
    virtual Result<Step> next(RawRecord& out) = 0;
    /// Source::map, Source::take.
    virtual Result<v1::UserRecord> map(const RawRecord& raw) const = 0;
    virtual Result<v1::UserRecord*> take(RawRecord& raw) const = 0;
    /// Source::id_of.
    virtual std::string id_of(const RawRecord& raw) const = 0;
    /// Whether other calls will bring more; as known so far.
    virtual bool more() const = 0;
};

/// A canonical record on each line of a body (Godwit's own NDJSON).
class LineRecords final : public RecordStream {
public:
    LineRecords(http::BodyStream& body, bool more) : body_(body), more_(more) {}
    Result<Step> next(RawRecord& out) override;
    Result<v1::UserRecord> map(const RawRecord& raw) const override;
    Result<v1::UserRecord*> take(RawRecord& raw) const override { return keep_mapped(raw, map(raw)); }
    std::string id_of(const RawRecord& raw) const override;
    bool more() const override { return more_; }

private:
    bool take_line(RawRecord& out);

    http::BodyStream& body_;
    const bool more_;
    std::string bytes_;
    std::size_t taken_ = 0;     ///< of bytes_
    std::size_t searched_ = 0;  ///< of bytes_: no line ends before
    bool too_long_ = false;     ///< the line under way, whose rest is thrown away
    bool begun_ = false, ended_ = false;
};

/// The records of a stream, with their places in the job.
class SentRecords final : public Source {
public:
    /// `first`: number of the first; 0: where the job has it, by its source id, else the next. `job` is as it was claimed.
    SentRecords(RecordStream& stream, store::Store& store, InstanceScope instance, const JobRow& job, std::uint64_t first);

    /// The stream's end and what is wrong with it both end the source: problem() tells them apart.
    Result<bool> next(RawRecord& out) override;
    Result<v1::UserRecord> map(const RawRecord& raw) const override { return stream_.map(raw); }
    Result<v1::UserRecord*> take(RawRecord& raw) const override { return stream_.take(raw); }
    std::string id_of(const RawRecord& raw) const override { return stream_.id_of(raw); }
    std::map<std::string, std::string> variables() const override;
    std::uint64_t total_bytes() const override { return 0; }
    std::uint64_t read_bytes() const override { return bytes_; }

    /// Once next() has answered false: cut off, not what the job has there, a gap (out_of_range MIGRATE-Send01).
    const std::optional<Error>& problem() const { return problem_; }
    bool ended() const { return ended_; }
    /// Of the last record; 0: none came.
    std::uint64_t last_number() const { return last_; }

private:
    Result<RecordStream::Step> read(RawRecord& out);
    Result<std::uint64_t> place_of_first(const RawRecord& raw) const;
    Result<void> check_gap(std::uint64_t number) const;
    Result<void> check_known(const RawRecord& raw);

    RecordStream& stream_;
    store::Store& store_;
    const InstanceScope instance_;
    const JobRow& job_;
    const std::uint64_t first_;
    const std::uint64_t accounted_;  ///< up to this number nothing is missing
    std::uint64_t last_ = 0;
    std::atomic<std::uint64_t> bytes_ = 0;
    std::map<std::uint64_t, std::string> known_;  ///< a page of source ids by number
    std::uint64_t known_to_ = 0;                  ///< the page reaches so far
    std::optional<Error> problem_;
    bool ended_ = false;
};

/// Source ids of records after `after` that the job has accounted for, by number; the page's last number, or what `after` was when there
/// are none.
Result<std::map<std::uint64_t, std::string>> read_source_ids(store::Store& store, InstanceScope instance, const JobRow& job,
                                                             std::uint64_t after, std::uint32_t limit);
/// The number of the record with this source id in the job.
Result<std::optional<std::uint64_t>> find_record(store::Store& store, InstanceScope instance, const JobRow& job,
                                                 std::string_view source_id);

}  // namespace godwit::migration
