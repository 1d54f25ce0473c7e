// RFC 8693: a token for another one. The client must be in the audience of what it shows. Acting as somebody else (a subject that is only
// named, or an actor_token) is for instances that allow it, and for actors with the permission `impersonation` over the subject, or
// `admin.impersonation` where the subject manages something itself.
#include <algorithm>
#include <array>

#include "crypto/sealer.h"
#include "directory/key/sealers.h"
#include "directory/member/permissions.h"
#include "directory/settings/settings.h"
#include "directory/user/users.h"
#include "godwit/settings/v1/settings.pb.h"
#include "oidc/access_tokens.h"
#include "oidc/client_auth.h"
#include "oidc/clients.h"
#include "oidc/grant.h"
#include "oidc/lifetimes.h"
#include "oidc/machine_tokens.h"
#include "oidc/oauth_error.h"
#include "oidc/person.h"
#include "oidc/services.h"
#include "oidc/token_families.h"
#include "oidc/token_issuer.h"
#include "store/store.h"

namespace godwit::oidc {
namespace {

constexpr std::string_view kAccessToken = "urn:ietf:params:oauth:token-type:access_token";
constexpr std::string_view kIdToken = "urn:ietf:params:oauth:token-type:id_token";
constexpr std::string_view kJwt = "urn:ietf:params:oauth:token-type:jwt";
constexpr std::string_view kUserId = "urn:zitadel:params:oauth:token-type:user_id";

/// Who a shown token stands for, and what it could do.
struct Party {
    user::User user;
    SessionId session;
    Scopes scopes;
    std::vector<std::string> audience;
    std::vector<std::string> amr;
    std::vector<std::string> actors;
    Time auth_time;
};

bool is_in(const std::vector<std::string>& list, std::string_view one) { return std::ranges::find(list, one) != list.end(); }

/// Nullopt: nothing that holds, or nothing meant for this client.
Result<std::optional<Party>> open_access_token(const GrantContext& context, const Client& client, std::string_view text) {
    auto live = TRY(context.access_tokens.open(context.issuer.scope, text));
    if (!live) return std::nullopt;
    auto& token = live->payload;
    if (live->personal) {
        token.audience = {client.client_id, client.project_id};
        token.auth_time = context.services.clock.now();
    }
    // A token that is bound to a key is shown by who holds it: whoever else has it gets no bearer token for it.
    if (!token.jkt.empty() && token.jkt != context.jkt) return std::nullopt;
    if (!is_in(token.audience, client.client_id) && !is_in(token.audience, client.project_id)) return std::nullopt;
    return Party{.user = std::move(live->user),
                 .session = token.session,
                 .scopes = std::move(token.scopes),
                 .audience = std::move(token.audience),
                 .amr = std::move(token.amr),
                 .actors = std::move(token.actors),
                 .auth_time = token.auth_time};
}

Party plain_party(const GrantContext& context, const Client& client, user::User user) {
    return {.user = std::move(user),
            .session = {},
            .scopes = {},
            .audience = {client.client_id, client.project_id},
            .amr = {},
            .actors = {},
            .auth_time = context.services.clock.now()};
}

/// By the parameters `<name>` and `<name>_type`. invalid_request.
Result<Party> read_party(const GrantContext& context, const Client& client, const std::string& name) {
    const auto invalid = [&] { return oauth_fail(kInvalidRequest, name + " invalid"); };
    const auto text = context.parameters.get(name), type = context.parameters.get(name + "_type");
    if (text.empty()) return oauth_fail(kInvalidRequest, name + " missing");
    if (type.empty()) return oauth_fail(kInvalidRequest, name + "_type missing");
    if (type == kAccessToken) {
        auto party = TRY(open_access_token(context, client, text));
        return party ? Result<Party>(*std::move(party)) : invalid();
    }
    if (type == kJwt) {
        auto machine = prove_machine(context, text);
        if (!machine && machine.error().code != Code::invalid_argument) return std::unexpected(machine.error());
        return machine ? Result<Party>(plain_party(context, client, *std::move(machine))) : invalid();
    }
    // An id_token says who signed in, it is no right to act: as recorded, it is not taken.
    if (type == kIdToken) return invalid();
    if (type != kUserId || name != "subject_token") return oauth_fail(kInvalidRequest, name + "_type is not supported");
    const auto named = TRY(context.services.users.find(user::Ref::named(context.issuer.scope, std::string(text))));
    auto user =
        named ? TRY(find_person(context.services, context.issuer.scope, named->id, {}, context.services.clock.now())) : std::nullopt;
    return user ? Result<Party>(plain_party(context, client, *std::move(user))) : invalid();
}

auto refuse_impersonation(std::string_view why) { return oauth_fail(kInvalidRequest, why, Code::permission_denied); }

Result<void> impersonation_is_on(const GrantContext& context) {
    const auto security = TRY(context.services.settings.get<settings::v1::SecuritySettings>(context.issuer.scope));
    if (!security.value.enable_impersonation()) return refuse_impersonation("Errors.TokenExchange.Impersonation.PolicyDisabled");
    return {};
}

Result<void> may_impersonate(const GrantContext& context, const user::User& actor, const user::User& subject) {
    const member::Members members(context.services.store);
    const auto scope = context.issuer.scope;
    const bool manages = !TRY(members.memberships_of(scope, subject.id))->empty();
    const auto held = TRY(members.memberships_of(scope, actor.id));
    if (!member::decide(*held, manages ? "admin.impersonation" : "impersonation", subject.org, "").allowed)
        return refuse_impersonation("Errors.PermissionDenied");
    return {};
}

/// The subject with whoever acts for it.
Result<Party> read_parties(const GrantContext& context, const Client& client, std::optional<user::User>& actor) {
    const bool named = context.parameters.get("subject_token_type") == kUserId;
    if (named || context.parameters.has("actor_token")) TRY(impersonation_is_on(context));
    auto subject = TRY(read_party(context, client, "subject_token"));
    if (named || context.parameters.has("actor_token")) {
        actor = TRY(read_party(context, client, "actor_token")).user;
        TRY(may_impersonate(context, *actor, subject.user));
        subject.actors.insert(subject.actors.begin(), actor->public_id);
    }
    return subject;
}

/// What the client asks of the subject's audience: invalid_target for anything else (section 2.2.2).
Result<std::vector<std::string>> narrowed_audience(const Parameters& parameters, const std::vector<std::string>& all) {
    std::vector<std::string> out;
    for (const auto& [name, value] : parameters.all()) {
        if (name == "resource") return oauth_fail(kInvalidTarget, "resource is not supported");
        if (name != "audience" || value.empty()) continue;
        if (!is_in(all, value)) return oauth_fail(kInvalidTarget, "audience is not one of the subject_token's");
        if (!is_in(out, value)) out.push_back(value);
    }
    return out.empty() ? all : out;
}

/// The row by which the new token ends with the subject's session, and can be revoked.
Result<Family> begin(const GrantContext& context, const Client& client, const Issuance& issuance, const std::optional<user::User>& actor) {
    const auto scope = context.issuer.scope;
    const auto sealer = TRY(context.services.sealers.of(scope));
    const auto lifetimes = TRY(lifetimes_of(context.services, scope));
    Family wanted;
    wanted.user = issuance.user.id;
    wanted.session = issuance.session;
    wanted.app = client.app;
    wanted.project = client.project;
    wanted.scopes = issuance.scopes;
    wanted.audience = issuance.audience;
    wanted.amr = issuance.amr;
    wanted.auth_time = issuance.auth_time;
    return context.services.store.write(store::Database::runtime, [&](store::Writer& db) -> Result<Family> {
        Family family = wanted;
        TRY(begin_family(db, scope, *sealer, lifetimes, family));
        if (actor)
            TRY(db.append(scope, store::Event{.aggregate_kind = "oidc_session",
                                              .aggregate_id = family.id,
                                              .type = "oidc_session.impersonated",
                                              .editor = actor->id.key,
                                              .editor_service = "OIDC",
                                              .body = "{}"}));
        return family;
    });
}

Result<JsonObject> id_token_alone(const GrantContext& context, const Issuance& issuance) {
    const auto lifetime = TRY(lifetimes_of(context.services, context.issuer.scope)).id_token;
    JsonObject out;
    out.set("access_token", TRY(context.token_issuer.id_token(context.issuer, issuance, {context.services.clock.now(), lifetime}, {})));
    out.set("token_type", "N_A");
    out.set("expires_in", std::int64_t{lifetime.count()});
    out.set("scope", format_scopes(issuance.scopes));
    return out;
}

}  // namespace

Result<JsonObject> token_exchange_grant(const GrantContext& context) {
    constexpr std::array kIssued = {kAccessToken, kIdToken, kJwt};
    const auto credentials = TRY(read_credentials(context.services.rules, context.request, context.parameters));
    const auto client = TRY(authenticate_client({context.services, context.clients, context.issuer, credentials}));
    if (!client.allows(GrantType::token_exchange))
        return oauth_fail(kUnauthorizedClient, "token-exchange is missing in the client configuration");
    const auto asked = context.parameters.get("requested_token_type");
    const auto type = asked.empty() ? kAccessToken : asked;
    if (std::ranges::find(kIssued, type) == kIssued.end()) return oauth_fail(kInvalidRequest, "requested_token_type is not supported");

    std::optional<user::User> actor;
    const auto subject = TRY(read_parties(context, client, actor));

    Issuance issuance;
    issuance.take(client);
    issuance.jwt_access_token = type == kJwt;
    issuance.user = subject.user;
    issuance.session = subject.session;
    issuance.scopes = parse_scopes(context.parameters.get("scope"));
    if (issuance.scopes.empty()) issuance.scopes = subject.scopes;
    std::erase(issuance.scopes, scope::kOfflineAccess);
    if (issuance.scopes.empty()) return oauth_fail(kInvalidScope, "scope missing");
    issuance.audience = TRY(narrowed_audience(context.parameters, subject.audience));
    issuance.amr = subject.amr;
    issuance.auth_time = subject.auth_time;
    issuance.actors = subject.actors;
    issuance.jkt = context.jkt;

    JsonObject out;
    if (type == kIdToken) {
        out = TRY(id_token_alone(context, issuance));
    } else {
        const auto family = TRY(begin(context, client, issuance, actor));
        issuance.family = family.id;
        issuance.generation = family.generation;
        out = TRY(context.token_issuer.issue(context.issuer, issuance));
    }
    out.set("issued_token_type", type);
    return out;
}

}  // namespace godwit::oidc
