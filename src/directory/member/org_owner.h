// Organizations are born with an owner.
#pragma once

#include "directory/member/members.h"
#include "directory/org/orgs.h"

namespace godwit::member {

/// Creates the organization and makes `owner` its ORG_OWNER, both or neither. Errors: those of Orgs::create.
Result<org::Org> create_org_owned_by(store::Store& store, org::Orgs& orgs, Members& members, InstanceScope scope,
                                     const store::Editor& editor, const org::NewOrg& wanted, UserId owner);

}  // namespace godwit::member
