// The TOTP keys of a person, as a check needs them (signin/totp_check.h). They come at creation (authenticators.h).
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "crypto/sealer.h"
#include "directory/user/new_user.h"

namespace godwit::key {
class Sealers;
}
namespace godwit::store {
class Store;
}

namespace godwit::user {

struct StoredTotp {
    std::int64_t id = 0;
    NewTotp totp;
};

/// Those that are ready, opened; in the order they were made.
Result<std::vector<StoredTotp>> find_totps(store::Store& store, const key::Sealers& sealers, InstanceScope instance, UserId user);

/// Where the sealed key stands: it opens nowhere else.
crypto::Place totp_place(UserId user, std::int64_t id);

}  // namespace godwit::user
