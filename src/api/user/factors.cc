#include "api/user/factors.h"

#include <algorithm>

#include "api/encode/encode.h"
#include "api/encode/factors.h"
#include "directory/user/links.h"
#include "directory/user/users.h"
#include "zitadel/user/v2/user_service.pb.h"

namespace godwit::api {
namespace {

namespace v2 = zitadel::user::v2;
using rpc::Call;
using On = rpc::TargetCheck::On;

constexpr std::string_view kService = "User-API";
const rpc::TargetCheck kMayRead{.permission = "user.read", .on = On::user, .self = true};
const rpc::TargetCheck kMayWrite{.permission = "user.write", .on = On::user, .self = true};
/// Nobody links an identity to themselves by saying so: that takes a sign-in at the provider.
const rpc::TargetCheck kMayLink{.permission = "user.write", .on = On::user};

rpc::Options options(Lane lane, const rpc::TargetCheck& check) {
    return {
        .lane = lane,
        .rule = rpc::Rule::handler(check, (check.self ? "the caller itself, or " : "") + check.permission + " on the user's organization")};
}

/// The calls of one service, with what they need.
class FactorCalls {
public:
    FactorCalls(user::Users& users, user::Links& links, rpc::Permissions& permissions)
        : users_(users), links_(links), permissions_(permissions) {}

    /// Whom the call is about. Who may not deal with the user learns nothing of it, not even that it is there.
    Result<user::User> target(const Call& call, const rpc::TargetCheck& check, const std::string& id) const {
        auto user = TRY(users_.get(user::Ref::named(call.instance, id)));
        if (const auto allowed = rpc::allow_target(permissions_, call, check, user.id, user.org); !allowed) {
            if (allowed.error().code != Code::permission_denied) return std::unexpected(allowed.error());
            return fail(Code::not_found, "QUERY-Dfbg2", "User could not be found");
        }
        return user;
    }
    Result<user::Ref> ref(const Call& call, const rpc::TargetCheck& check, const std::string& id) const {
        return user::Ref::of(call.instance, TRY(target(call, check, id)).id);
    }
    user::Links& links() const { return links_; }

