// An instance with two organizations, and records from lines of NDJSON.
#pragma once

#include "base/text.h"
#include "credentials/password/hasher.h"
#include "credentials/password/memory.h"
#include "credentials/password/verifier.h"
#include "directory/user/user_test_fixture.h"
#include "migration/codes.h"
#include "migration/engine/outcome.h"
#include "migration/engine/run.h"
#include "migration/engine/user_state.h"
#include "migration/input/glimpse.h"
#include "signin/password_check.h"
#include "transport/rpc/json_decode.h"

namespace godwit::migration {

/// Of "Password1!".
inline constexpr std::string_view kBcrypt = "$2a$10$SCHPBhOaQajJr45SH2wjXe5jFf79KGdMc0raWD3V0n7BI4z.ILYSS";

class LinesSource final : public Source {
public:
    explicit LinesSource(std::vector<std::string> lines) : lines_(std::move(lines)) {}
    Result<bool> next(RawRecord& out) override {
        if (read_ == lines_.size()) return false;
        if (read_ == fails_at) return fail(godwit::Code::unavailable, "TEST", "the disk is gone");
        if (before_record) before_record(read_ + 1);
        out = {};
        out.bytes = lines_[read_++];
        out.number = read_;
        return true;
    }
    Result<v1::UserRecord> map(const RawRecord& raw) const override {
        v1::UserRecord record;
        if (const auto read = rpc::decode_json(raw.bytes, record); !read)
            return fail(godwit::Code::invalid_argument, "record.bad_json", read.error().message);
        return record;
    }
    std::string id_of(const RawRecord& raw) const override { return Glimpse(raw.bytes).text({{"sourceId"}}).value_or(""); }
    std::uint64_t total_bytes() const override { return bytes; }
    std::uint64_t read_bytes() const override { return read_; }

    std::size_t fails_at = SIZE_MAX;
    std::uint64_t bytes = 0;
    std::function<void(std::uint64_t)> before_record;

private:
    std::vector<std::string> lines_;
    std::size_t read_ = 0;
};

class MigrationTest : public user::UserStoreTest {
protected:
    using SoleUse = std::function<Result<std::shared_ptr<void>>()>;
    RunParts parts() {
        return {.store = store(),
                .clock = clock(),
                .orgs = orgs_,
                .users = users_,
                .passwords = check_,
                .sealers = sealers_,
                .scratch = directory() + "/scratch",
                .sole_use = alone_ ? [] { return Result<std::shared_ptr<void>>(std::make_shared<int>()); } : SoleUse(),
                .served_loads = loads_ ? &*loads_ : nullptr};
    }
    JobRow job(v1::JobOptions options = {}, const std::string& key = {}) {
        auto made = jobs_.create(scope(),
                                 {.source = "legacy",
                                  .kind = "godwit",
                                  .org = acme_,
                                  .instance_wide = true,
                                  .options = std::move(options),
                                  .idempotency_key = key},
                                 editor_);
        EXPECT_TRUE(made) << made.error().message;
        return *std::move(made);
    }
    RunEnd run(const JobRow& row, LinesSource& source, const RunHooks& hooks = {}, bool last = true) {
        auto claimed = jobs_.claim(scope(), row.id);
        EXPECT_TRUE(claimed) << claimed.error().message;
        auto end = migration::run(parts(), jobs_, *claimed, {.source = source, .last = [last] { return last; }}, editor_, hooks);
        EXPECT_TRUE(end) << end.error().message;
        return end ? *std::move(end) : RunEnd{};
    }
    RunEnd take(std::vector<std::string> lines, v1::JobOptions options = {}) {
        LinesSource source(std::move(lines));
        last_job_ = job(std::move(options));
        return run(last_job_, source);
    }
    static std::string person(const std::string& id, const std::string& name, const std::string& more = {}) {
        return R"({"sourceId":")" + id + R"(","userName":")" + name + R"(","profile":{"givenName":"G","familyName":"F"})" +
               (more.empty() ? "" : "," + more) + "}";
    }
    static v1::JobOptions options(v1::OnConflict conflict) {
        v1::JobOptions out;
        out.set_on_conflict(conflict);
        return out;
    }
    /// "3 created" of the counters that are not 0.
    static std::string told(const v1::Counters& c) {
        std::string out;
        const auto add = [&](std::uint64_t n, const char* what) {
            if (n > 0) out += (out.empty() ? "" : ", ") + std::to_string(n) + " " + what;
        };
        add(c.created(), "created");
        add(c.updated(), "updated");
        add(c.skipped(), "skipped");
        add(c.partial(), "partial");
        add(c.failed(), "failed");
        return out;
    }

    /// external_refs of a source id: "arrived created".
    std::string ref_of(const std::string& source_id) {
        std::string out = "-";
        EXPECT_TRUE(store().read(store::Database::directory, [&](store::Reader& db) {
            return db.query(
                scope(),
                "SELECT state, outcome, object_id FROM external_refs WHERE instance_no = ?1 AND source_no >= 16 AND external_id = ?2",
                {source_id}, [&](const store::Row& row) {
                    out = std::string(name_of(static_cast<UserState>(row.i64(0)))) + " " +
                          std::string(name_of(static_cast<Outcome>(row.i64(1)))) + (row.i64(2) == 0 ? " nobody" : "");
                });
        }));
        return out;
    }
    /// Of a record of the last job: "failed match.two_sources".
    std::string issue_of(std::uint64_t record) {
        std::string out = "-";
        EXPECT_TRUE(store().read(store::Database::directory, [&](store::Reader& db) {
            return db.query(scope(),
                            "SELECT outcome, codes FROM migration_issues WHERE instance_no = ?1 AND migration_id = ?2 AND record_no = ?3",
                            {last_job_.id, static_cast<std::int64_t>(record)}, [&](const store::Row& row) {
                                out = std::string(name_of(static_cast<Outcome>(row.i64(0)))) + " " + std::string(row.text(1));
                                for (const std::string_view code : split_words(row.text(1)))
                                    EXPECT_NE(find_code(code), nullptr) << code << " is not in the catalogue";
                            });
        }));
        return out;
    }
    std::int64_t users() { return count("SELECT count(*) FROM users WHERE instance_no = ?1 AND kind <> ?2", {9}); }

    static password::HasherConfig cheap() {
        password::HasherConfig config;
        config.argon2_memory_kib = 256;
        config.argon2_passes = 1;
        return config;
    }

    settings::Settings settings_{store()};
    password::HashMemory memory_;
    const password::Verifier verifier_ = *password::Verifier::make({}, memory_);
    const password::Hasher hasher_ = *password::Hasher::make(cheap(), memory_, verifier_);
    signin::PasswordCheck check_{
        {.store = store(), .settings = settings_, .sealers = sealers_, .users = users_, .verifier = verifier_, .hasher = hasher_}};
    Jobs jobs_{store()};
    JobRow last_job_;
    bool alone_ = false;
    std::optional<ServedLoads> loads_;
};

}  // namespace godwit::migration
