// What every handler of the v1 services needs to turn domain values into the contract's messages and back.
#pragma once

#include <string>
#include <string_view>

#include "directory/object/object.h"
#include "store/editor.h"
#include "store/list_query.h"
#include "transport/rpc/registry.h"

namespace google::protobuf {
class Timestamp;
}
namespace zitadel::v1 {
class ListDetails;
class ListQuery;
class ObjectDetails;
}  // namespace zitadel::v1

namespace godwit::api {

/// The caller as editor of what the call changes. `service` is what events show: "Management-API", "Admin-API" …
store::Editor editor_of(const rpc::Call& call, std::string_view service);

void encode_time(Time time, google::protobuf::Timestamp& message);
Time decode_time(const google::protobuf::Timestamp& message);

/// Details after a creation (creation date), after a change (change date), and of an object that is shown (both).
void encode_added(const directory::Change& change, zitadel::v1::ObjectDetails& message);
void encode_changed(const directory::Change& change, zitadel::v1::ObjectDetails& message);
void encode_added(const directory::Stamp& stamp, std::string_view resource_owner, zitadel::v1::ObjectDetails& message);
void encode_details(const directory::Stamp& stamp, std::string_view resource_owner, zitadel::v1::ObjectDetails& message);

store::Page decode_page(const zitadel::v1::ListQuery& message);
/// Totals of a list that was read at the call's time.
void encode_list(std::uint64_t total, const rpc::Call& call, zitadel::v1::ListDetails& message);

/// A text query of the contract: all have a method of the same numbers.
template <class Query>
directory::TextFilter text_filter(const std::string& text, const Query& query) {
    return {text, static_cast<store::TextMethod>(query.method())};
}

}  // namespace godwit::api
