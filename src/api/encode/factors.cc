#include "api/encode/factors.h"

#include "directory/user/links.h"
#include "zitadel/user.pb.h"
#include "zitadel/user/v2/user.pb.h"

namespace godwit::api {
namespace {

/// Both versions have members of the same names.
template <class Message>
void encode_factor(const user::Factor& in, Message& out) {
    switch (in.kind) {
        case user::Factor::Kind::totp:
            out.mutable_otp();
            break;
        case user::Factor::Kind::otp_sms:
            out.mutable_otp_sms();
            break;
        case user::Factor::Kind::otp_email:
            out.mutable_otp_email();
            break;
        case user::Factor::Kind::u2f:
            out.mutable_u2f()->set_id(in.id);
            out.mutable_u2f()->set_name(in.name);
    }
}

zitadel::user::v1::AuthFactorState v1_state(bool ready) {
    return ready ? zitadel::user::v1::AUTH_FACTOR_STATE_READY : zitadel::user::v1::AUTH_FACTOR_STATE_NOT_READY;
}
zitadel::user::v2::AuthFactorState v2_state(bool ready) {
    return ready ? zitadel::user::v2::AUTH_FACTOR_STATE_READY : zitadel::user::v2::AUTH_FACTOR_STATE_NOT_READY;
}

}  // namespace

void encode(const user::Factor& in, zitadel::user::v1::AuthFactor& out) {
    out.set_state(v1_state(in.ready));
    encode_factor(in, out);
}

void encode(const user::Factor& in, zitadel::user::v2::AuthFactor& out) {
    out.set_state(v2_state(in.ready));
    encode_factor(in, out);
}

void encode(const user::Passkey& in, zitadel::user::v1::WebAuthNToken& out) {
    out.set_id(in.id);
    out.set_name(in.name);
    out.set_state(v1_state(in.ready));
}

void encode(const user::Passkey& in, zitadel::user::v2::Passkey& out) {
    out.set_id(in.id);
    out.set_name(in.name);
    out.set_state(v2_state(in.ready));
}

}  // namespace godwit::api
