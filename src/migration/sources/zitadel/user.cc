// A user of a ZITADEL export as a canonical record.
#include <google/protobuf/struct.pb.h>

#include <map>

#include "base/encoding.h"
#include "base/text.h"
#include "credentials/totp/totp.h"
#include "migration/input/json_fields.h"
#include "migration/input/values.h"
#include "migration/sources/zitadel/zitadel.h"

namespace godwit::migration {
namespace {

using simdjson::dom::element;

std::string state_of(std::string_view state, v1::Origin& origin) {
    if (state == "USER_STATE_INACTIVE") return "inactive";
    if (state == "USER_STATE_LOCKED" || state == "USER_STATE_SUSPEND") return "locked";
    // INITIAL: they have not signed in yet; here that is no state of its own.
    if (!state.empty() && state != "USER_STATE_ACTIVE" && state != "USER_STATE_INITIAL" && state != "USER_STATE_UNSPECIFIED")
        note_lost(origin, "state.unknown", "state");
    return {};
}

std::string gender_of(std::string_view gender) {
    return gender.starts_with("GENDER_") && gender != "GENDER_UNSPECIFIED" ? to_ascii_lower(gender.substr(7)) : std::string();
}

void map_password(JsonFields& user, v1::UserRecord& record) {
    const std::string plain = user.text({"password"});
    JsonFields hashed = user.object({"hashedPassword", "hashed_password"});
    const std::string hash = hashed.text({"value"});
    if (!hash.empty()) {
        record.mutable_password()->set_hash(hash);
        record.mutable_password()->set_algorithm(hashed.text({"algorithm"}));
        if (const auto parameters = hashed.take({"parameters"}); parameters && parameters->is_object()) {
            google::protobuf::Value value;
            to_value(*parameters, value);
            *record.mutable_password()->mutable_parameters() = value.struct_value();
        }
    } else if (!plain.empty()) {
        record.mutable_password()->set_plain(plain);
    } else {
        note(*record.mutable_origin(), "password.none");
    }
    if (!hash.empty() && !plain.empty()) user.lost("password.two_given", "password");
    hashed.rest_is_lost();
    if (user.boolean({"passwordChangeRequired", "password_change_required"}).value_or(false))
        record.mutable_password()->set_change_required(true);
}

void map_otp(JsonFields& user, v1::UserRecord& record) {
    const std::string code = user.text({"otpCode", "otp_code"});
    if (code.empty()) return;
    auto key = totp::parse_otpauth(code);
    if (!key) {
        auto bytes = totp::read_key(code);
        if (!bytes) return user.lost("totp.bad_key", "otpCode");
        key = totp::Key{.bytes = std::move(*bytes), .parameters = {}, .issuer = {}, .account = {}};
    }
    v1::Totp& totp = *record.add_totp();
    totp.set_key(base32_encode(key->bytes.reveal()));
    totp.set_algorithm(key->parameters.hash == crypto::Hash::sha1     ? "SHA1"
                       : key->parameters.hash == crypto::Hash::sha256 ? "SHA256"
                                                                      : "SHA512");
    totp.set_digits(key->parameters.digits);
    totp.set_period(static_cast<std::int32_t>(key->parameters.period.count()));
}

void add_link(v1::UserRecord& record, JsonFields& link, std::string idp, std::string external_id, std::string name) {
    if (external_id.empty()) return link.lost("link.without_id", "");
    v1::IdpLink& out = *record.add_idp_links();
    out.set_idp(std::move(idp));
    out.set_external_id(std::move(external_id));
    out.set_display_name(std::move(name));
}

void map_human(JsonFields& user, v1::UserRecord& record) {
    JsonFields profile = user.object({"profile"});
    if (!profile.empty()) {
        v1::Profile& out = *record.mutable_profile();
        out.set_given_name(profile.text({"firstName", "first_name"}));
        out.set_family_name(profile.text({"lastName", "last_name"}));
        out.set_nick_name(profile.text({"nickName", "nick_name"}));
        out.set_display_name(profile.text({"displayName", "display_name"}));
        out.set_gender(gender_of(profile.text({"gender"})));
        set_language(record, profile.text({"preferredLanguage", "preferred_language"}), profile.path_of("preferredLanguage"));
        profile.rest_is_lost();
    }
    // In this form what is false is left out.
    JsonFields email = user.object({"email"});
    if (std::string address = email.text({"email"}); !address.empty()) {
        record.mutable_email()->set_address(std::move(address));
        record.mutable_email()->set_verified(email.boolean({"isEmailVerified", "is_email_verified"}).value_or(false));
    }
    email.rest_is_lost();
    JsonFields phone = user.object({"phone"});
    if (std::string number = phone.text({"phone"}); !number.empty()) {
        record.mutable_phone()->set_number(std::move(number));
        record.mutable_phone()->set_verified(phone.boolean({"isPhoneVerified", "is_phone_verified"}).value_or(false));
    }
    phone.rest_is_lost();
    map_password(user, record);
    map_otp(user, record);
    if (user.boolean({"requestPasswordlessRegistration", "request_passwordless_registration"}).value_or(false))
        record.add_required_actions("REGISTER_PASSKEY");
    for (const auto& [path, json] : user.list({"idps"})) {
        JsonFields link(json, path, *record.mutable_origin());
        std::string idp = link.text({"configId", "config_id"}), id = link.text({"externalUserId", "external_user_id"});
        add_link(record, link, std::move(idp), std::move(id), link.text({"displayName", "display_name"}));
        link.rest_is_lost();
    }
}

void map_machine(JsonFields& user, v1::UserRecord& record) {
    record.set_type("machine");
    v1::Machine& machine = *record.mutable_machine();
    machine.set_name(user.text({"name"}));
    machine.set_description(user.text({"description"}));
    const std::string type = user.text({"accessTokenType", "access_token_type"});
    machine.set_access_token_type(type == "ACCESS_TOKEN_TYPE_JWT" ? "jwt" : "bearer");
    user.ignore({"userId", "user_id"});
}

/// What the other lists of the file say of this user.
class Joined {
public:
    Joined(JsonFields& own, const std::map<std::string, std::string>& owners, v1::UserRecord& record)
        : own_(own), owners_(owners), record_(record) {}

