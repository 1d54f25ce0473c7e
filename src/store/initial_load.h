// An initial load: many rows into tables that are nearly empty. While it lasts some indexes are left out, which are built when it ends: a
// million users arrive in a third of the time.
//
// Reads stay right meanwhile, but scan. Who has the databases alone (store/postgres/sole_use.h) may leave out all secondary indexes of its
// tables; then nothing is kept unique but primary keys, and whoever loads has to answer for that. Who serves leaves out indexes that only
// searches and orders need. What is left out is written down in the database: whoever opens the store after a crash ends the load before
// anything else (end_initial_load), with the rows that were committed.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace godwit::store {

class Reader;
class Store;

/// Drops what is named, of the directory: an index, or a table's secondary indexes. False, and nothing, when a load is open already.
Result<bool> begin_initial_load(Store& store, std::span<const std::string_view> names);

/// Whether a load was begun and not ended.
Result<bool> in_initial_load(Store& store);
Result<bool> in_initial_load(Reader& db);

/// What the open load was begun with: names of indexes, and of tables all of whose secondary indexes it left out. None is open: nothing.
Result<std::vector<std::string>> left_out_by_load(Reader& db);

/// Builds an index that the open load left out, for somebody who needs it now; nothing when it is there.
Result<void> build_left_out(Store& store, std::string_view index);

/// Builds the indexes, one commit each, on PostgreSQL several at a time; `progress` is told after each how many of how many are there, on
/// any thread, one call at a time. Does nothing when no load is open.
/// False: `stop` said so between two indexes; the load stays open, and what is built is built.
/// Errors: failed_precondition STORE-Load1 when rows that were loaded are not unique; the load stays open.
Result<bool> end_initial_load(Store& store, const std::function<void(std::size_t built, std::size_t of)>& progress = {},
                              const std::function<bool()>& stop = {});

}  // namespace godwit::store
