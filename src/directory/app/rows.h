// Rows of applications, for the .cc files of this folder.
#pragma once

#include <string_view>
#include <variant>

#include "directory/app/apps.h"

namespace godwit::application {

/// not_found with `error_id` unless the application is one of the project, and the project the organization's.
Result<App> must_find(store::Reader& db, const Ref& ref, std::string_view error_id);
Result<std::shared_ptr<const App>> find_where(store::Reader& db, InstanceScope scope, std::string_view condition,
                                              const store::Value& value);
Result<directory::Listed<App>> list_apps(store::Reader& db, InstanceScope scope, ProjectId project,
                                         const std::vector<directory::TextFilter>& names, const store::Page& page);

using Config = std::variant<OidcConfig, ApiConfig>;
std::string encode(const Config& config);
int kind_of(const Config& config);         ///< applications.kind
int auth_method_of(const Config& config);  ///< applications.auth_method
bool has_secret(const Config& config);     ///< whether clients of that auth method have one

/// The new version of a changed application; caches learn of it.
Result<directory::Change> record(store::Writer& db, const App& app, InstanceScope scope, const store::Editor& editor,
                                 std::string_view type);

}  // namespace godwit::application
