#include "migration/engine/matching.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/unicode.h"
#include "directory/user/refusals.h"
#include "store/query_in.h"
#include "store/store.h"

namespace godwit::migration {
namespace {

std::string_view code_of(v1::Match match) {
    switch (match) {
        case v1::MATCH_SOURCE_ID:
            return "match.source_id";
        case v1::MATCH_USER_ID:
            return "match.user_id";
        case v1::MATCH_LOGIN_NAME:
            return "match.login_name";
        default:
            return "match.email";
    }
}

Person person_of(const store::Row& row) { return {.id = row.i64(1), .org = row.id<OrgId>(2)}; }

}  // namespace

std::string passkey_claim(std::string_view rp_id, std::string_view credential_id) {
    return "p " + std::string(rp_id) + " " + hex_encode(credential_id);
}
std::string machine_key_claim(std::string_view folded_id) { return "k " + std::string(folded_id); }
std::string subject_claim(std::string_view subject) { return "a " + std::string(subject); }
std::string user_claim(std::int64_t user) { return "u " + std::to_string(user); }

std::vector<PartClaim> parts_of(const Prepared& record, const user::NewUser& user) {
    std::vector<PartClaim> out;
    if (const auto* human = std::get_if<user::NewHuman>(&user.as)) {
        for (std::size_t i = 0; i < human->idp_links.size(); ++i) {
            const auto& link = human->idp_links[i];
            out.push_back(
                {"l " + link.idp_id + " " + link.external_id, user::path_of("idpLinks", i), user::link_taken(), v1::FIELD_GROUP_LINKS});
        }
        for (std::size_t i = 0; i < human->passkeys.size(); ++i) {
            const auto& passkey = human->passkeys[i];
            out.push_back({passkey_claim(passkey.rp_id, passkey.credential_id), user::path_of("passkeys", i),
                           user::passkey_taken(passkey.rp_id), v1::FIELD_GROUP_SECRETS});
        }
    } else {
        const auto& keys = std::get<user::NewMachine>(user.as).keys;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            if (!keys[i].key_id.empty())
                out.push_back({machine_key_claim(fold(keys[i].key_id)), user::path_of("machine.keys", i), user::key_taken(),
                               v1::FIELD_GROUP_SECRETS});
        }
    }
    for (const std::string& alias : record.aliases)
        out.push_back({.key = subject_claim(alias), .path = "subjectAliases[" + alias + "]", .taken = {}});
    return out;
}

bool Matcher::uses(v1::Match match) const {
    const auto& all = job_.job.options().match();
    return std::ranges::find(all, static_cast<int>(match)) != all.end();
}

Result<std::string> Matcher::name_key(const Batch& batch, std::size_t i) {
    const OrgId org = batch.records[i].org;
    const auto* naming = TRY(namings_.of(org));
    return std::to_string(naming->login_scope(org)) + " " + std::string(batch.users.keys(i).name);
}

Result<std::vector<std::string>> Matcher::own_claims(const Batch& batch, std::size_t i) {
    const auto keys = batch.users.keys(i);
    std::vector<std::string> out{"s " + batch.records[i].source_id, "n " + TRY(name_key(batch, i))};
    if (!keys.public_id.empty()) out.push_back("i " + std::string(keys.public_id));
    if (batch.records[i].email_verified && uses(v1::MATCH_VERIFIED_EMAIL)) out.push_back("e " + std::string(keys.email));
    return out;
}

Result<std::vector<std::string>> Matcher::claims(const Batch& batch, std::size_t i) {
    std::vector<std::string> out = TRY(own_claims(batch, i));
    // A record that says something twice is not in its own way.
    for (PartClaim& part : parts_of(batch.records[i], batch.users[i]))
        if (std::ranges::find(out, part.key) == out.end()) out.push_back(std::move(part.key));
    return out;
}

std::int64_t Matcher::holder_of(const PartClaim& part) const {
    const auto found = holders_.find(part.key);
    return found == holders_.end() ? 0 : found->second;
}