    void map() {
        each({"userMetadata", "user_metadata"}, &Joined::metadata);
        each({"userGrants", "user_grants"}, &Joined::grant);
        each({"userLinks", "user_links"}, &Joined::link);
        each({"machineKeys", "machine_keys"}, &Joined::key);
        each({"orgMembers", "org_members"}, &Joined::membership);
        each({"projectMembers", "project_members"}, &Joined::membership);
        each({"projectGrantMembers", "project_grant_members"}, &Joined::membership);
    }

private:
    void each(JsonFields::Names names, void (Joined::*map_one)(JsonFields&)) {
        for (const auto& [path, json] : own_.list(names)) {
            JsonFields fields(json, path, *record_.mutable_origin());
            fields.ignore({"userId", "user_id"});
            path_ = path;
            (this->*map_one)(fields);
            fields.rest_is_lost();
        }
    }
    void lost(std::string_view code) { note_lost(*record_.mutable_origin(), code, path_); }

    void metadata(JsonFields& fields) {
        fields.ignore({"id"});
        const std::string key = fields.text({"key"}), value = fields.text({"value"});
        const auto bytes = base64_decode_lenient(value);
        if (key.empty() || !bytes) return lost("metadata.bad_value");
        // The bytes as they are; the engine takes {"base64": …} for that.
        (*(*record_.mutable_metadata())[key].mutable_struct_value()->mutable_fields())["base64"].set_string_value(base64_encode(*bytes));
    }
    void grant(JsonFields& fields) {
        v1::Grant& grant = *record_.add_grants();
        grant.set_project(fields.text({"projectId", "project_id"}));
        fields.ignore({"projectGrantId", "project_grant_id", "id"});
        if (const auto owner = owners_.find(grant.project()); owner != owners_.end()) grant.set_granted_by(owner->second);
        for (std::string& role : fields.texts({"roleKeys", "role_keys"})) grant.add_roles(std::move(role));
    }
    void link(JsonFields& fields) {
        std::string idp = fields.text({"idpId", "idp_id"});
        const std::string name = fields.text({"idpName", "idp_name"});
        fields.ignore({"idpType", "idp_type"});
        std::string id = fields.text({"providedUserId", "provided_user_id"});
        add_link(record_, fields, idp.empty() ? name : std::move(idp), std::move(id),
                 fields.text({"providedUserName", "provided_user_name"}));
    }
    void key(JsonFields& fields) {
        const std::string text = fields.text({"publicKey", "public_key"});
        const auto pem = base64_decode_lenient(text);
        const std::string id = fields.text({"keyId", "key_id"}), expires = fields.text({"expirationDate", "expiration_date"});
        fields.ignore({"type"});
        const auto time = read_time(expires);
        if (!pem || !pem->contains("PUBLIC KEY") || (!expires.empty() && !time)) return lost("machine.key_lost");
        v1::MachineKey& key = *record_.mutable_machine()->add_keys();
        key.set_id(id);
        key.set_public_key(*pem);
        if (time) set_time(*key.mutable_expires_at(), *time);
    }
    void membership(JsonFields& fields) {
        fields.ignore({"roles", "projectId", "project_id", "grantId", "grant_id"});
        lost("grant.administration");
    }

