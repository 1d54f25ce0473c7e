#include "api/webkey/web_keys.h"

#include <array>

#include "api/encode/encode.h"
#include "directory/key/signing_keys.h"
#include "transport/rpc/registry.h"
#include "zitadel/webkey/v2/webkey_service.pb.h"
#include "zitadel/webkey/v2beta/webkey_service.pb.h"

namespace godwit::api {
namespace {

using enum crypto::Algorithm;

constexpr std::string_view kService = "WebKey-API";

// In the order of the contract's enums, whose numbers begin with 1.
constexpr std::array<int, 3> kRsaBits{2048, 3072, 4096};
constexpr std::array kRsa{RS256, RS384, RS512};
constexpr std::array kRsaPss{PS256, PS384, PS512};
constexpr std::array kEcdsa{ES256, ES384, ES512};

/// The number of a value in one of these lists; 0 when it is not there.
template <class List, class Value>
int number_of(const List& list, const Value& value) {
    const auto found = std::ranges::find(list, value);
    return found == list.end() ? 0 : static_cast<int>(found - list.begin()) + 1;
}

template <class Request>
key::KeyKind kind_of(const Request& request) {
    const auto at = [](const auto& list, int number) { return list.at(static_cast<std::size_t>(number - 1)); };
    if (request.has_rsa()) return {at(request.rsa().pss() ? kRsaPss : kRsa, request.rsa().hasher()), at(kRsaBits, request.rsa().bits())};
    if (request.has_ecdsa()) return {.algorithm = at(kEcdsa, request.ecdsa().curve())};
    if (request.has_ed25519()) return {.algorithm = EdDSA};
    return {};
}

template <class WebKey>
void show(const key::PublishedKey& key, WebKey& out) {
    using State = decltype(out.state());
    out.set_id(key.kid);
    encode(key.created, *out.mutable_creation_date());
    encode(key.changed, *out.mutable_change_date());
    out.set_state(static_cast<State>(key.state));
    if (key.algorithm == EdDSA) {
        out.mutable_ed25519();
    } else if (const int curve = number_of(kEcdsa, key.algorithm)) {
        using Curve = decltype(out.ecdsa().curve());
        out.mutable_ecdsa()->set_curve(static_cast<Curve>(curve));
    } else {
        using Bits = decltype(out.rsa().bits());
        using Hasher = decltype(out.rsa().hasher());
        const int pss = number_of(kRsaPss, key.algorithm);
        out.mutable_rsa()->set_bits(static_cast<Bits>(number_of(kRsaBits, key.key.bits())));
        out.mutable_rsa()->set_hasher(static_cast<Hasher>(pss != 0 ? pss : number_of(kRsa, key.algorithm)));
        out.mutable_rsa()->set_pss(pss != 0);
    }
}

/// The messages of one version of the service.
template <class CreateRequest, class CreateResponse, class ActivateRequest, class ActivateResponse, class DeleteRequest,
          class DeleteResponse, class ListRequest, class ListResponse>
void register_version(rpc::Registry& registry, const std::string& service, key::SigningKeys& keys) {
    // Making an RSA pair takes as long as hashing many passwords.
    registry.on(service + "/CreateWebKey", {.lane = Lane::hash},
                [&keys](const rpc::Call& call, const CreateRequest& request, CreateResponse& response) -> Result<void> {
                    const auto made = TRY(keys.publish(call.instance, editor_of(call, kService), kind_of(request)));
                    response.set_id(made.kid);
                    encode(made.at, *response.mutable_creation_date());
                    return {};
                });
    registry.on(service + "/ActivateWebKey", {.lane = Lane::write},
                [&keys](const rpc::Call& call, const ActivateRequest& request, ActivateResponse& response) -> Result<void> {
                    const auto changed = TRY(keys.activate(call.instance, editor_of(call, kService), request.id()));
                    encode(changed.at, *response.mutable_change_date());
                    return {};
                });
    registry.on(service + "/DeleteWebKey", {.lane = Lane::write},
                [&keys](const rpc::Call& call, const DeleteRequest& request, DeleteResponse& response) -> Result<void> {
                    const auto gone = TRY(keys.remove(call.instance, editor_of(call, kService), request.id()));
                    if (gone) encode(gone->at, *response.mutable_deletion_date());
                    return {};
                });
    registry.on(service + "/ListWebKeys", {.lane = Lane::read},
                [&keys](const rpc::Call& call, const ListRequest&, ListResponse& response) -> Result<void> {
                    for (const auto& key : *TRY(keys.published(call.instance)))
                        if (key.issuer == key::kOwnIssuer) show(key, *response.add_web_keys());
                    return {};
                });
}

}  // namespace

void register_web_keys(rpc::Registry& registry, key::SigningKeys& keys) {
    {
        using namespace zitadel::webkey::v2;
        register_version<CreateWebKeyRequest, CreateWebKeyResponse, ActivateWebKeyRequest, ActivateWebKeyResponse, DeleteWebKeyRequest,
                         DeleteWebKeyResponse, ListWebKeysRequest, ListWebKeysResponse>(registry, "zitadel.webkey.v2.WebKeyService", keys);
    }
    {
        using namespace zitadel::webkey::v2beta;
        register_version<CreateWebKeyRequest, CreateWebKeyResponse, ActivateWebKeyRequest, ActivateWebKeyResponse, DeleteWebKeyRequest,
                         DeleteWebKeyResponse, ListWebKeysRequest, ListWebKeysResponse>(registry, "zitadel.webkey.v2beta.WebKeyService",
                                                                                        keys);
    }
}

}  // namespace godwit::api
