#include "directory/instance/instances.h"
#include "directory/key/sealers.h"
#include "directory/key/signing_keys.h"
#include "store/store_test_fixture.h"

namespace godwit::key {
namespace {

using store::Database;

crypto::MasterKey master(char fill) { return *crypto::MasterKey::from_bytes(Secret(std::string(32, fill))); }

class KeysTest : public store::StoreTest {
protected:
    void SetUp() override {
        instance::Instances instances(store(), {});
        const auto made = store().write(Database::directory, [&](store::Writer& db) -> Result<void> {
            TRY(instances.create(db, {}, {.name = "I", .primary_host = "localhost"}));
            const auto sealer = TRY(sealers_.create(db, scope()));
            TRY(keys_.create(db, scope(), {}, *sealer, crypto::Algorithm::ES256, SigningKeys::make(crypto::Algorithm::ES256)));
            return {};
        });
        ASSERT_TRUE(made) << made.error().message;
    }

    Sealers sealers_{store(), master('m')};
    SigningKeys keys_{store(), sealers_};
};
GODWIT_ON_BOTH_ENGINES(KeysTest);

TEST_P(KeysTest, OpensWhatItSealedAfterARestart) {
    const crypto::Place place("users", 7, "totp");
    const auto sealed = (*sealers_.of(scope()))->seal(place, "secret");
    const Sealers again(store(), master('m'));
    EXPECT_EQ((*again.of(scope()))->open(place, sealed)->reveal(), "secret");
    EXPECT_FALSE((*again.of(scope()))->open(crypto::Place("users", 8, "totp"), sealed));
}

TEST_P(KeysTest, RotationKeepsOldValuesReadable) {
    const crypto::Place place("users", 7, "totp");
    const auto old = (*sealers_.of(scope()))->seal(place, "secret");
    ASSERT_TRUE(sealers_.rotate(scope()));
    const auto now = *sealers_.of(scope());
    EXPECT_EQ(now->open(place, old)->reveal(), "secret");
    EXPECT_EQ(now->key_numbers().size(), 2U);
    EXPECT_NE(now->seal(place, "secret").substr(0, 4), old.substr(0, 4)) << "sealed by the new key";
}

TEST_P(KeysTest, RefusesAnotherMasterKey) {
    const Sealers wrong(store(), master('x'));
    EXPECT_EQ(wrong.check_master_key().error().id, "KEY-Mst01");
    EXPECT_EQ(wrong.of(scope()).error().code, Code::failed_precondition);
    EXPECT_TRUE(sealers_.check_master_key());
    EXPECT_EQ(sealers_.of(other_scope()).error().id, "KEY-Dat01");
}

TEST_P(KeysTest, SignsWithTheActiveKeyAndPublishesAll) {
    const auto active = *keys_.active(scope());
    const auto signature = active->key.sign(active->algorithm, "message");
    ASSERT_TRUE(signature);
    const auto published = *keys_.published(scope());
    ASSERT_EQ(published->size(), 1U);
    EXPECT_EQ(published->front().kid, active->kid);
    EXPECT_TRUE(published->front().key.verify(active->algorithm, "message", *signature));
    EXPECT_EQ(keys_.active(other_scope()).error().id, "KEY-Sig01");
}

TEST_P(KeysTest, PublishesBeforeItUses) {
    const auto first = (*keys_.active(scope()))->kid;
    clock().advance(std::chrono::seconds(1));
    const auto next = keys_.publish(scope(), {}, crypto::Algorithm::EdDSA);
    ASSERT_TRUE(next) << next.error().message;
    EXPECT_EQ((*keys_.active(scope()))->kid, first);
    EXPECT_EQ((*keys_.published(scope()))->size(), 2U);

    ASSERT_TRUE(keys_.activate(scope(), {}, *next));
    EXPECT_EQ((*keys_.active(scope()))->kid, *next);
    EXPECT_EQ((*keys_.active(scope()))->algorithm, crypto::Algorithm::EdDSA);
    EXPECT_EQ((*keys_.published(scope()))->size(), 2U) << "tokens of the first are still about";
    EXPECT_EQ(keys_.activate(scope(), {}, *next).error().id, "KEY-Act01");
    EXPECT_EQ(keys_.activate(scope(), {}, "nope").error().id, "KEY-Act01");
    EXPECT_EQ((*keys_.active(scope()))->kid, *next) << "a refused activation retires nothing";
}

}  // namespace
}  // namespace godwit::key
