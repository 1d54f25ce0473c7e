// Users::search: few hits are found by the conditions' indexes and then sorted; many are walked in the order of the list.
#include "directory/user/search.h"

#include <algorithm>
#include <bit>

#include "base/unicode.h"
#include "directory/user/row.h"
#include "directory/user/search_sql.h"
#include "directory/user/users.h"
#include "store/list_memory.h"

namespace godwit::user {
namespace {

using store::Bindings;
using store::ListPlace;
using store::TextMethod;

/// Up to here all hits are gathered and sorted, which takes one or two milliseconds.
constexpr std::size_t kFew = 1'000;
/// From this offset on a page is reached from a remembered place, of which there is one in so many rows.
constexpr std::uint64_t kDeep = 2'000;
constexpr std::uint64_t kPlaceEvery = 1'000;

int depth_of(const Query& query) {
    int deepest = 0;
    for (const Query& part : query.parts) deepest = std::max(deepest, depth_of(part));
    return deepest + 1;
}

/// A statement's beginning with its parameters.
struct Conditions {
    std::string where;
    Bindings bindings;

    /// The same statement with the same values has the same name.
    std::string name(InstanceScope instance) const {
        std::string out = std::to_string(instance.no().value) + ' ' + where;
        for (const store::Value& value : bindings.values()) {
            if (const auto* number = std::get_if<std::int64_t>(&value.data())) {
                out += '\0' + std::to_string(*number);
            } else {
                out.append(1, '\0').append(std::get<std::string_view>(value.data()));
            }
        }
        return out;
    }
};

class Search {
public:
    Search(store::Reader& db, InstanceScope instance, store::ListMemory& memory, const Query& query, SortBy sort, const store::Page& page)
        : db_(db), instance_(instance), memory_(memory), query_(query), sort_(sort), page_(page) {}

    Result<directory::Listed<User>> run(OrgId org);

private:
    using Ids = std::vector<std::int64_t>;

    Result<Conditions> conditions(bool by_condition);
    Result<Ids> ids(const std::string& sql, std::span<const store::Value> values);
    Result<Ids> first_hits(const Conditions& found);
    Result<Ids> page_of(Ids hits);
    Result<Ids> walk();
    Result<std::vector<ListPlace>> find_places(const Conditions& list);
    std::string beyond(Bindings& bindings, const ListPlace& place) const;
    Result<std::uint64_t> count(const Conditions& found);
    Result<std::vector<User>> read(const Ids& ids);

    bool has_index() const;
    bool hits_lie_in_order() const;
    std::string order() const { return " ORDER BY " + store::ordered(order_columns(sort_), page_.ascending); }

