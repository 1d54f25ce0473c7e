// Keycloak's UserRepresentation as a canonical record.
#include <algorithm>

#include "base/text.h"
#include "migration/input/json_fields.h"
#include "migration/input/values.h"
#include "migration/sources/keycloak/credentials.h"

namespace godwit::migration {
namespace {

using simdjson::dom::element;

/// Clients that every realm has, for its own pages and its administration.
constexpr std::string_view kOwnClients[] = {"account", "account-console", "admin-cli", "broker", "security-admin-console"};
constexpr std::string_view kAdministration[] = {"realm-management", "master-realm"};

bool looks_like_phone(std::string_view text) {
    const auto digits = std::ranges::count_if(text, is_ascii_digit);
    return digits >= 5 && std::ranges::all_of(text, [](char c) { return is_ascii_digit(c) || std::string_view("+ -()./").contains(c); });
}

std::optional<std::string_view> only_text(const element& values) {
    simdjson::dom::array list;
    std::string_view text;
    if (values.get(text) == simdjson::SUCCESS) return text;
    if (values.get(list) == simdjson::SUCCESS && list.size() == 1 && list.at(0).get(text) == simdjson::SUCCESS) return text;
    return std::nullopt;
}

/// By custom some attributes are what other systems have fields for; the rest are metadata.
class Attributes {
public:
    explicit Attributes(JsonFields fields, v1::UserRecord& record) : fields_(std::move(fields)), record_(record) {}

    void map() {
        if (const auto locale = one({"locale"})) set_language(record_, *locale, "attributes.locale");
        if (const auto phone = one({"phoneNumber", "phone_number", "phone", "mobile"}, looks_like_phone)) {
            record_.mutable_phone()->set_number(std::string(*phone));
            const auto verified = one({"phoneNumberVerified", "phone_number_verified", "phoneVerified"});
            if (verified == "true" || verified == "false") record_.mutable_phone()->set_verified(*verified == "true");
        }
        if (const auto picture = one({"picture"}, [](std::string_view url) { return url.starts_with("http"); })) {
            record_.mutable_avatar()->set_url(std::string(*picture));
            note(*record_.mutable_origin(), "avatar.url_only");
        }
        if (const auto nick = one({"nickname"})) record_.mutable_profile()->set_nick_name(std::string(*nick));
        for (const auto& [name, values] : fields_.rest()) {
            if (holds_nothing(values)) continue;
            auto& value = (*record_.mutable_metadata())[std::string(name)];
            if (const auto text = only_text(values)) {
                value.set_string_value(std::string(*text));
            } else {
                to_value(values, value);
            }
        }
    }

private:
    /// The value of the first attribute of these names that has just one which fits; that attribute is then no metadata.
    template <class Fits>
    std::optional<std::string_view> one(std::initializer_list<std::string_view> names, Fits fits) {
        for (const auto& [name, values] : fields_.rest()) {
            const auto text = std::ranges::find(names, name) == names.end() ? std::nullopt : only_text(values);
            if (!text || text->empty() || !fits(*text)) continue;
            fields_.ignore({name});
            return text;
        }
        return std::nullopt;
    }
    std::optional<std::string_view> one(std::initializer_list<std::string_view> names) {
        return one(names, [](std::string_view) { return true; });
    }

