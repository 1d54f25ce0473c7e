#include "transport/rpc/password_lane.h"

#include <gtest/gtest.h>

#include "transport/rpc/grpc.h"
#include "transport/rpc/method.h"
#include "zitadel/management.pb.h"

namespace godwit::rpc {
namespace {

using zitadel::management::v1::ImportHumanUserRequest;

TEST(PasswordLane, IsToldByAPlainPasswordInTheBody) {
    Method method = read_declaration("zitadel.management.v1.ManagementService/ImportHumanUser");
    method.options.lane = Lane::write;
    method.password_fields = {ImportHumanUserRequest::descriptor()->FindFieldByName("password")};
    ImportHumanUserRequest hashed, plain;
    hashed.set_user_name("ann");
    hashed.mutable_hashed_password()->set_value("$2a$10$...");
    plain = hashed;
    plain.set_password("Password1!");

    const struct {
        std::string_view type;
        std::string body;
        Lane lane;
    } rows[] = {
        {"application/json", R"({"userName":"ann","hashedPassword":{"value":"x"},"passwordChangeRequired":true})", Lane::write},
        {"application/json", R"({"userName":"ann","password":"Password1!"})", Lane::hash},
        {"", R"({"password" : "Password1!"})", Lane::hash},
        {"application/json", R"({"p\u0061ssword":"x"})", Lane::write},  // hashed where it runs
        {"application/json", "", Lane::write},
        {"application/grpc", grpc::frame_message(hashed.SerializeAsString()), Lane::write},
        {"application/grpc+proto", grpc::frame_message(plain.SerializeAsString()), Lane::hash},
        {"application/grpc", "", Lane::write},
        {"application/grpc", "\x00\x00\x00\x00\x05\xff\xff", Lane::write},
        {"application/proto", plain.SerializeAsString(), Lane::hash},
        {"application/proto", "\xff\xff\xff\xff\xff\xff", Lane::write},
    };
    for (const auto& row : rows) {
        http::Request request;
        if (!row.type.empty()) request.headers.set("content-type", row.type);
        request.body = row.body;
        EXPECT_EQ(lane_of_body(method, request), row.lane) << row.type << " " << row.body;
    }
}

}  // namespace
}  // namespace godwit::rpc
