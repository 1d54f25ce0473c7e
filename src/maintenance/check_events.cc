// The event log against the state: each row was begun by an event and says what its last ones say, and nothing that the log has begun and
// not ended is missing.
#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <optional>
#include <set>

#include "base/json_parser.h"
#include "maintenance/doctor.h"
#include "maintenance/pages.h"
#include "store/events.h"

namespace godwit::maintenance {
namespace {

using store::Database;
using store::Reader;
using store::Row;

/// A kind of row whose changes the log tells, and what the event types mean for it.
struct Noun {
    Database database;
    std::string_view kind;  ///< events.agg_kind
    std::string_view table;
    std::string_view name;                   ///< column that `named` events tell; "" when none does
    std::string_view state;                  ///< column or expression that `stops` and `resumes` tell
    std::string_view member;                 ///< of the events' body, that holds the name
    std::array<std::string_view, 3> begins;  ///< exactly one of them, once
    std::string_view ends;                   ///< "": rows may go without an event (what expired is purged)
    std::array<std::string_view, 3> named;
    std::array<std::pair<std::string_view, int>, 2> stops;  ///< and the state that follows
    std::array<std::string_view, 2> resumes;
    bool versions_are_events;      ///< each event raised the row's version by one,
    std::string_view unversioned;  ///< but for this type
};
constexpr Noun kNouns[] = {
    {Database::directory,
     "org",
     "organizations",
     "name",
     "state",
     "name",
     {"org.added"},
     "org.removed",
     {"org.added", "org.changed"},
     {{{"org.deactivated", 2}}},
     {"org.reactivated"},
     false,
     {}},
    {Database::directory,
     "user",
     "users",
     "name",
     "state",
     "userName",
     {"user.human.added", "user.human.selfregistered", "user.machine.added"},
     "user.removed",
     {"user.human.added", "user.machine.added", "user.username.changed"},
     {{{"user.deactivated", 2}, {"user.locked", 4}}},
     {"user.reactivated", "user.unlocked"},
     true,
     "user.human.password.hash.updated"},
    {Database::directory,
     "project",
     "projects",
     "name",
     "state",
     "name",
     {"project.added"},
     "project.removed",
     {"project.added", "project.changed"},
     {{{"project.deactivated", 2}}},
     {"project.reactivated"},
     false,
     {}},
    {Database::directory,
     "usergrant",
     "user_grants",
     "",
     "state",
     "",
     {"user.grant.added"},
     "",  // they go with their user, project, or its grant to the organization
     {},
     {{{"user.grant.deactivated", 2}}},
     {"user.grant.reactivated"},
     false,
     {}},
    {Database::runtime,
     "session",
     "sessions",
     "",
     "CASE WHEN terminated_at IS NULL THEN 1 ELSE 2 END",
     "",
     {"session.added"},
     "",
     {},
     {{{"session.terminated", 2}}},
     {},
     false,
     {}},
    {Database::runtime,
     "oidc_session",
     "token_families",
     "",
     "CASE WHEN revoked_at IS NULL THEN 1 ELSE 2 END",
     "",
     {"oidc_session.added"},
     "",
     {},
     {{{"oidc_session.revoked", 2}}},
     {},
     false,
     {}},
};

/// What a project has many of, told by the project's events.
struct Part {
    std::string_view what;
    std::string_view begins, ends;
    std::string_view member;  ///< of their bodies: the id, as the contract shows it
    std::string_view sql;     ///< id and public id of those there are
};
constexpr std::array kParts{
    Part{"applications", "project.application.added", "project.application.removed", "appId",
         "SELECT id, public_id FROM applications WHERE instance_no = ?1 AND project_id = ?2"},
    Part{"grants to organizations", "project.grant.added", "project.grant.removed", "grantId",
         "SELECT id, public_id FROM project_grants WHERE instance_no = ?1 AND project_id = ?2"},
};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& types, std::string_view type) {
    return !type.empty() && std::ranges::find(types, type) != types.end();
}

/// An aggregate's events, folded.
struct Story {
    const Noun* noun = nullptr;
    std::int64_t id = 0;
    int begun = 0;
    bool ended = false;
    std::int64_t versioned = 0;
    std::optional<std::string> name;
    std::optional<int> state;                                ///< none: no event told it
    std::array<std::set<std::string>, kParts.size()> parts;  ///< ids

