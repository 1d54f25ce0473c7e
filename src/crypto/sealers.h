// Where the sealer of an instance comes from.
#pragma once

#include <memory>

#include "base/ids.h"
#include "base/result.h"
#include "crypto/sealer.h"

namespace godwit::crypto {

/// Implemented from data_keys by directory/key. Any thread; cheap once an instance's keys are in memory. A sealer is to be asked for
/// before a transaction, not within one, and not to be kept beyond a call (a rotation makes a new one).
class Sealers {
public:
    virtual ~Sealers() = default;
    virtual Result<std::shared_ptr<const Sealer>> of(InstanceScope instance) const = 0;
};

}  // namespace godwit::crypto
