#include "transport/http/budget.h"

#include <algorithm>

#include "transport/http/authority.h"

namespace godwit::http {
namespace {

std::array<std::uint8_t, 16> client_key(std::string_view address) { return parse_ip(address).value_or(IpAddress{}).network(); }

}  // namespace

Budget::Hold::Hold(Budget& of, std::string_view client_address, bool for_many)
    : budget_(of), for_many_(for_many), client_(client_key(client_address)) {}

Budget::Hold::~Hold() { give(amount_); }

void Budget::Hold::give(std::uint64_t amount) {
    if (amount == 0) return;
    const std::scoped_lock lock(budget_.mutex_);
    amount_ -= amount;
    budget_.held_ -= amount;
    if (for_many_) return;
    const auto client = budget_.clients_.find(client_);
    client->second -= amount;
    if (client->second == 0) budget_.clients_.erase(client);
}

Budget::Outcome Budget::Hold::add(std::uint64_t amount) {
    if (amount == 0) return Outcome::taken;
    const std::scoped_lock lock(budget_.mutex_);
    if (amount > budget_.amount_ - budget_.held_) return Outcome::full;
    if (!for_many_) {
        const auto client = budget_.clients_.find(client_);
        const std::uint64_t before = client == budget_.clients_.end() ? 0 : client->second;
        if (amount > budget_.amount_per_client_ - before) return Outcome::client_full;
        budget_.clients_[client_] = before + amount;
    }
    budget_.held_ += amount;
    amount_ += amount;
    return Outcome::taken;
}

std::uint64_t Budget::held() const {
    const std::scoped_lock lock(mutex_);
    return held_;
}

}  // namespace godwit::http
