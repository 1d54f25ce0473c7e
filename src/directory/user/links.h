// Links of a user to identities at identity providers, and the user's factors.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "directory/object/object.h"
#include "directory/user/new_user.h"
#include "directory/user/types.h"
#include "store/editor.h"

namespace godwit::user {

struct IdpLink {
    std::string user_id, idp_id, idp_name;
    int idp_type = 0;  ///< idp::Type
    std::string external_id, display_name;
};

struct Factor {
    enum class Kind { totp, u2f, otp_sms, otp_email } kind = Kind::totp;
    bool ready = true;
    std::string id, name;  ///< u2f
};

struct Passkey {
    std::string id, name;
    bool ready = true;
};

class Links {
public:
    explicit Links(store::Store& store) : store_(store) {}

    /// Empty for an unknown user.
    Result<directory::Listed<IdpLink>> list(const Ref& ref, const store::Page& page);
    /// Errors: failed_precondition COMMAND-39nfs (unknown identity provider), already_exists V3-DKcYh.
    Result<directory::Change> add(const Ref& ref, const NewIdpLink& link, const store::Editor& editor);
    /// not_found COMMAND-1M9xR.
    Result<directory::Change> remove(const Ref& ref, std::string_view idp_id, std::string_view external_id, const store::Editor& editor);

    /// Second factors of the user, for its administrator. Empty for an unknown user.
    Result<std::vector<Factor>> factors(const Ref& ref);
    /// Errors: not_found COMMAND-Hd9sd (TOTP), COMMAND-Sr3h3 (SMS), COMMAND-b312D (e-mail).
    Result<directory::Change> remove_totp(const Ref& ref, const store::Editor& editor);
    Result<directory::Change> remove_otp(const Ref& ref, Factor::Kind kind, const store::Editor& editor);
    /// Those that sign in by themselves.
    Result<std::vector<Passkey>> passkeys(const Ref& ref);
    /// A passkey, or a U2F key: not_found COMMAND-DAfb2.
    Result<directory::Change> remove_passkey(const Ref& ref, std::string_view id, const store::Editor& editor);
    Result<directory::Change> remove_u2f(const Ref& ref, std::string_view id, const store::Editor& editor);

    /// What a sign-in must ask for besides the password (signin/).
    struct Enrolled {
        bool totp = false, u2f = false, passwordless = false, otp_sms = false, otp_email = false;
        /// Someone who proves themselves with more than a password elsewhere is not let in by less here.
        bool second_factor() const { return totp || u2f || passwordless || otp_sms || otp_email; }
    };
    Result<Enrolled> enrolled(InstanceScope instance, UserId user);

private:
    Result<directory::Change> remove_webauthn(const Ref& ref, std::string_view id, bool passwordless, const store::Editor& editor);

    store::Store& store_;
};

}  // namespace godwit::user
