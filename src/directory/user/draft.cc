#include "directory/user/draft.h"

#include <algorithm>

#include "base/text.h"
#include "base/unicode.h"
#include "directory/object/metadata.h"
#include "directory/object/public_id.h"
#include "directory/user/authenticators.h"
#include "directory/user/login_names.h"
#include "directory/user/row.h"
#include "store/event_body.h"

namespace godwit::user {
namespace {

Result<void> accept_text(std::string_view text, std::size_t max, std::string_view what) {
    if (!is_valid_utf8(text) || has_control_characters(text))
        return fail(Code::invalid_argument, "USER-Txt01", std::string(what) + " holds control characters");
    if (code_points(text) > max)
        return fail(Code::invalid_argument, "USER-Txt02", std::string(what) + " is longer than " + std::to_string(max) + " characters");
    return {};
}

Result<void> accept_human(const NewHuman& human, Draft& draft) {
    draft.profile = TRY(accept_profile(human.profile));
    if (!human.email.empty()) {
        TRY(accept_email(human.email));
        draft.email_key = fold(human.email);
    }
    if (!human.phone.empty()) draft.phone = TRY(normalise_phone(human.phone));
    for (const NewIdpLink& link : human.idp_links) {
        if (link.external_id.empty() || !is_valid_utf8(link.external_id) || code_points(link.external_id) > 200)
            return fail(Code::invalid_argument, "COMMAND-6m9Kd", "the id at the identity provider has between 1 and 200 characters");
        TRY(accept_text(link.display_name, 200, "the name at the identity provider"));
    }
    TRY(accept_authenticators(human));
    const bool can_sign_in = human.password || human.passwordless_registration || !human.idp_links.empty() ||
                             std::ranges::any_of(human.passkeys, &NewPasskey::passwordless);
    draft.state = can_sign_in ? State::active : State::initial;
    return {};
}

Result<void> accept_machine(const NewMachine& machine, Draft& draft) {
    TRY(accept_text(machine.name, 200, "the name"));
    TRY(accept_text(machine.description, 500, "the description"));
    draft.profile.display_name = machine.name;
    draft.state = State::active;
    return {};
}

Result<void> accept(const NewUser& user, Draft& draft) {
    TRY(accept_name(user.name));
    draft.name_key = fold(user.name);
    if (!user.given_id.empty()) {
        TRY(directory::accept_given_id(user.given_id));
        draft.public_id_key = fold(user.given_id);
    }
    for (const auto& [key, value] : user.metadata) TRY(directory::accept_metadata(key, value));
    for (const NewGrant& grant : user.grants) draft.roles.push_back(project::sorted_roles(grant.roles));
    if (draft.human()) {
        TRY(accept_human(*draft.human(), draft));
    } else {
        TRY(accept_machine(*draft.machine(), draft));
    }
    draft.profile_keys = keys_of(draft.profile);
    if (user.state) draft.state = *user.state;
    return {};
}

}  // namespace

void Draft::begin_anew() {
    id = UserId();
    idps.clear();
    holdings.clear();
    version = 0;
    passwordless.reset();
    email_code.reset();
    phone_code.reset();
}

User Draft::as_user(OrgId org, const std::string& org_id) const {
    User user;
    user.id = id;
    user.public_id = public_id();
    user.org = org;
    user.org_id = org_id;
    user.name = in->name;
    Human as_human;
    as_human.profile = profile;
    user.as = std::move(as_human);
    return user;
}

Result<std::string> normalise_phone(std::string_view text) {
    std::string number;
    for (const char c : trim_unicode(text)) {
        if (is_ascii_digit(c) || (c == '+' && number.empty())) {
            number += c;
        } else if (std::string_view(" -().\t/").find(c) == std::string_view::npos) {
            return fail(Code::invalid_argument, "PHONE-so0wa", "Phone is invalid");
        }
    }
    // E.164: "+", a country code that does not begin with 0, at most 15 digits.
    if (number.size() < 5 || number.size() > 16 || number[0] != '+' || number[1] == '0')
        return fail(Code::invalid_argument, "PHONE-so0wa", "Phone is invalid");
    return number;
}

Result<void> accept_email(std::string_view address) {
    const auto at = address.rfind('@');
    const bool well_formed = at != std::string_view::npos && at > 0 && at + 1 < address.size() && address.size() <= 320 &&
                             is_valid_utf8(address) && !has_control_characters(address) && !has_bidi_controls(address) &&
                             !has_outer_whitespace(address) && address.find(' ') == std::string_view::npos;
    if (!well_formed) return fail(Code::invalid_argument, "EMAIL-599BI", "Email is invalid");
    return {};
}

Result<Profile> accept_profile(const Profile& given) {
    TRY(accept_text(given.first_name, 200, "the first name"));
    TRY(accept_text(given.last_name, 200, "the last name"));
    TRY(accept_text(given.nick_name, 200, "the nick name"));
    TRY(accept_text(given.display_name, 200 + 1 + 200, "the display name"));
    Profile profile = given;
    if (profile.display_name.empty()) {
        profile.display_name = given.first_name;
        if (!given.first_name.empty() && !given.last_name.empty()) profile.display_name += ' ';
        profile.display_name += given.last_name;
    }
    profile.language = parse_language_tag(given.language).value_or("und");
    if (profile.gender < Gender::unspecified || profile.gender > Gender::diverse) profile.gender = Gender::unspecified;
    return profile;
}

Draft draft_of(const NewUser& user) {
    Draft draft;
    draft.in = &user;
    if (auto accepted = accept(user, draft); !accepted) draft.refused = std::move(accepted).error();
    return draft;
}

store::EventBody& add_profile(store::EventBody& body, const Profile& profile) {
    return body.add("firstName", profile.first_name)
        .add("lastName", profile.last_name)
        .add("nickName", profile.nick_name)
        .add("displayName", profile.display_name)
        .add("preferredLanguage", profile.language)
        .add("gender", number(profile.gender));
}

std::string changed_profile(const Profile& profile) {
    store::EventBody body;
    return add_profile(body, profile).take();
}

}  // namespace godwit::user
