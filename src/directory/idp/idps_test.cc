#include "directory/idp/idps.h"

#include "directory/idp/login_policy.h"
#include "directory/instance/instances.h"
#include "directory/key/sealers.h"
#include "directory/settings/settings.h"
#include "godwit/settings/v1/settings.pb.h"
#include "store/store_test_fixture.h"

namespace godwit::idp {
namespace {

using store::Database;

class IdpsTest : public store::StoreTest {
protected:
    void SetUp() override {
        instance::Instances instances(store(), {});
        ASSERT_TRUE(store().write(Database::directory, [&](store::Writer& db) -> Result<void> {
            TRY(instances.create(db, {}, {.name = "I", .primary_host = "localhost"}));
            TRY(sealers_.create(db, scope()));
            return {};
        }));
    }
    OrgScope org(std::int64_t key) const { return {scope(), OrgId(key)}; }
    OrgScope instance() const { return org(0); }
    static NewIdp wanted(std::string name, std::optional<std::string> id = {}) {
        return {.name = std::move(name),
                .id = std::move(id),
                .options = {.linking_allowed = true, .creation_allowed = true, .auto_linking = AutoLinking::email},
                .config = "\x2a\x00",
                .secret = Secret("s3cret")};
    }

    key::Sealers sealers_{store(), *crypto::MasterKey::from_bytes(Secret(std::string(32, 'm')))};
    Idps idps_{store(), sealers_};
    settings::Settings settings_{store()};
    LoginPolicyIdps offered_{store(), settings_};
};
GODWIT_ON_BOTH_ENGINES(IdpsTest);

TEST_P(IdpsTest, KeepsConfigurationAndSealsTheSecret) {
    const auto made = idps_.create(org(7), {}, wanted("Corp", "corp-idp"));
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->id, "corp-idp");
    const auto found = *idps_.find(org(7), "corp-idp");
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->options.linking_allowed);
    EXPECT_FALSE(found->options.auto_creation);
    EXPECT_EQ(found->options.auto_linking, AutoLinking::email);
    EXPECT_EQ(found->config, wanted("").config);
    EXPECT_EQ(idps_.secret(scope(), found->key)->reveal(), "s3cret");
    std::string stored;
    ASSERT_TRUE(store().read(Database::directory, [&](store::Reader& db) {
        return db.query(scope(), "SELECT secret FROM idps WHERE instance_no = ?1", {},
                        [&](const store::Row& row) { stored = row.blob(0); });
    }));
    EXPECT_EQ(stored.find("s3cret"), std::string::npos);
    EXPECT_EQ(idps_.create(org(7), {}, wanted("Other", "corp-idp")).error().id, "Org-1J8fs");
}

TEST_P(IdpsTest, OrganizationsSeeTheirOwnAndTheInstances) {
    const auto own = idps_.create(org(7), {}, wanted("Own"));
    const auto shared = idps_.create(instance(), {}, wanted("Shared"));
    ASSERT_TRUE(own && shared);
    EXPECT_TRUE(*idps_.find(org(7), own->id));
    EXPECT_TRUE(*idps_.find(org(7), shared->id));
    EXPECT_FALSE(*idps_.find(org(8), own->id));
    EXPECT_TRUE(*idps_.find(org(8), shared->id));
    EXPECT_EQ(idps_.list(org(7), {}, {})->total, 2U);
    EXPECT_EQ(idps_.list(org(8), {}, {})->total, 1U);
    EXPECT_EQ(idps_.list(org(7), {.names = {{"OWN", store::TextMethod::equals_ignore_case}}}, {})->total, 1U);
    EXPECT_EQ(idps_.list(org(7), {.instance_owned = true}, {})->total, 1U);
}

TEST_P(IdpsTest, OnlyTheOwnerChangesIt) {
    const auto shared = idps_.create(instance(), {}, wanted("Shared"));
    ASSERT_TRUE(shared);
    auto change = wanted("New name");
    change.secret = Secret();
    EXPECT_EQ(idps_.update(org(7), {}, shared->id, change).error().code, Code::not_found);
    EXPECT_EQ(idps_.remove(org(7), {}, shared->id).error().code, Code::not_found);
    auto another_kind = change;
    another_kind.type = Type::google;
    EXPECT_EQ(idps_.update(instance(), {}, shared->id, another_kind).error().id, "INST-D3r1s");
    ASSERT_TRUE(idps_.update(instance(), {}, shared->id, change));
    EXPECT_EQ(idps_.find(instance(), shared->id)->value().name, "New name");
    EXPECT_EQ(idps_.secret(scope(), shared->key)->reveal(), "s3cret") << "an empty secret keeps the old one";
    ASSERT_TRUE(idps_.remove(instance(), {}, shared->id));
    EXPECT_FALSE(*idps_.find(instance(), shared->id));
}

TEST_P(IdpsTest, ALoginPolicyOffersWhatItsLevelMayUse) {
    const auto own = idps_.create(org(7), {}, wanted("Own"));
    const auto foreign = idps_.create(org(8), {}, wanted("Foreign"));
    const auto shared = idps_.create(instance(), {}, wanted("Shared"));
    ASSERT_TRUE(own && foreign && shared);
    const auto offered = [&](std::int64_t of) {
        std::vector<std::string> names;
        const auto found = offered_.list(org(of), {});
        for (const Idp& idp : found->rows) names.push_back(idp.name);
        return names;
    };
    EXPECT_EQ(offered_.add(org(7), {}, own->id, false).error().id, "Org-Ffgw2") << "no policy of its own";
    ASSERT_TRUE(offered_.add(instance(), {}, shared->id, true));
    EXPECT_EQ(offered(7), std::vector<std::string>{"Shared"}) << "the instance's policy holds";

    settings::v1::LoginPolicy policy;
    policy.set_allow_username_password(true);
    ASSERT_TRUE(settings_.set(org(7), {}, policy));
    ASSERT_TRUE(offered_.add(org(7), {}, own->id, false));
    ASSERT_TRUE(offered_.add(org(7), {}, shared->id, true));
    EXPECT_EQ(offered(7), (std::vector<std::string>{"Own", "Shared"}));
    EXPECT_EQ(offered_.add(org(7), {}, own->id, false).error().id, "Org-2B0ps");
    EXPECT_EQ(offered_.add(org(7), {}, own->id, true).error().id, "COMMAND-39nfs") << "it is not the instance's";
    EXPECT_EQ(offered_.add(org(7), {}, foreign->id, false).error().id, "COMMAND-39nfs");
    EXPECT_EQ(offered_.remove(org(7), {}, foreign->id).error().id, "Org-6k9dR");

    ASSERT_TRUE(idps_.remove(org(7), {}, own->id));
    EXPECT_EQ(offered(7), std::vector<std::string>{"Shared"}) << "what is gone is passed over";
    ASSERT_TRUE(offered_.remove(org(7), {}, shared->id));
    EXPECT_TRUE(offered(7).empty());
    EXPECT_TRUE(settings_.get<settings::v1::LoginPolicy>(org(7))->value.allow_username_password()) << "the rest of the policy stays";
}

}  // namespace
}  // namespace godwit::idp
