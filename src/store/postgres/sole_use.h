// One process has the databases to itself: for an initial load (store/initial_load.h), while no other may write, or be served from tables
// that have no indexes.
#pragma once

#include <memory>
#include <optional>

#include "base/result.h"
#include "store/store.h"

namespace godwit::store::postgres {

class Connection;

/// Held while the object lives; goes with the process, however it ends. Meanwhile no store is opened (open_postgres waits), and a node
/// whose lease has run out does not come back.
class SoleUse {
public:
    /// By a process that has one store open. nullopt: another one has a store open too, or had one a minute ago and died.
    static Result<std::optional<SoleUse>> try_take(const PostgresOptions& options);
    /// Waits until nobody else has it. Whoever has a store open keeps it: for work that is done once, and again by nobody.
    static Result<SoleUse> take(const PostgresOptions& options);
    ~SoleUse();
    SoleUse(SoleUse&&) noexcept;
    SoleUse& operator=(SoleUse&&) = delete;

private:
    explicit SoleUse(std::unique_ptr<Connection> connection);
    static Result<std::unique_ptr<Connection>> connect(const PostgresOptions& options);

    std::unique_ptr<Connection> connection_;
};

}  // namespace godwit::store::postgres
