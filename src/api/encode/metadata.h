// Metadata between the domain and zitadel.metadata.v1 and v2.
#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include <string>
#include <vector>

#include "directory/object/metadata.h"

namespace zitadel::metadata::v1 {
class Metadata;
class MetadataQuery;
}  // namespace zitadel::metadata::v1
namespace zitadel::metadata::v2 {
class Metadata;
class MetadataSearchFilter;
}  // namespace zitadel::metadata::v2

namespace godwit::api {

void encode(const directory::Metadatum& in, zitadel::metadata::v1::Metadata& out);
void encode(const directory::Metadatum& in, zitadel::metadata::v2::Metadata& out);
std::vector<directory::TextFilter> decode(const google::protobuf::RepeatedPtrField<zitadel::metadata::v1::MetadataQuery>& queries);
std::vector<directory::TextFilter> decode(const google::protobuf::RepeatedPtrField<zitadel::metadata::v2::MetadataSearchFilter>& filters);

/// The entries of a bulk request: messages with a key and a value.
template <class Message>
std::vector<directory::MetadataEntry> metadata_entries(const google::protobuf::RepeatedPtrField<Message>& messages) {
    std::vector<directory::MetadataEntry> entries;
    for (const Message& message : messages) entries.emplace_back(message.key(), message.value());
    return entries;
}
inline std::vector<std::string> metadata_keys(const google::protobuf::RepeatedPtrField<std::string>& keys) {
    return {keys.begin(), keys.end()};
}

}  // namespace godwit::api
