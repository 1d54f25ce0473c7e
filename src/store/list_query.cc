#include "store/list_query.h"

#include <cstdlib>

#include "base/unicode.h"

namespace godwit::store {
namespace {

std::size_t last_code_point_start(std::string_view text) {
    std::size_t at = text.size() - 1;
    while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
    return at;
}

char32_t decode(std::string_view bytes) {
    const auto byte = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(bytes[i])); };
    switch (bytes.size()) {
        case 1:
            return byte(0);
        case 2:
            return (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F);
        case 3:
            return (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
        default:
            return (byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
    }
}

void encode(std::string& out, char32_t c) {
    const auto put = [&](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xC0 | c >> 6), put(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        put(0xE0 | c >> 12), put(0x80 | (c >> 6 & 0x3F)), put(0x80 | (c & 0x3F));
    } else {
        put(0xF0 | c >> 18), put(0x80 | (c >> 12 & 0x3F)), put(0x80 | (c >> 6 & 0x3F)), put(0x80 | (c & 0x3F));
    }
}

/// What is left of a method once both sides are folded.
TextMethod exact(TextMethod method) { return static_cast<TextMethod>(static_cast<int>(method) & ~1); }

std::string join_conditions(std::span<const std::string> conditions, std::string_view word, std::string_view when_empty) {
    if (conditions.empty()) return std::string(when_empty);
    if (conditions.size() == 1) return conditions[0];
    std::string sql = "(";
    for (std::size_t i = 0; i < conditions.size(); ++i) {
        if (i > 0) sql += word;
        sql += conditions[i];
    }
    return sql + ")";
}

template <class T>
std::string in_list(Bindings& bindings, std::string_view column, std::span<const T> values) {
    if (values.empty()) return "1 = 0";
    std::string sql = std::string(column) + " IN (";
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0) sql += ", ";
        sql += bindings.bind(values[i]);
    }
    return sql + ")";
}

}  // namespace

std::string Bindings::next() { return "?" + std::to_string(values_.size() + 1); }  // ?1 is the instance, and one was just added

std::string Bindings::bind(std::int64_t value) {
    values_.emplace_back(value);
    return next();
}

std::string Bindings::bind(std::string text) {
    texts_.push_back(std::move(text));
    values_.emplace_back(std::string_view(texts_.back()));
    return next();
}

Bindings Bindings::copy() const {
    Bindings out;
    for (const Value& value : values_) {
        if (const auto* number = std::get_if<std::int64_t>(&value.data())) {
            out.bind(*number);
        } else {
            out.bind(std::get<std::string_view>(value.data()));
        }
    }
    return out;
}

std::optional<std::string> prefix_end(std::string_view prefix) {
    // Drop trailing code points that have no successor, then take the successor of the last one.
    while (!prefix.empty()) {
        const std::size_t at = last_code_point_start(prefix);
        char32_t c = decode(prefix.substr(at));
        if (c < 0x10FFFF) {
            c = c == 0xD7FF ? 0xE000 : c + 1;  // no surrogates in UTF-8
            std::string end(prefix.substr(0, at));
            encode(end, c);
            return end;
        }
        prefix = prefix.substr(0, at);
    }
    return std::nullopt;
}

std::string text_condition(Bindings& bindings, TextColumn column, TextMethod method, std::string_view text) {
    std::string key;
    std::string_view subject = column.raw;
    if (ignores_case(method)) {
        if (column.folded.empty()) std::abort();
        subject = column.folded;
        key = fold(text);
        text = key;
    }
    const std::string c(subject);
    switch (exact(method)) {
        case TextMethod::equals:
            return c + " = " + bindings.bind(text);
        case TextMethod::starts_with: {
            if (text.empty()) return "1 = 1";
            std::string sql = "(" + c + " >= " + bindings.bind(text);
            if (const auto end = prefix_end(text)) sql += " AND " + c + " < " + bindings.bind(*end);
            return sql + ")";
        }
        // Neither LIKE (its case rules differ between the engines) nor instr/strpos (their names do).
        case TextMethod::contains:
            return text.empty() ? "1 = 1" : "REPLACE(" + c + ", " + bindings.bind(text) + ", '') <> " + c;
        default: {
            if (text.empty()) return "1 = 1";
            const std::string length = std::to_string(code_points(text));
            return "(LENGTH(" + c + ") >= " + length + " AND SUBSTR(" + c + ", LENGTH(" + c + ") - " + length +
                   " + 1) = " + bindings.bind(text) + ")";
        }
    }
}

