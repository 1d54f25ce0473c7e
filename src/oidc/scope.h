// Scopes: the standard ones and the reserved names under urn:zitadel:iam that the contract's clients send.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::oidc {

using Scopes = std::vector<std::string>;

namespace scope {
inline constexpr std::string_view kOpenid = "openid";
inline constexpr std::string_view kProfile = "profile";
inline constexpr std::string_view kEmail = "email";
inline constexpr std::string_view kPhone = "phone";
inline constexpr std::string_view kAddress = "address";
inline constexpr std::string_view kOfflineAccess = "offline_access";
inline constexpr std::string_view kUserMetadata = "urn:zitadel:iam:user:metadata";
inline constexpr std::string_view kResourceOwner = "urn:zitadel:iam:user:resourceowner";
/// "zitadel" in place of a project id means the instance's own project: such tokens may call the API.
inline constexpr std::string_view kProjectAudiencePrefix = "urn:zitadel:iam:org:project:id:";
inline constexpr std::string_view kProjectAudienceSuffix = ":aud";
inline constexpr std::string_view kOwnProject = "zitadel";
inline constexpr std::string_view kOrgIdPrefix = "urn:zitadel:iam:org:id:";
inline constexpr std::string_view kOrgDomainPrefix = "urn:zitadel:iam:org:domain:primary:";
inline constexpr std::string_view kIdpPrefix = "urn:zitadel:iam:org:idp:id:";
inline constexpr std::string_view kRolePrefix = "urn:zitadel:iam:org:project:role:";      ///< one role of the client's own project
inline constexpr std::string_view kProjectsRoles = "urn:zitadel:iam:org:projects:roles";  ///< of every project in the audience
inline constexpr std::string_view kRolesOfOrgPrefix = "urn:zitadel:iam:org:roles:id:";    ///< only what this organization gives
}  // namespace scope

/// The words between spaces, in order, repetition kept as sent.
Scopes parse_scopes(std::string_view text);
std::string format_scopes(std::span<const std::string> scopes);

bool has_scope(std::span<const std::string> scopes, std::string_view wanted);
/// Every word of `part` is in `whole` (RFC 6749 section 6: a refresh may only narrow).
bool is_subset(std::span<const std::string> part, std::span<const std::string> whole);

/// What follows `prefix` in those that begin with it, each once.
std::vector<std::string> with_prefix(std::span<const std::string> scopes, std::string_view prefix);

/// The project ids of "urn:zitadel:iam:org:project:id:{id}:aud"; "zitadel" stays as it is.
std::vector<std::string> projects_in_scope(std::span<const std::string> scopes);

}  // namespace godwit::oidc
