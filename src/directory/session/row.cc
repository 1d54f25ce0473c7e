#include "directory/session/row.h"

#include "godwit/session/v1/session.pb.h"
#include "zitadel/session/v2/session.pb.h"

namespace godwit::session {
namespace {

std::int64_t micros(const std::optional<Time>& time) { return time ? time->micros : 0; }
std::optional<Time> time_of(std::int64_t value) { return value == 0 ? std::nullopt : std::optional(Time{value}); }

Factors decode_factors(std::string_view bytes) {
    v1::Factors in;
    in.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    return {.user = time_of(in.user()),
            .password = time_of(in.password()),
            .webauthn = time_of(in.webauthn()),
            .intent = time_of(in.intent()),
            .totp = time_of(in.totp()),
            .otp_sms = time_of(in.otp_sms()),
            .otp_email = time_of(in.otp_email()),
            .user_verified = in.user_verified()};
}

std::map<std::string, std::string> decode_metadata(std::string_view bytes) {
    v1::Metadata in;
    in.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    return {in.entries().begin(), in.entries().end()};
}

UserAgent decode_user_agent(std::string_view bytes) {
    zitadel::session::v2::UserAgent in;
    in.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    UserAgent out;
    if (in.has_fingerprint_id()) out.fingerprint_id = in.fingerprint_id();
    if (in.has_ip()) out.ip = in.ip();
    if (in.has_description()) out.description = in.description();
    for (const auto& [name, values] : in.header()) out.headers[name] = {values.values().begin(), values.values().end()};
    return out;
}

}  // namespace

const std::string_view kSessionColumns =
    "id, user_id, org_id, agent_id, factors, metadata, user_agent, creator_id, version, created_at, changed_at, expires_at, terminated_at";

Session session_of(const store::Row& row) {
    Session out;
    out.id = row.id<SessionId>(0);
    out.user = row.id<UserId>(1);
    out.org = row.id<OrgId>(2);
    out.agent = row.i64(3);
    out.factors = decode_factors(row.blob(4));
    if (!row.null(5)) out.metadata = decode_metadata(row.blob(5));
    if (!row.null(6)) out.user_agent = decode_user_agent(row.blob(6));
    out.creator = row.id<UserId>(7);
    out.stamp = {.created = row.time(9), .changed = row.time(10), .sequence = row.i64(8)};
    out.expires = row.maybe_time(11);
    out.terminated = row.maybe_time(12);
    return out;
}

std::string encode(const Factors& factors) {
    v1::Factors out;
    out.set_user(micros(factors.user));
    out.set_password(micros(factors.password));
    out.set_webauthn(micros(factors.webauthn));
    out.set_intent(micros(factors.intent));
    out.set_totp(micros(factors.totp));
    out.set_otp_sms(micros(factors.otp_sms));
    out.set_otp_email(micros(factors.otp_email));
    out.set_user_verified(factors.user_verified);
    return out.SerializeAsString();
}

std::string encode(const std::map<std::string, std::string>& metadata) {
    v1::Metadata out;
    for (const auto& [key, value] : metadata) (*out.mutable_entries())[key] = value;
    return out.SerializeAsString();
}

std::string encode(const UserAgent& user_agent) {
    zitadel::session::v2::UserAgent out;
    if (user_agent.fingerprint_id) out.set_fingerprint_id(*user_agent.fingerprint_id);
    if (user_agent.ip) out.set_ip(*user_agent.ip);
    if (user_agent.description) out.set_description(*user_agent.description);
    for (const auto& [name, values] : user_agent.headers) {
        auto& header = (*out.mutable_header())[name];
        for (const std::string& value : values) header.add_values(value);
    }
    return out.SerializeAsString();
}

}  // namespace godwit::session
