// What every change of configuration shares, policy or text: the level it belongs to, its event, the version that ends caches.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "directory/object/object.h"

namespace godwit::instance {

/// The level that a scope writes to, as the columns scope_kind and scope_id have it: the organization, or the instance when the scope
/// names none.
struct ConfigLevel {
    explicit ConfigLevel(const OrgScope& org) : kind(org.org() ? 1 : 0), id(org.org().key) {}
    bool of_org() const { return kind == 1; }
    int kind;
    std::int64_t id;
};

/// Whose a level is: the id as the contract shows it, and the key that its events go under.
struct ConfigOwner {
    std::string shown;
    std::int64_t key = 0;
};
Result<ConfigOwner> owner_of(store::Reader& db, const OrgScope& level);

/// Appends the event ("org." or "instance.", then `what`: "policy.login.changed") and ends what is cached of the instance.
/// `version` is the changed row's.
Result<directory::Change> record_config_change(store::Writer& db, const OrgScope& level, const store::Editor& editor, std::string_view what,
                                               std::int64_t version, std::string body);

}  // namespace godwit::instance
