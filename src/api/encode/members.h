// Members and memberships between the domain and zitadel.member.v1, zitadel.user.v1.
#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include <string_view>

#include "directory/member/members.h"

namespace zitadel::member::v1 {
class Member;
class SearchQuery;
}  // namespace zitadel::member::v1
namespace zitadel::user::v1 {
class Membership;
class MembershipQuery;
}  // namespace zitadel::user::v1
namespace godwit::user {
struct User;
}

namespace godwit::api {

void encode(const member::Member& in, zitadel::member::v1::Member& out);
member::MemberFilter decode(const google::protobuf::RepeatedPtrField<zitadel::member::v1::SearchQuery>& queries);

/// The page of a user's memberships that all conditions let through.
directory::Listed<const member::Membership*> select(const member::Memberships& memberships,
                                                    const google::protobuf::RepeatedPtrField<zitadel::user::v1::MembershipQuery>& queries,
                                                    const store::Page& page);
void encode(const member::Membership& in, const user::User& user, zitadel::user::v1::Membership& out);

}  // namespace godwit::api
