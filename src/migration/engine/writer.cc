#include "migration/engine/writer.h"

#include <algorithm>
#include <deque>

#include "base/text.h"
#include "crypto/sealer.h"
#include "directory/key/sealers.h"
#include "directory/user/look_first.h"
#include "directory/user/users.h"
#include "migration/batch_write.h"
#include "migration/engine/attempt.h"
#include "store/initial_load.h"

namespace godwit::migration {
namespace {

using store::Database;

void count(v1::Counters& counters, const Prepared& record, const user::NewUser& user, const RecordResult& result) {
    counters.set_records(counters.records() + 1);
    switch (result.outcome) {
        case Outcome::created:
            counters.set_created(counters.created() + 1);
            break;
        case Outcome::updated:
            counters.set_updated(counters.updated() + 1);
            break;
        case Outcome::skipped:
            counters.set_skipped(counters.skipped() + 1);
            break;
        case Outcome::partial:
            counters.set_partial(counters.partial() + 1);
            break;
        default:
            counters.set_failed(counters.failed() + 1);
    }
    for (const std::string& code : record.codes) ++(*counters.mutable_codes())[code];
    for (const std::string_view code : result.codes) ++(*counters.mutable_codes())[std::string(code)];
    const auto* human = std::get_if<user::NewHuman>(&user.as);
    if (!human || result.outcome == Outcome::failed || result.outcome == Outcome::skipped) return;
    if (human->password && !human->password->scheme.empty()) ++(*counters.mutable_hash_schemes())[human->password->scheme];
    const auto factor = [&](bool brought, const char* name) {
        if (brought) ++(*counters.mutable_factors())[name];
    };
    factor(!human->totp.empty(), "totp");
    factor(std::ranges::any_of(human->passkeys, &user::NewPasskey::passwordless), "passkey");
    factor(!std::ranges::all_of(human->passkeys, &user::NewPasskey::passwordless), "u2f");
    factor(!human->recovery_codes.empty(), "recovery_codes");
    factor(human->otp_sms, "otp_sms");
    factor(human->otp_email, "otp_email");
    factor(!human->idp_links.empty(), "idp_link");
}

std::string joined_codes(const Prepared& record, const RecordResult& result) {
    std::string out;
    for (const std::string& code : record.codes) out += (out.empty() ? "" : " ") + code;
    for (const std::string_view code : result.codes) out.append(out.empty() ? "" : " ").append(code);
    return out;
}

/// Paths and messages repeat what a foreign record says. Nobody who reads a report can do anything with NUL.
std::string shown(std::string_view text) {
    return text.find('\0') == std::string_view::npos ? std::string(text) : replace_all(text, std::string_view("\0", 1), "\xef\xbf\xbd");
}

v1::IssueDetail detail_of(const Prepared& record, const user::NewUser& user, const RecordResult& result) {
    v1::IssueDetail out;
    for (const std::string& path : record.lost) out.add_lost(shown(path));
    for (const std::string& path : result.lost) out.add_lost(shown(path));
    for (const std::string& message : record.messages) out.add_messages(shown(message));
    if (!result.message.empty()) out.add_messages(shown(result.message));
    out.set_user_key(result.user.key);
    const bool comes = result.outcome == Outcome::created || result.outcome == Outcome::partial;
    if (comes && result.user.key == 0) out.set_user_id(user.given_id);
    return out;
}

}  // namespace

Writer::Writer(const Parts& parts, const Claimed& claimed, const store::Editor& editor, Scratch* scratch)
    : parts_(parts), claimed_(claimed), editor_(editor), scratch_(scratch) {
    const auto& match = claimed.row.job.options().match();
    must_look_ =
        std::ranges::find(match, static_cast<int>(v1::MATCH_VERIFIED_EMAIL)) != match.end() || claimed.row.job.options().announce();
}

Batch Writer::end_load() {
    loading_ = false;
    Batch batch{.records = std::exchange(held_, {}), .users = user::PreparedUsers(std::exchange(held_users_, {}))};
    for (Prepared& record : batch.records) record.held = false;
    met_known_ = !batch.records.empty();
    return batch;
}

void Writer::put_off(Batch& batch, std::size_t first, std::size_t count) {
    for (std::size_t i = first; i < first + count; ++i) {
        // One that was marked before the load ended is a record as any other.
        batch.records[i].held = batch.records[i].held && loading_;
        if (!batch.records[i].held) continue;
        held_.push_back(batch.records[i]);
        held_users_.push_back(batch.users[i]);
    }
}

struct Writer::Stretch {
    std::size_t first, count, slice;
    const std::function<bool()>& enough;
};

Result<std::size_t> Writer::write(Batch& batch, std::size_t first, std::size_t count, std::size_t slice,
                                  const std::function<bool()>& enough, Checkpoint& checkpoint) {
    if (scratch_) {
        TRY(rehearse(batch, first, count, checkpoint));
        return count;
    }
    put_off(batch, first, count);
    const Stretch stretch{.first = first, .count = count, .slice = slice, .enough = enough};
    if (loading_) return write_once(batch, stretch, false, checkpoint);
    return user::write_looking_if_needed(met_known_ || must_look_, [&](bool look) { return write_once(batch, stretch, look, checkpoint); });
}

Result<std::size_t> Writer::write_once(Batch& batch, const Stretch& stretch, bool look, Checkpoint& checkpoint) {
    Checkpoint after;
    bool known = false;
    std::size_t taken = 0;
    TRY(parts_.store.write_bulk(Database::directory, [&](store::Writer& db) -> Result<void> {
        after = checkpoint;
        known = false;
        if (loading_ && !TRY(store::in_initial_load(db)))
            return fail(Code::aborted, "MIGRATE-Load1", "another process has ended the load that this run began: run it again");
        taken = TRY(write_slices(stretch.count, stretch.slice, stretch.enough, [&](std::size_t from, std::size_t count) -> Result<void> {
            const std::size_t first = stretch.first + from;
            Attempt attempt(db, &db, *this, batch, first, count);
            TRY(attempt.run(look));
            TRY(account(db, batch, first, attempt.results(), after));
            for (const RecordResult& result : attempt.results())
                known = known || result.outcome == Outcome::skipped || result.outcome == Outcome::updated;
            return {};
        }));
        return {};
    }));
    checkpoint = std::move(after);
    met_known_ = known;
    return taken;
}

Result<void> Writer::rehearse(Batch& batch, std::size_t first, std::size_t count, Checkpoint& checkpoint) {
    std::vector<RecordResult> results;
    TRY(parts_.store.read(Database::directory, [&](store::Reader& db) -> Result<void> {
        Attempt attempt(db, nullptr, *this, batch, first, count);
        TRY(attempt.run(true));
        results = std::move(attempt.results());
        return {};
    }));
    Checkpoint after;
    TRY(parts_.store.write_bulk(Database::directory, [&](store::Writer& db) -> Result<void> {
        after = checkpoint;
        return account(db, batch, first, results, after);
    }));
    checkpoint = std::move(after);
    return {};
}

/// The report's rows of what did not arrive whole (of a rehearsal: of all), the counters, and where the job stands.
Result<void> Writer::account(store::Writer& db, const Batch& batch, std::size_t first, std::span<RecordResult> results,
                             Checkpoint& checkpoint) {
    const InstanceScope instance = claimed_.lease.scope;
    const auto sealer = TRY(parts_.sealers.of(db, instance));
    std::vector<store::Value> rows;
    std::deque<std::string> kept;
    for (std::size_t n = 0; n < results.size(); ++n) {
        const Prepared& record = batch.records[first + n];
        const RecordResult& result = results[n];
        const bool was_held = record.number <= checkpoint.last_record;
        checkpoint.last_record = std::max(checkpoint.last_record, record.number);
        if (record.held) checkpoint.held.push_back(record.number);
        if (record.held) continue;
        if (was_held) std::erase(checkpoint.held, record.number);
        if (result.came) ++checkpoint.brought;
        migration::count(checkpoint.counters, record, batch.users[first + n], result);
        if (result.outcome == Outcome::created && record.codes.empty() && result.codes.empty() && !scratch_) continue;
        const std::string place = std::to_string(claimed_.row.id) + "/" + std::to_string(record.number);
        const std::string& codes = kept.emplace_back(joined_codes(record, result));
        const std::string& detail = kept.emplace_back(sealer->seal(crypto::Place("migration_issues", place, "detail"),
                                                                   detail_of(record, batch.users[first + n], result).SerializeAsString()));
        rows.insert(rows.end(), {claimed_.row.id, static_cast<std::int64_t>(record.number), record.source_id,
                                 static_cast<int>(result.outcome), codes, store::Blob{detail}});
    }
    if (!rows.empty())
        TRY(db.insert_rows(instance, "migration_issues", "instance_no, migration_id, record_no, source_id, outcome, codes, detail", rows));
    return write_checkpoint(db, claimed_, checkpoint);
}

}  // namespace godwit::migration
