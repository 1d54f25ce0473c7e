#include "api/encode/idp.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "api/encode/encode.h"
#include "directory/user/links.h"
#include "zitadel/idp.pb.h"

namespace godwit::api {
namespace {

namespace pb = google::protobuf;
namespace v1 = zitadel::idp::v1;

/// What the contract says of a kind.
struct Kind {
    idp::Type type;
    const char* config;  ///< field of ProviderConfig
    const char* secret;  ///< field of the requests; nullptr: none
    const char* name;    ///< when none was given
};
constexpr Kind kKinds[] = {
    {idp::Type::oidc, "oidc", "client_secret", ""},
    {idp::Type::jwt, "jwt", nullptr, ""},
    {idp::Type::ldap, "ldap", "bind_password", ""},
    {idp::Type::oauth, "oauth", "client_secret", ""},
    {idp::Type::azure_ad, "azure_ad", "client_secret", ""},
    {idp::Type::github, "github", "client_secret", "GitHub"},
    {idp::Type::github_enterprise, "github_es", "client_secret", ""},
    {idp::Type::gitlab, "gitlab", "client_secret", "GitLab"},
    {idp::Type::gitlab_self_hosted, "gitlab_self_hosted", "client_secret", ""},
    {idp::Type::google, "google", "client_secret", "Google"},
    {idp::Type::apple, "apple", "private_key", "Apple"},
    {idp::Type::saml, "saml", nullptr, ""},
};

const Kind& kind_of(idp::Type type) {
    for (const Kind& kind : kKinds)
        if (kind.type == type) return kind;
    std::abort();  // a type without its line above
}

const pb::FieldDescriptor& field_of(const pb::Message& message, const std::string& name) {
    const auto* field = message.GetDescriptor()->FindFieldByName(name);
    if (!field) std::abort();  // the contract has another shape than kKinds says; idp_test.cc asks all kinds
    return *field;
}

std::string text_of(const pb::Message& message, const std::string& name) {
    return message.GetReflection()->GetString(message, &field_of(message, name));
}

/// One field to the field of the same name and type in another message.
void copy(const pb::Message& from, const pb::FieldDescriptor& source, pb::Message& to, const pb::FieldDescriptor& target) {
    const auto& in = *from.GetReflection();
    const auto& out = *to.GetReflection();
    if (source.is_repeated()) {
        for (int i = 0; i < in.FieldSize(from, &source); ++i) out.AddString(&to, &target, in.GetRepeatedString(from, &source, i));
        return;
    }
    if (source.has_presence() && !in.HasField(from, &source)) return;
    switch (source.cpp_type()) {
        case pb::FieldDescriptor::CPPTYPE_STRING:
            return out.SetString(&to, &target, in.GetString(from, &source));
        case pb::FieldDescriptor::CPPTYPE_BOOL:
            return out.SetBool(&to, &target, in.GetBool(from, &source));
        case pb::FieldDescriptor::CPPTYPE_ENUM:
            return out.SetEnumValue(&to, &target, in.GetEnumValue(from, &source));
        case pb::FieldDescriptor::CPPTYPE_MESSAGE:
            return out.MutableMessage(&to, &target)->CopyFrom(in.GetMessage(from, &source));
        default:
            std::abort();  // no kind is configured with numbers
    }
}

idp::Options decode_options(const v1::Options& message) {
    return {.linking_allowed = message.is_linking_allowed(),
            .creation_allowed = message.is_creation_allowed(),
            .auto_creation = message.is_auto_creation(),
            .auto_update = message.is_auto_update(),
            .auto_linking = static_cast<idp::AutoLinking>(message.auto_linking())};
}

/// This older enum knows two kinds only.
v1::IDPType older_type(int type) {
    switch (static_cast<idp::Type>(type)) {
        case idp::Type::oidc:
            return v1::IDP_TYPE_OIDC;
        case idp::Type::jwt:
            return v1::IDP_TYPE_JWT;
        default:
            return v1::IDP_TYPE_UNSPECIFIED;
    }
}

/// All but the options.
idp::NewIdp decode(const Kind& kind, const pb::Message& request) {
    v1::ProviderConfig config;
    auto& own = *config.GetReflection()->MutableMessage(&config, &field_of(config, kind.config));
    for (int i = 0; i < own.GetDescriptor()->field_count(); ++i) {
        const auto& target = *own.GetDescriptor()->field(i);
        const auto* source = request.GetDescriptor()->FindFieldByName(target.name());
        if (source) copy(request, *source, own, target);  // the older messages know fewer
    }
    return {.name = text_of(request, "name"),
            .type = kind.type,
            .config = config.SerializeAsString(),
            .secret = kind.secret ? Secret(text_of(request, kind.secret)) : Secret()};
}

}  // namespace

Result<idp::NewIdp> decode_provider(idp::Type type, const pb::Message& request) {
    const Kind& kind = kind_of(type);
    if (type == idp::Type::saml && text_of(request, "metadata_xml").empty())
        return fail(Code::invalid_argument, "IDP-Meta1", "send the metadata of the provider as metadataXml; it is not fetched from a URL");
    idp::NewIdp wanted = decode(kind, request);
    const auto& options = request.GetReflection()->GetMessage(request, &field_of(request, "provider_options"));
    wanted.options = decode_options(static_cast<const v1::Options&>(options));
    return wanted;
}

Result<idp::NewIdp> decode_older_provider(idp::Type type, const pb::Message& request) {
    idp::NewIdp wanted = decode(kind_of(type), request);
    const bool creates = request.GetReflection()->GetBool(request, &field_of(request, "auto_register"));
    wanted.options = {.linking_allowed = true, .creation_allowed = true, .auto_creation = creates};
    return wanted;
}

void encode_provider(const idp::Idp& idp, v1::Provider& message) {
    message.set_id(idp.id);
    api::encode(idp.stamp, idp.owner_id, *message.mutable_details());
    message.set_state(static_cast<v1::IDPState>(idp.state));
    message.set_name(idp.name.empty() ? kind_of(idp.type).name : idp.name);
    message.set_owner(idp.owner ? v1::IDP_OWNER_TYPE_ORG : v1::IDP_OWNER_TYPE_SYSTEM);
    message.set_type(static_cast<v1::ProviderType>(idp.type));
    auto& config = *message.mutable_config();
    if (!config.ParseFromString(idp.config)) config.Clear();
    auto& options = *config.mutable_options();
    options.set_is_linking_allowed(idp.options.linking_allowed);
    options.set_is_creation_allowed(idp.options.creation_allowed);
    options.set_is_auto_creation(idp.options.auto_creation);
    options.set_is_auto_update(idp.options.auto_update);
    options.set_auto_linking(static_cast<v1::AutoLinkingOption>(idp.options.auto_linking));
}

void encode(const idp::Idp& idp, v1::IDPLoginPolicyLink& message) {
    message.set_idp_id(idp.id);
    message.set_idp_name(idp.name.empty() ? kind_of(idp.type).name : idp.name);
    message.set_idp_type(older_type(static_cast<int>(idp.type)));
}

void encode(const user::IdpLink& link, v1::IDPUserLink& message) {
    message.set_user_id(link.user_id);
    message.set_idp_id(link.idp_id);
    message.set_idp_name(link.idp_name);
    message.set_provided_user_id(link.external_id);
    message.set_provided_user_name(link.display_name);
    message.set_idp_type(older_type(link.idp_type));
}

}  // namespace godwit::api
