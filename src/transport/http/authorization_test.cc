#include "transport/http/authorization.h"

#include <gtest/gtest.h>

namespace godwit::http {
namespace {

TEST(Authorization, ShowsATokenByOneOfTwoSchemes) {
    struct Row {
        std::string_view header, token;
        TokenScheme scheme;
    };
    for (const auto& [header, token, scheme] : {Row{"Bearer abc", "abc", TokenScheme::bearer},
                                                {"bearer  abc ", "abc", TokenScheme::bearer},
                                                {"DPoP abc", "abc", TokenScheme::dpop},
                                                {"dpop abc", "abc", TokenScheme::dpop},
                                                {"Bearer ", "", TokenScheme::bearer},
                                                {"Bearer", "", TokenScheme::none},
                                                {"Basic abc", "", TokenScheme::none},
                                                {"DPoPabc", "", TokenScheme::none},
                                                {"", "", TokenScheme::none}}) {
        EXPECT_EQ(shown_token(header).token, token) << header;
        EXPECT_EQ(shown_token(header).scheme, scheme) << header;
    }
}

TEST(Authorization, SaysWhatIsAskedForAndWhatWasWrong) {
    const std::string algs = R"(algs="ES256 ES384 EdDSA Ed25519 PS256 RS256")";
    EXPECT_EQ(challenge(TokenScheme::none), "Bearer, DPoP " + algs);
    EXPECT_EQ(challenge(TokenScheme::bearer, "invalid_token"), R"(Bearer error="invalid_token", DPoP )" + algs);
    EXPECT_EQ(challenge(TokenScheme::dpop, "use_dpop_nonce", "a \"new\" one"),
              R"(DPoP error="use_dpop_nonce", error_description="a 'new' one", )" + algs);
    EXPECT_EQ(challenge(TokenScheme::dpop), "DPoP " + algs);
}

}  // namespace
}  // namespace godwit::http
