#include "transport/http/body_budget.h"

#include <algorithm>

#include "transport/http/authority.h"

namespace godwit::http {
namespace {

std::array<std::uint8_t, 16> client_key(std::string_view address) {
    IpAddress client = parse_ip(address).value_or(IpAddress{});
    if (!client.v4) std::fill(client.bytes.begin() + 8, client.bytes.end(), 0);
    return client.bytes;
}

}  // namespace

BodyBudget::Hold::Hold(BodyBudget& of, std::string_view client_address) : budget_(of), client_(client_key(client_address)) {}

BodyBudget::Hold::~Hold() {
    if (bytes_ == 0) return;
    const std::scoped_lock lock(budget_.mutex_);
    budget_.held_ -= bytes_;
    const auto client = budget_.clients_.find(client_);
    client->second -= bytes_;
    if (client->second == 0) budget_.clients_.erase(client);
}

BodyBudget::Outcome BodyBudget::Hold::add(std::uint64_t bytes) {
    if (bytes == 0) return Outcome::taken;
    const std::scoped_lock lock(budget_.mutex_);
    if (bytes > budget_.bytes_ - budget_.held_) return Outcome::full;
    const auto client = budget_.clients_.find(client_);
    const std::uint64_t before = client == budget_.clients_.end() ? 0 : client->second;
    if (bytes > budget_.bytes_per_client_ - before) return Outcome::client_full;
    budget_.held_ += bytes;
    budget_.clients_[client_] = before + bytes;
    bytes_ += bytes;
    return Outcome::taken;
}

std::uint64_t BodyBudget::held() const {
    const std::scoped_lock lock(mutex_);
    return held_;
}

}  // namespace godwit::http
