#include "directory/member/permissions.h"

#include <algorithm>

#include "directory/object/public_id.h"
#include "directory/org/orgs.h"
#include "store/store.h"

namespace godwit::member {
namespace {

std::unexpected<Error> denied() { return fail(Code::permission_denied, "AUTH-5mWD2", "No matching permissions found"); }

/// Whether what the membership gives holds for a call about `org`, or about the project or grant with the id `subject`.
bool applies(const Membership& membership, OrgId org, std::string_view subject) {
    switch (membership.place.kind) {
        case ScopeKind::instance:
            return true;
        case ScopeKind::organization:
            return membership.place.id == org.key;
        case ScopeKind::project:
        case ScopeKind::project_grant:
            return !subject.empty() && membership.place_id == subject;
    }
    return false;
}

}  // namespace

Decision decide(const Memberships& memberships, std::string_view permission, OrgId org, std::string_view subject) {
    Decision decision;
    const auto bit = permission_bit(permission);
    if (!bit) return decision;
    for (const auto& membership : memberships) {
        if (!membership.permissions.test(*bit)) continue;
        if (applies(membership, org, subject)) return {.allowed = true, .by = &membership, .elsewhere = {}};
        decision.elsewhere.push_back(&membership);
    }
    return decision;
}

Decision decide_for_any_grant(const Memberships& memberships, std::string_view permission, OrgId org) {
    auto decision = decide(memberships, permission, org, {});
    if (decision.allowed) return decision;
    for (const Membership* membership : decision.elsewhere)
        if (membership->place.kind == ScopeKind::project_grant) return {.allowed = true, .by = membership, .elsewhere = {}};
    return decision;
}

std::string_view role_with(const Membership& membership, std::string_view permission) {
    const auto bit = permission_bit(permission);
    for (const auto& name : membership.roles) {
        const Role* role = find_role(name);
        if (bit && role != nullptr && role->scope == membership.place.kind && role->permissions.test(*bit)) return role->name;
    }
    return {};
}

Result<void> attach_memberships(store::Reader& db, InstanceScope scope, rpc::Caller& caller) {
    caller.memberships = TRY(read_memberships(db, scope, caller.user));
    return {};
}

Result<OrgId> Permissions::resolve_org(InstanceScope instance, const rpc::Caller& caller, std::string_view org_header) {
    if (org_header.empty()) return caller.org;
    return store_.read(store::Database::directory, [&](store::Reader& db) -> Result<OrgId> {
        const auto org = TRY(directory::resolve_as<OrgId>(db, instance, directory::Noun::organization, org_header));
        if (!org) return fail(Code::permission_denied, "AUTH-Bs7Ds", "Organisation doesn't exist");
        return *org;
    });
}

Result<OrgId> Permissions::resolve_org_by_domain(InstanceScope instance, const rpc::Caller&, std::string_view domain) {
    return store_.read(store::Database::directory, [&](store::Reader& db) -> Result<OrgId> {
        const auto org = TRY(org::owner_of_domain(db, instance, domain));
        if (!org) return fail(Code::permission_denied, "AUTH-Bs7Ds", "Organisation doesn't exist");
        return *org;
    });
}

Result<void> Permissions::check(InstanceScope instance, const rpc::Caller& caller, std::string_view permission, OrgId org,
                                std::string_view check_field) {
    if (permission == "authenticated") return {};
    if (!decide(*TRY(memberships_of(instance, caller)), permission, org, check_field).allowed) return denied();
    return {};
}

Result<void> Permissions::check_any_grant(InstanceScope instance, const rpc::Caller& caller, std::string_view permission, OrgId org) {
    if (!decide_for_any_grant(*TRY(memberships_of(instance, caller)), permission, org).allowed) return denied();
    return {};
}

Result<std::shared_ptr<const Memberships>> Permissions::memberships_of(InstanceScope instance, const rpc::Caller& caller) const {
    if (auto known = std::static_pointer_cast<const Memberships>(caller.memberships)) return known;
    return store_.read(store::Database::directory, [&](store::Reader& db) { return read_memberships(db, instance, caller.user); });
}

PermissionSet permissions_in(const Memberships& memberships, OrgId org) {
    PermissionSet all;
    for (const auto& membership : memberships) {
        if (applies(membership, org, {})) all |= membership.permissions;
    }
    return all;
}

}  // namespace godwit::member
