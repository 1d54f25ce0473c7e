// The bulk import: POST /admin/v1/import (AdminService/ImportData).
//
// A body of any size is put on disk, looked over once for its structure, and then taken in record by record: organizations, their
// policies, domains and identity providers, users, metadata, projects and applications, roles, grants, members. Every record is a change
// of its own: one that cannot be taken is one entry of the answer's `errors` and costs no other. Memory: two batches of users and the
// answer.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "store/editor.h"

namespace godwit::application {
class Apps;
}
namespace godwit::grant {
class UserGrants;
}
namespace godwit::idp {
class Idps;
}
namespace godwit::member {
class Members;
}
namespace godwit::org {
class Orgs;
}
namespace godwit::project {
class Grants;
class Projects;
}  // namespace godwit::project
namespace godwit::rpc {
class Registry;
}
namespace godwit::settings {
class Settings;
}
namespace godwit::signin {
class PasswordCheck;
}
namespace godwit::text {
class Texts;
}
namespace godwit::user {
class Links;
class Machines;
class Metadata;
class Users;
}  // namespace godwit::user
namespace zitadel::admin::v1 {
class ImportDataResponse;
}

namespace godwit::api {

struct ImportServices {
    store::Store& store;
    settings::Settings& settings;
    text::Texts& texts;
    org::Orgs& orgs;
    idp::Idps& idps;
    user::Users& users;
    user::Machines& machines;
    user::Links& links;
    user::Metadata& metadata;
    project::Projects& projects;
    project::Grants& project_grants;
    grant::UserGrants& user_grants;
    application::Apps& apps;
    member::Members& members;
    signin::PasswordCheck& passwords;
};

struct ImportLimits {
    std::uint64_t body_bytes = std::uint64_t{4} << 30;
    std::string spool_directory;  ///< made when it is not there
};

/// REST takes the body as a stream; gRPC a decoded message of the usual size.
void register_import(rpc::Registry& registry, const ImportServices& services, const ImportLimits& limits);

/// Whom an import is done for, and what ends it early.
struct ImportCall {
    InstanceScope instance;
    store::Editor editor;
    /// True once the client has gone; any thread.
    std::function<bool()> cancelled = [] { return false; };
    std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
};

/// Imports the ImportDataRequest that stands as JSON in the file `fd`. When its time-out passes, what was done stays done and the answer
/// has an error of type "timeout". Errors, before any write: invalid_argument (JSON, time-out, sources that are not the body itself);
/// cancelled when the client went (what was done stays done); unavailable when the store did.
Result<void> run_import(const ImportServices& services, const ImportCall& call, int fd, zitadel::admin::v1::ImportDataResponse& response);

}  // namespace godwit::api
