// Signing keys that follow each other by themselves: the next one is published a while before it signs, so that every cache of the key
// set has it by then; the one before stays published until what it signed has run out.
#pragma once

#include <chrono>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"

namespace godwit::key {

class SigningKeys;

struct RotationPlan {
    std::chrono::seconds signs{0};            ///< how long a key signs; 0: until somebody activates another one, and none is removed
    std::chrono::seconds ahead{0};            ///< how long it is published before, at most half as long as it signs
    std::chrono::seconds published_after{0};  ///< how long a retired one stays: at least as long as any token lives
};

/// Takes the instance's next step if one is due: publish, activate, remove. Any number of nodes may do it at any time; the kind of the
/// new key is that of the one it follows. Keys of other issuers are left alone until they retire.
Result<void> rotate(SigningKeys& keys, InstanceScope scope, const RotationPlan& plan, Time now);

}  // namespace godwit::key
