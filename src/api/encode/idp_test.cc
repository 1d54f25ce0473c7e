#include "api/encode/idp.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "zitadel/admin.pb.h"
#include "zitadel/idp.pb.h"
#include "zitadel/management.pb.h"

namespace godwit::api {
namespace {

namespace pb = google::protobuf;

const std::map<std::string, idp::Type> kTypes{
    {"GenericOIDC", idp::Type::oidc}, {"GenericOAuth", idp::Type::oauth},
    {"JWT", idp::Type::jwt},          {"AzureAD", idp::Type::azure_ad},
    {"GitHub", idp::Type::github},    {"GitHubEnterpriseServer", idp::Type::github_enterprise},
    {"GitLab", idp::Type::gitlab},    {"GitLabSelfHosted", idp::Type::gitlab_self_hosted},
    {"Google", idp::Type::google},    {"LDAP", idp::Type::ldap},
    {"Apple", idp::Type::apple},      {"SAML", idp::Type::saml},
};

/// What a text field is given.
std::string value_of(const pb::FieldDescriptor& field) { return "value of " + field.name(); }

/// Every field set, so that one that is not copied is missed.
std::unique_ptr<pb::Message> filled(const pb::Descriptor& type) {
    std::unique_ptr<pb::Message> message(pb::MessageFactory::generated_factory()->GetPrototype(&type)->New());
    const auto& reflection = *message->GetReflection();
    for (int i = 0; i < type.field_count(); ++i) {
        const auto* field = type.field(i);
        if (field->name() == "metadata_url") continue;  // the other way to say metadata_xml
        switch (field->cpp_type()) {
            case pb::FieldDescriptor::CPPTYPE_STRING:
                if (field->is_repeated()) {
                    reflection.AddString(message.get(), field, value_of(*field));
                } else {
                    reflection.SetString(message.get(), field, value_of(*field));
                }
                break;
            case pb::FieldDescriptor::CPPTYPE_BOOL:
                reflection.SetBool(message.get(), field, true);
                break;
            case pb::FieldDescriptor::CPPTYPE_ENUM:
                reflection.SetEnumValue(message.get(), field, 1);
                break;
            case pb::FieldDescriptor::CPPTYPE_MESSAGE:
                reflection.MutableMessage(message.get(), field);
                break;
            default:
                ADD_FAILURE() << field->full_name() << " has a type that no configuration has";
        }
    }
    return message;
}

void expect_all_kept(const pb::Message& config, const pb::Message& request) {
    for (int i = 0; i < config.GetDescriptor()->field_count(); ++i) {
        const auto* field = config.GetDescriptor()->field(i);
        ASSERT_TRUE(request.GetDescriptor()->FindFieldByName(field->name())) << field->full_name() << " cannot be set";
        const auto& reflection = *config.GetReflection();
        if (field->is_repeated()) {
            ASSERT_EQ(reflection.FieldSize(config, field), 1) << field->full_name();
            EXPECT_EQ(reflection.GetRepeatedString(config, field, 0), value_of(*field));
        } else if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING) {
            EXPECT_EQ(reflection.GetString(config, field), value_of(*field)) << field->full_name();
        } else {
            EXPECT_TRUE(reflection.HasField(config, field)) << field->full_name();
        }
    }
}

idp::Idp as_stored(const idp::NewIdp& wanted) {
    idp::Idp idp;
    idp.name = wanted.name;
    idp.type = wanted.type;
    idp.options = wanted.options;
    idp.config = wanted.config;
    return idp;
}

TEST(Idp, EveryKindIsKeptWholeAndItsSecretApart) {
    std::size_t seen = 0;
    for (const auto* service :
         {zitadel::management::v1::AddGoogleProviderRequest::descriptor()->file()->FindServiceByName("ManagementService"),
          zitadel::admin::v1::AddGoogleProviderRequest::descriptor()->file()->FindServiceByName("AdminService")}) {
        for (int i = 0; i < service->method_count(); ++i) {
            std::string noun = service->method(i)->name();
            const bool adds = noun.starts_with("Add"), updates = noun.starts_with("Update");
            if ((!adds && !updates) || !noun.ends_with("Provider")) continue;
            SCOPED_TRACE(service->method(i)->full_name());
            noun = noun.substr(adds ? 3 : 6, noun.size() - (adds ? 3 : 6) - std::string("Provider").size());
            ASSERT_TRUE(kTypes.contains(noun)) << "a kind that this test does not know";
            ++seen;
            const auto request = filled(*service->method(i)->input_type());
            const auto wanted = decode_provider(kTypes.at(noun), *request);
            ASSERT_TRUE(wanted) << wanted.error().message;
            EXPECT_EQ(wanted->name, "value of name");

            zitadel::idp::v1::Provider shown;
            encode_provider(as_stored(*wanted), shown);
            EXPECT_EQ(static_cast<int>(shown.type()), static_cast<int>(kTypes.at(noun)));
            const auto* kind =
                shown.config().GetReflection()->GetOneofFieldDescriptor(shown.config(), shown.config().GetDescriptor()->oneof_decl(0));
            ASSERT_TRUE(kind);
            expect_all_kept(shown.config().GetReflection()->GetMessage(shown.config(), kind), *request);
            for (const char* secret : {"client_secret", "bind_password", "private_key"}) {
                const std::string value = "value of " + std::string(secret);
                EXPECT_EQ(shown.SerializeAsString().find(value), std::string::npos) << secret;
                const bool has_it = request->GetDescriptor()->FindFieldByName(secret) != nullptr;
                if (has_it) {
                    EXPECT_EQ(wanted->secret.reveal(), value);
                }
            }
        }
    }
    EXPECT_EQ(seen, 2 * 2 * kTypes.size());
}

TEST(Idp, OfTheOlderApiMayLinkAndCreate) {
    zitadel::management::v1::AddOrgOIDCIDPRequest oidc;
    oidc.set_name("Corp");
    oidc.set_client_secret("s3cret");
    oidc.set_auto_register(true);
    const auto wanted = decode_older_provider(idp::Type::oidc, oidc);
    ASSERT_TRUE(wanted);
    EXPECT_TRUE(wanted->options.linking_allowed && wanted->options.creation_allowed && wanted->options.auto_creation);
    EXPECT_EQ(wanted->secret.reveal(), "s3cret");
    const auto jwt = decode_older_provider(idp::Type::jwt, zitadel::management::v1::AddOrgJWTIDPRequest());
    ASSERT_TRUE(jwt);
    EXPECT_FALSE(jwt->options.auto_creation);
    EXPECT_TRUE(jwt->secret.empty());
}

TEST(Idp, SamlNeedsTheDocumentItself) {
    zitadel::management::v1::AddSAMLProviderRequest request;
    request.set_metadata_url("https://idp.example/metadata");
    EXPECT_EQ(decode_provider(idp::Type::saml, request).error().id, "IDP-Meta1");
}

TEST(Idp, SocialProvidersHaveANameOfTheirOwn) {
    zitadel::idp::v1::Provider shown;
    idp::NewIdp nameless;
    nameless.type = idp::Type::google;
    encode_provider(as_stored(nameless), shown);
    EXPECT_EQ(shown.name(), "Google");
}

}  // namespace
}  // namespace godwit::api
