#include "directory/org/orgs.h"

#include "directory/instance/instances.h"
#include "directory/settings/settings.h"
#include "godwit/settings/v1/settings.pb.h"
#include "store/store_test_fixture.h"

namespace godwit::org {
namespace {

using store::Database;

TEST(GeneratedDomain, IsTheSlugOfTheName) {
    struct Row {
        std::string name;
        std::string expected;  // "": refused
    };
    const Row rows[] = {
        {"ZITADEL", "zitadel.localhost"},
        {"o4 renamed 252607", "o4-renamed-252607.localhost"},
        {"Acme & Sons", "acme--sons.localhost"},
        {"M\xc3\xbcller AG", "mller-ag.localhost"},
        {" x ", "x.localhost"},
        {"-a-", "a.localhost"},
        {"  ", ""},
        {"", ""},
        {"---", "-.localhost"},
        {"\xe6\xa0\xaa\xe5\xbc\x8f", ""},
        {std::string(100, 'a'), std::string(63, 'a') + ".localhost"},
    };
    for (const auto& row : rows) {
        const auto domain = generated_domain(row.name, "localhost");
        if (row.expected.empty()) {
            EXPECT_EQ(domain.error().id, "ORG-RrfXY") << row.name;
        } else {
            ASSERT_TRUE(domain) << row.name;
            EXPECT_EQ(*domain, row.expected);
        }
    }
    EXPECT_EQ(generated_domain(std::string(100, 'a'), std::string(220, 'b'))->size(), 253U);
}

class OrgsTest : public store::StoreTest {
protected:
    void SetUp() override {
        ASSERT_TRUE(store().write(Database::directory, [&](store::Writer& db) {
            return instances_.create(db, {}, {.name = "I", .primary_host = "localhost", .other_hosts = {}});
        }));
    }
    Result<Org> create(std::string name, std::optional<std::string> id = {}) {
        return orgs_.create(scope(), {}, {.name = std::move(name), .id = std::move(id)});
    }
    OrgScope of(const Org& org) const { return {scope(), org.key}; }
    std::vector<std::string> verified(const Org& org) {
        return *store().read(Database::directory, [&](store::Reader& db) { return verified_domains(db, of(org)); });
    }
    std::vector<std::string> events() {
        std::vector<std::string> types;
        (void)store().read(Database::directory, [&](store::Reader& db) {
            return db.query(scope(), "SELECT type FROM events WHERE instance_no = ?1 AND agg_kind = 'org' ORDER BY tx, pos", {},
                            [&](const store::Row& row) { types.emplace_back(row.text(0)); });
        });
        return types;
    }

