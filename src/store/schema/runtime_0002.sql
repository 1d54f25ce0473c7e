-- Database `runtime`, version 2. Conventions: directory_0001.sql.

-- Claims asked for by name (OpenID Connect Core section 5.5), as JSON; '' when none were.
ALTER TABLE token_families ADD COLUMN claims TEXT NOT NULL DEFAULT '';

-- An application that a session signed in to, and that has an address for the news (directory/session/clients.h). Rows of sessions that
-- have ended are the queue; one that has been told goes.
CREATE TABLE session_clients (
    instance_no     INTEGER NOT NULL,
    session_id      BIGINT NOT NULL,
    app_id          BIGINT NOT NULL,
    issuer          TEXT NOT NULL,                  -- `iss` and `sub` of the id_token that the application has
    subject         TEXT NOT NULL,
    user_id         BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    ended_at        BIGINT,
    next_at         BIGINT,                         -- when to try; NULL while the session goes on
    attempts        INTEGER NOT NULL DEFAULT 0,
    last_error      TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (instance_no, session_id, app_id, issuer)
);
CREATE INDEX session_clients_due ON session_clients (next_at) WHERE next_at IS NOT NULL;

-- What SQLite plans by; see directory_0003.sql.
--! sqlite ANALYZE sqlite_schema
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('agents', 'agents', '1000000 500000 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('auth_requests', 'auth_requests', '100000 50000 1'), ('auth_requests', 'auth_requests_expires', '100000 1'), ('auth_requests', 'auth_requests_code', '100000 100000 1'), ('auth_requests', 'auth_requests_user_code', '1000 1000 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('counters', 'counters', '100000 50000 50000 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('events', 'events', '10000000 5000000 2 1'), ('events', 'events_aggregate', '10000000 10000000 10 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('factor_use', 'factor_use', '100000 50000 1 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('idempotency', 'idempotency', '100000 50000 50000 1'), ('idempotency', 'idempotency_expires', '100000 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('last_seen', 'last_seen', '1000000 500000 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('revoked_tokens', 'revoked_tokens', '100000 50000 1'), ('revoked_tokens', 'revoked_tokens_expires', '100000 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('seen_once', 'seen_once', '1000000 500000 500000 1'), ('seen_once', 'seen_once_expires', '1000000 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('session_clients', 'session_clients', '1000000 500000 1 1 1'), ('session_clients', 'session_clients_due', '1000 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('sessions', 'sessions', '1000000 500000 1'), ('sessions', 'sessions_agent', '1000000 1000000 2'), ('sessions', 'sessions_user', '1000000 1000000 3 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('token_families', 'token_families', '1000000 500000 1'), ('token_families', 'token_families_session', '1000000 1000000 1'), ('token_families', 'token_families_user', '1000000 1000000 3')
--! sqlite ANALYZE sqlite_schema
