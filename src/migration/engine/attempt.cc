#include "migration/engine/attempt.h"

#include <algorithm>
#include <map>
#include <set>

#include "migration/codes.h"
#include "store/query_in.h"
#include "store/store.h"

namespace godwit::migration {
namespace {

/// What the refusals of Users::create are called in a report.
std::string_view code_of(const Error& error) {
    if (error.id == "V3-DKcYh" || error.id == "USER-Psk08" || error.id == "COMMAND-Key01") return "user.taken";
    if (error.id == "USER-Mrg01") return "match.other_type";
    if (error.id == "COMMAND-ziuna") return "user.id_taken";
    if (error.id == "COMMAND-39nfs" || error.id == "COMMAND-SJI3g") return "link.unknown_idp";
    return "user.refused";
}

bool has_secret(const user::NewUser& user) {
    const auto* human = std::get_if<user::NewHuman>(&user.as);
    return !human || human->password || !human->idp_links.empty() || std::ranges::any_of(human->passkeys, &user::NewPasskey::passwordless);
}

user::MergeOptions merge_options(const v1::JobOptions& options) {
    const auto takes = [&](v1::FieldGroup group) {
        return std::ranges::find(options.update(), static_cast<int>(group)) != options.update().end();
    };
    return {.profile = takes(v1::FIELD_GROUP_PROFILE),
            .secrets = takes(v1::FIELD_GROUP_SECRETS),
            .links = takes(v1::FIELD_GROUP_LINKS),
            .metadata = takes(v1::FIELD_GROUP_METADATA),
            .grants = takes(v1::FIELD_GROUP_GRANTS),
            .replace = options.on_conflict() == v1::ON_CONFLICT_UPDATE};
}

bool arrived(Outcome outcome) { return outcome == Outcome::created || outcome == Outcome::updated || outcome == Outcome::partial; }

bool may_be_known(const Error& error) {
    return error.code == godwit::Code::already_exists || error.code == godwit::Code::failed_precondition;
}

}  // namespace

Writer::Attempt::Attempt(store::Reader& db, store::Writer* writer, const Writer& owner, Batch& batch, std::size_t first, std::size_t count)
    : db_(db),
      writer_(writer),
      owner_(owner),
      instance_(owner.claimed_.lease.scope),
      options_(owner.claimed_.row.job.options()),
      merge_(merge_options(options_)),
      batch_(batch),
      first_(first),
      results_(count),
      refs_(count),
      matches_(count),
      matcher_(db, instance_, owner.claimed_.row, owner.scratch_) {}

void Writer::Attempt::settle(std::size_t i, Outcome outcome, std::string_view code, std::string message) {
    RecordResult& out = result(i);
    out.outcome = outcome;
    out.codes.push_back(code);
    out.message = std::move(message);
}

Result<void> Writer::Attempt::run(bool look) {
    std::vector<std::size_t> waiting;
    for (std::size_t i = first_; i < first_ + results_.size(); ++i) {
        const Prepared& record = batch_.records[i];
        const JobRow& job = owner_.claimed_.row;
        if (record.held) continue;
        if (!record.refused.empty()) {
            result(i).outcome = record.refused == kLeftOut ? Outcome::skipped : Outcome::failed;
        } else if (!job.instance_wide && record.org != job.org) {
            settle(i, Outcome::failed, "org.unknown");  // as for one that does not exist
        } else if (const Error* refused = batch_.users.refused(i)) {
            settle(i, Outcome::failed, "user.refused", refused->message);
        } else {
            waiting.push_back(i);
        }
    }
    // Of records that claim the same name or id, the later waits until the earlier is settled, as if each came alone.
    while (!waiting.empty()) {
        std::vector<std::size_t> wave, later;
        if (look) {
            std::set<std::string, std::less<>> claimed;
            for (const std::size_t i : waiting) {
                bool free = true;
                for (std::string& key : TRY(matcher_.claims(batch_, i))) free = claimed.insert(std::move(key)).second && free;
                (free ? wave : later).push_back(i);
            }
        } else {
            wave = std::move(waiting);
        }
        TRY(run_wave(wave, look));
        waiting = std::move(later);
    }
    return writer_ ? write_absences() : Result<void>();
}

Result<void> Writer::Attempt::run_wave(std::span<const std::size_t> wave, bool look) {
    std::vector<std::size_t> fresh, known;
    if (look) {
        TRY(matcher_.load(batch_, wave));
        for (const std::size_t i : wave) {
            const Act act = TRY(decide(i));
            if (act == Act::create) fresh.push_back(i);
            if (act == Act::update) known.push_back(i);
        }
    } else {
        fresh.assign(wave.begin(), wave.end());
    }
    TRY(load_aliases(wave));
    TRY(create(fresh, look));
    for (const std::size_t i : known) TRY(update(i));
    if (writer_) return write_arrivals(wave);
    TRY(owner_.scratch_->add(claims_));
    claims_.clear();
    return {};
}

Result<Writer::Attempt::Act> Writer::Attempt::decide(std::size_t i) {
    const Prepared& record = batch_.records[i];
    Match match = TRY(matcher_.find(batch_, i));
    ref(i) = match.ref;
    matches_[i - first_] = match;
    if (match.ref && match.ref->state == UserState::removed) {
        settle(i, Outcome::skipped, "match.removed");
        return Act::settled;
    }
    if (match.ref && match.ref->object != 0 && match.ref->hash64 == record.hash64 &&
        !(changes() && match.ref->outcome == Outcome::partial)) {
        settle(i, Outcome::skipped, "record.unchanged");
        if (match.ref->object > 0) result(i).user = UserId(match.ref->object);
        return Act::settled;
    }
    if (!match.conflict.empty()) {
        settle(i, Outcome::failed, match.conflict);
        return Act::settled;
    }
    if (!match.person) {
        if (!options_.announce()) return Act::create;
        settle(i, Outcome::skipped, "record.announced");
        result(i).announced = true;
        return Act::settled;
    }
    const Person& person = *match.person;
    const bool elsewhere = person.org && person.org != record.org;
    switch (options_.on_conflict()) {
        case v1::ON_CONFLICT_UPDATE:
        case v1::ON_CONFLICT_MERGE:
            if (!elsewhere) return Act::update;
            settle(i, Outcome::failed, "match.other_org");
            return Act::settled;
        case v1::ON_CONFLICT_FAIL:
            settle(i, Outcome::failed, match.by);
            break;
        default:
            settle(i, Outcome::skipped, match.by);
    }
    if (!elsewhere && person.id > 0) result(i).user = UserId(person.id);
    return Act::settled;
}

Result<void> Writer::Attempt::create(std::span<const std::size_t> which, bool look) {
    std::map<OrgId, std::vector<std::size_t>> by_org;
    for (const std::size_t i : which) by_org[batch_.records[i].org].push_back(i);
    for (const auto& [org, some] : by_org) TRY(create_in(org, some, look));
    for (const std::size_t i : which) {
        if (!arrived(result(i).outcome)) continue;
        TRY(take_aliases(i));
        if (!writer_) TRY(remember(i));
    }
    return {};
}

Result<void> Writer::Attempt::create_in(OrgId org, std::span<const std::size_t> which, bool look) {
    const OrgScope scope(instance_, org);
    const user::CreateOptions options{
        .reuse_removed_ids = false, .check_idp_creation = false, .look_first = look, .known_free = owner_.loading()};
    const auto outcome_of = [&](std::size_t i) { return batch_.records[i].partial ? Outcome::partial : Outcome::created; };
    if (!writer_) {
        const auto refused = TRY(owner_.parts_.users.check(db_, scope, batch_.users, which, options));
        for (std::size_t n = 0; n < which.size(); ++n) {
            if (refused[n]) {
                refuse(which[n], *refused[n]);
                continue;
            }
            result(which[n]).outcome = outcome_of(which[n]);
            result(which[n]).came = true;
            foresee_parts(which[n]);
        }
        return {};
    }
    auto slots = TRY(owner_.parts_.users.create(*writer_, scope, batch_.users, which, owner_.editor_, options));
    for (std::size_t n = 0; n < which.size(); ++n) {
        if (!slots[n]) {
            if (!look && !owner_.loading() && may_be_known(slots[n].error()))
                return fail(godwit::Code::already_exists, "MIGRATE-look", "somebody is here already");
            refuse(which[n], slots[n].error());
            continue;
        }
        result(which[n]).user = slots[n]->id;
        result(which[n]).came = true;
        result(which[n]).outcome = outcome_of(which[n]);
    }
    return {};
}

void Writer::Attempt::refuse(std::size_t i, const Error& error) { settle(i, Outcome::failed, code_of(error), error.message); }

const Person* Writer::Attempt::person(std::size_t i) const {
    const auto& match = matches_[i - first_];
    return match && match->person ? &*match->person : nullptr;
}

/// All of somebody new; of others only groups that are taken, and what the merge could add.
std::vector<PartClaim> Writer::Attempt::parts_taken(std::size_t i) {
    auto parts = parts_of(batch_.records[i], batch_.users[i]);
    const auto left = [&](const PartClaim& part) {
        const bool of_group =
            (part.group == v1::FIELD_GROUP_LINKS && !merge_.links) || (part.group == v1::FIELD_GROUP_SECRETS && !merge_.secrets);
        return (person(i) && of_group) || std::ranges::find(result(i).lost, part.path) != result(i).lost.end();
    };
    std::erase_if(parts, left);
    return parts;
}

void Writer::Attempt::foresee_parts(std::size_t i) {
    for (const PartClaim& part : parts_taken(i)) {
        const std::int64_t holder = matcher_.holder_of(part);
        if (holder == 0 || part.taken.id.empty()) continue;
        if (!person(i)) {
            result(i).came = false;
            return refuse(i, part.taken);
        }
        if (holder != person(i)->id) result(i).lost.push_back(part.path);
    }
}

/// What update and merge take of a record for a user who is here.
Result<void> Writer::Attempt::update(std::size_t i) {
    const Person& person = *this->person(i);
    const OrgScope org(instance_, batch_.records[i].org);
    RecordResult& out = result(i);
    if (person.id > 0) {
        auto& users = owner_.parts_.users;
        const UserId user(person.id);
        auto merged = writer_ ? users.merge(*writer_, org, user, batch_.users[i], merge_, owner_.editor_)
                              : users.check_merge(db_, org, user, batch_.users[i], merge_);
        if (!merged && merged.error().id == "USER-Mrg01") {
            refuse(i, merged.error());
            return {};
        }
        out.user = user;
        out.lost = TRY(std::move(merged)).lost;
    }
    if (!writer_) foresee_parts(i);
    if (!out.lost.empty()) out.codes.push_back("update.lost");
    out.outcome = batch_.records[i].partial || !out.lost.empty() ? Outcome::partial : Outcome::updated;
    TRY(take_aliases(i));
    return writer_ ? Result<void>() : remember(i);
}

Result<void> Writer::Attempt::load_aliases(std::span<const std::size_t> wave) {
    alias_owners_.clear();
    std::vector<std::string> all;
    for (const std::size_t i : wave) all.insert(all.end(), batch_.records[i].aliases.begin(), batch_.records[i].aliases.end());
    return store::query_in(db_, instance_,
                           "SELECT external_id, object_id FROM external_refs WHERE instance_no = ?1 AND source_no = 2 AND external_id", {},
                           all, [&](const store::Row& row) { alias_owners_.emplace(row.text(0), row.i64(1)); });
}

/// Of somebody who is here now, or would be. An old subject stays with whom it is.
Result<void> Writer::Attempt::take_aliases(std::size_t i) {
    RecordResult& out = result(i);
    for (const std::string& alias : batch_.records[i].aliases) {
        std::int64_t owner = matcher_.holder_of({.key = subject_claim(alias), .path = {}, .taken = {}});
        if (const auto found = alias_owners_.find(alias); found != alias_owners_.end()) owner = found->second;
        const std::int64_t self = out.user.key != 0 ? out.user.key : person(i) ? person(i)->id : 0;
        if (owner == 0 && writer_) {
            TRY(writer_->exec(instance_,
                              "INSERT INTO external_refs (instance_no, source_no, external_id, object_id, kind, state) "
                              "VALUES (?1, 2, ?2, ?3, 1, 3)",
                              {alias, out.user}));
            alias_owners_.emplace(alias, out.user.key);
        } else if (owner != 0 && owner != self) {
            if (std::ranges::find(out.codes, "alias.taken") == out.codes.end()) out.codes.push_back("alias.taken");
            out.lost.push_back("subjectAliases[" + alias + "]");
            out.outcome = Outcome::partial;
        }
    }
    return {};
}

/// What the next batches of a rehearsal must know of this record. Who is here already keeps their name and id.
Result<void> Writer::Attempt::remember(std::size_t i) {
    const Prepared& record = batch_.records[i];
    const Person* const here = person(i);
    std::vector<std::string> keys = TRY(matcher_.own_claims(batch_, i));
    if (here) {
        std::erase_if(keys, [&](std::string_view key) {
            return key.starts_with('n') || key.starts_with('i') || (key.starts_with('e') && !merge_.profile);
        });
        keys.push_back(user_claim(here->id));
    }
    for (PartClaim& part : parts_taken(i)) keys.push_back(std::move(part.key));
    const std::int64_t by = here ? -here->id : static_cast<std::int64_t>(record.number);
    for (std::string& key : keys) claims_.push_back({.key = std::move(key), .by = by, .hash64 = record.hash64});
    return {};
}

// One row of external_refs for each source id: where its user is, and how far it has come (user_state.h).

/// Of users who are here now.
Result<void> Writer::Attempt::write_arrivals(std::span<const std::size_t> wave) {
    const std::int32_t source = owner_.claimed_.row.source_no;
    const std::int64_t job = owner_.claimed_.row.id;
    std::vector<store::Value> rows;
    for (const std::size_t i : wave) {
        const Prepared& record = batch_.records[i];
        const RecordResult& out = result(i);
        if (!arrived(out.outcome)) continue;
        const auto& before = ref(i);
        const UserEvent event = has_secret(batch_.users[i]) ? UserEvent::came : UserEvent::came_without_secret;
        const auto state = next_state(before ? before->state : UserState::none, event);
        if (!state) continue;
        const auto number = static_cast<std::int64_t>(record.number);
        if (!before) {
            rows.insert(rows.end(), {source, record.source_id, out.user, 1, static_cast<int>(*state), job, record.hash64, number,
                                     static_cast<int>(out.outcome)});
        } else if (before->object == 0) {
            TRY(writer_->exec(
                instance_,
                "UPDATE external_refs SET object_id = ?4, state = ?5, job_id = ?6, hash64 = ?7, record_no = ?8, outcome = ?9 "
                "WHERE instance_no = ?1 AND source_no = ?2 AND external_id = ?3",
                {source, record.source_id, out.user, static_cast<int>(*state), job, record.hash64, number, static_cast<int>(out.outcome)}));
        } else {  // it stays with the job that brought it; one that is whole now need not be tried again
            TRY(writer_->exec(instance_,
                              "UPDATE external_refs SET state = ?4, hash64 = ?5, outcome = CASE WHEN outcome = 4 THEN ?6 ELSE outcome END "
                              "WHERE instance_no = ?1 AND source_no = ?2 AND external_id = ?3",
                              {source, record.source_id, static_cast<int>(*state), record.hash64, static_cast<int>(out.outcome)}));
        }
    }
    if (rows.empty()) return {};
    return writer_->insert_rows(instance_, "external_refs",
                                "instance_no, source_no, external_id, object_id, kind, state, job_id, hash64, record_no, outcome", rows);
}

/// Of records that brought nobody, unless somebody came for their source id before.
Result<void> Writer::Attempt::write_absences() {
    for (std::size_t i = first_; i < first_ + results_.size(); ++i) {
        const Prepared& record = batch_.records[i];
        const Outcome outcome = result(i).outcome;
        if (record.held || arrived(outcome) || record.source_id.empty() || (ref(i) && ref(i)->object != 0)) continue;
        const auto state = next_state(UserState::none, outcome == Outcome::failed ? UserEvent::refused
                                                       : result(i).announced      ? UserEvent::announced
                                                                                  : UserEvent::passed_over);
        TRY(writer_->exec(
            instance_,
            "INSERT INTO external_refs (instance_no, source_no, external_id, object_id, kind, state, job_id, hash64, record_no, "
            "outcome) VALUES (?1, ?2, ?3, 0, 1, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (instance_no, source_no, external_id) DO UPDATE SET "
            "state = excluded.state, job_id = excluded.job_id, hash64 = excluded.hash64, record_no = excluded.record_no, "
            "outcome = excluded.outcome WHERE external_refs.object_id = 0",
            {owner_.claimed_.row.source_no, record.source_id, static_cast<int>(*state), owner_.claimed_.row.id, record.hash64,
             static_cast<std::int64_t>(record.number), static_cast<int>(outcome)}));
    }
    return {};
}

}  // namespace godwit::migration
