// Sessions between the domain and zitadel.session.v2.
#pragma once

#include <google/protobuf/map.h>
#include <google/protobuf/repeated_ptr_field.h>

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"
#include "directory/session/sessions.h"

namespace google::protobuf {
class Duration;
}
namespace zitadel::session::v2 {
class Checks;
class RequestChallenges;
class SearchQuery;
class Session;
class UserAgent;
}  // namespace zitadel::session::v2

namespace godwit::api {

void encode(const session::Shown& in, zitadel::session::v2::Session& out);
session::UserAgent decode(const zitadel::session::v2::UserAgent& in);
std::chrono::microseconds decode(const google::protobuf::Duration& in);
void decode(const google::protobuf::Map<std::string, std::string>& metadata, session::Update& update);
/// `caller`: who "created by me" means.
session::Search decode(const google::protobuf::RepeatedPtrField<zitadel::session::v2::SearchQuery>& in, std::string_view caller);

/// Factors whose check is not served answer as for a user who has not set them up.
Result<void> refuse_other_checks(const zitadel::session::v2::Checks& checks);
Result<void> refuse_challenges(const zitadel::session::v2::RequestChallenges& challenges);

}  // namespace godwit::api
