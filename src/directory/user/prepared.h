// Users whose form is checked ahead of the transaction that creates them, so that the one writer of a store does not do it.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "directory/user/new_user.h"

namespace godwit::user {

/// E.164 without separators; invalid_argument PHONE-so0wa.
Result<std::string> normalise_phone(std::string_view text);
/// invalid_argument EMAIL-599BI.
Result<void> accept_email(std::string_view address);
/// Forms and limits of TOTP keys, passkeys, recovery codes and the avatar's address. invalid_argument USER-Otp01 …, USER-Psk01 …,
/// USER-Rec01, USER-Avt01.
Result<void> accept_authenticators(const NewHuman& human);

struct Draft;

class PreparedUsers {
public:
    explicit PreparedUsers(std::vector<NewUser> users);
    PreparedUsers(PreparedUsers&&) noexcept;
    PreparedUsers& operator=(PreparedUsers&&) noexcept;
    ~PreparedUsers();

    std::size_t size() const { return users_.size(); }
    const NewUser& operator[](std::size_t i) const { return users_[i]; }
    /// What is wrong with the form of a user; nullptr: nothing.
    const Error* refused(std::size_t i) const;

    /// As the store compares them; "" for what the user has not. Views into this.
    struct Keys {
        std::string_view name, public_id, email;
    };
    Keys keys(std::size_t i) const;

private:
    friend class Users;
    std::vector<NewUser> users_;
    std::vector<Draft> drafts_;  ///< point into users_
};

}  // namespace godwit::user
