// What people prove themselves with besides a password, on its way in: its form, its rows. Internal to this folder.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "directory/user/new_user.h"
#include "directory/user/prepared.h"
#include "store/store.h"

namespace godwit::crypto {
class Sealer;
}

namespace godwit::user {

/// The numbers in the tables.
enum class PasskeyUsage { passwordless = 1, second_factor = 2 };
enum class FactorState { waiting = 1, ready = 2 };
enum class OtpKind { sms = 1, email = 2 };

/// What finds a credential among those of its domain.
std::string credential_key(const NewPasskey& passkey);

/// Rows of many users, written together.
class AuthenticatorRows {
public:
    /// Told of each event the rows stand for; `type` is a literal.
    using Happened = std::function<void(std::string_view type, std::string body)>;

    AuthenticatorRows(store::Writer& db, InstanceScope instance, const crypto::Sealer& sealer)
        : db_(db), instance_(instance), sealer_(sealer) {}

    /// `human` must stay until the rows are written.
    void add(UserId user, const NewHuman& human, const Happened& happened);
    Result<void> write();

private:
    void add_totp(UserId user, const NewTotp& totp);
    void add_passkey(UserId user, const NewPasskey& passkey);
    std::string_view keep(std::string text) { return kept_.emplace_back(std::move(text)); }

    store::Writer& db_;
    const InstanceScope instance_;
    const crypto::Sealer& sealer_;
    std::deque<std::string> kept_;
    std::vector<store::Value> totp_, passkeys_, recovery_codes_, otp_;
};

}  // namespace godwit::user
