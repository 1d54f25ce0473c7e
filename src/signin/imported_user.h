// A human of the contract on the way in: what the messages of management say, as a NewUser. Both doors of the import, the single call and
// the bulk file, read their records here.
#pragma once

#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "credentials/password/declared.h"
#include "directory/user/new_user.h"

namespace google::protobuf {
class Struct;
}
namespace zitadel::management::v1 {
class AddHumanUserRequest;
class AddMachineUserRequest;
class ImportHumanUserRequest;
}  // namespace zitadel::management::v1

namespace godwit::signin {

class PasswordCheck;

/// hashedPassword.algorithm and .parameters. invalid_argument USER-JDk4t for a parameter that is neither text, number nor boolean.
Result<password::Declaration> declaration_of(std::string_view algorithm, const google::protobuf::Struct& parameters);

/// Takes over the hash (it wins over a plain password, which is hashed under the policy of `org`) and the otpCode; the rest of the record
/// is checked by Users::create. Errors: USER-JDk4t, DOMAIN-… (complexity).
Result<user::NewUser> new_user_of(const zitadel::management::v1::ImportHumanUserRequest& request, const OrgScope& org,
                                  PasswordCheck& passwords);
user::NewUser new_user_of(const zitadel::management::v1::AddMachineUserRequest& request);

/// Name, profile, addresses.
user::NewUser person_of(const zitadel::management::v1::AddHumanUserRequest& request);

}  // namespace godwit::signin
