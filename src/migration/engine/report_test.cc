#include "migration/engine/report.h"

#include <gmock/gmock.h>

#include "migration/engine/run_test_fixture.h"

namespace godwit::migration {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ReportTest : public MigrationTest {
protected:
    std::vector<std::string> lines(std::uint32_t limit, bool failed_only = false) {
        std::vector<std::string> out;
        std::uint64_t after = 0;
        do {
            const auto page = read_report(store(), sealers_, scope(), last_job_, after, limit, failed_only);
            EXPECT_TRUE(page) << page.error().message;
            if (!page) break;
            EXPECT_LE(page->records.size(), limit);
            for (const auto& record : page->records) out.push_back(report_line(record));
            after = page->next;
        } while (after != 0);
        return out;
    }
};
GODWIT_ON_BOTH_ENGINES(ReportTest);

TEST_P(ReportTest, EveryRecordHasItsLineInOrderWhateverThePage) {
    take({person("s1", "ada", R"("userId":"u1")"), "{", person("s3", "ada", R"("userId":"u3")"),
          person("s4", "bob", R"("userId":"u4","phone":{"number":"1"})"), person("s5", "cy", R"("userId":"u5")")});
    const std::vector<std::string> want{
        R"({"record":1,"sourceId":"s1","userId":"u1","outcome":"created","codes":[],"lost":[]})"
        "\n",
        R"({"record":2,"sourceId":"","userId":"","outcome":"failed","codes":["record.bad_json"],"lost":[],"messages":["invalid JSON"]})"
        "\n",
        R"({"record":3,"sourceId":"s3","userId":"","outcome":"failed","codes":["match.two_sources"],"lost":[]})"
        "\n",
        R"({"record":4,"sourceId":"s4","userId":"u4","outcome":"partial","codes":["phone.bad"],"lost":["phone"],"messages":["a phone number begins with + and its country's code"]})"
        "\n",
        R"({"record":5,"sourceId":"s5","userId":"u5","outcome":"created","codes":[],"lost":[]})"
        "\n"};
    auto told_lines = lines(100);
    ASSERT_EQ(told_lines.size(), want.size());
    for (std::size_t i = 0; i < want.size(); ++i) {
        if (i == 1) continue;  // what the JSON reader says is its own affair
        EXPECT_EQ(told_lines[i], want[i]);
    }
    EXPECT_THAT(told_lines[1], HasSubstr(R"("outcome":"failed","codes":["record.bad_json"])"));
    for (const std::uint32_t limit : {1U, 2U, 3U, 5U}) EXPECT_EQ(lines(limit), told_lines) << limit;
    EXPECT_EQ(lines(2, true), (std::vector<std::string>{told_lines[1], told_lines[2]}));
}

TEST_P(ReportTest, AnotherRunOfTheFileHasItsOwnReport) {
    take({person("s1", "ada", R"("userId":"u1")")});
    const auto first = lines(10);
    const JobRow before = last_job_;
    take({person("s1", "ada", R"("userId":"u1")"), person("s2", "bob", R"("userId":"u2")")});
    EXPECT_THAT(lines(10), ::testing::ElementsAre(HasSubstr(R"("userId":"u1","outcome":"skipped","codes":["record.unchanged"])"),
                                                  HasSubstr(R"("userId":"u2","outcome":"created")")));
    last_job_ = before;
    EXPECT_EQ(lines(10), first);
}

TEST(ReportPageTest, IsOnePageThatRunsNothing) {
    v1::Job job;
    job.set_id("7");
    job.set_state(v1::JOB_STATE_PAUSED);
    job.set_source("<script>alert(1)</script>");
    job.mutable_counters()->set_records(1'234'567);
    job.mutable_counters()->set_created(1'234'566);
    (*job.mutable_counters()->mutable_codes())["record.bad_json"] = 1;
    (*job.mutable_counters()->mutable_codes())["<b>"] = 1;
    const std::string page = report_page(job);
    EXPECT_THAT(page, HasSubstr("1,234,566"));
    EXPECT_THAT(page, HasSubstr("<svg"));
    EXPECT_THAT(page, HasSubstr("Mend it and send it again."));
    EXPECT_THAT(page, Not(HasSubstr("<script")));
    EXPECT_THAT(page, Not(HasSubstr("<b>")));
    EXPECT_THAT(page, Not(HasSubstr("://")));
    EXPECT_THAT(page, HasSubstr("default-src 'none'"));
    EXPECT_THAT(page, HasSubstr("<th>state</th><td class=\"said\">paused</td>"));
}

}  // namespace
}  // namespace godwit::migration
