#include "store/postgres/copy_thread.h"

#include <gmock/gmock.h>

#include <atomic>
#include <latch>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

namespace godwit::store::postgres {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;

CopyThread::Stream stream(std::string sql, std::size_t bytes = 1) { return {.sql = std::move(sql), .data = std::string(bytes, 'x')}; }

TEST(CopyThread, SendsOneAfterTheOther) {
    std::vector<std::string> sent;
    CopyThread thread([&](const CopyThread::Stream& s) {
        sent.push_back(s.sql);
        return true;
    });
    EXPECT_TRUE(thread.drained(std::nullopt)) << "nothing is on its way";
    for (const char* sql : {"a", "b", "c"}) EXPECT_TRUE(thread.add(stream(sql)));
    EXPECT_TRUE(thread.drained(std::nullopt));
    EXPECT_THAT(sent, ElementsAre("a", "b", "c"));
}

TEST(CopyThread, DropsWhatIsBehindOneThatFailed) {
    std::vector<std::string> sent;
    std::binary_semaphore go{0};
    CopyThread thread([&](const CopyThread::Stream& s) {
        go.acquire();
        sent.push_back(s.sql);
        return s.sql != "bad";
    });
    EXPECT_TRUE(thread.add(stream("bad")));
    EXPECT_TRUE(thread.add(stream("behind")));
    EXPECT_FALSE(thread.drained(milliseconds(1))) << "it is under way";
    go.release();
    EXPECT_TRUE(thread.drained(std::nullopt));
    EXPECT_TRUE(thread.add(stream("anew")));
    go.release();
    EXPECT_TRUE(thread.drained(std::nullopt));
    EXPECT_THAT(sent, ElementsAre("bad", "anew"));
}

TEST(CopyThread, TakesNoMoreThanSomeMiB) {
    std::counting_semaphore go{0};
    std::latch full(1);
    CopyThread thread([&](const CopyThread::Stream&) {
        go.acquire();
        return true;
    });
    std::atomic<int> added = 0;
    std::thread adding([&] {
        for (int i = 0; i < 8; ++i) {
            thread.add(stream("one MiB", 1 << 20));
            if (++added == 4) full.count_down();
        }
    });
    full.wait();
    EXPECT_FALSE(thread.has_room(milliseconds(1)));
    EXPECT_FALSE(thread.drained(milliseconds(20)));
    EXPECT_EQ(added, 4);
    go.release(8);
    adding.join();
    EXPECT_TRUE(thread.drained(std::nullopt));
    EXPECT_EQ(added, 8);
    EXPECT_TRUE(thread.has_room(milliseconds(0)));
}

TEST(CopyThread, EndsWhenTheOneUnderWayIsSent) {
    int sent = 0;
    std::latch begun(1), go(1);
    std::jthread releasing;
    {
        CopyThread thread([&](const CopyThread::Stream&) {
            begun.count_down();
            go.wait();
            ++sent;
            return true;
        });
        EXPECT_TRUE(thread.add(stream("a")));
        begun.wait();
        releasing = std::jthread([&] { go.count_down(); });
    }
    EXPECT_EQ(sent, 1);
}

}  // namespace
}  // namespace godwit::store::postgres
