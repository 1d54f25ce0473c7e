// Users::search: conditions as SQL where a column serves them, the rest decided in the program on the rows that SQL leaves.
#include "directory/user/search.h"

#include <algorithm>

#include "base/unicode.h"
#include "directory/object/public_id.h"
#include "directory/user/row.h"
#include "directory/user/users.h"

namespace godwit::user {
namespace {

using store::Bindings;
using store::TextColumn;
using store::TextMethod;

/// Names of people are not stored folded (docs/data-model.md): a condition on them that ignores case is decided in the program.
bool needs_program(const Query& query) {
    switch (query.op) {
        case Query::Op::text:
            switch (query.field) {
                case Query::Field::user_name:
                case Query::Field::login_name:
                case Query::Field::email:
                    return false;
                case Query::Field::phone:
                    return false;
                default:
                    return store::ignores_case(query.method);
            }
        case Query::Op::any:
        case Query::Op::all:
        case Query::Op::none:
            return std::ranges::any_of(query.parts, needs_program);
        default:
            return false;
    }
}

int depth_of(const Query& query) {
    int deepest = 0;
    for (const Query& part : query.parts) deepest = std::max(deepest, depth_of(part));
    return deepest + 1;
}

// email_key is NULL where it would repeat name_key.
constexpr std::string_view kEmailKey = "COALESCE(u.email_key, CASE WHEN u.email = '' THEN '' ELSE u.name_key END)";

std::string email_text(Bindings& b, TextMethod method, std::string_view text) {
    if (method == TextMethod::equals || method == TextMethod::equals_ignore_case) {
        // Both probes of an e-mail, each served by an index.
        const std::string key = b.bind(fold(text));
        std::string sql =
            "(u.email_key = " + key + " OR (u.login_scope = 0 AND u.name_key = " + key + " AND u.email_key IS NULL AND u.email <> ''))";
        return method == TextMethod::equals ? "(" + sql + " AND u.email = " + b.bind(text) + ")" : sql;
    }
    return store::text_condition(b, {"u.email", kEmailKey}, method, text);
}

std::string login_name_text(Bindings& b, TextMethod method, std::string_view text) {
    const std::string plain = store::text_condition(b, {"u.name", "u.name_key"}, method, text);
    // Domains are ASCII lower case, so folding the whole is folding the name.
    const std::string full = store::text_condition(b, {"u.name || '@' || d.domain", "u.name_key || '@' || d.domain"}, method, text);
    return "((u.login_scope = 0 AND " + plain +
           ") OR (u.login_scope <> 0 AND EXISTS (SELECT 1 FROM org_domains d WHERE d.instance_no = ?1 AND d.org_id = u.org_id AND "
           "d.verified = 1 AND " +
           full + ")))";
}

std::string text_sql(Bindings& b, const Query& query) {
    switch (query.field) {
        case Query::Field::user_name:
            return store::text_condition(b, {"u.name", "u.name_key"}, query.method, query.text);
        case Query::Field::first_name:
            return store::text_condition(b, {"u.given_name", ""}, query.method, query.text);
        case Query::Field::last_name:
            return store::text_condition(b, {"u.family_name", ""}, query.method, query.text);
        case Query::Field::nick_name:
            return store::text_condition(b, {"u.nick_name", ""}, query.method, query.text);
        case Query::Field::display_name:
            return "(u.kind = 1 AND " + store::text_condition(b, {"u.display_name", ""}, query.method, query.text) + ")";
        case Query::Field::email:
            return email_text(b, query.method, query.text);
        case Query::Field::phone:
            return store::text_condition(b, {"COALESCE(u.phone, '')", "COALESCE(u.phone, '')"}, query.method, query.text);
        case Query::Field::login_name:
            return login_name_text(b, query.method, query.text);
    }
    return "1 = 0";
}

std::string ids_sql(Bindings& b, std::string_view key_column, std::string_view public_id_column, std::span<const std::string> ids) {
    std::vector<std::int64_t> keys;
    std::vector<std::string> texts;
    for (const std::string& id : ids) {
        if (const auto key = directory::generated_key(id)) {
            keys.push_back(*key);
        } else {
            texts.push_back(id);
        }
    }
    std::vector<std::string> either;
    if (!keys.empty())
        either.push_back("(" + std::string(public_id_column) + " IS NULL AND " + store::in_condition(b, key_column, keys) + ")");
    if (!texts.empty()) {
        std::vector<std::string> folded;
        for (const std::string& text : texts) folded.push_back(fold(text));
        either.push_back("(" + store::in_condition(b, std::string(public_id_column) + "_key", folded) + " AND " +
                         store::in_condition(b, public_id_column, texts) + ")");
    }
    return store::any_of(either);
}

/// The query as SQL. What SQL cannot decide is taken for `undecided`: true where more rows may be let through, false below a "not".
std::string sql_of(Bindings& b, const Query& query, bool undecided) {
    const auto parts = [&](bool below) {
        std::vector<std::string> out;
        for (const Query& part : query.parts) out.push_back(sql_of(b, part, below));
        return out;
    };
    switch (query.op) {
        case Query::Op::text:
            if (needs_program(query)) return undecided ? "1 = 1" : "1 = 0";
            return text_sql(b, query);
        case Query::Op::state:
            return "u.state = " + b.bind(number(query.wanted_state));
        case Query::Op::kind:
            return "u.kind = " + b.bind(number(query.wanted_kind));
        case Query::Op::ids:
            return ids_sql(b, "u.id", "u.public_id", query.texts);
        case Query::Op::emails: {
            std::vector<std::string> keys;
            for (const std::string& email : query.texts) keys.push_back(fold(email));
            return "(" + store::in_condition(b, "u.email_key", keys) +
                   " OR (u.email_key IS NULL AND u.email <> '' AND u.login_scope = 0 AND " + store::in_condition(b, "u.name_key", keys) +
                   "))";
        }
        case Query::Op::org:
            return ids_sql(b, "o.id", "o.public_id", std::span(&query.text, 1));
        case Query::Op::any:
            return store::any_of(parts(undecided));
        case Query::Op::all:
            return store::all_of(parts(undecided));
        case Query::Op::none:
            return store::negation(store::any_of(parts(!undecided)));
    }
    return "1 = 0";
}

/// A query on the way through rows: SQL answers the parts it can decide as columns, the program decides the rest.
struct Plan {
    const Query* query;
    int column = -1;  ///< of the answer, 1 or 0; -1: the program's part
    std::vector<Plan> parts;
};

Plan plan_of(Bindings& b, const Query& query, std::string& columns, int& next_column) {
    Plan plan{.query = &query, .parts = {}};
    if (!needs_program(query)) {
        plan.column = next_column++;
        columns += ", CASE WHEN " + sql_of(b, query, true) + " THEN 1 ELSE 0 END";
    } else {
        for (const Query& part : query.parts) plan.parts.push_back(plan_of(b, part, columns, next_column));
    }
    return plan;
}

bool matches(const Plan& plan, const store::Row& row, const User& user) {
    if (plan.column >= 0) return row.flag(plan.column);
    const auto holds = [&](const Plan& part) { return matches(part, row, user); };
    const Query& query = *plan.query;
    switch (query.op) {
        case Query::Op::any:
            return std::ranges::any_of(plan.parts, holds);
        case Query::Op::all:
            return std::ranges::all_of(plan.parts, holds);
        case Query::Op::none:
            return std::ranges::none_of(plan.parts, holds);
        default:
            break;
    }
    if (user.human() == nullptr) return false;
    const Profile& profile = user.human()->profile;
    const std::string& value = query.field == Query::Field::first_name  ? profile.first_name
                               : query.field == Query::Field::last_name ? profile.last_name
                               : query.field == Query::Field::nick_name ? profile.nick_name
                                                                        : profile.display_name;
    return store::text_matches(value, query.method, query.text);
}

std::string order_of(SortBy sort) {
    switch (sort) {
        case SortBy::user_name:
            return "u.name_key, u.id";
        case SortBy::first_name:
            return "u.given_name, u.id";
        case SortBy::last_name:
            return "u.family_name, u.id";
        case SortBy::nick_name:
            return "u.nick_name, u.id";
        case SortBy::display_name:
            return "u.display_name, u.id";
        case SortBy::email:
            return "u.email, u.id";
        case SortBy::state:
            return "u.state, u.id";
        case SortBy::kind:
            return "u.kind, u.id";
        case SortBy::created:
            return "u.created_at, u.id";
        case SortBy::unspecified:
            break;
    }
    return "u.id";
}

/// The page of a list whose conditions the program must decide: every row that SQL lets through is looked at, only the page's are kept.
Result<directory::Listed<User>> search_in_program(store::Reader& db, InstanceScope instance, const store::ListStatement& statement,
                                                  Bindings& bindings, const Query& query, const store::Page& page, Namings& namings) {
    std::string columns = statement.columns;
    int next_column = kUserColumnCount;
    const Plan plan = plan_of(bindings, query, columns, next_column);
    directory::Listed<User> out;
    std::vector<UserRow> kept;
    TRY(db.query(instance,
                 "SELECT " + columns + " FROM " + statement.from + " WHERE " + statement.where + " ORDER BY " +
                     store::ordered(statement.order_by, page.ascending),
                 bindings.values(), [&](const store::Row& row) {
                     UserRow candidate = user_of(row);
                     if (!matches(plan, row, candidate.user)) return;
                     if (out.total >= page.offset && kept.size() < store::applied_limit(page)) kept.push_back(std::move(candidate));
                     ++out.total;
                 }));
    if (kept.empty()) out.total = 0;  // as store::run_list answers
    out.rows = TRY(finish(namings, std::move(kept)));
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
    return store_.read(store::Database::directory, [&](store::Reader& db) -> Result<directory::Listed<User>> {
        Bindings bindings;
        std::vector<std::string> conditions{"u.instance_no = ?1"};
        if (org) conditions.push_back("u.org_id = " + bindings.bind(org));
        conditions.push_back(sql_of(bindings, query, true));
        const store::ListStatement statement{.columns = std::string(kUserColumns),
                                             .from = std::string(kUserFrom),
                                             .where = store::all_of(conditions),
                                             .order_by = order_of(sort)};
        Namings namings(db, instance);
        if (needs_program(query)) return search_in_program(db, instance, statement, bindings, query, page, namings);

        std::vector<UserRow> rows;
        directory::Listed<User> out;
        out.total =
            TRY(store::run_list(db, instance, statement, bindings, page, [&](const store::Row& row) { rows.push_back(user_of(row)); }));
        out.rows = TRY(finish(namings, std::move(rows)));
        return out;
    });
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
        if (!email.empty()) conditions.push_back(email_text(bindings, TextMethod::equals_ignore_case, email));
        const auto found = TRY(db.query(org.instance(), "SELECT u.id FROM users u WHERE " + store::all_of(conditions) + " LIMIT 1",
                                        bindings.values(), [](const store::Row&) {}));
        return found == 0;
    });
}

}  // namespace godwit::user