    JsonFields fields_;
    v1::UserRecord& record_;
};

void add_grant(v1::UserRecord& record, std::string_view project, std::vector<std::string> roles) {
    if (roles.empty()) return;
    v1::Grant& grant = *record.add_grants();
    grant.set_project(std::string(project));
    for (std::string& role : roles) grant.add_roles(std::move(role));
}

void map_roles(JsonFields& user, const KeycloakRealm& realm, v1::UserRecord& record) {
    std::vector<std::string> realm_roles = user.texts({"realmRoles"});
    // Every user of every realm has these.
    std::erase_if(realm_roles, [](const std::string& role) {
        return role.starts_with("default-roles-") || role == "offline_access" || role == "uma_authorization";
    });
    add_grant(record, realm.name, std::move(realm_roles));
    JsonFields clients = user.object({"clientRoles", "applicationRoles"});
    for (const auto& [client, roles] : clients.rest()) {
        if (std::ranges::find(kOwnClients, client) != std::end(kOwnClients)) continue;
        if (std::ranges::find(kAdministration, client) != std::end(kAdministration)) {
            clients.lost("grant.administration", client);
            continue;
        }
        add_grant(record, client, clients.texts({client}));
    }
}

void map_links(JsonFields& user, v1::UserRecord& record) {
    for (const auto& [path, json] : user.list({"federatedIdentities", "socialLinks"})) {
        JsonFields link(json, path, *record.mutable_origin());
        const std::string id = link.text({"userId", "socialUserId"});
        if (id.empty()) {
            note_lost(*record.mutable_origin(), "link.without_id", path);
            continue;
        }
        v1::IdpLink& out = *record.add_idp_links();
        out.set_idp(link.text({"identityProvider", "socialProvider"}));
        out.set_external_id(id);
        out.set_display_name(link.text({"userName", "socialUsername"}));
        link.rest_is_lost();
    }
}

void map_consents(JsonFields& user, v1::UserRecord& record) {
    for (const auto& [path, json] : user.list({"clientConsents"})) {
        JsonFields consent(json, path, *record.mutable_origin());
        v1::Consent& out = *record.add_consents();
        out.set_client_id(consent.text({"clientId"}));
        for (std::string& scope : consent.texts({"grantedClientScopes"})) out.add_scopes(std::move(scope));
        if (const auto millis = consent.number({"createdDate"})) set_time(*out.mutable_created_at(), from_epoch_millis(*millis));
        consent.ignore({"lastUpdatedDate", "grantedRealmRoles", "grantedClientRoles", "grantedProtocolMappers"});
        consent.rest_is_lost();
    }
}

void map_profile(JsonFields& user, v1::UserRecord& record) {
    const std::string given = user.text({"firstName"}), family = user.text({"lastName"});
    if (!given.empty()) record.mutable_profile()->set_given_name(given);
    if (!family.empty()) record.mutable_profile()->set_family_name(family);
    const std::string email = user.text({"email"});
    const auto verified = user.boolean({"emailVerified"});
    if (!email.empty()) {
        record.mutable_email()->set_address(email);
        if (verified) record.mutable_email()->set_verified(*verified);
    }
}

void map_required_actions(JsonFields& user, v1::UserRecord& record) {
    for (std::string& action : user.texts({"requiredActions"})) {
        if (action == "UPDATE_PASSWORD") {
            record.mutable_password()->set_change_required(true);
        } else if (action != "VERIFY_EMAIL") {  // which an unverified address asks for by itself
            note(*record.mutable_origin(), "required_action.kept");
        }
        record.add_required_actions(std::move(action));
    }
}

}  // namespace

bool is_keycloaks_own_client(std::string_view client) {
    return std::ranges::find(kOwnClients, client) != std::end(kOwnClients) ||
           std::ranges::find(kAdministration, client) != std::end(kAdministration);
}

Result<v1::UserRecord> map_keycloak_user(std::string_view json, const KeycloakRealm& realm) {
    const JsonText text = TRY(JsonText::parse(json));
    v1::UserRecord record;
    if (!text.root().is_object()) return fail(Code::invalid_argument, "record.bad_form", "a user is an object");
    JsonFields user(text.root(), "", *record.mutable_origin());
    record.set_user_name(user.text({"username"}));
    record.set_user_id(user.text({"id"}));
    record.set_source_id(record.user_id().empty() ? record.user_name() : record.user_id());
    map_profile(user, record);
    if (record.source_id().empty()) record.set_source_id(record.email().address());
    if (record.source_id().empty()) return fail(Code::invalid_argument, "record.no_id", "a user without id, username and email");

    if (!user.boolean({"enabled"}).value_or(true)) record.set_state("inactive");
    if (const auto millis = user.number({"createdTimestamp"})) set_time(*record.mutable_created_at(), from_epoch_millis(*millis));
    Attributes(user.object({"attributes"}), record).map();
    for (const auto& [path, credential] : user.list({"credentials"})) map_keycloak_credential(credential, path, realm, record);
    map_required_actions(user, record);
    map_links(user, record);
    map_roles(user, realm, record);
    for (std::string& group : user.texts({"groups"})) record.add_groups(std::move(group));
    map_consents(user, record);

    if (const std::string client = user.text({"serviceAccountClientId", "serviceAccountClientLink"}); !client.empty()) {
        record.set_type("machine");
        record.mutable_machine()->set_name(client);
        note_lost(*record.mutable_origin(), "machine.secret_lost", "serviceAccountClientId");
    } else if (!user.text({"federationLink"}).empty()) {
        note(*record.mutable_origin(), "state.external");
    } else if (record.password().hash().empty() && record.password().plain().empty()) {
        note(*record.mutable_origin(), "password.none");
    }
    // Derived, or about sessions of the old system.
    user.ignore({"totp", "disableableCredentialTypes", "notBefore", "origin", "self", "access", "userProfileMetadata"});
    user.rest_is_lost();
    return record;
}

}  // namespace godwit::migration
