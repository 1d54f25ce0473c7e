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