    instance::Instances instances_{store(), {}};
    settings::Settings settings_{store()};
    Orgs orgs_{store(), instances_};
};
GODWIT_ON_BOTH_ENGINES(OrgsTest);

TEST_P(OrgsTest, CreatesWithItsDomain) {
    const auto org = create("Acme Inc");
    ASSERT_TRUE(org) << org.error().message;
    EXPECT_EQ(org->primary_domain, "acme-inc.localhost");
    EXPECT_EQ(org->stamp.sequence, 1);
    const auto read = orgs_.get(of(*org));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->id, org->id);
    EXPECT_EQ(read->name, "Acme Inc");
    EXPECT_EQ(verified(*org), (std::vector<std::string>{"acme-inc.localhost"}));
    EXPECT_EQ(orgs_.find_by_domain(scope(), "ACME-inc.localhost")->value().id, org->id);
    EXPECT_EQ(events(), (std::vector<std::string>{"org.added", "org.domain.added", "org.domain.verified", "org.domain.primary.set"}));
}

TEST_P(OrgsTest, NamesIdsAndDomainsAreTakenOnce) {
    ASSERT_TRUE(create("Acme", "acme-1"));
    EXPECT_EQ(create("ACME").error().id, "V3-DKcYh");
    EXPECT_EQ(create("Other", "acme-1").error().id, "ORG-lapo2n");
    EXPECT_EQ(create("Other", "ACME-1").error().id, "V3-DKcYh") << "differs by case only";
    EXPECT_EQ(create("Acme.").error().id, "V3-DKcYh") << "has the same domain";
    EXPECT_EQ(create("Bad", "4611686018427387904").error().id, "ID-Rsv01");
    EXPECT_EQ(create("  ").error().id, "ORG-RrfXY");
    EXPECT_EQ(orgs_.list(scope(), {}, {})->total, 1U) << "what was refused left nothing behind";
    EXPECT_FALSE(*orgs_.is_unique(scope(), "aCME", ""));
    EXPECT_FALSE(*orgs_.is_unique(scope(), "", "acme.localhost"));
    EXPECT_TRUE(*orgs_.is_unique(scope(), "free", "free.example.com"));
    EXPECT_EQ(orgs_.find(scope(), "acme-1")->value().name, "Acme");
    EXPECT_FALSE(*orgs_.find(scope(), "nope"));
}

TEST_P(OrgsTest, TheGeneratedDomainFollowsTheName) {
    const auto org = create("Old");
    ASSERT_TRUE(org);
    ASSERT_TRUE(orgs_.add_domain(of(*org), {}, "Example.com"));
    const auto change = orgs_.rename(of(*org), {}, "New Name");
    ASSERT_TRUE(change);
    EXPECT_EQ(change->sequence, 3);
    EXPECT_EQ(change->resource_owner, org->id);
    EXPECT_EQ(orgs_.get(of(*org))->primary_domain, "new-name.localhost");
    EXPECT_EQ(verified(*org), (std::vector<std::string>{"new-name.localhost", "example.com"}));
    EXPECT_EQ(orgs_.rename(of(*org), {}, "New Name").error().id, "ORG-4VSdf");
    ASSERT_TRUE(create("Third"));
    EXPECT_EQ(orgs_.rename(of(*org), {}, "third").error().id, "V3-DKcYh");
    EXPECT_EQ(orgs_.get(of(*org))->name, "New Name");
}

TEST_P(OrgsTest, DeactivatesOnce) {
    const auto org = create("A");
    ASSERT_TRUE(org);
    ASSERT_TRUE(orgs_.deactivate(of(*org), {}));
    EXPECT_EQ(orgs_.get(of(*org))->state, State::inactive);
    EXPECT_EQ(orgs_.deactivate(of(*org), {}).error().id, "EVENT-Dbs2g");
    ASSERT_TRUE(orgs_.reactivate(of(*org), {}));
    EXPECT_EQ(orgs_.reactivate(of(*org), {}).error().code, Code::failed_precondition);
}

TEST_P(OrgsTest, KeepsDomains) {
    const auto a = create("A");
    const auto b = create("B");
    ASSERT_TRUE(a && b);
    ASSERT_TRUE(orgs_.add_domain(of(*a), {}, "Example.COM."));
    EXPECT_EQ(orgs_.add_domain(of(*a), {}, "example.com").error().id, "V2-e1wse");
    EXPECT_EQ(orgs_.add_domain(of(*b), {}, "example.com").error().id, "V3-DKcYh");
    EXPECT_EQ(orgs_.remove_domain(of(*a), {}, "a.localhost").error().id, "ORG-Sjdi3");
    const auto listed = orgs_.domains(of(*a), {}, {});
    ASSERT_EQ(listed->rows.size(), 2U);
    EXPECT_EQ(listed->rows[0].name, "example.com") << "the newest comes first, not the primary one";
    EXPECT_TRUE(listed->rows[1].primary);
    ASSERT_TRUE(orgs_.set_primary_domain(of(*a), {}, "example.com"));
    EXPECT_EQ(orgs_.get(of(*a))->primary_domain, "example.com");
    EXPECT_EQ(verified(*a), (std::vector<std::string>{"example.com", "a.localhost"}));
    ASSERT_TRUE(orgs_.remove_domain(of(*a), {}, "a.localhost"));
    EXPECT_EQ(orgs_.remove_domain(of(*a), {}, "a.localhost").error().id, "ORG-GDfA3");
    EXPECT_EQ(orgs_.domains(of(*a), {}, {})->total, 1U);
    const auto owner = store().read(Database::directory, [&](store::Reader& db) { return owner_of_domain(db, scope(), "EXAMPLE.com"); });
    EXPECT_EQ(owner->value(), a->key);
}

TEST_P(OrgsTest, UnverifiedDomainsMayBeClaimedByMany) {
    const auto a = create("A");
    const auto b = create("B");
    ASSERT_TRUE(a && b);
    settings::v1::DomainPolicy policy;
    policy.set_validate_org_domains(true);
    ASSERT_TRUE(settings_.set(OrgScope(scope(), OrgId{}), {}, policy));
    ASSERT_TRUE(orgs_.add_domain(of(*a), {}, "example.com"));
    ASSERT_TRUE(orgs_.add_domain(of(*b), {}, "example.com"));
    EXPECT_EQ(orgs_.set_primary_domain(of(*a), {}, "example.com").error().id, "ORG-Ggd32");
    EXPECT_FALSE(*orgs_.find_by_domain(scope(), "example.com"));
}

TEST_P(OrgsTest, ListsNewestFirstOrByName) {
    for (const char* name : {"beta", "Alpha", "gamma ray"}) ASSERT_TRUE(create(name));
    const auto names = [&](const Filter& filter, const store::Page& page) {
        std::vector<std::string> found;
        const auto listed = orgs_.list(scope(), filter, page);
        for (const auto& org : listed->rows) found.push_back(org.name);
        return found;
    };
    using Names = std::vector<std::string>;
    EXPECT_EQ(names({}, {}), (Names{"gamma ray", "Alpha", "beta"}));
    EXPECT_EQ(names({.sort_by_name = true}, {.ascending = true}), (Names{"Alpha", "beta", "gamma ray"}));
    EXPECT_EQ(names({.names = {{"RAY", store::TextMethod::ends_with_ignore_case}}}, {}), Names{"gamma ray"});
    EXPECT_EQ(names({.names = {{"alpha", store::TextMethod::equals}}}, {}), Names{});
    EXPECT_EQ(names({.states = {State::inactive}}, {}), Names{});
    EXPECT_EQ(names({}, {.offset = 1, .limit = 1}), Names{"Alpha"});
}

TEST_P(OrgsTest, AnotherInstanceSeesNothing) {
    const auto org = create("A", "a-1");
    ASSERT_TRUE(org);
    EXPECT_EQ(orgs_.get({other_scope(), org->key}).error().code, Code::not_found);
    EXPECT_FALSE(*orgs_.find(other_scope(), "a-1"));
    EXPECT_EQ(orgs_.rename({other_scope(), org->key}, {}, "X").error().code, Code::not_found);
}

}  // namespace
}  // namespace godwit::org
