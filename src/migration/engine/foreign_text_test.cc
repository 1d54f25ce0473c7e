// Text that no store keeps, in any member of a record: it costs that member or that record, never the run.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <set>

#include "migration/engine/report.h"
#include "migration/engine/run_test_fixture.h"

namespace godwit::migration {
namespace {

namespace pb = google::protobuf;

/// Calls `use` with each string field in `message` and further in, after filling it; what is a list gets one item. Restores nothing: the
/// message is made anew for each.
void for_each_text(const pb::Descriptor& type, const std::string& path, std::vector<const pb::FieldDescriptor*>& way,
                   const std::function<void(const std::string&, const std::vector<const pb::FieldDescriptor*>&)>& use) {
    for (int i = 0; i < type.field_count(); ++i) {
        const auto* field = type.field(i);
        const bool foreign = field->message_type() && field->message_type()->file()->package() == "google.protobuf";
        if (field->is_map() || foreign) continue;
        way.push_back(field);
        const std::string here = path + (path.empty() ? "" : ".") + field->name();
        if (field->type() == pb::FieldDescriptor::TYPE_STRING) use(here, way);
        if (field->message_type()) for_each_text(*field->message_type(), here, way, use);
        way.pop_back();
    }
}

void put(pb::Message& record, const std::vector<const pb::FieldDescriptor*>& way, const std::string& text) {
    pb::Message* at = &record;
    for (const auto* field : way) {
        const auto& reflection = *at->GetReflection();
        if (field->message_type()) {
            const bool there = field->is_repeated() && reflection.FieldSize(*at, field) > 0;
            at = there                  ? reflection.MutableRepeatedMessage(at, field, 0)
                 : field->is_repeated() ? reflection.AddMessage(at, field)
                                        : reflection.MutableMessage(at, field);
        } else if (field->is_repeated()) {
            reflection.AddString(at, field, text);
        } else {
            reflection.SetString(at, field, text);
        }
    }
}

/// With something beside the text, so that it is looked at. Without it the record arrives whole, but for grants and links: there is nothing
/// here that they could lead to.
v1::UserRecord record_of(int number, bool machine, const std::string& path) {
    v1::UserRecord out;
    const std::string n = std::to_string(number);
    out.set_source_id("s" + n);
    out.set_user_name("p" + n);
    out.set_type(machine ? "machine" : "human");
    if (path.starts_with("grants.")) {
        out.add_grants()->set_project("bench");
        out.mutable_grants(0)->add_roles("member");
    }
    if (machine) return out;
    out.mutable_email()->set_address("p" + n + "@example.com");
    out.mutable_password()->set_hash(std::string(kBcrypt));
    if (path.starts_with("idp_links.")) {
        out.add_idp_links()->set_idp("google");
        out.mutable_idp_links(0)->set_external_id("e" + n);
    }
    return out;
}

/// Records as messages, as clients send them: their origin too.
class MessageSource final : public Source {
public:
    explicit MessageSource(v1::UserRecord record) : record_(std::move(record)) {}
    Result<bool> next(RawRecord& out) override {
        if (std::exchange(read_, true)) return false;
        out = {};
        out.number = 1;
        out.sent = &record_;
        return true;
    }
    Result<v1::UserRecord> map(const RawRecord& raw) const override {
        const v1::Origin& origin = raw.sent->origin();
        if (!origin.refused().empty()) return fail(godwit::Code::invalid_argument, "record.bad_form", origin.message());
        return *raw.sent;
    }
    std::string id_of(const RawRecord& raw) const override { return raw.sent->source_id(); }
    std::uint64_t total_bytes() const override { return 0; }
    std::uint64_t read_bytes() const override { return 0; }

private:
    v1::UserRecord record_;
    bool read_ = false;
};

const std::string kText("a\0b", 3);

/// Records with the text in one of their members each, by its path.
std::vector<std::pair<std::string, v1::UserRecord>> records_with_text() {
    std::vector<std::pair<std::string, v1::UserRecord>> out;
    int number = 0;
    const auto each = [&](const std::string& path, const std::function<void(v1::UserRecord&)>& change) {
        for (const bool machine : {false, true}) change(out.emplace_back(path, record_of(++number, machine, path)).second);
    };
    std::vector<const pb::FieldDescriptor*> way;
    for_each_text(*v1::UserRecord::descriptor(), "", way, [&](const std::string& path, const auto& there) {
        each(path, [&](v1::UserRecord& record) {
            put(record, there, kText);
            if (path == "origin.message") record.mutable_origin()->set_refused("record.bad_form");
        });
    });
    each("metadata key", [](v1::UserRecord& record) { (*record.mutable_metadata())[kText].set_string_value("v"); });
    each("metadata value", [](v1::UserRecord& record) { (*record.mutable_metadata())["k"].set_string_value(kText); });
    each("password.parameters key",
         [](v1::UserRecord& record) { (*record.mutable_password()->mutable_parameters()->mutable_fields())[kText].set_string_value("v"); });
    each("password.parameters value", [](v1::UserRecord& record) {
        (*record.mutable_password()->mutable_parameters()->mutable_fields())["salt"].set_string_value(kText);
    });
    return out;
}

class ForeignTextTest : public MigrationTest {
protected:
    v1::RecordReport report() {
        const auto page = read_report(store(), sealers_, scope(), last_job_, 0, 10, false);
        EXPECT_TRUE(page) << page.error().message;
        EXPECT_EQ(page->records.size(), 1u);
        return page && page->records.size() == 1 ? page->records[0] : v1::RecordReport{};
    }
    /// Columns of text that hold NUL; PostgreSQL has no such text.
    std::vector<std::string> columns_with_nul() {
        std::vector<std::string> columns, out;
        if (!on_sqlite()) return out;
        EXPECT_TRUE(store().read(store::Database::directory, [&](store::Reader& db) -> Result<void> {
            TRY(db.query(scope(),
                         "SELECT t.name || '.' || c.name FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' AND "
                         "c.type = 'TEXT' AND ?1 = ?1",
                         {}, [&](const store::Row& row) { columns.emplace_back(row.text(0)); }));
            for (const std::string& column : columns) {
                const auto [table, name] = *split_once(column, '.');
                const std::string sql =
                    "SELECT count(*) FROM " + std::string(table) + " WHERE ?1 = ?1 AND instr(" + std::string(name) + ", char(0)) > 0";
                TRY(db.query(scope(), sql, {}, [&](const store::Row& row) {
                    if (row.i64(0) > 0) out.push_back(column);
                }));
            }
            return {};
        }));
        EXPECT_GT(columns.size(), 100u);
        return out;
    }
};
GODWIT_ON_BOTH_ENGINES(ForeignTextTest);

TEST_P(ForeignTextTest, CostsTheMemberOrTheRecordNeverTheRun) {
    v1::JobOptions options;
    options.set_create_org(true);
    (*options.mutable_org_map())["nobody"] = "nowhere";
    (*options.mutable_role_map())["/staff"] = "bench/member";
    std::set<std::string> whole;
    const auto records = records_with_text();
    for (const auto& [path, record] : records) {
        SCOPED_TRACE(path + (record.type() == "machine" ? " of a machine" : ""));
        last_job_ = job(options);
        MessageSource source(record);
        auto claimed = jobs_.claim(scope(), last_job_.id);
        ASSERT_TRUE(claimed);
        const auto end = migration::run(parts(), jobs_, *claimed, {.source = source}, editor_);
        ASSERT_TRUE(end) << end.error().message;
        EXPECT_EQ(end->state, v1::JOB_STATE_DONE) << end->error;
        EXPECT_EQ(end->checkpoint.counters.records(), 1u);
        const v1::RecordReport report = this->report();
        EXPECT_EQ(report.SerializeAsString().find(kText), std::string::npos) << report.ShortDebugString();
        for (const std::string& code : report.codes()) EXPECT_TRUE(find_code(code)) << code;
        if (report.outcome() == "failed") {
            EXPECT_FALSE(report.codes().empty());
        } else if (report.outcome() == "partial") {
            EXPECT_FALSE(report.lost().empty());
        } else {
            EXPECT_EQ(report.outcome(), "created");
            whole.insert(path);
        }
    }
    EXPECT_GT(records.size(), 100u);
    EXPECT_EQ(columns_with_nul(), std::vector<std::string>{});
    const std::set<std::string> as_bytes_or_json{"avatar.media_type", "consents.client_id", "consents.scopes", "emails.address", "groups",
                                                 "metadata value",    "required_actions"};
    // A code is kept as its hash; the hash of the password says itself what it is.
    std::set<std::string> due{"password.algorithm", "password.parameters key", "password.parameters value", "recovery_codes.code"};
    due.insert(as_bytes_or_json.begin(), as_bytes_or_json.end());
    EXPECT_EQ(whole, due);
}

}  // namespace
}  // namespace godwit::migration
