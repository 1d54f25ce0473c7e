#include "oidc/provider.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "directory/instance/instances.h"
#include "directory/key/signing_keys.h"
#include "oidc/access_tokens.h"
#include "oidc/auth_requests.h"
#include "oidc/clients.h"
#include "oidc/discovery.h"
#include "oidc/documents.h"
#include "oidc/dpop.h"
#include "oidc/endpoint.h"
#include "oidc/form_post.h"
#include "oidc/front_channel_logout.h"
#include "oidc/issuer_table.h"
#include "oidc/key_set.h"
#include "oidc/lifetimes.h"
#include "oidc/logout_sender.h"
#include "oidc/oauth_error.h"
#include "oidc/parameters.h"
#include "oidc/responses.h"
#include "oidc/token_issuer.h"
#include "transport/http/cors.h"

namespace godwit::oidc {
namespace {

using Serve = http::Response (*)(const EndpointContext& context, const http::Request& request);

struct Entry {
    Endpoint endpoint;
    Lane lane;
    bool cross_origin;  ///< called by scripts of other origins; the others are for the browser's address bar
    http::Toll toll;
    Serve serve;
};

constexpr std::array kTable = {
    Entry{Endpoint::authorize, Lane::write, false, http::Toll::authorize, serve_authorize},
    Entry{Endpoint::authorize_response, Lane::read, false, http::Toll::none, serve_authorize_response},
    Entry{Endpoint::token, Lane::write, true, http::Toll::secret, serve_token},
    Entry{Endpoint::userinfo, Lane::read, true, http::Toll::token, serve_userinfo},
    Entry{Endpoint::end_session, Lane::write, false, http::Toll::none, serve_end_session},
    Entry{Endpoint::introspection, Lane::read, true, http::Toll::secret, serve_introspection},
    Entry{Endpoint::pushed, Lane::write, true, http::Toll::secret, serve_pushed},
    Entry{Endpoint::device_authorization, Lane::write, true, http::Toll::authorize, serve_device_authorization},
    Entry{Endpoint::device_page, Lane::read, false, http::Toll::none, serve_device_page},
    Entry{Endpoint::revocation, Lane::write, true, http::Toll::secret, serve_revocation},
};

http::Response unknown_host(std::string_view host) {
    return http::text_response(404, "unable to set instance using origin " + std::string(host) + ": Instance not found\n");
}

http::Response document_response(Endpoint endpoint, const Documents& documents, std::chrono::seconds key_set_max_age) {
    if (endpoint != Endpoint::keys) return json_response(200, documents.discovery);
    auto response = http::text_response(200, documents.keys, "application/json");
    response.headers.set("cache-control", key_set_max_age.count() > 0
                                              ? "max-age=" + std::to_string(key_set_max_age.count()) + ", must-revalidate"
                                              : "no-store");
    return response;
}

/// nullptr for documents.
const Entry* find_entry(Endpoint endpoint) {
    const auto* entry = std::ranges::find(kTable, endpoint, &Entry::endpoint);
    return entry == kTable.end() ? nullptr : entry;
}

bool is_ours(std::string_view path) { return path.starts_with("/oauth/v2/") || path.starts_with("/oidc/v1/"); }

}  // namespace

struct Provider::Impl {
    explicit Impl(const Services& given)
        : services(given),
          clients(services),
          issuers(services),
          front_channel(services, clients),
          logout_sender(services, clients, issuers),
          form_post(services.sealers, services.clock),
          access_tokens(services, clients),
          token_issuer(services, access_tokens),
          auth_requests(services, form_post, token_issuer, issuers),
          documents(services.clock) {}

    /// nullptr for what is no address of ours, and for documents.
    const Entry* entry_of(const http::Request& request) const {
        const auto place = issuers.peek(request.host, request.path);
        return place ? find_entry(place->endpoint) : nullptr;
    }

    http::Response serve(const Entry& entry, const http::Request& request) {
        const auto found = issuers.find(request.host, request.path);
        if (!found) return error_response(found.error());
        // An issuer that was removed between routing and now counts as one that never was.
        if (!*found || (*found)->endpoint != entry.endpoint) return unknown_host(request.host);
        const Issuer& issuer = (*found)->issuer;
        auto response =
            entry.serve({services, clients, auth_requests, access_tokens, token_issuer, form_post, front_channel, issuer}, request);
        DpopProofs(services, issuer.scope).add_nonce(request, response);
        if (entry.cross_origin) http::add_cors(request, http::plain_cors(), response);
        return response;
    }

    Result<std::shared_ptr<const Documents>> make_documents(const Issuer& issuer) const {
        const auto keys = keys_of(*TRY(services.signing_keys.published(issuer.scope)), issuer.key);
        return std::make_shared<const Documents>(
            Documents{discovery_document(issuer, signing_algorithms(keys), services.rules), key_set_document(keys), services.clock.now()});
    }

    http::Response serve_document(Endpoint endpoint, const http::Request& request) {
        if (request.method != "GET") return method_not_allowed("GET");
        const auto found = issuers.find(request.host, request.path);
        if (!found) return error_response(found.error());
        if (!*found || (*found)->endpoint != endpoint) return unknown_host(request.host);
        const auto made = make_documents((*found)->issuer);
        if (!made) return error_response(made.error());
        documents.put({request.host, (*found)->issuer.key}, request.path, *made);
        auto response = document_response(endpoint, **made, services.key_set_max_age);
        http::add_cors(request, http::plain_cors(), response);
        return response;
    }

