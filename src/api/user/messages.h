// Users between the domain and zitadel.user.v2.
#pragma once

#include "directory/user/new_user.h"

namespace zitadel::user::v2 {
class AddHumanUserRequest;
class User;
}  // namespace zitadel::user::v2

namespace godwit::api {

void encode(const user::User& in, zitadel::user::v2::User& out);
/// All but id, password and TOTP.
void decode(const zitadel::user::v2::AddHumanUserRequest& in, user::NewUser& user, user::NewHuman& human);

}  // namespace godwit::api
