// What stands where in the file of an import: found in one pass over its structure, before anything is written.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "migration/json_file.h"

namespace google::protobuf {
class FieldDescriptor;
class Message;
}  // namespace google::protobuf

namespace godwit::api {

/// One organization of the file; about 24 bytes for each of its parts, whatever they hold.
struct ImportOrg {
    std::string id;
    bool active = true;
    std::uint64_t records = 0;  ///< of all its parts; the organization itself is one
    std::vector<std::pair<const google::protobuf::FieldDescriptor*, migration::JsonRange>> parts;

    /// An empty range when the file does not have the part. `name` as in proto/ ("human_users").
    migration::JsonRange part(std::string_view name) const;
};

struct ImportDocument {
    std::chrono::microseconds timeout{};
    std::vector<ImportOrg> orgs;
    std::uint64_t records = 0;

    /// Errors: invalid_argument. Members come in any order and in either style of names (humanUsers, human_users), each once.
    static Result<ImportDocument> read(int fd);
};

/// A record has at most this many bytes.
inline constexpr std::uint64_t kMaxRecordBytes = 4u << 20;

/// Decodes and validates one record into `out`. When that fails, `out` holds what can be read of it, so that an error can name it.
/// `org_id` stands for the organization in records that name none.
Result<void> read_record(migration::JsonFile& file, migration::JsonRange range, std::string_view org_id, google::protobuf::Message& out);

}  // namespace godwit::api
