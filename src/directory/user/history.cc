#include "directory/user/history.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "directory/object/public_id.h"
#include "directory/user/row.h"
#include "directory/user/users.h"

namespace godwit::user {

Result<std::vector<HistoryEntry>> read_history(store::Reader& db, const Ref& ref, std::int64_t sequence, std::uint32_t limit,
                                               bool ascending) {
    std::vector<HistoryEntry> out;
    const auto row = TRY(find_row(db, ref));
    if (!row || (ref.within && row->user.org != ref.within)) return out;
    const UserId user = row->user.id;

    // An entry's sequence is its place in the user's log; the log is read by place.
    std::int64_t total = 0;
    TRY(db.query(ref.instance, "SELECT COUNT(*) FROM events WHERE instance_no = ?1 AND agg_id = ?2", {user},
                 [&](const store::Row& count) { total = count.i64(0); }));
    const std::int64_t most = limit == 0 ? store::kDefaultLimit : std::min(limit, store::kMaxLimit);
    const std::int64_t first = ascending ? sequence : sequence == 0 ? 0 : std::max<std::int64_t>(total - sequence + 1, 0);
    std::vector<std::pair<UserId, OrgId>> who;
    TRY(db.query(
        ref.instance,
        std::string("SELECT type, created_at, editor_id, owner_id FROM events WHERE instance_no = ?1 AND agg_id = ?2 ORDER BY pos ") +
            (ascending ? "ASC" : "DESC") + " LIMIT ?3 OFFSET ?4",
        {user, most, first}, [&](const store::Row& event) {
            const auto place = static_cast<std::int64_t>(out.size()) + first;
            HistoryEntry entry;
            entry.type = event.text(0);
            entry.at = event.time(1);
            entry.sequence = ascending ? place + 1 : total - place;
            out.push_back(std::move(entry));
            who.emplace_back(event.id<UserId>(2), event.id<OrgId>(3));
        }));

    std::map<UserId, std::optional<User>> editors;
    std::map<OrgId, std::string> owners;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto [editor_id, owner_id] = who[i];
        if (!owners.contains(owner_id))
            owners[owner_id] =
                TRY(directory::find_public_id(db, ref.instance, directory::Noun::organization, owner_id.key)).value_or(row->user.org_id);
        out[i].resource_owner = owners[owner_id];
        if (!editor_id) {
            out[i].editor_name = "System";
            continue;
        }
        if (!editors.contains(editor_id)) editors[editor_id] = TRY(read_user(db, Ref::of(ref.instance, editor_id)));
        const auto& editor = editors[editor_id];
        out[i].editor_id = editor ? editor->public_id : std::to_string(editor_id.key);
        if (editor) {
            out[i].editor_name = editor->display_name();
            out[i].editor_login_name = editor->preferred_login_name;
        }
    }
    return out;
}

std::string_view describe_event(std::string_view type) {
    static const std::unordered_map<std::string_view, std::string_view> kTexts{
        {"user.human.added", "Person added"},
        {"user.machine.added", "Technical user added"},
        {"user.username.changed", "User name changed"},
        {"user.deactivated", "User deactivated"},
        {"user.reactivated", "User reactivated"},
        {"user.locked", "User locked"},
        {"user.unlocked", "User unlocked"},
        {"user.removed", "User removed"},
        {"user.human.signed.out", "Person signed out everywhere"},
        {"user.human.profile.changed", "Profile changed"},
        {"user.human.email.changed", "Email address changed"},
        {"user.human.email.verified", "Email address verified"},
        {"user.human.email.code.added", "Email address verification code generated"},
        {"user.human.phone.changed", "Phone number changed"},
        {"user.human.phone.removed", "Phone number removed"},
        {"user.human.phone.verified", "Phone number verified"},
        {"user.human.phone.code.added", "Phone number verification code generated"},
        {"user.human.initialization.code.added", "Initialization code generated"},
        {"user.human.password.changed", "Password changed"},
        {"user.human.password.code.added", "Password code generated"},
        {"user.human.password.hash.updated", "Password hash updated"},
        {"user.human.password.check.succeeded", "Password check succeeded"},
        {"user.human.password.check.failed", "Password check failed"},
        {"user.human.passwordless.initialization.code.added", "Passkey registration link generated"},
        {"user.human.passwordless.initialization.code.requested", "Passkey registration link requested"},
        {"user.human.mfa.otp.added", "Multifactor OTP added"},
        {"user.human.mfa.otp.verified", "Multifactor OTP verified"},
        {"user.human.mfa.otp.removed", "Multifactor OTP removed"},
        {"user.human.externalidp.added", "External identity linked"},
        {"user.human.externalidp.removed", "External identity unlinked"},
        {"user.machine.changed", "Technical user changed"},
        {"user.machine.secret.set", "Secret of technical user generated"},
        {"user.machine.secret.removed", "Secret of technical user removed"},
        {"user.machine.key.added", "Key added"},
        {"user.machine.key.removed", "Key removed"},
        {"user.metadata.set", "Metadata set"},
        {"user.metadata.removed", "Metadata removed"},
        {"user.pat.added", "Personal Access Token added"},
        {"user.pat.removed", "Personal Access Token removed"},
    };
    const auto it = kTexts.find(type);
    return it == kTexts.end() ? type : it->second;
}

}  // namespace godwit::user
