// Rows of org_domains, for the two .cc files of this folder.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "directory/org/orgs.h"

namespace godwit::org {

/// As org_domains keys it: a valid name in ASCII lower case (IDNA), anything else folded (the reference takes any text).
std::string canonical_domain(std::string_view domain);

/// Errors: the store's unique violations.
Result<void> insert_domain(store::Writer& db, const OrgScope& org, const Domain& domain);
/// The generated domain follows the organization's name; does nothing when `from` is not there any more.
Result<void> rename_domain(store::Writer& db, const OrgScope& org, std::string_view from, std::string_view to);

}  // namespace godwit::org
