#include "signin/imported_user.h"

#include <cmath>

#include "base/log.h"
#include "credentials/totp/totp.h"
#include "signin/password_check.h"
#include "zitadel/management.pb.h"

namespace godwit::signin {
namespace {

namespace mgmt = zitadel::management::v1;

/// AddHumanUser and ImportHumanUser have a message type of their own for each part, with the same fields.
template <class Request>
user::NewUser read_person(const Request& request) {
    user::NewUser user;
    user::NewHuman human;
    user.name = request.user_name();
    const auto& profile = request.profile();
    human.profile = {.first_name = profile.first_name(),
                     .last_name = profile.last_name(),
                     .nick_name = profile.nick_name(),
                     .display_name = profile.display_name(),
                     .language = profile.preferred_language(),
                     .gender = static_cast<user::Gender>(profile.gender()),
                     .avatar = {}};
    human.email = request.email().email();
    human.email_verified = request.email().is_email_verified();
    human.phone = request.phone().phone();
    human.phone_verified = request.phone().is_phone_verified();
    user.as = std::move(human);
    return user;
}

}  // namespace

Result<password::Declaration> declaration_of(std::string_view algorithm, const google::protobuf::Struct& parameters) {
    password::Declaration out{.algorithm = std::string(algorithm), .parameters = {}};
    for (const auto& [key, value] : parameters.fields()) {
        switch (value.kind_case()) {
            case google::protobuf::Value::kStringValue:
                out.parameters[key] = value.string_value();
                break;
            case google::protobuf::Value::kBoolValue:
                out.parameters[key] = value.bool_value() ? "true" : "false";
                break;
            case google::protobuf::Value::kNumberValue:
                if (const double number = value.number_value(); number == std::floor(number) && std::abs(number) < 9e15) {
                    out.parameters[key] = std::to_string(static_cast<std::int64_t>(number));
                    break;
                }
                [[fallthrough]];
            default:
                return fail(Code::invalid_argument, "USER-JDk4t",
                            "hashedPassword.parameters." + key + " must be a text, a whole number or a boolean");
        }
    }
    return out;
}

Result<user::NewUser> new_user_of(const mgmt::ImportHumanUserRequest& request, const OrgScope& org, PasswordCheck& passwords) {
    user::NewUser user = read_person(request);
    auto& human = std::get<user::NewHuman>(user.as);
    human.email_source = "import";
    human.passwordless_registration = request.request_passwordless_registration();
    if (!request.hashed_password().value().empty()) {
        const auto declaration = TRY(declaration_of(request.hashed_password().algorithm(), request.hashed_password().parameters()));
        human.password = TRY(passwords.take_over(request.hashed_password().value(), declaration, request.password_change_required()));
    } else if (!request.password().empty()) {
        human.password = TRY(passwords.prepare(org, request.password(), request.password_change_required()));
    }
    if (!request.otp_code().empty()) {
        if (auto key = totp::read_key(request.otp_code())) {
            human.totp.push_back({.key = *std::move(key), .name = {}});
        } else {
            // As recorded: the user is taken without it.
            log::warn("otpCode of an imported user is not base32 and was left out", {{"userName", request.user_name()}});
        }
    }
    for (const auto& link : request.idps()) human.idp_links.push_back({link.config_id(), link.external_user_id(), link.display_name()});
    return user;
}

user::NewUser new_user_of(const mgmt::AddMachineUserRequest& request) {
    user::NewUser user;
    user.name = request.user_name();
    user.given_id = request.user_id();
    user.as = user::NewMachine{.name = request.name(),
                               .description = request.description(),
                               .token_kind = static_cast<user::TokenKind>(request.access_token_type()),
                               .keys = {}};
    return user;
}

user::NewUser person_of(const mgmt::AddHumanUserRequest& request) { return read_person(request); }

}  // namespace godwit::signin
