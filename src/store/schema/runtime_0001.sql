-- Database `runtime`, version 1: sessions, tokens, requests, counters. Conventions: directory_0001.sql.
-- No transaction spans both databases; users.auth_epoch and the states in `directory` are what ends sessions and tokens.

-- A browser; several sessions.
CREATE TABLE agents (
    instance_no     INTEGER NOT NULL,
    id              BIGINT NOT NULL,
    cookie_sha256   BLOB NOT NULL,
    created_at      BIGINT NOT NULL,
    seen_day        INTEGER NOT NULL,               -- days since 1970
    PRIMARY KEY (instance_no, id)
);

CREATE TABLE sessions (
    instance_no     INTEGER NOT NULL,
    id              BIGINT NOT NULL,
    user_id         BIGINT NOT NULL DEFAULT 0,      -- 0: no user checked yet
    org_id          BIGINT NOT NULL DEFAULT 0,
    agent_id        BIGINT NOT NULL DEFAULT 0,      -- 0: made by the session service
    token_sha256    BLOB,
    factors         BLOB NOT NULL,                  -- protobuf: what was checked, when
    challenges      BLOB,                           -- protobuf: what was asked and waits for an answer
    auth_time       BIGINT,
    amr             TEXT NOT NULL DEFAULT '',
    metadata        BLOB,
    user_agent      BLOB,                           -- protobuf zitadel.session.v2.UserAgent
    creator_id      BIGINT NOT NULL DEFAULT 0,
    version         BIGINT NOT NULL DEFAULT 1,
    created_at      BIGINT NOT NULL,
    changed_at      BIGINT NOT NULL,
    expires_at      BIGINT,
    terminated_at   BIGINT,
    PRIMARY KEY (instance_no, id)
);
CREATE INDEX sessions_user ON sessions (instance_no, user_id, id);
CREATE INDEX sessions_agent ON sessions (instance_no, agent_id);

CREATE TABLE auth_requests (
    instance_no     INTEGER NOT NULL,
    id              BIGINT NOT NULL,
    kind            SMALLINT NOT NULL,              -- 1 authorize, 2 pushed, 3 SAML, 4 device
    app_id          BIGINT NOT NULL,
    agent_id        BIGINT NOT NULL DEFAULT 0,
    session_id      BIGINT NOT NULL DEFAULT 0,
    user_id         BIGINT NOT NULL DEFAULT 0,
    body            BLOB NOT NULL,                  -- the request as it came, ≤ 8 KB
    progress        BLOB,                           -- what the sign-in has settled so far
    code_sha256     BLOB,
    code_expires_at BIGINT,
    code_used_at    BIGINT,
    family_id       BIGINT NOT NULL DEFAULT 0,      -- of the first use of the code: revoked when it is used again
    user_code       TEXT,                           -- device flow
    version         BIGINT NOT NULL DEFAULT 1,
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    PRIMARY KEY (instance_no, id)
);
CREATE UNIQUE INDEX auth_requests_code ON auth_requests (instance_no, code_sha256) WHERE code_sha256 IS NOT NULL;
CREATE UNIQUE INDEX auth_requests_user_code ON auth_requests (instance_no, user_code) WHERE user_code IS NOT NULL;
CREATE INDEX auth_requests_expires ON auth_requests (expires_at);

CREATE TABLE token_families (
    instance_no     INTEGER NOT NULL,
    id              BIGINT NOT NULL,
    user_id         BIGINT NOT NULL,
    session_id      BIGINT NOT NULL DEFAULT 0,
    app_id          BIGINT NOT NULL,
    project_id      BIGINT NOT NULL,
    scopes          TEXT NOT NULL,
    audience        TEXT NOT NULL,
    auth_time       BIGINT NOT NULL,
    amr             TEXT NOT NULL DEFAULT '',
    jkt             TEXT,                           -- DPoP key thumbprint
    generation      BIGINT NOT NULL DEFAULT 1,
    secret_sha256   BLOB NOT NULL,
    prev_sha256     BLOB,
    prev_until      BIGINT,
    created_at      BIGINT NOT NULL,
    idle_until      BIGINT NOT NULL,
    absolute_until  BIGINT NOT NULL,
    revoked_at      BIGINT,
    reason          TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (instance_no, id)
);
CREATE INDEX token_families_user ON token_families (instance_no, user_id);
CREATE INDEX token_families_session ON token_families (instance_no, session_id);

CREATE TABLE revoked_tokens (
    instance_no     INTEGER NOT NULL,
    jti             TEXT NOT NULL,
    expires_at      BIGINT NOT NULL,
    PRIMARY KEY (instance_no, jti)
);
CREATE INDEX revoked_tokens_expires ON revoked_tokens (expires_at);

-- Things that may happen once: client assertions, DPoP proofs, TOTP steps, links.
CREATE TABLE seen_once (
    instance_no     INTEGER NOT NULL,
    kind            SMALLINT NOT NULL,              -- 1 client assertion, 2 DPoP proof, 3 TOTP step, 4 link
    hash            BLOB NOT NULL,
    expires_at      BIGINT NOT NULL,
    PRIMARY KEY (instance_no, kind, hash)
);
CREATE INDEX seen_once_expires ON seen_once (expires_at);

-- Failed attempts and rate limits of accounts.
CREATE TABLE counters (
    instance_no     INTEGER NOT NULL,
    kind            SMALLINT NOT NULL,              -- 1 password, 2 one-time code, 3 unknown login name
    subject_hmac    BLOB NOT NULL,
    n               BIGINT NOT NULL,
    window_start    BIGINT NOT NULL,
    locked_until    BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (instance_no, kind, subject_hmac)
);

CREATE TABLE factor_use (
    instance_no     INTEGER NOT NULL,
    user_id         BIGINT NOT NULL,
    factor_id       BIGINT NOT NULL,
    sign_count      BIGINT NOT NULL DEFAULT 0,
    last_step       BIGINT NOT NULL DEFAULT 0,
    last_at         BIGINT NOT NULL,
    PRIMARY KEY (instance_no, user_id, factor_id)
);

-- Written at most once a day and user.
CREATE TABLE last_seen (
    instance_no     INTEGER NOT NULL,
    user_id         BIGINT NOT NULL,
    seen_day        INTEGER NOT NULL,
    app_id          BIGINT NOT NULL,
    PRIMARY KEY (instance_no, user_id)
);

-- As in directory, for sessions and tokens; the event list merges both.
CREATE TABLE events (
    instance_no     INTEGER NOT NULL,
    tx              BIGINT NOT NULL DEFAULT 0,
    pos             BIGINT NOT NULL,
    agg_kind        TEXT NOT NULL,
    agg_id          BIGINT NOT NULL,
    type            TEXT NOT NULL,
    owner_id        BIGINT NOT NULL,
    editor_id       BIGINT NOT NULL,
    editor_service  TEXT NOT NULL,
    request_id      TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    body            TEXT NOT NULL,
    PRIMARY KEY (instance_no, tx, pos)
);
CREATE INDEX events_aggregate ON events (instance_no, agg_id, pos);
--! postgres ALTER TABLE events ALTER COLUMN tx SET DEFAULT (pg_current_xact_id()::text::bigint)

CREATE TABLE idempotency (
    instance_no     INTEGER NOT NULL,
    caller_id       BIGINT NOT NULL,
    idempotency_key TEXT NOT NULL,
    request_sha256  BLOB NOT NULL,
    response        BLOB NOT NULL,
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    PRIMARY KEY (instance_no, caller_id, idempotency_key)
);
CREATE INDEX idempotency_expires ON idempotency (expires_at);
