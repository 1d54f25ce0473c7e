// Metadata of organizations (directory/object/metadata.h): changes are changes of the organization.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "directory/object/metadata.h"
#include "store/editor.h"

namespace godwit::store {
class Store;
}

namespace godwit::org {

class Metadata {
public:
    explicit Metadata(store::Store& store) : store_(store) {}

    /// By key.
    Result<directory::Listed<directory::Metadatum>> list(const OrgScope& org, std::span<const directory::TextFilter> keys,
                                                         const store::Page& page) const;
    /// not_found QUERY-Rgh32
    Result<directory::Metadatum> get(const OrgScope& org, std::string_view key) const;

    /// All of them in one change; the last of a key wins, a value that is there already is no change. Errors: those of
    /// directory::put_metadata.
    Result<directory::Change> set(const OrgScope& org, std::span<const directory::MetadataEntry> entries, const store::Editor& editor);
    /// All or none: `missing` when one of the keys is not there.
    Result<directory::Change> remove(const OrgScope& org, std::span<const std::string> keys, const Error& missing,
                                     const store::Editor& editor);

private:
    store::Store& store_;
};

}  // namespace godwit::org