Result<void> Matcher::load(const Batch& batch, std::span<const std::size_t> which) {
    refs_.clear();
    ids_.clear();
    names_.clear();
    emails_.clear();
    source_of_.clear();
    org_of_.clear();
    holders_.clear();
    std::vector<std::string> sources, ids, emails;
    for (const std::size_t i : which) {
        const auto keys = batch.users.keys(i);
        sources.push_back(batch.records[i].source_id);
        if (!keys.public_id.empty()) ids.emplace_back(keys.public_id);
        if (batch.records[i].email_verified && !keys.email.empty()) emails.emplace_back(keys.email);
    }
    TRY(load_refs(sources));
    TRY(store::query_in(db_, instance_, "SELECT public_id_key, id, org_id FROM users WHERE instance_no = ?1 AND public_id_key", {}, ids,
                        [&](const store::Row& row) { ids_.emplace(row.text(0), person_of(row)); }));
    TRY(load_names(batch, which));
    if (uses(v1::MATCH_VERIFIED_EMAIL)) TRY(load_emails(emails));
    TRY(load_sources());
    return scratch_ ? load_scratch(batch, which) : Result<void>();
}

Result<void> Matcher::load_refs(const std::vector<std::string>& ids) {
    std::vector<std::int64_t> objects;
    TRY(store::query_in(
        db_, instance_,
        "SELECT external_id, object_id, state, hash64, outcome FROM external_refs WHERE instance_no = ?1 AND source_no = ?2 AND "
        "external_id",
        {job_.source_no}, ids, [&](const store::Row& row) {
            refs_.emplace(row.text(0), Ref{.object = row.i64(1),
                                           .state = static_cast<UserState>(row.i64(2)),
                                           .hash64 = row.i64(3),
                                           .outcome = static_cast<Outcome>(row.i64(4))});
            if (row.i64(1) != 0) objects.push_back(row.i64(1));
        }));
    return load_orgs(objects);
}

Result<void> Matcher::load_orgs(const std::vector<std::int64_t>& people) {
    return store::query_in(db_, instance_, "SELECT 0, id, org_id FROM users WHERE instance_no = ?1 AND id", {}, people,
                           [&](const store::Row& row) { org_of_.emplace(row.i64(1), row.id<OrgId>(2)); });
}

Result<void> Matcher::load_names(const Batch& batch, std::span<const std::size_t> which) {
    std::unordered_map<std::int64_t, std::vector<std::string>> by_scope;
    for (const std::size_t i : which) {
        const OrgId org = batch.records[i].org;
        const auto* naming = TRY(namings_.of(org));
        by_scope[naming->login_scope(org)].emplace_back(batch.users.keys(i).name);
    }
    for (const auto& [scope, keys] : by_scope) {
        TRY(store::query_in(db_, instance_,
                            "SELECT name_key, id, org_id FROM users WHERE instance_no = ?1 AND login_scope = ?2 AND name_key", {scope},
                            keys, [&, in = scope](const store::Row& row) {
                                names_.emplace(std::to_string(in) + " " + std::string(row.text(0)), person_of(row));
                            }));
    }
    return {};
}

/// Two probes: the user name stands for an e-mail that is the same (users.email_key).
Result<void> Matcher::load_emails(const std::vector<std::string>& keys) {
    const auto add = [&](const store::Row& row) { emails_.emplace(row.text(0), person_of(row)); };
    TRY(store::query_in(db_, instance_,
                        "SELECT email_key, id, org_id FROM users WHERE instance_no = ?1 AND email_key IS NOT NULL AND email_verified_at IS "
                        "NOT NULL AND email_key",
                        {}, keys, add));
    return store::query_in(db_, instance_,
                           "SELECT name_key, id, org_id FROM users WHERE instance_no = ?1 AND login_scope = 0 AND email_key IS NULL AND "
                           "email_verified_at IS NOT NULL AND name_key",
                           {}, keys, add);
}

