// Imports into a fresh instance, on both engines.
#pragma once

#include <unistd.h>

#include <atomic>

#include "api/admin/import.h"
#include "credentials/password/hasher.h"
#include "credentials/password/verifier.h"
#include "directory/app/apps.h"
#include "directory/grant/user_grants.h"
#include "directory/member/members.h"
#include "directory/project/grants.h"
#include "directory/project/projects.h"
#include "directory/text/texts.h"
#include "directory/user/metadata.h"
#include "directory/user/user_test_fixture.h"
#include "migration/spool.h"
#include "signin/password_check.h"
#include "zitadel/admin.pb.h"

namespace godwit::api {

/// A text as the file of an import.
class SpooledText {
public:
    explicit SpooledText(std::string_view text) : spool_(*migration::Spool::create("/tmp")) { EXPECT_TRUE(spool_.append(text)); }
    int fd() const { return spool_.fd(); }

private:
    migration::Spool spool_;
};

class ImportStoreTest : public user::UserStoreTest {
protected:
    using Response = zitadel::admin::v1::ImportDataResponse;

    Result<Response> import(std::string_view json, const ImportCall& call) {
        const SpooledText file(json);
        Response response;
        TRY(run_import(services_, call, file.fd(), response));
        return response;
    }
    /// Fails the test when the import is refused as a whole.
    Response import(std::string_view json) {
        auto response = import(json, call());
        EXPECT_TRUE(response) << response.error().message;
        return response ? *response : Response();
    }
    ImportCall call() const { return {.instance = scope(), .editor = editor_}; }

    /// "type id message", in order.
    static std::vector<std::string> errors(const Response& response) {
        std::vector<std::string> out;
        for (const auto& error : response.errors()) out.push_back(error.type() + " " + error.id() + " " + error.message());
        return out;
    }
    static std::vector<std::string> humans(const Response& response, int org = 0) {
        const auto& ids = response.success().orgs(org).human_user_ids();
        return {ids.begin(), ids.end()};
    }
    std::int64_t users() { return count("SELECT count(*) FROM users WHERE instance_no = ?1"); }
    std::optional<user::User> user(std::string id) { return *users_.find(user::Ref::named(scope(), std::move(id))); }

    static password::HasherConfig cheap() {
        password::HasherConfig config;
        config.argon2_memory_kib = 256;
        config.argon2_passes = 1;
        return config;
    }

    settings::Settings settings_{store()};
    text::Texts texts_{store()};
    user::Metadata metadata_{store()};
    project::Projects projects_{store()};
    project::Grants project_grants_{store()};
    grant::UserGrants user_grants_{store()};
    application::Apps apps_{store()};
    member::Members members_{store()};
    password::HashMemory memory_;
    password::Verifier verifier_ = *password::Verifier::make({}, memory_);
    password::Hasher hasher_ = *password::Hasher::make(cheap(), memory_, verifier_);
    signin::PasswordCheck check_{
        {.store = store(), .settings = settings_, .sealers = sealers_, .users = users_, .verifier = verifier_, .hasher = hasher_}};
    const ImportServices services_{.store = store(),
                                   .settings = settings_,
                                   .texts = texts_,
                                   .orgs = orgs_,
                                   .idps = idps_,
                                   .users = users_,
                                   .machines = machines_,
                                   .links = links_,
                                   .metadata = metadata_,
                                   .projects = projects_,
                                   .project_grants = project_grants_,
                                   .user_grants = user_grants_,
                                   .apps = apps_,
                                   .members = members_,
                                   .passwords = check_};
};

/// A clock that the import itself moves: by `step` each time it looks.
struct SteppingClock {
    std::chrono::microseconds step;
    std::shared_ptr<std::atomic<std::int64_t>> looks = std::make_shared<std::atomic<std::int64_t>>(0);
    std::chrono::steady_clock::time_point operator()() const { return std::chrono::steady_clock::time_point(step * (*looks)++); }
};

}  // namespace godwit::api
