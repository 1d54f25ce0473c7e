#include "cli/migrate_local.h"

#include "migration/engine/organization.h"

namespace godwit::cli {
namespace {

using migration::JobRow;

class Local final : public MigrateTarget {
public:
    explicit Local(std::unique_ptr<app::LocalMigrations> migrations) : migrations_(std::move(migrations)) {}

    Result<pb::Job> create(const WantedJob& wanted, const std::string& key) override {
        const auto& parts = migrations_->parts();
        return TRY(migration::make_job(parts.store, parts.orgs, migrations_->jobs(), migrations_->instance(),
                                       {.source = wanted.source,
                                        .kind = wanted.kind,
                                        .org = OrgId{},
                                        .instance_wide = true,
                                        .pattern = wanted.pattern,
                                        .options = wanted.options,
                                        .idempotency_key = key},
                                       wanted.organization, editor_))
            .job;
    }

    Result<pb::Job> run(const pb::Job& job, migration::Source& source, const RunWatch& watch) override {
        const JobRow row = TRY(find(job.id()));
        auto claimed = TRY(migrations_->jobs().claim(migrations_->instance(), row.id));
        TRY(migration::run(migrations_->parts(), migrations_->jobs(), claimed, {.source = source}, editor_,
                           {.stop = watch.stop,
                            .on_batch = [&](const migration::Checkpoint& at,
                                            std::uint64_t source_bytes) { watch.progress(at.counters, at.milliseconds, source_bytes); },
                            .on_index = watch.indexes}));
        return TRY(find(job.id())).job;
    }

    Result<pb::Job> get(const std::string& id) override {
        JobRow row = TRY(find(id));
        TRY(migrations_->jobs().count_user_states(migrations_->instance(), row));
        return std::move(row.job);
    }
    Result<std::vector<pb::Job>> list() override {
        return TRY(migrations_->jobs().list(migrations_->instance(), OrgId{}, {.offset = 0, .limit = 1000})).first;
    }
    Result<pb::Job> pause(const std::string& id) override {
        TRY(migrations_->jobs().pause(TRY(find(id)), migrations_->instance(), "paused by godwit migrate pause"));
        return TRY(find(id)).job;
    }
    Result<pb::Job> resume(const std::string& id) override {
        TRY(migrations_->jobs().resume(TRY(find(id)), migrations_->instance()));
        return TRY(find(id)).job;
    }
    Result<pb::Job> cancel(const std::string& id) override {
        TRY(migrations_->jobs().cancel(TRY(find(id)), migrations_->instance()));
        return TRY(find(id)).job;
    }
    Result<migration::ReportPage> report(const std::string& id, std::uint64_t after, bool failed_only) override {
        const auto& parts = migrations_->parts();
        return migration::read_report(parts.store, parts.sealers, migrations_->instance(), TRY(find(id)), after, migration::kMaxReportPage,
                                      failed_only);
    }

private:
    Result<JobRow> find(const std::string& id) { return migrations_->jobs().get(migrations_->instance(), OrgId{}, id); }

    const std::unique_ptr<app::LocalMigrations> migrations_;
    const store::Editor editor_{.user = UserId{}, .service = "Migration", .request_id = {}};
};

}  // namespace

std::unique_ptr<MigrateTarget> local_target(std::unique_ptr<app::LocalMigrations> migrations) {
    return std::make_unique<Local>(std::move(migrations));
}

}  // namespace godwit::cli
