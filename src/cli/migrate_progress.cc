#include "cli/migrate_progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace godwit::cli {
namespace {

constexpr std::chrono::milliseconds kForPeople{100};
constexpr std::chrono::seconds kForLogs{5};
constexpr std::size_t kBar = 24, kLeastBar = 5;

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

/// Whether a line can be written over.
bool is_screen() {
    const char* const terminal = std::getenv("TERM");
    return ::isatty(STDERR_FILENO) != 0 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

/// Of the terminal as it is now: people make windows smaller.
std::size_t columns() {
    winsize size{};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/// A line that is longer than the terminal is wide would stay, each time.
std::string fitted(double share, const std::string& text) {
    const std::size_t room = columns() - 1;
    if (text.size() + kLeastBar + 3 > room) return text.substr(0, room);
    const std::size_t bar = std::min(kBar, room - text.size() - 3);
    const auto filled = static_cast<std::size_t>(share * static_cast<double>(bar));
    return "[" + std::string(filled, '#') + std::string(bar - filled, ' ') + "] " + text;
}

}  // namespace

MigrateProgress::MigrateProgress(std::uint64_t total_bytes, std::uint64_t before)
    : total_bytes_(total_bytes), before_(before), person_(is_screen()) {}

MigrateProgress::~MigrateProgress() {
    if (!unsaid_.empty()) say(unsaid_);
    if (shown_ && person_) std::fprintf(stderr, "\n");
}

std::string MigrateProgress::line(const migration::v1::Counters& counters, std::uint64_t source_bytes) const {
    const std::chrono::duration<double> spent = Clock::now() - begun_;
    const double seconds = std::max(spent.count(), 0.001);
    const double share = total_bytes_ > 0 ? std::min(1.0, static_cast<double>(source_bytes) / static_cast<double>(total_bytes_)) : 0;
    const auto done = counters.records() - std::min(counters.records(), before_);
    std::string out = std::to_string(static_cast<int>(share * 100)) + " %, " + std::to_string(counters.records()) + " records, " +
                      std::to_string(counters.failed()) + " failed, " +
                      std::to_string(static_cast<std::uint64_t>(static_cast<double>(done) / seconds)) + "/s";
    // An earlier run's part of the source took this one no time.
    const double own = counters.records() > 0 ? share * static_cast<double>(done) / static_cast<double>(counters.records()) : 0;
    if (own > 0.005 && share < 1) out += ", " + duration_of(seconds / own * (1 - share)) + " left";
    return person_ ? fitted(share, out) : out;
}

void MigrateProgress::say(const std::string& line) {
    std::fprintf(stderr, person_ ? "\r\033[K%s" : "%s\n", line.c_str());
    std::fflush(stderr);
    said_ = Clock::now();
    shown_ = true;
    unsaid_.clear();
}

void MigrateProgress::show(const migration::v1::Counters& counters, std::uint64_t source_bytes) {
    reached_ = std::max(reached_, source_bytes);  // records that were put off come after those behind them
    unsaid_ = line(counters, reached_);
    if (!shown_ || Clock::now() - said_ >= (person_ ? Clock::duration(kForPeople) : Clock::duration(kForLogs))) say(unsaid_);
}

void MigrateProgress::show_indexes(std::size_t built, std::size_t of) {
    unsaid_ = "building indexes: " + std::to_string(built) + " of " + std::to_string(of);
    if (person_) unsaid_ = unsaid_.substr(0, columns() - 1);
    if (person_ || built == 1 || built == of || Clock::now() - said_ >= kForLogs) say(unsaid_);
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
