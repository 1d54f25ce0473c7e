#include "api/encode/metadata.h"

#include "api/encode/encode.h"
#include "zitadel/metadata.pb.h"
#include "zitadel/metadata/v2/metadata.pb.h"

namespace godwit::api {

void encode(const directory::Metadatum& in, zitadel::metadata::v1::Metadata& out) {
    encode(in.stamp, in.resource_owner, *out.mutable_details());
    out.set_key(in.key);
    out.set_value(in.value);
}

void encode(const directory::Metadatum& in, zitadel::metadata::v2::Metadata& out) {
    encode(in.stamp.created, *out.mutable_creation_date());
    encode(in.stamp.changed, *out.mutable_change_date());
    out.set_key(in.key);
    out.set_value(in.value);
}

std::vector<directory::TextFilter> decode(const google::protobuf::RepeatedPtrField<zitadel::metadata::v1::MetadataQuery>& queries) {
    std::vector<directory::TextFilter> keys;
    for (const auto& query : queries) {
        if (query.has_key_query()) keys.push_back(text_filter(query.key_query().key(), query.key_query()));
    }
    return keys;
}

std::vector<directory::TextFilter> decode(const google::protobuf::RepeatedPtrField<zitadel::metadata::v2::MetadataSearchFilter>& filters) {
    std::vector<directory::TextFilter> keys;
    for (const auto& filter : filters) {
        if (filter.has_key_filter()) keys.push_back(text_filter(filter.key_filter().key(), filter.key_filter()));
    }
    return keys;
}

}  // namespace godwit::api
