#include "api/admin/import_errors.h"

namespace godwit::api {
namespace {

struct Key {
    std::string_view type;  ///< "": any
    std::string_view id;
    std::string_view key;
};

// As recorded (admin_import), or of the single RPC's recording.
constexpr Key kKeys[] = {
    {"org", "ORG-lapo2n", "Errors.Org.AlreadyExisting"},
    {"org", "V3-DKcYh", "Errors.Org.AlreadyExists"},
    {"domain", "V2-e1wse", "Errors.Already.Exists"},
    {"", "COMMAND-ziuna", "Errors.User.AlreadyExisting"},
    {"domain", "V3-DKcYh", "Errors.Org.Domain.AlreadyExists"},
    {"human_user", "V3-DKcYh", "Errors.User.AlreadyExists"},
    {"machine_user", "V3-DKcYh", "Errors.User.AlreadyExists"},
    {"user_link", "V3-DKcYh", "Errors.User.ExternalIDP.AlreadyExists"},
    {"project", "V3-DKcYh", "Errors.Project.AlreadyExists"},
    {"project_role", "V3-DKcYh", "Errors.Project.Role.AlreadyExists"},
    {"project_grant", "V3-DKcYh", "Errors.Project.Grant.AlreadyExists"},
    {"user_grant", "V3-DKcYh", "Errors.UserGrant.AlreadyExists"},
    {"oidc_app", "V3-DKcYh", "Errors.Project.App.AlreadyExists"},
    {"api_app", "V3-DKcYh", "Errors.Project.App.AlreadyExists"},
    {"", "Org-1J8fs", "Errors.Org.IDPConfig.AlreadyExisting"},
    {"", "COMMAND-opamwu", "Errors.Project.AlreadyExisting"},
    {"", "PROJECT-lxowmp", "Errors.Project.App.AlreadyExisting"},
    {"", "PROJECT-mabu12", "Errors.Project.App.AlreadyExisting"},
    {"", "COMMAND-Dff54", "Errors.Project.App.AuthMethodNoPrivateKeyJWT"},
    {"", "COMMAND-bnipwm1", "Errors.User.NotFound"},
    {"", "COMMAND-uXHNj", "Errors.User.NotFound"},
    {"", "COMMAND-39nfs", "Errors.IDPConfig.NotExisting"},
    {"", "ORG-poWwe", "Errors.Org.Member.AlreadyExists"},
    {"", "PROJECT-37fug", "Errors.AlreadyExists"},
    {"", "PROJECT-PtXi1", "Errors.Project.Member.AlreadyExists"},
};

/// A link that is taken has the id of a name that is taken.
bool is_taken_link(const Error& error) { return error.id == "V3-DKcYh" && error.message.starts_with("External IDP"); }

}  // namespace

std::string import_message(std::string_view type, const Error& error) {
    // The reference knows no given ids of machine users: there they clash by their names.
    if (type == "machine_user" && error.id == "COMMAND-ziuna") return import_message(type, {error.code, "V3-DKcYh", error.message});
    std::string_view message = error.message;
    if (is_taken_link(error)) type = "user_link";
    for (const Key& row : kKeys)
        if (row.id == error.id && (row.type.empty() || row.type == type)) message = row.key;
    // What decoding and validation refuse has no id of its own.
    const std::string_view id = error.id.empty() ? "IMPORT-Rec01" : std::string_view(error.id);
    return "ID=" + std::string(id) + " Message=" + std::string(message);
}

}  // namespace godwit::api
