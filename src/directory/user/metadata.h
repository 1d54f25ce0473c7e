// Metadata of users (directory/object/metadata.h): changes are changes of the user.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "directory/object/metadata.h"
#include "directory/user/types.h"
#include "store/editor.h"

namespace godwit::user {

class Metadata {
public:
    explicit Metadata(store::Store& store) : store_(store) {}

    /// By key; empty for a user that is not there.
    Result<directory::Listed<directory::Metadatum>> list(const Ref& ref, std::span<const directory::TextFilter> keys,
                                                         const store::Page& page) const;
    /// not_found QUERY-Rgh32, also for a user that is not there.
    Result<directory::Metadatum> get(const Ref& ref, std::string_view key) const;

    /// All of them in one change; the last of a key wins, a value that is there already is no change. Errors: not_found COMMAND-uXHNj,
    /// those of directory::put_metadata.
    Result<directory::Change> set(const Ref& ref, std::span<const directory::MetadataEntry> entries, const store::Editor& editor);
    Result<directory::Change> set(store::Writer& db, const Ref& ref, std::span<const directory::MetadataEntry> entries,
                                  const store::Editor& editor);
    /// All or none: `missing` when one of the keys is not there.
    Result<directory::Change> remove(const Ref& ref, std::span<const std::string> keys, const Error& missing, const store::Editor& editor);

private:
    store::Store& store_;
};

}  // namespace godwit::user
