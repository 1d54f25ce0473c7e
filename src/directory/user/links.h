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
    Result<directory::Change> remove_totp(const Ref& ref, const store::Editor& editor);
    /// None yet: the table comes with passkeys themselves.
    Result<std::vector<Passkey>> passkeys(const Ref& ref);
    /// not_found COMMAND-DAfb2.
    Result<directory::Change> remove_passkey(const Ref& ref, std::string_view id, const store::Editor& editor);

    /// What a sign-in must ask for besides the password (signin/).
    struct Enrolled {
        bool totp = false, u2f = false, passwordless = false, otp_sms = false, otp_email = false;
        bool second_factor() const { return totp || u2f || otp_sms || otp_email; }
    };
    Result<Enrolled> enrolled(InstanceScope instance, UserId user);

private:
    store::Store& store_;
};

}  // namespace godwit::user
