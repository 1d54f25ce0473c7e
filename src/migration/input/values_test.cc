#include "migration/input/values.h"

#include <gtest/gtest.h>

namespace godwit::migration {
namespace {

TEST(Values, ReadTimesInEveryForm) {
    const std::vector<std::pair<std::string_view, std::string_view>> rows{
        {"2023-04-05T06:07:08Z", "2023-04-05T06:07:08Z"},
        {"2023-04-05T06:07:08.250+02:00", "2023-04-05T04:07:08.25Z"},
        {"2023-04-05 06:07:08", "2023-04-05T06:07:08Z"},
        {"2024-01-15 10:30:00.000000+00", "2024-01-15T10:30:00Z"},
        {"2024-01-15 10:30:00-0530", "2024-01-15T16:00:00Z"},
        {"2024-01-15T10:30:00", "2024-01-15T10:30:00Z"},
        {"2024-01-15", "2024-01-15T00:00:00Z"},
        {"1680674828", "2023-04-05T06:07:08Z"},
        {"1680674828123", "2023-04-05T06:07:08.123Z"},
        {" 1680674828 ", "2023-04-05T06:07:08Z"},
        {"0", "1970-01-01T00:00:00Z"},
    };
    for (const auto& [text, due] : rows) {
        const auto time = read_time(text);
        ASSERT_TRUE(time) << text;
        EXPECT_EQ(to_rfc3339(*time), due) << text;
    }
    for (const std::string_view bad :
         {"", "yesterday", "3/4/2023", "2023-13-05", "2023-04-05T06:07", "99999999999999999999", "9999999999999999", "1.68E+12"})
        EXPECT_FALSE(read_time(bad)) << bad;
}

TEST(Values, NoteWhatCannotBeRead) {
    v1::UserRecord record;
    set_created_at(record, "yesterday", "created");
    set_language(record, "not a tag", "locale");
    set_language(record, "de_ch", "locale");
    EXPECT_EQ(record.profile().preferred_language(), "de-CH");
    EXPECT_FALSE(record.has_created_at());
    EXPECT_EQ(record.origin().lost_size(), 2);
    EXPECT_EQ(record.origin().codes(0), "created_at.unreadable");
    EXPECT_EQ(record.origin().codes(1), "locale.unreadable");
}

}  // namespace
}  // namespace godwit::migration
