// Which user a record means: looked for in the store (and in a rehearsal's scratch) for many records at once.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "directory/user/login_names.h"
#include "migration/engine/batch.h"
#include "migration/engine/jobs.h"
#include "migration/engine/scratch.h"
#include "migration/engine/user_state.h"

namespace godwit::store {
class Reader;
}

namespace godwit::migration {

/// What external_refs says of a source id.
struct Ref {
    std::int64_t object = 0;  ///< 0: nobody is here
    UserState state = UserState::none;
    std::int64_t hash64 = 0;
    Outcome outcome = Outcome::none;  ///< of the record that brought the user; never of a rehearsal's
};

/// A user of the store, or (in a rehearsal, with a negative id) one that an earlier record would have become.
struct Person {
    std::int64_t id = 0;
    OrgId org;
};

struct Match {
    std::optional<Ref> ref;        ///< of the record's own source id
    std::optional<Person> person;  ///< who it is
    std::string_view by;           ///< the code that says how it was found: "match.login_name"
    std::string_view conflict;     ///< a code; "": none
};

/// A part of a record that only one user can have: a link, a passkey, the id of a machine's key, an old subject.
struct PartClaim {
    std::string key;   ///< see Matcher::claims
    std::string path;  ///< in the record
    Error taken;       ///< of Users::create when somebody else has it; of an old subject, which costs no record: none
    v1::FieldGroup group = v1::FIELD_GROUP_UNSPECIFIED;  ///< without which an update does not take it
};
std::vector<PartClaim> parts_of(const Prepared& record, const user::NewUser& user);
/// The keys of parts that are stored already.
std::string passkey_claim(std::string_view rp_id, std::string_view credential_id);
std::string machine_key_claim(std::string_view folded_id);
std::string subject_claim(std::string_view subject);
/// Of somebody who has a source id by an earlier record.
std::string user_claim(std::int64_t user);

class Matcher {
public:
    /// All outlive it. `scratch` may be null.
    Matcher(store::Reader& db, InstanceScope instance, const JobRow& job, Scratch* scratch)
        : db_(db), instance_(instance), job_(job), scratch_(scratch), namings_(db, instance) {}

    /// Looks for some records of the batch; forgets those of before.
    Result<void> load(const Batch& batch, std::span<const std::size_t> which);
    /// Of a record that was loaded.
    Result<Match> find(const Batch& batch, std::size_t i);

    /// What finds a record's user: source id, name, wished id, verified address. A rehearsal remembers records under these and their parts.
    Result<std::vector<std::string>> own_claims(const Batch& batch, std::size_t i);
    /// Those, and its parts: no two records that share one may be taken at once.
    Result<std::vector<std::string>> claims(const Batch& batch, std::size_t i);
    /// In a rehearsal: whom an earlier record would have given this part; 0: nobody.
    std::int64_t holder_of(const PartClaim& part) const;

private:
    Result<std::string> name_key(const Batch& batch, std::size_t i);
    bool uses(v1::Match match) const;
    Result<void> load_orgs(const std::vector<std::int64_t>& people);
    Result<void> load_refs(const std::vector<std::string>& ids);
    Result<void> load_names(const Batch& batch, std::span<const std::size_t> which);
    Result<void> load_emails(const std::vector<std::string>& keys);
    Result<void> load_sources();
    Result<void> load_scratch(const Batch& batch, std::span<const std::size_t> which);

    store::Reader& db_;
    const InstanceScope instance_;
    const JobRow& job_;
    Scratch* const scratch_;
    user::Namings namings_;

    std::unordered_map<std::string, Ref> refs_;
    std::unordered_map<std::string, Person> ids_, names_;      ///< by folded id; by scope and folded name
    std::unordered_multimap<std::string, Person> emails_;      ///< verified, folded
    std::unordered_map<std::int64_t, std::string> source_of_;  ///< the id the source has for a user found otherwise
    std::unordered_map<std::int64_t, OrgId> org_of_;           ///< of users found by their source id, or by an earlier record's
    std::unordered_map<std::string, std::int64_t> holders_;    ///< of parts, in a rehearsal
};

}  // namespace godwit::migration
