// How events become rows, alike on both engines.
#pragma once

#include <span>

#include "store/store.h"

namespace godwit::store::schema {

/// Writes `events` into the `events` table of the writer's database, in their order: each gets a fresh id as its position.
Result<void> write_events(Writer& db, InstanceScope scope, std::span<const Event> events);

}  // namespace godwit::store::schema
