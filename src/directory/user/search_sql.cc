#include "directory/user/search_sql.h"

#include <algorithm>

#include "base/text.h"
#include "base/unicode.h"
#include "directory/object/public_id.h"
#include "directory/user/row.h"

namespace godwit::user {
namespace {

using store::Bindings;
using store::TextMethod;

bool is_prefix(TextMethod method) { return method == TextMethod::starts_with || method == TextMethod::starts_with_ignore_case; }
bool is_equality(TextMethod method) { return method == TextMethod::equals || method == TextMethod::equals_ignore_case; }

/// What the folded form of every text that starts with `prefix` starts with. A letter may melt together with the mark behind it, so only
/// ASCII counts, without its last letter.
std::string folded_start(std::string_view prefix) {
    std::size_t ascii = 0;
    while (ascii < prefix.size() && static_cast<unsigned char>(prefix[ascii]) < 0x80) ++ascii;
    return fold(prefix.substr(0, ascii > 0 ? ascii - 1 : 0));
}

class Builder {
public:
    Builder(store::Reader& db, InstanceScope instance, Bindings& bindings, const Access& access)
        : db_(db), instance_(instance), b_(bindings), access_(access) {}

    Result<std::string> query(const Query& query);

private:
    /// The folded column as this access may name it.
    std::string key(std::string_view column) const {
        const bool indexed = access_.by_condition || column == access_.order_key;
        return indexed ? "u." + std::string(column) : "COALESCE(u." + std::string(column) + ", '')";
    }
    std::string text(std::string_view raw, std::string_view folded, TextMethod method, std::string_view text);
    std::string text(const Query& query);
    std::string of_person(std::string_view raw, std::string_view folded, const Query& query);
    std::string email(TextMethod method, std::string_view text);
    std::string login_name(TextMethod method, std::string_view text);
    std::string ids(std::span<const std::string> ids);

