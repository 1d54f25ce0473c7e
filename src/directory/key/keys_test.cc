#include <thread>

#include "directory/instance/instances.h"
#include "directory/key/rotation.h"
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
            TRY(keys_.create(db, scope(), {}, *sealer, crypto::Algorithm::ES256,
                             SigningKeys::make({.algorithm = crypto::Algorithm::ES256})));
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
    const auto next = keys_.publish(scope(), {}, {.algorithm = crypto::Algorithm::EdDSA});
    ASSERT_TRUE(next) << next.error().message;
    EXPECT_EQ((*keys_.active(scope()))->kid, first);
    EXPECT_EQ((*keys_.published(scope()))->size(), 2U);

    ASSERT_TRUE(keys_.activate(scope(), {}, next->kid));
    EXPECT_EQ((*keys_.active(scope()))->kid, next->kid);
    EXPECT_EQ((*keys_.active(scope()))->algorithm, crypto::Algorithm::EdDSA);
    EXPECT_EQ((*keys_.published(scope()))->size(), 2U) << "tokens of the first are still about";
    EXPECT_EQ(keys_.activate(scope(), {}, "nope").error().id, "COMMAND-teiG3");
    EXPECT_EQ((*keys_.active(scope()))->kid, next->kid) << "a refused activation retires nothing";

    const auto activated = clock().now();
    clock().advance(std::chrono::seconds(1));
    EXPECT_EQ(keys_.activate(scope(), {}, next->kid)->at, activated) << "it signs already";
    EXPECT_TRUE(keys_.activate(scope(), {}, first)) << "a retired one may come back";
    EXPECT_EQ((*keys_.active(scope()))->kid, first);
}

TEST_P(KeysTest, RemovesAllButTheActiveOne) {
    const auto first = (*keys_.active(scope()))->kid;
    EXPECT_EQ(keys_.remove(scope(), {}, first).error().id, "COMMAND-Chai1");
    EXPECT_EQ(*keys_.remove(scope(), {}, "nope"), std::nullopt);
    const auto next = keys_.publish(scope(), {}, {.algorithm = crypto::Algorithm::ES384});
    EXPECT_NE(*keys_.remove(scope(), {}, next->kid), std::nullopt);
    ASSERT_EQ((*keys_.published(scope()))->size(), 1U);
    EXPECT_EQ((*keys_.published(scope()))->front().kid, first);
}

TEST_P(KeysTest, AnImportedKeySignsForItsIssuerOnly) {
    const auto own = (*keys_.active(scope()))->kid;
    EXPECT_EQ((*keys_.active(scope(), 7))->kid, own) << "an issuer without keys signs with the instance's";
    const auto brought = SigningKeys::make({.algorithm = crypto::Algorithm::RS256});
    ASSERT_TRUE(keys_.import(scope(), {}, 7, "legacy-kid", crypto::Algorithm::RS256, brought));
    EXPECT_EQ(keys_.import(scope(), {}, 8, "legacy-kid", crypto::Algorithm::RS256, brought).error().id, "KEY-Imp01");
    EXPECT_EQ((*keys_.active(scope(), 7))->kid, "legacy-kid");
    EXPECT_EQ((*keys_.active(scope()))->kid, own);
    EXPECT_EQ((*keys_.active(scope(), 7))->key.public_key().thumbprint(), brought.public_key().thumbprint());
    EXPECT_EQ(keys_.activate(scope(), {}, "legacy-kid").error().id, "COMMAND-teiG3") << "it is not the instance's";
    EXPECT_EQ(*keys_.remove(scope(), {}, "legacy-kid"), std::nullopt);

    ASSERT_TRUE(keys_.import(scope(), {}, 7, "second", crypto::Algorithm::RS256, brought));
    EXPECT_EQ((*keys_.active(scope(), 7))->kid, "second");
    EXPECT_EQ((*keys_.published(scope()))->size(), 3U);
    ASSERT_TRUE(store().write(Database::directory, [&](store::Writer& db) { return SigningKeys::remove_all_of(db, scope(), {}, 7); }));
    EXPECT_EQ((*keys_.published(scope()))->size(), 1U);
}

