#include "transport/rpc/grpc.h"

#include <google/protobuf/any.pb.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "zitadel/message.pb.h"

namespace godwit::rpc::grpc {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

TEST(Grpc, KnowsItsContentTypes) {
    for (const std::string_view yes :
         {"application/grpc", "application/grpc+proto", "application/grpc;charset=utf-8", "Application/GRPC"}) {
        EXPECT_TRUE(is_content_type(yes)) << yes;
    }
    for (const std::string_view no :
         {"", "application/grpc-web", "application/grpc-web+proto", "application/grpc+json", "application/json"}) {
        EXPECT_FALSE(is_content_type(no)) << no;
    }
}

TEST(Grpc, TakesMethodPathsApart) {
    const auto path = parse_method_path("/zitadel.user.v2.UserService/GetUserByID");
    ASSERT_TRUE(path);
    EXPECT_EQ(path->service, "zitadel.user.v2.UserService");
    EXPECT_EQ(path->method, "GetUserByID");
    for (const std::string_view no : {"", "/", "/a.b", "/a.b/", "/v2/users", "a.b/c", "/a.b/c/d"})
        EXPECT_FALSE(parse_method_path(no)) << no;
}

TEST(Grpc, FramesAndReadsOneMessage) {
    const std::string body = frame_message("hello");
    EXPECT_EQ(body, "\0\0\0\0\5hello"s);
    EXPECT_EQ(read_frame(body, 5).value().payload, "hello");
    EXPECT_EQ(read_frame("\0\0\0\0\0"s, 5).value().payload, "");
    EXPECT_TRUE(read_frame("\1\0\0\0\5hello"s, 5).value().compressed);
    const std::pair<std::string, Code> bad[] = {
        {"", Code::invalid_argument},
        {"\0\0\0\0"s, Code::invalid_argument},
        {"\0\0\0\0\5hell"s, Code::invalid_argument},
        {"\0\0\0\0\5hello\0"s, Code::invalid_argument},
        {"\2\0\0\0\5hello"s, Code::invalid_argument},
        {"\0\0\0\0\6hello!"s, Code::resource_exhausted},
        {"\0\xff\xff\xff\xffx"s, Code::resource_exhausted},
    };
    for (const auto& [text, code] : bad) {
        const auto frame = read_frame(text, 5);
        ASSERT_FALSE(frame) << text;
        EXPECT_EQ(frame.error().code, code) << text;
    }
}

TEST(Grpc, TakesFramesOffAStream) {
    const std::string both = frame_message("one") + frame_message(std::string(2000, 'x'), Coding::gzip) + "\0\0"s;
    std::string_view rest = both;
    std::string storage;
    EXPECT_EQ(take_frame(rest, 5000).value()->payload, "one");
    const auto packed = take_frame(rest, 5000).value();
    ASSERT_TRUE(packed && packed->compressed);
    EXPECT_EQ(unpack(*packed, Coding::gzip, 2000, storage).value(), std::string(2000, 'x'));
    EXPECT_EQ(unpack(*packed, Coding::gzip, 1999, storage).error().code, Code::resource_exhausted);
    EXPECT_EQ(unpack(*packed, Coding::identity, 2000, storage).error().code, Code::invalid_argument);
    EXPECT_FALSE(take_frame(rest, 5000).value());
    EXPECT_EQ(rest.size(), 2u);
}

TEST(Grpc, ReadsTimeouts) {
    EXPECT_EQ(parse_timeout("100m"), 100ms);
    EXPECT_EQ(parse_timeout("1S"), 1s);
    EXPECT_EQ(parse_timeout("2M"), 2min);
    EXPECT_EQ(parse_timeout("3H"), 3h);
    EXPECT_EQ(parse_timeout("4u"), 4us);
    EXPECT_EQ(parse_timeout("5n"), 5ns);
    EXPECT_EQ(parse_timeout("99999999H"), std::chrono::hours(8760));
    for (const std::string_view bad : {"", "S", "1", "1s ", "-1S", "1.5S", "123456789S", "1x"}) EXPECT_FALSE(parse_timeout(bad)) << bad;
}

TEST(Grpc, SendsErrorsAsTrailersOnlyWithDetails) {
    const auto response = error_response({Code::not_found, "QUERY-Dfbg2", "Users 100% für immer weg"});
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers.get("content-type"), "application/grpc");
    EXPECT_EQ(response.headers.get("grpc-status"), "5");
    EXPECT_EQ(response.headers.get("grpc-message"), "Users 100%25 f%C3%BCr immer weg (QUERY-Dfbg2)");
    EXPECT_EQ(response.trailers.size(), 0u);
    EXPECT_EQ(std::get<std::string>(response.body), "");

    const auto status = base64_decode(response.headers.get("grpc-status-details-bin"), Base64::standard_unpadded);
    ASSERT_TRUE(status);
    // code 5, then the message, then one Any.
    EXPECT_EQ(status->substr(0, 3), "\x08\x05\x12");
    const std::size_t details = 4 + static_cast<unsigned char>((*status)[3]) + 2;
    google::protobuf::Any any;
    zitadel::v1::ErrorDetail detail;
    ASSERT_TRUE(any.ParseFromString(status->substr(details)));
    EXPECT_EQ(any.type_url(), "type.googleapis.com/zitadel.v1.ErrorDetail");
    ASSERT_TRUE(any.UnpackTo(&detail));
    EXPECT_EQ(detail.id(), "QUERY-Dfbg2");

    EXPECT_FALSE(error_response({Code::unimplemented, "", "x"}).headers.find("grpc-status-details-bin"));
    EXPECT_FALSE(response.headers.find("retry-after"));
}

TEST(Grpc, SaysWhenToTryAgain) {
    const auto response = error_response({Code::unavailable, "", "later"});
    EXPECT_EQ(response.headers.get("retry-after"), "1");
    const auto status = base64_decode(response.headers.get("grpc-status-details-bin"), Base64::standard_unpadded);
    ASSERT_TRUE(status);
    EXPECT_EQ(*status,
              "\x08\x0e"
              "\x12\x05later"
              "\x1a\x30\x0a\x28type.googleapis.com/google.rpc.RetryInfo\x12\x04\x0a\x02\x08\x01");
    const auto both = base64_decode(error_response({Code::unavailable, "STORE-full", "x"}).headers.get("grpc-status-details-bin"),
                                    Base64::standard_unpadded);
    ASSERT_TRUE(both);
    EXPECT_LT(both->find("zitadel.v1.ErrorDetail"), both->find("google.rpc.RetryInfo"));
}

}  // namespace
}  // namespace godwit::rpc::grpc
