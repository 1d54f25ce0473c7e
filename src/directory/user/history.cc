#include "directory/user/history.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "directory/object/public_id.h"
#include "directory/user/row.h"
#include "directory/user/users.h"
#include "store/events.h"

namespace godwit::user {

Result<std::vector<HistoryEntry>> read_history(store::Reader& db, const Ref& ref, std::int64_t sequence, std::uint32_t limit,
                                               bool ascending) {
    std::vector<HistoryEntry> out;
    const auto found = TRY(find_row(db, ref));
    if (!found || (ref.within && found->user.org != ref.within)) return out;
    const UserId user = found->user.id;

    // An entry's sequence is its place in the user's log, whose first row may tell several events.
    struct Told {
        std::string type;
        Time at;
        UserId editor;
        OrgId owner;
    };
    std::vector<Told> told;
    const auto take = [&](const store::Row& row, std::string_view type) {
        told.push_back({std::string(type), row.time(1), row.id<UserId>(2), row.id<OrgId>(3)});
    };
    const auto read = [&](std::int64_t first, std::int64_t count, const auto& on_row) {
        return db.query(ref.instance,
                        "SELECT type, created_at, editor_id, owner_id, body FROM events WHERE instance_no = ?1 AND agg_id = ?2 "
                        "ORDER BY pos LIMIT ?3 OFFSET ?4",
                        {user, count, first}, on_row);
    };
    TRY(read(0, 1, [&](const store::Row& row) {
        const store::StoredEvent first{.aggregate_id = user.key, .type = row.text(0), .body = row.text(4)};
        store::unfold(first, [&](const store::StoredEvent& event) {
            if (event.aggregate_id == user.key) take(row, event.type);
        });
    }));
    std::int64_t rows = 0;
    TRY(db.query(ref.instance, "SELECT COUNT(*) FROM events WHERE instance_no = ?1 AND agg_id = ?2", {user},
                 [&](const store::Row& count) { rows = count.i64(0); }));
    const auto begun = static_cast<std::int64_t>(told.size());
    const std::int64_t total = begun + std::max<std::int64_t>(rows - 1, 0);

    // The wanted places: [low, high).
    const std::int64_t most = limit == 0 ? store::kDefaultLimit : std::min(limit, store::kMaxLimit);
    const std::int64_t high = std::min(total, ascending ? sequence + most : sequence == 0 ? total : sequence - 1);
    const std::int64_t low = std::clamp<std::int64_t>(ascending ? sequence : high - most, 0, std::max<std::int64_t>(high, 0));
    const std::int64_t later = std::max(low, begun);
    if (later < high) TRY(read(later - begun + 1, high - later, [&](const store::Row& row) { take(row, row.text(0)); }));

    std::vector<std::pair<UserId, OrgId>> who;
    for (std::int64_t place = low; place < high; ++place) {
        Told& entry = told[static_cast<std::size_t>(place < begun ? place : begun + place - later)];
        who.emplace_back(entry.editor, entry.owner);
        HistoryEntry& shown = out.emplace_back();
        shown.at = entry.at;
        shown.type = std::move(entry.type);
        shown.sequence = place + 1;
    }
    if (!ascending) {
        std::ranges::reverse(out);
        std::ranges::reverse(who);
    }

    std::map<UserId, std::optional<User>> editors;
    std::map<OrgId, std::string> owners;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto [editor_id, owner_id] = who[i];
        if (!owners.contains(owner_id))
            owners[owner_id] =
                TRY(directory::find_public_id(db, ref.instance, directory::Noun::organization, owner_id.key)).value_or(found->user.org_id);
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
