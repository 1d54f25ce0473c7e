// Calls of any RPC made from its declaration alone: every field that names something is found, and can be filled with what one tenant
// or another has. So a new RPC is called the day it is registered, and a field that nobody taught this file is a failure.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/tenants_test_fixture.h"
#include "base/text.h"
#include "validate/validate.pb.h"

namespace godwit::app::foreign {
namespace pb = google::protobuf;

/// Whether a text field of that name says which object, person or organization is meant.
inline bool names_something(const pb::FieldDescriptor& field) {
    if (field.type() != pb::FieldDescriptor::TYPE_STRING) return false;
    const std::string& name = field.name();
    for (const char* whole : {"id", "ids", "domain", "org_domain", "login_name", "user_name", "username", "resource_owner", "role_key",
                              "role_keys", "session_token", "user_code", "org", "organization"}) {
        if (name == whole) return true;
    }
    return name.ends_with("_id") || name.ends_with("_ids");
}

/// Fields that look like it and are not ours to protect, with the reason.
inline std::optional<std::string> reason_to_ignore(const pb::FieldDescriptor& field) {
    static const std::map<std::string, std::string> kReasons{
        {"zitadel.user.v2.IDPLink.user_id", "what the identity provider calls the person"},
        {"zitadel.user.v2.IDPLink.user_name", "what the identity provider calls the person"},
        {"zitadel.management.v1.ImportHumanUserRequest.IDP.external_user_id", "what the identity provider calls the person"},
        {"godwit.migration.v1.JobOptions.user_name", "a template"},
        {"godwit.migration.v1.JobOptions.rp_id", "a relying party of WebAuthn"},
        {"zitadel.session.v2.UserAgent.fingerprint_id", "says what browser the caller has"},
        {"zitadel.session.v2.UserAgentQuery.fingerprint_id", "a browser, whosever it is"},
        {"zitadel.session.v2.CheckIDPIntent.idp_intent_id", "there are no intents yet: every such check is refused"},
        {"zitadel.session.v2.RequestChallenges.WebAuthN.domain", "a relying party of WebAuthn; every challenge is refused"},
    };
    static const std::set<std::string> kOfProviders{"client_id", "team_id", "key_id", "tenant_id"};
    const std::string& type = field.containing_type()->name();
    const bool of_provider = type.ends_with("ProviderRequest") || type.ends_with("IDPRequest") || type == "AzureADTenant";
    if (of_provider && kOfProviders.contains(field.name())) return "what the other provider calls us, or itself";
    const auto found = kReasons.find(field.full_name());
    return found == kReasons.end() ? std::nullopt : std::optional(found->second);
}

inline bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// What the field must hold to name something of the tenant; nullopt: this file does not know.
inline std::optional<std::string> value_of(const Tenant& t, const pb::MethodDescriptor& method, const pb::FieldDescriptor& field) {
    const std::string& name = field.name();
    const std::string& type = field.containing_type()->name();
    const std::string& call = method.name();
    const bool of_machine = has(call, "Machine") || has(call, "PersonalAccessToken");
    if (name == "project_id") return t.project_id;
    if (name == "app_id") return has(call, "AppKey") ? t.key_app : has(call, "RegenerateAPI") ? t.api_app : t.web_app;
    if (name == "key_id") return has(call, "AppKey") ? t.app_key : t.machine_key;
    if (name == "token_id") return has(call, "PersonalAccessToken") ? t.pat_id : has(call, "U2F") ? t.u2f_id : t.passkey_id;
    if (name == "passkey_id") return t.passkey_id;
    if (name == "u2f_id") return t.u2f_id;
    const bool of_instance = has(method.full_name(), ".AdminService.");
    if (name == "idp_id" || name == "config_id" || name == "idp_config_id") return of_instance ? t.instance_idp : t.idp_id;
    if (name == "linked_user_id" || name == "external_user_id") return t.external_id;
    if (name == "session_id" || (name == "ids" && has(type, "IDsQuery") && has(method.full_name(), ".session."))) return t.session_id;
    if (name == "session_token") return t.session_token;
    if (name == "auth_request_id") return t.auth_request;
    if (name == "device_authorization_id") return t.device_request;
    if (name == "user_code") return t.user_code;
    if (name == "job_id") return t.job_id;
    if (name == "organization" || name == "org_id" || name == "granted_org_id" || name == "resource_owner") return t.org_id;
    if (name == "domain" || name == "org_domain") return t.domain;
    if (name == "login_name" || name == "user_name" || name == "username") return t.login_name;
    if (name == "role_key" || name == "role_keys") return "role-" + t.tag;
    if (name == "grant_id" && has(call, "UserGrant")) return t.user_grant;
    if (name == "project_grant_id" || name == "grant_id") return t.project_grant;
    if (name == "user_id" || name == "user_ids" || name == "in_user_ids") return of_machine ? t.machine_id : t.human_id;
    if (name == "id" || name == "ids") {
        if (has(type, "User") || has(type, "Creator") || has(type, "Human") || has(type, "Machine")) return t.human_id;
        if (has(type, "Project")) return t.project_id;
        if (has(type, "Provider") || type == "IDPIDQuery") return of_instance ? t.instance_idp : t.idp_id;
        if (has(type, "Org")) return t.org_id;
    }
    return std::nullopt;
}

/// The way from a request to one field: each step but the last is a message.
using Path = std::vector<const pb::FieldDescriptor*>;

inline std::string text_of(const Path& path) {
    std::string text;
    for (const auto* field : path) text += (text.empty() ? "" : ".") + field->name();
    return text;
}

/// Every field of the request, however deep, that names something.
inline void collect(const pb::Descriptor& type, Path& way, std::vector<Path>& found) {
    for (int i = 0; i < type.field_count(); ++i) {
        const auto* field = type.field(i);
        const bool around = std::ranges::any_of(way, [&](const auto* step) { return step->message_type() == field->message_type(); });
        if (field->message_type() && (around || field->is_map())) continue;
        way.push_back(field);
        if (field->message_type()) {
            collect(*field->message_type(), way, found);
        } else if (names_something(*field) && !reason_to_ignore(*field)) {
            found.push_back(way);
        }
        way.pop_back();
    }
}
inline std::vector<Path> paths_of(const pb::MethodDescriptor& method) {
    std::vector<Path> found;
    Path way;
    collect(*method.input_type(), way, found);
    return found;
}

/// A text that a field of that name takes.
inline std::string filler(const pb::FieldDescriptor& field) {
    const std::string& name = field.name();
    static std::atomic<int> serial = 0;
    const std::string fresh = std::to_string(++serial);
    if (has(name, "email") || (name == "address")) return "mallory" + fresh + "@example.net";
    if (has(name, "phone") || name == "number") return "+41791112233";
    if (has(name, "password")) return "Secr3t-Passw0rd!";
    if (name == "issuer" || has(name, "uri") || has(name, "url")) return "https://idp.example.net";
    if (has(name, "language")) return "en";
    if (name == "timeout") return "10s";
    if (name == "kind") return "godwit";
    return "mallory" + fresh;
}

inline void fill(pb::Message& message);

/// A role that a member of that kind may have; "" where the field wants none.
inline std::string role_of_member(const pb::FieldDescriptor& field) {
    const std::string& type = field.containing_type()->name();
    if (field.name() != "roles" || !has(type, "Member")) return "";
    if (has(type, "IAMMember")) return "IAM_OWNER_VIEWER";
    if (has(type, "OrgMember")) return "ORG_OWNER_VIEWER";
    return has(type, "ProjectGrantMember") ? "PROJECT_GRANT_OWNER_VIEWER" : "PROJECT_OWNER_VIEWER";
}

/// Sets what the contract's limits want there, and what handlers cannot do without.
inline void fill_field(pb::Message& message, const pb::FieldDescriptor& field) {
    const auto& reflection = *message.GetReflection();
    const auto& rules = field.options().GetExtension(validate::rules);
    if (field.is_map() || (field.containing_oneof() && !field.real_containing_oneof())) return;
    if (field.is_repeated() && field.type() == pb::FieldDescriptor::TYPE_STRING && rules.repeated().min_items() > 0)
        return reflection.AddString(&message, &field, filler(field));
    if (field.is_repeated()) {
        if (const std::string role = role_of_member(field); !role.empty()) reflection.AddString(&message, &field, role);
        if (field.type() == pb::FieldDescriptor::TYPE_STRING && has(field.name(), "redirect_uris") && !has(field.name(), "logout"))
            reflection.AddString(&message, &field, filler(field));
        return;
    }
    if (const auto* oneof = field.real_containing_oneof()) {
        const bool needed = oneof->options().GetExtension(validate::required) && oneof->field(0) == &field;
        if (needed && field.type() == pb::FieldDescriptor::TYPE_BYTES) reflection.SetString(&message, &field, "<document/>");
        return;
    }
    if (field.type() == pb::FieldDescriptor::TYPE_BYTES && rules.bytes().min_len() > 0) reflection.SetString(&message, &field, "bytes");
    if (field.name() == "ownerType") reflection.SetEnumValue(&message, &field, 2);  // the organization
    if (field.message_type() && (has(field.name(), "lifetime") || has(field.name(), "expiration")) &&
        field.message_type()->full_name() == "google.protobuf.Duration")
        return dynamic_cast<pb::Duration&>(*reflection.MutableMessage(&message, &field)).set_seconds(3600);
    if (field.message_type()) {
        if (rules.message().required() || field.name() == "profile" || field.name() == "email")
            fill(*reflection.MutableMessage(&message, &field));
        return;
    }
    if (field.type() == pb::FieldDescriptor::TYPE_STRING && (!names_something(field) || reason_to_ignore(field)))
        reflection.SetString(&message, &field, rules.string().has_len() ? std::string(rules.string().len(), 'T') : filler(field));
    if (field.type() == pb::FieldDescriptor::TYPE_ENUM && field.name() == "type" && rules.enum_().not_in_size() > 0)
        reflection.SetEnumValue(&message, &field, 1);
    if (field.name() == "type" && field.type() == pb::FieldDescriptor::TYPE_ENUM && has(field.enum_type()->name(), "KeyType"))
        reflection.SetEnumValue(&message, &field, 1);
}
inline void fill(pb::Message& message) {
    for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) fill_field(message, *message.GetDescriptor()->field(i));
}

