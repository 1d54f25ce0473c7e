#include "oidc/front_channel_logout.h"

#include <chrono>

#include "base/encoding.h"
#include "base/text.h"
#include "base/url.h"
#include "crypto/sealer.h"
#include "directory/key/sealers.h"
#include "directory/session/clients.h"
#include "oidc/clients.h"
#include "oidc/services.h"
#include "store/store.h"

namespace godwit::oidc {
namespace {

const crypto::Place kPlace("front_channel_logout", "", "notice");
constexpr std::chrono::minutes kGoodFor{5};

}  // namespace

Result<std::vector<std::string>> FrontChannelLogout::addresses(InstanceScope scope, SessionId session) const {
    const auto ended =
        TRY(services_.store.read(store::Database::runtime, [&](store::Reader& db) { return session::clients_of(db, scope, session); }));
    std::vector<std::string> out;
    for (const auto& one : ended) {
        const auto client = TRY(clients_.find(scope, one.app));
        if (!client || client->front_channel_logout_uri.empty()) continue;
        // Section 3: both, or none of them.
        const QueryParameters query = {{"iss", one.issuer}, {"sid", std::to_string(session.key)}};
        out.push_back(add_query(client->front_channel_logout_uri, query));
    }
    return out;
}

Result<std::string> FrontChannelLogout::seal(InstanceScope scope, const SignOutNotice& notice) const {
    QueryParameters inner = {{"until", std::to_string((services_.clock.now() + kGoodFor).seconds())}, {"then", notice.then}};
    for (const auto& frame : notice.frames) inner.emplace_back("frame", frame);
    return base64_encode(TRY(services_.sealers.of(scope))->seal(kPlace, build_query(inner)), Base64::url);
}

Result<std::optional<SignOutNotice>> FrontChannelLogout::open(InstanceScope scope, std::string_view sealed) const {
    const auto bytes = base64_decode(sealed, Base64::url);
    if (!bytes || bytes->empty()) return std::nullopt;
    const auto opened = TRY(services_.sealers.of(scope))->open(kPlace, *bytes);
    const auto inner = opened ? parse_query(opened->reveal()) : std::nullopt;
    if (!inner) return std::nullopt;
    const auto until = parse_number<std::int64_t>(find_parameter(*inner, "until").value_or(""));
    if (!until || *until < services_.clock.now().seconds()) return std::nullopt;
    SignOutNotice notice;
    notice.then = find_parameter(*inner, "then").value_or("");
    for (const auto& [name, value] : *inner)
        if (name == "frame") notice.frames.push_back(value);
    return notice;
}

}  // namespace godwit::oidc
