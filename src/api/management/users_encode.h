// Users between the domain and zitadel.user.v1.
#pragma once

#include <string>
#include <string_view>

#include "directory/user/search.h"
#include "directory/user/types.h"
#include "transport/rpc/registry.h"

namespace zitadel::user::v1 {
class Email;
class Phone;
class Profile;
class SearchQuery;
class User;
}  // namespace zitadel::user::v1

namespace godwit::instance {
class Instances;
}
namespace godwit::user {
class Users;
}

namespace godwit::api {

void encode(const user::User& in, zitadel::user::v1::User& out);
void encode(const user::Profile& in, zitadel::user::v1::Profile& out);
void encode(const user::Email& in, zitadel::user::v1::Email& out);
void encode(const user::Phone& in, zitadel::user::v1::Phone& out);
user::Query decode(const zitadel::user::v1::SearchQuery& in);

inline user::Ref user_ref(const rpc::Call& call, std::string_view id) { return user::Ref::named(call.org(), std::string(id)); }

/// A user of the organization of the call; or of another, for who may read it there. Others are told that there is none: the answer then
/// names nobody.
Result<user::Ref> reachable_user(const rpc::Call& call, const std::string& id, user::Users& users, rpc::Permissions& permissions);

/// Where the person registers a passkey: the address the reference gives out.
Result<std::string> passkey_link(const rpc::Call& call, const instance::Instances& instances, std::string_view user_id,
                                 std::string_view org_id, std::string_view code_id, std::string_view code);

}  // namespace godwit::api
