// Organizations and their domains.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "directory/object/object.h"

namespace godwit::instance {
class Instances;
}
namespace godwit::store {
class Reader;
class Store;
class Writer;
}  // namespace godwit::store

namespace godwit::org {

enum class State { active = 1, inactive = 2, removed = 3 };  ///< numbers of the contract's OrgState

struct Org {
    OrgId key;
    std::string id;  ///< as the contract shows it
    std::string name;
    State state = State::active;
    std::string primary_domain;
    directory::Stamp stamp = {};
};

struct NewOrg {
    std::string name;
    std::optional<std::string> id = {};  ///< given by the caller; otherwise generated
};

struct Domain {
    std::string name;
    bool verified = false;
    bool primary = false;
    int validation_type = 0;  ///< the contract's DomainValidationType
    directory::Stamp stamp = {};
};

/// All conditions hold together.
struct Filter {
    std::vector<directory::TextFilter> names = {};
    std::vector<directory::TextFilter> domains = {};  ///< primary domain
    std::vector<State> states = {};
    std::vector<std::string> ids = {};
    bool sort_by_name = false;
};

/// The label that generated domains begin with: "Acme & Sons" → "acme--sons". Spaces become hyphens, all but ASCII letters, digits and
/// hyphens go, at most 63 characters (and 253 with the rest), one hyphen at either end goes. invalid_argument ORG-RrfXY when nothing is
/// left.
Result<std::string> generated_domain(std::string_view org_name, std::string_view external_domain);

/// In a transaction that is already open.
Result<std::optional<Org>> find_org(store::Reader& db, const OrgScope& org);
Result<std::optional<Org>> find_org(store::Reader& db, InstanceScope scope, std::string_view id);
/// Verified domains, the primary one first: what login names are built from.
Result<std::vector<std::string>> verified_domains(store::Reader& db, const OrgScope& org);
/// The organization that has verified `domain`, for `name@domain`.
Result<std::optional<OrgId>> owner_of_domain(store::Reader& db, InstanceScope scope, std::string_view domain);

class Orgs {
public:
    Orgs(store::Store& store, const instance::Instances& instances);

    /// Creates with the generated domain (verified, primary). Errors: already_exists V3-DKcYh (name or domain taken) or
    /// ORG-lapo2n (id taken), invalid_argument ORG-RrfXY (no letter left for a domain), ID-… (directory/object/public_id.h).
    Result<Org> create(InstanceScope scope, const store::Editor& editor, const NewOrg& wanted);
    Result<Org> create(store::Writer& db, InstanceScope scope, const store::Editor& editor, const NewOrg& wanted);

    /// not_found QUERY-iTTGJ
    Result<Org> get(const OrgScope& org) const;
    Result<std::optional<Org>> find(InstanceScope scope, std::string_view id) const;
    /// By a primary, verified domain, as the contract's global look-up does it.
    Result<std::optional<Org>> find_by_domain(InstanceScope scope, std::string_view domain) const;
    Result<directory::Listed<Org>> list(InstanceScope scope, const Filter& filter, const store::Page& page) const;
    /// False when the name or the domain is taken. Empty ones are not looked at.
    Result<bool> is_unique(InstanceScope scope, std::string_view name, std::string_view domain) const;

    /// The generated domain follows the name. Errors: failed_precondition ORG-4VSdf (same name), already_exists V3-DKcYh.
    Result<directory::Change> rename(const OrgScope& org, const store::Editor& editor, std::string_view name);
    /// failed_precondition EVENT-Dbs2g, EVENT-bfnrh when it is so already.
    Result<directory::Change> deactivate(const OrgScope& org, const store::Editor& editor);
    Result<directory::Change> reactivate(const OrgScope& org, const store::Editor& editor);

    /// Verified at once unless the domain policy wants domains validated. Errors: already_exists V2-e1wse (has it already) or
    /// V3-DKcYh (verified by another organization).
    Result<directory::Change> add_domain(const OrgScope& org, const store::Editor& editor, std::string_view domain);
    Result<directory::Change> add_domain(store::Writer& db, const OrgScope& org, const store::Editor& editor, std::string_view domain,
                                         bool verified);
    Result<directory::Change> remove_domain(const OrgScope& org, const store::Editor& editor, std::string_view domain);
    Result<directory::Change> set_primary_domain(const OrgScope& org, const store::Editor& editor, std::string_view domain);
    Result<directory::Change> set_primary_domain(store::Writer& db, const OrgScope& org, const store::Editor& editor,
                                                 std::string_view domain);
    Result<directory::Listed<Domain>> domains(const OrgScope& org, const std::vector<directory::TextFilter>& names,
                                              const store::Page& page) const;

private:
    Result<directory::Change> set_state(const OrgScope& org, const store::Editor& editor, State to, const Error& already,
                                        std::string_view event);

    store::Store& store_;
    const instance::Instances& instances_;
};

}  // namespace godwit::org
