// The versions of the two databases' schemas: the numbered SQL files of this folder, and what each demands of the program.
#pragma once

#include <span>
#include <string_view>

#include "store/store.h"

namespace godwit::store::schema {

/// One file, as it was at build time (generated source, see CMakeLists.txt).
struct SqlFile {
    int number;
    std::string_view sql;
};
std::span<const SqlFile> sql_files(Database database);

/// Forward only. `min_reader` and `min_writer` are the oldest schema version that a program must know to read, or to write, a database
/// at this version: expand → backfill → contract keeps them below `number`, so that two successive releases run side by side.
struct Version {
    int number;
    std::string_view sql;
    int min_reader;
    int min_writer;
};

/// Rising, without gaps, from 1.
std::span<const Version> versions(Database database);

}  // namespace godwit::store::schema
