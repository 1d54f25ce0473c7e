#include "migration/engine/prepare.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <unordered_set>

#include "base/encoding.h"
#include "base/json.h"
#include "base/text.h"
#include "base/unicode.h"
#include "credentials/totp/totp.h"
#include "crypto/digest.h"
#include "crypto/keys.h"
#include "crypto/random.h"
#include "directory/object/public_id.h"
#include "directory/user/login_names.h"
#include "directory/user/machines.h"
#include "directory/user/prepared.h"
#include "migration/codes.h"
#include "migration/engine/name_template.h"
#include "migration/lost.h"
#include "signin/imported_user.h"
#include "signin/password_check.h"
#include "store/schema/parameters.h"
#include "transport/rpc/json_encode.h"
#include "transport/rpc/stable_bytes.h"

namespace godwit::migration {
namespace {

constexpr std::size_t kMaxMetadata = 500'000;
/// The required action that has a counterpart here, where there is a password.
constexpr std::string_view kUpdatePassword = "UPDATE_PASSWORD";

void add_once(std::vector<std::string>& all, std::string_view text) {
    if (std::ranges::find(all, text) == all.end()) all.emplace_back(text);
}

/// Of lists that a record may have a million members of.
template <class Texts, class Wanted>
std::vector<std::string> each_once(const Texts& texts, Wanted wanted) {
    std::vector<std::string> out;
    std::unordered_set<std::string_view> seen;
    for (const std::string& text : texts)
        if (wanted(text) && seen.insert(text).second) out.push_back(text);
    return out;
}

Time time_of(const google::protobuf::Timestamp& time) { return {time.seconds() * 1'000'000 + time.nanos() / 1'000}; }

/// A text member that Users::create would refuse the whole user for: it alone is lost.
bool keepable(std::string_view text, std::size_t max_characters) {
    return is_valid_utf8(text) && !has_control_characters(text) && code_points(text) <= max_characters;
}

std::string take_text(const std::string& text, std::size_t max_characters, std::string_view path, Prepared& out) {
    if (keepable(text, max_characters)) return text;
    out.lose("text.not_kept", path);
    return {};
}

user::Gender gender_of(std::string_view text, Prepared& out) {
    if (text.empty()) return user::Gender::unspecified;
    if (text == "female") return user::Gender::female;
    if (text == "male") return user::Gender::male;
    if (text == "diverse") return user::Gender::diverse;
    out.lose("text.not_kept", "profile.gender", "gender is female, male or diverse");
    return user::Gender::unspecified;
}

/// The bytes of a metadata value: a string as it is, {"base64": "…"} decoded, anything else as JSON.
Result<std::string> bytes_of(const google::protobuf::Value& value) {
    if (value.kind_case() == google::protobuf::Value::kStringValue) return value.string_value();
    if (value.has_struct_value() && value.struct_value().fields_size() == 1) {
        const auto& fields = value.struct_value().fields();
        if (const auto found = fields.find("base64"); found != fields.end()) {
            if (auto bytes = base64_decode_lenient(found->second.string_value())) return *std::move(bytes);
            return fail(godwit::Code::invalid_argument, "metadata.bad_value", "its base64 cannot be read");
        }
    }
    return rpc::encode_json(value);
}

std::optional<totp::Parameters> parameters_of(const v1::Totp& in) {
    totp::Parameters out;
    std::string algorithm = to_ascii_upper(in.algorithm());
    if (algorithm.starts_with("HMAC")) algorithm = algorithm.substr(4);
    std::erase(algorithm, '-');
    if (algorithm == "SHA256") {
        out.hash = crypto::Hash::sha256;
    } else if (algorithm == "SHA512") {
        out.hash = crypto::Hash::sha512;
    } else if (!algorithm.empty() && algorithm != "SHA1") {
        return std::nullopt;
    }
    if (in.digits() != 0) out.digits = in.digits();
    if (in.period() != 0) out.period = std::chrono::seconds(in.period());
    if (out.digits < 6 || out.digits > 8 || out.period < std::chrono::seconds(1) || out.period > std::chrono::hours(1)) return std::nullopt;
    return out;
}

std::string_view name_of(crypto::Hash hash) {
    return hash == crypto::Hash::sha512 ? "SHA512" : hash == crypto::Hash::sha256 ? "SHA256" : "SHA1";
}

Result<user::NewPasskey> passkey_of(const v1::Passkey& in, const std::string& rp_id) {
    if (!in.kind().empty() && in.kind() != "passkey" && in.kind() != "u2f")
        return fail(godwit::Code::invalid_argument, "", "kind is passkey or u2f, not \"" + in.kind() + "\"");
    const auto id = base64_decode_lenient(in.credential_id()), key = base64_decode_lenient(in.public_key()),
               handle = base64_decode_lenient(in.user_handle());
    std::string hex = in.aaguid();
    std::erase(hex, '-');
    const auto aaguid = hex_decode(hex);
    if (!id || !key || !handle || !aaguid)
        return fail(godwit::Code::invalid_argument, "", "credentialId, publicKey and userHandle are base64url, aaguid is a UUID");
    user::NewPasskey out;
    out.credential_id = *id;
    out.cose_key = *key;
    out.rp_id = in.rp_id().empty() ? rp_id : in.rp_id();
    out.sign_count = in.sign_count();
    out.aaguid = *aaguid;
    out.user_handle = *handle;
    out.transports.assign(in.transports().begin(), in.transports().end());
    out.name = in.name();
    out.passwordless = in.kind() != "u2f";
    out.backup_eligible = in.backup_eligible();
    out.backed_up = in.backed_up();
    user::NewHuman alone;  // what is wrong with one credential costs the others nothing
    alone.passkeys.push_back(out);
    TRY(user::accept_authenticators(alone));
    return out;
}

}  // namespace

void Prepared::note(std::string_view code, std::string_view message) {
    add_once(codes, code);
    if (!message.empty()) add_lost(messages, message);
}

void Prepared::lose(std::string_view code, std::string_view path, std::string_view message) {
    note(code, message);
    add_lost(lost, path);
    partial = true;
}

void Prepared::refuse(std::string_view code, std::string_view message) {
    if (!refused.empty()) return;
    refused = code;
    note(code, message);
}

bool accept_source_id(std::string_view id) { return !id.empty() && id.size() <= 1000 && store::schema::is_storable_text(id); }

std::int64_t hash_of(const v1::UserRecord& record, const v1::JobOptions& options) {
    std::string bytes = rpc::stable_bytes(record);
    for (const std::string& group : record.groups()) {
        const auto mapped = options.role_map().find(group);
        if (mapped != options.role_map().end()) bytes.append(1, '\0').append(group).append(1, '=').append(mapped->second);
    }
    const std::string digest = crypto::sha256(bytes);
    std::int64_t hash = 0;
    std::memcpy(&hash, digest.data(), sizeof hash);
    return hash;
}

Preparer::Preparer(const v1::JobOptions& options, const OrgScope& org, bool everywhere, std::map<std::string, std::string> variables,
                   Targets& targets, signin::PasswordCheck& passwords)
    : options_(options),
      org_(org),
      everywhere_(everywhere),
      variables_(std::move(variables)),
      targets_(&targets),
      take_over_([&passwords](std::string_view hash, const password::Declaration& declaration, bool change_required) {
          return passwords.take_over(hash, declaration, change_required);
      }) {}

Preparer::Preparer(const v1::JobOptions& options, std::map<std::string, std::string> variables, TakeOver take_over)
    : options_(options),
      org_(InstanceScope::of({1}), OrgId(1)),
      everywhere_(true),
      variables_(std::move(variables)),
      targets_(nullptr),
      take_over_(std::move(take_over)) {}

Result<Prepared> Preparer::prepare(std::uint64_t number, const Result<v1::UserRecord*>& mapped, user::NewUser& user, Secret& plain) {
    Prepared out;
    out.number = number;
    out.org = org_.org();
    if (!mapped) {
        out.refuse(mapped.error().id.empty() ? "record.bad_form" : mapped.error().id, mapped.error().message);
        return out;
    }
    v1::UserRecord& record = **mapped;
    for (const std::string& code : record.origin().codes()) {
        if (find_code(code)) {
            out.note(code);
        } else {
            out.refuse("record.bad_form", "origin.codes holds a code that is not of the catalogue");
        }
    }
    for (const std::string& path : record.origin().lost()) add_lost(out.lost, path);
    out.partial = record.origin().lost_size() > 0;
    record.clear_origin();
    out.source_id = record.source_id();
    if (targets_) out.hash64 = hash_of(record, options_);
    if (!accept_source_id(out.source_id)) {
        out.source_id.clear();
        out.refuse("record.no_id", "a record needs a sourceId of 1 to 1,000 bytes");
        return out;
    }
    TRY(find_org(record, out));
    if (!out.refused.empty()) return out;

    check_type(record, out);
    user.given_id = record.user_id();
    take_name(record, out, user);
    if (record.has_created_at()) user.created = time_of(record.created_at());
    if (record.type() == "machine") {
        take_machine(record, out, user.as.emplace<user::NewMachine>());
    } else {
        auto& human = user.as.emplace<user::NewHuman>();
        take_person(record, out, human);
        take_password(record, out, human, plain);
        take_factors(record, out, human);
        TRY(take_links(record, out, human));
    }
    take_metadata(record, out, user);
    keep_what_has_no_place(record, out, user);
    std::ranges::sort(user.metadata);
    TRY(take_grants(record, out, user));
    take_rest(record, out, user);
    return out;
}

void Preparer::check_type(const v1::UserRecord& record, Prepared& out) {
    if (!record.type().empty() && record.type() != "human" && record.type() != "machine")
        return out.refuse("record.bad_form", "type is human or machine, not \"" + record.type() + "\"");
    if (record.type() != "machine" && record.machine().ByteSizeLong() > 0)
        out.refuse("record.both_types", "type is not machine, but what a machine has is in `machine`: mend one of them");
}

const std::string* mapped_org(const v1::JobOptions& options, const v1::OrganizationRef& named) {
    for (const std::string* name : {&named.id(), &named.domain(), &named.name()}) {
        const auto found = options.org_map().find(*name);
        if (found != options.org_map().end()) return &found->second;
    }
    return nullptr;
}

Result<void> Preparer::find_org(const v1::UserRecord& record, Prepared& out) {
    const auto& wanted = record.organization();
    if (!targets_ || (wanted.id().empty() && wanted.name().empty() && wanted.domain().empty())) return {};
    const std::string* const mapped = mapped_org(options_, wanted);
    const auto found = TRY(mapped ? targets_->org(*mapped, *mapped, *mapped) : targets_->org(wanted.id(), wanted.domain(), wanted.name()));
    if (found && (everywhere_ || *found == org_.org())) {
        out.org = *found;
    } else if (everywhere_ && options_.dry_run() && options_.create_org() && !mapped && !wanted.name().empty()) {
        // The run would make it: rehearsed in the job's, whose names and policies are the likeliest to be those of a new one.
    } else {
        const std::string& said = !wanted.id().empty() ? wanted.id() : !wanted.domain().empty() ? wanted.domain() : wanted.name();
        out.refuse("org.unknown", "there is no organization \"" + said +
                                      "\", or it is not yours to write to; --org-map says which one is meant" +
                                      (wanted.name().empty() || options_.create_org() ? "" : ", --create-org makes it"));
    }
    return {};
}

void Preparer::take_name(const v1::UserRecord& record, Prepared& out, user::NewUser& user) {
    const std::string& own = record.user_name().empty() ? record.email().address() : record.user_name();
    if (options_.user_name().empty()) {
        user.name = trim_unicode(own);
    } else {
        auto values = variables_;
        values["userName"] = own;
        values["email"] = record.email().address();
        values["sourceId"] = record.source_id();
        auto filled = fill_template(options_.user_name(), values);
        if (!filled) return out.refuse("user.bad_name", filled.error().message);
        user.name = *std::move(filled);
    }
    if (user.name.empty())
        return out.refuse("record.no_id", "a record needs a user name or an e-mail address; --user-name makes names of other parts");
    if (const auto accepted = user::accept_name(user.name); !accepted) out.refuse("user.bad_name", accepted.error().message);
    if (user.given_id.empty()) return;
    if (const auto accepted = directory::accept_given_id(user.given_id); !accepted) out.refuse("user.bad_id", accepted.error().message);
}

void Preparer::take_person(const v1::UserRecord& record, Prepared& out, user::NewHuman& human) {
    const auto& p = record.profile();
    human.profile.first_name = take_text(p.given_name(), 200, "profile.givenName", out);
    human.profile.last_name = take_text(p.family_name(), 200, "profile.familyName", out);
    human.profile.nick_name = take_text(p.nick_name(), 200, "profile.nickName", out);
    human.profile.display_name = take_text(p.display_name(), 400, "profile.displayName", out);
    human.profile.gender = gender_of(p.gender(), out);
    if (p.preferred_language().empty() || parse_language_tag(p.preferred_language())) {
        human.profile.language = p.preferred_language();
    } else {
        out.lose("locale.unreadable", "profile.preferredLanguage");
    }

    if (const std::string& url = record.avatar().url(); keepable(url, 2000) && url.starts_with("https://")) {
        human.profile.avatar = url;
    } else if (!url.empty()) {
        out.lose("avatar.lost", "avatar.url");
    }
    human.email_source = "import";
    if (const auto& email = record.email(); !email.address().empty()) {
        if (user::accept_email(email.address())) {
            human.email = email.address();
            human.email_verified = out.email_verified = email.verified();
            if (!email.has_verified()) out.note("email.unverifiable");
        } else {
            out.lose("email.bad", "email", "the e-mail address has not the form of one");
        }
    }
    if (const auto& phone = record.phone(); !phone.number().empty()) {
        if (user::normalise_phone(phone.number())) {
            human.phone = phone.number();
            human.phone_verified = phone.verified();
            if (!phone.has_verified()) out.note("phone.unverifiable");
        } else {
            out.lose("phone.bad", "phone", "a phone number begins with + and its country's code");
        }
    }
}

void Preparer::take_password(const v1::UserRecord& record, Prepared& out, user::NewHuman& human, Secret& plain) {
    const auto& password = record.password();
    const bool change = password.change_required();
    if (!password.plain().empty() && password.hash().empty()) {
        plain = Secret(password.plain());
        human.password = user::NewPassword{.encoded = {}, .scheme = {}, .change_required = change};
        return;
    }
    if (password.hash().empty()) return;
    if (!password.plain().empty()) out.lose("password.two_given", "password.plain");
    const auto declaration = signin::declaration_of(password.algorithm(), password.parameters());
    auto taken = declaration ? take_over_(password.hash(), *declaration, change)
                             : Result<std::optional<user::NewPassword>>(std::unexpected(declaration.error()));
    if (!taken) return out.lose("password.unsupported", "password", taken.error().message);
    human.password = *std::move(taken);
}

void Preparer::take_factors(const v1::UserRecord& record, Prepared& out, user::NewHuman& human) {
    for (int i = 0; i < record.totp_size(); ++i) {
        const v1::Totp& totp = record.totp(i);
        auto key = totp::read_key(totp.key());
        const auto parameters = parameters_of(totp);
        if (!key || !parameters) {
            out.lose("totp.bad_key", "totp[" + std::to_string(i) + "]");
            continue;
        }
        human.totp.push_back({.key = *std::move(key),
                              .algorithm = std::string(name_of(parameters->hash)),
                              .digits = parameters->digits,
                              .period = static_cast<int>(parameters->period.count()),
                              .name = take_text(totp.name(), 200, "totp[" + std::to_string(i) + "].name", out)});
    }
    for (int i = 0; i < record.passkeys_size(); ++i) {
        auto passkey = passkey_of(record.passkeys(i), options_.rp_id());
        if (passkey) {
            human.passkeys.push_back(*std::move(passkey));
        } else {
            out.lose("passkey.bad", "passkeys[" + std::to_string(i) + "]", passkey.error().message);
        }
    }
    for (int i = 0; i < record.recovery_codes_size(); ++i) {
        auto code = recovery_code_of(record.recovery_codes(i));
        if (code) {
            human.recovery_codes.push_back(*std::move(code));
        } else {
            out.lose("recovery_codes.unsupported", "recoveryCodes[" + std::to_string(i) + "]", code.error().message);
        }
    }
    if (!human.recovery_codes.empty()) out.note("recovery_codes.waiting");
    human.otp_email = record.otp_email() && !human.email.empty();
    if (record.otp_email() && !human.otp_email) out.lose("factor.unsupported", "otpEmail", "codes by e-mail need an e-mail address");
    human.otp_sms = record.otp_sms() && !human.phone.empty();
    if (record.otp_sms() && !human.otp_sms) out.lose("factor.unsupported", "otpSms", "codes by SMS need a phone number");
}

Result<std::string> Preparer::recovery_code_of(const v1::RecoveryCode& in) const {
    std::string value = in.hash();
    if (value.empty()) {
        // A code is drawn, not chosen: it needs no slow hash.
        const std::string salt = crypto::random_bytes(16);
        value = "{SSHA256}" + base64_encode(crypto::sha256(in.code() + salt) + salt);
        if (in.code().empty()) return fail(godwit::Code::invalid_argument, "", "a recovery code has a code or a hash");
    }
    const auto taken = TRY(take_over_(value, {}, false));
    if (!taken) return fail(godwit::Code::invalid_argument, "", "the hash stands for no code");
    return taken->encoded;
}

Result<void> Preparer::take_links(const v1::UserRecord& record, Prepared& out, user::NewHuman& human) {
    for (int i = 0; i < record.idp_links_size(); ++i) {
        const v1::IdpLink& link = record.idp_links(i);
        const std::string path = "idpLinks[" + std::to_string(i) + "]";
        if (link.external_id().empty() || !keepable(link.external_id(), 200)) {
            out.lose("link.without_id", path);
            continue;
        }
        const auto mapped = options_.idp_map().find(link.idp());
        const std::string& wanted = mapped == options_.idp_map().end() ? link.idp() : mapped->second;
        const auto idp = targets_ ? TRY(targets_->idp(out.org, wanted)) : std::optional(wanted);
        if (!idp) {
            out.lose("link.unknown_idp", path, "there is no identity provider \"" + wanted + "\"; --idp-map names the one that is meant");
            continue;
        }
        human.idp_links.push_back({*idp, link.external_id(), take_text(link.display_name(), 200, path + ".displayName", out)});
    }
    return {};
}

Result<void> Preparer::take_grants(const v1::UserRecord& record, Prepared& out, user::NewUser& user) {
    for (int i = 0; i < record.grants_size(); ++i) {
        const v1::Grant& grant = record.grants(i);
        for (const std::string& role : grant.roles()) {
            auto mapped = options_.role_map().find(grant.project() + "/" + role);
            if (mapped == options_.role_map().end()) mapped = options_.role_map().find(role);
            const std::string path = "grants[" + std::to_string(i) + "].roles[" + role + "]";
            if (mapped == options_.role_map().end()) {
                TRY(take_role(grant.project(), grant.granted_by(), role, path, out, user));
            } else {
                TRY(take_mapped(mapped->second, path, out, user));
            }
        }
        if (grant.roles().empty()) TRY(take_role(grant.project(), grant.granted_by(), "", "grants[" + std::to_string(i) + "]", out, user));
    }
    for (const std::string& group : record.groups()) {
        const auto mapped = options_.role_map().find(group);
        if (mapped != options_.role_map().end()) TRY(take_mapped(mapped->second, "groups[" + group + "]", out, user));
    }
    return {};
}

/// "project/role", as --role-map says it.
Result<void> Preparer::take_mapped(std::string_view target, const std::string& path, Prepared& out, user::NewUser& user) {
    const auto [project, role] = split_mapped_role(target);
    return take_role(project, "", role, path, out, user);
}

/// One role more (or, for "", the grant alone); roles of one project are one grant.
Result<void> Preparer::take_role(std::string_view project, std::string_view granted_by, std::string_view role, const std::string& path,
                                 Prepared& out, user::NewUser& user) {
    if (!targets_) return {};
    const auto held = project.empty() ? std::nullopt : TRY(targets_->project(out.org, project, granted_by));
    if (!held) {
        out.lose("grant.unknown_project", path, "the organization holds no project \"" + std::string(project) + "\"");
        return {};
    }
    if (!role.empty() && !held->roles.contains(role)) {
        out.lose("grant.unknown_role", path, "the project \"" + std::string(project) + "\" gives no role \"" + std::string(role) + "\"");
        return {};
    }
    auto grant = std::ranges::find_if(user.grants, [&](const user::NewGrant& known) {
        return known.project_id == held->project_id && known.project_grant_id == held->project_grant_id;
    });
    if (grant == user.grants.end())
        grant = user.grants.insert(grant, {.project_id = held->project_id, .project_grant_id = held->project_grant_id, .roles = {}});
    if (!role.empty()) add_once(grant->roles, role);
    return {};
}

void Preparer::take_metadata(const v1::UserRecord& record, Prepared& out, user::NewUser& user) {
    for (const auto& [key, value] : record.metadata()) {
        auto bytes = bytes_of(value);
        if (!bytes || key.empty() || !keepable(key, 200) || bytes->empty() || bytes->size() > kMaxMetadata) {
            out.lose("metadata.bad_value", "metadata." + key,
                     "metadata have a key of 1 to 200 characters and a value of 1 to 500,000 bytes");
            continue;
        }
        user.metadata.emplace_back(key, *std::move(bytes));
    }
}

void Preparer::take_machine(const v1::UserRecord& record, Prepared& out, user::NewMachine& machine) {
    const v1::Machine& in = record.machine();
    machine.name = take_text(in.name().empty() ? record.profile().display_name() : in.name(), 200, "machine.name", out);
    machine.description = take_text(in.description(), 500, "machine.description", out);
    if (!in.access_token_type().empty() && in.access_token_type() != "jwt" && in.access_token_type() != "bearer")
        out.lose("text.not_kept", "machine.accessTokenType", "accessTokenType is bearer or jwt");
    machine.token_kind = in.access_token_type() == "jwt" ? user::TokenKind::jwt : user::TokenKind::opaque;
    for (int i = 0; i < in.keys_size(); ++i) {
        const v1::MachineKey& key = in.keys(i);
        const std::string path = "machine.keys[" + std::to_string(i) + "]";
        const auto der = base64_decode_lenient(key.public_key());
        const auto parsed = der ? crypto::PublicKey::from_der(*der) : crypto::PublicKey::from_pem(key.public_key());
        if (!parsed || (!key.id().empty() && !directory::accept_given_id(key.id()))) {
            out.lose("machine.key_lost", path, "it is no public key (PEM, or base64 of its DER)");
            continue;
        }
        machine.keys.push_back(
            {.key_id = key.id(), .spki = parsed->to_der(), .expires = key.has_expires_at() ? time_of(key.expires_at()) : user::kNoExpiry});
    }
    if (!record.password().hash().empty() || !record.password().plain().empty()) out.lose("machine.secret_lost", "password");
    const v1::Profile& profile = record.profile();
    const std::pair<bool, std::string_view> of_people[] = {
        {!profile.given_name().empty(), "profile.givenName"},
        {!profile.family_name().empty(), "profile.familyName"},
        {!in.name().empty() && !profile.display_name().empty() && profile.display_name() != in.name(), "profile.displayName"},
        {!profile.nick_name().empty(), "profile.nickName"},
        {!profile.preferred_language().empty(), "profile.preferredLanguage"},
        {!profile.gender().empty(), "profile.gender"},
        {!record.email().address().empty(), "email"},
        {!record.phone().number().empty(), "phone"},
        {record.totp_size() > 0, "totp"},
        {record.passkeys_size() > 0, "passkeys"},
        {record.recovery_codes_size() > 0, "recoveryCodes"},
        {record.idp_links_size() > 0, "idpLinks"},
        {record.otp_email(), "otpEmail"},
        {record.otp_sms(), "otpSms"},
        {!record.avatar().url().empty(), "avatar.url"}};
    for (const auto& [there, path] : of_people) {
        if (there) out.lose("machine.part_lost", path);
    }
}

/// What a user has no place for stays with them, as metadata that the operator finds (docs/migrate/sources/godwit.md).
void Preparer::keep(std::string key, std::string bytes, std::string_view code, std::string_view path, Prepared& out, user::NewUser& user) {
    const bool taken = std::ranges::find(user.metadata, key, &std::pair<std::string, std::string>::first) != user.metadata.end();
    if (taken || bytes.size() > kMaxMetadata) {
        out.lose("metadata.bad_value", path, taken ? "the record has metadata " + key + " of its own" : "it has more than 500,000 bytes");
        return;
    }
    out.note(code);
    user.metadata.emplace_back(std::move(key), std::move(bytes));
}

void Preparer::keep_what_has_no_place(const v1::UserRecord& record, Prepared& out, user::NewUser& user) {
    const auto as_json = [](const auto& messages) {
        std::string list;
        for (const auto& message : messages) list += (list.empty() ? "" : ",") + rpc::encode_json(message).value_or("null");
        return "[" + list + "]";
    };
    if (!record.avatar().data().empty()) keep("migration.avatar", record.avatar().data(), "avatar.kept", "avatar.data", out, user);
    if (!record.avatar().media_type().empty())
        keep("migration.avatar_type", record.avatar().media_type(), "avatar.kept", "avatar.mediaType", out, user);
    if (record.emails_size() > 0) keep("migration.emails", as_json(record.emails()), "email.additional", "emails", out, user);
    if (record.consents_size() > 0) keep("migration.consents", as_json(record.consents()), "consent.kept", "consents", out, user);
    std::vector<std::string> actions = each_once(record.required_actions(), [](const std::string&) { return true; });
    if (record.password().change_required()) add_once(actions, kUpdatePassword);
    if (auto* const human = std::get_if<user::NewHuman>(&user.as); human && human->password)
        human->password->change_required = std::erase(actions, kUpdatePassword) > 0;
    if (!actions.empty()) keep("migration.required_actions", json_array(actions), "required_action.kept", "requiredActions", out, user);
    const auto groups =
        each_once(record.groups(), [this](const std::string& group) { return !group.empty() && !options_.role_map().contains(group); });
    if (!groups.empty()) keep("migration.groups", json_array(groups), "group.kept", "groups", out, user);
}

void Preparer::take_rest(const v1::UserRecord& record, Prepared& out, user::NewUser& user) {
    if (record.state() == "active") {
        user.state = user::State::active;
    } else if (record.state() == "inactive") {
        user.state = user::State::inactive;
    } else if (record.state() == "locked") {
        user.state = user::State::locked;
    } else if (!record.state().empty()) {
        out.lose("state.unknown", "state");
    }
    for (const std::string& alias : record.subject_aliases()) {
        if (!alias.empty() && keepable(alias, 200)) {
            out.aliases.push_back(alias);
        } else {
            out.lose("text.not_kept", "subjectAliases");
        }
    }
}

}  // namespace godwit::migration
