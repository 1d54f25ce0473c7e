// What a batch must not claim a second time: login names, ids, links, passkeys, ids of keys; and what it may give roles of. Asked of the
// store by set queries. Internal to this folder.
#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "directory/idp/idps.h"
#include "directory/project/holding.h"
#include "directory/user/draft.h"
#include "directory/user/login_names.h"
#include "directory/user/users.h"
#include "store/store.h"

namespace godwit::user {

class Taken {
public:
    Taken(store::Reader& db, const OrgScope& org, const Naming& naming, const CreateOptions& options)
        : db_(db), org_(org), naming_(naming), options_(options) {}

    /// Asks the store about all drafts that are not refused; not about names and ids that an index keeps unique, unless asked to look
    /// first (CreateOptions).
    Result<void> load(std::span<const Draft> drafts);
    /// Claims what a draft brings, or says why not. Fills in draft.idps and draft.holdings.
    Result<void> claim(Draft& draft);

private:
    Result<void> load_names(std::span<const Draft> drafts);
    Result<void> load_other_forms(std::span<const Draft> drafts);
    Result<void> load_ids(std::span<const Draft> drafts);
    Result<void> load_removed_ids(std::span<const std::string> keys);
    Result<void> load_links(std::span<const Draft> drafts);
    Result<void> load_passkeys(std::span<const Draft> drafts);
    Result<void> load_machine_keys(std::span<const Draft> drafts);
    Result<void> load_holdings(std::span<const Draft> drafts);
    Result<void> claim_id(const Draft& draft);
    Result<void> claim_name(const Draft& draft);
    Result<void> claim_links(Draft& draft);
    Result<void> find_holdings(Draft& draft) const;
    Result<void> check_passkeys(const Draft& draft) const;
    Result<void> check_machine_keys(const Draft& draft) const;

    store::Reader& db_;
    const OrgScope& org_;
    const Naming& naming_;
    const CreateOptions& options_;

    std::unordered_set<std::string> names_;    ///< folded, in the batch's login scope
    std::unordered_set<std::string> blocked_;  ///< folded names that someone has in the other form
    std::unordered_set<std::string> foreign_domains_;
    std::unordered_set<std::string> ids_;  ///< folded
    std::unordered_map<std::string, std::optional<idp::Idp>> known_idps_;
    std::set<std::pair<IdpId, std::string>> links_;
    std::set<std::pair<std::string, std::string>> passkeys_;                                   ///< RP id, credential_key
    std::unordered_set<std::string> machine_keys_;                                             ///< folded ids
    std::map<std::pair<std::string, std::string>, std::optional<project::Holding>> holdings_;  ///< by project and grant id
};

/// For a single change of name: already_exists V3-DKcYh or invalid_argument COMMAND-SFd21 when `name` cannot be had.
Result<void> check_name_free(store::Reader& db, const OrgScope& org, const Naming& naming, std::string_view name);

}  // namespace godwit::user
