// How long writes take those who ask for them.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "store/store.h"

namespace godwit::store {

/// Of one write: from the call until it is durable, or failed. Its wait for other writes is part of that. Called on the caller's thread.
using OnWrite = std::function<void(Database database, bool bulk, std::chrono::steady_clock::duration took)>;

/// The same store, telling of every write.
std::unique_ptr<Store> timed(std::unique_ptr<Store> store, OnWrite on_write);

}  // namespace godwit::store
