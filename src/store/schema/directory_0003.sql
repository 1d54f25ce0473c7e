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

-- Messages to a user that nobody has sent yet, which are taken back when another takes their place.
CREATE INDEX messages_waiting ON messages (instance_no, user_id) WHERE state = 1;

-- As for users in version 2: an instance may be all there is in a table, and the rows of a user, session or project are few. What SQLite is not
-- told it takes for ten rows an instance, and reads all of an instance where the index of a second column would lead to one. Primary keys are said
-- to halve the rows by the instance, so that what does read all of one goes through the table itself.
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('access_pats', 'access_pats', '100000 50000 1'), ('access_pats', 'access_pats_user', '100000 100000 2')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('app_keys', 'app_keys', '10000 5000 1'), ('app_keys', 'app_keys_app', '10000 10000 2'), ('app_keys', 'app_keys_public_id', '1000 1000 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('applications', 'applications', '10000 5000 1'), ('applications', 'applications_name', '10000 10000 5 1'), ('applications', 'applications_client', '10000 10000 1'), ('applications', 'applications_public_id', '1000 1000 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('ended_users', 'ended_users', '100000 50000 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('events', 'events', '10000000 5000000 2 1'), ('events', 'events_aggregate', '10000000 10000000 10 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('external_refs', 'external_refs', '1000000 500000 500000 1'), ('external_refs', 'external_refs_object', '1000000 1000000 1'), ('external_refs', 'external_refs_job', '1000000 1000000 10000 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('idempotency', 'idempotency', '100000 50000 50000 1'), ('idempotency', 'idempotency_expires', '100000 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('idp_links', 'idp_links', '1000000 500000 300000 1'), ('idp_links', 'idp_links_user', '1000000 1000000 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('idps', 'idps', '1000 500 1'), ('idps', 'idps_owner', '1000 1000 5'), ('idps', 'idps_public_id', '100 100 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('machine_keys', 'machine_keys', '100000 50000 1'), ('machine_keys', 'machine_keys_user', '100000 100000 2'), ('machine_keys', 'machine_keys_public_id', '1000 1000 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('machine_secrets', 'machine_secrets', '100000 50000 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('members', 'members', '10000 5000 2 2 1'), ('members', 'members_scope', '10000 10000 1000 5 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('messages', 'messages', '100000 50000 1'), ('messages', 'messages_due', '1000 1'), ('messages', 'messages_waiting', '1000 1000 1'), ('messages', 'messages_dedupe', '100000 100000 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('metadata', 'metadata', '2000000 1000000 2 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('migration_before', 'migration_before', '1000000 500000 300000 1 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('migration_issues', 'migration_issues', '100000 50000 10000 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('migration_sources', 'migration_sources', '1000 500 1'), ('migration_sources', 'migration_sources_name', '1000 1000 100 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('migrations', 'migrations', '1000 500 1'), ('migrations', 'migrations_idempotency', '1000 1000 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('org_domains', 'org_domains', '10000 5000 1 1'), ('org_domains', 'org_domains_verified', '10000 10000 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('organizations', 'organizations', '10000 5000 1'), ('organizations', 'organizations_name', '10000 10000 1'), ('organizations', 'organizations_public_id', '1000 1000 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('passkeys', 'passkeys', '100000 50000 1 1'), ('passkeys', 'passkeys_handle', '100000 100000 1'), ('passkeys', 'passkeys_credential', '100000 100000 10000 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('project_grants', 'project_grants', '10000 5000 1'), ('project_grants', 'project_grants_org', '10000 10000 3'), ('project_grants', 'project_grants_project', '10000 10000 5 1'), ('project_grants', 'project_grants_public_id', '1000 1000 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('project_roles', 'project_roles', '10000 5000 5 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('projects', 'projects', '10000 5000 1'), ('projects', 'projects_name', '10000 10000 5 1'), ('projects', 'projects_public_id', '1000 1000 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('recovery_codes', 'recovery_codes', '1000000 500000 10 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('settings', 'settings', '10000 5000 5000 5 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('texts', 'texts', '10000 5000 5000 10 5 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('user_codes', 'user_codes', '100000 50000 1 1 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('user_grants', 'user_grants', '1000000 500000 2 1 1 1'), ('user_grants', 'user_grants_org', '1000000 1000000 100000 10000 1'), ('user_grants', 'user_grants_id', '1000000 1000000 1'), ('user_grants', 'user_grants_public_id', '1000 1000 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('user_otp', 'user_otp', '100000 50000 1 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('user_passwords', 'user_passwords', '1000000 500000 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('user_tombstones', 'user_tombstones', '100000 50000 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('user_totp', 'user_totp', '100000 50000 1 1')
--! sqlite ANALYZE sqlite_schema
