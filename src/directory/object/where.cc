#include "directory/object/where.h"

#include <algorithm>
#include <limits>

#include "base/unicode.h"

namespace godwit::directory {

std::string Where::bind(std::string value) {
    texts_.push_back(std::move(value));
    params_.emplace_back(std::string_view(texts_.back()));
    return "?" + std::to_string(params_.size() + 1);
}

std::string Where::bind(std::int64_t value) {
    params_.emplace_back(value);
    return "?" + std::to_string(params_.size() + 1);
}

Where& Where::text(std::string_view column, std::string_view key, const TextFilter& filter) {
    const bool folded = static_cast<int>(filter.method) % 2 == 1;
    const std::string subject = alias_ + std::string(folded ? key : column);
    std::string value = folded ? fold(filter.value) : filter.value;
    const bool equals = filter.method == TextMethod::equals || filter.method == TextMethod::equals_ignoring_case;
    if (value.empty() && !equals) return *this;  // every text contains nothing

    const std::string p = bind(std::move(value));
    sql_ += " AND ";
    switch (filter.method) {
        case TextMethod::equals:
        case TextMethod::equals_ignoring_case: sql_ += subject + " = " + p; break;
        // LIKE means different things on the two engines; these three are the same on both.
        case TextMethod::starts_with:
        case TextMethod::starts_with_ignoring_case: sql_ += "SUBSTR(" + subject + ", 1, LENGTH(" + p + ")) = " + p; break;
        case TextMethod::contains:
        case TextMethod::contains_ignoring_case: sql_ += "REPLACE(" + subject + ", " + p + ", '') <> " + subject; break;
        case TextMethod::ends_with:
        case TextMethod::ends_with_ignoring_case:
            sql_ += "LENGTH(" + subject + ") >= LENGTH(" + p + ") AND SUBSTR(" + subject + ", LENGTH(" + subject + ") - LENGTH(" + p +
                    ") + 1) = " + p;
            break;
    }
    return *this;
}

Where& Where::is(std::string_view column, std::int64_t value) {
    const std::string p = bind(value);
    sql_ += " AND " + alias_ + std::string(column) + " = " + p;
    return *this;
}

Where& Where::is(std::string_view column, std::string value) {
    const std::string p = bind(std::move(value));
    sql_ += " AND " + alias_ + std::string(column) + " = " + p;
    return *this;
}

Where& Where::none() {
    sql_ += " AND 1 = 0";
    return *this;
}

std::string Where::order(std::string_view column, const Page& page) const {
    const auto limit = page.limit == 0 ? kMaxPage : std::min(page.limit, kMaxPage);
    const auto offset = std::min<std::uint64_t>(page.offset, std::numeric_limits<std::int32_t>::max());
    std::string sql = " ORDER BY " + alias_ + std::string(column) + (page.ascending ? "" : " DESC");
    sql += " LIMIT " + std::to_string(limit);
    if (offset > 0) sql += " OFFSET " + std::to_string(offset);
    return sql;
}

}  // namespace godwit::directory
