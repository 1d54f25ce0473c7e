// The memory of password hashing: one budget for the whole process, reserved before a hash starts, and big blocks that are reused.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <span>
#include <vector>

#include "base/result.h"

namespace godwit::password {

using Deadline = std::chrono::steady_clock::time_point;

/// Any thread. Reservations are served in the order they were asked for, so that a large one is not starved by small ones.
/// Outlives its leases.
class HashMemory {
public:
    /// Enough for one hash at the default limits (1 GiB) and its small buffers.
    static constexpr std::uint64_t kDefaultBudgetBytes = (std::uint64_t{1} << 30) + (std::uint64_t{64} << 20);

    explicit HashMemory(std::uint64_t budget_bytes = kDefaultBudgetBytes);
    ~HashMemory();
    HashMemory(const HashMemory&) = delete;
    HashMemory& operator=(const HashMemory&) = delete;

private:
    struct Block {
        std::byte* address = nullptr;
        std::size_t size = 0;
    };

public:
    /// A right to `bytes` of the budget until it goes out of scope.
    class Lease {
    public:
        Lease() = default;
        Lease(Lease&& other) noexcept;
        Lease& operator=(Lease&& other) noexcept;
        ~Lease();

        std::uint64_t size() const { return size_; }
        /// The reserved bytes themselves, 2 MiB aligned and on huge pages where the system gives them; mapped at the first call.
        /// Not zeroed. Empty when the system has no memory left.
        std::span<std::byte> bytes();

    private:
        friend class HashMemory;
        Lease(HashMemory& owner, std::uint64_t size) : owner_(&owner), size_(size) {}
        void release() noexcept;
        HashMemory* owner_ = nullptr;
        std::uint64_t size_ = 0;
        Block block_;
    };

    /// Waits its turn until the deadline. resource_exhausted when it passes, or at once when `bytes` exceeds the whole budget;
    /// deadline_exceeded or cancelled when the hash is not wanted any more (base/work_limit.h).
    Result<Lease> reserve(std::uint64_t bytes, Deadline deadline);

    struct Usage {
        std::uint64_t budget_bytes = 0;
        std::uint64_t reserved_bytes = 0;
        std::uint64_t mapped_bytes = 0;  ///< in use or kept for reuse; never over the budget
        std::size_t waiting = 0;
    };
    Usage usage() const;

private:
    struct Waiter {
        std::uint64_t bytes;
        bool granted = false;
        std::condition_variable ready;
    };

    void grant_waiting();  // with mutex_ held
    Block take(std::size_t size);
    void put_back(std::uint64_t reserved, Block block) noexcept;

    const std::uint64_t budget_;
    mutable std::mutex mutex_;
    std::list<Waiter*> waiting_;
    std::uint64_t reserved_ = 0;
    std::uint64_t mapped_ = 0;
    std::vector<Block> idle_;
};

}  // namespace godwit::password
