// What all handlers write alike: times, details, pages. One function for each message of the contract.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "directory/object/object.h"
#include "store/editor.h"
#include "store/list_query.h"
#include "transport/rpc/registry.h"

namespace google::protobuf {
class Timestamp;
}
namespace zitadel::object::v2 {
class Details;
class ListDetails;
class ListQuery;
}  // namespace zitadel::object::v2
namespace zitadel::v1 {
class ListDetails;
class ListQuery;
class ObjectDetails;
}  // namespace zitadel::v1

namespace godwit::api {

void encode(Time time, google::protobuf::Timestamp& out);
Time decode(const google::protobuf::Timestamp& in);

/// Of something that was just made: sequence, creationDate, resourceOwner.
void encode_created(const directory::Change& change, zitadel::v1::ObjectDetails& out);
void encode_created(const directory::Stamp& stamp, std::string_view resource_owner, zitadel::v1::ObjectDetails& out);
/// Of something that was changed: sequence, changeDate, resourceOwner.
void encode_changed(const directory::Change& change, zitadel::v1::ObjectDetails& out);
/// Of something that is read.
void encode(const directory::Stamp& stamp, std::string_view resource_owner, zitadel::v1::ObjectDetails& out);

/// v2 says the same of what was made and what was changed: sequence, changeDate, resourceOwner.
void encode(const directory::Change& change, zitadel::object::v2::Details& out);
void encode(const directory::Stamp& stamp, std::string_view resource_owner, zitadel::object::v2::Details& out);

store::Page decode(const zitadel::v1::ListQuery& in);
store::Page decode(const zitadel::object::v2::ListQuery& in);
void encode_list(std::uint64_t total, const rpc::Call& call, zitadel::v1::ListDetails& out);
void encode_list(std::uint64_t total, const rpc::Call& call, zitadel::object::v2::ListDetails& out);

/// A text query of the contract: all have a method of the same numbers.
template <class Query>
directory::TextFilter text_filter(std::string text, const Query& query) {
    return {std::move(text), static_cast<store::TextMethod>(query.method())};
}

/// The caller as the editor of a change. `service` is how the event log names the API ("Management-API").
store::Editor editor_of(const rpc::Call& call, std::string_view service);

}  // namespace godwit::api
