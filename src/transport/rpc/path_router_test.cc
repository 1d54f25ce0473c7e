#include "transport/rpc/path_router.h"

#include <gtest/gtest.h>

namespace godwit::rpc {
namespace {

using Kind = PathRouter::Match::Kind;

PathRouter make_router() {
    PathRouter router;
    std::size_t target = 0;
    for (const auto& [method, path] : std::vector<std::pair<std::string, std::string>>{
             {"GET", "/users/{id}"},                                    // 0
             {"GET", "/users/_is_unique"},                              // 1
             {"POST", "/users/human/_import"},                          // 2
             {"POST", "/users/{user_id}/{action}"},                     // 3
             {"DELETE", "/projects/{project_id}/roles/{role_key=**}"},  // 4
             {"GET", "/orgs/me"},                                       // 5
         }) {
        EXPECT_TRUE(router.add(method, PathTemplate::parse(path).value(), target++)) << path;
    }
    return router;
}

TEST(PathRouter, FindsTheMethodAndItsVariables) {
    struct Row {
        std::string method, path;
        Kind kind;
        std::size_t target;
        std::vector<std::string> values;
    };
    const Row rows[] = {
        {"GET", "/users/42", Kind::found, 0, {"42"}},
        {"GET", "/users/", Kind::found, 0, {""}},
        {"GET", "/users/a%2Fb%20%C3%A9", Kind::found, 0, {"a/b é"}},
        {"GET", "/users/a+b", Kind::found, 0, {"a+b"}},
        {"GET", "/users/_is_unique", Kind::found, 1, {}},
        {"POST", "/users/human/_import", Kind::found, 2, {}},
        {"POST", "/users/human/_lock", Kind::found, 3, {"human", "_lock"}},
        {"DELETE", "/projects/1/roles/a/b%2Fc", Kind::found, 4, {"1", "a/b/c"}},
        {"DELETE", "/projects/1/roles/", Kind::none, 0, {}},
        {"PUT", "/users/human/_import", Kind::other_method, 0, {}},
        {"HEAD", "/orgs/me", Kind::other_method, 0, {}},
        {"GET", "/orgs/me/", Kind::none, 0, {}},
        {"GET", "/orgs", Kind::none, 0, {}},
        {"GET", "/", Kind::none, 0, {}},
        {"GET", "*", Kind::none, 0, {}},
        {"GET", "/users/%zz", Kind::malformed, 0, {}},
    };
    const auto router = make_router();
    for (const auto& row : rows) {
        const auto match = router.match(row.method, row.path);
        EXPECT_EQ(match.kind, row.kind) << row.method << " " << row.path;
        EXPECT_EQ(match.target, row.target) << row.method << " " << row.path;
        EXPECT_EQ(match.values, row.values) << row.method << " " << row.path;
    }
}

TEST(PathRouter, RefusesASecondTakerOfAPath) {
    auto router = make_router();
    EXPECT_FALSE(router.add("GET", PathTemplate::parse("/users/{other_name}").value(), 9));
    EXPECT_TRUE(router.add("PUT", PathTemplate::parse("/users/{other_name}").value(), 9));
}

TEST(PathTemplate, RefusesWhatTheContractDoesNotUse) {
    for (const std::string_view bad : {"users", "/users/{id", "/a/{b=**}/c", "/a/{b=c/*}", "/a:verb", "/a//b", "/*"}) {
        EXPECT_FALSE(PathTemplate::parse(bad)) << bad;
    }
}

}  // namespace
}  // namespace godwit::rpc
