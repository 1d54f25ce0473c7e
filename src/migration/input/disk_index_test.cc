#include "migration/input/disk_index.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace godwit::migration {
namespace {

TEST(DiskIndex, FindsAllPlacesOfAKeyInMemoryAndOnDisk) {
    constexpr std::uint64_t kKeys = 5000;
    for (const std::size_t memory : {std::size_t{1} << 20, std::size_t{4096}, std::size_t{1}}) {
        DiskIndex index("/tmp", memory);
        for (std::uint64_t i = 0; i < kKeys; ++i) {
            if (memory == 1 && i > 50) break;  // a file for each two entries
            ASSERT_TRUE(index.add("key" + std::to_string(i), {.begin = i, .length = 1, .file = 2, .kind = 3}));
            if (i % 10 == 0) {
                ASSERT_TRUE(index.add("tenth", {.begin = i, .length = 0, .file = 0, .kind = 0}));
            }
        }
        ASSERT_TRUE(index.finish());
        const std::uint64_t keys = memory == 1 ? 51 : kKeys;
        for (std::uint64_t i = 0; i < keys; ++i) {
            const auto places = index.find("key" + std::to_string(i));
            ASSERT_TRUE(places);
            ASSERT_EQ(places->size(), 1u) << i << " with " << memory;
            EXPECT_EQ(places->front(), (DiskIndex::Place{i, 1, 2, 3}));
        }
        const auto tenth = index.find("tenth");  // spans pages
        ASSERT_TRUE(tenth);
        EXPECT_EQ(tenth->size(), (keys + 9) / 10);
        EXPECT_TRUE(std::ranges::is_sorted(*tenth));
        EXPECT_TRUE(index.find("absent")->empty());
    }
    DiskIndex empty("/tmp");
    ASSERT_TRUE(empty.finish());
    EXPECT_TRUE(empty.find("x")->empty());
}

}  // namespace
}  // namespace godwit::migration
