// A user on the way in: all of the canonical record that has a table. AddHumanUser, ImportHumanUser, AddMachineUser, v2's
// AddHumanUser, the bulk import, first start and (later) just-in-time creation all hand this to Users::create.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "directory/user/types.h"

namespace godwit::user {

/// Hashed and checked (credentials/password) before it comes here; nothing hashes inside a transaction.
struct NewPassword {
    std::string encoded;  ///< the stored form of credentials/password
    std::string scheme;   ///< its scheme's name
    bool change_required = false;
};

struct NewTotp {
    Secret key;  ///< raw bytes
    std::string algorithm = "SHA1";
    int digits = 6;
    int period = 30;  ///< seconds
    std::string name;
};

/// A WebAuthn credential, registered elsewhere. Binary members are bytes.
struct NewPasskey {
    std::string credential_id = {}, cose_key = {};
    std::string rp_id = {};  ///< the domain it is bound to: "acme.example"
    std::uint32_t sign_count = 0;
    std::string aaguid = {}, user_handle = {};  ///< may be empty
    std::vector<std::string> transports = {};
    std::string name = {};
    bool passwordless = true;  ///< signs in by itself; false: a second factor (U2F)
    bool backup_eligible = false, backed_up = false;
};

struct NewIdpLink {
    std::string idp_id;  ///< as the contract shows it
    std::string external_id;
    std::string display_name;
};

/// Roles of a project of the user's organization, or of one that was granted to it.
struct NewGrant {
    std::string project_id;        ///< as the contract shows it
    std::string project_grant_id;  ///< under which it was granted; "": its own, or else the one that was granted to it
    std::vector<std::string> roles;
};

struct NewMachineKey {
    std::string key_id;  ///< given by an import; "": generated
    std::string spki;    ///< SubjectPublicKeyInfo, DER
    Time expires;
};

struct NewHuman {
    Profile profile;
    std::string email;
    bool email_verified = false;
    std::string email_source = "admin";  ///< who vouches, when verified: see Email::source
    std::string phone;                   ///< any spelling with "+"; stored as E.164
    bool phone_verified = false;
    std::optional<NewPassword> password;
    std::vector<NewTotp> totp;
    std::vector<NewPasskey> passkeys;
    std::vector<std::string> recovery_codes;  ///< not used yet; hashed as passwords are (credentials/password)
    bool otp_email = false, otp_sms = false;  ///< codes to the person's own address are a second factor
    std::vector<NewIdpLink> idp_links;
    bool passwordless_registration = false;  ///< a code for registering a passkey is made and answered, not sent

    /// What becomes of the code that proves an address. Imports ask for none.
    enum class CodeFor { nobody, user, caller };
    CodeFor email_code = CodeFor::nobody, phone_code = CodeFor::nobody;
    bool init_code = false;  ///< someone without a way to sign in is sent one to set up
};

struct NewMachine {
    std::string name, description;
    TokenKind token_kind = TokenKind::opaque;
    std::vector<NewMachineKey> keys;
};

struct NewUser {
    std::string given_id;  ///< 1–200 characters, see directory::accept_given_id; "": generated
    std::string name;      ///< no white space at either end
    std::variant<NewHuman, NewMachine> as;
    std::vector<std::pair<std::string, std::string>> metadata;  ///< key, value (any bytes)
    std::vector<NewGrant> grants;
    /// inactive or locked when the source says so; otherwise the state follows from what the user brought (State::initial).
    std::optional<State> state;
    std::optional<Time> created;  ///< when the source knows it
};

/// A secret that was just made and is shown once.
struct IssuedCode {
    std::string id;
    Secret code;
    Time expires;
};

struct Created {
    UserId id;
    std::string public_id;
    directory::Change change;
    std::optional<IssuedCode> passwordless, email_code, phone_code;
};

/// Slots follow the order of the batch: created, or the Error that kept this one out.
using BatchOutcome = std::vector<Result<Created>>;
inline constexpr std::size_t kMaxBatch = 10'000;

}  // namespace godwit::user
