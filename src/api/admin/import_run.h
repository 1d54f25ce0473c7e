// One import on its way. Internal to the import*.cc of this folder: each takes some of the parts in.
#pragma once

#include <google/protobuf/message.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/admin/import.h"
#include "api/admin/import_document.h"
#include "migration/batch_write.h"
#include "migration/json_file.h"
#include "migration/progress.h"
#include "store/store.h"
#include "zitadel/admin.pb.h"

namespace godwit::api {

/// An organization that is there, and what the file says of it.
struct OrgImport {
    OrgScope scope;
    const ImportOrg& source;
    zitadel::admin::v1::ImportDataSuccessOrg& success;

    const std::string& id() const { return source.id; }
    migration::JsonRange part(std::string_view name) const { return source.part(name); }
};

class ImportRun {
public:
    ImportRun(const ImportServices& services, const ImportCall& call, int fd, ImportDocument document,
              zitadel::admin::v1::ImportDataResponse& response);

    Result<void> run();

    // What the parts need.

    /// True once nothing more is to be begun: the time is over, the client has gone, or the store. Any thread.
    bool stopped() const;
    /// One entry of `errors`. When it says that the store is out of reach, the run ends instead: the record was not tried.
    void refuse(std::string_view type, std::string_view id, const Error& error);
    /// Records that are dealt with, one way or the other.
    void done(std::uint64_t records) {
        if (!broken_) progress_.add(records);
    }

    /// Each record of the part (all of a list, or the one object): decoded, checked, handed to `take`. What cannot be decoded or taken is
    /// refused as `type`, under the id that `id_of` finds.
    template <class Message>
    void each(const OrgImport& org, std::string_view part, std::string_view type, const std::function<std::string(const Message&)>& id_of,
              const std::function<Result<void>(const Message&)>& take) {
        Message record;
        walk(org, part, record, [&](Result<void> read) {
            if (read) read = take(record);
            if (!read) refuse(type, id_of(record), read.error());
            done(1);
        });
    }
    /// The same for what comes by the hundred thousand: some hundred records are one transaction, in which one that cannot be taken costs
    /// no other. `taken` is called when it is committed.
    template <class Message>
    void each_in_batches(const OrgImport& org, std::string_view part, std::string_view type,
                         const std::function<std::string(const Message&)>& id_of,
                         const std::function<Result<void>(store::Writer& db, const Message&)>& take,
                         const std::function<void(const Message&)>& taken);
    /// The records as messages whose type only the part knows. `use` counts them (done).
    void walk(const OrgImport& org, std::string_view part, google::protobuf::Message& record,
              const std::function<void(Result<void> read)>& use);

    const ImportServices& services;
    const ImportCall& call;
    const int fd;

private:
    std::optional<OrgImport> bring_org(const ImportOrg& source);
    Result<OrgId> find_or_create_org(const ImportOrg& source);
    void conclude();

    migration::JsonFile file_;
    const ImportDocument document_;
    zitadel::admin::v1::ImportDataResponse& response_;
    const std::chrono::steady_clock::time_point deadline_;
    migration::Progress progress_;
    std::atomic<bool> broken_ = false;
    Error broken_by_;
};

inline constexpr std::size_t kBatchRecords = 500;
inline constexpr std::size_t kSliceRecords = 50;  ///< after which small writes that wait have their turn

template <class Message>
void ImportRun::each_in_batches(const OrgImport& org, std::string_view part, std::string_view type,
                                const std::function<std::string(const Message&)>& id_of,
                                const std::function<Result<void>(store::Writer& db, const Message&)>& take,
                                const std::function<void(const Message&)>& taken) {
    std::vector<std::pair<Message, Result<void>>> batch;  // and what reading, or taking, came to
    const auto account = [&](const Message& record, const Result<void>& result) {
        if (result) {
            taken(record);
        } else {
            refuse(type, id_of(record), result.error());
        }
        done(1);
    };
    const auto write = [&] {
        const auto enough = [&] { return services.store.writers_waiting(store::Database::directory); };
        for (std::size_t first = 0; first < batch.size();) {
            std::vector<Result<void>> outcome;
            const auto written = services.store.write_bulk(store::Database::directory, [&](store::Writer& db) {
                outcome.clear();
                return migration::write_slices(batch.size() - first, kSliceRecords, enough, [&](std::size_t from, std::size_t count) {
                    for (const auto& [record, read] : std::span(batch).subspan(first + from, count))
                        outcome.push_back(read ? db.attempt([&] { return take(db, record); }) : read);
                    return Result<void>();
                });
            });
            if (!written) outcome.assign(batch.size() - first, fail(written.error()));
            for (const Result<void>& result : outcome) {
                const auto& [record, read] = batch[first++];
                account(record, read ? result : read);
            }
        }
        batch.clear();
    };
    Message record;
    walk(org, part, record, [&](Result<void> read) {
        batch.emplace_back(record, std::move(read));
        if (batch.size() == kBatchRecords) write();
    });
    if (!batch.empty()) write();
}

/// "a_b_c"
std::string joined(std::initializer_list<std::string_view> parts);

// The parts, in the files named for them.
void import_domain_policy(ImportRun& run, const OrgImport& org);  // before the users: their names depend on it
void import_domains(ImportRun& run, const OrgImport& org);
void import_appearance(ImportRun& run, const OrgImport& org);  // label and lockout policy
void import_idps(ImportRun& run, const OrgImport& org);
void import_sign_in(ImportRun& run, const OrgImport& org);  // login, complexity and privacy policy
void import_login_texts(ImportRun& run, const OrgImport& org);
void import_human_users(ImportRun& run, const OrgImport& org);
void import_machine_users(ImportRun& run, const OrgImport& org);
void import_machine_keys(ImportRun& run, const OrgImport& org);
void import_user_links(ImportRun& run, const OrgImport& org);
void import_user_metadata(ImportRun& run, const OrgImport& org);
void import_projects(ImportRun& run, const OrgImport& org);  // with applications and their keys
void import_project_roles(ImportRun& run, const OrgImport& org);
void import_project_grants(ImportRun& run, const OrgImport& org);
void import_user_grants(ImportRun& run, const OrgImport& org);
void import_org_members(ImportRun& run, const OrgImport& org);
void import_project_grant_members(ImportRun& run, const OrgImport& org);
void import_project_members(ImportRun& run, const OrgImport& org);
/// One entry of `errors` for each record of a part that has no table yet.
void refuse_part(ImportRun& run, const OrgImport& org, std::string_view part);

}  // namespace godwit::api
