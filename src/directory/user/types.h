// What a user is, as the contract shows it (zitadel.user.v1, zitadel.user.v2). Enumerators have the contract's numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "directory/object/object.h"

namespace godwit::user {

enum class State {
    active = 1,
    inactive = 2,
    deleted = 3,
    locked = 4,
    suspended = 5,
    initial = 6,  ///< has no way to sign in yet: no password, no passkey registration asked for
};
enum class Kind { human = 1, machine = 2 };
enum class Gender { unspecified = 0, female = 1, male = 2, diverse = 3 };
/// Which access tokens a machine gets.
enum class TokenKind { opaque = 0, jwt = 1 };

struct Profile {
    std::string first_name, last_name, nick_name;
    std::string display_name;  ///< "First Last" when none was given
    std::string language;      ///< BCP 47 tag; "und" when none (or no valid one) was given
    Gender gender = Gender::unspecified;
    std::string avatar;  ///< an https:// URL, shown as it is; or the key of an asset
    /// What others are shown of it; empty when it has no address of its own.
    std::string_view avatar_url() const { return avatar.starts_with("https://") ? std::string_view(avatar) : std::string_view(); }
    friend bool operator==(const Profile&, const Profile&) = default;
};

struct Email {
    std::string address;  ///< as given; "" when there is none
    std::optional<Time> verified_at;
    std::string source;  ///< who verified it: none, self_verified, admin, import[:<job>], idp:<id>
    bool verified() const { return verified_at.has_value(); }
};

struct Phone {
    std::string number;  ///< E.164 ("+41791234567"); "" when there is none
    std::optional<Time> verified_at;
    bool verified() const { return verified_at.has_value(); }
};

struct Human {
    Profile profile;
    Email email;
    Phone phone;
    std::optional<Time> password_changed;  ///< absent without a password
    bool password_change_required = false;
};

struct Machine {
    std::string name, description;
    TokenKind token_kind = TokenKind::opaque;
    bool has_secret = false;
};

struct User {
    UserId id;
    std::string public_id;  ///< as the contract shows it: the `sub`
    OrgId org;
    std::string org_id;  ///< as the contract shows it: details.resourceOwner
    directory::Stamp stamp;
    State state = State::active;
    std::int64_t auth_epoch = 0;  ///< microseconds: sessions and tokens made at or before it are dead
    std::string name;             ///< the user name as given
    std::vector<std::string> login_names;
    std::string preferred_login_name;
    std::variant<Human, Machine> as;

    Kind kind() const { return std::holds_alternative<Human>(as) ? Kind::human : Kind::machine; }
    const Human* human() const { return std::get_if<Human>(&as); }
    const Machine* machine() const { return std::get_if<Machine>(&as); }
    /// How pages greet the user: display name of a human, name of a machine.
    const std::string& display_name() const { return human() ? human()->profile.display_name : machine()->name; }
};

/// Which user, and where it must lie. Made by who knows the scope of the call.
struct Ref {
    InstanceScope instance;
    OrgId within;  ///< 0: any organization of the instance
    UserId id;     ///< 0: by public_id
    std::string public_id;

    static Ref of(InstanceScope instance, UserId id) { return {instance, OrgId{}, id, {}}; }
    static Ref of(const OrgScope& org, UserId id) { return {org.instance(), org.org(), id, {}}; }
    /// By the text of a contract message.
    static Ref named(InstanceScope instance, std::string public_id) { return {instance, OrgId{}, UserId{}, std::move(public_id)}; }
    static Ref named(const OrgScope& org, std::string public_id) { return {org.instance(), org.org(), UserId{}, std::move(public_id)}; }
};

/// The names of a profile as search and order go by them.
struct ProfileKeys {
    std::string given, family, nick, display;
};
ProfileKeys keys_of(const Profile& profile);

}  // namespace godwit::user
