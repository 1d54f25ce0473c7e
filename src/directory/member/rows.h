// How rows of members are read, and what they hang on. Internal to this folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "directory/member/members.h"

namespace godwit::member {

/// Roles as a row has them, one a line.
std::vector<std::string> split_roles(std::string_view text);

/// Where the events of a place go, whom the contract names as its owner, and the last change of what it is.
struct Aggregate {
    std::int64_t id = 0;
    OrgId owner;
    std::string resource_owner;
    Time changed;
    std::int64_t version = 0;
};

/// not_found, with the scope's own id: there is no such place.
Result<Aggregate> aggregate_of(store::Reader& db, InstanceScope scope, const Place& place);

}  // namespace godwit::member
