// The users of an instance: creating, reading, searching, changing, ending. Passwords, codes, links and what machines hold have headers
// of their own beside this one.
//
// Errors have the reference's ids. Not found is QUERY-Dfbg2, a user outside the organization asked about MANAG-fpo4B; changes name
// their own. All functions may be called from any thread.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "directory/object/object.h"
#include "directory/user/merge.h"
#include "directory/user/new_user.h"
#include "directory/user/prepared.h"
#include "directory/user/search.h"
#include "directory/user/types.h"
#include "store/editor.h"
#include "store/list_memory.h"

namespace godwit::key {
class Sealers;
}

namespace godwit::user {

struct CreateOptions {
    /// Whether a removed user's id may be used again.
    bool reuse_removed_ids = false;
    /// Identity providers that users are linked to must allow creation (v1 asks for it, v2 does not).
    bool check_idp_creation = true;
    /// False: the batch is likely to be new altogether. Then nobody is looked for; the unique indexes speak up, and the batch is written
    /// a second time. The outcome is the same either way.
    bool look_first = true;
    /// The caller has made sure that no name or id of the batch is anybody's, nor that of two in it, and no link (an initial load,
    /// store/initial_load.h): the users that are there are not looked at. Domains of other organizations and removed ids are.
    bool known_free = false;
};

class Users {
public:
    Users(store::Store& store, const key::Sealers& sealers) : store_(store), sealers_(sealers) {}

    /// Creates up to kMaxBatch users in one transaction with their events. Slots of the outcome follow the order of `users`: created,
    /// or the Error that kept this one out; the others are written. Slot errors: already_exists V3-DKcYh (login name taken, in the
    /// store or earlier in the batch; or an identity provider link taken), failed_precondition COMMAND-ziuna (id taken) and
    /// COMMAND-39nfs (unknown identity provider) and COMMAND-SJI3g (it does not allow creation), COMMAND-4m9ff (a project that the
    /// organization does not hold) and COMMAND-mm9F4 (a role it cannot give), already_exists USER-Psk08 (a passkey someone has) and
    /// COMMAND-Key01 (a machine's key id that is taken),
    /// invalid_argument (form).
    /// An outer error means that nothing was written.
    Result<BatchOutcome> create(const OrgScope& org, std::span<const NewUser> users, const store::Editor& editor,
                                CreateOptions options = {});
    /// The same within a transaction that is already open (first start); a name taken meanwhile fails that transaction.
    Result<BatchOutcome> create(store::Writer& db, const OrgScope& org, std::span<const NewUser> users, const store::Editor& editor,
                                const CreateOptions& options = {});
    /// The same for some users of `prepared` (their numbers in `which`, in rising order); slots follow `which`.
    Result<BatchOutcome> create(store::Writer& db, const OrgScope& org, PreparedUsers& prepared, std::span<const std::size_t> which,
                                const store::Editor& editor, const CreateOptions& options);
    /// What create() would answer now, without creating: nullopt, or the error. For a rehearsal, on a read snapshot.
    Result<std::vector<std::optional<Error>>> check(store::Reader& db, const OrgScope& org, PreparedUsers& prepared,
                                                    std::span<const std::size_t> which, const CreateOptions& options);
    /// Adds to a user of `org` what `given` brings (merge.h). Errors: not_found COMMAND-5N9ds, failed_precondition USER-Mrg01 (a person and
    /// a machine), aborted (another change came between).
    Result<Merged> merge(store::Writer& db, const OrgScope& org, UserId id, const NewUser& given, const MergeOptions& options,
                         const store::Editor& editor);
    /// What merge() would answer as lost, without changing anything. For a rehearsal, on a read snapshot.
    Result<Merged> check_merge(store::Reader& db, const OrgScope& org, UserId id, const NewUser& given, const MergeOptions& options);
    /// A batch of one; its slot's error is the error.
    Result<Created> create(const OrgScope& org, const NewUser& user, const store::Editor& editor, CreateOptions options = {});

    Result<User> get(const Ref& ref);
    Result<std::optional<User>> find(const Ref& ref);
    Result<std::optional<User>> find_by_login_name(InstanceScope instance, std::string_view login_name);

    /// `org` 0: the whole instance. Unknown ids in conditions match nothing. The total of more than 1,000 hits, and where a page far down
    /// begins, may be up to ten seconds old (store::ListMemory); what it costs: docs/data-model.md.
    Result<directory::Listed<User>> search(InstanceScope instance, OrgId org, const Query& query, SortBy sort, const store::Page& page);
    /// As the reference answers IsUserUnique: false when a user matches every part that is not empty, or when both are empty.
    Result<bool> is_unique(const OrgScope& org, std::string_view name, std::string_view email);

    Result<directory::Change> change_name(const Ref& ref, std::string_view name, const store::Editor& editor);
    Result<directory::Change> change_profile(const Ref& ref, const Profile& profile, const store::Editor& editor);
    /// A changed address that is not verified gets a code (outbox). Verified by an administrator: source "admin".
    Result<directory::Change> change_email(const Ref& ref, std::string_view address, bool verified, const store::Editor& editor);
    Result<directory::Change> change_phone(const Ref& ref, std::string_view number, bool verified, const store::Editor& editor);
    Result<directory::Change> remove_phone(const Ref& ref, const store::Editor& editor);
    Result<directory::Change> change_machine(const Ref& ref, std::string_view name, std::string_view description, TokenKind token_kind,
                                             const store::Editor& editor);

    /// Deactivation, locking and removal end the user's sessions and tokens (auth_epoch).
    Result<directory::Change> deactivate(const Ref& ref, const store::Editor& editor);
    Result<directory::Change> reactivate(const Ref& ref, const store::Editor& editor);
    Result<directory::Change> lock(const Ref& ref, const store::Editor& editor);
    Result<directory::Change> unlock(const Ref& ref, const store::Editor& editor);
    /// The user, its credentials, links, grants and memberships go; its id stays refused (tombstone).
    Result<directory::Change> remove(const Ref& ref, const store::Editor& editor);
    /// "Log out everywhere".
    Result<directory::Change> end_sessions(const Ref& ref, const store::Editor& editor);

private:
    store::Store& store_;
    const key::Sealers& sealers_;
    store::ListMemory lists_;
};

/// Reads one user in a transaction that is already open; nullopt when there is none, or it lies outside `ref.within`.
Result<std::optional<User>> read_user(store::Reader& db, const Ref& ref);

}  // namespace godwit::user
