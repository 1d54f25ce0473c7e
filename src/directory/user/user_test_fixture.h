// An instance with two organizations, for tests of users and of what stands above them.
#pragma once

#include "directory/idp/idps.h"
#include "directory/instance/instances.h"
#include "directory/key/sealers.h"
#include "directory/org/orgs.h"
#include "directory/settings/settings.h"
#include "directory/user/codes.h"
#include "directory/user/history.h"
#include "directory/user/links.h"
#include "directory/user/machines.h"
#include "directory/user/passwords.h"
#include "directory/user/users.h"
#include "godwit/settings/v1/settings.pb.h"
#include "store/store_test_fixture.h"

namespace godwit::user {

class UserStoreTest : public store::StoreTest {
protected:
    void SetUp() override {
        const auto made = store().write(store::Database::directory, [&](store::Writer& db) -> Result<void> {
            TRY(instances_.create(db, editor_, {.name = "I", .primary_host = "localhost"}));
            TRY(sealers_.create(db, scope()));
            acme_ = TRY(orgs_.create(db, scope(), editor_, {.name = "Acme", .id = {}})).key;
            other_ = TRY(orgs_.create(db, scope(), editor_, {.name = "Other", .id = "other-org"})).key;
            return {};
        });
        ASSERT_TRUE(made) << made.error().message;
    }

    OrgScope acme() const { return {scope(), acme_}; }
    OrgScope other() const { return {scope(), other_}; }
    Ref ref(UserId id) const { return Ref::of(scope(), id); }
    Ref in_acme(std::string id) const { return Ref::named(acme(), std::move(id)); }

    static NewUser human(std::string name, std::string given_id = {}) {
        NewUser user;
        user.name = name;
        user.given_id = std::move(given_id);
        NewHuman as;
        as.profile.first_name = "Ann";
        as.profile.last_name = "Lee";
        as.email = std::move(name);
        if (as.email.find('@') == std::string::npos) as.email += "@example.com";
        user.as = std::move(as);
        return user;
    }
    static NewUser with_password(NewUser user, std::string encoded = "$stored$") {
        std::get<NewHuman>(user.as).password = NewPassword{.encoded = std::move(encoded), .scheme = "test", .change_required = false};
        return user;
    }
    static NewUser machine(std::string name) {
        NewUser user;
        user.name = std::move(name);
        user.as = NewMachine{.name = "M", .description = "d", .token_kind = TokenKind::jwt, .keys = {}};
        return user;
    }
    /// Creates or fails the test.
    UserId add(const NewUser& user, std::optional<OrgScope> org = {}) {
        const auto made = users_.create(org.value_or(acme()), user, editor_);
        EXPECT_TRUE(made) << made.error().id << " " << made.error().message;
        return made ? made->id : UserId{};
    }
    std::string error_of(const NewUser& user, std::optional<OrgScope> org = {}) {
        const auto made = users_.create(org.value_or(acme()), user, editor_);
        return made ? "" : made.error().id;
    }
    void names_must_carry_the_domain(const OrgScope& org) {
        settings::v1::DomainPolicy policy;
        policy.set_user_login_must_be_domain(true);
        settings::Settings settings(store());
        ASSERT_TRUE(settings.set(org, editor_, policy));
    }
    /// How many events the user's log tells.
    std::int64_t history(UserId id) {
        const auto entries =
            store().read(store::Database::directory, [&](store::Reader& db) { return read_history(db, ref(id), 0, 1'000, true); });
        EXPECT_TRUE(entries);
        return entries ? static_cast<std::int64_t>(entries->size()) : -1;
    }
    std::int64_t count(std::string_view sql, std::initializer_list<store::Value> params = {}) {
        std::int64_t n = -1;
        EXPECT_TRUE(store().read(store::Database::directory, [&](store::Reader& db) {
            return db.query(scope(), sql, params, [&](const store::Row& row) { n = row.i64(0); });
        }));
        return n;
    }

    const store::Editor editor_{.user = UserId(7), .service = "Test", .request_id = "r"};
    instance::Instances instances_{store(), {}};
    org::Orgs orgs_{store(), instances_};
    key::Sealers sealers_{store(), *crypto::MasterKey::from_bytes(Secret(std::string(32, 'm')))};
    idp::Idps idps_{store(), sealers_};
    Users users_{store(), sealers_};
    Passwords passwords_{store()};
    Codes codes_{store(), sealers_};
    Links links_{store()};
    Machines machines_{store(), clock()};
    OrgId acme_, other_;
};

}  // namespace godwit::user
