// The account picker.
#include "login/accounts.h"

#include <algorithm>

#include "directory/session/agents.h"
#include "directory/user/users.h"
#include "oidc/login_hint.h"

namespace godwit::login {
namespace {

using oidc::Prompt;
using session::Session;
using signin::Due;

Result<void> add_accounts(const Step& step, std::vector<Session> sessions, bool live, std::vector<Account>& out) {
    for (Session& session : sessions) {
        auto user = TRY(step.services.users.find(step.ref(session.user)));
        const bool known = !user || std::ranges::any_of(out, [&](const Account& one) { return one.user.id == user->id; });
        if (known) continue;
        out.push_back({.user = *std::move(user), .session = live ? std::optional(std::move(session)) : std::nullopt});
    }
    return {};
}

Result<std::vector<Account>> live_accounts(const Step& step, std::optional<std::int64_t> agent) {
    std::vector<Account> accounts;
    if (agent) TRY(add_accounts(step, TRY(step.services.sessions.of_agent(step.scope, *agent)), true, accounts));
    return accounts;
}

/// What this account must prove before it may answer.
Result<Due> due(const Step& step, const Account& account) {
    if (!account.session) return Due::password;
    if (step.auth_request && !oidc::satisfies(*step.auth_request, *account.session, account.user.public_id)) return Due::password;
    return step.services.session_age.due(step.scope, *account.session);
}

http::Response show_accounts(Step& step, const std::vector<Account>& accounts) {
    View view;
    view.values = {{"lead", std::string(step.text("select_account_text.description"))},
                   {"action", step.base + "/accounts"},
                   {"other", step.address("login", {{"other", "1"}})}};
    for (const Account& account : accounts) {
        const bool live = account.session.has_value();
        auto& row = view.lists["accounts"].emplace_back(account.row());
        row["state"] = step.text(live ? "select_account_text.session_state_active" : "select_account_text.session_state_inactive");
        row["leave"] = live ? "sign_out" : "forget";
        row["leave_label"] = step.text(live ? "sign_out_button" : "forget_account");
    }
    view.hidden = step.hidden();
    return step.show(200, "accounts", "select_account_text.title", view);
}

/// The one of several that the application names.
const Account* hinted(const std::vector<Account>& accounts, std::string_view hint) {
    const auto found = std::ranges::find_if(accounts, [&](const Account& one) { return oidc::is_called(one.user, hint); });
    return found == accounts.end() ? nullptr : &*found;
}

Result<http::Response> leave(Step& step, const Account& account, std::string_view how) {
    if (how == "sign_out" && account.session) {
        TRY(step.services.sessions.terminate(step.scope, account.session->id, step.editor(account.user.id)));
    } else if (how == "forget" && !account.session) {
        if (const auto agent = TRY(find_agent(step.services.sessions, step.scope, step.browser)))
            TRY(session::forget(step.services.store, step.scope, *agent, account.user.id));
    }
    return step.go(step.address("accounts"));
}

Result<http::Response> choose(Step& step) {
    const auto accounts = TRY(accounts_of(step));
    const auto found = std::ranges::find(accounts, step.parameter("account"), [](const Account& one) { return one.user.public_id; });
    // Signed out meanwhile, in another window.
    if (found == accounts.end()) return step.go(step.address("accounts"));
    if (const auto how = step.parameter("do"); !how.empty()) return leave(step, *found, how);
    return go_on_as(step, *found);
}

}  // namespace

std::map<std::string, std::string> Account::row() const {
    return {{"id", user.public_id},
            {"name", user.display_name()},
            {"login_name", user.preferred_login_name},
            {"initial", initial_of(user.display_name())}};
}

Result<std::vector<Account>> signed_in_accounts(const Step& step) {
    return live_accounts(step, TRY(find_agent(step.services.sessions, step.scope, step.browser)));
}

Result<std::vector<Account>> accounts_of(const Step& step) {
    const auto agent = TRY(find_agent(step.services.sessions, step.scope, step.browser));
    auto accounts = TRY(live_accounts(step, agent));
    if (agent)
        TRY(add_accounts(step, TRY(session::ended_of_agent(step.services.store, step.services.sessions, step.scope, *agent)), false,
                         accounts));
    std::erase_if(accounts, [&](const Account& one) {
        return !step.org.admits(one.user.org) || (step.auth_request && !step.auth_request->request.admits(one.user.public_id));
    });
    return accounts;
}

Result<http::Response> go_on_as(Step& step, const Account& account) {
    TRY(step.appear_as(account.user.org));
    switch (TRY(due(step, account))) {
        case Due::password:
            return show_password(step, account.user.preferred_login_name, {});
        case Due::second_factor:
            return ask_second_factor(step, account.user, {.password = false});
        case Due::nothing:
            break;
    }
    return proceed(step, account.user, account.session->id);
}

Result<std::optional<http::Response>> answer_by_accounts(Step& step, const std::vector<Account>& accounts) {
    const auto& asked = step.auth_request->request;
    if (accounts.empty() || asked.wants(Prompt::create)) return std::nullopt;
    if (asked.wants(Prompt::select_account)) return show_accounts(step, accounts);
    if (asked.wants(Prompt::login)) return std::nullopt;
    if (!asked.login_hint.empty()) {
        const Account* named = hinted(accounts, asked.login_hint);
        if (!named || !named->session) return std::nullopt;
        return TRY(go_on_as(step, *named));
    }
    const auto live = std::ranges::count_if(accounts, [](const Account& one) { return one.session.has_value(); });
    if (live == 0) return std::nullopt;
    if (live > 1) return show_accounts(step, accounts);
    return TRY(go_on_as(step, accounts.front()));
}

std::string remembered_name(const Step& step, const std::vector<Account>& accounts) {
    if (const auto hint = step.parameter("loginHint"); !step.auth_request && !hint.empty()) return std::string(hint);
    if (step.auth_request && !step.auth_request->request.login_hint.empty()) return step.auth_request->request.login_hint;
    return accounts.empty() ? std::string() : accounts.front().user.preferred_login_name;
}

http::Response get_accounts(Step& step) {
    const auto accounts = accounts_of(step);
    if (!accounts) return step.show_error(accounts.error());
    return accounts->empty() ? step.go(step.address("login", {{"other", "1"}})) : show_accounts(step, *accounts);
}

http::Response post_accounts(Step& step) {
    if (!step.csrf_ok()) return step.show_error(400, "error_csrf");
    auto response = choose(step);
    return response ? *std::move(response) : step.show_error(response.error());
}

}  // namespace godwit::login