/// Puts `value` at the path; messages on the way are made, and filled with what `own` has.
inline void put(pb::Message& message, const pb::MethodDescriptor& method, const Tenant& own, const Path& path, const std::string& value) {
    pb::Message* at = &message;
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
        const auto& reflection = *at->GetReflection();
        const auto* step = path[i];
        const bool fresh = step->is_repeated() || !reflection.HasField(*at, step);
        at = step->is_repeated() ? reflection.AddMessage(at, step) : reflection.MutableMessage(at, step);
        if (!fresh) continue;
        fill(*at);
        for (int k = 0; k < at->GetDescriptor()->field_count(); ++k) {
            const auto* field = at->GetDescriptor()->field(k);
            if (!names_something(*field) || reason_to_ignore(*field) || field->is_repeated() || field->real_containing_oneof()) continue;
            if (const auto beside = value_of(own, method, *field)) at->GetReflection()->SetString(at, field, *beside);
        }
    }
    const auto& reflection = *at->GetReflection();
    if (path.back()->is_repeated()) {
        reflection.AddString(at, path.back(), value);
    } else {
        reflection.SetString(at, path.back(), value);
    }
}

/// Whether the field says what a new object is to be called, not which one is meant.
inline bool names_something_new(const pb::MethodDescriptor& method, const Path& path) {
    const std::string& name = path.back()->name();
    const bool creates = method.name().starts_with("Add") || method.name().starts_with("Import");
    if (name == "user_name" || name == "username") return creates || method.name() == "UpdateUserName";
    if (name == "role_key") return creates;
    if (name == "user_id") return path.size() == 1 && (method.name() == "AddHumanUser" || method.name() == "AddMachineUser");
    return false;
}

/// A request that `t`'s own administrators make: its own things in the fields at the top, fresh names for what is new.
inline std::unique_ptr<pb::Message> own_request(const Tenant& t, const pb::MethodDescriptor& method) {
    std::unique_ptr<pb::Message> message(pb::MessageFactory::generated_factory()->GetPrototype(method.input_type())->New());
    fill(*message);
    for (const Path& path : paths_of(method)) {
        // Of what is deeper only the one alternative that a request cannot be without.
        const auto* oneof = path.front()->real_containing_oneof();
        if (path.size() > 1 ? !oneof : oneof != nullptr) continue;
        if (names_something_new(method, path)) {
            if (path.back()->name() != "user_id") put(*message, method, t, path, filler(*path.back()));
        } else if (const auto value = value_of(t, method, *path.back())) {
            put(*message, method, t, path, *value);
        }
    }
    return message;
}

}  // namespace godwit::app::foreign
