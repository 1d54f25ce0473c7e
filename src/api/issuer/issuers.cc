#include "api/issuer/issuers.h"

#include "api/encode/encode.h"
#include "crypto/keys.h"
#include "directory/instance/instances.h"
#include "directory/key/signing_keys.h"
#include "godwit/issuer/v1/issuer.pb.h"
#include "oidc/issuer_table.h"
#include "transport/rpc/registry.h"

namespace godwit::api {
namespace {

namespace pb = godwit::issuer::v1;

constexpr std::string_view kService = "Issuer-API";

Result<void> list(const oidc::IssuerTable& issuers, const key::SigningKeys& keys, const rpc::Call& call,
                  pb::ListIssuersResponse& response) {
    const auto published = TRY(keys.published(call.instance));
    for (const auto& row : TRY(issuers.list(call.instance))) {
        auto& out = *response.add_issuers();
        out.set_id(std::to_string(row.id));
        encode(row.created, *out.mutable_creation_date());
        out.set_issuer(row.name);
        if (!out.mutable_paths()->ParseFromString(row.paths))
            return fail(Code::data_loss, "ISSUER-Row01", "the paths of an issuer cannot be read");
        for (const auto& key : *published) {
            if (key.issuer != row.id) continue;
            auto& shown = *out.add_keys();
            shown.set_id(key.kid);
            shown.set_algorithm(std::string(crypto::name_of(key.algorithm)));
            shown.set_active(key.state == key::State::active);
        }
    }
    return {};
}

Result<key::KeyChange> import_key(const oidc::IssuerTable& issuers, key::SigningKeys& keys, const rpc::Call& call,
                                  const pb::ImportKeyRequest& request) {
    const auto issuer = TRY(issuers.get(call.instance, request.id()));
    const auto key = crypto::PrivateKey::from_pem(Secret(request.private_key()));
    if (!key)
        return fail(Code::invalid_argument, "ISSUER-Key01",
                    "privateKey is no PEM of an unencrypted RSA key of 2048 to 8192 bits, or of a P-256, P-384, P-521 or Ed25519 key");
    const auto algorithm =
        request.algorithm().empty() ? key->public_key().default_algorithm() : crypto::parse_algorithm(request.algorithm());
    if (!algorithm || !key->public_key().fits(*algorithm))
        return fail(Code::invalid_argument, "ISSUER-Key02", "the key cannot sign with the algorithm \"" + request.algorithm() + "\"");
    return keys.import(call.instance, editor_of(call, kService), issuer.id, request.key_id(), *algorithm, *key);
}

}  // namespace

void register_issuers(rpc::Registry& registry, oidc::IssuerTable& issuers, key::SigningKeys& keys, instance::Instances& instances) {
    registry.on("godwit.issuer.v1.IssuerService/AddIssuer", {.lane = Lane::write},
                [&](const rpc::Call& call, const pb::AddIssuerRequest& request, pb::AddIssuerResponse& response) -> Result<void> {
                    const auto row =
                        TRY(issuers.add(call.instance, editor_of(call, kService), request.issuer(), request.paths(), instances));
                    response.set_id(std::to_string(row.id));
                    encode(row.created, *response.mutable_creation_date());
                    return {};
                });
    registry.on("godwit.issuer.v1.IssuerService/ListIssuers", {.lane = Lane::read},
                [&](const rpc::Call& call, const pb::ListIssuersRequest&, pb::ListIssuersResponse& response) {
                    return list(issuers, keys, call, response);
                });
    registry.on("godwit.issuer.v1.IssuerService/RemoveIssuer", {.lane = Lane::write},
                [&](const rpc::Call& call, const pb::RemoveIssuerRequest& request, pb::RemoveIssuerResponse& response) -> Result<void> {
                    encode(TRY(issuers.remove(call.instance, editor_of(call, kService), request.id())), *response.mutable_deletion_date());
                    return {};
                });
    registry.on("godwit.issuer.v1.IssuerService/ImportKey", {.lane = Lane::write},
                [&](const rpc::Call& call, const pb::ImportKeyRequest& request, pb::ImportKeyResponse& response) -> Result<void> {
                    encode(TRY(import_key(issuers, keys, call, request)).at, *response.mutable_creation_date());
                    return {};
                });
}

}  // namespace godwit::api
