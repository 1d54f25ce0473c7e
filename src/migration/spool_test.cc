#include "migration/spool.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <deque>
#include <filesystem>

#include "transport/http/message.h"

namespace godwit::migration {
namespace {

/// Hands out the pieces, then the end, or the error.
class Pieces final : public http::BodyStream {
public:
    explicit Pieces(std::deque<std::string> pieces, std::optional<Error> error = {})
        : pieces_(std::move(pieces)), error_(std::move(error)) {}
    Result<std::string> read() override {
        if (pieces_.empty()) return error_ ? Result<std::string>(fail(*error_)) : Result<std::string>("");
        std::string piece = std::move(pieces_.front());
        pieces_.pop_front();
        return piece;
    }

private:
    std::deque<std::string> pieces_;
    std::optional<Error> error_;
};

class SpoolTest : public ::testing::Test {
protected:
    SpoolTest() {
        char name[] = "/tmp/godwit-spool-XXXXXX";
        directory_ = ::mkdtemp(name);
    }
    ~SpoolTest() override { std::filesystem::remove_all(directory_); }
    std::string directory_;
};

TEST_F(SpoolTest, KeepsTheBytesInAFileNobodyElseSees) {
    Pieces body({"{\"a\"", ":1", "}"});
    const auto spool = spool_body(body, directory_ + "/spool", 100);
    ASSERT_TRUE(spool) << spool.error().message;
    EXPECT_EQ(spool->size(), 7U);
    std::string bytes(7, '\0');
    EXPECT_EQ(::pread(spool->fd(), bytes.data(), 7, 0), 7);
    EXPECT_EQ(bytes, "{\"a\":1}");
    struct stat status{};
    ASSERT_EQ(::fstat(spool->fd(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
    EXPECT_EQ(status.st_nlink, 0U);
    EXPECT_TRUE(std::filesystem::is_empty(directory_ + "/spool"));
}

TEST_F(SpoolTest, TakesExactlyTheLimit) {
    Pieces fits({"12345", "67890"}), too_long({"12345", "67890", "1"});
    EXPECT_TRUE(spool_body(fits, directory_, 10));
    const auto refused = spool_body(too_long, directory_, 10);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::resource_exhausted);
    EXPECT_NE(refused.error().message.find("10 bytes"), std::string::npos);
}

TEST_F(SpoolTest, HandsOnWhatEndedTheBodyEarly) {
    Pieces body({"{\"a\""}, Error{Code::cancelled, "", "the client left"});
    EXPECT_EQ(spool_body(body, directory_, 100).error().code, Code::cancelled);
}

TEST_F(SpoolTest, SaysWhereItCannotWrite) {
    Pieces body({"{}"});
    const auto refused = spool_body(body, directory_ + "/missing/spool", 100);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::unavailable);
    EXPECT_NE(refused.error().message.find("/missing/spool"), std::string::npos);
}

}  // namespace
}  // namespace godwit::migration
