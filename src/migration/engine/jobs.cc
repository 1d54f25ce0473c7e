#include "migration/engine/jobs.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "base/unicode.h"
#include "directory/object/public_id.h"
#include "migration/engine/name_template.h"
#include "migration/engine/user_state.h"
#include "store/store.h"
#include "transport/rpc/stable_bytes.h"

namespace godwit::migration {
namespace {

constexpr std::int64_t kFirstSource = 16;               ///< those below are fixed: SCIM, old subjects
constexpr std::string_view kInstanceWide = "instance";  ///< jobs.options of such a job

/// jobs.state says who may run it; migrations.state what people see of one that is not running.
v1::JobState state_of(store::JobState job, v1::JobState kept) {
    switch (job) {
        case store::JobState::waiting:
            return kept == v1::JOB_STATE_PAUSED ? v1::JOB_STATE_PAUSED : v1::JOB_STATE_WAITING;
        case store::JobState::running:
            return v1::JOB_STATE_RUNNING;
        case store::JobState::done:
            return v1::JOB_STATE_DONE;
        case store::JobState::failed:
            return v1::JOB_STATE_FAILED;
        case store::JobState::cancelled:
            return v1::JOB_STATE_CANCELLED;
    }
    return v1::JOB_STATE_UNSPECIFIED;
}

void set_time(Time time, google::protobuf::Timestamp& out) {
    out.set_seconds(time.micros / 1'000'000);
    out.set_nanos(static_cast<std::int32_t>(time.micros % 1'000'000 * 1000));
}

constexpr std::string_view kColumns =
    "m.id, m.source_no, m.name, m.pattern, m.options, m.state, m.org_id, m.created_by, m.created_at, j.state, j.changed_at, j.error, "
    "j.cursor_pos, j.progress, s.name, o.public_id, u.public_id, j.options";
constexpr std::string_view kFrom =
    "migrations m JOIN jobs j ON j.instance_no = m.instance_no AND j.id = m.id "
    "JOIN migration_sources s ON s.instance_no = m.instance_no AND s.source_no = m.source_no "
    "LEFT JOIN organizations o ON o.instance_no = m.instance_no AND o.id = m.org_id "
    "LEFT JOIN users u ON u.instance_no = m.instance_no AND u.id = m.created_by";

JobRow row_of(const store::Row& row) {
    JobRow out;
    out.id = row.i64(0);
    out.source_no = static_cast<std::int32_t>(row.i64(1));
    out.org = row.id<OrgId>(6);
    out.instance_wide = row.blob(17) == kInstanceWide;
    v1::Job& job = out.job;
    job.set_id(std::to_string(out.id));
    job.set_kind(std::string(row.text(2)));
    job.set_pattern(static_cast<v1::Pattern>(parse_number<int>(row.text(3)).value_or(v1::PATTERN_BATCH)));
    (void)job.mutable_options()->ParseFromString(std::string(row.blob(4)));
    job.set_state(state_of(static_cast<store::JobState>(row.i64(9)), static_cast<v1::JobState>(row.i64(5))));
    job.set_source(std::string(row.text(14)));
    if (out.org) job.set_org_id(directory::display_id(out.org.key, row.text(15)));
    if (row.i64(7) != 0) job.set_created_by(directory::display_id(row.i64(7), row.text(16)));
    set_time(row.time(8), *job.mutable_created_at());
    set_time(row.time(10), *job.mutable_changed_at());
    job.set_error(std::string(row.text(11)));
    if (const auto cursor = split_once(row.blob(12), ' ')) {
        job.set_last_record(parse_number<std::uint64_t>(cursor->first).value_or(0));
        const std::vector<std::string_view> rest = split(cursor->second, ' ');
        job.set_milliseconds(parse_number<std::uint64_t>(rest.front()).value_or(0));
        for (const std::string_view held : std::span(rest).subspan(1)) out.held.push_back(parse_number<std::uint64_t>(held).value_or(0));
    }
    (void)job.mutable_counters()->ParseFromString(std::string(row.blob(13)));
    return out;
}

Result<std::optional<JobRow>> find_where(store::Reader& db, InstanceScope instance, std::string_view where, store::Value value) {
    std::optional<JobRow> found;
    TRY(db.query(instance,
                 "SELECT " + std::string(kColumns) + " FROM " + std::string(kFrom) + " WHERE m.instance_no = ?1 AND " + std::string(where),
                 {value}, [&](const store::Row& row) { found = row_of(row); }));
    return found;
}

/// The number of the source, which gets one when it is new.
Result<std::int32_t> source_number(store::Writer& db, InstanceScope instance, OrgId owner, std::string_view name) {
    const std::string key = fold(name);
    const auto find = [&]() -> Result<std::int32_t> {
        std::int32_t no = 0;
        TRY(db.query(instance, "SELECT source_no FROM migration_sources WHERE instance_no = ?1 AND org_id = ?2 AND name_key = ?3",
                     {owner, key}, [&](const store::Row& row) { no = static_cast<std::int32_t>(row.i64(0)); }));
        return no;
    };
    if (const auto known = TRY(find()); known != 0) return known;
    std::int64_t last = kFirstSource - 1;
    TRY(db.query(instance, "SELECT MAX(source_no) FROM migration_sources WHERE instance_no = ?1", {},
                 [&](const store::Row& row) { last = std::max(last, row.i64(0)); }));
    // Of two made at the same time the key refuses one, which is then made again.
    TRY(db.exec(
        instance,
        "INSERT INTO migration_sources (instance_no, source_no, name, name_key, org_id, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        {last + 1, name, key, owner, db.now()}));
    return find();
}

bool same_settings(const JobRow& row, const NewJob& wanted) {
    return row.org == wanted.org && row.job.kind() == wanted.kind && fold(row.job.source()) == fold(wanted.source) &&
           row.job.pattern() == wanted.pattern && rpc::stable_bytes(row.job.options()) == rpc::stable_bytes(wanted.options);
}

/// A template that cannot name people apart would be found out record by record.
Result<void> check_name_template(const v1::JobOptions& options) {
    if (options.user_name().empty()) return {};
    const auto named = [&](const char* text) {
        std::map<std::string, std::string> values(options.variables().begin(), options.variables().end());
        for (const char* own : {"userName", "email", "sourceId"}) values[own] = text;
        return fill_template(options.user_name(), values);
    };
    const auto one = named("1"), another = named("2");
    if (!one)
        return fail(Code::invalid_argument, "MIGRATE-Job01", "the user name template " + options.user_name() + ": " + one.error().message);
    if (*one == *another)
        return fail(Code::invalid_argument, "MIGRATE-Job01",
                    "the user name template " + options.user_name() +
                        " makes one name of all: it needs {userName}, {email} or {sourceId} beside what is the same for everybody");
    return {};
}

Result<void> check_names(const google::protobuf::Map<std::string, std::string>& names, std::string_view what, bool to_roles) {
    for (const auto& [from, to] : names) {
        const std::size_t slash = to.rfind('/');
        if (from.empty() || to.empty() || (to_roles && (slash == std::string::npos || slash == 0 || slash + 1 == to.size())))
            return fail(Code::invalid_argument, "MIGRATE-Job01",
                        std::string(what) + " \"" + from + " = " + to + "\": " + (to_roles ? "project/role" : "a name") + " is due on " +
                            (from.empty() ? "the left" : "the right"));
    }
    return {};
}

Error ended(const JobRow& row) {
    const bool cancelled = row.job.state() == v1::JOB_STATE_CANCELLED;
    return {Code::failed_precondition, "MIGRATE-Job04",
            "the migration " + row.job.id() + (cancelled ? " was cancelled" : " is done") + ": nothing of it is left to run or to stop"};
}

Result<void> one_row(Result<std::int64_t> changed, const Error& otherwise) {
    if (changed && *changed == 1) return {};
    return fail(changed ? otherwise : changed.error());
}

}  // namespace

Result<NewJob> complete(NewJob wanted) {
    v1::JobOptions& options = wanted.options;
    if (trim_unicode(wanted.source).empty()) return fail(Code::invalid_argument, "MIGRATE-Job01", "a job needs the name of its source");
    if (options.on_conflict() == v1::ON_CONFLICT_UNSPECIFIED) options.set_on_conflict(v1::ON_CONFLICT_SKIP);
    if (options.match_size() == 0) {
        for (const auto match : {v1::MATCH_SOURCE_ID, v1::MATCH_USER_ID, v1::MATCH_LOGIN_NAME}) options.add_match(match);
    }
    for (const int match : options.match()) {
        if (!v1::Match_IsValid(match) || match == v1::MATCH_UNSPECIFIED)
            return fail(Code::invalid_argument, "MIGRATE-Job01", "options.match names a way to match that does not exist");
    }
    const bool changes = options.on_conflict() == v1::ON_CONFLICT_UPDATE || options.on_conflict() == v1::ON_CONFLICT_MERGE;
    if (!changes && options.update_size() > 0)
        return fail(Code::invalid_argument, "MIGRATE-Job01", "what to update is named, but on-conflict is neither update nor merge");
    if (changes && options.update_size() == 0) {
        for (const auto group : {v1::FIELD_GROUP_PROFILE, v1::FIELD_GROUP_LINKS, v1::FIELD_GROUP_METADATA, v1::FIELD_GROUP_GRANTS})
            options.add_update(group);
        // What replaces nothing may add a password too: profiles now, secrets later.
        if (options.on_conflict() == v1::ON_CONFLICT_MERGE) options.add_update(v1::FIELD_GROUP_SECRETS);
    }
    TRY(check_name_template(options));
    TRY(check_names(options.idp_map(), "idp-map", false));
    TRY(check_names(options.org_map(), "org-map", false));
    TRY(check_names(options.role_map(), "role-map", true));
    return wanted;
}

Result<JobRow> Jobs::create(InstanceScope instance, const NewJob& asked, const store::Editor& editor) {
    const NewJob wanted = TRY(complete(asked));
    constexpr int kAttempts = 5;
    for (int attempt = 1;; ++attempt) {
        auto made = store_.write(store::Database::directory, [&](store::Writer& db) -> Result<JobRow> {
            if (!wanted.idempotency_key.empty()) {
                if (auto found = TRY(find_where(db, instance, "m.idempotency_key = ?2", wanted.idempotency_key))) {
                    if (!same_settings(*found, wanted))
                        return fail(Code::already_exists, "MIGRATE-Job02", "the idempotency key is that of a job with other settings");
                    return *std::move(found);
                }
            }
            const std::int32_t source = TRY(source_number(db, instance, wanted.instance_wide ? OrgId{} : wanted.org, wanted.source));
            // What an organization's own may do is kept where nobody can send it in: jobs.options.
            const std::int64_t id = TRY(store::create_job(db, instance, kJobKind, wanted.instance_wide ? kInstanceWide : "", editor.user));
            const std::string bytes = wanted.options.SerializeAsString(), pattern = std::to_string(wanted.pattern);
            TRY(db.exec(instance,
                        "INSERT INTO migrations (instance_no, id, source_no, name, pattern, options, state, idempotency_key, created_by, "
                        "created_at, changed_at, org_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?8, ?9, ?9, ?10)",
                        {id, source, wanted.kind, pattern, store::Blob{bytes},
                         wanted.idempotency_key.empty() ? std::nullopt : std::optional(std::string_view(wanted.idempotency_key)),
                         editor.user, db.now(), wanted.org}));
            return *TRY(find_where(db, instance, "m.id = ?2", id));
        });
        if (made || made.error().code != Code::already_exists || !made.error().id.starts_with("unique:") || attempt == kAttempts)
            return made;
    }
}

Result<JobRow> Jobs::get(InstanceScope instance, OrgId within, std::string_view id) const {
    const auto number = parse_number<std::int64_t>(id);
    auto found = number ? TRY(store_.read(store::Database::directory,
                                          [&](store::Reader& db) { return find_where(db, instance, "m.id = ?2", *number); }))
                        : std::nullopt;
    if (!found || (within && (found->org != within || found->instance_wide)))
        return fail(Code::not_found, "MIGRATE-Job03", "no migration has the id \"" + std::string(id) + "\"");
    return *std::move(found);
}

Result<std::optional<JobRow>> Jobs::find_by_key(InstanceScope instance, std::string_view key) const {
    return store_.read(store::Database::directory,
                       [&](store::Reader& db) { return find_where(db, instance, "m.idempotency_key = ?2", key); });
}

Result<void> Jobs::count_user_states(InstanceScope instance, JobRow& row) const {
    return store_.read(store::Database::directory, [&](store::Reader& db) -> Result<void> {
        auto& out = *row.job.mutable_user_states();
        out.clear();
        TRY(db.query(instance, "SELECT state, count(*) FROM external_refs WHERE instance_no = ?1 AND source_no = ?2 GROUP BY state",
                     {row.source_no}, [&](const store::Row& found) {
                         out[std::string(name_of(static_cast<UserState>(found.i64(0))))] = static_cast<std::uint64_t>(found.i64(1));
                     }));
        return {};
    });
}

Result<std::pair<std::vector<v1::Job>, std::uint64_t>> Jobs::list(InstanceScope instance, OrgId within, const store::Page& page) const {
    return store_.read(store::Database::directory, [&](store::Reader& db) -> Result<std::pair<std::vector<v1::Job>, std::uint64_t>> {
        std::pair<std::vector<v1::Job>, std::uint64_t> out;
        store::Bindings b;
        const store::ListStatement list{
            .columns = std::string(kColumns),
            .from = std::string(kFrom),
            .where = "m.instance_no = ?1" + (within ? " AND length(j.options) = 0 AND m.org_id = " + b.bind(within) : std::string()),
            .order_by = "m.id"};
        out.second =
            TRY(store::run_list(db, instance, list, b, page, [&](const store::Row& row) { out.first.push_back(row_of(row).job); }));
        return out;
    });
}

Result<Claimed> Jobs::claim(InstanceScope instance, std::int64_t id, const store::Taker& taker) {
    return store_.write(store::Database::directory, [&](store::Writer& db) -> Result<Claimed> {
        auto row = TRY(find_where(db, instance, "m.id = ?2", id));
        if (!row) return fail(Code::not_found, "MIGRATE-Job03", "the migration is gone");
        if (row->job.state() == v1::JOB_STATE_PAUSED)
            return fail(Code::failed_precondition, "MIGRATE-Job05", "the job is paused: resume it first");
        auto lease = TRY(store::take_job(db, instance, id, taker));
        if (!lease && row->job.state() == v1::JOB_STATE_RUNNING)
            return fail(Code::aborted, "MIGRATE-Job06",
                        "somebody else is sending this job's records: try again when that has ended, or pause the job and resume it");
        if (!lease) return fail(ended(*row));
        row->job.set_state(v1::JOB_STATE_RUNNING);
        return Claimed{.row = *std::move(row), .lease = *std::move(lease)};
    });
}

Result<void> Jobs::renew(const Claimed& claimed) {
    return store_.write(store::Database::directory, [&](store::Writer& db) { return store::renew_job(db, claimed.lease); });
}

Result<void> Jobs::release(const Claimed& claimed, v1::JobState state, std::string_view error) {
    return store_.write(store::Database::directory, [&](store::Writer& db) -> Result<void> {
        const auto to = state == v1::JOB_STATE_DONE     ? store::JobState::done
                        : state == v1::JOB_STATE_FAILED ? store::JobState::failed
                                                        : store::JobState::waiting;
        TRY(store::finish_job(db, claimed.lease, to, error));
        TRY(db.exec(
            claimed.lease.scope,
            "UPDATE migrations SET state = ?2, changed_at = ?3, counters = (SELECT progress FROM jobs WHERE instance_no = ?1 AND id = ?4) "
            "WHERE instance_no = ?1 AND id = ?4",
            {static_cast<int>(state), db.now(), claimed.row.id}));
        return {};
    });
}

Result<void> Jobs::pause(const JobRow& row, InstanceScope instance, std::string_view why) {
    return store_.write(store::Database::directory, [&](store::Writer& db) -> Result<void> {
        TRY(one_row(db.exec(instance,
                            "UPDATE jobs SET state = 1, fence = fence + 1, lease_until = 0, error = ?2, changed_at = ?3 "
                            "WHERE instance_no = ?1 AND id = ?4 AND state IN (1, 2)",
                            {why, db.now(), row.id}),
                    ended(row)));
        TRY(db.exec(instance, "UPDATE migrations SET state = ?2, changed_at = ?3 WHERE instance_no = ?1 AND id = ?4",
                    {static_cast<int>(v1::JOB_STATE_PAUSED), db.now(), row.id}));
        return {};
    });
}

Result<void> Jobs::resume(const JobRow& row, InstanceScope instance) {
    return store_.write(store::Database::directory, [&](store::Writer& db) -> Result<void> {
        TRY(one_row(db.exec(instance,
                            "UPDATE jobs SET state = CASE WHEN state = 4 THEN 1 ELSE state END, error = '', changed_at = ?2 "
                            "WHERE instance_no = ?1 AND id = ?3 AND state IN (1, 2, 4)",
                            {db.now(), row.id}),
                    ended(row)));
        TRY(db.exec(instance, "UPDATE migrations SET state = ?2, changed_at = ?3 WHERE instance_no = ?1 AND id = ?4",
                    {static_cast<int>(v1::JOB_STATE_WAITING), db.now(), row.id}));
        return {};
    });
}

Result<void> Jobs::cancel(const JobRow& row, InstanceScope instance) {
    return store_.write(store::Database::directory, [&](store::Writer& db) -> Result<void> {
        if (!TRY(store::cancel_job(db, instance, row.id))) return fail(ended(row));
        TRY(db.exec(instance, "UPDATE migrations SET state = ?2, changed_at = ?3 WHERE instance_no = ?1 AND id = ?4",
                    {static_cast<int>(v1::JOB_STATE_CANCELLED), db.now(), row.id}));
        return {};
    });
}

Result<void> write_checkpoint(store::Writer& db, const Claimed& claimed, const Checkpoint& checkpoint) {
    std::string cursor = std::to_string(checkpoint.last_record) + " " + std::to_string(checkpoint.milliseconds);
    for (const std::uint64_t held : checkpoint.held) cursor += " " + std::to_string(held);
    return store::checkpoint_job(db, claimed.lease, cursor, checkpoint.counters.SerializeAsString());
}

}  // namespace godwit::migration
