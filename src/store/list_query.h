// The one query builder of all list RPCs: conditions of the contract's search messages as portable SQL, paging, totals.
//
//   Bindings b;
//   auto where = all_of({"u.instance_no = ?1", "u.org = " + b.bind(org), text_condition(b, {"u.name", "u.name_key"}, method, text)});
//   auto total = TRY(run_list(db, scope, {.columns = "u.id, u.name", .from = "users u", .where = where, .order_by = "u.name_key"}, b, page,
//   on_row));
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"

namespace godwit::store {

/// The contract's TextQueryMethod (zitadel.v1 and object.v2), same numbers.
enum class TextMethod {
    equals = 0,
    equals_ignore_case = 1,
    starts_with = 2,
    starts_with_ignore_case = 3,
    contains = 4,
    contains_ignore_case = 5,
    ends_with = 6,
    ends_with_ignore_case = 7,
};
constexpr bool ignores_case(TextMethod method) { return static_cast<int>(method) % 2 == 1; }

/// The contract's TimestampQueryMethod, same numbers.
enum class TimeMethod { equals = 0, greater = 1, greater_or_equals = 2, less = 3, less_or_equals = 4 };

/// Parameters collected while SQL is put together; the first is ?2 (?1 is the instance). Owns the texts it is given.
class Bindings {
public:
    std::string bind(std::int64_t value);
    std::string bind(Time value) { return bind(value.micros); }
    template <class Tag>
    std::string bind(Id<Tag> value) {
        return bind(value.key);
    }
    std::string bind(std::string text);
    std::string bind(std::string_view text) { return bind(std::string(text)); }
    std::string bind(const char* text) { return bind(std::string(text)); }
    std::span<const Value> values() const { return values_; }
    /// To go on from here in more than one way.
    Bindings copy() const;

private:
    std::string next();
    std::deque<std::string> texts_;
    std::vector<Value> values_;
};

/// A text column and the column that holds its folded form (base/unicode.h); `folded` "" when none is stored. SQL never lowers: a
/// method that ignores case on a column without folded form must be decided by text_matches.
struct TextColumn {
    std::string_view raw;
    std::string_view folded;
};

/// The condition for one text. Equality and prefixes are ranges that an index serves; "contains" and "ends with" scan.
/// Programmer's bug (aborts): a method that ignores case and no folded column.
std::string text_condition(Bindings& bindings, TextColumn column, TextMethod method, std::string_view text);
/// The same decision in the program, for texts without a folded column.
bool text_matches(std::string_view value, TextMethod method, std::string_view text);
std::string time_condition(Bindings& bindings, std::string_view column, TimeMethod method, Time time);
/// `column IN (…)`; false for an empty list.
std::string in_condition(Bindings& bindings, std::string_view column, std::span<const std::string> texts);
std::string in_condition(Bindings& bindings, std::string_view column, std::span<const std::int64_t> values);

std::string all_of(std::span<const std::string> conditions);  ///< true when empty
std::string any_of(std::span<const std::string> conditions);  ///< false when empty
std::string negation(std::string_view condition);
inline std::string all_of(std::initializer_list<std::string> c) { return all_of(std::span(c.begin(), c.size())); }
inline std::string any_of(std::initializer_list<std::string> c) { return any_of(std::span(c.begin(), c.size())); }

/// The least text above every text that starts with `prefix` (by code points, so that it stays UTF-8); nullopt when there is none.
std::optional<std::string> prefix_end(std::string_view prefix);

/// As asked for by the contract's ListQuery.
struct Page {
    std::uint64_t offset = 0;
    std::uint32_t limit = 0;  ///< 0: kDefaultLimit; above kMaxLimit: kMaxLimit
    bool ascending = false;
};
inline constexpr std::uint32_t kDefaultLimit = 100;
inline constexpr std::uint32_t kMaxLimit = 1000;
constexpr std::uint32_t applied_limit(const Page& page) {
    return page.limit == 0 ? kDefaultLimit : page.limit > kMaxLimit ? kMaxLimit : page.limit;
}

struct ListStatement {
    std::string columns;
    std::string from;
    std::string where;
    std::string order_by;  ///< one column or several, without direction; the page's direction is put behind each
};

/// What follows ORDER BY: the direction put behind each of the comma-separated columns.
std::string ordered(std::string_view columns, bool ascending);

/// Calls `on_row` for the rows of the page and returns how many rows the whole list has; 0 when the page is empty, as the
/// reference answers.
Result<std::uint64_t> run_list(Reader& db, InstanceScope scope, const ListStatement& statement, const Bindings& bindings, const Page& page,
                               const RowFn& on_row);

}  // namespace godwit::store
