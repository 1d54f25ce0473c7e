// What the schema's own SQL says: tables with their columns, indexes with their keys. Read from the text that made the tables, so that a
// table or index that comes later is looked at without another line.
#pragma once

#include <string>
#include <vector>

#include "store/store.h"

namespace godwit::maintenance {

struct Column {
    std::string name;
    std::string type;     ///< as written: "BIGINT", "TEXT" …
    bool sealed = false;  ///< its comment begins with "sealed"
};
struct Table {
    std::string name;
    std::vector<Column> columns;
};
struct Index {
    std::string name;
    std::string table;
    std::string columns;  ///< "instance_no, login_scope, name_key"
    std::string where;    ///< of a partial one
    bool unique = false;
};
struct SchemaText {
    int version = 0;
    std::vector<Table> tables;
    std::vector<Index> indexes;
};

/// All versions of a database's schema together. Reads CREATE TABLE, CREATE INDEX and ALTER TABLE … ADD COLUMN as our files write them.
SchemaText schema_text(store::Database database);

}  // namespace godwit::maintenance
