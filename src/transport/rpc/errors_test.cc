#include "transport/rpc/errors.h"

#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include "transport/http/body_pipe.h"
#include "transport/rpc/grpc.h"
#include "transport/rpc/idempotency.h"
#include "zitadel/message.pb.h"

namespace godwit::rpc {
namespace {

std::string body_of(const Error& error) {
    const auto response = error_response(error);
    return std::get<std::string>(response.body);
}

TEST(Errors, TellTheirIdInADetail) {
    EXPECT_EQ(body_of({Code::not_found, "QUERY-Dfbg2", "No \"such\" user"}),
              R"json({"code":5,"message":"No \"such\" user (QUERY-Dfbg2)","details":[{)json"
              R"json("@type":"type.googleapis.com/zitadel.v1.ErrorDetail","id":"QUERY-Dfbg2","message":"No \"such\" user"}]})json");
    EXPECT_EQ(body_of({Code::not_found, "", "Not Found"}), R"json({"code":5,"message":"Not Found"})json");
    EXPECT_EQ(error_detail({Code::not_found, "", "Not Found"}), nullptr);
}

TEST(Errors, OfARefusedCredentialTellHowOftenItFailed) {
    const Error wrong{Code::invalid_argument, "COMMAND-3M0fs", "Password is invalid", 3};
    EXPECT_EQ(
        body_of(wrong),
        R"json({"code":3,"message":"Password is invalid (COMMAND-3M0fs)","details":[{)json"
        R"json("@type":"type.googleapis.com/zitadel.v1.CredentialsCheckError","id":"COMMAND-3M0fs","message":"Password is invalid",)json"
        R"json("failedAttempts":3}]})json");
    const auto detail = error_detail(wrong);
    ASSERT_NE(detail, nullptr);
    EXPECT_EQ(detail->GetDescriptor(), zitadel::v1::CredentialsCheckError::descriptor());
}

TEST(Errors, SayWhetherTheCallMayBeTriedAgain) {
    const struct {
        Error error;
        bool again;
    } rows[] = {
        {{Code::unavailable, "STORE-full", "x"}, true},
        {{Code::unavailable, "", "x"}, true},
        {{Code::resource_exhausted, "LIMIT-Acc01", "x"}, true},
        {{Code::aborted, std::string(kStillRunning), "x"}, true},
        {{Code::resource_exhausted, "", "received message larger than max"}, false},
        {{Code::resource_exhausted, std::string(http::kBodyError), "the body is too long"}, false},
        {{Code::deadline_exceeded, "", "x"}, false},
        {{Code::aborted, "X", "x"}, false},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(retry_after(row.error).has_value(), row.again) << row.error.id << row.error.message;
        EXPECT_EQ(error_response(row.error).headers.get("retry-after"), row.again ? "1" : "") << row.error.id << row.error.message;
    }
}

TEST(Errors, WithoutUtf8KeepTheirBody) { EXPECT_EQ(body_of({Code::internal, "X-1", "\xff"}), "{\"code\":13,\"message\":\"\xff (X-1)\"}"); }

}  // namespace
}  // namespace godwit::rpc
