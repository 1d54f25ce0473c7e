// Where the master key comes from.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "crypto/sealer.h"

namespace godwit::app {

/// Of errors about the key that was given, or was not.
inline constexpr std::string_view kBadMasterKey = "APP-Mst01";

/// As the command line gave them; exactly one may be set.
struct MasterKeySource {
    std::optional<std::string> value;  ///< --masterkey: 32 characters
    std::optional<std::string> file;   ///< --masterkeyFile
    bool environment = false;          ///< --masterkeyFromEnv: GODWIT_MASTERKEY or ZITADEL_MASTERKEY
};

/// failed_precondition, with what to do, when no source or several were given, or the key is not 32 bytes long.
Result<crypto::MasterKey> read_master_key(const MasterKeySource& source);

}  // namespace godwit::app
