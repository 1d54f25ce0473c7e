// One request of a sign-in, with everything its screen needs at hand.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/url.h"
#include "directory/user/passwords.h"
#include "directory/user/types.h"
#include "login/appearance.h"
#include "login/browser.h"
#include "login/page.h"
#include "login/pages.h"
#include "oidc/asked_org.h"
#include "oidc/auth_requests.h"
#include "store/editor.h"

namespace godwit::login {

struct Step {
    const Services& services;
    const http::Request& request;
    InstanceScope scope;
    std::string base;            ///< "/ui/v2/login" or "/ui/login"
    QueryParameters parameters;  ///< of the query (GET) or the form (POST)
    Browser browser;
    Secret key;                                     ///< signs what the pages hand to the browser and take back
    std::optional<oidc::AuthRequest> auth_request;  ///< absent for a sign-in without an application
    oidc::AskedOrg org;                             ///< the organization the application asked for
    Wishes wishes;                                  ///< what languages the person reads
    Appearance look;
    std::string form_target = {};          ///< see Frame
    std::vector<std::string> frames = {};  ///< see Frame
    bool hides_users = false;              ///< the login policy's ignore_unknown_usernames

    std::string_view parameter(std::string_view name) const { return find_parameter(parameters, name).value_or(""); }
    const Language& language() const { return look.language; }
    std::string_view text(std::string_view key_name) const { return language()[key_name]; }
    std::string request_id() const { return auth_request ? auth_request->id : std::string(); }
    store::Editor editor(UserId user = {}) const { return {.user = user, .service = "Login", .request_id = request.id}; }
    user::Ref ref(UserId user) const { return user::Ref::of(scope, user); }

    /// The pages are this organization's from here on, for who signs in is one of its people; where the application asked for an
    /// organization they are that one's already.
    Result<void> appear_as(OrgId of);
    /// The same by the people who are signed in in this browser, when all are of one organization; it, or none.
    Result<OrgId> appear_as_signed_in();

    /// `path` under the base, with the request it belongs to: "/ui/v2/login/login?authRequest=V2_1".
    std::string address(std::string_view path, QueryParameters more = {}) const;
    /// Hidden fields of a form: the request, the CSRF token.
    std::map<std::string, std::string> hidden();
    bool csrf_ok() const;

    /// Renders a template with this step's frame and cookies.
    http::Response show(int status, std::string_view template_name, std::string_view title_key, const View& view);
    /// The error screen. `detail` is for support: never a secret.
    http::Response show_error(int status, std::string_view text_key, std::string_view detail = {});
    http::Response show_error(const Error& error);
    http::Response go(std::string_view location);

    /// Binds `parts` to this browser and this request: what a page hands out to get back unchanged. `purpose` keeps one use from another's.
    std::string sign(std::string_view purpose, std::initializer_list<std::string_view> parts) const;
};

/// What stands in the circle beside a name: its first letter, or a dot where that is no ASCII one.
std::string initial_of(std::string_view name);

/// What a person has proved on the way to a session. Without the password: their session in this browser is one that proved it.
struct Proved {
    bool password = true;
    bool totp = false;
};

/// What a person must still prove who has proved this much. `unavailable`: something that no screen can ask for yet.
enum class Missing { nothing, totp, unavailable };
Result<Missing> missing_factor(const Step& step, const user::User& user, Proved proved);

/// Screens. Each answers one address.
http::Response get_login(Step& step);
http::Response post_login(Step& step);
http::Response post_password(Step& step);
http::Response post_totp(Step& step);
http::Response post_change(Step& step);
http::Response get_device(Step& step);
http::Response post_device(Step& step);
http::Response get_device_allow(Step& step);
http::Response post_device_allow(Step& step);
http::Response get_device_done(Step& step);
http::Response get_accounts(Step& step);
http::Response post_accounts(Step& step);
http::Response post_consent(Step& step);
http::Response post_register(Step& step);
http::Response get_logout(Step& step);
http::Response post_logout(Step& step);
http::Response get_logout_done(Step& step);
http::Response get_signed_in(Step& step);
/// Not a screen: the colours of one.
http::Response get_theme(Step& step);

/// The last words: a heading and a sentence.
http::Response show_done(Step& step, std::string_view title_key, std::string_view message_key);
/// The first screen, with a name to begin with, and an error (a key of the texts) or without.
http::Response show_login_name(Step& step, std::string_view login_name, std::string_view error_key);
/// The password screen for a name, with an error (a key of the texts) or without.
http::Response show_password(Step& step, std::string_view login_name, std::string_view error_key);
/// What follows where `user` has proved this much: the screen of a second factor, or what comes after.
Result<http::Response> ask_second_factor(Step& step, const user::User& user, Proved proved);
/// The screen for the code of an authenticator app: `user` has just proved this much.
http::Response show_totp(Step& step, const user::User& user, Proved proved, std::string_view error_key);
/// The screen for choosing a new password: `user` has proved the old one.
http::Response show_change(Step& step, const user::User& user, Proved proved, std::string_view error_key);

/// The organization's rules for a new password, a row each with a "text".
Result<std::vector<std::map<std::string, std::string>>> password_rules(const Step& step, OrgId org);

/// Whether people may make themselves an account where this step belongs; and the screen for it.
Result<bool> may_register(const Step& step);
http::Response show_register(Step& step, std::string_view error_key);

/// All factors are proved: a new password where one is due, or the end.
http::Response after_factors(Step& step, const user::User& user, const user::StoredPassword& stored, Proved proved);
/// Opens (or goes on with) the browser's session of a user who proved enough, and proceeds.
http::Response complete(Step& step, const user::User& user, Proved proved);
/// Sends the browser back to the application as the user of the session: after the person agreed, where that is asked for.
http::Response proceed(Step& step, const user::User& user, SessionId session);

}  // namespace godwit::login
