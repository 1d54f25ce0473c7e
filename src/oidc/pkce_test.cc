#include "oidc/pkce.h"

#include <gtest/gtest.h>

namespace godwit::oidc {
namespace {

// RFC 7636, appendix B.
constexpr std::string_view kVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
constexpr std::string_view kChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

TEST(Pkce, FollowsAppendixB) {
    EXPECT_EQ(pkce::challenge_of(kVerifier), kChallenge);
    EXPECT_TRUE(pkce::is_challenge(kChallenge));
    EXPECT_TRUE(pkce::matches(kVerifier, kChallenge));
}

TEST(Pkce, RefusesEveryOtherVerifier) {
    EXPECT_FALSE(pkce::matches(std::string(kVerifier) + "A", kChallenge));
    EXPECT_FALSE(pkce::matches(kChallenge, kChallenge));  // "plain"
    EXPECT_FALSE(pkce::matches("", kChallenge));
    EXPECT_FALSE(pkce::matches("", ""));
}

TEST(Pkce, KnowsTheForms) {
    EXPECT_FALSE(pkce::is_verifier(std::string(42, 'a')));
    EXPECT_TRUE(pkce::is_verifier(std::string(43, 'a')));
    EXPECT_TRUE(pkce::is_verifier(std::string(128, '~')));
    EXPECT_FALSE(pkce::is_verifier(std::string(129, 'a')));
    EXPECT_FALSE(pkce::is_verifier(std::string(42, 'a') + "+"));
    EXPECT_FALSE(pkce::is_challenge(std::string(kChallenge.substr(1))));
    EXPECT_FALSE(pkce::is_challenge(std::string(kChallenge) + "="));
    EXPECT_FALSE(pkce::is_challenge(std::string(43, '*')));
}

}  // namespace
}  // namespace godwit::oidc
