#include "store/postgres/errors.h"

#include <libpq-fe.h>

#include <string>

#include "base/log.h"
#include "base/text.h"
#include "base/work_limit.h"

namespace godwit::store::postgres {
namespace {

std::string_view field(const pg_result* result, int code) {
    const char* text = PQresultErrorField(result, code);
    return text != nullptr ? text : "";
}

/// "users_pkey" is told as "users", as SQLite has no name for a primary key.
std::string violated(std::string_view constraint) {
    constexpr std::string_view kPrimary = "_pkey";
    if (constraint.ends_with(kPrimary)) constraint.remove_suffix(kPrimary.size());
    return "unique:" + std::string(constraint);
}

constexpr std::string_view kCancelled = "57014";

struct Meaning {
    std::string_view state;  ///< SQLSTATE, or its class of two characters
    Remedy remedy;
    Code code;
    std::string_view id;
    std::string_view message;
};

// https://www.postgresql.org/docs/15/errcodes-appendix.html; the first row that fits.
constexpr Meaning kMeanings[] = {
    {"40001", Remedy::retry, Code::unavailable, "STORE-conflict", "too many changes at the same time; try again"},
    {"40P01", Remedy::retry, Code::unavailable, "STORE-conflict", "too many changes at the same time; try again"},
    // By the server's own limit, statement_timeout, not for the caller: another try may find it less busy.
    {kCancelled, Remedy::none, Code::unavailable, "STORE-deadline", "the database took too long; try again"},
    {"55P03", Remedy::none, Code::unavailable, "STORE-lock", "what is to be changed is held by another change; try again"},
    {"53100", Remedy::none, Code::unavailable, "STORE-full", "the disk of the database is full; nothing was written"},
    {"53", Remedy::none, Code::unavailable, "STORE-resources", "the database has no resources left; try again"},
    {"22003", Remedy::none, Code::invalid_argument, "STORE-range", "a number is too large"},
    {"54", Remedy::none, Code::invalid_argument, "STORE-size", "a value is too large for the database"},
    // A primary that became a standby: the operator's conninfo (target_session_attrs) finds the new one.
    {"25006", Remedy::reconnect, Code::unavailable, "STORE-readonly", "the database can only be read at present; nothing was written"},
    {"25P03", Remedy::reconnect, Code::unavailable, "STORE-deadline", "the transaction took too long; try again"},
    // Plans and prepared statements that a schema upgrade or a pooler made stale.
    {"0A000", Remedy::reconnect, Code::unavailable, "STORE-stale", "the database changed; try again"},
    {"26000", Remedy::reconnect, Code::unavailable, "STORE-stale", "the database changed; try again"},
    {"08", Remedy::reconnect, Code::unavailable, "STORE-connection", "the connection to the database broke; try again"},
    {"57P", Remedy::reconnect, Code::unavailable, "STORE-connection", "the database is being stopped; try again"},
    {"58", Remedy::none, Code::unavailable, "STORE-io", "the disk of the database fails; nothing was written"},
    {"XX001", Remedy::none, Code::data_loss, "STORE-corrupt", "the database is damaged; restore a backup"},
    {"XX002", Remedy::none, Code::data_loss, "STORE-corrupt", "the database is damaged; restore a backup"},
};

}  // namespace

ServerError server_error(const pg_result* result, std::string_view sql, bool connection_alive) {
    const std::string_view state = field(result, PG_DIAG_SQLSTATE);
    if (state == "23505") return {{Code::already_exists, violated(field(result, PG_DIAG_CONSTRAINT_NAME)), "already exists"}, Remedy::none};

    if (state == kCancelled) {
        if (auto wanted = work_wanted(); !wanted) return {std::move(wanted).error(), Remedy::none};
    }
    const std::string_view message = field(result, PG_DIAG_MESSAGE_PRIMARY);
    for (const Meaning& meaning : kMeanings) {
        if (!state.starts_with(meaning.state)) continue;
        if (meaning.remedy != Remedy::retry) log::warn("postgres", {{"error", message}, {"state", state}, {"sql", sql}});
        return {{meaning.code, std::string(meaning.id), std::string(meaning.message)}, meaning.remedy};
    }
    if (!connection_alive || state.empty()) {
        log::warn("postgres: connection lost", {{"why", trim(PQresultErrorMessage(result))}});
        return {{Code::unavailable, "STORE-connection", "the connection to the database broke; try again"}, Remedy::reconnect};
    }
    log::error("postgres", {{"error", message}, {"state", state}, {"sql", sql}});
    return {{Code::internal, "STORE-sql", "the database refused a statement"}, Remedy::none};
}

}  // namespace godwit::store::postgres
