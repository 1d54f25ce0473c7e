#include "cli/migrate_progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace godwit::cli {
namespace {

constexpr std::chrono::milliseconds kForPeople{100};
constexpr std::chrono::seconds kForLogs{5};
constexpr int kBar = 24;

std::string duration_of(double seconds) {
    const auto whole = static_cast<long long>(seconds);
    char text[40];
    if (whole >= 3600) {
        std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
    } else {
        std::snprintf(text, sizeof text, "%lld:%02lld", whole / 60, whole % 60);
    }
    return text;
}

}  // namespace

MigrateProgress::MigrateProgress(std::uint64_t total_bytes, std::uint64_t before)
    : total_bytes_(total_bytes), before_(before), person_(::isatty(STDERR_FILENO) != 0) {}

MigrateProgress::~MigrateProgress() {
    if (shown_ && person_) std::fprintf(stderr, "\n");
}

std::string MigrateProgress::line(const migration::v1::Counters& counters, std::uint64_t source_bytes) const {
    const std::chrono::duration<double> spent = Clock::now() - begun_;
    const double seconds = std::max(spent.count(), 0.001);
    const double share = total_bytes_ > 0 ? std::min(1.0, static_cast<double>(source_bytes) / static_cast<double>(total_bytes_)) : 0;
    const auto done = counters.records() - std::min(counters.records(), before_);
    std::string out;
    if (person_) {
        const int filled = static_cast<int>(share * kBar);
        out = "[" + std::string(static_cast<std::size_t>(filled), '#') + std::string(static_cast<std::size_t>(kBar - filled), ' ') + "] ";
    }
    out += std::to_string(static_cast<int>(share * 100)) + " %, " + std::to_string(counters.records()) + " records, " +
           std::to_string(static_cast<std::uint64_t>(static_cast<double>(done) / seconds)) + "/s";
    if (share > 0.005 && share < 1) out += ", " + duration_of(seconds / share * (1 - share)) + " left";
    out += ", " + std::to_string(counters.failed()) + " failed";
    return out;
}

void MigrateProgress::show(const migration::v1::Counters& counters, std::uint64_t source_bytes) {
    const auto now = Clock::now();
    if (shown_ && now - said_ < (person_ ? Clock::duration(kForPeople) : Clock::duration(kForLogs))) return;
    said_ = now;
    shown_ = true;
    reached_ = std::max(reached_, source_bytes);  // records that were put off come after those behind them
    std::fprintf(stderr, person_ ? "\r\033[K%s" : "%s\n", line(counters, reached_).c_str());
    std::fflush(stderr);
}

void MigrateProgress::show_indexes(std::size_t built, std::size_t of) {
    shown_ = true;
    std::fprintf(stderr, person_ ? "\r\033[Kbuilding indexes: %zu of %zu" : "building indexes: %zu of %zu\n", built, of);
    std::fflush(stderr);
}

std::string summary_of(const migration::v1::Counters& c) {
    std::string out = std::to_string(c.records()) + (c.records() == 1 ? " record" : " records");
    const char* before = ": ";
    const auto add = [&](std::uint64_t n, const char* what) {
        if (n == 0) return;
        out += before + std::to_string(n) + " " + what;
        before = ", ";
    };
    add(c.created(), "created");
    add(c.updated(), "updated");
    add(c.skipped(), "skipped");
    add(c.partial(), "partial");
    add(c.failed(), "failed");
    return out;
}

}  // namespace godwit::cli
