// Data keys: what the master key wraps, and what everything secret of an instance is sealed with (docs/data-model.md, envelope
// encryption). Deleting an instance's data keys erases its secrets, backups included.
#pragma once

#include <memory>

#include "base/ids.h"
#include "base/result.h"
#include "crypto/sealer.h"

namespace godwit::store {
class Reader;
class Store;
class Writer;
}  // namespace godwit::store

namespace godwit::key {

class Sealers {
public:
    Sealers(store::Store& store, crypto::MasterKey master);
    ~Sealers();

    /// Makes the first data key of an instance, in the transaction that makes the instance (InstanceNo 0: the system's own).
    Result<std::shared_ptr<const crypto::Sealer>> create(store::Writer& db, InstanceScope scope);

    /// The instance's sealer; cached. Errors: failed_precondition when the master key is not the one its data keys were wrapped with,
    /// not_found KEY-Dat01 when the instance has none.
    Result<std::shared_ptr<const crypto::Sealer>> of(InstanceScope scope) const;
    Result<std::shared_ptr<const crypto::Sealer>> of(store::Reader& db, InstanceScope scope) const;

    /// A new data key seals from now on; what the others sealed still opens.
    Result<void> rotate(InstanceScope scope);

    /// failed_precondition KEY-Mst01 when any data key in the database was wrapped by another master key: checked at start.
    Result<void> check_master_key() const;

private:
    Result<std::shared_ptr<const crypto::Sealer>> load(store::Reader& db, InstanceScope scope) const;

    store::Store& store_;
    const crypto::MasterKey master_;
    struct Cache;
    std::unique_ptr<Cache> cache_;
};

}  // namespace godwit::key
