#include <algorithm>
#include <set>

#include "base/unicode.h"
#include "directory/user/user_test_fixture.h"

namespace godwit::user {
namespace {

using Field = Query::Field;
using Op = Query::Op;
using store::TextMethod;

class SearchTest : public UserStoreTest {
protected:
    void SetUp() override {
        UserStoreTest::SetUp();
        person("alice", "Alice", "Ärmel", State::active);
        person("Bob", "Bob", "Test", State::initial);
        person("carol", "Carol", "test", State::locked);
        add(machine("robot"));
        add(human("dora"), other());
    }
    void person(std::string name, std::string first, std::string last, State state) {
        NewUser user = with_password(human(std::move(name)));
        auto& as = std::get<NewHuman>(user.as);
        as.profile.first_name = std::move(first);
        as.profile.last_name = std::move(last);
        user.state = state;
        add(user);
    }
    std::string names(const Query& query, SortBy sort = SortBy::user_name, store::Page page = {.ascending = true}) {
        const auto found = users_.search(scope(), acme_, query, sort, page);
        if (!found) return found.error().id + " " + found.error().message;
        total_ = found->total;
        std::string out;
        for (const User& user : found->rows) out += (out.empty() ? "" : " ") + user.name;
        return out;
    }
    static Query text(Field field, std::string what, TextMethod method) { return Query::text_is(field, std::move(what), method); }
    std::uint64_t total_ = 0;
};
GODWIT_ON_BOTH_ENGINES(SearchTest);

TEST_P(SearchTest, EveryTextMethod) {
    struct Row {
        Field field;
        std::string text;
        TextMethod method;
        std::string names;
    };
    const Row rows[] = {
        {Field::user_name, "Bob", TextMethod::equals, "Bob"},
        {Field::user_name, "bob", TextMethod::equals, ""},
        {Field::user_name, "BOB", TextMethod::equals_ignore_case, "Bob"},
        {Field::user_name, "ca", TextMethod::starts_with, "carol"},
        {Field::user_name, "b", TextMethod::starts_with, ""},
        {Field::user_name, "b", TextMethod::starts_with_ignore_case, "Bob"},
        {Field::user_name, "o", TextMethod::contains, "Bob carol robot"},
        {Field::user_name, "OB", TextMethod::contains_ignore_case, "Bob robot"},
        {Field::user_name, "l", TextMethod::ends_with, "carol"},
        {Field::user_name, "OT", TextMethod::ends_with_ignore_case, "robot"},
        {Field::user_name, "longer than any name is", TextMethod::ends_with, ""},
        {Field::user_name, "%", TextMethod::contains, ""},
        {Field::user_name, "_", TextMethod::starts_with, ""},
        {Field::first_name, "AL", TextMethod::starts_with_ignore_case, "alice"},
        {Field::nick_name, "", TextMethod::equals, "alice Bob carol"},
        {Field::nick_name, "al", TextMethod::starts_with_ignore_case, ""},
        {Field::last_name, "test", TextMethod::equals, "carol"},
        {Field::last_name, "te", TextMethod::starts_with, "carol"},
        {Field::display_name, "CAROL T", TextMethod::starts_with_ignore_case, "carol"},
        {Field::email, "bob@", TextMethod::starts_with_ignore_case, "Bob"},
        {Field::email, "bob@", TextMethod::starts_with, ""},
        {Field::email, "Bob@", TextMethod::starts_with, "Bob"},
        {Field::login_name, "Alice", TextMethod::equals, ""},
        {Field::login_name, "b", TextMethod::starts_with_ignore_case, "Bob"},
        {Field::last_name, "TEST", TextMethod::equals_ignore_case, "Bob carol"},
        {Field::last_name, "ärm", TextMethod::starts_with_ignore_case, "alice"},
        {Field::last_name, "RMEL", TextMethod::ends_with_ignore_case, "alice"},
        {Field::display_name, "Carol test", TextMethod::equals, "carol"},
        {Field::display_name, "M", TextMethod::equals, ""},  // a machine's name is no display name
        {Field::email, "Bob@example.com", TextMethod::equals, "Bob"},
        {Field::email, "bob@EXAMPLE.com", TextMethod::equals, ""},
        {Field::email, "bob@EXAMPLE.com", TextMethod::equals_ignore_case, "Bob"},
        {Field::email, "@example.com", TextMethod::ends_with, "alice Bob carol"},
        {Field::login_name, "alice", TextMethod::equals, "alice"},
        {Field::login_name, "ALI", TextMethod::starts_with_ignore_case, "alice"},
    };
    for (const Row& row : rows)
        EXPECT_EQ(names(text(row.field, row.text, row.method)), row.names)
            << static_cast<int>(row.field) << " " << row.text << " " << static_cast<int>(row.method);
}

TEST_P(SearchTest, StatesKindsIdsAndTrees) {
    EXPECT_EQ(names(Query::state_is(State::locked)), "carol");
    EXPECT_EQ(names(Query::kind_is(Kind::machine)), "robot");
    EXPECT_EQ(names(Query::email_in({"ALICE@example.com", "carol@example.com", "nobody@example.com"})), "alice carol");
    const std::string alice = (*users_.find_by_login_name(scope(), "alice"))->public_id;
    EXPECT_EQ(names(Query::id_in({alice, "nope", "'; DROP TABLE users"})), "alice");
    EXPECT_EQ(names(Query::id_in({})), "");
    EXPECT_EQ(names(Query::combine(Op::any, {})), "");
    EXPECT_EQ(names(Query::combine(Op::all, {})), "alice Bob carol robot");
    const Query bob = text(Field::user_name, "bob", TextMethod::equals_ignore_case);
    const Query tests = text(Field::last_name, "TEST", TextMethod::equals_ignore_case);
    EXPECT_EQ(names(Query::combine(Op::any, {bob, Query::kind_is(Kind::machine)})), "Bob robot");
    EXPECT_EQ(names(Query::combine(Op::all, {bob, Query::kind_is(Kind::machine)})), "");
    EXPECT_EQ(names(Query::combine(Op::none, {bob})), "alice carol robot");
    EXPECT_EQ(names(Query::combine(Op::none, {tests})), "alice robot");
    EXPECT_EQ(names(Query::combine(Op::none, {text(Field::email, "bob@example.com", TextMethod::equals_ignore_case)})),
              "alice carol robot");
    EXPECT_EQ(names(Query::combine(Op::all, {tests, Query::combine(Op::none, {bob})})), "carol");
    EXPECT_EQ(names(Query::combine(Op::any, {tests, Query::kind_is(Kind::machine)})), "Bob carol robot");
    EXPECT_EQ(names(Query::combine(Op::any, {tests, text(Field::login_name, "alice", TextMethod::equals)})), "alice Bob carol");
    Query deep = bob;
    for (int i = 0; i < 30; ++i) deep = Query::combine(Op::none, {deep});
    EXPECT_EQ(users_.search(scope(), acme_, deep, SortBy::unspecified, {}).error().id, "USER-Qry01");
}

TEST_P(SearchTest, PagesAndTotals) {
    const Query all = Query::combine(Op::all, {});
    EXPECT_EQ(names(all, SortBy::unspecified, {}), "robot carol Bob alice");  // newest first
    EXPECT_EQ(names(all, SortBy::user_name, {.offset = 1, .limit = 2, .ascending = true}), "Bob carol");
    EXPECT_EQ(total_, 4);
    EXPECT_EQ(names(all, SortBy::user_name, {.offset = 2, .limit = 2}), "Bob alice");
    EXPECT_EQ(names(all, SortBy::user_name, {.offset = 100, .limit = 2}), "");
    EXPECT_EQ(total_, 0) << "as the reference answers an empty page";
    EXPECT_EQ(names(text(Field::last_name, "T", TextMethod::starts_with_ignore_case), SortBy::user_name,
                    {.offset = 1, .limit = 1, .ascending = true}),
              "carol");
    EXPECT_EQ(total_, 2);
    EXPECT_EQ(users_.search(scope(), OrgId{}, all, SortBy::unspecified, {})->total, 5) << "the whole instance";
    EXPECT_EQ(users_.search(other_scope(), OrgId{}, all, SortBy::unspecified, {})->total, 0) << "another instance";
}

// Letters that change when what follows is composed with them must not be lost to the index.
TEST_P(SearchTest, APrefixThatHeedsCaseFindsWhatStartsWithIt) {
    person("zoe\u0301", "Zoe\u0301", "a\u0308b", State::active);
    EXPECT_EQ(names(text(Field::user_name, "zoe", TextMethod::starts_with)), "zoe\u0301");
    EXPECT_EQ(names(text(Field::first_name, "Zoe", TextMethod::starts_with)), "zoe\u0301");
    EXPECT_EQ(names(text(Field::last_name, "a", TextMethod::starts_with)), "zoe\u0301");
    EXPECT_EQ(names(text(Field::last_name, "\u00e4B", TextMethod::starts_with_ignore_case)), "zoe\u0301");
}

TEST_P(SearchTest, ABeginningOfAnAddressFindsWhoseNameItIsToo) {
    add(human("Bobby@example.com"));
    add(human("bobette@example.com"), other());
    EXPECT_EQ(names(text(Field::email, "bob", TextMethod::starts_with_ignore_case)), "Bob Bobby@example.com");
    EXPECT_EQ(names(text(Field::email, "Bobb", TextMethod::starts_with)), "Bobby@example.com");
    EXPECT_EQ(names(text(Field::email, "bobb", TextMethod::starts_with)), "");
    EXPECT_EQ(names(text(Field::email, "robot", TextMethod::starts_with_ignore_case)), "") << "a machine has none";
    EXPECT_EQ(names(Query::combine(Op::none, {text(Field::email, "bob", TextMethod::starts_with_ignore_case)})), "alice carol robot");
    EXPECT_EQ(
        users_.search(scope(), OrgId{}, text(Field::email, "bob", TextMethod::starts_with_ignore_case), SortBy::unspecified, {})->total, 3)
        << "the whole instance";
}

/// Twenty-five hundred people whose orders by name, first name and id differ.
class LongListTest : public SearchTest {
protected:
    static constexpr int kPeople = 2'500;
    void SetUp() override {
        UserStoreTest::SetUp();
        std::vector<NewUser> batch;
        for (int i = 0; i < kPeople; ++i) {
            const int shuffled = i * 1'001 % kPeople;
            NewUser user = with_password(human("n" + padded(shuffled)));
            std::get<NewHuman>(user.as).profile.first_name = "F" + padded(i * 7 % 10);
            std::get<NewHuman>(user.as).profile.last_name = shuffled % 2 ? "Odd" : "Even";
            batch.push_back(std::move(user));
        }
        ASSERT_TRUE(users_.create(acme(), batch, editor_));
    }
    static std::string padded(int number) {
        const std::string digits = std::to_string(number);
        return std::string(4 - digits.size(), '0') + digits;
    }
    /// All pages one after another.
    std::vector<std::string> walk(const Query& query, SortBy sort, bool ascending, OrgId org) {
        std::vector<std::string> out;
        for (std::uint64_t offset = 0;; offset += 300) {
            const auto page = users_.search(scope(), org, query, sort, {.offset = offset, .limit = 300, .ascending = ascending});
            if (!page || page->rows.empty()) return out;
            totals_.insert(page->total);
            for (const User& user : page->rows) out.push_back(user.name);
        }
    }
    std::set<std::uint64_t> totals_;
};
GODWIT_ON_BOTH_ENGINES(LongListTest);

TEST_P(LongListTest, PagesGiveEveryoneOnceInOrder) {
    const Query all = Query::combine(Op::all, {}), odd = text(Field::last_name, "o", TextMethod::starts_with_ignore_case);
    for (const OrgId org : {acme_, OrgId{}}) {
        for (const bool ascending : {true, false}) {
            for (const SortBy sort : {SortBy::user_name, SortBy::first_name, SortBy::display_name, SortBy::created, SortBy::unspecified}) {
                const auto everyone = walk(all, sort, ascending, org);
                EXPECT_EQ(everyone.size(), kPeople);
                EXPECT_EQ(std::set(everyone.begin(), everyone.end()).size(), kPeople);
                if (sort == SortBy::user_name) {
                    EXPECT_TRUE(ascending ? std::ranges::is_sorted(everyone) : std::ranges::is_sorted(everyone, std::greater()));
                }
                const auto some = walk(odd, sort, ascending, org);
                EXPECT_EQ(some.size(), kPeople / 2);
                std::vector<std::string> expected;
                std::ranges::copy_if(everyone, std::back_inserter(expected),
                                     [](const std::string& name) { return (name.back() - '0') % 2 == 1; });
                EXPECT_EQ(some, expected) << static_cast<int>(sort);
            }
        }
    }
    EXPECT_EQ(totals_, (std::set<std::uint64_t>{kPeople, kPeople / 2}));
}

TEST_P(LongListTest, APrefixOfTheOrderItselfGivesItsPagesInOrder) {
    for (const OrgId org : {acme_, OrgId{}}) {
        for (const bool ascending : {true, false}) {
            const auto everyone = walk(Query::combine(Op::all, {}), SortBy::user_name, ascending, org);
            for (const std::string prefix : {"n1", "n12", "N12"}) {
                std::vector<std::string> expected;
                std::ranges::copy_if(everyone, std::back_inserter(expected),
                                     [&](const std::string& name) { return name.starts_with(fold(prefix)); });
                totals_.clear();
                EXPECT_EQ(walk(text(Field::user_name, prefix, TextMethod::starts_with_ignore_case), SortBy::user_name, ascending, org),
                          expected);
                EXPECT_EQ(totals_, std::set<std::uint64_t>{expected.size()});
            }
        }
    }
}

TEST_P(LongListTest, AnOrganizationAmongTheConditionsNarrowsTheSearch) {
    const Query is_acme = Query::org_is(orgs_.get(acme())->id);
    EXPECT_EQ(users_.search(scope(), OrgId{}, is_acme, SortBy::user_name, {})->total, kPeople);
    EXPECT_EQ(
        users_.search(scope(), OrgId{}, Query::combine(Op::all, {is_acme, Query::kind_is(Kind::machine)}), SortBy::user_name, {})->total,
        0);
    EXPECT_EQ(users_.search(scope(), OrgId{}, Query::org_is("other-org"), SortBy::user_name, {})->total, 0);
    EXPECT_EQ(users_.search(scope(), OrgId{}, Query::org_is("nobody"), SortBy::user_name, {})->total, 0);
    EXPECT_EQ(users_.search(scope(), other().org(), is_acme, SortBy::user_name, {})->total, 0);
}

TEST_P(SearchTest, LoginNamesCarryTheDomainWhereThePolicySaysSo) {
    names_must_carry_the_domain(acme());
    add(human("alice"));
    EXPECT_EQ(names(text(Field::login_name, "alice@acme.localhost", TextMethod::equals)), "alice");
    EXPECT_EQ(total_, 1);
    EXPECT_EQ(names(text(Field::login_name, "ALICE@", TextMethod::starts_with_ignore_case)), "alice");
    EXPECT_EQ(names(text(Field::login_name, "@other.localhost", TextMethod::ends_with)), "");
}

TEST_P(SearchTest, UniqueUnlessOneUserHasBoth) {
    EXPECT_TRUE(*users_.is_unique(acme(), "free", "free@example.com"));
    EXPECT_FALSE(*users_.is_unique(acme(), "", ""));
    EXPECT_FALSE(*users_.is_unique(acme(), "ALICE", ""));
    EXPECT_TRUE(*users_.is_unique(acme(), "zzz", "alice@example.com"));
    EXPECT_FALSE(*users_.is_unique(acme(), "alice", "alice@example.com"));
}

}  // namespace
}  // namespace godwit::user
