// Signing out (OpenID Connect RP-Initiated Logout 1.0): where no token says whose session ends, the person is asked. An application that
// wants them back named itself and an address; both come along through the form, and are checked anew each time.
#include <array>

#include "directory/org/orgs.h"
#include "login/accounts.h"
#include "login/step.h"
#include "oidc/end_session.h"
#include "oidc/front_channel_logout.h"

namespace godwit::login {
namespace {

constexpr std::array<std::string_view, 3> kWayBack{"post_logout_redirect", "client_id", "state"};

/// Where the application wants the person, when it may; "" otherwise.
Result<std::string> way_back(const Step& step) {
    const auto address = TRY(oidc::post_logout_address(step.services.clients, step.scope, step.parameter("client_id"),
                                                       step.parameter("post_logout_redirect"), step.parameter("state")));
    return address.value_or("");
}

/// One is asked for, several are chosen from; nobody at all is asked too, for the way back leads through the same form.
Result<http::Response> ask(Step& step) {
    TRY(step.appear_as_signed_in());
    const auto accounts = TRY(signed_in_accounts(step));
    View view;
    view.values = {{"lead", std::string(step.text("sign_out_lead"))},
                   {"action", step.base + "/logout"},
                   {"button", std::string(step.text(accounts.size() > 1 ? "sign_out_all" : "sign_out_button"))}};
    if (accounts.size() == 1)
        view.values["lead"] = step.language().with("sign_out_lead_one", {{"account", accounts.front().user.preferred_login_name}});
    if (accounts.size() > 1) {
        view.values["lead"] = step.text("sign_out_lead_several");
        for (const Account& account : accounts) view.lists["accounts"].push_back(account.row());
    }
    view.hidden = step.hidden();
    if (const std::string back = TRY(way_back(step)); !back.empty()) {
        for (const std::string_view name : kWayBack)
            if (const auto value = step.parameter(name); !value.empty()) view.hidden[std::string(name)] = value;
        step.form_target = csp_source(back);
    }
    return step.show(200, "sign_out", "sign_out_title", view);
}

/// The account that was chosen, or all.
Result<http::Response> sign_out(Step& step) {
    const OrgId of = TRY(step.appear_as_signed_in());
    const std::string_view chosen = step.parameter("account");
    oidc::SignOutNotice notice{.frames = {}, .then = TRY(way_back(step))};
    for (const Account& account : TRY(signed_in_accounts(step))) {
        if (!chosen.empty() && account.user.public_id != chosen) continue;
        for (auto& address : TRY(step.services.front_channel.addresses(step.scope, account.session->id)))
            notice.frames.push_back(std::move(address));
        TRY(step.services.sessions.terminate(step.scope, account.session->id, step.editor(account.user.id)));
    }
    std::string done = step.base + "/logout/done";
    if (!notice.frames.empty()) return step.go(done + "?notice=" + TRY(step.services.front_channel.seal(step.scope, notice)));
    if (!notice.then.empty()) return step.go(notice.then);
    // Nobody is signed in any more who could tell whose words the last page speaks.
    if (of) done += "?org=" + percent_encode(TRY(step.services.orgs.get(OrgScope(step.scope, of))).id);
    return step.go(done);
}

/// The last page, with a page of each application that has to forget the person; then on to where the person wants to be.
Result<http::Response> tell_applications(Step& step, const oidc::SignOutNotice& notice) {
    View view;
    view.values = {{"heading", std::string(step.text("logout_text.title"))},
                   {"message", std::string(step.text(notice.then.empty() ? "logout_text.description" : "sign_out_leaving"))},
                   {"then", notice.then}};
    for (const auto& address : notice.frames) view.lists["frames"].push_back({{"address", address}});
    step.frames = notice.frames;
    auto response = step.show(200, "signed_out", "logout_text.title", view);
    // Long enough for the pages in the frames; who is quicker has the link.
    if (!notice.then.empty()) response.headers.set("refresh", "3;url=" + notice.then);
    return response;
}

Result<http::Response> say_done(Step& step) {
    if (const auto notice = TRY(step.services.front_channel.open(step.scope, step.parameter("notice"))))
        return tell_applications(step, *notice);
    if (const auto of = TRY(step.services.orgs.find(step.scope, step.parameter("org")))) TRY(step.appear_as(of->key));
    const bool others = !TRY(signed_in_accounts(step)).empty();
    return show_done(step, "logout_text.title", others ? "sign_out_others_left" : "logout_text.description");
}

}  // namespace

http::Response get_logout(Step& step) {
    auto response = ask(step);
    return response ? *std::move(response) : step.show_error(response.error());
}

http::Response post_logout(Step& step) {
    if (!step.csrf_ok()) return step.show_error(400, "error_csrf");
    auto response = sign_out(step);
    return response ? *std::move(response) : step.show_error(response.error());
}

http::Response get_logout_done(Step& step) {
    auto response = say_done(step);
    return response ? *std::move(response) : step.show_error(response.error());
}

}  // namespace godwit::login
