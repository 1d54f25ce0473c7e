// Who is signed in, and who was, in this browser: what the account picker shows and what an authorization request is answered by.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "directory/session/sessions.h"
#include "directory/user/types.h"
#include "login/step.h"

namespace godwit::login {

struct Account {
    user::User user;
    std::optional<session::Session> session;  ///< nullopt: signed out

    /// As the templates show it in a list.
    std::map<std::string, std::string> row() const;
};

/// The accounts of the browser that may answer this step: users of the organization the application asked for, and the person of its
/// id_token_hint. Those signed in come first, then the latest used.
Result<std::vector<Account>> accounts_of(const Step& step);
/// All who are signed in.
Result<std::vector<Account>> signed_in_accounts(const Step& step);

/// Goes on as this account: straight back to the application when nothing is to be proved, else to the screen that asks for it.
Result<http::Response> go_on_as(Step& step, const Account& account);

/// What the browser's accounts answer without anybody typing anything, or by choosing; nullopt: somebody has to say who they are.
Result<std::optional<http::Response>> answer_by_accounts(Step& step, const std::vector<Account>& accounts);

/// A name to begin with on the first screen: what the application hints at, or who was here last. "" for none.
std::string remembered_name(const Step& step, const std::vector<Account>& accounts);

}  // namespace godwit::login
