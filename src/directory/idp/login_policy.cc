#include "directory/idp/login_policy.h"

#include <algorithm>

#include "directory/settings/settings.h"
#include "godwit/settings/v1/settings.pb.h"
#include "store/store.h"

namespace godwit::idp {
namespace {

using directory::Change;
using settings::v1::LoginPolicy;
using store::Database;

/// The level's own policy. What it offers of providers that are gone is dropped with the next change.
Result<LoginPolicy> own_policy(store::Reader& db, const OrgScope& org) {
    auto policy = TRY(settings::read<LoginPolicy>(db, org));
    if (org.org() && policy.level != settings::Level::organization)
        return fail(Code::not_found, "Org-Ffgw2", "Login Policy not found: the organisation has none of its own");
    auto& offered = *policy.value.mutable_idps();
    std::vector<std::int64_t> kept;
    for (const std::int64_t key : offered)
        if (TRY(find_idp(db, org.instance(), IdpId(key)))) kept.push_back(key);
    offered.Assign(kept.begin(), kept.end());
    return std::move(policy.value);
}

Result<Change> changed(std::optional<Change> change) {
    if (!change) return fail(Code::failed_precondition, "Org-5M9vdd", "Login Policy not changed");
    return *std::move(change);
}

}  // namespace

Result<directory::Listed<Idp>> LoginPolicyIdps::list(const OrgScope& org, const store::Page& page) const {
    return store_.read(Database::directory, [&](store::Reader& db) -> Result<directory::Listed<Idp>> {
        directory::Listed<Idp> out;
        const std::uint64_t limit = store::applied_limit(page);
        const auto policy = TRY(settings::read<LoginPolicy>(db, org));
        for (const std::int64_t key : policy.value.idps()) {
            auto found = TRY(find_idp(db, org.instance(), IdpId(key)));
            if (!found) continue;
            if (out.total++ >= page.offset && out.rows.size() < limit) out.rows.push_back(*std::move(found));
        }
        return out;
    });
}

Result<Change> LoginPolicyIdps::add(const OrgScope& org, const store::Editor& editor, std::string_view id, bool instance_owned) {
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<Change> {
        LoginPolicy policy = TRY(own_policy(db, org));
        const auto found = TRY(find_idp(db, org, id));
        if (!found || (found->owner == OrgId{}) != instance_owned)
            return fail(Code::failed_precondition, "COMMAND-39nfs", "Identity Provider Configuration doesn't exist");
        if (std::ranges::find(policy.idps(), found->key.key) != policy.idps().end())
            return fail(Code::already_exists, "Org-2B0ps", "Identity Provider is already offered by the login policy");
        policy.add_idps(found->key.key);
        return changed(TRY(settings_.set(db, org, editor, policy)));
    });
}

Result<Change> LoginPolicyIdps::remove(const OrgScope& org, const store::Editor& editor, std::string_view id) {
    return store_.write(Database::directory, [&](store::Writer& db) -> Result<Change> {
        LoginPolicy policy = TRY(own_policy(db, org));
        const auto found = TRY(find_idp(db, org, id));
        auto& offered = *policy.mutable_idps();
        const auto at = found ? std::ranges::find(offered, found->key.key) : offered.end();
        if (at == offered.end()) return fail(Code::not_found, "Org-6k9dR", "Identity Provider is not offered by the login policy");
        offered.erase(at);
        return changed(TRY(settings_.set(db, org, editor, policy)));
    });
}

}  // namespace godwit::idp
