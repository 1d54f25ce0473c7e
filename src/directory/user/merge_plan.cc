#include "directory/user/merge_plan.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/unicode.h"
#include "crypto/compare.h"
#include "crypto/sealer.h"
#include "directory/idp/idps.h"
#include "directory/project/holding.h"
#include "directory/user/authenticators.h"
#include "directory/user/grant_rows.h"
#include "directory/user/refusals.h"
#include "directory/user/totps.h"
#include "store/store.h"

namespace godwit::user {
namespace {

/// The second factors that a user has.
struct Factors {
    bool any_totp = false;
    std::vector<Secret> totp_keys;                           ///< those that can be opened
    std::set<std::pair<std::string, std::string>> passkeys;  ///< RP id, credential id
    bool recovery_codes = false, otp_sms = false, otp_email = false;

    bool any() const { return any_totp || !passkeys.empty() || recovery_codes || otp_sms || otp_email; }
    bool has(const NewTotp& totp) const {
        return std::ranges::any_of(totp_keys, [&](const Secret& key) { return crypto::constant_time_equals(key, totp.key); });
    }
};

class Planner {
public:
    Planner(store::Reader& db, const OrgScope& org, const UserRow& row, const NewUser& given, const MergeOptions& options,
            const crypto::Sealer& sealer)
        : db_(db), org_(org), row_(row), given_(given), options_(options), sealer_(sealer) {}

    Result<MergePlan> run() {
        const auto* const human = std::get_if<NewHuman>(&given_.as);
        if ((human != nullptr) != (row_.user.human() != nullptr))
            return fail(Code::failed_precondition, "USER-Mrg01",
                        human ? "the record is of a person, the user who is here is a machine"
                              : "the record is of a machine, the user who is here is a person");
        if (options_.profile && options_.replace && fold(given_.name) != fold(row_.user.name)) lose("userName");
        if (options_.secrets) TRY(human ? plan_factors(*human) : plan_keys(std::get<NewMachine>(given_.as)));
        if (options_.links && human) TRY(plan_links(*human));
        if (options_.grants) TRY(plan_grants());
        return std::move(out_);
    }

private:
    void lose(std::string path) { out_.lost.push_back(std::move(path)); }
    InstanceScope instance() const { return org_.instance(); }

    Result<Factors> read_factors() {
        Factors found;
        std::vector<std::pair<std::int64_t, std::string>> sealed;
        TRY(db_.query(instance(), "SELECT id, secret FROM user_totp WHERE instance_no = ?1 AND user_id = ?2", {row_.user.id},
                      [&](const store::Row& row) { sealed.emplace_back(row.i64(0), row.blob(1)); }));
        found.any_totp = !sealed.empty();
        for (const auto& [id, secret] : sealed) {
            // One that is damaged is a factor all the same, and not the record's; it stops nobody's migration.
            if (auto key = sealer_.open(totp_place(row_.user.id, id), secret)) found.totp_keys.push_back(*std::move(key));
        }
        TRY(db_.query(instance(), "SELECT rp_id, credential_id FROM passkeys WHERE instance_no = ?1 AND user_id = ?2", {row_.user.id},
                      [&](const store::Row& row) { found.passkeys.emplace(row.text(0), row.blob(1)); }));
        TRY(db_.query(instance(), "SELECT kind FROM user_otp WHERE instance_no = ?1 AND user_id = ?2", {row_.user.id},
                      [&](const store::Row& row) { (row.i64(0) == number(OtpKind::sms) ? found.otp_sms : found.otp_email) = true; }));
        found.recovery_codes = TRY(db_.query(instance(), "SELECT 1 FROM recovery_codes WHERE instance_no = ?1 AND user_id = ?2 LIMIT 1",
                                             {row_.user.id}, [](const store::Row&) {})) > 0;
        return found;
    }

    /// Factors come all or not at all: nobody gets one more beside those they have.
    Result<void> plan_factors(const NewHuman& human) {
        const Factors here = TRY(read_factors());
        out_.factors = !here.any();
        if (out_.factors) return plan_passkeys(human);
        for (std::size_t i = 0; i < human.totp.size(); ++i)
            if (!here.has(human.totp[i])) lose(path_of("totp", i));
        for (std::size_t i = 0; i < human.passkeys.size(); ++i)
            if (!here.passkeys.contains({human.passkeys[i].rp_id, human.passkeys[i].credential_id})) lose(path_of("passkeys", i));
        if (!human.recovery_codes.empty() && !here.recovery_codes) lose("recoveryCodes");
        if (human.otp_sms && !here.otp_sms) lose("otpSms");
        if (human.otp_email && !here.otp_email) lose("otpEmail");
        return {};
    }

