// Records on their way through the stages, and what is done with them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "directory/user/prepared.h"
#include "migration/engine/outcome.h"
#include "migration/engine/prepare.h"

namespace godwit::migration {

struct Batch {
    std::vector<Prepared> records;
    user::PreparedUsers users{std::vector<user::NewUser>()};  ///< of the same numbers; empty for refused records
    std::uint64_t source_bytes = 0;                           ///< read of the source up to its last record
};

/// What became of one record. Made anew by every run of a transaction.
struct RecordResult {
    Outcome outcome = Outcome::none;
    UserId user;                          ///< 0: none
    std::vector<std::string_view> codes;  ///< besides those of the record; literals
    std::vector<std::string> lost;        ///< likewise
    std::string message;
    bool announced = false;
    bool came = false;  ///< its user was not here before
};

}  // namespace godwit::migration
