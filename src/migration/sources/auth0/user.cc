// A user of Auth0 (export or bulk import schema) as a canonical record.
#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "credentials/totp/totp.h"
#include "migration/input/json_fields.h"
#include "migration/input/values.h"
#include "migration/sources/auth0/auth0.h"
#include "migration/sources/auth0/password.h"

namespace godwit::migration {
namespace {

using simdjson::dom::element;

constexpr std::string_view kDatabase = "auth0|";

/// A time as text, or Mongo's {"$date": …}.
std::string time_text(JsonFields& user, std::string_view name) {
    for (const auto& [member, value] : user.rest()) {
        if (member != name || !value.is_object()) continue;
        return user.object({name}).text({"$date"});
    }
    return user.text({name});
}

void map_profile(JsonFields& user, v1::UserRecord& record) {
    const auto set = [&user](std::string_view name, auto&& setter) {
        if (std::string text = user.text({name}); !text.empty()) setter(std::move(text));
    };
    set("given_name", [&](std::string text) { record.mutable_profile()->set_given_name(std::move(text)); });
    set("family_name", [&](std::string text) { record.mutable_profile()->set_family_name(std::move(text)); });
    set("name", [&](std::string text) { record.mutable_profile()->set_display_name(std::move(text)); });
    set("nickname", [&](std::string text) { record.mutable_profile()->set_nick_name(std::move(text)); });
    set("locale", [&](std::string text) { set_language(record, text, "locale"); });
    set("picture", [&](std::string text) {
        record.mutable_avatar()->set_url(std::move(text));
        note(*record.mutable_origin(), "avatar.url_only");
    });
    set("email", [&](std::string text) { record.mutable_email()->set_address(std::move(text)); });
    const auto email_verified = user.boolean({"email_verified"});
    if (record.has_email() && email_verified) record.mutable_email()->set_verified(*email_verified);
    set("phone_number", [&](std::string text) { record.mutable_phone()->set_number(std::move(text)); });
    const auto phone_verified = user.boolean({"phone_verified"});
    if (record.has_phone() && phone_verified) record.mutable_phone()->set_verified(*phone_verified);
}

/// "google-oauth2|110", "samlp|acme|ada": connection and id, where the export left the identities out.
void link_of_id(const std::string& user_id, std::string_view connection, v1::UserRecord& record) {
    const auto parts = split(user_id, '|');
    if (parts.size() < 2 || user_id.starts_with(kDatabase)) return;
    v1::IdpLink& link = *record.add_idp_links();
    link.set_idp(std::string(!connection.empty() ? connection : parts.size() > 2 ? parts[1] : parts[0]));
    link.set_external_id(std::string(parts.back()));
}

/// Whether one of them is of a database, and so has a password.
bool map_identities(JsonFields& user, v1::UserRecord& record) {
    const auto identities = user.list({"identities"});
    bool database = identities.empty() && (record.user_id().starts_with(kDatabase) || !record.user_id().contains('|'));
    for (const auto& [path, json] : identities) {
        JsonFields identity(json, path, *record.mutable_origin());
        const std::string provider = identity.text({"provider"}), connection = identity.text({"connection"});
        const std::string id = identity.text({"user_id"});
        JsonFields profile = identity.object({"profileData"});
        // Tokens of the old system; the profile of a linked account repeats what its provider says at each sign-in.
        identity.ignore({"isSocial", "access_token", "access_token_secret", "refresh_token", "expires_in"});
        identity.rest_is_lost();
        // The CSV export says the connection of the first and no more: the rest is in the user's id.
        const bool first_by_id = id.empty() && provider.empty() && identities.size() == 1;
        if (provider == "auth0" || (first_by_id && record.user_id().starts_with(kDatabase))) {
            database = true;
            continue;
        }
        if (first_by_id) {
            link_of_id(record.user_id(), connection, record);
            continue;
        }
        if (id.empty()) {
            note_lost(*record.mutable_origin(), "link.without_id", path);
            continue;
        }
        v1::IdpLink& link = *record.add_idp_links();
        link.set_idp(connection.empty() ? provider : connection);
        link.set_external_id(id);
        link.set_display_name(profile.text({"email", "name"}));
    }
    if (identities.empty()) link_of_id(record.user_id(), "", record);
    return database;
}

void map_metadata(JsonFields metadata, std::string_view prefix, v1::UserRecord& record) {
    for (const auto& [name, value] : metadata.rest())
        if (!value.is_null()) to_value(value, (*record.mutable_metadata())[std::string(prefix) + std::string(name)]);
}

void map_factors(JsonFields& user, v1::UserRecord& record) {
    for (const auto& [path, json] : user.list({"mfa_factors"})) {
        JsonFields factor(json, path, *record.mutable_origin());
        JsonFields totp = factor.object({"totp"}), phone = factor.object({"phone"}), email = factor.object({"email"});
        if (!totp.empty()) {
            const auto key = totp::read_key(totp.text({"secret"}));
            if (key) {
                record.add_totp()->set_key(base32_encode(key->reveal()));
            } else {
                note_lost(*record.mutable_origin(), "totp.bad_key", path);
            }
        }
        if (const std::string number = phone.text({"value"}); !number.empty()) {
            // Codes go to the person's number: another one has no place.
            if (!record.has_phone()) record.mutable_phone()->set_number(number);
            if (record.phone().number() == number) {
                record.mutable_phone()->set_verified(true);
                record.set_otp_sms(true);
            } else {
                note_lost(*record.mutable_origin(), "factor.unsupported", path);
            }
        }
        if (const std::string address = email.text({"value"}); !address.empty()) {
            if (equals_ignoring_case(record.email().address(), address)) {
                record.set_otp_email(true);
            } else {
                note_lost(*record.mutable_origin(), "factor.unsupported", path);
            }
        }
        factor.rest_is_lost("factor.unsupported");
    }
    if (!user.texts({"multifactor"}).empty() && record.totp().empty() && !record.otp_sms() && !record.otp_email())
        user.lost("factor.not_exported", "multifactor");
}

void map_password(JsonFields& user, std::string_view password_line, bool database, v1::UserRecord& record) {
    const std::string bcrypt = user.text({"password_hash", "passwordHash"});
    JsonFields custom = user.object({"custom_password_hash"});
    const bool has_custom = !custom.empty();
    std::string joined;
    if (const auto parsed = JsonText::parse(password_line)) {
        v1::Origin ignored;
        joined = JsonFields(parsed->root(), "", ignored).text({"passwordHash"});
    }
    if (!joined.empty() || !bcrypt.empty()) record.mutable_password()->set_hash(joined.empty() ? bcrypt : joined);
    if (has_custom && !record.password().hash().empty()) {
        user.lost("password.two_given", "custom_password_hash");
    } else {
        map_auth0_password_hash(std::move(custom), record);
    }
    if (!joined.empty() && !bcrypt.empty() && joined != bcrypt) user.lost("password.two_given", "password_hash");
    if (record.password().hash().empty() && !has_custom && database) note(*record.mutable_origin(), "password.none");
}

}  // namespace

Result<v1::UserRecord> map_auth0_user(std::string_view json, std::string_view password_line) {
    const JsonText text = TRY(JsonText::parse(json));
    if (!text.root().is_object()) return fail(Code::invalid_argument, "record.bad_form", "a user is an object");
    v1::UserRecord record;
    JsonFields user(text.root(), "", *record.mutable_origin());
    record.set_user_id(user.text({"user_id"}));
    record.set_user_name(user.text({"username"}));
    map_profile(user, record);
    for (const std::string* id : {&record.user_id(), &record.user_name(), &record.email().address(), &record.phone().number()})
        if (record.source_id().empty()) record.set_source_id(*id);
    if (record.source_id().empty())
        return fail(Code::invalid_argument, "record.no_id", "a user without user_id, username, email and phone_number");
    if (user.boolean({"blocked"}).value_or(false)) record.set_state("inactive");
    set_created_at(record, time_text(user, "created_at"), "created_at");
    const bool database = map_identities(user, record);
    map_metadata(user.object({"user_metadata"}), "", record);
    map_metadata(user.object({"app_metadata"}), "app_metadata.", record);
    map_factors(user, record);
    map_password(user, password_line, database, record);
    // What the old system counted, and what follows from the rest.
    user.ignore({"updated_at", "last_login", "last_ip", "logins_count", "last_password_reset", "multifactor_last_modified", "email_lower",
                 "guardian_authenticators", "guardian_enrollments", "_id", "tenant", "connection", "__isprimary"});
    user.rest_is_lost();
    return record;
}

std::vector<std::string> auth0_database_ids(std::string_view json) {
    std::vector<std::string> out;
    const auto text = JsonText::parse(json);
    if (!text || !text->root().is_object()) return out;
    v1::Origin ignored;
    JsonFields user(text->root(), "", ignored);
    const auto add = [&out](std::string id) {
        if (id.starts_with(kDatabase)) id.erase(0, kDatabase.size());
        if (!id.empty() && !id.contains('|') && std::ranges::find(out, id) == out.end()) out.push_back(std::move(id));
    };
    add(user.text({"user_id"}));
    for (const auto& [path, identity] : user.list({"identities"})) {
        JsonFields fields(identity, path, ignored);
        if (fields.text({"provider"}) == "auth0") add(fields.text({"user_id"}));
    }
    return out;
}

}  // namespace godwit::migration
