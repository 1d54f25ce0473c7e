// Applications of projects: OIDC clients and APIs, their secrets and keys.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "directory/app/types.h"
#include "store/editor.h"

namespace godwit::store {
class Reader;
class Store;
class Writer;
}  // namespace godwit::store

namespace godwit::application {

struct NewApp {
    std::string name;
    std::optional<std::string> id = {};         ///< given by the caller; otherwise generated
    std::optional<std::string> client_id = {};  ///< brought along from another system; otherwise generated
    std::optional<std::string> secret = {};     ///< stored form, brought along; otherwise made when the auth method needs one
    std::variant<OidcConfig, ApiConfig> config;
};

/// A created application and its client secret, which is shown this once (empty when the auth method has none).
struct Created {
    App app;
    Secret client_secret;
};

struct IssuedSecret {
    Secret client_secret;
    directory::Change change;
};

struct AppKey {
    std::string id;  ///< the `kid` of assertions
    directory::Stamp stamp = {};
    std::string resource_owner;
    Time expires;
};

struct IssuedKey {
    std::string id;
    Secret details;  ///< JSON with the private key, as clients of the reference read it
    directory::Change change;
};

/// The key a client assertion names.
struct KeyOwner {
    AppId app;
    std::string client_id;
    std::string spki;  ///< DER
    Time expires;      ///< the caller compares it with its clock
};

/// Which application: by ids of the contract, in a project that the organization owns.
struct Ref {
    OrgScope org;
    std::string project_id;
    std::string app_id;
};

/// "9999-12-31T23:59:59Z": keys without an end.
inline constexpr Time kNoExpiry{253'402'300'799'000'000};

/// Whether `secret` is the one behind the stored form: constant time for ours. Imported hashes need credentials/password: nullopt
/// says so.
std::optional<bool> verify_secret(std::string_view stored, std::string_view secret);

class Apps {
public:
    explicit Apps(store::Store& store);
    ~Apps();

    /// Errors: not_found PROJECT-3m9s2 (no such project of the organization), already_exists V3-DKcYh (name, id or client id taken),
    /// invalid_argument PROJECT-1n8df (see check).
    Result<Created> create(const OrgScope& org, std::string_view project_id, const store::Editor& editor, const NewApp& wanted);
    Result<Created> create(store::Writer& db, const OrgScope& org, std::string_view project_id, const store::Editor& editor,
                           const NewApp& wanted);

    /// not_found QUERY-pCP8P
    Result<App> get(const Ref& ref) const;
    Result<directory::Listed<App>> list(const OrgScope& org, std::string_view project_id, const std::vector<directory::TextFilter>& names,
                                        const store::Page& page) const;

    /// The active or inactive client with this id, for the OIDC endpoints; null when unknown. Cached, one small read. Callers check
    /// app->state and the project's.
    Result<std::shared_ptr<const App>> find_by_client_id(InstanceScope scope, std::string_view client_id) const;
    Result<std::shared_ptr<const App>> find(InstanceScope scope, AppId app) const;

    Result<directory::Change> rename(const Ref& ref, const store::Editor& editor, std::string_view name);
    Result<directory::Change> update(const Ref& ref, const store::Editor& editor, const OidcConfig& config);
    Result<directory::Change> update(const Ref& ref, const store::Editor& editor, const ApiConfig& config);
    Result<directory::Change> deactivate(const Ref& ref, const store::Editor& editor);
    Result<directory::Change> reactivate(const Ref& ref, const store::Editor& editor);
    /// With its keys.
    Result<directory::Change> remove(const Ref& ref, const store::Editor& editor);

    /// A new secret replaces the old one. failed_precondition when the auth method has none.
    Result<IssuedSecret> regenerate_secret(const Ref& ref, const store::Editor& editor);

    /// Makes an RSA-2048 pair (a tenth of a second: Lane::hash). `expires` must lie ahead (DOMAIN-dv3t5); none: kNoExpiry.
    /// failed_precondition COMMAND-Dff54 when the auth method is not private_key_jwt.
    Result<IssuedKey> add_key(const Ref& ref, const store::Editor& editor, std::optional<Time> expires);
    /// A key that was made elsewhere (PEM or DER), under the id it has there: assertions signed with it go on working. already_exists
    /// COMMAND-Key02 when the id is taken; otherwise as add_key.
    struct GivenKey {
        std::string id;
        std::string public_key;
        std::optional<Time> expires;
    };
    Result<directory::Change> add_given_key(const Ref& ref, const store::Editor& editor, const GivenKey& key);
    Result<AppKey> get_key(const Ref& ref, std::string_view key_id) const;
    Result<directory::Listed<AppKey>> list_keys(const Ref& ref, const store::Page& page) const;
    Result<directory::Change> remove_key(const Ref& ref, const store::Editor& editor, std::string_view key_id);
    Result<std::optional<KeyOwner>> find_key(InstanceScope scope, std::string_view key_id) const;

private:
    Result<directory::Change> change_state(const Ref& ref, const store::Editor& editor, State to);
    Result<directory::Change> write_config(const Ref& ref, const store::Editor& editor, const std::variant<OidcConfig, ApiConfig>& config);

    store::Store& store_;
    struct Cache;
    std::unique_ptr<Cache> cache_;
};

}  // namespace godwit::application
