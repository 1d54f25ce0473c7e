#include "login/texts.h"

#include "directory/instance/instances.h"
#include "store/store_test_fixture.h"

namespace godwit::login {
namespace {

class LoginTextsTest : public store::StoreTest {
protected:
    void SetUp() override {
        instance::Instances instances(store(), {});
        ASSERT_TRUE(store().write(store::Database::directory, [&](store::Writer& db) {
            return instances.create(db, {}, {.name = "I", .primary_host = "localhost", .other_hosts = {}});
        }));
    }
    OrgScope instance() const { return {scope(), OrgId{}}; }
    OrgScope org() const { return {scope(), OrgId(7)}; }
    void set(const OrgScope& level, std::string_view language, text::Words words) {
        ASSERT_TRUE(texts_.set(level, {}, text::Kind::login, language, std::move(words)));
    }
    Language find(const OrgScope& of, std::string locales, std::string_view accept = {}, std::string_view instance_wide = "en") {
        return *find_language(texts_, of, {.locales = std::move(locales), .accept = accept, .instance_wide = instance_wide});
    }

    text::Texts texts_{store()};
};
GODWIT_ON_BOTH_ENGINES(LoginTextsTest);

TEST_P(LoginTextsTest, TheLanguageIsChosenByLocalesThenHeaderThenDefault) {
    struct Case {
        const char *locales, *header, *fallback, *want;
    };
    for (const Case& c : {Case{"de", "en", "en", "de"},
                          {"fr de-CH", "en", "en", "de"},
                          {"", "fr;q=1, de;q=0.8, en;q=0.3", "en", "de"},
                          {"", "en;q=0.3,de-AT;q=0.31", "en", "de"},
                          {"", "de;q=0, en;q=0", "de", "de"},
                          {"", "xx", "de", "de"},
                          {"", "", "fr", "en"},
                          {"", ";;q=,,de;q=x", "en", "en"}})
        EXPECT_EQ(find(org(), c.locales, c.header, c.fallback).code(), c.want) << c.locales << " | " << c.header;
}

TEST_P(LoginTextsTest, EachTextIsTheOrganizationsOrTheInstancesOrOurs) {
    constexpr std::string_view kTitle = "login_text.title", kNext = "login_text.next_button_text", kLabel = "login_text.login_name_label";
    set(instance(), "en", {{std::string(kTitle), "instance title"}, {std::string(kNext), "instance next"}});
    set(org(), "en", {{std::string(kTitle), "org title"}});
    const Language words = find(org(), "en");
    EXPECT_EQ(words[kTitle], "org title");
    EXPECT_EQ(words[kNext], "instance next");
    EXPECT_EQ(words[kLabel], "Login name or e-mail");
    EXPECT_TRUE(words.is_own(kNext));
    EXPECT_FALSE(words.is_own(kLabel));
    const text::Words all = words.words();
    EXPECT_EQ(all.find(kTitle)->second, "org title");
    EXPECT_EQ(all.find(kNext)->second, "instance next");
    EXPECT_EQ(all.find(kLabel)->second, "Login name or e-mail");
    EXPECT_EQ(find(instance(), "en")[kTitle], "instance title");
    EXPECT_EQ(find(org(), "de")[kTitle], "Willkommen zurück");
}

TEST_P(LoginTextsTest, ALanguageOfItsOwnIsSpokenAndFilledUpWithTheInstances) {
    set(org(), "fr", {{"login_text.title", "Bienvenue"}});
    const Language french = find(org(), "", "fr-CH, de;q=0.5", "de");
    EXPECT_EQ(french.code(), "fr");
    EXPECT_EQ(french["login_text.title"], "Bienvenue");
    EXPECT_EQ(french["login_text.next_button_text"], "Weiter");
    EXPECT_EQ(find(instance(), "", "fr-CH, de;q=0.5", "en").code(), "de") << "another's words";
}

TEST_P(LoginTextsTest, FillsInValuesAndShowsMissingKeys) {
    EXPECT_EQ(find(org(), "en").with("password_text.min_length", {{"min", "8"}}), "at least 8 characters");
    EXPECT_EQ(find(org(), "en")["no_such_text"], "no_such_text");
}

}  // namespace
}  // namespace godwit::login
