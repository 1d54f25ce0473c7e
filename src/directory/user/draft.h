// One user of a batch on its way through the checks. Internal to this folder.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "directory/project/role_list.h"
#include "directory/user/new_user.h"
#include "directory/user/prepared.h"

namespace godwit::project {
struct Holding;
}
namespace godwit::store {
class EventBody;
}

namespace godwit::user {

struct Draft {
    const NewUser* in = nullptr;

    // From the record alone.
    std::optional<Error> refused;
    std::string name_key, public_id_key, email_key, phone;
    Profile profile;  ///< with defaults filled in
    ProfileKeys profile_keys;
    State state = State::active;

    std::vector<project::RoleKeys> roles;  ///< of the grants, in their order

    // Settled in the transaction.
    UserId id;
    std::vector<const project::Holding*> holdings;  ///< of the grants, in their order
    std::vector<IdpId> idps;                        ///< of the links, in their order
    std::int64_t version = 0;
    std::optional<IssuedCode> passwordless, email_code, phone_code;
    /// Forgets what an earlier run of the transaction settled.
    void begin_anew();
    /// As far as a message needs to know the new user.
    User as_user(OrgId org, const std::string& org_id) const;

    const NewHuman* human() const { return std::get_if<NewHuman>(&in->as); }
    const NewMachine* machine() const { return std::get_if<NewMachine>(&in->as); }
    std::string public_id() const { return in->given_id.empty() ? std::to_string(id.key) : in->given_id; }
};

/// Checks the form of a record and normalises it; `refused` says what is wrong.
Draft draft_of(const NewUser& user);

/// Lengths and characters; fills in display name and language.
Result<Profile> accept_profile(const Profile& profile);
/// The members of an event's body that tell a profile.
store::EventBody& add_profile(store::EventBody& body, const Profile& profile);
/// Body of the event user.human.profile.changed.
std::string changed_profile(const Profile& profile);

}  // namespace godwit::user
