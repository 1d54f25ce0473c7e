// The texts of the sign-in pages, of the instance.
#pragma once

namespace godwit::rpc {
class Registry;
}
namespace godwit::text {
class Texts;
}

namespace godwit::api {

void register_admin_login_texts(rpc::Registry& rpc, text::Texts& texts);

}  // namespace godwit::api
