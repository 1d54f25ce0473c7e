// How a sessions row is read and written. Internal to this folder.
#pragma once

#include <string>
#include <string_view>

#include "directory/session/sessions.h"
#include "store/store.h"

namespace godwit::session {

/// SELECT <kSessionColumns> FROM sessions WHERE instance_no = ?1 AND …
extern const std::string_view kSessionColumns;
Session session_of(const store::Row& row);

std::string encode(const Factors& factors);
std::string encode(const std::map<std::string, std::string>& metadata);
std::string encode(const UserAgent& user_agent);

}  // namespace godwit::session
