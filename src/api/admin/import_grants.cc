// Metadata, grants and members: who has what, and who may do what.
#include "api/admin/import_run.h"
#include "directory/grant/user_grants.h"
#include "directory/member/members.h"
#include "directory/object/public_id.h"
#include "directory/project/grants.h"
#include "directory/user/metadata.h"

namespace godwit::api {
namespace {

namespace mgmt = zitadel::management::v1;
namespace v1 = zitadel::v1::v1;

Result<void> add_member(ImportRun& run, const OrgImport& org, const member::Place& place, const std::string& user_id, const auto& roles) {
    const auto user = TRY(run.services.store.read(store::Database::directory, [&](store::Reader& db) {
        return directory::resolve_as<UserId>(db, org.scope.instance(), directory::Noun::user, user_id);
    }));
    if (!user) return fail(Code::failed_precondition, "COMMAND-4f8sg", "Errors.User.NotFound");
    TRY(run.services.members.add(org.scope.instance(), place, run.call.editor, *user, {roles.begin(), roles.end()}));
    return {};
}

template <class Request>
std::vector<std::string> roles_of(const Request& request) {
    return {request.role_keys().begin(), request.role_keys().end()};
}

}  // namespace

void import_user_metadata(ImportRun& run, const OrgImport& org) {
    using Metadata = mgmt::SetUserMetadataRequest;
    run.each_in_batches<Metadata>(
        org, "user_metadata", "user_metadata", [](const Metadata& metadata) { return joined({metadata.id(), metadata.key()}); },
        [&](store::Writer& db, const Metadata& metadata) -> Result<void> {
            const directory::MetadataEntry entry(metadata.key(), metadata.value());
            TRY(run.services.metadata.set(db, user::Ref::named(org.scope, metadata.id()), std::span(&entry, 1), run.call.editor));
            return {};
        },
        [&](const Metadata& metadata) {
            auto& added = *org.success.add_user_metadata();
            added.set_user_id(metadata.id());
            added.set_key(metadata.key());
        });
}

void import_project_grants(ImportRun& run, const OrgImport& org) {
    const auto id_of = [&](const v1::DataProjectGrant& record) {
        return joined({org.id(), record.project_grant().project_id(), record.project_grant().granted_org_id()});
    };
    run.each<v1::DataProjectGrant>(org, "project_grants", "project_grant", id_of, [&](const v1::DataProjectGrant& record) -> Result<void> {
        project::NewGrant wanted{.project_id = record.project_grant().project_id(),
                                 .granted_org_id = record.project_grant().granted_org_id(),
                                 .roles = roles_of(record.project_grant())};
        if (!record.grant_id().empty()) wanted.id = record.grant_id();
        const auto grant = TRY(run.services.project_grants.add(org.scope, wanted, run.call.editor));
        auto& added = *org.success.add_project_grants();
        added.set_grant_id(grant.id);
        added.set_project_id(grant.project_id);
        added.set_org_id(grant.granted_org_id);
        return {};
    });
}

void import_user_grants(ImportRun& run, const OrgImport& org) {
    using Grant = mgmt::AddUserGrantRequest;
    run.each_in_batches<Grant>(
        org, "user_grants", "user_grant", [&](const Grant& grant) { return joined({org.id(), grant.project_id(), grant.user_id()}); },
        [&](store::Writer& db, const Grant& grant) -> Result<void> {
            // A file may give to users of any organization of the instance: who imports has all of it.
            const auto user = user::Ref::named(org.scope.instance(), grant.user_id());
            const user::NewGrant wanted{
                .project_id = grant.project_id(), .project_grant_id = grant.project_grant_id(), .roles = roles_of(grant)};
            TRY(run.services.user_grants.add(db, org.scope, user, wanted, run.call.editor));
            return {};
        },
        [&](const Grant& grant) {
            auto& added = *org.success.add_user_grants();
            added.set_project_id(grant.project_id());
            added.set_user_id(grant.user_id());
        });
}

void import_org_members(ImportRun& run, const OrgImport& org) {
    using Member = mgmt::AddOrgMemberRequest;
    run.each<Member>(
        org, "org_members", "org_member", [&](const Member& member) { return joined({org.id(), member.user_id()}); },
        [&](const Member& member) -> Result<void> {
            TRY(add_member(run, org, member::Place::organization(org.scope.org()), member.user_id(), member.roles()));
            org.success.add_org_members(member.user_id());
            return {};
        });
}

void import_project_members(ImportRun& run, const OrgImport& org) {
    using Member = mgmt::AddProjectMemberRequest;
    run.each<Member>(
        org, "project_members", "project_member",
        [&](const Member& member) { return joined({org.id(), member.project_id(), member.user_id()}); },
        [&](const Member& member) -> Result<void> {
            const auto project = TRY(run.services.projects.find(org.scope.instance(), member.project_id()));
            if (!project || project->org != org.scope.org()) return fail(Code::not_found, "PROJECT-D8JxR", "Errors.Project.NotFound");
            TRY(add_member(run, org, member::Place::project(project->key), member.user_id(), member.roles()));
            auto& added = *org.success.add_project_members();
            added.set_project_id(member.project_id());
            added.set_user_id(member.user_id());
            return {};
        });
}

void import_project_grant_members(ImportRun& run, const OrgImport& org) {
    using Member = mgmt::AddProjectGrantMemberRequest;
    run.each<Member>(
        org, "project_grant_members", "project_grant_member",
        [&](const Member& member) { return joined({org.id(), member.project_id(), member.grant_id(), member.user_id()}); },
        [&](const Member& member) -> Result<void> {
            const project::GrantRef ref{.owner = org.scope, .project_id = member.project_id(), .grant_id = member.grant_id()};
            const auto grant = TRY(run.services.project_grants.get(ref));
            TRY(add_member(run, org, member::Place::project_grant(grant.key), member.user_id(), member.roles()));
            auto& added = *org.success.add_project_grant_members();
            added.set_project_id(member.project_id());
            added.set_grant_id(member.grant_id());
            added.set_user_id(member.user_id());
            return {};
        });
}

}  // namespace godwit::api