    Result<void> renew_documents(const DocumentCache::Wanted& wanted) {
        const auto found = TRY(issuers.find(wanted.name.first, wanted.path));
        if (!found || found->issuer.key != wanted.name.second) {
            documents.remove(wanted.name);
        } else {
            documents.put(wanted.name, wanted.path, TRY(make_documents(found->issuer)));
        }
        return {};
    }

    http::Route document_route(const IssuerTable::Place& place, const http::Request& request) {
        const auto endpoint = place.endpoint;
        if (request.method == "GET") {
            if (auto ready = documents.find({request.host, place.issuer}))
                return {.lane = Lane::in_line, .max_body_bytes = 0, .handle = [this, endpoint, ready](http::Request& asked) {
                            auto response = document_response(endpoint, *ready, services.key_set_max_age);
                            http::add_cors(asked, http::plain_cors(), response);
                            return response;
                        }};
        }
        return {.lane = Lane::read, .max_body_bytes = 0, .handle = [this, endpoint](http::Request& asked) {
                    return serve_document(endpoint, asked);
                }};
    }

    const Services services;
    const Clients clients;
    IssuerTable issuers;
    const FrontChannelLogout front_channel;
    const LogoutSender logout_sender;
    const FormPost form_post;
    AccessTokens access_tokens;
    TokenIssuer token_issuer;
    AuthRequests auth_requests;
    DocumentCache documents;
};

Provider::Provider(const Services& services) : impl_(std::make_unique<Impl>(services)) {}
Provider::~Provider() = default;

AuthRequests& Provider::auth_requests() { return impl_->auth_requests; }
AccessTokens& Provider::access_tokens() { return impl_->access_tokens; }
const Clients& Provider::clients() const { return impl_->clients; }

Result<std::chrono::seconds> Provider::longest_lifetime(InstanceScope scope) const {
    const auto lifetimes = TRY(lifetimes_of(impl_->services, scope));
    // Clients may ask for a little more (their clock skew).
    return std::max(lifetimes.access_token, lifetimes.id_token) + std::chrono::minutes(1);
}

IssuerTable& Provider::issuers() { return impl_->issuers; }
const FrontChannelLogout& Provider::front_channel() const { return impl_->front_channel; }

Result<void> Provider::renew_documents(const std::function<bool()>& stop) {
    Result<void> outcome;
    for (const auto& wanted : impl_->documents.wanted()) {
        if (stop()) break;
        if (auto renewed = impl_->renew_documents(wanted); !renewed) outcome = std::move(renewed);  // the others are none the worse for it
    }
    return outcome;
}

Result<std::size_t> Provider::tell_of_logouts() { return impl_->logout_sender.run(); }

std::optional<http::Route> Provider::route(const http::Request& request) const {
    auto* impl = impl_.get();
    const auto place = impl->issuers.peek(request.host, request.path);
    if (!place) {
        if (!is_ours(request.path)) return std::nullopt;
        return http::Route{.lane = Lane::in_line,
                           .handle = [](http::Request&) { return http::text_response(404, "404 page not found\n"); }};
    }
    const auto* entry = find_entry(place->endpoint);
    if (!entry || entry->cross_origin) {
        if (http::answer_preflight(request, http::plain_cors()))
            return http::Route{.lane = Lane::in_line,
                               .handle = [](http::Request& asked) { return *http::answer_preflight(asked, http::plain_cors()); }};
    }
    if (!entry) return impl->document_route(*place, request);
    return http::Route{
        .lane = entry->lane, .max_body_bytes = kMaxParameterBytes, .toll = entry->toll, .handle = [impl, entry](http::Request& asked) {
            return impl->serve(*entry, asked);
        }};
}

http::Route Provider::tell_nonces(const http::Request& request, http::Route route) const {
    if (!DpopProofs::has_proof(request)) return route;
    route.handle = [impl = impl_.get(), handle = std::move(route.handle)](http::Request& asked) {
        auto response = handle(asked);
        if (const auto at = impl->services.instances.find_by_host(asked.host); at && *at)
            DpopProofs(impl->services, (*at)->scope).add_nonce(asked, response);
        return response;
    };
    return route;
}

std::optional<http::Response> Provider::refusal(const http::Refusal& refusal, const http::Request& request) const {
    const Entry* entry = impl_->entry_of(request);
    if (!entry || !entry->cross_origin) return std::nullopt;
    const bool passing = refusal.status == 429 || refusal.status == 503;
    JsonObject body;
    body.set("error", passing ? kTemporarilyUnavailable : kInvalidRequest);
    body.set("error_description", refusal.message);
    auto response = json_response(refusal.status, body.text());
    http::add_cors(request, http::plain_cors(), response);
    return response;
}

bool Provider::shows_pages(const http::Request& request) const {
    const Entry* entry = impl_->entry_of(request);
    return entry && !entry->cross_origin;
}

}  // namespace godwit::oidc
