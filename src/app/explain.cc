#include "app/explain.h"

#include <google/protobuf/descriptor.h>

#include <array>

#include "api/admin/import.h"
#include "api/migration/migrations.h"
#include "app/database.h"
#include "app/migrations.h"
#include "app/registrations.h"
#include "app/services.h"
#include "base/text.h"
#include "directory/object/public_id.h"
#include "maintenance/read_only_store.h"
#include "transport/rpc/registry.h"

namespace godwit::app {
namespace {

using directory::Noun;
using rpc::Rule;
using On = rpc::TargetCheck::On;

/// What the target's id turned out to name.
struct Target {
    OrgId org;
    std::string org_id;
    UserId user;             ///< 0: no user
    std::string project_id;  ///< "": no project
};

std::string_view words_of(member::ScopeKind kind) {
    constexpr std::array<std::string_view, 4> kWords{"instance", "organization", "project", "project grant"};
    return kWords[static_cast<std::size_t>(kind)];
}

Result<rpc::Access> find_rpc(const rpc::Registry& registry, const std::string& text) {
    const auto unknown = [&] {
        return fail(Code::not_found, "EXPLAIN-Rpc01",
                    "no RPC \"" + text + "\" is served: name it as package.Service/Method, or as \"GET /management/v1/users/123\"");
    };
    if (const auto rest = split_once(text, ' ')) {
        const std::string_view path = rest->second.substr(0, rest->second.find('?'));
        auto found = registry.access(rest->first, path);
        if (!found) return unknown();
        return *std::move(found);
    }
    std::optional<rpc::Access> found;
    std::string several;
    for (const auto* method : registry.methods()) {
        const std::string name = method->service()->full_name() + "/" + method->name();
        if (name == text) return *registry.access(name);
        if (name.size() <= text.size() || !name.ends_with(text)) continue;
        const char before = name[name.size() - text.size() - 1];
        if (text.empty() || (before != '/' && before != '.')) continue;
        several += (several.empty() ? "" : ", ") + name;
        if (found) {
            found->method.clear();
        } else {
            found = registry.access(name);
        }
    }
    if (!found) return unknown();
    if (found->method.empty()) return fail(Code::invalid_argument, "EXPLAIN-Rpc02", "\"" + text + "\" may be " + several);
    return *std::move(found);
}

Result<user::User> find_user(Services& services, InstanceScope instance, const std::string& text) {
    auto user = TRY(services.users.find(user::Ref::named(instance, text)));
    if (!user) user = TRY(services.users.find_by_login_name(instance, text));
    if (!user) return fail(Code::not_found, "EXPLAIN-Usr01", "no user has the id or login name \"" + text + "\"");
    return *std::move(user);
}

Result<Target> find_target(Services& services, InstanceScope instance, const std::string& text, const user::User& caller) {
    if (text.empty()) return Target{.org = caller.org, .org_id = caller.org_id, .user = caller.id, .project_id = {}};
    const auto org = TRY(services.store.read(store::Database::directory, [&](store::Reader& db) {
        return directory::resolve_as<OrgId>(db, instance, Noun::organization, text);
    }));
    if (org) return Target{.org = *org, .org_id = text, .user = {}, .project_id = {}};
    if (const auto project = TRY(services.projects.find(instance, text)))
        return Target{.org = project->org, .org_id = project->org_id, .user = {}, .project_id = project->id};
    if (const auto user = TRY(services.users.find(user::Ref::named(instance, text))))
        return Target{.org = user->org, .org_id = user->org_id, .user = user->id, .project_id = {}};
    return fail(Code::not_found, "EXPLAIN-Tgt01", "no organization, project or user has the id \"" + text + "\"");
}

std::string place_of(const member::Membership& membership) {
    std::string text = "the " + std::string(words_of(membership.place.kind));
    if (membership.place.kind != member::ScopeKind::instance) text += " " + membership.place_id;
    return text;
}

/// Where a membership has to be to count.
std::string where_needed(OrgId org, const PermissionAnswer& answer) {
    std::string text = "the instance";
    if (org) text += (answer.project_id.empty() ? " or of the organization " : ", of the organization ") + answer.org_id;
    if (!answer.project_id.empty()) text += " or of the project " + answer.project_id;
    return text;
}

void decide_by_membership(const member::Memberships& memberships, OrgId org, PermissionAnswer& answer, bool any_grant = false) {
    const auto decision = any_grant ? member::decide_for_any_grant(memberships, answer.permission, org)
                                    : member::decide(memberships, answer.permission, org, answer.project_id);
    answer.allowed = decision.allowed;
    answer.by = decision.allowed ? DecidedBy::membership : DecidedBy::nothing;
    if (decision.by) {
        answer.role = member::role_with(*decision.by, answer.permission);
        answer.place = words_of(decision.by->place.kind);
        answer.place_id = decision.by->place_id;
        answer.reason = "the role " + answer.role + ", held as a member of " + place_of(*decision.by) + ", has " + answer.permission;
        return;
    }
    answer.reason = "no membership of " + where_needed(org, answer) + " has a role with " + answer.permission;
    for (const auto* membership : decision.elsewhere) {
        answer.reason += "; " + std::string(member::role_with(*membership, answer.permission)) + " has it, but is held as a member of " +
                         place_of(*membership) + " only";
    }
}

/// Methods whose handler checks the target.
void decide_by_handler(const rpc::Access& access, const rpc::Caller& caller, const Target& target, PermissionAnswer& answer) {
    const rpc::TargetCheck& check = access.rule.check;
    const auto& memberships = *std::static_pointer_cast<const member::Memberships>(caller.memberships);
    const bool on_user = check.on == On::user;
    const auto excuse = on_user ? rpc::excuse_of(check, caller, target.user, target.org) : rpc::Excuse::none;
    answer.permission = check.permission;
    if (excuse == rpc::Excuse::none)
        decide_by_membership(memberships, on_user ? target.org : check.on == On::listed ? caller.org : OrgId{}, answer);
    if (check.on == On::listed) {
        answer.allowed = true;
        answer.by = DecidedBy::listed;
        answer.reason = "nobody is refused; in the list is what the caller may see: " + answer.reason;
    } else if (excuse == rpc::Excuse::self) {
        answer.allowed = true;
        answer.by = DecidedBy::self;
        answer.reason = "the call is about the caller itself";
    } else if (excuse == rpc::Excuse::own_org) {
        answer.allowed = true;
        answer.by = DecidedBy::own_org;
        answer.reason = "the call is about a user of the caller's own organization";
    }
}

/// Why no token of the user is taken; "" when they are.
Result<std::string> why_no_caller(Services& services, InstanceScope instance, const user::User& user) {
    if (user.state != user::State::active) return std::string("the user is not active: none of its tokens is taken");
    const auto org = TRY(services.orgs.get(OrgScope(instance, user.org)));
    if (org.state != org::State::active) return std::string("the user's organization is not active: none of its tokens is taken");
    return std::string();
}

std::string rule_of(const rpc::Access& access) {
    switch (access.rule.kind) {
        case Rule::Kind::anyone:
            return "the method is public";
        case Rule::Kind::caller:
            return "the contract asks for any valid token; the handler acts on the caller only";
        case Rule::Kind::handler:
            return "the contract asks for a valid token, the handler for: " + access.rule.why;
        case Rule::Kind::contract:
            break;
    }
    return "the contract asks for " + access.permission +
           (access.check_field.empty() ? "" : "; members of the project or grant that `" + access.check_field + "` names count too") +
           (access.any_grant ? "; members of any grant count too" : "") +
           (access.org_field.empty() ? "" : "; `" + access.org_field + "` may name the organization");
}

void decide(const rpc::Access& access, const rpc::Caller& caller, const Target& target, PermissionAnswer& answer) {
    switch (access.rule.kind) {
        case Rule::Kind::anyone:
            answer.allowed = true;
            answer.by = DecidedBy::open;
            answer.reason = "everybody may, without a token";
            return;
        case Rule::Kind::caller:
            answer.allowed = true;
            answer.by = DecidedBy::any_caller;
            answer.reason = "everybody with a valid token may";
            return;
        case Rule::Kind::handler:
            return decide_by_handler(access, caller, target, answer);
        case Rule::Kind::contract:
            answer.permission = access.permission;
            if (!access.check_field.empty()) answer.project_id = target.project_id;
            return decide_by_membership(*std::static_pointer_cast<const member::Memberships>(caller.memberships), target.org, answer,
                                        access.any_grant);
    }
}

}  // namespace

std::string_view name_of(DecidedBy by) {
    constexpr std::array<std::string_view, 8> kNames{"no_caller", "public", "any_caller", "self",
                                                     "own_org",   "listed", "membership", "nothing"};
    return kNames[static_cast<std::size_t>(by)];
}

Result<PermissionAnswer> explain_permission(Services& services, const rpc::Registry& registry, InstanceScope instance,
                                            const PermissionQuestion& question) {
    const rpc::Access access = TRY(find_rpc(registry, question.rpc));
    const user::User user = TRY(find_user(services, instance, question.user));
    const Target target = TRY(find_target(services, instance, question.target, user));

    PermissionAnswer answer;
    answer.method = access.method;
    answer.user_id = user.public_id;
    answer.login_name = user.preferred_login_name;
    answer.org_id = target.org_id;
    answer.rule = rule_of(access);
    if (access.rule.kind != Rule::Kind::anyone) {
        answer.reason = TRY(why_no_caller(services, instance, user));
        answer.by = DecidedBy::no_caller;
        if (!answer.reason.empty()) return answer;
    }
    rpc::Caller caller;
    caller.user = user.id;
    caller.org = user.org;
    caller.memberships = TRY(services.members.memberships_of(instance, user.id));
    decide(access, caller, target, answer);
    return answer;
}

namespace {

Result<InstanceScope> find_instance(const Services& services, std::string_view host) {
    if (!host.empty()) {
        const auto found = TRY(services.instances.find_by_host(host));
        if (!found) return fail(Code::not_found, "EXPLAIN-Ins01", "no instance answers on the host \"" + std::string(host) + "\"");
        return found->scope;
    }
    const auto all = TRY(services.instances.all());
    if (all.size() == 1) return all.front();
    return fail(Code::invalid_argument, "EXPLAIN-Ins02", "there are " + std::to_string(all.size()) + " instances: say which by --host");
}

}  // namespace

Result<PermissionAnswer> explain_permission(const config::Config& config, std::string_view host, const PermissionQuestion& question) {
    const SystemClock clock;
    const auto store = TRY(maintenance::open_to_read(TRY(inspect_store(config))));
    // No secret is opened, no password hashed: any key will do.
    const auto key = TRY(crypto::MasterKey::from_bytes(Secret(std::string(32, 'x'))));
    const auto services = TRY(Services::build(*store, clock, key, {.external = {}, .hasher = {}, .verifier = {}, .lifetimes = {}}));
    api::Migrations migrations(run_parts(*services, {}), services->permissions, {});
    rpc::Registry registry;
    register_rpcs(registry, *services, {.body_bytes = 0, .spool_directory = {}}, migrations);
    return explain_permission(*services, registry, TRY(find_instance(*services, host)), question);
}

}  // namespace godwit::app
