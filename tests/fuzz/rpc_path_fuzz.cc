// Request targets: path templates, path variables and queries. The first line is the path, the rest the query.
#include <cstdint>
#include <string_view>

#include "transport/rpc/path_router.h"
#include "transport/rpc/query_decode.h"
#include "transport/rpc/validate.h"
#include "zitadel/management.pb.h"

namespace rpc = godwit::rpc;

namespace {

rpc::PathRouter make_router() {
    rpc::PathRouter router;
    std::size_t target = 0;
    for (const std::string_view path :
         {"/users/{id}", "/users/_is_unique", "/users/{user_id}/{action}", "/projects/{project_id}/roles/{role_key=**}"}) {
        router.add("GET", rpc::PathTemplate::parse(path).value(), target++);
    }
    return router;
}

template <class T>
void read_query(std::string_view query) {
    T message;
    if (rpc::decode_query(query, {}, message)) (void)rpc::validate(message);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto router = make_router();
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto line = text.find('\n');
    const auto query = line == std::string_view::npos ? std::string_view() : text.substr(line + 1);
    (void)rpc::PathTemplate::parse(text.substr(0, line));
    for (const auto& value : router.match("GET", text.substr(0, line)).values) {
        zitadel::management::v1::GetUserByIDRequest message;
        (void)rpc::set_path_variable(message, "id", value);
    }
    read_query<zitadel::management::v1::IsUserUniqueRequest>(query);
    read_query<zitadel::management::v1::ListUsersRequest>(query);
    read_query<zitadel::management::v1::AddMachineKeyRequest>(query);
    return 0;
}
