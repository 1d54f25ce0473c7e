// A record on its way from the source's form to what Users::create takes: all that can be said of it without the one writer.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "directory/user/new_user.h"
#include "godwit/migration/v1/migration.pb.h"
#include "godwit/migration/v1/record.pb.h"
#include "migration/engine/targets.h"
#include "migration/sources/source.h"

namespace godwit::password {
struct Declaration;
}
namespace godwit::signin {
class PasswordCheck;
}

namespace godwit::migration {

struct Prepared {
    std::uint64_t number = 0;
    std::string source_id;  ///< "" only for what is no record at all
    std::int64_t hash64 = 0;
    OrgId org;
    std::string refused;                ///< the code of what keeps it out; "": it may come in
    std::vector<std::string> codes;     ///< of what is noted and what is lost, each once
    std::vector<std::string> lost;      ///< paths
    std::vector<std::string> messages;  ///< for people
    std::vector<std::string> aliases;   ///< subjects by which it was known
    bool email_verified = false;
    bool held = false;     ///< put off by an initial load
    bool partial = false;  ///< a part is lost

    /// Something that everything arrived with.
    void note(std::string_view code, std::string_view message = {});
    /// `path` does not come.
    void lose(std::string_view code, std::string_view path, std::string_view message = {});
    /// It does not come in.
    void refuse(std::string_view code, std::string_view message);
};

/// What the job's options make of the organization a record names; nullptr: nothing.
const std::string* mapped_org(const v1::JobOptions& options, const v1::OrganizationRef& named);

/// One thread at a time.
class Preparer {
public:
    /// A hash of another system in the form that is stored; nullopt for one that stands for no password.
    using TakeOver = std::function<Result<std::optional<user::NewPassword>>(std::string_view hash, const password::Declaration& declaration,
                                                                            bool change_required)>;

    /// `variables`: those of the source, for the user name template. `everywhere`: records may name other organizations than `org`; to
    /// those that may not, there are no others. All outlive it.
    Preparer(const v1::JobOptions& options, const OrgScope& org, bool everywhere, std::map<std::string, std::string> variables,
             Targets& targets, signin::PasswordCheck& passwords);
    /// Without a store: what names stand for (organizations, projects, providers) is not asked.
    Preparer(const v1::JobOptions& options, std::map<std::string, std::string> variables, TakeOver take_over);

    /// `user` is filled as far as the record goes, whose `origin` is taken off; a plain password is left in `plain`, to be hashed
    /// into user.password, which says already whether it must be changed. Errors: only those of the store.
    Result<Prepared> prepare(std::uint64_t number, const Result<v1::UserRecord*>& record, user::NewUser& user, Secret& plain);

private:
    Result<void> find_org(const v1::UserRecord& record, Prepared& out);
    void check_type(const v1::UserRecord& record, Prepared& out);
    void take_name(const v1::UserRecord& record, Prepared& out, user::NewUser& user);
    void take_person(const v1::UserRecord& record, Prepared& out, user::NewHuman& human);
    void take_password(const v1::UserRecord& record, Prepared& out, user::NewHuman& human, Secret& plain);
    void take_factors(const v1::UserRecord& record, Prepared& out, user::NewHuman& human);
    /// As it is stored: the hash that came, or one of the code.
    Result<std::string> recovery_code_of(const v1::RecoveryCode& in) const;
    Result<void> take_links(const v1::UserRecord& record, Prepared& out, user::NewHuman& human);
    Result<void> take_grants(const v1::UserRecord& record, Prepared& out, user::NewUser& user);
    Result<void> take_mapped(std::string_view target, const std::string& path, Prepared& out, user::NewUser& user);
    Result<void> take_role(std::string_view project, std::string_view granted_by, std::string_view role, const std::string& path,
                           Prepared& out, user::NewUser& user);
    void take_metadata(const v1::UserRecord& record, Prepared& out, user::NewUser& user);
    void keep(std::string key, std::string bytes, std::string_view code, std::string_view path, Prepared& out, user::NewUser& user);
    void keep_what_has_no_place(const v1::UserRecord& record, Prepared& out, user::NewUser& user);
    void take_machine(const v1::UserRecord& record, Prepared& out, user::NewMachine& machine);
    void take_rest(const v1::UserRecord& record, Prepared& out, user::NewUser& user);

    const v1::JobOptions& options_;
    const OrgScope org_;
    const bool everywhere_;
    const std::map<std::string, std::string> variables_;
    Targets* const targets_;
    const TakeOver take_over_;
};

/// Whether a record can be known again by it: 1 to 1,000 bytes of UTF-8 without NUL.
bool accept_source_id(std::string_view id);

/// The same for the same record, whichever form it came in, under the same options for its groups: under a --role-map that makes a role of
/// one of them the record means something else. `origin` does not count.
std::int64_t hash_of(const v1::UserRecord& record, const v1::JobOptions& options);

}  // namespace godwit::migration