    store::Reader& db_;
    const InstanceScope instance_;
    store::ListMemory& memory_;
    const Query& query_;
    const SortBy sort_;
    const store::Page& page_;
    OrgId org_;                     ///< 0: the whole instance
    bool all_names_plain_ = false;  ///< of the instance: then its names are one order
};

/// Whether an index goes by the order of the list.
bool Search::has_index() const {
    if (sort_ == SortBy::unspecified) return true;
    if (org_) return !order_key(sort_).empty();
    return sort_ == SortBy::user_name && all_names_plain_;
}

/// Whether the condition is a range of the index that goes by the order of the list: then a page is read from it, and the other hits are
/// not fetched to be sorted.
bool Search::hits_lie_in_order() const {
    const Query* query = &query_;
    while (query->op == Query::Op::all) {
        const auto is_condition = [](const Query& part) { return part.op != Query::Op::org; };  // the index is one organization's anyway
        if (std::ranges::count_if(query->parts, is_condition) != 1) return false;
        query = &*std::ranges::find_if(query->parts, is_condition);
    }
    const bool prefix = query->method == TextMethod::starts_with || query->method == TextMethod::starts_with_ignore_case;
    return has_index() && query->op == Query::Op::text && prefix && !query->text.empty() && !order_key(sort_).empty() &&
           order_key(sort_) == folded_column(query->field);
}

Result<Conditions> Search::conditions(bool by_condition) {
    Conditions out;
    std::vector<std::string> all{"u.instance_no = ?1"};
    if (org_) {
        all.push_back("u.org_id = " + out.bindings.bind(org_));
    } else if (all_names_plain_) {
        all.emplace_back("u.login_scope = 0");
    }
    all.push_back(TRY(sql_of(db_, instance_, out.bindings, query_, {.by_condition = by_condition, .order_key = order_key(sort_)})));
    out.where = " FROM users u WHERE " + store::all_of(all);
    return out;
}

Result<Search::Ids> Search::ids(const std::string& sql, std::span<const store::Value> values) {
    Ids out;
    TRY(db_.query(instance_, sql, values, [&](const store::Row& row) { out.push_back(row.i64(0)); }));
    return out;
}

Result<Search::Ids> Search::first_hits(const Conditions& found) {
    return ids("SELECT u.id" + found.where + " LIMIT " + std::to_string(kFew + 1), found.bindings.values());
}

/// `ids` as a condition. Filled up to a power of two, so that a few statements do for any number.
std::string one_of(Bindings& bindings, std::vector<std::int64_t> ids) {
    ids.resize(std::bit_ceil(ids.size()), ids.back());
    return store::in_condition(bindings, "u.id", ids);
}

/// The page of a list whose hits are all known.
Result<Search::Ids> Search::page_of(Ids hits) {
    const std::uint64_t limit = store::applied_limit(page_);
    if (page_.offset >= hits.size()) return Ids();
    if (hits.size() > limit || page_.offset > 0) {
        if (sort_ == SortBy::unspecified) {
            std::ranges::sort(hits);
            if (!page_.ascending) std::ranges::reverse(hits);
        } else {
            Bindings bindings;
            const std::string where = one_of(bindings, std::move(hits));
            hits = TRY(ids("SELECT u.id FROM users u WHERE u.instance_no = ?1 AND " + where + order(), bindings.values()));
        }
        hits.erase(hits.begin(), hits.begin() + static_cast<std::ptrdiff_t>(page_.offset));
        hits.resize(std::min<std::uint64_t>(limit, hits.size()));
    }
    return hits;
}

/// The page of a list of many.
Result<Search::Ids> Search::walk() {
    Conditions list = TRY(conditions(!has_index()));
    std::uint64_t offset = std::min<std::uint64_t>(page_.offset, INT64_MAX);  // beyond that is beyond every list
    if (has_index() && offset >= kDeep) {
        const std::string name = list.name(instance_) + order();
        const auto places = TRY(memory_.places(name, [&] { return find_places(list); }));
        const std::uint64_t passed = std::min<std::uint64_t>(offset / kPlaceEvery, places->size());
        if (passed > 0) list.where += " AND " + beyond(list.bindings, (*places)[passed - 1]);
        offset -= passed * kPlaceEvery;
    }
    const std::string limit_at = list.bindings.bind(std::int64_t{store::applied_limit(page_)});
    const std::string offset_at = list.bindings.bind(static_cast<std::int64_t>(offset));
    return ids("SELECT u.id" + list.where + order() + " LIMIT " + limit_at + " OFFSET " + offset_at, list.bindings.values());
}

/// The rows of the list that come after `place`.
std::string Search::beyond(Bindings& bindings, const ListPlace& place) const {
    const std::string_view key = order_key(sort_);
    const std::string than = page_.ascending ? " > " : " < ";
    if (key.empty()) return "u.id" + than + bindings.bind(place.id);
    const std::string key_at = bindings.bind(place.key);
    return "(u." + std::string(key) + ", u.id)" + than + "(" + key_at + ", " + bindings.bind(place.id) + ")";
}

/// Goes through the whole list, a step at a time.
Result<std::vector<ListPlace>> Search::find_places(const Conditions& list) {
    const std::string_view key = order_key(sort_);
    const std::string columns = key.empty() ? "'', u.id" : "u." + std::string(key) + ", u.id";
    std::vector<ListPlace> places;
    for (bool more = true; more;) {
        Bindings bindings = list.bindings.copy();
        const std::string after = places.empty() ? "" : " AND " + beyond(bindings, places.back());
        more = TRY(db_.query(
                   instance_, "SELECT " + columns + list.where + after + order() + " LIMIT 1 OFFSET " + std::to_string(kPlaceEvery - 1),
                   bindings.values(), [&](const store::Row& row) { places.push_back({std::string(row.text(0)), row.i64(1)}); })) > 0;
    }
    return places;
}

Result<std::uint64_t> Search::count(const Conditions& found) {
    return memory_.total(found.name(instance_), [&]() -> Result<std::uint64_t> {
        std::uint64_t total = 0;
        TRY(db_.query(instance_, "SELECT COUNT(*)" + found.where, found.bindings.values(),
                      [&](const store::Row& row) { total = static_cast<std::uint64_t>(row.i64(0)); }));
        return total;
    });
}

Result<std::vector<User>> Search::read(const Ids& ids) {
    if (ids.empty()) return std::vector<User>();
    Bindings bindings;
    const std::string sql = "SELECT " + std::string(kUserColumns) + " FROM " + std::string(kUserFrom) + " WHERE u.instance_no = ?1 AND " +
                            one_of(bindings, ids) + order();
    std::vector<UserRow> rows;
    TRY(db_.query(instance_, sql, bindings.values(), [&](const store::Row& row) { rows.push_back(user_of(row)); }));
    Namings namings(db_, instance_);
    return finish(namings, std::move(rows));
}

Result<directory::Listed<User>> Search::run(OrgId org) {
    org_ = org;
    if (!org_) {
        if (const auto asked = TRY(org_of(db_, instance_, query_))) {
            if (!*asked) return directory::Listed<User>();
            org_ = *asked;
        } else {
            all_names_plain_ = TRY(db_.query(instance_, "SELECT u.id FROM users u WHERE u.instance_no = ?1 AND u.login_scope > 0 LIMIT 1",
                                             store::Params{}, [](const store::Row&) {})) == 0;
        }
    }
    const Conditions found = TRY(conditions(true));
    Ids hits = TRY(first_hits(found));
    const bool few = hits.size() <= kFew;
    const std::uint64_t all = hits.size();
    const bool gathered = few && (all <= store::applied_limit(page_) || !hits_lie_in_order());
    const Ids shown = gathered ? TRY(page_of(std::move(hits))) : TRY(walk());

    directory::Listed<User> out;
    out.rows = TRY(read(shown));
    if (!shown.empty()) out.total = few ? all : TRY(count(found));  // an empty page has the total 0, as the reference answers
    return out;
}

}  // namespace

Query Query::text_is(Field field, std::string text, TextMethod method) {
    Query q;
    q.op = Op::text;
    q.field = field;
    q.text = std::move(text);
    q.method = method;
    return q;
}
Query Query::state_is(State state) {
    Query q;
    q.op = Op::state;
    q.wanted_state = state;
    return q;
}
Query Query::kind_is(Kind kind) {
    Query q;
    q.op = Op::kind;
    q.wanted_kind = kind;
    return q;
}
Query Query::id_in(std::vector<std::string> ids) {
    Query q;
    q.op = Op::ids;
    q.texts = std::move(ids);
    return q;
}
Query Query::email_in(std::vector<std::string> emails) {
    Query q;
    q.op = Op::emails;
    q.texts = std::move(emails);
    return q;
}
Query Query::org_is(std::string org_id) {
    Query q;
    q.op = Op::org;
    q.text = std::move(org_id);
    return q;
}
Query Query::combine(Op op, std::vector<Query> parts) {
    Query q;
    q.op = op;
    q.parts = std::move(parts);
    return q;
}

Result<directory::Listed<User>> Users::search(InstanceScope instance, OrgId org, const Query& query, SortBy sort, const store::Page& page) {
    if (depth_of(query) > kMaxQueryDepth) return fail(Code::invalid_argument, "USER-Qry01", "the conditions are nested too deeply");
    return store_.read(store::Database::directory,
                       [&](store::Reader& db) { return Search(db, instance, lists_, query, sort, page).run(org); });
}

Result<bool> Users::is_unique(const OrgScope& org, std::string_view name, std::string_view email) {
    if (name.empty() && email.empty()) return false;
    return store_.read(store::Database::directory, [&](store::Reader& db) -> Result<bool> {
        const Naming naming = TRY(naming_of(db, org));
        Bindings bindings;
        std::vector<std::string> conditions{"u.instance_no = ?1"};
        if (!name.empty()) {
            conditions.push_back("u.login_scope = " + bindings.bind(naming.login_scope(org.org())));
            conditions.push_back("u.name_key = " + bindings.bind(fold(name)));
        }
        if (!email.empty()) conditions.push_back(email_is(bindings, email));
        const auto found = TRY(db.query(org.instance(), "SELECT u.id FROM users u WHERE " + store::all_of(conditions) + " LIMIT 1",
                                        bindings.values(), [](const store::Row&) {}));
        return found == 0;
    });
}

}  // namespace godwit::user
