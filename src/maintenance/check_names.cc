// Names: what the program computed when it wrote, computed again.
#include "base/unicode.h"
#include "maintenance/doctor.h"
#include "maintenance/pages.h"

namespace godwit::maintenance {
namespace {

using store::Database;
using store::Reader;
using store::Row;

/// A text and its folded form beside it; both NULL, or neither.
struct Folded {
    std::string_view table, text, key;
};
constexpr Folded kFolded[] = {
    {"organizations", "name", "name_key"},
    {"organizations", "public_id", "public_id_key"},
    {"users", "name", "name_key"},
    {"users", "public_id", "public_id_key"},
    {"projects", "name", "name_key"},
    {"projects", "public_id", "public_id_key"},
    {"applications", "name", "name_key"},
    {"applications", "public_id", "public_id_key"},
    {"idps", "public_id", "public_id_key"},
    {"machine_keys", "public_id", "public_id_key"},
    {"app_keys", "public_id", "public_id_key"},
    {"project_grants", "public_id", "public_id_key"},
    {"user_grants", "public_id", "public_id_key"},
};

Result<void> check_folded(Reader& db, InstanceScope scope, const Folded& folded, Check& check) {
    const std::string columns = std::string(folded.text) + ", " + std::string(folded.key);
    check.looked_at(TRY(each_row(db, scope, folded.table, columns, [&](const Row& row) {
        if (row.null(1) == row.null(2) && (row.null(1) || row.text(2) == fold(row.text(1)))) return;
        check.add("directory." + std::string(folded.table) + " " + std::to_string(row.i64(0)),
                  std::string(folded.key) + " is not the folded form of " + std::string(folded.text) + ": look-ups miss the row");
    })));
    return {};
}

/// users.email_key: NULL without an address, and where the user name stands for it.
Result<void> check_emails(Reader& db, InstanceScope scope, Check& check) {
    TRY(each_row(db, scope, "users", "email, email_key, login_scope, name_key", [&](const Row& row) {
        const std::string key = fold(row.text(1));
        const bool by_name = row.i64(3) == 0 && key == row.text(4);
        const bool right = key.empty() || by_name ? row.null(2) : row.text(2) == key;
        if (!right)
            check.add("directory.users " + std::to_string(row.i64(0)),
                      "email_key does not fit the address: look-ups by e-mail miss the row");
    }));
    return {};
}

/// "a@acme.example" as a name unique in the instance, and "a" in the organization that has verified acme.example.
Result<void> check_login_names(Reader& db, InstanceScope scope, Check& check) {
    TRY(db.query(scope,
                 "SELECT u.id, p.id FROM users u JOIN org_domains d ON d.instance_no = u.instance_no AND d.org_id = u.login_scope AND "
                 "d.verified = 1 JOIN users p ON p.instance_no = u.instance_no AND p.login_scope = 0 AND p.name_key = u.name_key || '@' || "
                 "d.domain WHERE u.instance_no = ?1 AND u.login_scope <> 0 LIMIT 100",
                 {}, [&](const Row& row) {
                     check.add("directory.users " + std::to_string(row.i64(0)),
                               "has the same login name as user " + std::to_string(row.i64(1)) + ": neither can sign in by it");
                 }));
    return {};
}

/// The domain that names an organization is one of its own.
Result<void> check_primary_domains(Reader& db, InstanceScope scope, Check& check) {
    TRY(db.query(
        scope,
        "SELECT o.id FROM organizations o WHERE o.instance_no = ?1 AND o.primary_domain <> '' AND NOT EXISTS (SELECT 1 FROM "
        "org_domains d WHERE d.instance_no = o.instance_no AND d.org_id = o.id AND d.domain = o.primary_domain AND d.is_primary = 1)",
        {}, [&](const Row& row) {
            check.add("directory.organizations " + std::to_string(row.i64(0)), "its primary domain is not among its domains");
        }));
    return {};
}

}  // namespace

Result<void> check_names(store::Inspection& inspection, Check& check) {
    const auto scopes = TRY(all_instances(inspection));
    return inspection.read(Database::directory, [&](Reader& db) -> Result<void> {
        for (const InstanceScope scope : scopes) {
            for (const Folded& folded : kFolded) TRY(check_folded(db, scope, folded, check));
            TRY(check_emails(db, scope, check));
            TRY(check_login_names(db, scope, check));
            TRY(check_primary_domains(db, scope, check));
        }
        return {};
    });
}

}  // namespace godwit::maintenance
