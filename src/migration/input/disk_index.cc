#include "migration/input/disk_index.h"

#include <unistd.h>

#include <algorithm>
#include <queue>
#include <span>

namespace godwit::migration {
namespace {

/// FNV-1a, then mixed (the last steps of splitmix64): ids that count up must not lie in one corner.
std::uint64_t hash_of(std::string_view key) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9;
    hash = (hash ^ hash >> 27) * 0x94d049bb133111eb;
    return hash ^ hash >> 31;
}

template <class T>
Result<std::size_t> read_at(int fd, std::uint64_t index, std::span<T> out) {
    auto* const bytes = reinterpret_cast<char*>(out.data());
    std::size_t have = 0;
    while (have < out.size_bytes()) {
        const ssize_t got = ::pread(fd, bytes + have, out.size_bytes() - have, static_cast<off_t>(index * sizeof(T) + have));
        if (got < 0) return fail(Code::unavailable, "MIGRATE-Ix1", "the scratch file of a join could not be read");
        if (got == 0) break;
        have += static_cast<std::size_t>(got);
    }
    return have / sizeof(T);
}

}  // namespace

/// One sorted file, read from its start.
class DiskIndex::Run {
public:
    explicit Run(const Spool& file) : fd_(file.fd()) {}
    /// False at the end.
    Result<bool> advance() {
        if (at_ == have_) {
            buffer_.resize(4096);
            have_ = TRY(read_at(fd_, next_, std::span(buffer_)));
            next_ += have_;
            at_ = 0;
            if (have_ == 0) return false;
        }
        current_ = buffer_[at_++];
        return true;
    }
    const Entry& current() const { return current_; }

private:
    int fd_;
    std::vector<Entry> buffer_;
    std::size_t at_ = 0, have_ = 0;
    std::uint64_t next_ = 0;
    Entry current_;
};

DiskIndex::DiskIndex(std::string scratch, std::size_t memory_bytes)
    : scratch_(std::move(scratch)), room_(std::max<std::size_t>(memory_bytes / sizeof(Entry), 2)) {}

Result<void> DiskIndex::add(std::string_view key, Place place) {
    if (entries_.size() == room_) TRY(write_run());
    entries_.push_back({hash_of(key), place});
    ++size_;
    return {};
}

Result<void> DiskIndex::write_run() {
    std::ranges::sort(entries_);
    runs_.push_back(TRY(Spool::create(scratch_)));
    TRY(runs_.back().append({reinterpret_cast<const char*>(entries_.data()), entries_.size() * sizeof(Entry)}));
    entries_.clear();
    return {};
}

Result<void> DiskIndex::finish() {
    if (runs_.empty()) {
        std::ranges::sort(entries_);
        return {};
    }
    TRY(write_run());
    TRY(merge());
    entries_.clear();
    entries_.shrink_to_fit();
    return {};
}

Result<void> DiskIndex::merge() {
    std::vector<Run> runs(runs_.begin(), runs_.end());
    const auto later = [&runs](std::size_t a, std::size_t b) { return runs[b].current() < runs[a].current(); };
    std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(later)> next(later);
    for (std::size_t i = 0; i < runs.size(); ++i)
        if (TRY(runs[i].advance())) next.push(i);
    Spool sorted = TRY(Spool::create(scratch_));
    std::vector<Entry> page;
    const auto flush = [&]() -> Result<void> {
        if (page.empty()) return {};
        first_.push_back(page.front().hash);
        TRY(sorted.append({reinterpret_cast<const char*>(page.data()), page.size() * sizeof(Entry)}));
        page.clear();
        return {};
    };
    while (!next.empty()) {
        const std::size_t i = next.top();
        next.pop();
        page.push_back(runs[i].current());
        if (page.size() == kPage) TRY(flush());
        if (TRY(runs[i].advance())) next.push(i);
    }
    TRY(flush());
    runs_.clear();
    runs_.push_back(std::move(sorted));
    return {};
}

Result<void> DiskIndex::load(std::uint64_t page) {
    if (page == page_) return {};
    entries_.resize(kPage);
    entries_.resize(TRY(read_at(runs_.front().fd(), page * kPage, std::span(entries_))));
    page_ = page;
    return {};
}

Result<std::vector<DiskIndex::Place>> DiskIndex::find(std::string_view key) {
    const std::uint64_t hash = hash_of(key);
    std::vector<Place> out;
    // The page before the first that begins with the hash or more may end with it.
    std::uint64_t page = static_cast<std::uint64_t>(std::ranges::lower_bound(first_, hash) - first_.begin());
    if (page > 0) --page;
    const std::uint64_t pages = runs_.empty() ? 1 : first_.size();
    for (; page < pages && (runs_.empty() || first_[page] <= hash); ++page) {
        if (!runs_.empty()) TRY(load(page));
        const auto found = std::ranges::equal_range(entries_, hash, {}, &Entry::hash);
        for (const Entry& entry : found) out.push_back(entry.place);
    }
    return out;
}

}  // namespace godwit::migration
