// Metadata: what callers keep with a user or an organization, as bytes under a key. One table for all owners; whose history, version and
// events a change belongs to is the owner's business (user/metadata.h, org/metadata.h).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "directory/object/object.h"

namespace godwit::store {
class Reader;
class Writer;
}  // namespace godwit::store

namespace godwit::directory {

/// Whose entries they are, as the owner's row says.
struct MetadataOwner {
    std::int64_t id = 0;
    std::int64_t sequence = 0;   ///< an entry has none of its own
    std::string resource_owner;  ///< the organization, as the contract shows it
};

struct Metadatum {
    std::string key;
    std::string value;  ///< any bytes
    Stamp stamp = {};   ///< its own times, the owner's sequence
    std::string resource_owner = {};
};

using MetadataEntry = std::pair<std::string, std::string>;  ///< key, value

/// invalid_argument META-ds3Kj unless the key has 1–200 characters of UTF-8, none a control character, and the value 1–500,000 bytes.
Result<void> accept_metadata(std::string_view key, std::string_view value);

/// The owner's entries whose keys match all filters, by key.
Result<Listed<Metadatum>> list_metadata(store::Reader& db, InstanceScope scope, const MetadataOwner& owner,
                                        std::span<const TextFilter> keys, const store::Page& page);
/// not_found QUERY-Rgh32
Result<Metadatum> get_metadatum(store::Reader& db, InstanceScope scope, const MetadataOwner& owner, std::string_view key);

/// Adds or replaces; the last of a key wins. The keys that have another value now. Errors: failed_precondition META-9mm2d (no entries),
/// those of accept_metadata.
Result<std::vector<std::string>> put_metadata(store::Writer& db, InstanceScope scope, std::int64_t owner,
                                              std::span<const MetadataEntry> entries);
/// All of the keys or none of them: `missing` when one is not there. failed_precondition META-9mm2d when there are no keys.
Result<void> drop_metadata(store::Writer& db, InstanceScope scope, std::int64_t owner, std::span<const std::string> keys,
                           const Error& missing);

/// What is said of one key, and of one in a list of them.
inline Error no_such_metadatum() { return {Code::not_found, "META-ncnw3", "Metadata not found"}; }
inline Error not_all_metadata() { return {Code::not_found, "META-2nnds", "One or more keys do not exist"}; }

}  // namespace godwit::directory