/// Whether those found by other ways than their source id have one.
Result<void> Matcher::load_sources() {
    std::set<std::int64_t> found;
    for (const auto* people : {&ids_, &names_}) {
        for (const auto& [key, person] : *people) found.insert(person.id);
    }
    for (const auto& [key, person] : emails_) found.insert(person.id);
    const std::vector<std::int64_t> objects(found.begin(), found.end());
    TRY(store::query_in(db_, instance_,
                        "SELECT object_id, external_id FROM external_refs WHERE instance_no = ?1 AND source_no = ?2 AND object_id",
                        {job_.source_no}, objects, [&](const store::Row& row) { source_of_.emplace(row.i64(0), row.text(1)); }));
    if (!scratch_) return {};
    std::vector<std::string> keys;
    for (const std::int64_t user : objects) keys.push_back(user_claim(user));
    // Which source id an earlier record gave them is not needed: it is another one's, or leads to them itself.
    for (const auto& [key, claim] : TRY(scratch_->find(keys))) source_of_.emplace(-claim.by, "");
    return {};
}

Result<void> Matcher::load_scratch(const Batch& batch, std::span<const std::size_t> which) {
    std::vector<std::string> keys;
    for (const std::size_t i : which) {
        for (std::string& key : TRY(claims(batch, i))) keys.push_back(std::move(key));
    }
    const auto found = TRY(scratch_->find(keys));
    std::vector<std::int64_t> here;
    for (const auto& [key, claim] : found) {
        if (claim.by < 0) here.push_back(-claim.by);
    }
    TRY(load_orgs(here));
    // A would-be user stands in for a row, under a negative id.
    for (const auto& [key, claim] : found) {
        const auto org = org_of_.find(-claim.by);
        if (claim.by < 0 && org == org_of_.end()) continue;  // removed since
        const Person person{.id = -claim.by, .org = org == org_of_.end() ? OrgId{} : org->second};
        const std::string rest = key.substr(2);
        switch (key.front()) {
            case 's':
                refs_.insert_or_assign(rest, Ref{.object = person.id, .state = UserState::arrived, .hash64 = claim.hash64});
                break;
            case 'i':
                ids_.emplace(rest, person);
                break;
            case 'n':
                names_.emplace(rest, person);
                break;
            case 'e':
                emails_.emplace(rest, person);
                break;
            default:
                holders_.emplace(key, person.id);
                continue;
        }
        source_of_.emplace(person.id, "");
    }
    return {};
}

Result<Match> Matcher::find(const Batch& batch, std::size_t i) {
    const Prepared& record = batch.records[i];
    const auto keys = batch.users.keys(i);
    Match out;
    if (const auto ref = refs_.find(record.source_id); ref != refs_.end()) out.ref = ref->second;

    std::set<std::int64_t> others;
    const auto meet = [&](v1::Match match, const Person& person) {
        others.insert(person.id);
        if (out.person) return;
        out.person = person;
        out.by = code_of(match);
    };
    if (out.ref && out.ref->object != 0 && uses(v1::MATCH_SOURCE_ID)) {
        const auto org = org_of_.find(out.ref->object);
        meet(v1::MATCH_SOURCE_ID, {.id = out.ref->object, .org = org == org_of_.end() ? record.org : org->second});
    }
    for (const int match : job_.job.options().match()) {
        if (match == v1::MATCH_USER_ID) {
            if (const auto found = ids_.find(std::string(keys.public_id)); found != ids_.end()) meet(v1::MATCH_USER_ID, found->second);
        } else if (match == v1::MATCH_LOGIN_NAME) {
            if (const auto found = names_.find(TRY(name_key(batch, i))); found != names_.end()) meet(v1::MATCH_LOGIN_NAME, found->second);
        } else if (match == v1::MATCH_VERIFIED_EMAIL && record.email_verified) {
            const auto [first, last] = emails_.equal_range(std::string(keys.email));
            for (auto it = first; it != last; ++it) meet(v1::MATCH_VERIFIED_EMAIL, it->second);
        }
    }
    if (!out.person) return out;
    if (others.size() > 1 && out.by != code_of(v1::MATCH_SOURCE_ID)) out.conflict = "match.ambiguous";
    const bool theirs = out.ref && out.ref->object == out.person->id;
    if (!theirs && out.by != code_of(v1::MATCH_SOURCE_ID)) {
        const auto source = source_of_.find(out.person->id);
        if (source != source_of_.end() && source->second != record.source_id) out.conflict = "match.two_sources";
    }
    return out;
}

}  // namespace godwit::migration
