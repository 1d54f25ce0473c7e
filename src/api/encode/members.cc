#include "api/encode/members.h"

#include <algorithm>

#include "api/encode/encode.h"
#include "directory/user/types.h"
#include "zitadel/member.pb.h"
#include "zitadel/user.pb.h"

namespace godwit::api {
namespace {

namespace v1 = zitadel::member::v1;
using Kind = member::ScopeKind;
using Field = user::Query::Field;

template <class Condition>
user::Query text_is(Field field, const std::string& text, const Condition& condition) {
    return user::Query::text_is(field, text, static_cast<store::TextMethod>(condition.method()));
}

bool asked_for(const member::Membership& membership, const zitadel::user::v1::MembershipQuery& query) {
    using Query = zitadel::user::v1::MembershipQuery;
    switch (query.query_case()) {
        case Query::kOrgQuery:
            return membership.place.kind == Kind::organization && membership.place_id == query.org_query().org_id();
        case Query::kProjectQuery:
            return membership.place.kind == Kind::project && membership.place_id == query.project_query().project_id();
        case Query::kProjectGrantQuery:
            return membership.place.kind == Kind::project_grant && membership.place_id == query.project_grant_query().project_grant_id();
        case Query::kIamQuery:
            return (membership.place.kind == Kind::instance) == query.iam_query().iam();
        case Query::QUERY_NOT_SET:
            break;
    }
    return true;
}

}  // namespace

void encode(const member::Member& in, v1::Member& out) {
    out.set_user_id(in.user_id);
    api::encode(in.stamp, in.resource_owner, *out.mutable_details());
    for (const auto& role : in.roles) out.add_roles(role);
    out.set_preferred_login_name(in.preferred_login_name);
    out.set_email(in.email);
    out.set_first_name(in.first_name);
    out.set_last_name(in.last_name);
    out.set_display_name(in.display_name);
    out.set_avatar_url(in.avatar);
    out.set_user_type(static_cast<zitadel::user::v1::Type>(in.user_kind));
    out.set_user_resource_owner(in.user_org_id);
}

member::MemberFilter decode(const google::protobuf::RepeatedPtrField<v1::SearchQuery>& queries) {
    member::MemberFilter filter;
    for (const auto& in : queries) {
        switch (in.query_case()) {
            case v1::SearchQuery::kFirstNameQuery:
                filter.users.push_back(text_is(Field::first_name, in.first_name_query().first_name(), in.first_name_query()));
                break;
            case v1::SearchQuery::kLastNameQuery:
                filter.users.push_back(text_is(Field::last_name, in.last_name_query().last_name(), in.last_name_query()));
                break;
            case v1::SearchQuery::kEmailQuery:
                filter.users.push_back(text_is(Field::email, in.email_query().email(), in.email_query()));
                break;
            case v1::SearchQuery::kUserIdQuery:
                filter.user_ids.push_back(in.user_id_query().user_id());
                break;
            case v1::SearchQuery::QUERY_NOT_SET:
                break;
        }
    }
    return filter;
}

directory::Listed<const member::Membership*> select(const member::Memberships& memberships,
                                                    const google::protobuf::RepeatedPtrField<zitadel::user::v1::MembershipQuery>& queries,
                                                    const store::Page& page) {
    directory::Listed<const member::Membership*> listed;
    for (const member::Membership& membership : memberships) {
        if (!std::ranges::all_of(queries, [&](const auto& query) { return asked_for(membership, query); })) continue;
        if (listed.total >= page.offset && listed.rows.size() < store::applied_limit(page)) listed.rows.push_back(&membership);
        ++listed.total;
    }
    if (listed.rows.empty()) listed.total = 0;  // as the lists of the store say it
    return listed;
}

void encode(const member::Membership& in, const user::User& user, zitadel::user::v1::Membership& out) {
    const bool by_owner = in.place.kind == Kind::organization || in.place.kind == Kind::instance;
    out.set_user_id(user.public_id);
    api::encode(in.stamp, by_owner ? in.place_id : user.org_id, *out.mutable_details());
    for (const std::string& role : in.roles) out.add_roles(role);
    out.set_display_name(user.display_name());
    switch (in.place.kind) {
        case Kind::organization:
            out.set_org_id(in.place_id);
            break;
        case Kind::project:
            out.set_project_id(in.place_id);
            break;
        case Kind::project_grant:
            out.set_project_grant_id(in.place_id);
            break;
        case Kind::instance:
            out.set_iam(true);
    }
}

}  // namespace godwit::api
