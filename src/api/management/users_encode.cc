#include "api/management/users_encode.h"

#include "api/encode/encode.h"
#include "base/url.h"
#include "directory/instance/instances.h"
#include "directory/user/users.h"
#include "zitadel/user.pb.h"

namespace godwit::api {
namespace {

namespace v1 = zitadel::user::v1;

template <class Parts>
std::vector<user::Query> decode_all(const Parts& parts) {
    std::vector<user::Query> out;
    for (const auto& part : parts) out.push_back(decode(part));
    return out;
}

template <class Condition>
user::Query text_query(user::Query::Field field, const std::string& text, const Condition& condition) {
    return user::Query::text_is(field, text, static_cast<store::TextMethod>(condition.method()));
}

}  // namespace

void encode(const user::Profile& in, v1::Profile& out) {
    out.set_first_name(in.first_name);
    out.set_last_name(in.last_name);
    out.set_nick_name(in.nick_name);
    out.set_display_name(in.display_name);
    out.set_preferred_language(in.language);
    out.set_gender(static_cast<v1::Gender>(in.gender));
    out.set_avatar_url(std::string(in.avatar_url()));
}

void encode(const user::Email& in, v1::Email& out) {
    out.set_email(in.address);
    out.set_is_email_verified(in.verified());
}

void encode(const user::Phone& in, v1::Phone& out) {
    out.set_phone(in.number);
    out.set_is_phone_verified(in.verified());
}

void encode(const user::User& in, v1::User& out) {
    out.set_id(in.public_id);
    encode(in.stamp, in.org_id, *out.mutable_details());
    out.set_state(static_cast<v1::UserState>(in.state));
    out.set_user_name(in.name);
    for (const std::string& name : in.login_names) out.add_login_names(name);
    out.set_preferred_login_name(in.preferred_login_name);
    if (const user::Human* human = in.human()) {
        v1::Human& to = *out.mutable_human();
        encode(human->profile, *to.mutable_profile());
        encode(human->email, *to.mutable_email());
        encode(human->phone, *to.mutable_phone());
        if (human->password_changed) encode(*human->password_changed, *to.mutable_password_changed());
    } else {
        const user::Machine& machine = *in.machine();
        v1::Machine& to = *out.mutable_machine();
        to.set_name(machine.name);
        to.set_description(machine.description);
        to.set_has_secret(machine.has_secret);
        to.set_access_token_type(static_cast<v1::AccessTokenType>(machine.token_kind));
    }
}

user::Query decode(const v1::SearchQuery& in) {
    using user::Query;
    using Field = Query::Field;
    switch (in.query_case()) {
        case v1::SearchQuery::kUserNameQuery:
            return text_query(Field::user_name, in.user_name_query().user_name(), in.user_name_query());
        case v1::SearchQuery::kFirstNameQuery:
            return text_query(Field::first_name, in.first_name_query().first_name(), in.first_name_query());
        case v1::SearchQuery::kLastNameQuery:
            return text_query(Field::last_name, in.last_name_query().last_name(), in.last_name_query());
        case v1::SearchQuery::kNickNameQuery:
            return text_query(Field::nick_name, in.nick_name_query().nick_name(), in.nick_name_query());
        case v1::SearchQuery::kDisplayNameQuery:
            return text_query(Field::display_name, in.display_name_query().display_name(), in.display_name_query());
        case v1::SearchQuery::kEmailQuery:
            return text_query(Field::email, in.email_query().email_address(), in.email_query());
        case v1::SearchQuery::kLoginNameQuery:
            return text_query(Field::login_name, in.login_name_query().login_name(), in.login_name_query());
        case v1::SearchQuery::kStateQuery:
            return Query::state_is(static_cast<user::State>(in.state_query().state()));
        case v1::SearchQuery::kTypeQuery:
            return Query::kind_is(static_cast<user::Kind>(in.type_query().type()));
        case v1::SearchQuery::kInUserIdsQuery:
            return Query::id_in({in.in_user_ids_query().user_ids().begin(), in.in_user_ids_query().user_ids().end()});
        case v1::SearchQuery::kInUserEmailsQuery:
            return Query::email_in({in.in_user_emails_query().user_emails().begin(), in.in_user_emails_query().user_emails().end()});
        case v1::SearchQuery::kOrQuery:
            return Query::combine(Query::Op::any, decode_all(in.or_query().queries()));
        case v1::SearchQuery::kAndQuery:
            return Query::combine(Query::Op::all, decode_all(in.and_query().queries()));
        case v1::SearchQuery::kNotQuery: {
            std::vector<Query> part;
            part.push_back(decode(in.not_query().query()));
            return Query::combine(Query::Op::none, std::move(part));
        }
        case v1::SearchQuery::QUERY_NOT_SET:
            break;
    }
    return {};  // validation has refused it; holds for all
}

Result<user::Ref> reachable_user(const rpc::Call& call, const std::string& id, user::Users& users, rpc::Permissions& permissions) {
    const auto ours = user::Ref::named(call.org(), id);
    const auto user = TRY(users.find(user::Ref::named(call.instance, id)));
    if (!user || user->org == call.org_id) return ours;
    const auto allowed = permissions.check(call.instance, call.caller, "user.read", user->org, "");
    if (allowed) return user::Ref::of(call.instance, user->id);
    if (allowed.error().code != Code::permission_denied) return std::unexpected(allowed.error());
    return ours;
}

Result<std::string> passkey_link(const rpc::Call& call, const instance::Instances& instances, std::string_view user_id,
                                 std::string_view org_id, std::string_view code_id, std::string_view code) {
    // The stored domain, never the header's bytes (threats row 15).
    const auto found = TRY(instances.find_by_host(call.request ? call.request->host : ""));
    const std::string origin = found ? found->issuer : instances.external().origin(TRY(instances.get(call.instance)).primary_host());
    return origin + "/ui/login/login/passwordless/init?userID=" + percent_encode(user_id) + "&orgID=" + percent_encode(org_id) +
           "&codeID=" + percent_encode(code_id) + "&code=" + percent_encode(code);
}

}  // namespace godwit::api