    store::Reader& db_;
    const InstanceScope instance_;
    Bindings& b_;
    const Access& access_;
};

/// A text and its folded form. What heeds case is looked for by the folded form too, which has the index.
std::string Builder::text(std::string_view raw, std::string_view folded, TextMethod method, std::string_view text) {
    const std::string column = "u." + std::string(raw), folded_column = key(folded);
    std::string sql = store::text_condition(b_, {column, folded_column}, method, text);
    if (method == TextMethod::equals) {
        sql = "(" + folded_column + " = " + b_.bind(fold(text)) + " AND " + sql + ")";
    } else if (const std::string start = folded_start(text); method == TextMethod::starts_with && !start.empty()) {
        sql = "(" + store::text_condition(b_, {folded_column, folded_column}, TextMethod::starts_with, start) + " AND " + sql + ")";
    }
    return sql;
}

// email_key is NULL where it would repeat name_key.
std::string Builder::email(TextMethod method, std::string_view text) {
    if (method == TextMethod::equals_ignore_case) return email_is(b_, text);
    if (method == TextMethod::equals) return "(" + email_is(b_, text) + " AND u.email = " + b_.bind(text) + ")";
    constexpr std::string_view kKey = "COALESCE(u.email_key, CASE WHEN u.email = '' THEN '' ELSE u.name_key END)";
    const std::string start = method == TextMethod::starts_with ? folded_start(text) : fold(text);
    if (!is_prefix(method) || start.empty() || !access_.by_condition) return store::text_condition(b_, {"u.email", kKey}, method, text);
    const auto starts = [&](std::string_view key_column) {
        std::string sql = store::text_condition(b_, {key_column, key_column}, TextMethod::starts_with, start);
        if (method == TextMethod::starts_with) sql += " AND " + store::text_condition(b_, {"e.email", ""}, method, text);
        return sql;
    };
    // Two indexes hold all that is asked for, so that no hit's row is read to be sorted.
    return "u.id IN (SELECT e.id FROM users e WHERE e.instance_no = ?1 AND " + starts("e.email_key") +
           " UNION ALL SELECT e.id FROM users e WHERE e.instance_no = ?1 AND e.login_scope = 0 AND e.email_key IS NULL AND e.email <> '' "
           "AND " +
           starts("e.name_key") + ")";
}

std::string Builder::login_name(TextMethod method, std::string_view wanted) {
    const std::string plain = store::text_condition(b_, {"u.name", key("name_key")}, method, wanted);
    // Domains are ASCII lower case, so folding the whole is folding the name.
    const std::string full = store::text_condition(b_, {"u.name || '@' || d.domain", "u.name_key || '@' || d.domain"}, method, wanted);
    std::string sql = "((u.login_scope = 0 AND " + plain +
                      ") OR (u.login_scope <> 0 AND EXISTS (SELECT 1 FROM org_domains d WHERE d.instance_no = ?1 AND d.org_id = u.org_id "
                      "AND d.verified = 1 AND " +
                      full + ")))";
    // Either way the name itself starts with what stands before the last @.
    const std::string_view name = wanted.substr(0, wanted.rfind('@'));
    const std::string start = method == TextMethod::equals || method == TextMethod::starts_with ? folded_start(name) : fold(name);
    if ((!is_equality(method) && !is_prefix(method)) || start.empty()) return sql;
    return "(" + store::text_condition(b_, {key("name_key"), key("name_key")}, TextMethod::starts_with, start) + " AND " + sql + ")";
}

std::string Builder::text(const Query& query) {
    using Field = Query::Field;
    switch (query.field) {
        case Field::user_name:
            return text("name", "name_key", query.method, query.text);
        case Field::first_name:
            return of_person("given_name", "given_key", query);
        case Field::last_name:
            return of_person("family_name", "family_key", query);
        case Field::nick_name: {
            // Only who has a nick name is in its index, and the engines must be told that they are looked for.
            const bool some = !query.text.empty() && (is_equality(query.method) || is_prefix(query.method));
            return some ? "(u.nick_key <> '' AND " + of_person("nick_name", "nick_key", query) + ")"
                        : of_person("nick_name", "nick_key", query);
        }
        case Field::display_name:  // a machine's name is kept there too
            return "(u.kind = 1 AND " + text("display_name", "display_key", query.method, query.text) + ")";
        case Field::email:
            return email(query.method, query.text);
        case Field::phone:
            if (query.method == TextMethod::equals && !query.text.empty()) return "u.phone = " + b_.bind(query.text);
            return store::text_condition(b_, {"COALESCE(u.phone, '')", "COALESCE(u.phone, '')"}, query.method, query.text);
        case Field::login_name:
            return login_name(query.method, query.text);
    }
    return "1 = 0";
}

/// Names that only people have: where there is something to be found in them, no machine is found, and the index alone decides.
std::string Builder::of_person(std::string_view raw, std::string_view folded, const Query& query) {
    std::string sql = text(raw, folded, query.method, query.text);
    return query.text.empty() ? "(u.kind = 1 AND " + sql + ")" : sql;
}

std::string Builder::ids(std::span<const std::string> wanted) {
    std::vector<std::int64_t> keys;
    std::vector<std::string> texts, folded;
    for (const std::string& id : wanted) {
        if (const auto generated = directory::generated_key(id)) {
            keys.push_back(*generated);
        } else {
            texts.push_back(id);
            folded.push_back(fold(id));
        }
    }
    std::vector<std::string> either;
    if (!keys.empty()) either.push_back("(u.public_id IS NULL AND " + store::in_condition(b_, "u.id", keys) + ")");
    if (!texts.empty())
        either.push_back("(" + store::in_condition(b_, "u.public_id_key", folded) + " AND " +
                         store::in_condition(b_, "u.public_id", texts) + ")");
    return store::any_of(either);
}

Result<std::string> Builder::query(const Query& query) {
    std::vector<std::string> parts;
    for (const Query& part : query.parts) parts.push_back(TRY(this->query(part)));
    switch (query.op) {
        case Query::Op::text:
            return text(query);
        case Query::Op::state:
            return "u.state = " + b_.bind(number(query.wanted_state));
        case Query::Op::kind:
            return "u.kind = " + b_.bind(number(query.wanted_kind));
        case Query::Op::ids:
            return ids(query.texts);
        case Query::Op::emails: {
            std::vector<std::string> either;
            for (const std::string& address : query.texts) either.push_back(email_is(b_, address));
            return store::any_of(either);
        }
        case Query::Op::org: {
            const auto org = TRY(directory::resolve(db_, instance_, directory::Noun::organization, query.text));
            return org ? "u.org_id = " + b_.bind(*org) : "1 = 0";
        }
        case Query::Op::any:
            return store::any_of(parts);
        case Query::Op::all:
            return store::all_of(parts);
        case Query::Op::none:
            // What is neither true nor false, for want of a value, does not hold.
            return parts.empty() ? "1 = 1" : "CASE WHEN " + store::any_of(parts) + " THEN 0 ELSE 1 END = 1";
    }
    return "1 = 0";
}

}  // namespace

std::string_view order_key(SortBy sort) {
    switch (sort) {
        case SortBy::user_name:
            return "name_key";
        case SortBy::first_name:
            return "given_key";
        case SortBy::last_name:
            return "family_key";
        case SortBy::display_name:
            return "display_key";
        default:
            return "";
    }
}

std::string_view folded_column(Query::Field field) {
    switch (field) {
        case Query::Field::user_name:
            return "name_key";
        case Query::Field::first_name:
            return "given_key";
        case Query::Field::last_name:
            return "family_key";
        case Query::Field::display_name:
            return "display_key";
        case Query::Field::nick_name:
            return "nick_key";
        default:
            return "";
    }
}

std::string order_columns(SortBy sort) {
    switch (sort) {
        case SortBy::unspecified:
            return "u.id";
        case SortBy::nick_name:
            return "u.nick_key, u.id";
        case SortBy::email:
            return "u.email, u.id";
        case SortBy::state:
            return "u.state, u.id";
        case SortBy::kind:
            return "u.kind, u.id";
        case SortBy::created:
            return "u.created_at, u.id";
        default:
            return "u." + std::string(order_key(sort)) + ", u.id";
    }
}

Result<std::string> sql_of(store::Reader& db, InstanceScope instance, Bindings& bindings, const Query& query, const Access& access) {
    return Builder(db, instance, bindings, access).query(query);
}

Result<std::string> condition(store::Reader& db, InstanceScope instance, Bindings& bindings, const Query& query) {
    return sql_of(db, instance, bindings, query, {});
}

// Both probes of an e-mail, each served by an index.
std::string email_is(Bindings& bindings, std::string_view address) {
    const std::string key = bindings.bind(fold(address));
    return "(u.email_key = " + key + " OR (u.login_scope = 0 AND u.name_key = " + key + " AND u.email_key IS NULL AND u.email <> ''))";
}

Result<std::optional<OrgId>> org_of(store::Reader& db, InstanceScope instance, const Query& query) {
    if (query.op == Query::Op::org)
        return OrgId(TRY(directory::resolve(db, instance, directory::Noun::organization, query.text)).value_or(0));
    if (query.op != Query::Op::all) return std::nullopt;
    for (const Query& part : query.parts) {
        if (auto org = TRY(org_of(db, instance, part))) return org;
    }
    return std::nullopt;
}

}  // namespace godwit::user
