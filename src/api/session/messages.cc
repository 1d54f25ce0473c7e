#include "api/session/messages.h"

#include "api/encode/encode.h"
#include "zitadel/session/v2/challenge.pb.h"
#include "zitadel/session/v2/session.pb.h"
#include "zitadel/session/v2/session_service.pb.h"

namespace godwit::api {
namespace {

namespace v2 = zitadel::session::v2;

void encode_factors(const session::Shown& in, v2::Factors& out) {
    const session::Factors& factors = in.session.factors;
    if (factors.user && in.user) {
        auto& user = *out.mutable_user();
        encode(*factors.user, *user.mutable_verified_at());
        user.set_id(in.user->id);
        user.set_login_name(in.user->login_name);
        user.set_display_name(in.user->display_name);
        user.set_organization_id(in.user->org_id);
    }
    if (factors.password) encode(*factors.password, *out.mutable_password()->mutable_verified_at());
    if (factors.intent) encode(*factors.intent, *out.mutable_intent()->mutable_verified_at());
    if (factors.totp) encode(*factors.totp, *out.mutable_totp()->mutable_verified_at());
    if (factors.otp_sms) encode(*factors.otp_sms, *out.mutable_otp_sms()->mutable_verified_at());
    if (factors.otp_email) encode(*factors.otp_email, *out.mutable_otp_email()->mutable_verified_at());
    if (factors.webauthn) {
        encode(*factors.webauthn, *out.mutable_web_auth_n()->mutable_verified_at());
        out.mutable_web_auth_n()->set_user_verified(factors.user_verified);
    }
}

std::unexpected<Error> not_set_up(std::string_view id, std::string_view what) {
    return fail(Code::failed_precondition, id, std::string(what) + " isn't ready");
}

}  // namespace

void encode(const session::Shown& in, v2::Session& out) {
    const session::Session& session = in.session;
    out.set_id(session.public_id());
    encode(session.stamp.created, *out.mutable_creation_date());
    encode(session.stamp.changed, *out.mutable_change_date());
    out.set_sequence(static_cast<std::uint64_t>(session.stamp.sequence));
    const session::Factors& f = session.factors;
    if (f.user || f.auth_time()) encode_factors(in, *out.mutable_factors());
    for (const auto& [key, value] : session.metadata) (*out.mutable_metadata())[key] = value;
    if (session.user_agent) {
        auto& to = *out.mutable_user_agent();
        if (session.user_agent->fingerprint_id) to.set_fingerprint_id(*session.user_agent->fingerprint_id);
        if (session.user_agent->ip) to.set_ip(*session.user_agent->ip);
        if (session.user_agent->description) to.set_description(*session.user_agent->description);
        for (const auto& [name, values] : session.user_agent->headers) {
            auto& header = (*to.mutable_header())[name];
            for (const std::string& value : values) header.add_values(value);
        }
    }
    if (session.expires) encode(*session.expires, *out.mutable_expiration_date());
}

session::UserAgent decode(const v2::UserAgent& in) {
    session::UserAgent out;
    if (in.has_fingerprint_id()) out.fingerprint_id = in.fingerprint_id();
    if (in.has_ip()) out.ip = in.ip();
    if (in.has_description()) out.description = in.description();
    for (const auto& [name, values] : in.header()) out.headers[name] = {values.values().begin(), values.values().end()};
    return out;
}

std::chrono::microseconds decode(const google::protobuf::Duration& in) {
    return std::chrono::seconds(in.seconds()) + std::chrono::microseconds(in.nanos() / 1'000);
}

void decode(const google::protobuf::Map<std::string, std::string>& metadata, session::Update& update) {
    for (const auto& [key, value] : metadata) update.metadata[key] = value;
}

session::Search decode(const google::protobuf::RepeatedPtrField<v2::SearchQuery>& in, std::string_view caller) {
    session::Search out;
    for (const v2::SearchQuery& query : in) {
        switch (query.query_case()) {
            case v2::SearchQuery::kIdsQuery:
                out.ids.emplace(query.ids_query().ids().begin(), query.ids_query().ids().end());
                break;
            case v2::SearchQuery::kUserIdQuery:
                out.user_id = query.user_id_query().id();
                break;
            case v2::SearchQuery::kCreationDateQuery:
                out.created = {decode(query.creation_date_query().creation_date()),
                               static_cast<store::TimeMethod>(query.creation_date_query().method())};
                break;
            case v2::SearchQuery::kCreatorQuery:
                out.creator_id = query.creator_query().has_id() ? query.creator_query().id() : std::string(caller);
                break;
            case v2::SearchQuery::kUserAgentQuery:
                out.fingerprint_id = query.user_agent_query().fingerprint_id();
                break;
            case v2::SearchQuery::QUERY_NOT_SET:
                break;
        }
    }
    return out;
}

Result<void> refuse_other_checks(const v2::Checks& checks) {
    if (checks.has_otp_sms() || checks.has_otp_email()) return not_set_up("COMMAND-JKLJ3", "Multifactor OTP (OneTimePassword)");
    if (checks.has_web_auth_n()) return not_set_up("COMMAND-Ioqu5", "WebAuthN");
    if (checks.has_idp_intent()) return not_set_up("COMMAND-Sfw3r", "The intent");
    return {};
}

Result<void> refuse_challenges(const v2::RequestChallenges& challenges) {
    if (challenges.has_web_auth_n()) return not_set_up("WEBAU-4G8sw", "WebAuthN");
    if (challenges.has_otp_sms() || challenges.has_otp_email()) return not_set_up("COMMAND-JKLJ3", "Multifactor OTP (OneTimePassword)");
    return {};
}

}  // namespace godwit::api
