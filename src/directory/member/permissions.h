// The permission check of every RPC: memberships of the caller against the role table.
#pragma once

#include "directory/member/members.h"
#include "transport/rpc/registry.h"

namespace godwit::member {

/// Puts the user's memberships into the caller, so that the checks of one request read them once.
Result<void> attach_memberships(store::Reader& db, InstanceScope scope, rpc::Caller& caller);

/// What gave a permission, or kept it from being given.
struct Decision {
    bool allowed = false;
    const Membership* by = nullptr;  ///< the membership that gave it; a pointer into what was decided from
    /// Refused, though these give it: they are of other places than the call is about.
    std::vector<const Membership*> elsewhere;
};

/// The one decision about a permission: a membership counts when it is of the instance, of the organization `org`, or of the project or
/// project grant with the id `subject`; and gives it when one of its roles has it.
Decision decide(const Memberships& memberships, std::string_view permission, OrgId org, std::string_view subject);
/// The same for calls about grants of projects that name none: a membership of any grant counts too.
Decision decide_for_any_grant(const Memberships& memberships, std::string_view permission, OrgId org);
/// The first of the membership's roles that has the permission; "" for none.
std::string_view role_with(const Membership& membership, std::string_view permission);

class Permissions final : public rpc::Permissions {
public:
    explicit Permissions(store::Store& store) : store_(store) {}

    /// permission_denied AUTH-Bs7Ds when the named organization does not exist.
    Result<OrgId> resolve_org(InstanceScope instance, const rpc::Caller& caller, std::string_view org_header) override;

    Result<OrgId> resolve_org_by_domain(InstanceScope instance, const rpc::Caller& caller, std::string_view domain) override;

    /// Ok when a membership of the instance, or of `org`, gives the permission; or one of the project or project grant that
    /// `check_field` names. "authenticated" is everybody's. Error permission_denied AUTH-5mWD2.
    Result<void> check(InstanceScope instance, const rpc::Caller& caller, std::string_view permission, OrgId org,
                       std::string_view check_field) override;

    Result<void> check_any_grant(InstanceScope instance, const rpc::Caller& caller, std::string_view permission, OrgId org) override;

private:
    Result<std::shared_ptr<const Memberships>> memberships_of(InstanceScope instance, const rpc::Caller& caller) const;

    store::Store& store_;
};

/// All permissions the caller has in the organization (or instance-wide), for the contract's "my permissions".
PermissionSet permissions_in(const Memberships& memberships, OrgId org);

}  // namespace godwit::member
