// Finding clients: applications of the directory as the protocol sees them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "oidc/client.h"

namespace godwit::oidc {

struct Services;

class Clients {
public:
    explicit Clients(const Services& services) : services_(services) {}

    /// An active application of an active project; nullopt for any other id.
    Result<std::optional<Client>> find(InstanceScope scope, std::string_view client_id) const;
    Result<std::optional<Client>> find(InstanceScope scope, AppId app) const;

    /// Who tokens for this client are meant for: the client itself, the other clients of its project, the project, and the projects
    /// that the scopes name.
    Result<std::vector<std::string>> audience(InstanceScope scope, const Client& client, const std::vector<std::string>& scopes) const;

    /// The part of it that the scopes ask for: what a machine user's token is meant for.
    Result<std::vector<std::string>> project_audience(InstanceScope scope, const std::vector<std::string>& scopes) const;
    /// `scopes` as others are shown them: a project that asserts roles is as good as asked for each of them.
    Result<std::vector<std::string>> shown_scopes(InstanceScope scope, const Client& client, std::vector<std::string> scopes) const;
    /// The instance's own project, which stands for its API; "" when there is none.
    Result<std::string> own_project(InstanceScope scope) const;

private:
    Result<std::optional<Client>> checked(InstanceScope scope, std::optional<Client> client) const;

    const Services& services_;
};

}  // namespace godwit::oidc
