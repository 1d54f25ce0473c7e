#include "api/encode/encode.h"

#include "google/protobuf/timestamp.pb.h"
#include "zitadel/object.pb.h"
#include "zitadel/object/v2/object.pb.h"

namespace godwit::api {
namespace {

Time received(const rpc::Call& call) {
    return {std::chrono::duration_cast<std::chrono::microseconds>(call.received.time_since_epoch()).count()};
}

template <class Query>
store::Page page_of(const Query& in) {
    return {.offset = in.offset(), .limit = in.limit(), .ascending = in.asc()};
}

}  // namespace

void encode(Time time, google::protobuf::Timestamp& out) {
    out.set_seconds(time.micros / 1'000'000);
    out.set_nanos(static_cast<int>(time.micros % 1'000'000) * 1'000);
    if (out.nanos() < 0) {  // before 1970
        out.set_seconds(out.seconds() - 1);
        out.set_nanos(out.nanos() + 1'000'000'000);
    }
}

Time decode(const google::protobuf::Timestamp& in) { return {in.seconds() * 1'000'000 + in.nanos() / 1'000}; }

void encode_created(const directory::Change& change, zitadel::v1::ObjectDetails& out) {
    out.set_sequence(static_cast<std::uint64_t>(change.sequence));
    encode(change.at, *out.mutable_creation_date());
    out.set_resource_owner(change.resource_owner);
}

void encode_created(const directory::Stamp& stamp, std::string_view resource_owner, zitadel::v1::ObjectDetails& out) {
    out.set_sequence(static_cast<std::uint64_t>(stamp.sequence));
    encode(stamp.created, *out.mutable_creation_date());
    out.set_resource_owner(std::string(resource_owner));
}

void encode_changed(const directory::Change& change, zitadel::v1::ObjectDetails& out) {
    out.set_sequence(static_cast<std::uint64_t>(change.sequence));
    encode(change.at, *out.mutable_change_date());
    out.set_resource_owner(change.resource_owner);
}

void encode(const directory::Stamp& stamp, std::string_view resource_owner, zitadel::v1::ObjectDetails& out) {
    out.set_sequence(static_cast<std::uint64_t>(stamp.sequence));
    encode(stamp.created, *out.mutable_creation_date());
    encode(stamp.changed, *out.mutable_change_date());
    out.set_resource_owner(std::string(resource_owner));
}

void encode(const directory::Change& change, zitadel::object::v2::Details& out) {
    out.set_sequence(static_cast<std::uint64_t>(change.sequence));
    encode(change.at, *out.mutable_change_date());
    out.set_resource_owner(change.resource_owner);
}

void encode(const directory::Stamp& stamp, std::string_view resource_owner, zitadel::object::v2::Details& out) {
    out.set_sequence(static_cast<std::uint64_t>(stamp.sequence));
    encode(stamp.created, *out.mutable_creation_date());
    encode(stamp.changed, *out.mutable_change_date());
    out.set_resource_owner(std::string(resource_owner));
}

store::Page decode(const zitadel::v1::ListQuery& in) { return page_of(in); }
store::Page decode(const zitadel::object::v2::ListQuery& in) { return page_of(in); }

void encode_list(std::uint64_t total, const rpc::Call& call, zitadel::v1::ListDetails& out) {
    out.set_total_result(total);
    encode(received(call), *out.mutable_view_timestamp());
}

void encode_list(std::uint64_t total, const rpc::Call& call, zitadel::object::v2::ListDetails& out) {
    out.set_total_result(total);
    encode(received(call), *out.mutable_timestamp());
}

store::Editor editor_of(const rpc::Call& call, std::string_view service) {
    return {.user = call.caller.user, .service = std::string(service), .request_id = call.request ? call.request->id : std::string()};
}

}  // namespace godwit::api
