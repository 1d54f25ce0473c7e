// One-time codes of a user: e-mail and phone verification, initialization, password reset, passkey registration. Only a hash is
// stored; the code itself leaves in an outbox row or, where the contract says so, in the answer.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "directory/object/object.h"
#include "directory/user/new_user.h"
#include "directory/user/types.h"
#include "store/editor.h"

namespace godwit::key {
class Sealers;
}

namespace godwit::user {

enum class CodeKind { initialize = 1, email = 2, phone = 3, password_reset = 4, passwordless = 5, invite = 6 };

class Codes {
public:
    Codes(store::Store& store, const key::Sealers& sealers) : store_(store), sealers_(sealers) {}

    /// failed_precondition COMMAND-2M9sd when the user is already initialized. A given e-mail replaces the stored one.
    Result<directory::Change> resend_initialization(const Ref& ref, std::string_view email, const store::Editor& editor);
    Result<directory::Change> resend_email_verification(const Ref& ref, const store::Editor& editor);
    Result<directory::Change> resend_phone_verification(const Ref& ref, const store::Editor& editor);
    Result<directory::Change> send_password_reset(const Ref& ref, bool by_sms, const store::Editor& editor);

    struct Registration {
        IssuedCode code;
        directory::Change change;
    };
    /// A code for registering a passkey, shown to the caller or sent to the user. An unknown user is answered alike (as recorded), but
    /// nothing is written for it.
    Result<Registration> passwordless_registration(const Ref& ref, bool send, const store::Editor& editor);

    /// Takes a code that the user brings back: true once, false when it is wrong, expired, used or was guessed at too often. `code_id`
    /// is of a passwordless link, "" otherwise.
    Result<bool> redeem(InstanceScope instance, UserId user, CodeKind kind, std::string_view code_id, std::string_view code);

private:
    store::Store& store_;
    const key::Sealers& sealers_;
};

}  // namespace godwit::user