    Result<void> plan_passkeys(const NewHuman& human) {
        std::set<std::pair<std::string, std::string>> wanted;
        for (std::size_t i = 0; i < human.passkeys.size(); ++i) {
            const NewPasskey& passkey = human.passkeys[i];
            if (!wanted.emplace(passkey.rp_id, passkey.credential_id).second) continue;
            const std::string key = credential_key(passkey);
            const auto taken =
                TRY(db_.query(instance(), "SELECT 1 FROM passkeys WHERE instance_no = ?1 AND rp_id = ?2 AND credential_sha256 = ?3",
                              {passkey.rp_id, store::Blob{key}}, [](const store::Row&) {}));
            if (taken > 0) {
                lose(path_of("passkeys", i));
            } else {
                out_.passkeys.push_back(passkey);
            }
        }
        return {};
    }

    Result<void> plan_keys(const NewMachine& machine) {
        std::set<std::string> here;
        TRY(db_.query(instance(), "SELECT spki FROM machine_keys WHERE instance_no = ?1 AND user_id = ?2", {row_.user.id},
                      [&](const store::Row& row) { here.emplace(row.blob(0)); }));
        std::set<std::string> wanted;
        for (std::size_t i = 0; i < machine.keys.size(); ++i) {
            const NewMachineKey& key = machine.keys[i];
            if (!here.insert(key.spki).second) continue;
            const std::string id = fold(key.key_id);
            const bool taken =
                !id.empty() && (!wanted.insert(id).second ||
                                TRY(db_.query(instance(), "SELECT 1 FROM machine_keys WHERE instance_no = ?1 AND public_id_key = ?2", {id},
                                              [](const store::Row&) {})) > 0);
            if (taken) {
                lose(path_of("machine.keys", i));
            } else {
                out_.machine_keys.push_back(key);
            }
        }
        return {};
    }

    Result<void> plan_links(const NewHuman& human) {
        std::set<std::pair<std::string, std::string>> wanted;
        for (std::size_t i = 0; i < human.idp_links.size(); ++i) {
            const NewIdpLink& link = human.idp_links[i];
            if (!wanted.emplace(link.idp_id, link.external_id).second) continue;
            const auto idp = TRY(idp::find_idp(db_, org_, link.idp_id));
            std::int64_t owner = 0;
            if (idp) {
                TRY(db_.query(instance(), "SELECT user_id FROM idp_links WHERE instance_no = ?1 AND idp_id = ?2 AND external_id = ?3",
                              {idp->key, link.external_id}, [&](const store::Row& row) { owner = row.i64(0); }));
            }
            if (!idp || (owner != 0 && owner != row_.user.id.key)) {
                lose(path_of("idpLinks", i));
            } else if (owner == 0) {
                out_.links.emplace_back(link, idp->key);
            }
        }
        return {};
    }

    Result<void> plan_grants() {
        for (std::size_t i = 0; i < given_.grants.size(); ++i) {
            const NewGrant& grant = given_.grants[i];
            auto holding = TRY(project::find_holding(db_, org_, grant.project_id, grant.project_grant_id));
            auto roles = project::sorted_roles(grant.roles);
            if (accept_grant(holding, roles)) {
                out_.grants.emplace_back(*std::move(holding), std::move(roles));
            } else {
                lose(path_of("grants", i));
            }
        }
        return {};
    }

    store::Reader& db_;
    const OrgScope& org_;
    const UserRow& row_;
    const NewUser& given_;
    const MergeOptions& options_;
    const crypto::Sealer& sealer_;
    MergePlan out_;
};

}  // namespace

Result<MergePlan> plan_merge(store::Reader& db, const OrgScope& org, const UserRow& row, const NewUser& given, const MergeOptions& options,
                             const crypto::Sealer& sealer) {
    return Planner(db, org, row, given, options, sealer).run();
}

}  // namespace godwit::user
