// Domains, identity providers, projects, applications, roles, keys, links: what comes in small numbers, one change each.
#include "api/admin/import_run.h"
#include "api/encode/app.h"
#include "api/encode/encode.h"
#include "api/encode/idp.h"
#include "directory/app/apps.h"
#include "directory/idp/idps.h"
#include "directory/org/orgs.h"
#include "directory/project/projects.h"
#include "directory/settings/settings.h"
#include "directory/user/links.h"
#include "directory/user/machines.h"
#include "godwit/settings/v1/settings.pb.h"

namespace godwit::api {
namespace {

namespace mgmt = zitadel::management::v1;
namespace v1 = zitadel::v1::v1;

/// The id a record wants to have.
std::optional<std::string> given(const std::string& id) { return id.empty() ? std::nullopt : std::optional(id); }

template <class T>
Result<void> dropped(Result<T> result) {
    if (!result) return std::unexpected(std::move(result).error());
    return {};
}

Result<void> add_domain(ImportRun& run, const OrgImport& org, const zitadel::org::v1::Domain& domain) {
    const auto policy = TRY(run.services.settings.get<settings::v1::DomainPolicy>(org.scope)).value;
    const bool verified = domain.is_verified() || !policy.validate_org_domains();
    return run.services.store.write(store::Database::directory, [&](store::Writer& db) -> Result<void> {
        TRY(run.services.orgs.add_domain(db, org.scope, run.call.editor, domain.domain_name(), verified));
        if (domain.is_primary()) TRY(run.services.orgs.set_primary_domain(db, org.scope, run.call.editor, domain.domain_name()));
        return {};
    });
}

Result<void> add_app(ImportRun& run, const OrgImport& org, const std::string& project_id, application::NewApp app) {
    return dropped(run.services.apps.create(org.scope, project_id, run.call.editor, app));
}

std::optional<Time> expiry_of(const auto& key) {
    return key.has_expiration_date() ? std::optional(decode(key.expiration_date())) : std::nullopt;
}

}  // namespace

void import_domains(ImportRun& run, const OrgImport& org) {
    using Domain = zitadel::org::v1::Domain;
    run.each<Domain>(
        org, "domains", "domain", [&](const Domain& domain) { return joined({org.id(), domain.domain_name()}); },
        [&](const Domain& domain) -> Result<void> {
            TRY(add_domain(run, org, domain));
            org.success.add_domains(domain.domain_name());
            return {};
        });
}

void import_idps(ImportRun& run, const OrgImport& org) {
    const auto id_of = [](const auto& record) { return record.idp_id(); };
    const auto create = [&](idp::Type type, const auto& record) -> Result<std::string> {
        auto wanted = TRY(decode_older_provider(type, record.idp()));
        wanted.id = given(record.idp_id());
        return TRY(run.services.idps.create(org.scope, run.call.editor, wanted)).id;
    };
    run.each<v1::DataOIDCIDP>(org, "oidc_idps", "oidc_idp", id_of, [&](const v1::DataOIDCIDP& record) -> Result<void> {
        org.success.add_oidc_ipds(TRY(create(idp::Type::oidc, record)));
        return {};
    });
    run.each<v1::DataJWTIDP>(org, "jwt_idps", "jwt_idp", id_of, [&](const v1::DataJWTIDP& record) -> Result<void> {
        org.success.add_jwt_idps(TRY(create(idp::Type::jwt, record)));
        return {};
    });
}

void import_machine_keys(ImportRun& run, const OrgImport& org) {
    using Key = v1::DataMachineKey;
    run.each<Key>(
        org, "machine_keys", "machine_user_key", [](const Key& key) { return key.key_id(); },
        [&](const Key& key) -> Result<void> {
            const user::NewMachineKey wanted{
                .key_id = key.key_id(), .spki = key.public_key(), .expires = expiry_of(key).value_or(user::kNoExpiry)};
            TRY(run.services.machines.add_given_key(user::Ref::named(org.scope, key.user_id()), wanted, run.call.editor));
            org.success.add_machine_keys(joined({key.user_id(), key.key_id()}));
            return {};
        });
}

void import_user_links(ImportRun& run, const OrgImport& org) {
    using Link = zitadel::idp::v1::IDPUserLink;
    run.each<Link>(
        org, "user_links", "user_link", [](const Link& link) { return joined({link.user_id(), link.idp_id()}); },
        [&](const Link& link) -> Result<void> {
            const user::NewIdpLink wanted{link.idp_id(), link.provided_user_id(), link.provided_user_name()};
            TRY(run.services.links.add(user::Ref::named(org.scope, link.user_id()), wanted, run.call.editor));
            auto& added = *org.success.add_user_links();
            added.set_user_id(link.user_id());
            added.set_external_user_id(link.provided_user_id());
            added.set_display_name(link.provided_user_name());
            added.set_idp_id(link.idp_id());
            return {};
        });
}

void import_projects(ImportRun& run, const OrgImport& org) {
    run.each<v1::DataProject>(
        org, "projects", "project", [](const auto& record) { return record.project_id(); },
        [&](const v1::DataProject& record) -> Result<void> {
            const auto& project = record.project();
            const project::NewProject wanted{
                .name = project.name(),
                .id = given(record.project_id()),
                .flags = {.role_assertion = project.project_role_assertion(),
                          .role_check = project.project_role_check(),
                          .has_project_check = project.has_project_check(),
                          .private_labeling = static_cast<project::PrivateLabeling>(project.private_labeling_setting())}};
            org.success.add_project_ids(TRY(run.services.projects.create(org.scope, run.call.editor, wanted)).id);
            return {};
        });
    run.each<v1::DataOIDCApplication>(
        org, "oidc_apps", "oidc_app", [](const auto& record) { return record.app_id(); },
        [&](const v1::DataOIDCApplication& record) -> Result<void> {
            const auto& app = record.app();
            TRY(add_app(run, org, app.project_id(), {.name = app.name(), .id = given(record.app_id()), .config = decode_oidc_config(app)}));
            org.success.add_oidc_app_ids(record.app_id());
            return {};
        });
    run.each<v1::DataAPIApplication>(
        org, "api_apps", "api_app", [](const auto& record) { return record.app_id(); },
        [&](const v1::DataAPIApplication& record) -> Result<void> {
            const auto& app = record.app();
            const application::ApiConfig config{static_cast<application::ApiAuthMethod>(app.auth_method_type())};
            TRY(add_app(run, org, app.project_id(), {.name = app.name(), .id = given(record.app_id()), .config = config}));
            org.success.add_api_app_ids(record.app_id());
            return {};
        });
    run.each<v1::DataAppKey>(
        org, "app_keys", "app_key", [](const auto& key) { return key.id(); },
        [&](const v1::DataAppKey& key) -> Result<void> {
            const application::Ref app{.org = org.scope, .project_id = key.project_id(), .app_id = key.app_id()};
            TRY(run.services.apps.add_given_key(app, run.call.editor,
                                                {.id = key.id(), .public_key = key.public_key(), .expires = expiry_of(key)}));
            org.success.add_app_keys(key.id());
            return {};
        });
}

void import_project_roles(ImportRun& run, const OrgImport& org) {
    using Role = mgmt::AddProjectRoleRequest;
    const auto id_of = [](const Role& role) { return joined({role.project_id(), role.role_key()}); };
    run.each<Role>(org, "project_roles", "project_role", id_of, [&](const Role& role) -> Result<void> {
        const project::Role wanted{.key = role.role_key(), .display_name = role.display_name(), .group = role.group()};
        TRY(run.services.projects.add_roles(org.scope, run.call.editor, role.project_id(), std::span(&wanted, 1)));
        org.success.add_project_roles(id_of(role));
        return {};
    });
}

}  // namespace godwit::api
