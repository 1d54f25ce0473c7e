#include "directory/user/taken.h"

#include <algorithm>

#include "base/unicode.h"
#include "directory/user/authenticators.h"
#include "directory/user/grant_rows.h"
#include "directory/user/refusals.h"
#include "store/query_in.h"

namespace godwit::user {
namespace {

Error name_taken() { return {Code::already_exists, "V3-DKcYh", "User already exists"}; }
Error id_taken() { return {Code::failed_precondition, "COMMAND-ziuna", "User already existing"}; }

}  // namespace

Result<void> Taken::load(std::span<const Draft> drafts) {
    if (options_.look_first) TRY(load_names(drafts));
    TRY(load_other_forms(drafts));
    TRY(load_ids(drafts));
    TRY(load_links(drafts));
    TRY(load_passkeys(drafts));
    TRY(load_machine_keys(drafts));
    return load_holdings(drafts);
}

Result<void> Taken::load_names(std::span<const Draft> drafts) {
    std::vector<std::string> keys;
    keys.reserve(drafts.size());
    for (const Draft& draft : drafts) {
        if (!draft.refused) keys.push_back(draft.name_key);
    }
    return store::query_in(db_, org_.instance(), "SELECT name_key FROM users WHERE instance_no = ?1 AND login_scope = ?2 AND name_key",
                           {naming_.login_scope(org_.org())}, keys, [&](const store::Row& row) { names_.emplace(row.text(0)); });
}

/// A full login name may be claimed by two forms: "a@acme.example" unique in the instance, and "a" in the organization that has verified
/// acme.example. A plain name with another organization's domain is refused altogether.
Result<void> Taken::load_other_forms(std::span<const Draft> drafts) {
    if (naming_.must_be_domain && options_.known_free) return {};
    if (naming_.must_be_domain) {
        std::vector<std::string> full;
        std::unordered_map<std::string, std::string> local_of;
        for (const std::string& domain : naming_.domains) {
            for (const Draft& draft : drafts) {
                if (draft.refused) continue;
                full.push_back(draft.name_key + "@" + domain);
                local_of.emplace(full.back(), draft.name_key);
            }
        }
        return store::query_in(db_, org_.instance(), "SELECT name_key FROM users WHERE instance_no = ?1 AND login_scope = 0 AND name_key",
                               {}, full, [&](const store::Row& row) { blocked_.insert(local_of.at(std::string(row.text(0)))); });
    }

    std::unordered_map<std::string, std::vector<std::pair<std::string, std::string>>> by_domain;  // domain → (local key, name key)
    for (const Draft& draft : drafts) {
        if (draft.refused) continue;
        if (auto parts = split_login_name(draft.in->name)) by_domain[parts->second].emplace_back(fold(parts->first), draft.name_key);
    }
    std::vector<std::string> domains;
    for (const auto& [domain, names] : by_domain) domains.push_back(domain);
    std::vector<std::string> own;  // domains of this organization
    TRY(store::query_in(db_, org_.instance(), "SELECT org_id, domain FROM org_domains WHERE instance_no = ?1 AND verified = 1 AND domain",
                        {}, domains, [&](const store::Row& row) {
                            if (row.id<OrgId>(0) == org_.org()) {
                                own.emplace_back(row.text(1));
                            } else {
                                foreign_domains_.emplace(row.text(1));
                            }
                        }));
    if (options_.known_free) return {};
    for (const std::string& domain : own) {
        std::vector<std::string> locals;
        std::unordered_map<std::string, std::string> name_of;
        for (const auto& [local, name] : by_domain.at(domain)) {
            locals.push_back(local);
            name_of.emplace(local, name);
        }
        TRY(store::query_in(db_, org_.instance(), "SELECT name_key FROM users WHERE instance_no = ?1 AND login_scope = ?2 AND name_key",
                            {org_.org()}, locals, [&](const store::Row& row) { blocked_.insert(name_of.at(std::string(row.text(0)))); }));
    }
    return {};
}

Result<void> Taken::load_ids(std::span<const Draft> drafts) {
    std::vector<std::string> keys;
    for (const Draft& draft : drafts) {
        if (!draft.refused && !draft.public_id_key.empty()) keys.push_back(draft.public_id_key);
    }
    if (options_.look_first)
        TRY(store::query_in(db_, org_.instance(), "SELECT public_id_key FROM users WHERE instance_no = ?1 AND public_id_key", {}, keys,
                            [&](const store::Row& row) { ids_.emplace(row.text(0)); }));
    return options_.reuse_removed_ids || keys.empty() ? Result<void>() : load_removed_ids(keys);
}

Result<void> Taken::load_removed_ids(std::span<const std::string> keys) {
    const auto any =
        TRY(db_.query(org_.instance(), "SELECT user_id FROM user_tombstones WHERE instance_no = ?1 LIMIT 1", {}, [](const store::Row&) {}));
    if (any == 0) return {};
    return store::query_in(db_, org_.instance(), "SELECT public_id_key FROM user_tombstones WHERE instance_no = ?1 AND public_id_key", {},
                           keys, [&](const store::Row& row) { ids_.emplace(row.text(0)); });
}

Result<void> Taken::load_links(std::span<const Draft> drafts) {
    std::unordered_map<std::string, std::vector<std::string>> by_idp;
    for (const Draft& draft : drafts) {
        if (draft.refused || !draft.human()) continue;
        for (const NewIdpLink& link : draft.human()->idp_links) by_idp[link.idp_id].push_back(link.external_id);
    }
    for (const auto& [id, external_ids] : by_idp) {
        const auto& idp = known_idps_[id] = TRY(idp::find_idp(db_, org_, id));
        if (!idp || options_.known_free) continue;
        TRY(store::query_in(db_, org_.instance(),
                            "SELECT external_id FROM idp_links WHERE instance_no = ?1 AND idp_id = ?2 AND external_id", {idp->key},
                            external_ids, [&, key = idp->key](const store::Row& row) { links_.emplace(key, row.text(0)); }));
    }
    return {};
}

Result<void> Taken::load_passkeys(std::span<const Draft> drafts) {
    if (options_.known_free) return {};
    std::unordered_map<std::string, std::vector<std::string>> by_domain;
    for (const Draft& draft : drafts) {
        if (draft.refused || !draft.human()) continue;
        for (const NewPasskey& passkey : draft.human()->passkeys) by_domain[passkey.rp_id].push_back(credential_key(passkey));
    }
    for (const auto& [domain, credentials] : by_domain) {
        std::vector<store::Value> keys;
        for (const std::string& credential : credentials) keys.emplace_back(store::Blob{credential});
        TRY(store::query_in(db_, org_.instance(),
                            "SELECT credential_sha256 FROM passkeys WHERE instance_no = ?1 AND rp_id = ?2 AND credential_sha256", {domain},
                            keys, [&](const store::Row& row) { passkeys_.emplace(domain, row.blob(0)); }));
    }
    return {};
}

Result<void> Taken::load_machine_keys(std::span<const Draft> drafts) {
    if (options_.known_free) return {};
    std::vector<std::string> keys;
    for (const Draft& draft : drafts) {
        if (draft.refused || !draft.machine()) continue;
        for (const NewMachineKey& key : draft.machine()->keys)
            if (!key.key_id.empty()) keys.push_back(fold(key.key_id));
    }
    return store::query_in(db_, org_.instance(), "SELECT public_id_key FROM machine_keys WHERE instance_no = ?1 AND public_id_key", {},
                           keys, [&](const store::Row& row) { machine_keys_.emplace(row.text(0)); });
}

/// A batch has few projects, however many users: each is read once.
Result<void> Taken::load_holdings(std::span<const Draft> drafts) {
    for (const Draft& draft : drafts) {
        if (draft.refused) continue;
        for (const NewGrant& grant : draft.in->grants) {
            const auto [holding, added] = holdings_.try_emplace({grant.project_id, grant.project_grant_id});
            if (added) holding->second = TRY(project::find_holding(db_, org_, grant.project_id, grant.project_grant_id));
        }
    }
    return {};
}

// In the order the reference checks: id, identity providers, then what its unique constraints find.
Result<void> Taken::claim(Draft& draft) {
    TRY(claim_id(draft));
    if (draft.human()) {
        for (const NewIdpLink& link : draft.human()->idp_links) {
            const auto& idp = known_idps_.at(link.idp_id);
            if (!idp) return fail(Code::failed_precondition, "COMMAND-39nfs", "Identity Provider Configuration doesn't exist");
            if (options_.check_idp_creation && !idp->options.creation_allowed)
                return fail(Code::failed_precondition, "COMMAND-SJI3g", "Errors.ExternalIDP.CreationNotAllowed");
        }
    }
    TRY(find_holdings(draft));
    TRY(claim_name(draft));
    TRY(check_passkeys(draft));
    TRY(check_machine_keys(draft));
    TRY(claim_links(draft));
    if (draft.human()) {
        for (const NewPasskey& passkey : draft.human()->passkeys) passkeys_.emplace(passkey.rp_id, credential_key(passkey));
    } else {
        for (const NewMachineKey& key : draft.machine()->keys) machine_keys_.insert(fold(key.key_id));
    }
    if (options_.known_free) return {};
    names_.insert(draft.name_key);
    if (!draft.public_id_key.empty()) ids_.insert(draft.public_id_key);
    return {};
}

Result<void> Taken::claim_id(const Draft& draft) {
    if (!draft.public_id_key.empty() && ids_.contains(draft.public_id_key)) return fail(id_taken());
    return {};
}

Result<void> Taken::claim_name(const Draft& draft) {
    if (!naming_.must_be_domain) {
        const auto parts = split_login_name(draft.in->name);
        if (parts && foreign_domains_.contains(parts->second))
            return fail(Code::invalid_argument, "COMMAND-SFd21", "Domain is not allowed in user names: it belongs to another organisation");
    }
    if (names_.contains(draft.name_key) || blocked_.contains(draft.name_key)) return fail(name_taken());
    return {};
}

Result<void> Taken::find_holdings(Draft& draft) const {
    for (std::size_t i = 0; i < draft.in->grants.size(); ++i) {
        const NewGrant& grant = draft.in->grants[i];
        const auto& holding = holdings_.at({grant.project_id, grant.project_grant_id});
        TRY(accept_grant(holding, draft.roles[i]));
        const bool repeated = std::ranges::any_of(draft.holdings, [&](const project::Holding* other) {
            return other->project.key == holding->project.key && other->grant == holding->grant;
        });
        if (repeated) return fail(grant_exists());
        draft.holdings.push_back(&*holding);
    }
    return {};
}

Result<void> Taken::claim_links(Draft& draft) {
    if (!draft.human()) return {};
    std::vector<std::pair<IdpId, std::string>> wanted;
    for (const NewIdpLink& link : draft.human()->idp_links) {
        std::pair key(known_idps_.at(link.idp_id)->key, link.external_id);
        if (links_.contains(key) || std::ranges::find(wanted, key) != wanted.end()) return fail(link_taken());
        wanted.push_back(std::move(key));
    }
    for (auto& key : wanted) {
        draft.idps.push_back(key.first);
        links_.insert(std::move(key));
    }
    return {};
}

/// Two copies of one key in a record are the same mistake as two people with one key.
Result<void> Taken::check_passkeys(const Draft& draft) const {
    if (!draft.human()) return {};
    std::set<std::pair<std::string, std::string>> wanted;
    for (const NewPasskey& passkey : draft.human()->passkeys) {
        std::pair key(passkey.rp_id, credential_key(passkey));
        if (passkeys_.contains(key) || !wanted.insert(std::move(key)).second) return fail(passkey_taken(passkey.rp_id));
    }
    return {};
}

/// Likewise of keys of machines.
Result<void> Taken::check_machine_keys(const Draft& draft) const {
    if (!draft.machine()) return {};
    std::unordered_set<std::string> wanted;
    for (const NewMachineKey& key : draft.machine()->keys) {
        if (key.key_id.empty()) continue;
        const std::string folded = fold(key.key_id);
        if (machine_keys_.contains(folded) || !wanted.insert(folded).second) return fail(key_taken());
    }
    return {};
}

Result<void> check_name_free(store::Reader& db, const OrgScope& org, const Naming& naming, std::string_view name) {
    NewUser wanted;
    wanted.name = name;
    wanted.as = NewMachine{};
    Draft draft = draft_of(wanted);
    if (draft.refused) return fail(*draft.refused);
    const CreateOptions options;
    Taken taken(db, org, naming, options);
    TRY(taken.load(std::span(&draft, 1)));
    return taken.claim(draft);
}

}  // namespace godwit::user
