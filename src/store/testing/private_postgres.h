// A PostgreSQL server for tests: the one that GODWIT_TEST_POSTGRES names (a libpq conninfo), or one of our own in a temporary
// directory, started when first asked for and gone with this process.
#pragma once

#include <string>

namespace godwit::store::postgres_server {

/// Conninfo of the server; the process ends with a message when none can be started.
std::string connection();

/// True when the server is our own, so that it may be stopped.
bool is_ours();
/// Ends every connection at once and starts the server anew: what a crash and a restart look like to clients.
void restart();
void stop();
void start();

/// Runs one statement as the server's owner.
void run(const std::string& sql);

}  // namespace godwit::store::postgres_server
