#include "app/explain.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "base/json.h"
#include "cli/configuration.h"
#include "cli/verbs.h"

namespace godwit::cli {
namespace {

struct ExplainOptions {
    ConfigurationOptions configuration;
    app::PermissionQuestion question;
    std::string host;
    bool json = false;
};

std::string json_of(const app::PermissionAnswer& answer) {
    JsonObject out;
    out.set("allowed", answer.allowed);
    out.set("decidedBy", app::name_of(answer.by));
    out.set("method", answer.method);
    out.set("userId", answer.user_id);
    out.set("loginName", answer.login_name);
    out.set("orgId", answer.org_id);
    out.set_if("projectId", answer.project_id);
    out.set_if("permission", answer.permission);
    out.set_if("role", answer.role);
    out.set_if("memberOf", answer.place);
    out.set_if("memberOfId", answer.place_id);
    out.set("rule", answer.rule);
    out.set("reason", answer.reason);
    return out.text();
}

void print(const app::PermissionAnswer& answer) {
    std::printf("%s\n", answer.allowed ? "allowed" : "REFUSED");
    std::printf("  user     %s (%s)\n", answer.login_name.c_str(), answer.user_id.c_str());
    std::printf("  rpc      %s\n", answer.method.c_str());
    std::printf("  about    organization %s%s%s\n", answer.org_id.c_str(), answer.project_id.empty() ? "" : ", project ",
                answer.project_id.c_str());
    std::printf("  rule     %s\n", answer.rule.c_str());
    std::printf("  because  %s\n", answer.reason.c_str());
}

/// 0: allowed. 1: refused. 2: the question makes no sense, or cannot be answered.
int explain(const ExplainOptions& options) {
    const auto config = options.configuration.load_database();
    if (!config) return complain(config.error().message) + 1;
    const auto answer = app::explain_permission(*config, options.host, options.question);
    if (!answer) return complain(answer.error().message) + 1;
    if (options.json) {
        std::printf("%s\n", json_of(*answer).c_str());
    } else {
        print(*answer);
    }
    return answer->allowed ? 0 : 1;
}

}  // namespace

void add_explain(CLI::App& program, Run& run) {
    CLI::App* verb = program.add_subcommand("explain", "say why the server does what it does");
    verb->require_subcommand(1);
    CLI::App* permission = verb->add_subcommand("permission", "say whether a user may call an RPC, and which rule decides it");
    permission->footer(
        "Reads the database only; a server may be running on it. Exit status: 0 allowed, 1 refused, 2 no answer.\n"
        "docs/permissions.md says how permissions are decided.");
    auto options = std::make_shared<ExplainOptions>();
    permission->add_option("USER", options->question.user, "id or login name of the user who calls")->required();
    permission
        ->add_option("RPC", options->question.rpc,
                     "package.Service/Method, the end of it, or a REST call in quotes: \"GET /management/v1/users/123\"")
        ->required();
    permission->add_option("TARGET", options->question.target,
                           "id of the organization, project or user the call is about; without it the caller's own organization");
    permission->add_option("--host", options->host, "host of the instance, where there are several")->type_name("HOST");
    permission->add_flag("--json", options->json, "one line of JSON");
    options->configuration.add_database_to(*permission);
    permission->callback([&run, options] { run = [options] { return explain(*options); }; });
}

}  // namespace godwit::cli
