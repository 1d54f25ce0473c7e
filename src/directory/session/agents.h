// What becomes of a browser: its cookie, and what it remembers of people.
#pragma once

#include <vector>

#include "directory/session/sessions.h"

namespace godwit::session {

/// A new secret for the browser, now that somebody signs in: whoever put the old cookie there, or read it, has nothing of it.
Result<Sessions::Agent> renew_agent(store::Store& store, InstanceScope instance, std::int64_t agent);

/// Who was signed in there and is not any more: the last session of each, the latest first.
Result<std::vector<Session>> ended_of_agent(store::Store& store, Sessions& sessions, InstanceScope instance, std::int64_t agent);
inline constexpr std::size_t kMaxRemembered = 10;

/// The browser knows nothing of that user any more; a session that lives stays.
Result<void> forget(store::Store& store, InstanceScope instance, std::int64_t agent, UserId user);

}  // namespace godwit::session
