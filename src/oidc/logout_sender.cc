#include "oidc/logout_sender.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "base/log.h"
#include "base/url.h"
#include "oidc/clients.h"
#include "oidc/issuer_table.h"
#include "oidc/logout_token.h"
#include "oidc/services.h"

namespace godwit::oidc {
namespace {

constexpr int kAtOnce = 32;
constexpr std::size_t kThreads = 8;
constexpr std::chrono::seconds kFirstDelay{10}, kLongestDelay{3'600};

std::chrono::seconds delay_after(int attempt) { return std::min(kFirstDelay * (1 << std::min(2 * (attempt - 1), 12)), kLongestDelay); }

}  // namespace

LogoutSender::LogoutSender(const Services& services, const Clients& clients, const IssuerTable& issuers)
    : services_(services), clients_(clients), issuers_(issuers), outgoing_(services.outgoing) {}

Result<std::size_t> LogoutSender::run() const {
    TRY(session::end_clients_of_ended_users(services_.store));
    const auto due = TRY(session::claim_due(services_.store, services_.clock, kAtOnce));
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        for (std::size_t i = next++; i < due.size(); i = next++) {
            // The row's time comes again by itself.
            if (const auto done = tell(due[i]); !done) log::warn("a logout could not be told", {{"error", done.error().message}});
        }
    };
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < std::min(kThreads, due.size()); ++i) threads.emplace_back(work);
    work();
    threads.clear();
    return due.size();
}

Result<void> LogoutSender::tell(const session::Due& due) const {
    const auto client = TRY(clients_.find(due.instance, due.client.app));
    if (!client || client->back_channel_logout_uri.empty()) return session::settle(services_.store, due);
    const auto issuer = TRY(issuers_.named(due.instance, due.client.issuer));
    const QueryParameters form = {
        {"logout_token", TRY(make_logout_token(services_, issuer, client->client_id, due.client, services_.clock.now()))}};
    const auto answer = outgoing_.post(client->back_channel_logout_uri, "application/x-www-form-urlencoded", build_query(form));
    if (!answer) return try_again(due, client->client_id, answer.error().message);
    // Section 2.8: 200, and 204 where a framework makes that of it.
    if (answer->status / 100 == 2) return session::settle(services_.store, due);
    return try_again(due, client->client_id, "it answered " + std::to_string(answer->status));
}

Result<void> LogoutSender::try_again(const session::Due& due, std::string_view client_id, const std::string& why) const {
    if (due.attempt < kAttempts) return session::postpone(services_.store, due, delay_after(due.attempt), why);
    log::warn("an application was not told that a session ended",
              {{"instance", due.instance.no().value}, {"client_id", client_id}, {"session", due.client.session.key}, {"why", why}});
    return session::settle(services_.store, due);
}

}  // namespace godwit::oidc
