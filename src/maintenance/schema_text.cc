#include "maintenance/schema_text.h"

#include <algorithm>

#include "base/text.h"
#include "store/schema/translate.h"
#include "store/schema/versions.h"

namespace godwit::maintenance {
namespace {

/// The word at `at`, which moves behind it and the blanks that follow.
std::string_view take_word(std::string_view& text) {
    const std::size_t end = std::min(text.find_first_of(" \n\t("), text.size());
    const auto word = text.substr(0, end);
    text = trim(text.substr(end));
    return word;
}

bool take(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text = trim(text.substr(prefix.size()));
    return true;
}

Index read_index(std::string_view rest, bool unique) {
    Index index{.name = std::string(take_word(rest)), .table = {}, .columns = {}, .where = {}, .unique = unique};
    take(rest, "ON ");
    index.table = take_word(rest);
    const std::size_t close = rest.find(')');
    index.columns = trim(rest.substr(1, close - 1));
    auto tail = trim(rest.substr(close + 1));
    if (take(tail, "WHERE ")) index.where = tail;
    return index;
}

/// "CREATE TABLE x (" of the commented text: columns stand a line each, and their comments say which are sealed.
void read_table(std::string_view text, Table& table) {
    for (std::string_view line : split(text, '\n')) {
        line = trim(line);
        if (line.starts_with(")")) return;
        if (line.empty() || line.starts_with("--") || line.starts_with("PRIMARY KEY") || line.starts_with("CREATE TABLE")) continue;
        const bool sealed = line.find("-- sealed") != line.npos;
        Column column{.name = std::string(take_word(line)), .type = {}, .sealed = sealed};
        column.type = line.substr(0, std::min(line.find_first_of(" ,"), line.size()));
        table.columns.push_back(std::move(column));
    }
}

void read_alter(std::string_view rest, SchemaText& out) {
    const auto name = take_word(rest);
    const auto table = std::ranges::find(out.tables, name, &Table::name);
    if (table == out.tables.end() || !take(rest, "ADD COLUMN ")) return;
    Column column{.name = std::string(take_word(rest)), .type = {}};
    column.type = rest.substr(0, std::min(rest.find_first_of(" ,"), rest.size()));
    table->columns.push_back(std::move(column));
}

}  // namespace

SchemaText schema_text(store::Database database) {
    SchemaText out;
    for (const store::schema::Version& version : store::schema::versions(database)) {
        out.version = version.number;
        for (const std::string& statement : store::schema::translate(version.sql, store::schema::Dialect::sqlite)) {
            std::string_view rest = statement;
            if (take(rest, "CREATE TABLE ")) {
                Table table{.name = std::string(take_word(rest)), .columns = {}};
                // Translated text has lost its comments.
                read_table(version.sql.substr(version.sql.find("CREATE TABLE " + table.name + " (")), table);
                out.tables.push_back(std::move(table));
            } else if (take(rest, "CREATE UNIQUE INDEX ")) {
                out.indexes.push_back(read_index(rest, true));
            } else if (take(rest, "CREATE INDEX ")) {
                out.indexes.push_back(read_index(rest, false));
            } else if (take(rest, "ALTER TABLE ")) {
                read_alter(rest, out);
            }
        }
    }
    return out;
}

}  // namespace godwit::maintenance
