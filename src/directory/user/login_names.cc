#include "directory/user/login_names.h"

#include "base/unicode.h"
#include "directory/settings/settings.h"
#include "godwit/settings/v1/settings.pb.h"
#include "store/store.h"

namespace godwit::user {

Result<Naming> naming_of(store::Reader& db, const OrgScope& org) {
    Naming naming;
    naming.must_be_domain = TRY(settings::read<settings::v1::DomainPolicy>(db, org)).value.user_login_must_be_domain();
    TRY(db.query(org.instance(),
                 "SELECT domain FROM org_domains WHERE instance_no = ?1 AND org_id = ?2 AND verified = 1 ORDER BY is_primary DESC, domain",
                 {org.org()}, [&](const store::Row& row) { naming.domains.emplace_back(row.text(0)); }));
    return naming;
}

std::vector<std::string> login_names(std::string_view name, std::int64_t login_scope, const Naming& naming) {
    if (login_scope == 0 || naming.domains.empty()) return {std::string(name)};
    std::vector<std::string> names;
    names.reserve(naming.domains.size());
    for (const std::string& domain : naming.domains) names.push_back(std::string(name) + "@" + domain);
    return names;
}

Result<const Naming*> Namings::of(OrgId org) {
    const auto [it, added] = known_.try_emplace(org);
    if (added) {
        auto naming = naming_of(db_, OrgScope(instance_, org));
        if (!naming) {
            known_.erase(it);
            return fail(std::move(naming).error());
        }
        it->second = *std::move(naming);
    }
    return &it->second;
}

Result<void> accept_name(std::string_view name) {
    if (name.empty() || code_points(name) > 200)
        return fail(Code::invalid_argument, "USER-Nam01", "a user name has between 1 and 200 characters");
    if (!is_valid_utf8(name) || has_control_characters(name) || has_bidi_controls(name))
        return fail(Code::invalid_argument, "USER-Nam02",
                    "a user name holds no control characters and nothing that turns the direction of text");
    if (has_outer_whitespace(name))
        return fail(Code::invalid_argument, "USER-Nam03", "a user name neither begins nor ends with white space");
    if (fold(name).empty()) return fail(Code::invalid_argument, "USER-Nam04", "a user name needs a visible character");
    return {};
}

std::optional<std::pair<std::string, std::string>> split_login_name(std::string_view login_name) {
    const auto at = login_name.rfind('@');
    if (at == std::string_view::npos || at == 0) return std::nullopt;
    auto domain = ascii_host(login_name.substr(at + 1));
    if (!domain) return std::nullopt;
    return std::pair(std::string(login_name.substr(0, at)), *std::move(domain));
}

Result<std::optional<UserId>> resolve_login_name(store::Reader& db, InstanceScope instance, std::string_view login_name) {
    std::optional<UserId> found;
    bool ambiguous = false;
    const auto take = [&](const store::Row& row) {
        if (found && *found != row.id<UserId>(0)) ambiguous = true;
        found = row.id<UserId>(0);
    };
    TRY(db.query(instance, "SELECT id FROM users WHERE instance_no = ?1 AND login_scope = 0 AND name_key = ?2", {fold(login_name)}, take));
    if (const auto parts = split_login_name(login_name)) {
        TRY(db.query(instance,
                     "SELECT u.id FROM org_domains d JOIN users u ON u.instance_no = d.instance_no AND u.login_scope = d.org_id "
                     "WHERE d.instance_no = ?1 AND d.domain = ?2 AND d.verified = 1 AND u.name_key = ?3",
                     {parts->second, fold(parts->first)}, take));
    }
    if (ambiguous)
        return fail(Code::failed_precondition, "USER-Ambig", "two users claim this login name; an administrator must rename one");
    return found;
}

Result<std::vector<UserId>> find_by_email(store::Reader& db, InstanceScope instance, std::string_view address) {
    std::vector<UserId> found;
    const std::string key = fold(address);
    const auto take = [&](const store::Row& row) { found.push_back(row.id<UserId>(0)); };
    // Two probes: email_key is NULL where it would repeat name_key (docs/data-model.md, users).
    TRY(db.query(instance, "SELECT id FROM users WHERE instance_no = ?1 AND email_key = ?2", {key}, take));
    TRY(db.query(instance,
                 "SELECT id FROM users WHERE instance_no = ?1 AND login_scope = 0 AND name_key = ?2 AND email_key IS NULL AND email <> ''",
                 {key}, take));
    return found;
}

}  // namespace godwit::user
