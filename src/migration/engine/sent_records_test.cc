#include "migration/engine/sent_records.h"

#include <gtest/gtest.h>

#include <deque>

#include "migration/engine/run_test_fixture.h"
#include "migration/input/lines.h"

namespace godwit::migration {
namespace {

/// "cut": the client leaves; "pause": nothing for now.
class Body final : public http::BodyStream {
public:
    explicit Body(std::deque<std::string> pieces) : pieces_(std::move(pieces)) {}
    Result<std::string> read() override { return fail(godwit::Code::internal, "TEST", "must not wait"); }
    std::optional<Result<std::string>> poll(std::function<void()>) override {
        if (pieces_.empty()) return std::string();
        std::string piece = std::move(pieces_.front());
        pieces_.pop_front();
        if (piece == "pause") return std::nullopt;
        if (piece == "cut") return fail(godwit::Code::cancelled, "HTTP-Body", "the client has gone");
        return piece;
    }

private:
    std::deque<std::string> pieces_;
};

std::vector<std::string> lines_of(std::deque<std::string> pieces) {
    Body body(std::move(pieces));
    LineRecords lines(body, false);
    std::vector<std::string> out;
    for (;;) {
        RawRecord raw;
        const auto step = lines.next(raw);
        if (!step) return out.push_back(step.error().id), out;
        if (*step == RecordStream::Step::end) return out;
        out.push_back(*step == RecordStream::Step::wait ? "(wait)" : raw.error ? raw.error->id : raw.bytes);
    }
}

TEST(LineRecords, ComeWhateverThePieces) {
    using Lines = std::vector<std::string>;
    EXPECT_EQ(lines_of({}), Lines{});
    EXPECT_EQ(lines_of({"a\nb\n"}), (Lines{"a", "b"}));
    EXPECT_EQ(lines_of({"a", "b\nc", "\nd"}), (Lines{"ab", "c", "d"}));
    EXPECT_EQ(lines_of({"\xef\xbb\xbf"
                        "a\r\n\r\n  \n",
                        "b"}),
              (Lines{"a", "b"}));
    EXPECT_EQ(lines_of({"a\nb", "pause", "c\n"}), (Lines{"a", "(wait)", "bc"}));
    EXPECT_EQ(lines_of({"a\nb", "cut"}), (Lines{"a", "HTTP-Body"})) << "half a line is no record";
}

TEST(LineRecords, OneThatIsTooLongFailsAlone) {
    const std::string much(kMaxRecordBytes / 2 + 1, 'x');
    EXPECT_EQ(lines_of({"a\n", much, much, much, "y\nb\n"}), (std::vector<std::string>{"a", "record.too_long", "b"}));
    EXPECT_EQ(lines_of({much, much}), std::vector<std::string>{"record.too_long"});
}

TEST(LineRecords, NothingElseIsTakenForLines) {
    for (const char* beginning : {"\x1f\x8b\x08", "\x28\xb5\x2f\xfd", "\xff\xfe{", "\xfe\xff\x01"})
        EXPECT_EQ(lines_of({beginning, "more"}), std::vector<std::string>{"MIGRATE-Send06"});
}

class SentRecordsTest : public MigrationTest {
protected:
    struct Sent {
        RunEnd end;
        std::string problem;  ///< id of
        std::uint64_t last = 0;
    };
    static std::string records(int from, int to) {
        std::string out;
        for (int n = from; n <= to; ++n) out += person("s" + std::to_string(n), "p" + std::to_string(n)) + "\n";
        return out;
    }
    Sent send(const JobRow& row, std::deque<std::string> pieces, std::uint64_t first = 0, bool more = false) {
        Body body(std::move(pieces));
        LineRecords lines(body, more);
        auto claimed = jobs_.claim(scope(), row.id);
        EXPECT_TRUE(claimed) << claimed.error().message;
        const JobRow stands = claimed->row;
        SentRecords sent(lines, store(), scope(), stands, first);
        const auto end =
            migration::run(parts(), jobs_, *claimed, {.source = sent, .last = [&] { return !sent.problem() && !lines.more(); }}, editor_);
        EXPECT_TRUE(end) << end.error().message;
        return {*end, sent.problem() ? sent.problem()->id : "", sent.last_number()};
    }
};
GODWIT_ON_BOTH_ENGINES(SentRecordsTest);

TEST_P(SentRecordsTest, AreTakenOnceHoweverOftenTheyAreSent) {
    const JobRow row = job();
    Sent sent = send(row, {records(1, 5), "cut"});
    EXPECT_EQ(sent.problem, "HTTP-Body");
    EXPECT_EQ(sent.end.state, v1::JOB_STATE_WAITING);
    EXPECT_EQ(told(sent.end.checkpoint.counters), "5 created") << "what came before the cut is here";
    sent = send(row, {records(3, 8)}, 0, true);  // the end of it again, found by its source id
    EXPECT_EQ(told(sent.end.checkpoint.counters), "8 created");
    EXPECT_EQ(sent.last, 8u);
    sent = send(row, {records(9, 9)}, 0, true);  // what comes next
    EXPECT_EQ(sent.last, 9u);
    sent = send(row, {records(10, 10)}, 10, true);
    EXPECT_EQ(sent.end.state, v1::JOB_STATE_WAITING);
    sent = send(row, {records(1, 12)});
    EXPECT_EQ(sent.end.state, v1::JOB_STATE_DONE);
    EXPECT_EQ(told(sent.end.checkpoint.counters), "12 created");
    EXPECT_EQ(sent.end.checkpoint.counters.records(), 12u);
}

TEST_P(SentRecordsTest, WhatIsNotTheJobsIsRefused) {
    const JobRow row = job();
    (void)send(row, {"no record\n" + records(2, 5), "cut"});
    EXPECT_EQ(send(row, {records(7, 9)}, 7).problem, "MIGRATE-Send01") << "6 is missing";
    const JobRow other = job();
    (void)send(other, {records(11, 15), "cut"});
    const Sent sent = send(other, {records(11, 12) + records(14, 19)});
    EXPECT_EQ(sent.problem, "MIGRATE-Send02");
    EXPECT_EQ(sent.end.state, v1::JOB_STATE_WAITING);
    EXPECT_EQ(sent.end.checkpoint.last_record, 5u);
}

TEST_P(SentRecordsTest, AnUnreadableFirstRecordIsTheFirstAgain) {
    const JobRow row = job();
    (void)send(row, {"no record\n" + records(2, 3), "cut"});
    const Sent sent = send(row, {"no record\n" + records(2, 4)});
    EXPECT_EQ(sent.problem, "");
    EXPECT_EQ(told(sent.end.checkpoint.counters), "3 created, 1 failed");
}

TEST_P(SentRecordsTest, AnIdThatNoStoreKeepsIsNobodysAndEndsNothing) {
    const std::string nul = person(R"(a\u0000b)", "nul") + "\n", lengthy = person(std::string(1'001, 'x'), "lengthy") + "\n";
    for (const std::string& bad : {nul, lengthy}) {
        const JobRow row = job();
        (void)send(row, {bad + records(2, 3), "cut"});
        Sent sent = send(row, {bad + records(2, 4), "cut"});  // it is the first again
        EXPECT_EQ(sent.last, 4u);
        sent = send(row, {bad + records(6, 6)}, 5);
        EXPECT_EQ(sent.problem, "");
        EXPECT_EQ(sent.end.checkpoint.counters.failed(), 2u);
        EXPECT_EQ(sent.end.checkpoint.counters.codes().at("record.no_id"), 2u);
        const JobRow other = job();
        (void)send(other, {records(1, 3), "cut"});
        sent = send(other, {bad + records(5, 5)});  // what comes next
        EXPECT_EQ(sent.problem, "");
        EXPECT_EQ(sent.last, 5u);
    }
}

TEST_P(SentRecordsTest, ARehearsalBeginsAnew) {
    v1::JobOptions rehearsal;
    rehearsal.set_dry_run(true);
    const JobRow row = job(rehearsal);
    (void)send(row, {records(1, 3), "cut"}, 1);
    const Sent sent = send(row, {records(1, 4)}, 1);
    EXPECT_EQ(sent.end.state, v1::JOB_STATE_DONE);
    EXPECT_EQ(told(sent.end.checkpoint.counters), "4 created");
}

TEST_P(SentRecordsTest, OneIsAtAJobAtATime) {
    using From = store::Taker::From;
    const JobRow row = job();
    const auto first = jobs_.claim(scope(), row.id, {.node = 1, .from = From::silent});
    ASSERT_TRUE(first);
    EXPECT_EQ(jobs_.claim(scope(), row.id, {.node = 2, .from = From::silent}).error().id, "MIGRATE-Job06");
    EXPECT_EQ(jobs_.claim(scope(), row.id, {.node = 1, .from = From::others}).error().id, "MIGRATE-Job06")
        << "another call of this process";
    clock().advance(store::kJobLease - std::chrono::seconds(1));
    EXPECT_TRUE(jobs_.renew(*first));
    clock().advance(std::chrono::seconds(2));
    EXPECT_FALSE(jobs_.claim(scope(), row.id, {.node = 2, .from = From::silent})) << "it was renewed";
    clock().advance(store::kJobLease);
    const auto second = jobs_.claim(scope(), row.id, {.node = 2, .from = From::silent});
    ASSERT_TRUE(second);
    EXPECT_EQ(jobs_.renew(*first).error().id, "STORE-fence");
    const auto third = jobs_.claim(scope(), row.id, {.node = 3, .from = From::others});
    ASSERT_TRUE(third) << "whoever had it before this process is dead";
    EXPECT_EQ(jobs_.renew(*second).error().id, "STORE-fence");
}

TEST_P(SentRecordsTest, OrganizationsAreMapped) {
    v1::JobOptions options;
    (*options.mutable_org_map())["Old Beta"] = "nowhere";
    (*options.mutable_org_map())["Old Acme"] = std::to_string(acme_.key);
    const JobRow row = job(options);
    const Sent sent = send(row, {person("a", "ada", R"("organization":{"name":"Old Acme"})") + "\n" +
                                 person("b", "bo", R"("organization":{"name":"Old Beta"})") + "\n"});
    EXPECT_EQ(told(sent.end.checkpoint.counters), "1 created, 1 failed");
    EXPECT_EQ(sent.end.checkpoint.counters.codes().at("org.unknown"), 1u);
}

TEST_P(SentRecordsTest, OneThatIsRefusedKeepsItsName) {
    const JobRow row = job();
    const auto sent = send(row, {R"({"sourceId":"s1","createdAt":"yesterday"})"
                                 "\n"
                                 R"({"source_id":"s2","v":9})"
                                 "\n{\n[]\n"});
    EXPECT_EQ(told(sent.end.checkpoint.counters), "4 failed");
    EXPECT_EQ(ref_of("s1"), "failed failed nobody");
    EXPECT_EQ(ref_of("s2"), "failed failed nobody");
    const auto mended = send(job(), {person("s1", "ada") + "\n"});
    EXPECT_EQ(told(mended.end.checkpoint.counters), "1 created");
}

}  // namespace
}  // namespace godwit::migration
