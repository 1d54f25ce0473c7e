// The doctor on both engines: clean on what the program wrote, and each kind of planted damage found by the check that is for it.
#include "maintenance/doctor.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "directory/app/apps.h"
#include "directory/member/members.h"
#include "directory/project/grants.h"
#include "directory/session/sessions.h"
#include "directory/user/user_test_fixture.h"
#include "maintenance/references.h"
#include "maintenance/schema_text.h"
#include "store/initial_load.h"
#include "store/testing/private_postgres.h"

namespace godwit::maintenance {
namespace {

using store::Database;
using ::testing::IsEmpty;

class DoctorTest : public user::UserStoreTest {
protected:
    void SetUp() override {
        user::UserStoreTest::SetUp();
        ann_ = add(with_password(human("ann")));
        bob_ = add(with_password(human("bob@example.com", "bob-1")), other());
        const auto gone = add(with_password(human("gone", "gone-1")));
        ASSERT_TRUE(users_.remove(ref(gone), editor_));
        robot_ = add(machine("robot"));
        ASSERT_TRUE(machines_.add_pat(ref(robot_), {}, {}, editor_));
        ASSERT_TRUE(users_.deactivate(ref(bob_), editor_));
        ASSERT_TRUE(users_.change_name(ref(ann_), "Ann2", editor_));
        const auto project = projects_.create(acme(), editor_, {.name = "P", .id = "p-1"});
        ASSERT_TRUE(project);
        ASSERT_TRUE(apps_.create(acme(), "p-1", editor_, {.name = "api", .config = application::ApiConfig{}}));
        const project::Role role{.key = "reader", .display_name = "R"};
        ASSERT_TRUE(projects_.add_roles(acme(), editor_, "p-1", std::span(&role, 1)));
        ASSERT_TRUE(grants_.add(acme(), {.project_id = "p-1", .granted_org_id = "other-org", .roles = {"reader"}, .id = "g-1"}, editor_));
        auto granted = human("granted", "granted-1");
        granted.metadata = {{"k", "v"}};
        granted.grants = {{.project_id = "p-1", .project_grant_id = {}, .roles = {"reader"}}};
        add(granted);
        ASSERT_TRUE(members_.add(scope(), member::Place::organization(acme_), editor_, ann_, {"ORG_OWNER"}));
        ASSERT_TRUE(sessions_.create(scope(), {}, {}, 0, editor_));
        // The default organization that a first start would set.
        ASSERT_TRUE(
            store().write(Database::directory, [&](store::Writer& db) { return instances_.set_default_org(db, scope(), editor_, acme_); }));
    }

    Result<std::unique_ptr<store::Inspection>> inspect() {
        if (on_sqlite()) return store::inspect_sqlite(directory());
        return store::inspect_postgres({.connection = store::postgres_server::connection(), .schema_prefix = schema_prefix()});
    }
    Report examined() {
        auto inspection = inspect();
        EXPECT_TRUE(inspection) << inspection.error().message;
        auto report = examine(**inspection);
        EXPECT_TRUE(report) << report.error().message;
        return *std::move(report);
    }
    /// The names of the checks that found something.
    static std::vector<std::string> bad(const Report& report) {
        std::vector<std::string> names;
        for (const Check& check : report.checks) {
            if (check.problems() > 0) names.emplace_back(check.name());
        }
        return names;
    }
    void run(Database database, std::string_view sql) {
        const auto ran = store().write(database, [&](store::Writer& db) { return db.system_exec(sql, {}); });
        ASSERT_TRUE(ran) << sql << ": " << ran.error().message;
    }

