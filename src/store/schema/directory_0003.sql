-- Version 3: the factors people bring with them, and what a migration keeps of each record.

-- WebAuthn credentials. credential_sha256 finds one at a sign-in and keeps two users of one domain from sharing it.
CREATE TABLE passkeys (
    instance_no     INTEGER NOT NULL,
    user_id         BIGINT NOT NULL,
    id              BIGINT NOT NULL,
    rp_id           TEXT NOT NULL,                  -- the domain it is bound to
    credential_sha256 BLOB NOT NULL,
    credential_id   BLOB NOT NULL,
    cose_key        BLOB NOT NULL,                  -- COSE_Key, CBOR
    sign_count      BIGINT NOT NULL DEFAULT 0,      -- as it came; what is counted here is in factor_use
    aaguid          BLOB,
    transports      TEXT NOT NULL DEFAULT '',       -- joined by a space
    user_handle     BLOB,
    flags           SMALLINT NOT NULL DEFAULT 0,    -- 1 backup eligible, 2 backed up
    usage           SMALLINT NOT NULL,              -- 1 passwordless, 2 second factor (U2F)
    state           SMALLINT NOT NULL,              -- 1 waits for its registration to end, 2 ready
    name            TEXT NOT NULL DEFAULT '',
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (instance_no, user_id, id)
);
CREATE UNIQUE INDEX passkeys_credential ON passkeys (instance_no, rp_id, credential_sha256);
CREATE INDEX passkeys_handle ON passkeys (instance_no, user_handle) WHERE user_handle IS NOT NULL;

CREATE TABLE recovery_codes (
    instance_no     INTEGER NOT NULL,
    user_id         BIGINT NOT NULL,
    n               INTEGER NOT NULL,
    encoded         TEXT NOT NULL,                  -- a password hash of credentials/password
    used_at         BIGINT,
    PRIMARY KEY (instance_no, user_id, n)
);

-- One-time codes sent to a person's own addresses, as a second factor.
CREATE TABLE user_otp (
    instance_no     INTEGER NOT NULL,
    user_id         BIGINT NOT NULL,
    kind            SMALLINT NOT NULL,              -- 1 SMS, 2 e-mail
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (instance_no, user_id, kind)
);

-- The systems users come from: jobs of one source match its records by their source ids.
CREATE TABLE migration_sources (
    instance_no     INTEGER NOT NULL,
    source_no       INTEGER NOT NULL,               -- from 16 on; external_refs.source_no
    name            TEXT NOT NULL,
    name_key        TEXT NOT NULL,
    org_id          BIGINT NOT NULL DEFAULT 0,      -- whose it is; 0: the instance's
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (instance_no, source_no)
);
CREATE UNIQUE INDEX migration_sources_name ON migration_sources (instance_no, org_id, name_key);

-- Of the record that job_id read: its number in the source, and its outcome (1 created, 2 updated, 3 skipped, 4 partial, 5 failed).
ALTER TABLE external_refs ADD COLUMN record_no BIGINT NOT NULL DEFAULT 0;
ALTER TABLE external_refs ADD COLUMN outcome SMALLINT NOT NULL DEFAULT 0;
-- state besides those of version 1: 7 skipped, a record that was passed over since somebody else is here in its place.
-- The report of a job, in the order of its records; rows come in that order, so the tree grows at its end.
CREATE INDEX external_refs_job ON external_refs (instance_no, job_id, record_no) WHERE job_id <> 0;

-- Whose name is their e-mail address (email_key is NULL then): users_email for them. What a search by the beginning of an address reads is in
-- the index, so that the users' rows are not.
CREATE INDEX users_email_name ON users (instance_no, login_scope, name_key, email_key, email) WHERE email_key IS NULL AND email <> '';
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('users', 'users_email_name', '1000000 1000000 500000 1 1 1 1')

ALTER TABLE migrations ADD COLUMN org_id BIGINT NOT NULL DEFAULT 0;  -- whose it is; 0: the instance's

-- Keys that sign tokens: since when a key is what it is (before: since it was made), which key the rotation made to follow it, and whose it is.
ALTER TABLE signing_keys ADD COLUMN changed_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE signing_keys ADD COLUMN successor TEXT NOT NULL DEFAULT '';
ALTER TABLE signing_keys ADD COLUMN issuer_id BIGINT NOT NULL DEFAULT 0;     -- 0: the instance's own issuer

-- Issuers that an instance serves beside its own; see oidc/issuer_table.h.
CREATE TABLE issuers (
    instance_no     INTEGER NOT NULL,
    id              BIGINT NOT NULL,
    host            TEXT NOT NULL,                  -- of the name, as instance_domains has it
    name            TEXT NOT NULL,                  -- `iss`, byte for byte
    paths           BLOB NOT NULL,                  -- protobuf godwit.issuer.v1.Paths
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (instance_no, id)
);
CREATE UNIQUE INDEX issuers_name ON issuers (instance_no, name);

-- Users whose sessions ended with their auth_epoch, until the other database has heard of it (directory/session/clients.h).
CREATE TABLE ended_users (
    instance_no     INTEGER NOT NULL,
    user_id         BIGINT NOT NULL,
    ended_at        BIGINT NOT NULL,
    PRIMARY KEY (instance_no, user_id)
);
