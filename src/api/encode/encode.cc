#include "api/encode/encode.h"

#include <chrono>

#include "zitadel/object.pb.h"

namespace godwit::api {

store::Editor editor_of(const rpc::Call& call, std::string_view service) {
    return {.user = call.caller.user, .service = std::string(service), .request_id = call.request ? call.request->id : std::string()};
}

void encode_time(Time time, google::protobuf::Timestamp& message) {
    // Floor division: times before 1970 have positive nanos too.
    std::int64_t seconds = time.micros / 1'000'000;
    std::int64_t micros = time.micros % 1'000'000;
    if (micros < 0) {
        micros += 1'000'000;
        --seconds;
    }
    message.set_seconds(seconds);
    message.set_nanos(static_cast<std::int32_t>(micros * 1'000));
}

Time decode_time(const google::protobuf::Timestamp& message) { return {message.seconds() * 1'000'000 + message.nanos() / 1'000}; }

void encode_added(const directory::Change& change, zitadel::v1::ObjectDetails& message) {
    message.set_sequence(static_cast<std::uint64_t>(change.sequence));
    encode_time(change.at, *message.mutable_creation_date());
    message.set_resource_owner(change.resource_owner);
}

void encode_changed(const directory::Change& change, zitadel::v1::ObjectDetails& message) {
    message.set_sequence(static_cast<std::uint64_t>(change.sequence));
    encode_time(change.at, *message.mutable_change_date());
    message.set_resource_owner(change.resource_owner);
}

void encode_added(const directory::Stamp& stamp, std::string_view resource_owner, zitadel::v1::ObjectDetails& message) {
    message.set_sequence(static_cast<std::uint64_t>(stamp.sequence));
    encode_time(stamp.created, *message.mutable_creation_date());
    message.set_resource_owner(std::string(resource_owner));
}

void encode_details(const directory::Stamp& stamp, std::string_view resource_owner, zitadel::v1::ObjectDetails& message) {
    encode_added(stamp, resource_owner, message);
    encode_time(stamp.changed, *message.mutable_change_date());
}

store::Page decode_page(const zitadel::v1::ListQuery& message) {
    return {.offset = message.offset(), .limit = message.limit(), .ascending = message.asc()};
}

void encode_list(std::uint64_t total, const rpc::Call& call, zitadel::v1::ListDetails& message) {
    message.set_total_result(total);
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(call.received.time_since_epoch()).count();
    encode_time(Time{micros}, *message.mutable_view_timestamp());
}

}  // namespace godwit::api