    project::Projects projects_{store()};
    project::Grants grants_{store()};
    application::Apps apps_{store()};
    member::Members members_{store()};
    session::Sessions sessions_{store(), clock()};
    UserId ann_, bob_, robot_;
};
GODWIT_ON_BOTH_ENGINES(DoctorTest);

TEST_P(DoctorTest, FindsNothingInWhatTheProgramWrote) {
    const Report report = examined();  // beside the open store
    EXPECT_TRUE(report.clean()) << to_text(report);
    EXPECT_EQ(report.checks.size(), 7U);
    for (const Check& check : report.checks) {
        EXPECT_TRUE(check.looked_at() > 0 || check.name() == "engine") << check.name();
    }
    if (!on_sqlite()) return;
    close();
    EXPECT_TRUE(examined().clean()) << "of a stopped store";
}

TEST_P(DoctorTest, FindsPlantedDamage) {
    const struct {
        const char* name;
        Database database;
        std::string damage;
        std::string repair;
        const char* check;
    } rows[] = {
        {"a project of no organization", Database::directory, "UPDATE projects SET org_id = org_id + 1",
         "UPDATE projects SET org_id = org_id - 1", "references"},
        {"a member of nobody's", Database::directory, "UPDATE members SET user_id = user_id + 1",
         "UPDATE members SET user_id = user_id - 1", "references"},
        {"rows of no instance", Database::directory,
         "INSERT INTO org_domains (instance_no, org_id, domain, created_at, changed_at) VALUES (9, 0, 'x', 0, 0)",
         "DELETE FROM org_domains WHERE instance_no = 9", "references"},
        {"a session of no browser", Database::runtime, "UPDATE sessions SET agent_id = 77", "UPDATE sessions SET agent_id = 0",
         "references"},
        {"a password without its user", Database::directory, "UPDATE user_passwords SET user_id = user_id + 1",
         "UPDATE user_passwords SET user_id = user_id - 1", "secrets"},
        {"a token without its machine", Database::directory, "UPDATE access_pats SET user_id = 12",
         "UPDATE access_pats SET user_id = " + std::to_string(robot_.key), "secrets"},
        {"a second active data key", Database::directory,
         "INSERT INTO data_keys SELECT instance_no, 2, wrapped, master_key_id, 1, 0 FROM data_keys",
         "DELETE FROM data_keys WHERE key_no = 2", "secrets"},
        {"the data key gone", Database::directory, "UPDATE data_keys SET key_no = 5, state = 2",
         "UPDATE data_keys SET key_no = 1, state = 1", "secrets"},
        {"a name folded wrongly", Database::directory, "UPDATE users SET name_key = 'Ann2' WHERE name = 'Ann2'",
         "UPDATE users SET name_key = 'ann2' WHERE name = 'Ann2'", "names"},
        {"an id without its folded form", Database::directory, "UPDATE users SET public_id_key = NULL WHERE public_id = 'bob-1'",
         "UPDATE users SET public_id_key = 'bob-1' WHERE public_id = 'bob-1'", "names"},
        {"an e-mail that is not found", Database::directory, "UPDATE users SET email_key = NULL WHERE name = 'Ann2'",
         "UPDATE users SET email_key = 'ann@example.com' WHERE name = 'Ann2'", "names"},
        {"a name that no event told", Database::directory, "UPDATE organizations SET name = 'acme' WHERE name = 'Acme'",
         "UPDATE organizations SET name = 'Acme' WHERE name = 'acme'", "events"},
        {"a user that no event brought", Database::directory,
         "UPDATE events SET type = 'user.human.email.verified' WHERE type = 'user.machine.added'",
         "UPDATE events SET type = 'user.machine.added' WHERE type = 'user.human.email.verified'", "events"},
        {"a state that no event told", Database::directory, "UPDATE users SET state = 1 WHERE public_id = 'bob-1'",
         "UPDATE users SET state = 2 WHERE public_id = 'bob-1'", "events"},
        {"a change without its event", Database::directory, "UPDATE users SET version = version + 1",
         "UPDATE users SET version = version - 1", "events"},
        {"a removal that did not happen", Database::directory,
         "UPDATE events SET type = 'project.removed' WHERE type = 'project.application.config.api.added'",
         "UPDATE events SET type = 'project.application.config.api.added' WHERE type = 'project.removed'", "events"},
        {"an application too many", Database::directory, "UPDATE events SET type = 'x' WHERE type = 'project.application.added'",
         "UPDATE events SET type = 'project.application.added' WHERE type = 'x'", "events"},
        {"a grant to an organization too many", Database::directory, "UPDATE events SET type = 'x' WHERE type = 'project.grant.added'",
         "UPDATE events SET type = 'project.grant.added' WHERE type = 'x'", "events"},
        {"a user's grant that no event brought", Database::directory,
         "UPDATE events SET body = replace(body, '\"user.grant.added\"', '\"user.grant.x\"')",
         "UPDATE events SET body = replace(body, '\"user.grant.x\"', '\"user.grant.added\"')", "events"},
        {"a removal told by a row that begins", Database::directory,
         "UPDATE events SET body = replace(body, '\"user.metadata.set\"', '\"user.removed\"')",
         "UPDATE events SET body = replace(body, '\"user.removed\"', '\"user.metadata.set\"')", "events"},
        {"a grant's state that no event told", Database::directory, "UPDATE user_grants SET state = 2", "UPDATE user_grants SET state = 1",
         "events"},
        {"a grant of a project that is gone", Database::directory, "UPDATE user_grants SET project_id = project_id + 1",
         "UPDATE user_grants SET project_id = project_id - 1", "references"},
        {"a session without events", Database::runtime, "UPDATE events SET agg_id = agg_id - 1", "UPDATE events SET agg_id = agg_id + 1",
         "events"},
        {"no version", Database::runtime, "UPDATE schema_state SET component = 'x'", "UPDATE schema_state SET component = 'schema'",
         "schema"},
        {"a schema of the future", Database::directory,
         "UPDATE schema_state SET version = version + 1, min_reader = version + 1, min_writer = version + 1",
         "UPDATE schema_state SET version = version - 1, min_reader = 1, min_writer = 1", "schema"},
    };
    for (const auto& row : rows) {
        run(row.database, row.damage);
        const Report report = examined();
        EXPECT_THAT(bad(report), ::testing::ElementsAre(row.check)) << row.name << "\n" << to_text(report);
        run(row.database, row.repair);
    }
    EXPECT_TRUE(examined().clean()) << to_text(examined());
}

TEST_P(DoctorTest, FindsUsersThatAreGone) {
    run(Database::directory, "DELETE FROM access_pats");
    run(Database::directory, "DELETE FROM users WHERE kind = 2");
    EXPECT_THAT(bad(examined()), ::testing::ElementsAre("events"));
}

TEST_P(DoctorTest, FindsAMissingIndexAndWhatItLetIn) {
    run(Database::directory, "DROP INDEX users_login_name");
    run(Database::directory, "UPDATE users SET name = 'Ann2', name_key = 'ann2', email_key = email WHERE kind = 1");
    const Report report = examined();
    EXPECT_THAT(bad(report), ::testing::ElementsAre("schema", "unique", "events")) << to_text(report);
    EXPECT_NE(to_json(report).find(R"("what":"is missing")"), std::string::npos);
    // The schema is shared by the tests of this process.
    run(Database::directory, "UPDATE users SET name_key = public_id_key WHERE public_id_key IS NOT NULL");
    run(Database::directory, "CREATE UNIQUE INDEX users_login_name ON users (instance_no, login_scope, name_key)");
}

TEST_P(DoctorTest, KnowsThatAMigrationLeavesOutIndexes) {
    constexpr std::array<std::string_view, 1> left_out{"users_given"};
    ASSERT_TRUE(store::begin_initial_load(store(), left_out));
    const Report report = examined();
    EXPECT_TRUE(report.clean()) << to_text(report);
    EXPECT_NE(to_text(report).find("a migration has left out indexes"), std::string::npos) << to_text(report);
    run(Database::directory, "DROP INDEX users_login_name");
    EXPECT_THAT(bad(examined()), ::testing::ElementsAre("schema")) << "which no running server leaves out";
    run(Database::directory, "CREATE UNIQUE INDEX users_login_name ON users (instance_no, login_scope, name_key)");
    ASSERT_TRUE(store::end_initial_load(store()));
    EXPECT_EQ(to_text(examined()).find("left out"), std::string::npos);
}

TEST_P(DoctorTest, FindsABrokenPage) {
    if (!on_sqlite()) GTEST_SKIP() << "a page of PostgreSQL is its server's";
    close();
    const std::string file = directory() + "/directory.db";
    {
        std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
        std::string page_bytes(8192, '\0');
        for (auto page = std::filesystem::file_size(file) / 8192 - 8; page > 40; page -= 3) {
            bytes.seekg(static_cast<std::streamoff>(page * 8192));
            bytes.read(page_bytes.data(), 8192);
            // Without the pages that hold the schema itself nothing could be looked at.
            if (page_bytes.front() != '\x0d' && page_bytes.front() != '\x0a') continue;
            if (page_bytes.find("CREATE ") != std::string::npos) continue;
            bytes.seekp(static_cast<std::streamoff>(page * 8192 + 8));
            bytes.write("\xff\xff\xff\xff\xff\xff\xff\xff", 8);
        }
    }
    EXPECT_THAT(bad(examined()), ::testing::Contains("engine"));
    std::filesystem::resize_file(file, 4096);
    const auto opened = inspect();
    EXPECT_TRUE(!opened || !examined().clean()) << "not even the first page is whole";
}

TEST_P(DoctorTest, SaysWhereNoDatabaseIs) {
    const auto none = on_sqlite() ? store::inspect_sqlite(directory() + "/none")
                                  : store::inspect_postgres({.connection = store::postgres_server::connection(), .schema_prefix = "none"});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, Code::not_found);
}

TEST(References, CoverEveryColumnThatPoints) {
    for (const Database database : {Database::directory, Database::runtime}) {
        for (const Table& table : schema_text(database).tables) {
            EXPECT_FALSE(table.columns.empty()) << table.name;
            for (const Column& column : table.columns) {
                if (!column.name.ends_with("_id") && column.name != "scope_id") continue;
                const bool known = std::ranges::any_of(references(), [&](const Reference& r) {
                    return r.database == database && r.table == table.name && r.column == column.name;
                });
                const bool loose = std::ranges::any_of(loose_columns(), [&](const Loose& l) {
                    return l.database == database && (l.table == "*" || l.table == table.name) && l.column == column.name;
                });
                EXPECT_TRUE(known || loose) << table.name << "." << column.name << ": say in references.cc where it points";
            }
        }
        for (const Reference& reference : references()) {
            if (reference.database != database) continue;
            const auto tables = schema_text(database).tables;
            const auto table = std::ranges::find(tables, reference.table, &Table::name);
            ASSERT_NE(table, tables.end()) << reference.table;
            EXPECT_NE(std::ranges::find(table->columns, reference.column, &Column::name), table->columns.end()) << reference.table;
        }
    }
}

TEST(SchemaText, ReadsWhatTheFilesSay) {
    const SchemaText text = schema_text(Database::directory);
    const auto totp = std::ranges::find(text.tables, "user_totp", &Table::name);
    ASSERT_NE(totp, text.tables.end());
    EXPECT_EQ(totp->columns.front().name, "instance_no");
    EXPECT_TRUE(std::ranges::find(totp->columns, "secret", &Column::name)->sealed);
    const auto email = std::ranges::find(text.indexes, "users_email", &Index::name);
    ASSERT_NE(email, text.indexes.end());
    EXPECT_EQ(email->columns, "instance_no, email_key");
    EXPECT_EQ(email->where, "email_key IS NOT NULL");
    EXPECT_FALSE(email->unique);
}

}  // namespace
}  // namespace godwit::maintenance
