#include "api/user/messages.h"

#include "api/encode/encode.h"
#include "zitadel/user/v2/user.pb.h"
#include "zitadel/user/v2/user_service.pb.h"

namespace godwit::api {
namespace {

namespace v2 = zitadel::user::v2;

/// v2 numbers its states differently.
v2::UserState state_of(user::State state) {
    switch (state) {
        case user::State::active:
            return v2::USER_STATE_ACTIVE;
        case user::State::inactive:
            return v2::USER_STATE_INACTIVE;
        case user::State::deleted:
            return v2::USER_STATE_DELETED;
        case user::State::locked:
        case user::State::suspended:
            return v2::USER_STATE_LOCKED;
        case user::State::initial:
            return v2::USER_STATE_INITIAL;
    }
    return v2::USER_STATE_UNSPECIFIED;
}

void encode(const user::Human& in, v2::HumanUser& out) {
    auto& profile = *out.mutable_profile();
    profile.set_given_name(in.profile.first_name);
    profile.set_family_name(in.profile.last_name);
    profile.set_nick_name(in.profile.nick_name);
    profile.set_display_name(in.profile.display_name);
    profile.set_preferred_language(in.profile.language);
    profile.set_gender(static_cast<v2::Gender>(in.profile.gender));
    profile.set_avatar_url(std::string(in.profile.avatar_url()));
    out.mutable_email()->set_email(in.email.address);
    out.mutable_email()->set_is_verified(in.email.verified());
    out.mutable_phone()->set_phone(in.phone.number);
    out.mutable_phone()->set_is_verified(in.phone.verified());
    out.set_password_change_required(in.password_change_required);
    if (in.password_changed) api::encode(*in.password_changed, *out.mutable_password_changed());
}

/// Verified, or a code: for the caller where it asks for it, otherwise for the user.
template <class Address>
user::NewHuman::CodeFor code_for(const Address& address) {
    if (address.is_verified()) return user::NewHuman::CodeFor::nobody;
    return address.has_return_code() ? user::NewHuman::CodeFor::caller : user::NewHuman::CodeFor::user;
}

}  // namespace

void encode(const user::User& in, v2::User& out) {
    out.set_user_id(in.public_id);
    encode(in.stamp, in.org_id, *out.mutable_details());
    out.set_state(state_of(in.state));
    out.set_username(in.name);
    for (const std::string& name : in.login_names) out.add_login_names(name);
    out.set_preferred_login_name(in.preferred_login_name);
    if (const user::Human* human = in.human()) {
        encode(*human, *out.mutable_human());
    } else {
        auto& machine = *out.mutable_machine();
        machine.set_name(in.machine()->name);
        machine.set_description(in.machine()->description);
        machine.set_has_secret(in.machine()->has_secret);
        machine.set_access_token_type(static_cast<v2::AccessTokenType>(in.machine()->token_kind));
    }
}

void decode(const v2::AddHumanUserRequest& in, user::NewUser& user, user::NewHuman& human) {
    user.name = in.has_username() ? in.username() : in.email().email();  // as the contract says
    const auto& profile = in.profile();
    human.profile = {.first_name = profile.given_name(),
                     .last_name = profile.family_name(),
                     .nick_name = profile.nick_name(),
                     .display_name = profile.display_name(),
                     .language = profile.preferred_language(),
                     .gender = static_cast<user::Gender>(profile.gender()),
                     .avatar = {}};
    human.email = in.email().email();
    human.email_verified = in.email().is_verified();
    human.email_code = code_for(in.email());
    human.phone = in.phone().phone();
    human.phone_verified = in.phone().is_verified();
    human.phone_code = code_for(in.phone());
    for (const auto& link : in.idp_links()) human.idp_links.push_back({link.idp_id(), link.user_id(), link.user_name()});
    for (const auto& entry : in.metadata()) user.metadata.emplace_back(entry.key(), entry.value());
}

}  // namespace godwit::api
