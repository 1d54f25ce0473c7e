// The conditions of a list, put together as portable SQL. One builder for all nouns.
#pragma once

#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "directory/object/object.h"
#include "store/store.h"

namespace godwit::directory {

/// Starts with "WHERE instance_no = ?1"; each call adds "AND …". Column names are constants of the caller, values become parameters.
///
///   Where where("o.");  // table alias, or ""
///   where.text("name", "name_key", filter).is("state", 1);
///   db.query(scope, "SELECT … FROM organizations o" + where.sql() + where.order("id", page), where.params(), …)
class Where {
public:
    explicit Where(std::string_view alias = {}) : alias_(alias), sql_(" WHERE " + alias_ + "instance_no = ?1") {}
    Where(const Where&) = delete;

    /// `column` holds the text as given, `key` the same folded; the methods that ignore case use `key`. Both may be one column of
    /// ASCII lower case.
    Where& text(std::string_view column, std::string_view key, const TextFilter& filter);
    Where& is(std::string_view column, std::int64_t value);
    Where& is(std::string_view column, std::string value);
    Where& none();  ///< nothing matches

    const std::string& sql() const { return sql_; }
    std::span<const store::Value> params() const { return params_; }

    /// " ORDER BY column [DESC] LIMIT … OFFSET …" for the page.
    std::string order(std::string_view column, const Page& page) const;

private:
    std::string bind(std::string value);
    std::string bind(std::int64_t value);

    std::string alias_;
    std::string sql_;
    std::list<std::string> texts_;  ///< what params_ points into
    std::vector<store::Value> params_;
};

}  // namespace godwit::directory
