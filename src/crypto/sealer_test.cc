#include "crypto/sealer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "crypto/aead.h"

namespace godwit::crypto {
namespace {

Secret bytes32(char c) { return Secret(std::string(32, c)); }

// c2sp.org/XAES-256-GCM, test vectors.
TEST(Aead, AgreesWithThePublishedVectors) {
    const std::string_view nonce = "ABCDEFGHIJKLMNOPQRSTUVWX";
    EXPECT_EQ(hex_encode(aead_encrypt(bytes32(1).reveal(), nonce, "XAES-256-GCM", "")),
              "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271");
    const std::string sealed = aead_encrypt(bytes32(3).reveal(), nonce, "XAES-256-GCM", "c2sp.org/XAES-256-GCM");
    EXPECT_EQ(hex_encode(sealed), "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d");
    EXPECT_EQ(aead_decrypt(bytes32(3).reveal(), nonce, sealed, "c2sp.org/XAES-256-GCM"), "XAES-256-GCM");
    EXPECT_FALSE(aead_decrypt(bytes32(3).reveal(), nonce, sealed, "other"));
    EXPECT_FALSE(aead_decrypt(bytes32(1).reveal(), nonce, sealed, "c2sp.org/XAES-256-GCM"));
}

TEST(MasterKey, MustHave32Bytes) {
    for (const std::size_t size : {0U, 16U, 31U, 33U, 64U})
        EXPECT_EQ(MasterKey::from_bytes(Secret(std::string(size, 'x'))).error().code, Code::invalid_argument);
    EXPECT_EQ(MasterKey::from_bytes(bytes32('a'))->check_value(), MasterKey::from_bytes(bytes32('a'))->check_value());
    EXPECT_NE(MasterKey::from_bytes(bytes32('a'))->check_value(), MasterKey::from_bytes(bytes32('b'))->check_value());
}

TEST(MasterKey, UnwrapsOnlyWhatItWrappedForThatInstanceAndNumber) {
    const MasterKey master = *MasterKey::from_bytes(bytes32('a'));
    const DataKey key = MasterKey::make_data_key(KeyNo{7});
    const std::string wrapped = master.wrap(InstanceNo{3}, key);
    EXPECT_EQ(master.unwrap(InstanceNo{3}, KeyNo{7}, wrapped)->key.reveal(), key.key.reveal());
    EXPECT_FALSE(master.unwrap(InstanceNo{4}, KeyNo{7}, wrapped));
    EXPECT_FALSE(master.unwrap(InstanceNo{3}, KeyNo{8}, wrapped));
    EXPECT_EQ(MasterKey::from_bytes(bytes32('b'))->unwrap(InstanceNo{3}, KeyNo{7}, wrapped).error().code, Code::failed_precondition);
    for (std::size_t cut = 0; cut < wrapped.size(); ++cut) EXPECT_FALSE(master.unwrap(InstanceNo{3}, KeyNo{7}, wrapped.substr(0, cut)));
}

class SealerTest : public testing::Test {
protected:
    Sealer sealer_{InstanceNo{1}, {{KeyNo{1}, bytes32('x')}, {KeyNo{2}, bytes32('y')}}, KeyNo{2}};
    Place place_{"user_totp", 42, "key"};
};

TEST_F(SealerTest, OpensWhatItSealedOnlyInItsPlace) {
    const std::string sealed = sealer_.seal(place_, "secret");
    EXPECT_EQ(sealed.size(), 6U + 44U);
    EXPECT_EQ(sealer_.open(place_, sealed)->reveal(), "secret");
    EXPECT_NE(sealer_.seal(place_, "secret"), sealed);
    const Place elsewhere[] = {{"user_totp", 43, "key"},
                               {"user_totp", 42, "other"},
                               {"targets", 42, "key"},
                               {"user_totp4", "2", "key"},
                               {"user_totp", "", "42key"}};
    for (const Place& other : elsewhere) EXPECT_EQ(sealer_.open(other, sealed).error().code, Code::data_loss);
    const Sealer neighbour(InstanceNo{2}, {{KeyNo{2}, bytes32('y')}}, KeyNo{2});
    EXPECT_FALSE(neighbour.open(place_, sealed));
}

TEST_F(SealerTest, RefusesEveryChangedByteAndEveryCut) {
    const std::string sealed = sealer_.seal(place_, "secret");
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        std::string changed = sealed;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_FALSE(sealer_.open(place_, changed)) << i;
        EXPECT_FALSE(sealer_.open(place_, sealed.substr(0, i))) << i;
    }
}

TEST_F(SealerTest, KeepsOpeningAfterARotationUntilTheKeyIsGone) {
    const Sealer before(InstanceNo{1}, {{KeyNo{1}, bytes32('x')}}, KeyNo{1});
    const std::string old = before.seal(place_, "secret");
    EXPECT_EQ(sealer_.open(place_, old)->reveal(), "secret");
    const Sealer after(InstanceNo{1}, {{KeyNo{2}, bytes32('y')}}, KeyNo{2});
    EXPECT_FALSE(after.open(place_, old));
    EXPECT_THAT(sealer_.key_numbers(), testing::ElementsAre(KeyNo{2}, KeyNo{1}));
}

TEST_F(SealerTest, DerivesSubkeysByLabelAndKey) {
    EXPECT_EQ(sealer_.subkey("cookie").reveal(), sealer_.subkey_of(KeyNo{2}, "cookie")->reveal());
    EXPECT_NE(sealer_.subkey("cookie").reveal(), sealer_.subkey("lookup").reveal());
    EXPECT_NE(sealer_.subkey("cookie").reveal(), sealer_.subkey_of(KeyNo{1}, "cookie")->reveal());
    EXPECT_FALSE(sealer_.subkey_of(KeyNo{9}, "cookie"));
    EXPECT_EQ(sealer_.subkey("long", 64).reveal().size(), 64U);
}

}  // namespace
}  // namespace godwit::crypto
