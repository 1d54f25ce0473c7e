// What the server's SQLSTATEs mean to a caller, and to the connection.
#pragma once

#include <string_view>

#include "store/postgres/connection.h"

namespace godwit::store::postgres {

struct ServerError {
    Error error;
    Remedy remedy;
};

/// Logs what callers are not told. Values of rows are in neither (the server's DETAIL holds them).
ServerError server_error(const pg_result* result, std::string_view sql, bool connection_alive);

}  // namespace godwit::store::postgres
