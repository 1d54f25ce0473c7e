// The texts of the sign-in pages, of an organization.
#pragma once

namespace godwit::rpc {
class Registry;
}
namespace godwit::text {
class Texts;
}

namespace godwit::api {

void register_management_login_texts(rpc::Registry& rpc, text::Texts& texts);

}  // namespace godwit::api