    bool speaks() const { return noun != nullptr; }
};

/// The events of one aggregate as they were read; folded in the order of the log, which is not that of the index.
struct Line {
    store::EventPosition position;
    std::string kind, type, body;
};

class Folder {
public:
    std::optional<std::string> member(const std::string& body, std::string_view key) {
        std::string_view text;
        simdjson::dom::element document;
        if (parser_.parse(body, document) != simdjson::SUCCESS || document[key].get_string().get(text) != simdjson::SUCCESS) return {};
        return std::string(text);
    }

    Story fold(Database database, std::int64_t id, std::vector<Line>& lines) {
        std::ranges::stable_sort(lines, {}, &Line::position);
        Story story;
        story.id = id;
        for (const Noun& noun : kNouns) {
            if (noun.database == database && noun.kind == lines.front().kind) story.noun = &noun;
        }
        if (story.noun == nullptr) return story;
        for (const Line& line : lines) take(story, line);
        return story;
    }

private:
    void take(Story& story, const Line& line) {
        const Noun& noun = *story.noun;
        if (is_one_of(noun.begins, line.type)) ++story.begun;
        if (!noun.ends.empty() && line.type == noun.ends) story.ended = true;
        if (line.type != noun.unversioned) ++story.versioned;
        if (is_one_of(noun.named, line.type)) {
            if (auto told = member(line.body, noun.member)) story.name = std::move(told);
        }
        for (const auto& [type, state] : noun.stops) {
            if (!type.empty() && line.type == type) story.state = state;
        }
        if (is_one_of(noun.resumes, line.type)) story.state.reset();
        for (std::size_t i = 0; i < kParts.size(); ++i) {
            if (line.type == kParts[i].begins) story.parts[i].insert(member(line.body, kParts[i].member).value_or(""));
            if (line.type == kParts[i].ends) story.parts[i].erase(member(line.body, kParts[i].member).value_or(""));
        }
    }

    JsonParser parser_;
};

struct State {
    std::int64_t id;
    std::string name;
    int state;
    std::int64_t version;
};

/// The rows of one noun in the order of their ids, a page at a time.
class Rows {
public:
    Rows(Reader& db, InstanceScope scope, const Noun& noun) : db_(db), scope_(scope), noun_(noun) {}
    const Noun& noun() const { return noun_; }

    Result<const State*> front() {
        if (page_.empty() && !done_) TRY(load());
        return page_.empty() ? nullptr : &page_.front();
    }
    void pop() { page_.pop_front(); }

private:
    Result<void> load() {
        const std::string version = noun_.table == "token_families" ? "generation" : "version";
        const std::string sql = "SELECT id, " + (noun_.name.empty() ? std::string("''") : std::string(noun_.name)) + ", " +
                                std::string(noun_.state) + ", " + version + " FROM " + std::string(noun_.table) +
                                " WHERE instance_no = ?1 AND id > ?2 ORDER BY id LIMIT " + std::to_string(kPage);
        const auto rows = TRY(db_.query(scope_, sql, {last_}, [&](const Row& row) {
            page_.push_back({row.i64(0), std::string(row.text(1)), static_cast<int>(row.i64(2)), row.i64(3)});
        }));
        done_ = rows < kPage;
        if (!page_.empty()) last_ = page_.back().id;
        return {};
    }

    Reader& db_;
    const InstanceScope scope_;
    const Noun& noun_;
    std::deque<State> page_;
    std::int64_t last_ = 0;
    bool done_ = false;
};

/// Walks log and rows of one instance side by side, both in the order of ids.
class Walk {
public:
    Walk(Reader& db, InstanceScope scope, Database database, Check& check) : db_(db), scope_(scope), database_(database), check_(check) {
        for (const Noun& noun : kNouns) {
            if (noun.database == database) rows_.emplace_back(db, scope, noun);
        }
    }

    Result<void> run() {
        const std::string sql =
            "SELECT agg_id, tx, pos, agg_kind, type, body FROM events WHERE instance_no = ?1 AND (agg_id, pos) > (?2, ?3) "
            "ORDER BY agg_id, pos LIMIT " +
            std::to_string(kPage);
        std::int64_t aggregate = 0, position = 0, read = 0;
        do {
            read = 0;
            TRY(db_.query(scope_, sql, {aggregate, position}, [&](const Row& row) {
                ++read;
                aggregate = row.i64(0);
                position = row.i64(2);
                const store::StoredEvent stored{.position = {row.i64(1), position},
                                                .aggregate_kind = row.text(3),
                                                .aggregate_id = aggregate,
                                                .type = row.text(4),
                                                .body = row.text(5)};
                store::unfold(stored, [&](const store::StoredEvent& event) {
                    told_[event.aggregate_id].push_back(
                        {event.position, std::string(event.aggregate_kind), std::string(event.type), std::string(event.body)});
                });
            }));
            TRY(finish_below(read == kPage ? aggregate : std::numeric_limits<std::int64_t>::max()));
        } while (read == kPage);
        for (Rows& rows : rows_) TRY(skip_to(rows, std::numeric_limits<std::int64_t>::max()));
        return {};
    }

private:
    void add(const Noun& noun, std::int64_t id, std::string what) {
        check_.add(std::string(name_of(database_)) + "." + std::string(noun.table) + " " + std::to_string(id), std::move(what));
    }

