#include "store/schema/parameters.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/log.h"
#include "base/text.h"
#include "base/unicode.h"

namespace godwit::store::schema {
namespace {

/// Calls `other(piece)` for text between parameters and `parameter(number)` for each of them, in order.
template <class Other, class Parameter>
void walk(std::string_view sql, Other other, Parameter parameter) {
    std::size_t from = 0;
    std::size_t at = 0;
    while (at < sql.size()) {
        const char c = sql[at];
        if (c == '\'' || c == '"') {
            at = std::min(sql.find(c, at + 1), sql.size() - 1) + 1;
        } else if (c == '-' && sql.substr(at).starts_with("--")) {
            at = std::min(sql.find('\n', at), sql.size());
        } else if (c == '?') {
            std::size_t end = at + 1;
            while (end < sql.size() && is_ascii_digit(sql[end])) ++end;
            const auto number = parse_number<int>(sql.substr(at + 1, end - at - 1));
            if (!number || *number < 1) programming_error("a parameter without a number", sql);
            other(sql.substr(from, at - from));
            parameter(*number);
            from = at = end;
        } else {
            ++at;
        }
    }
    other(sql.substr(from));
}

}  // namespace

Parameters find_parameters(std::string_view sql) {
    Parameters found;
    walk(
        sql, [](std::string_view) {},
        [&](int number) {
            found.highest = std::max(found.highest, number);
            found.names_first = found.names_first || number == 1;
        });
    return found;
}

std::string with_dollar_parameters(std::string_view sql) {
    std::string out;
    out.reserve(sql.size());
    walk(sql, [&](std::string_view piece) { out += piece; }, [&](int number) { out += "$" + std::to_string(number); });
    return out;
}

void check_parameters(std::string_view sql, Parameters found, bool scoped, std::size_t given) {
    if (scoped && !found.names_first) programming_error("a statement in an instance's scope must name ?1", sql);
    if (std::max(found.highest, 1) != static_cast<int>(given) + 1)
        programming_error("the number of parameters does not fit the statement", sql);
}

void programming_error(std::string_view what, std::string_view sql) {
    log::error("store: programming error", {{"what", what}, {"sql", sql}});
    std::abort();
}

bool is_storable_text(std::string_view text) {
    // Nearly all text is ASCII: eight bytes at a time, none with its high bit, none zero.
    const char* at = text.data();
    std::size_t left = text.size();
    for (; left >= 8; at += 8, left -= 8) {
        std::uint64_t word;
        std::memcpy(&word, at, 8);
        constexpr std::uint64_t kHigh = 0x8080808080808080, kOnes = 0x0101010101010101;
        if (((word | (word - kOnes)) & kHigh) != 0) break;
    }
    for (; left > 0 && *at > 0; ++at, --left) {
    }
    if (left == 0) return true;
    const std::string_view rest(at, left);
    return rest.find('\0') == std::string_view::npos && is_valid_utf8(rest);
}

}  // namespace godwit::store::schema