bool text_matches(std::string_view value, TextMethod method, std::string_view text) {
    if (ignores_case(method)) return text_matches(fold(value), exact(method), fold(text));
    switch (method) {
        case TextMethod::equals:
            return value == text;
        case TextMethod::starts_with:
            return value.starts_with(text);
        case TextMethod::contains:
            return value.find(text) != std::string_view::npos;
        default:
            return value.ends_with(text);
    }
}

std::string time_condition(Bindings& bindings, std::string_view column, TimeMethod method, Time time) {
    constexpr std::string_view kOperators[] = {" = ", " > ", " >= ", " < ", " <= "};
    return std::string(column) + std::string(kOperators[static_cast<int>(method)]) + bindings.bind(time);
}

std::string in_condition(Bindings& bindings, std::string_view column, std::span<const std::string> texts) {
    return in_list(bindings, column, texts);
}
std::string in_condition(Bindings& bindings, std::string_view column, std::span<const std::int64_t> values) {
    return in_list(bindings, column, values);
}

std::string all_of(std::span<const std::string> conditions) { return join_conditions(conditions, " AND ", "1 = 1"); }
std::string any_of(std::span<const std::string> conditions) { return join_conditions(conditions, " OR ", "1 = 0"); }
std::string negation(std::string_view condition) { return "NOT (" + std::string(condition) + ")"; }

std::string ordered(std::string_view columns, bool ascending) {
    std::string sql;
    std::size_t start = 0;
    while (start < columns.size()) {
        const auto comma = std::min(columns.find(',', start), columns.size());
        if (!sql.empty()) sql += ",";
        sql += columns.substr(start, comma - start);
        sql += ascending ? " ASC" : " DESC";
        start = comma + 1;
    }
    return sql;
}

Result<std::uint64_t> run_list(Reader& db, InstanceScope scope, const ListStatement& statement, const Bindings& bindings, const Page& page,
                               const RowFn& on_row) {
    const std::string body = " FROM " + statement.from + " WHERE " + statement.where;
    const std::uint32_t limit = applied_limit(page);
    // Offsets beyond int64 are beyond every list.
    const std::uint64_t offset = std::min<std::uint64_t>(page.offset, INT64_MAX);
    // Bound, not spelt out, so that all pages of a list share one prepared statement.
    std::vector<Value> values(bindings.values().begin(), bindings.values().end());
    const std::string limit_at = "?" + std::to_string(values.size() + 2), offset_at = "?" + std::to_string(values.size() + 3);
    values.emplace_back(std::int64_t{limit});
    values.emplace_back(static_cast<std::int64_t>(offset));
    const std::int64_t shown = TRY(db.query(scope,
                                            "SELECT " + statement.columns + body + " ORDER BY " +
                                                ordered(statement.order_by, page.ascending) + " LIMIT " + limit_at + " OFFSET " + offset_at,
                                            values, on_row));
    if (shown == 0) return 0;
    if (shown < limit) return offset + static_cast<std::uint64_t>(shown);
    std::uint64_t total = 0;
    TRY(db.query(scope, "SELECT COUNT(*)" + body, bindings.values(),
                 [&](const Row& row) { total = static_cast<std::uint64_t>(row.i64(0)); }));
    return total;
}

}  // namespace godwit::store