/// A key signs for 100 hours, and is published 10 hours before and 50 after that.
class RotationTest : public KeysTest {
protected:
    void SetUp() override {
        KeysTest::SetUp();
        made_ = clock().now();
        first_ = active();
    }
    /// Takes a step so many hours after the first key was made.
    void step(int since) {
        clock().advance(made_ + hours(since) - clock().now());
        const auto done = rotate(keys_, scope(), kPlan, clock().now());
        EXPECT_TRUE(done) << done.error().message;
    }
    std::string active() { return (*keys_.active(scope()))->kid; }
    std::size_t published() { return (*keys_.published(scope()))->size(); }

    using hours = std::chrono::hours;
    static constexpr RotationPlan kPlan{.signs = hours(100), .ahead = hours(10), .published_after = hours(50)};
    Time made_;
    std::string first_;
};
GODWIT_ON_BOTH_ENGINES(RotationTest);

TEST_P(RotationTest, PublishesThenSignsThenRemoves) {
    step(89);
    EXPECT_EQ(published(), 1U);
    step(90);
    EXPECT_EQ(published(), 2U);
    EXPECT_EQ(active(), first_);
    step(99);
    EXPECT_EQ(published(), 2U) << "one successor is enough";
    EXPECT_EQ(active(), first_);
    step(100);
    const auto second = active();
    EXPECT_NE(second, first_);
    EXPECT_EQ((*keys_.active(scope()))->algorithm, crypto::Algorithm::ES256) << "of the same kind";
    EXPECT_EQ(published(), 2U);
    step(150);
    EXPECT_EQ(published(), 2U);
    step(151);
    EXPECT_EQ(published(), 1U);
    EXPECT_EQ(active(), second);
    step(190);
    step(200);
    EXPECT_NE(active(), second) << "and so on";
}

TEST_P(RotationTest, NeverSignsWithWhatWasJustPublished) {
    step(1000);
    EXPECT_EQ(published(), 2U);
    EXPECT_EQ(active(), first_) << "late as it is, caches come first";
    step(1009);
    EXPECT_EQ(active(), first_);
    step(1010);
    EXPECT_NE(active(), first_);
}

TEST_P(RotationTest, TwoNodesTakeEachStepOnce) {
    SigningKeys other(store(), sealers_);
    const auto both = [&](int at) {
        clock().advance(made_ + hours(at) - clock().now());
        const auto go = [&](SigningKeys& node) {
            const auto done = rotate(node, scope(), kPlan, clock().now());
            EXPECT_TRUE(done) << done.error().message;
        };
        const std::jthread there([&] { go(other); });
        go(keys_);
    };
    both(95);
    EXPECT_EQ(published(), 2U);
    both(105);
    const auto second = active();
    EXPECT_NE(second, first_);
    EXPECT_EQ((*other.active(scope()))->kid, second);
    EXPECT_EQ(*keys_.publish_successor(scope(), {}, first_, "", {}), std::nullopt) << "a node that is late";
    EXPECT_EQ(published(), 2U);
}

TEST_P(RotationTest, LeavesToPeopleWhatTheyDo) {
    const auto chosen = keys_.publish(scope(), {}, {.algorithm = crypto::Algorithm::EdDSA});
    step(50);
    ASSERT_TRUE(keys_.activate(scope(), {}, chosen->kid));
    step(140);
    EXPECT_EQ(published(), 2U) << "90 hours after the change, a successor; the first one is gone";
    ASSERT_TRUE(rotate(keys_, scope(), {}, clock().now() + hours(10'000)));
    EXPECT_EQ(active(), chosen->kid) << "a plan of 0 does nothing";
    step(150);
    EXPECT_NE(active(), chosen->kid);
    EXPECT_EQ((*keys_.active(scope()))->algorithm, crypto::Algorithm::EdDSA);
}

}  // namespace
}  // namespace godwit::key
