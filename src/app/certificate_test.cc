#include "app/certificate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "base/encoding.h"
#include "base/log.h"

namespace godwit::app {
namespace {

using Outcome = CertificateWatch::Outcome;
using Files = Result<std::optional<http::TlsFiles>>;

Files pair(std::string certificate, std::string key) {
    return std::optional(http::TlsFiles{.certificate_pem = std::move(certificate), .key_pem = std::move(key)});
}

/// Files that a test writes, and a server that takes a pair when certificate and key are of one name.
class CertificateWatchTest : public testing::Test {
protected:
    CertificateWatchTest() {
        log::set_sink([this](log::Level level, std::string_view line) {
            if (level == log::Level::error) errors_.emplace_back(line);
        });
    }
    ~CertificateWatchTest() override { log::set_sink({}); }

    Files there_ = pair("a", "a");
    std::string used_ = "a";
    std::vector<std::string> errors_;
    CertificateWatch watch_{[this] { return there_; },
                            [this](const http::TlsFiles& files) -> Result<> {
                                if (files.certificate_pem != files.key_pem) return fail(Code::failed_precondition, "", "no pair");
                                used_ = files.certificate_pem;
                                return {};
                            },
                            http::TlsFiles{.certificate_pem = "a", .key_pem = "a"}};
};

TEST_F(CertificateWatchTest, TakesANewPairOnceItHasSettled) {
    EXPECT_EQ(watch_.look(), Outcome::unchanged);
    there_ = pair("b", "a");  // the key is not written yet
    EXPECT_EQ(watch_.look(), Outcome::settling);
    there_ = pair("b", "b");
    EXPECT_EQ(watch_.look(), Outcome::settling);
    EXPECT_EQ(used_, "a");
    EXPECT_EQ(watch_.look(), Outcome::exchanged);
    EXPECT_EQ(used_, "b");
    EXPECT_EQ(watch_.look(), Outcome::unchanged);
    EXPECT_TRUE(errors_.empty());
}

TEST_F(CertificateWatchTest, KeepsTheOldOneAndSaysOnceWhy) {
    for (const Files& bad : {pair("b", "x"), Files(fail(Code::failed_precondition, "", "cannot read cert.pem"))}) {
        errors_.clear();
        there_ = bad;
        watch_.look();
        EXPECT_EQ(watch_.look(), Outcome::refused);
        EXPECT_EQ(watch_.look(), Outcome::unchanged) << "until it changes";
        EXPECT_EQ(used_, "a");
        ASSERT_EQ(errors_.size(), 1u);
        EXPECT_NE(errors_[0].find("the old one stays in use"), std::string::npos) << errors_[0];
        EXPECT_NE(errors_[0].find(bad ? "no pair" : "cannot read cert.pem"), std::string::npos) << errors_[0];
    }
    there_ = pair("c", "c");
    watch_.look();
    EXPECT_EQ(watch_.look(), Outcome::exchanged);
    EXPECT_EQ(used_, "c");
}

TEST_F(CertificateWatchTest, ReloadWaitsForNothing) {
    there_ = pair("b", "b");
    EXPECT_EQ(watch_.reload(), Outcome::exchanged);
    EXPECT_EQ(used_, "b");
    there_ = pair("x", "y");
    EXPECT_EQ(watch_.reload(), Outcome::refused);
    EXPECT_EQ(watch_.look(), Outcome::unchanged);
}

TEST(CertificateWatch, LooksByItselfAndEnds) {
    std::promise<void> used;
    std::atomic<bool> changed = false;
    CertificateWatch watch([&] { return changed ? pair("b", "b") : pair("a", "a"); },
                           [&](const http::TlsFiles&) -> Result<> { return used.set_value(), Result<>(); }, *pair("a", "a"));
    watch.start(std::chrono::milliseconds(1));
    changed = true;
    used.get_future().wait();
}

TEST(ReadTlsFiles, TakesPathsAndValues) {
    config::Tls tls;
    tls.enabled = false;
    EXPECT_FALSE(read_tls_files(tls).value());
    tls.enabled = true;
    EXPECT_EQ(read_tls_files(tls).error().id, "APP-Tls02");
    tls.cert = base64_encode("certificate");
    tls.key = Secret(base64_encode("key"));
    EXPECT_EQ(read_tls_files(tls).value()->certificate_pem, "certificate");
    tls.cert_path = "/nowhere/cert.pem";
    EXPECT_EQ(read_tls_files(tls).error().message, "cannot read /nowhere/cert.pem: No such file or directory");
}

}  // namespace
}  // namespace godwit::app
