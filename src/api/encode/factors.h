// Second factors and passkeys of people in the messages of v1 (management and auth) and v2.
#pragma once

namespace zitadel::user::v1 {
class AuthFactor;
class WebAuthNToken;
}  // namespace zitadel::user::v1
namespace zitadel::user::v2 {
class AuthFactor;
class Passkey;
}  // namespace zitadel::user::v2
namespace godwit::user {
struct Factor;
struct Passkey;
}  // namespace godwit::user

namespace godwit::api {

void encode(const user::Factor& in, zitadel::user::v1::AuthFactor& out);
void encode(const user::Passkey& in, zitadel::user::v1::WebAuthNToken& out);
void encode(const user::Factor& in, zitadel::user::v2::AuthFactor& out);
void encode(const user::Passkey& in, zitadel::user::v2::Passkey& out);

}  // namespace godwit::api
