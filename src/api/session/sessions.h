#pragma once

#include "transport/rpc/registry.h"

namespace godwit::instance {
class Instances;
}
namespace godwit::session {
class Sessions;
}
namespace godwit::signin {
class PasswordCheck;
class TotpCheck;
}  // namespace godwit::signin
namespace godwit::user {
class Users;
}

namespace godwit::api {

/// SessionService v2.
void register_sessions(rpc::Registry& rpc, session::Sessions& sessions, user::Users& users, signin::PasswordCheck& passwords,
                       signin::TotpCheck& totp, const instance::Instances& instances, rpc::Permissions& permissions);

}  // namespace godwit::api
