// Memory for request bodies that are kept whole, divided so that no sender can take it from all the others.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string_view>

namespace godwit::http {

/// So many bytes for all, and so many for one client. Callable from any thread.
class BodyBudget {
public:
    enum class Outcome { taken, client_full, full };

    BodyBudget(std::uint64_t bytes, std::uint64_t bytes_per_client) : bytes_(bytes), bytes_per_client_(bytes_per_client) {}

    /// What one body takes; its end gives everything back. The budget outlives it.
    class Hold {
    public:
        /// `client_address` is Request::client_address. All of an IPv6 /64 network is one client: whoever has one of its addresses
        /// usually has them all.
        Hold(BodyBudget& of, std::string_view client_address);
        ~Hold();
        Hold(const Hold&) = delete;
        Hold& operator=(const Hold&) = delete;

        /// Takes nothing unless all of it can be had.
        Outcome add(std::uint64_t bytes);

    private:
        BodyBudget& budget_;
        const std::array<std::uint8_t, 16> client_;
        std::uint64_t bytes_ = 0;
    };

    /// What all holds took together.
    std::uint64_t held() const;

private:
    const std::uint64_t bytes_;
    const std::uint64_t bytes_per_client_;
    mutable std::mutex mutex_;
    std::uint64_t held_ = 0;
    std::map<std::array<std::uint8_t, 16>, std::uint64_t> clients_;  ///< only those that hold something
};

}  // namespace godwit::http
