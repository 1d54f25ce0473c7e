// What a machine user authenticates with: a client secret, keys (private_key_jwt), personal access tokens. Secrets are 256 random bits,
// so a SHA-256 of them is what is stored; they are shown once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "directory/object/object.h"
#include "directory/user/new_user.h"
#include "directory/user/types.h"
#include "store/editor.h"

namespace godwit::user {

struct IssuedSecret {
    std::string client_id;  ///< the user name
    Secret secret;
    directory::Change change;
};

struct MachineKey {
    std::string id;
    directory::Stamp stamp;
    std::string resource_owner;
    Time expires;
    std::string spki;  ///< SubjectPublicKeyInfo, DER
};

struct IssuedKey {
    std::string id;
    Secret details;  ///< JSON with the private key as clients of the reference read it; empty when the caller brought the public key
    directory::Change change;
};

struct Pat {
    std::string id;
    directory::Stamp stamp;
    std::string resource_owner;
    Time expires;
    std::vector<std::string> scopes;
};

struct IssuedPat {
    std::string id;
    Secret token;
    directory::Change change;
};

/// Who a personal access token belongs to.
struct PatOwner {
    std::string token_id;
    UserId user;
    std::string user_id;  ///< as the contract shows it
    OrgId org;
    std::string org_id;
    std::vector<std::string> scopes;
};

/// "9999-12-31T23:59:59Z": keys and tokens without an end.
inline constexpr Time kNoExpiry{253'402'300'799'000'000};

class Machines {
public:
    Machines(store::Store& store, const Clock& clock) : store_(store), clock_(clock) {}

    /// A new secret replaces the old one. failed_precondition COMMAND-x8910n for a human.
    Result<IssuedSecret> generate_secret(const Ref& ref, const store::Editor& editor);
    Result<directory::Change> remove_secret(const Ref& ref, const store::Editor& editor);
    /// True when `secret` is the machine's; constant time in the secret. For client_credentials.
    Result<bool> verify_secret(InstanceScope instance, UserId user, std::string_view secret);

    /// `public_key` (PEM or DER) "" makes an RSA-2048 pair (a hundred milliseconds: Lane::hash). `expires` must lie ahead (DOMAIN-dv3t5);
    /// none: kNoExpiry.
    Result<IssuedKey> add_key(const Ref& ref, std::optional<Time> expires, std::string_view public_key, const store::Editor& editor);
    /// A key that was made elsewhere, under the id it has there: assertions signed with it go on working. already_exists COMMAND-Key01 when
    /// the id is taken; otherwise as add_key.
    Result<directory::Change> add_given_key(const Ref& ref, const NewMachineKey& key, const store::Editor& editor);
    Result<MachineKey> get_key(const Ref& ref, std::string_view key_id);
    Result<directory::Listed<MachineKey>> list_keys(const Ref& ref, const store::Page& page);
    Result<directory::Change> remove_key(const Ref& ref, std::string_view key_id, const store::Editor& editor);
    /// The key a JWT assertion names (`kid`), with its user; nullopt when unknown or expired.
    struct KeyOwner {
        UserId user;
        std::string user_id;
        std::string spki;  ///< SubjectPublicKeyInfo, DER
    };
    Result<std::optional<KeyOwner>> find_key(InstanceScope instance, std::string_view key_id);

    Result<IssuedPat> add_pat(const Ref& ref, std::optional<Time> expires, std::vector<std::string> scopes, const store::Editor& editor);
    Result<Pat> get_pat(const Ref& ref, std::string_view pat_id);
    Result<directory::Listed<Pat>> list_pats(const Ref& ref, const store::Page& page);
    Result<directory::Change> remove_pat(const Ref& ref, std::string_view pat_id, const store::Editor& editor);
    /// The owner of a token that is known, alive, and whose user is active; nullopt otherwise. One read.
    Result<std::optional<PatOwner>> find_pat(InstanceScope instance, std::string_view token);

private:
    store::Store& store_;
    const Clock& clock_;
};

}  // namespace godwit::user
