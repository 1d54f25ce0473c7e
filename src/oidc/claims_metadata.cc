// Scope urn:zitadel:iam:user:metadata: what callers of the API keep with the user, each value as base64url without padding.
#include "base/encoding.h"
#include "directory/object/metadata.h"
#include "oidc/claims.h"
#include "oidc/scope.h"
#include "oidc/services.h"
#include "store/store.h"

namespace godwit::oidc {

Result<void> add_metadata_claims(const ClaimsInput& input, JsonObject& out) {
    if (!has_scope(input.scopes, scope::kUserMetadata)) return {};
    const directory::MetadataOwner owner{.id = input.user.id.key, .resource_owner = {}};
    JsonObject metadata;
    TRY(input.services.store.read(store::Database::directory, [&](store::Reader& db) -> Result<void> {
        store::Page page{.limit = store::kMaxLimit};
        for (std::uint64_t total = 1; page.offset < total; page.offset += page.limit) {
            const auto listed = TRY(directory::list_metadata(db, input.scope, owner, {}, page));
            for (const auto& entry : listed.rows) metadata.set(entry.key, base64_encode(entry.value, Base64::url));
            total = listed.total;
        }
        return {};
    }));
    if (!metadata.empty()) out.set(scope::kUserMetadata, metadata);
    return {};
}

}  // namespace godwit::oidc