    JsonFields& own_;
    const std::map<std::string, std::string>& owners_;
    v1::UserRecord& record_;
    std::string path_;
};

void map_organization(JsonFields& own, v1::UserRecord& record) {
    v1::OrganizationRef& organization = *record.mutable_organization();
    organization.set_id(own.text({"orgId", "org_id"}));
    organization.set_name(own.object({"org"}).text({"name"}));
    for (const auto& [path, json] : own.list({"domains"}))
        organization.set_domain(JsonFields(json, path, *record.mutable_origin()).text({"domainName", "domain_name"}));
}

}  // namespace

Result<v1::UserRecord> map_zitadel_user(std::string_view organizations) {
    const JsonText text = TRY(JsonText::parse("[" + std::string(organizations) + "]"));
    const simdjson::dom::array parts = text.root();
    element first;
    if (parts.at(0).get(first) != simdjson::SUCCESS || !first.is_object())
        return fail(Code::invalid_argument, "record.bad_form", "an organization with one user is due");
    v1::UserRecord record;
    JsonFields own(first, "", *record.mutable_origin());
    std::map<std::string, std::string> owners;
    for (std::size_t i = 1; i < parts.size(); ++i) {
        v1::Origin ignored;
        JsonFields other(parts.at(i), "", ignored);
        const std::string id = other.text({"orgId"});
        for (const auto& [path, project] : other.list({"projects"})) owners[JsonFields(project, path, ignored).text({"projectId"})] = id;
    }

    const auto humans = own.list({"humanUsers", "human_users"}), machines = own.list({"machineUsers", "machine_users"});
    if (humans.size() + machines.size() != 1)
        return fail(Code::invalid_argument, "record.bad_form", "an organization with one user is due");
    JsonFields outer(humans.empty() ? machines[0].second : humans[0].second, "", *record.mutable_origin());
    record.set_user_id(outer.text({"userId", "user_id"}));
    JsonFields user = outer.object({"user"});
    record.set_user_name(user.text({"userName", "user_name"}));
    if (humans.empty() && record.user_id().empty()) record.set_user_id(user.text({"userId", "user_id"}));
    record.set_source_id(record.user_id().empty() ? record.user_name() : record.user_id());
    if (record.source_id().empty()) return fail(Code::invalid_argument, "record.no_id", "a user without userId and userName");
    record.set_state(state_of(outer.text({"state"}), *record.mutable_origin()));
    map_organization(own, record);
    if (humans.empty()) {
        map_machine(user, record);
    } else {
        map_human(user, record);
    }
    user.rest_is_lost();
    outer.rest_is_lost();
    Joined(own, owners, record).map();
    return record;
}

}  // namespace godwit::migration
