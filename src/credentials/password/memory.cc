#include "credentials/password/memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <utility>

#include "base/work_limit.h"

namespace godwit::password {
namespace {

constexpr std::uint64_t kHugePage = 2 * 1024 * 1024;

std::uint64_t rounded(std::uint64_t bytes) { return (bytes + kHugePage - 1) / kHugePage * kHugePage; }

// mmap aligns to 4 KiB only; map one huge page more and give the ends back.
std::byte* map_aligned(std::size_t size) {
    void* raw = mmap(nullptr, size + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (raw == MAP_FAILED) return nullptr;
    auto* const start = static_cast<std::byte*>(raw);
    const std::size_t head = (kHugePage - reinterpret_cast<std::uintptr_t>(start) % kHugePage) % kHugePage;
    if (head != 0) munmap(start, head);
    if (kHugePage - head != 0) munmap(start + head + size, kHugePage - head);
    madvise(start + head, size, MADV_HUGEPAGE);  // a wish: without transparent huge pages it is only slower
    return start + head;
}

}  // namespace

HashMemory::HashMemory(std::uint64_t budget_bytes) : budget_(rounded(budget_bytes)) {}

HashMemory::~HashMemory() {
    for (const Block& block : idle_) munmap(block.address, block.size);
}

Result<HashMemory::Lease> HashMemory::reserve(std::uint64_t bytes, Deadline deadline) {
    if (bytes > budget_) {
        return fail(Code::resource_exhausted, "PASSWORD-Mem0B", "This password hash needs more memory than all hashing may use");
    }
    // A hash that has begun cannot be broken off: its libraries do not ask anybody.
    TRY(work_wanted());
    const std::uint64_t size = rounded(bytes);
    if (size == 0) return Lease();
    deadline = within_work_limit(deadline);
    std::unique_lock lock(mutex_);
    if (waiting_.empty() && size <= budget_ - reserved_) {
        reserved_ += size;
        return Lease(*this, size);
    }
    Waiter self{.bytes = size, .granted = false, .ready = {}};
    const auto place = waiting_.insert(waiting_.end(), &self);
    if (!self.ready.wait_until(lock, deadline, [&] { return self.granted; })) {
        waiting_.erase(place);
        grant_waiting();  // whoever stood behind us may fit
        TRY(work_wanted());
        return fail(Code::resource_exhausted, "PASSWORD-Mem0W", "Too many passwords are being checked at once; try again");
    }
    return Lease(*this, size);
}

void HashMemory::grant_waiting() {
    while (!waiting_.empty() && waiting_.front()->bytes <= budget_ - reserved_) {
        Waiter& next = *waiting_.front();
        waiting_.pop_front();
        reserved_ += next.bytes;
        next.granted = true;
        next.ready.notify_one();
    }
}

HashMemory::Block HashMemory::take(std::size_t size) {
    const std::lock_guard lock(mutex_);
    // Exact sizes only: almost all hashes have the configured cost, and a larger block would break "mapped <= budget".
    const auto same = std::ranges::find(idle_, size, &Block::size);
    if (same != idle_.end()) {
        const Block block = *same;
        idle_.erase(same);
        return block;
    }
    while (!idle_.empty() && mapped_ + size > budget_) {
        munmap(idle_.front().address, idle_.front().size);
        mapped_ -= idle_.front().size;
        idle_.erase(idle_.begin());
    }
    std::byte* const address = map_aligned(size);
    if (address == nullptr) return {};
    mapped_ += size;
    return {address, size};
}

void HashMemory::put_back(std::uint64_t reserved, Block block) noexcept {
    const std::lock_guard lock(mutex_);
    if (block.address != nullptr) idle_.push_back(block);
    reserved_ -= reserved;
    grant_waiting();
}

HashMemory::Usage HashMemory::usage() const {
    const std::lock_guard lock(mutex_);
    return {budget_, reserved_, mapped_, waiting_.size()};
}

HashMemory::Lease::Lease(Lease&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)), size_(std::exchange(other.size_, 0)), block_(std::exchange(other.block_, {})) {}

HashMemory::Lease& HashMemory::Lease::operator=(Lease&& other) noexcept {
    if (this != &other) {
        release();
        owner_ = std::exchange(other.owner_, nullptr);
        size_ = std::exchange(other.size_, 0);
        block_ = std::exchange(other.block_, {});
    }
    return *this;
}

HashMemory::Lease::~Lease() { release(); }

void HashMemory::Lease::release() noexcept {
    if (owner_ != nullptr) owner_->put_back(size_, block_);
    owner_ = nullptr;
}

std::span<std::byte> HashMemory::Lease::bytes() {
    if (owner_ != nullptr && block_.address == nullptr) block_ = owner_->take(size_);
    return {block_.address, block_.size};
}

}  // namespace godwit::password
