#include "maintenance/references.h"

namespace godwit::maintenance {
namespace {

using enum store::Database;

constexpr Reference kReferences[] = {
    {directory, "instances", "default_org_id", "organizations", "", false},
    {directory, "instances", "iam_project_id", "projects", "", false},
    {directory, "instances", "console_app_id", "applications", "", false},
    {directory, "org_domains", "org_id", "organizations", "", false},
    {directory, "settings", "scope_id", "organizations", "scope_kind = 1", false},
    {directory, "settings", "scope_id", "projects", "scope_kind = 2", false},
    {directory, "settings", "scope_id", "applications", "scope_kind = 3", false},
    {directory, "settings", "scope_id", "users", "scope_kind = 4", false},
    {directory, "texts", "scope_id", "organizations", "scope_kind = 1", false},
    {directory, "texts", "scope_id", "projects", "scope_kind = 2", false},
    {directory, "texts", "scope_id", "applications", "scope_kind = 3", false},
    {directory, "texts", "scope_id", "users", "scope_kind = 4", false},
    {directory, "idps", "owner_id", "organizations", "", true},
    {directory, "users", "org_id", "organizations", "", false},
    {directory, "users", "login_scope", "organizations", "", false},
    {directory, "user_passwords", "user_id", "users", "", true},
    {directory, "user_codes", "user_id", "users", "", true},
    {directory, "user_totp", "user_id", "users", "", true},
    {directory, "passkeys", "user_id", "users", "", true},
    {directory, "recovery_codes", "user_id", "users", "", true},
    {directory, "user_otp", "user_id", "users", "", true},
    {directory, "machine_keys", "user_id", "users", "", true},
    {directory, "machine_secrets", "user_id", "users", "", true},
    {directory, "access_pats", "user_id", "users", "", true},
    {directory, "idp_links", "user_id", "users", "", false},
    {directory, "idp_links", "idp_id", "idps", "", false},
    {directory, "external_refs", "object_id", "users", "kind = 1 AND state <> 6", false},
    {directory, "external_refs", "object_id", "organizations", "kind = 2 AND state <> 6", false},
    {directory, "external_refs", "object_id", "projects", "kind = 3 AND state <> 6", false},
    {directory, "external_refs", "object_id", "applications", "kind = 4 AND state <> 6", false},
    {directory, "external_refs", "object_id", "idps", "kind = 5 AND state <> 6", false},
    {directory, "metadata", "owner_id", "users organizations projects", "", false},
    {directory, "projects", "org_id", "organizations", "", false},
    {directory, "project_roles", "project_id", "projects", "", false},
    {directory, "applications", "project_id", "projects", "", true},
    {directory, "app_keys", "app_id", "applications", "", true},
    {directory, "project_grants", "project_id", "projects", "", false},
    {directory, "project_grants", "owner_org_id", "organizations", "", false},
    {directory, "project_grants", "granted_org_id", "organizations", "", false},
    {directory, "user_grants", "user_id", "users", "", false},
    {directory, "user_grants", "project_id", "projects", "", false},
    {directory, "user_grants", "project_grant_id", "project_grants", "", false},
    {directory, "user_grants", "org_id", "organizations", "", false},
    {directory, "members", "user_id", "users", "", false},
    {directory, "members", "scope_id", "organizations", "scope_kind = 1", false},
    {directory, "members", "scope_id", "projects", "scope_kind = 2", false},
    {directory, "members", "scope_id", "project_grants", "scope_kind = 3", false},
    {directory, "messages", "user_id", "users", "state = 1", true},
    {directory, "migrations", "org_id", "organizations", "", false},
    {directory, "migration_sources", "org_id", "organizations", "", false},
    {directory, "migration_issues", "migration_id", "migrations", "", true},
    {directory, "migration_before", "migration_id", "migrations", "", true},
    {runtime, "sessions", "agent_id", "agents", "", false},
};

constexpr Loose kLoose[] = {
    {directory, "*", "public_id", "the row's own"},
    {directory, "*", "request_id", "of a request, kept nowhere else"},
    {directory, "user_codes", "code_id", "the code's own"},
    {directory, "idp_links", "external_id", "another system's"},
    {directory, "external_refs", "external_id", "another system's"},
    {directory, "passkeys", "rp_id", "a domain"},
    {directory, "passkeys", "credential_id", "the authenticator's own"},
    {directory, "external_refs", "job_id", "jobs go, what they brought stays"},
    {directory, "user_tombstones", "user_id", "the user is gone, which is the point"},
    {directory, "migration_issues", "source_id", "another system's"},
    {directory, "migration_before", "object_id", "the object may have been removed since"},
    {directory, "data_keys", "master_key_id", "tells the master key, which is never stored"},
    {directory, "events", "agg_id", "the log outlives what it tells of"},
    {directory, "events", "owner_id", "the log outlives what it tells of"},
    {directory, "events", "editor_id", "the log outlives what it tells of"},
    {directory, "idempotency", "caller_id", "an answer is kept for a day, whatever became of the caller"},
    {directory, "nodes", "boot_id", "the process's own"},
    // No transaction spans both databases: a row here may outlive its user or application, which every use of it looks for.
    {runtime, "*", "user_id", "the other database"},
    {runtime, "*", "org_id", "the other database"},
    {runtime, "*", "app_id", "the other database"},
    {runtime, "*", "project_id", "the other database"},
    {runtime, "*", "factor_id", "the other database"},
    {runtime, "*", "creator_id", "the other database"},
    {runtime, "*", "request_id", "of a request, kept nowhere else"},
    {runtime, "*", "session_id", "sessions are purged on their own"},
    {runtime, "auth_requests", "agent_id", "agents are purged on their own"},
    {runtime, "auth_requests", "family_id", "families are purged on their own"},
    {runtime, "events", "agg_id", "the log outlives what it tells of"},
    {runtime, "events", "owner_id", "the log outlives what it tells of"},
    {runtime, "events", "editor_id", "the log outlives what it tells of"},
    {runtime, "idempotency", "caller_id", "an answer is kept for a day, whatever became of the caller"},
};

}  // namespace

std::span<const Reference> references() { return kReferences; }
std::span<const Loose> loose_columns() { return kLoose; }

}  // namespace godwit::maintenance