    /// What is told of ids below this one is all read: an event tells of others only when they begin, so their ids are higher than its own.
    Result<void> finish_below(std::int64_t id) {
        for (; !told_.empty() && told_.begin()->first < id; told_.erase(told_.begin()))
            TRY(finish(told_.begin()->first, told_.begin()->second));
        return {};
    }

    /// Rows that the log passed by.
    Result<void> skip_to(Rows& rows, std::int64_t id) {
        for (const State* row = TRY(rows.front()); row != nullptr && row->id < id; row = TRY(rows.front())) {
            add(rows.noun(), row->id, "is there, but no event ever told of it");
            check_.looked_at(1);
            rows.pop();
        }
        return {};
    }

    Result<void> finish(std::int64_t id, std::vector<Line>& lines) {
        const Story story = folder_.fold(database_, id, lines);
        if (!story.speaks()) return {};
        for (Rows& rows : rows_) {
            if (&rows.noun() != story.noun) continue;
            TRY(skip_to(rows, id));
            const State* row = TRY(rows.front());
            const bool there = row != nullptr && row->id == id;
            compare(story, there ? row : nullptr);
            if (there && story.noun->kind == "project") TRY(compare_parts(story));
            check_.looked_at(1);
            if (there) rows.pop();
        }
        return {};
    }

    void compare(const Story& story, const State* row) {
        const Noun& noun = *story.noun;
        if (row == nullptr) {
            // Events about what was never begun here (a check of an unknown person) are no row's.
            if (story.begun > 0 && !story.ended && !noun.ends.empty())
                add(noun, story.id, "the log begins it and does not end it, but it is not there");
            return;
        }
        if (story.ended) add(noun, story.id, "is there, though the log says that it was removed");
        if (story.begun != 1) add(noun, story.id, "was begun " + std::to_string(story.begun) + " times by the log, not once");
        if (story.name && *story.name != row->name) add(noun, story.id, "has another name than the last event that names it");
        if (story.state && *story.state != row->state)
            add(noun, story.id, "has state " + std::to_string(row->state) + "; the log says " + std::to_string(*story.state));
        if (!story.state &&
            std::ranges::any_of(noun.stops, [&](const auto& stop) { return !stop.first.empty() && stop.second == row->state; }))
            add(noun, story.id, "has state " + std::to_string(row->state) + ", which no event brought about");
        if (noun.versions_are_events && story.versioned != row->version)
            add(noun, story.id,
                "is at version " + std::to_string(row->version) + "; the log has " + std::to_string(story.versioned) + " changes");
    }

    Result<void> compare_parts(const Story& story) {
        for (std::size_t i = 0; i < kParts.size(); ++i) {
            const auto& told = story.parts[i];
            std::set<std::string> there;
            TRY(db_.query(scope_, kParts[i].sql, {story.id},
                          [&](const Row& row) { there.insert(row.null(1) ? std::to_string(row.i64(0)) : std::string(row.text(1))); }));
            if (there != told)
                add(*story.noun, story.id,
                    "has " + std::to_string(there.size()) + " " + std::string(kParts[i].what) + "; the log tells of " +
                        std::to_string(told.size()) + (there.size() == told.size() ? " others" : ""));
        }
        return {};
    }

    Reader& db_;
    const InstanceScope scope_;
    const Database database_;
    Check& check_;
    Folder folder_;
    std::map<std::int64_t, std::vector<Line>> told_;  ///< of the aggregates that are not finished
    std::deque<Rows> rows_;
};

}  // namespace

Result<void> check_events(store::Inspection& inspection, Check& check) {
    const auto scopes = TRY(all_instances(inspection));
    for (const Database database : {Database::directory, Database::runtime}) {
        TRY(inspection.read(database, [&](Reader& db) -> Result<void> {
            for (const InstanceScope scope : scopes) TRY(Walk(db, scope, database, check).run());
            return {};
        }));
    }
    return {};
}

}  // namespace godwit::maintenance
