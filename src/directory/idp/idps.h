// Identity providers as data: what federation/ signs in with, what users are linked to. The kind's own configuration is the
// contract's ProviderConfig message, opaque here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/secret.h"
#include "directory/object/object.h"

namespace godwit::key {
class Sealers;
}
namespace godwit::store {
class Reader;
class Store;
class Writer;
}  // namespace godwit::store

namespace godwit::idp {

/// Numbers of the contract's ProviderType.
enum class Type {
    oidc = 1,
    jwt = 2,
    ldap = 3,
    oauth = 4,
    azure_ad = 5,
    github = 6,
    github_enterprise = 7,
    gitlab = 8,
    gitlab_self_hosted = 9,
    google = 10,
    apple = 11,
    saml = 12,
};
enum class State { active = 1, inactive = 2 };
enum class AutoLinking { off = 0, user_name = 1, email = 2 };

/// What a sign-in through the provider may do to the directory.
struct Options {
    bool linking_allowed = false;
    bool creation_allowed = false;
    bool auto_creation = false;
    bool auto_update = false;
    AutoLinking auto_linking = AutoLinking::off;
};

struct Idp {
    IdpId key;
    std::string id;  ///< as the contract shows it
    OrgId owner;     ///< 0: the instance
    std::string owner_id;
    std::string name;
    Type type = Type::oidc;
    State state = State::active;
    Options options;
    std::string config;  ///< zitadel.idp.v1.ProviderConfig, serialised, without `options`
    directory::Stamp stamp = {};
};

struct NewIdp {
    std::string name;
    std::optional<std::string> id = {};
    Type type = Type::oidc;
    Options options = {};
    std::string config;
    Secret secret;  ///< client secret, bind password …; may be empty
};

struct Filter {
    std::vector<directory::TextFilter> names = {};
    std::vector<std::string> ids = {};
    std::optional<bool> instance_owned = {};  ///< only the instance's, or only the organization's
};

/// In a transaction that is already open: what `org` may use (its own and the instance's; any when the scope names no organization).
Result<std::optional<Idp>> find_idp(store::Reader& db, const OrgScope& org, std::string_view id);
Result<std::optional<Idp>> find_idp(store::Reader& db, InstanceScope scope, IdpId key);

class Idps {
public:
    Idps(store::Store& store, const key::Sealers& sealers);

    /// Owned by the organization, or by the instance when the scope names none.
    Result<Idp> create(const OrgScope& owner, const store::Editor& editor, const NewIdp& wanted);
    Result<Idp> create(store::Writer& db, const OrgScope& owner, const store::Editor& editor, const NewIdp& wanted);

    /// What an organization may use: its own and the instance's. With no organization in the scope: any.
    Result<std::optional<Idp>> find(const OrgScope& org, std::string_view id) const;
    Result<directory::Listed<Idp>> list(const OrgScope& org, const Filter& filter, const store::Page& page) const;
    /// The client secret, opened.
    Result<Secret> secret(InstanceScope scope, IdpId key) const;

    /// An empty secret keeps the one that is there. not_found ORG-D3r1s (INST-D3r1s) when the owner does not have it, or it is of another
    /// type than wanted.
    Result<directory::Change> update(const OrgScope& owner, const store::Editor& editor, std::string_view id, const NewIdp& wanted);
    Result<directory::Change> remove(const OrgScope& owner, const store::Editor& editor, std::string_view id);

private:
    store::Store& store_;
    const key::Sealers& sealers_;
};

}  // namespace godwit::idp