    Result<void> list_methods(const Call& call, const v2::ListAuthenticationMethodTypesRequest& request,
                              v2::ListAuthenticationMethodTypesResponse& response) const;
    Result<void> list_factors(const Call& call, const v2::ListAuthenticationFactorsRequest& request,
                              v2::ListAuthenticationFactorsResponse& response) const;

private:
    user::Users& users_;
    user::Links& links_;
    rpc::Permissions& permissions_;
};

Result<void> FactorCalls::list_methods(const Call& call, const v2::ListAuthenticationMethodTypesRequest& request,
                                       v2::ListAuthenticationMethodTypesResponse& response) const {
    const user::User user = TRY(target(call, kMayRead, request.user_id()));
    const auto enrolled = TRY(links_.enrolled(call.instance, user.id));
    const auto linked = TRY(links_.list(user::Ref::of(call.instance, user.id), {.limit = 1}));
    const std::pair<bool, v2::AuthenticationMethodType> methods[] = {
        {enrolled.totp, v2::AUTHENTICATION_METHOD_TYPE_TOTP},
        {enrolled.u2f, v2::AUTHENTICATION_METHOD_TYPE_U2F},
        {enrolled.passwordless, v2::AUTHENTICATION_METHOD_TYPE_PASSKEY},
        {enrolled.otp_sms, v2::AUTHENTICATION_METHOD_TYPE_OTP_SMS},
        {enrolled.otp_email, v2::AUTHENTICATION_METHOD_TYPE_OTP_EMAIL},
        {user.human() && user.human()->password_changed.has_value(), v2::AUTHENTICATION_METHOD_TYPE_PASSWORD},
        {linked.total > 0, v2::AUTHENTICATION_METHOD_TYPE_IDP},
    };
    for (const auto& [has, type] : methods)
        if (has) response.add_auth_method_types(type);
    encode_list(static_cast<std::uint64_t>(response.auth_method_types_size()), call, *response.mutable_details());
    return {};
}

v2::AuthFactors asked_as(user::Factor::Kind kind) {
    switch (kind) {
        case user::Factor::Kind::totp:
            return v2::OTP;
        case user::Factor::Kind::u2f:
            return v2::U2F;
        case user::Factor::Kind::otp_sms:
            return v2::OTP_SMS;
        case user::Factor::Kind::otp_email:
            return v2::OTP_EMAIL;
    }
    return v2::OTP;
}

Result<void> FactorCalls::list_factors(const Call& call, const v2::ListAuthenticationFactorsRequest& request,
                                       v2::ListAuthenticationFactorsResponse& response) const {
    const auto& kinds = request.auth_factors();
    const auto& states = request.states();
    for (const user::Factor& factor : TRY(links_.factors(TRY(ref(call, kMayRead, request.user_id()))))) {
        if (!kinds.empty() && std::ranges::find(kinds, asked_as(factor.kind)) == kinds.end()) continue;
        v2::AuthFactor shown;
        encode(factor, shown);
        // As the reference answers: those that are ready, unless states are asked for.
        const bool wanted = states.empty() ? factor.ready : std::ranges::find(states, shown.state()) != states.end();
        if (wanted) *response.add_result() = std::move(shown);
    }
    return {};
}

/// A removal that answers with details alone: `remove(links, ref, request, editor)`.
template <class Request, class Response, class Remove>
void on_removal(rpc::Registry& rpc, const FactorCalls& calls, std::string_view name, Remove remove) {
    rpc.on("zitadel.user.v2.UserService/" + std::string(name), options(Lane::write, kMayWrite),
           [calls, remove](const Call& call, const Request& request, Response& response) -> Result<void> {
               const user::Ref ref = TRY(calls.ref(call, kMayWrite, request.user_id()));
               encode(TRY(remove(calls.links(), ref, request, editor_of(call, kService))), *response.mutable_details());
               return {};
           });
}

void register_removals(rpc::Registry& rpc, const FactorCalls& calls) {
    using user::Links, user::Ref, store::Editor;
    using Kind = user::Factor::Kind;
    on_removal<v2::RemoveTOTPRequest, v2::RemoveTOTPResponse>(
        rpc, calls, "RemoveTOTP", [](Links& links, const Ref& ref, const auto&, const Editor& by) { return links.remove_totp(ref, by); });
    on_removal<v2::RemoveOTPSMSRequest, v2::RemoveOTPSMSResponse>(
        rpc, calls, "RemoveOTPSMS",
        [](Links& links, const Ref& ref, const auto&, const Editor& by) { return links.remove_otp(ref, Kind::otp_sms, by); });
    on_removal<v2::RemoveOTPEmailRequest, v2::RemoveOTPEmailResponse>(
        rpc, calls, "RemoveOTPEmail",
        [](Links& links, const Ref& ref, const auto&, const Editor& by) { return links.remove_otp(ref, Kind::otp_email, by); });
    on_removal<v2::RemoveU2FRequest, v2::RemoveU2FResponse>(
        rpc, calls, "RemoveU2F",
        [](Links& links, const Ref& ref, const auto& request, const Editor& by) { return links.remove_u2f(ref, request.u2f_id(), by); });
    on_removal<v2::RemovePasskeyRequest, v2::RemovePasskeyResponse>(
        rpc, calls, "RemovePasskey", [](Links& links, const Ref& ref, const auto& request, const Editor& by) {
            return links.remove_passkey(ref, request.passkey_id(), by);
        });
    on_removal<v2::RemoveIDPLinkRequest, v2::RemoveIDPLinkResponse>(
        rpc, calls, "RemoveIDPLink", [](Links& links, const Ref& ref, const auto& request, const Editor& by) {
            return links.remove(ref, request.idp_id(), request.linked_user_id(), by);
        });
}

}  // namespace

void register_user_factors_v2(rpc::Registry& rpc, user::Users& users, user::Links& links, rpc::Permissions& permissions) {
    const FactorCalls calls(users, links, permissions);
    const std::string service = "zitadel.user.v2.UserService/";
    rpc.on(service + "ListAuthenticationMethodTypes", options(Lane::read, kMayRead),
           [calls](const Call& call, const v2::ListAuthenticationMethodTypesRequest& request,
                   v2::ListAuthenticationMethodTypesResponse& response) { return calls.list_methods(call, request, response); });
    rpc.on(service + "ListAuthenticationFactors", options(Lane::read, kMayRead),
           [calls](const Call& call, const v2::ListAuthenticationFactorsRequest& request, v2::ListAuthenticationFactorsResponse& response) {
               return calls.list_factors(call, request, response);
           });
    rpc.on(service + "ListPasskeys", options(Lane::read, kMayRead),
           [calls](const Call& call, const v2::ListPasskeysRequest& request, v2::ListPasskeysResponse& response) -> Result<void> {
               const auto passkeys = TRY(calls.links().passkeys(TRY(calls.ref(call, kMayRead, request.user_id()))));
               encode_list(passkeys.size(), call, *response.mutable_details());
               for (const user::Passkey& passkey : passkeys) encode(passkey, *response.add_result());
               return {};
           });
    rpc.on(service + "ListIDPLinks", options(Lane::read, kMayRead),
           [calls](const Call& call, const v2::ListIDPLinksRequest& request, v2::ListIDPLinksResponse& response) -> Result<void> {
               const user::Ref ref = TRY(calls.ref(call, kMayRead, request.user_id()));
               const auto found = TRY(calls.links().list(ref, decode(request.query())));
               encode_list(found.total, call, *response.mutable_details());
               for (const user::IdpLink& link : found.rows) {
                   auto& shown = *response.add_result();
                   shown.set_idp_id(link.idp_id);
                   shown.set_user_id(link.external_id);
                   shown.set_user_name(link.display_name);
               }
               return {};
           });
    rpc.on(service + "AddIDPLink", options(Lane::write, kMayLink),
           [calls](const Call& call, const v2::AddIDPLinkRequest& request, v2::AddIDPLinkResponse& response) -> Result<void> {
               const user::Ref ref = TRY(calls.ref(call, kMayLink, request.user_id()));
               const auto& wanted = request.idp_link();
               const user::NewIdpLink link{.idp_id = wanted.idp_id(), .external_id = wanted.user_id(), .display_name = wanted.user_name()};
               encode(TRY(calls.links().add(ref, link, editor_of(call, kService))), *response.mutable_details());
               return {};
           });
    register_removals(rpc, calls);
}

}  // namespace godwit::api
