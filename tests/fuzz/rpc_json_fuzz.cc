// JSON bodies: whatever is taken must have a JSON form that is taken again and means the same. The first byte says the message's
// type: 'a' and on for JSON; 'A' and on for the binary form of the same, as gRPC brings it, which must survive its way through JSON.
#include <google/protobuf/message.h>
#include <google/protobuf/util/message_differencer.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "transport/rpc/json_decode.h"
#include "transport/rpc/json_encode.h"
#include "transport/rpc/validate.h"
#include "zitadel/admin.pb.h"
#include "zitadel/management.pb.h"
#include "zitadel/oidc/v2/oidc_service.pb.h"
#include "zitadel/session/v2/session_service.pb.h"
#include "zitadel/user/v2/user_service.pb.h"

namespace {

namespace pb = google::protobuf;
namespace mgmt = zitadel::management::v1;

/// Chosen for what is in them: nesting, recursion, lists, maps, bytes, oneofs, enums, durations, times, free JSON.
const std::array<const pb::Message*, 12>& types() {
    static const std::array<const pb::Message*, 12> all = {
        &mgmt::ImportHumanUserRequest::default_instance(),
        &mgmt::ListUsersRequest::default_instance(),
        &zitadel::session::v2::CreateSessionRequest::default_instance(),
        &zitadel::admin::v1::ImportDataRequest::default_instance(),
        &zitadel::user::v2::AddHumanUserRequest::default_instance(),
        &mgmt::AddOIDCAppRequest::default_instance(),
        &mgmt::UpdateOIDCAppConfigRequest::default_instance(),
        &mgmt::AddGenericOIDCProviderRequest::default_instance(),
        &zitadel::session::v2::ListSessionsRequest::default_instance(),
        &zitadel::session::v2::SetSessionRequest::default_instance(),
        &zitadel::oidc::v2::CreateCallbackRequest::default_instance(),
        &mgmt::AddMachineKeyRequest::default_instance(),
    };
    return all;
}

bool same(const pb::Message& a, const pb::Message& b) {
    pb::util::MessageDifferencer differencer;
    pb::util::DefaultFieldComparator numbers;
    numbers.set_treat_nan_as_equal(true);
    differencer.set_field_comparator(&numbers);
    differencer.set_message_field_comparison(pb::util::MessageDifferencer::EQUIVALENT);
    return differencer.Compare(a, b);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const bool binary = data[0] < 'a';
    const pb::Message& type = *types()[(data[0] - (binary ? 'A' : 'a')) % types().size()];
    const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);

    const std::unique_ptr<pb::Message> first(type.New()), second(type.New()), third(type.New());
    if (binary) {
        if (!first->ParseFromArray(body.data(), static_cast<int>(body.size()))) return 0;
    } else if (!godwit::rpc::decode_json(body, *first)) {
        return 0;
    }
    (void)godwit::rpc::validate(*first);
    const auto text = godwit::rpc::encode_json(*first);
    if (!text) return 0;  // a time or a duration that has no JSON form
    const bool taken = godwit::rpc::decode_json(*text, *second).has_value();
    if (binary) {
        // Numbers of an enum that no name stands for have a JSON form that says less.
        if (!taken) return 0;
        const auto again = godwit::rpc::encode_json(*second);
        if (!again || !godwit::rpc::decode_json(*again, *third) || !same(*second, *third)) std::abort();
    } else if (!taken || !same(*first, *second)) {
        std::abort();
    }
    return 0;
}
