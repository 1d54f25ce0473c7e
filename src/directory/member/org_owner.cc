#include "directory/member/org_owner.h"

#include "store/store.h"

namespace godwit::member {

Result<org::Org> create_org_owned_by(store::Store& store, org::Orgs& orgs, Members& members, InstanceScope scope,
                                     const store::Editor& editor, const org::NewOrg& wanted, UserId owner) {
    return store.write(store::Database::directory, [&](store::Writer& db) -> Result<org::Org> {
        auto created = TRY(orgs.create(db, scope, editor, wanted));
        TRY(members.add(db, scope, Place::organization(created.key), editor, owner, {"ORG_OWNER"}));
        return created;
    });
}

}  // namespace godwit::member
