// An amount that clients share (memory for request bodies, connections), divided so that none can take it from all the others.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string_view>

namespace godwit::http {

/// So much for all, and so much for one client; in bytes, connections or whatever its owner counts. Callable from any thread.
class Budget {
public:
    enum class Outcome { taken, client_full, full };

    Budget(std::uint64_t amount, std::uint64_t amount_per_client) : amount_(amount), amount_per_client_(amount_per_client) {}

    /// What one body or connection takes; its end gives everything back. The budget outlives it. One thread at a time.
    class Hold {
    public:
        /// `client_address` is an IP address (Request::client_address). All of an IPv6 /64 network is one client: whoever has one of
        /// its addresses usually has them all.
        /// `for_many`: a trusted proxy's, who speaks for many clients; only the amount for all counts then.
        Hold(Budget& of, std::string_view client_address, bool for_many = false);
        ~Hold();
        Hold(const Hold&) = delete;
        Hold& operator=(const Hold&) = delete;

        /// Takes nothing unless all of it can be had.
        Outcome add(std::uint64_t amount);
        /// Gives back; at most what it holds.
        void give(std::uint64_t amount);
        std::uint64_t amount() const { return amount_; }

    private:
        Budget& budget_;
        const bool for_many_;
        const std::array<std::uint8_t, 16> client_;
        std::uint64_t amount_ = 0;
    };

    /// What all holds took together.
    std::uint64_t held() const;

private:
    const std::uint64_t amount_;
    const std::uint64_t amount_per_client_;
    mutable std::mutex mutex_;
    std::uint64_t held_ = 0;
    std::map<std::array<std::uint8_t, 16>, std::uint64_t> clients_;  ///< only those that hold something
};

}  // namespace godwit::http
