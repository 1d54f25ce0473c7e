-- Database `directory`, version 1: who exists and what is configured. The why of each table: docs/data-model.md.
--
-- One text for both engines (see schema/translate.h). Types: SMALLINT, INTEGER, BIGINT, TEXT, BLOB. What an engine makes of them:
--   SQLite      INTEGER, INTEGER, INTEGER, TEXT, BLOB; every table STRICT, WITHOUT ROWID
--   PostgreSQL  smallint, integer, bigint, text COLLATE "C", bytea
-- Conventions:
--   instance_no leads every key; `id` is the row's own generated id; `<noun>_id` points to another row; ids are never 0.
--   public_id   the id the world sees, NULL when it is the decimal of `id`. public_id_key is its folded form (NFKC casefold), NULL with it,
--               and unique: two ids that differ only by case cannot coexist. Look up by public_id_key, then compare public_id byte by byte.
--   *_at        microseconds since 1970 UTC; NULL: has not happened, or never.
--   *_key       folded form (NFKC casefold) for search and uniqueness; SQL never lowers.
--   state, kind and similar numbers are those of the contract's enums unless a comment lists them. Flags are 0 or 1.
--   roles       role keys, sorted, joined by a newline. scopes, amr, audience: joined by a space.
--   version     starts at 1, raised by every change of the row: the contract's `sequence`, and the guard of UPDATE … WHERE version = ?.
--   sealed      encrypted by crypto with (instance_no, table, row id, column) as additional data.
-- A line that starts with `--! postgres` or `--! sqlite` is a statement for that engine alone.
-- A unique violation is reported as `unique:<name of the index>`, or `unique:<table>` for the primary key.

-- ---- tenancy ----

CREATE TABLE instances (
    instance_no     INTEGER NOT NULL,               -- assigned once, never reused
    id              BIGINT NOT NULL,
    name            TEXT NOT NULL,
    state           SMALLINT NOT NULL DEFAULT 2,    -- zitadel.instance.v1.State: 1 creating, 2 running, 3 stopping, 4 stopped
    default_org_id  BIGINT NOT NULL DEFAULT 0,
    iam_project_id  BIGINT NOT NULL DEFAULT 0,
    console_app_id  BIGINT NOT NULL DEFAULT 0,
    default_lang    TEXT NOT NULL DEFAULT 'en',
    config_version  BIGINT NOT NULL DEFAULT 1,      -- raised by every transaction that changes configuration (see docs: validate, don't invalidate)
    token_epoch     BIGINT NOT NULL DEFAULT 0,      -- tokens issued before this time are dead (raised by a restore)
    version         BIGINT NOT NULL DEFAULT 1,
    created_at      BIGINT NOT NULL,
    changed_at      BIGINT NOT NULL,
    PRIMARY KEY (instance_no)
);
CREATE UNIQUE INDEX instances_id ON instances (id);

CREATE TABLE instance_domains (
    host            TEXT NOT NULL,                  -- ASCII lower case (IDNA), no port, no trailing dot
    instance_no     INTEGER NOT NULL,
    kind            SMALLINT NOT NULL,              -- 1 generated, 2 custom, 3 trusted (serves pages, never an issuer)
    is_primary      SMALLINT NOT NULL DEFAULT 0,
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (host)
);
CREATE INDEX instance_domains_instance ON instance_domains (instance_no);

CREATE TABLE organizations (
    instance_no     INTEGER NOT NULL,
    id              BIGINT NOT NULL,
    public_id       TEXT,
    public_id_key   TEXT,
    name            TEXT NOT NULL,
    name_key        TEXT NOT NULL,
    state           SMALLINT NOT NULL DEFAULT 1,    -- 1 active, 2 inactive, 3 removed
    primary_domain  TEXT NOT NULL DEFAULT '',
    login_mode      SMALLINT NOT NULL DEFAULT 0,    -- which login names are in force: 0 plain, 1 with the domain, 2 both while a job moves from one to the other
    version         BIGINT NOT NULL DEFAULT 1,
    created_at      BIGINT NOT NULL,
    changed_at      BIGINT NOT NULL,
    PRIMARY KEY (instance_no, id)
);
CREATE UNIQUE INDEX organizations_public_id ON organizations (instance_no, public_id_key) WHERE public_id_key IS NOT NULL;
CREATE UNIQUE INDEX organizations_name ON organizations (instance_no, name_key);

CREATE TABLE org_domains (
    instance_no     INTEGER NOT NULL,
    org_id          BIGINT NOT NULL,
    domain          TEXT NOT NULL,                  -- ASCII lower case (IDNA)
    verified        SMALLINT NOT NULL DEFAULT 0,
    is_primary      SMALLINT NOT NULL DEFAULT 0,
    validation      SMALLINT NOT NULL DEFAULT 0,    -- 0 none, 1 HTTP, 2 DNS
    token           BLOB,                           -- sealed
    checked_at      BIGINT,
    version         BIGINT NOT NULL DEFAULT 1,
    created_at      BIGINT NOT NULL,
    changed_at      BIGINT NOT NULL,
    PRIMARY KEY (instance_no, org_id, domain)
);
CREATE UNIQUE INDEX org_domains_verified ON org_domains (instance_no, domain) WHERE verified = 1;

-- Any policy is a message: effective value = the instance's row overlaid by the organization's.
CREATE TABLE settings (
    instance_no     INTEGER NOT NULL,
    scope_kind      SMALLINT NOT NULL,              -- 0 instance, 1 organization, 2 project, 3 application, 4 user
    scope_id        BIGINT NOT NULL,                -- 0 for the instance
    type            TEXT NOT NULL,                  -- "login_policy", "domain_policy", "privacy_policy" …
    body            BLOB NOT NULL,                  -- protobuf
    version         BIGINT NOT NULL DEFAULT 1,
    created_at      BIGINT NOT NULL,
    changed_at      BIGINT NOT NULL,
    PRIMARY KEY (instance_no, scope_kind, scope_id, type)
);

CREATE TABLE texts (
    instance_no     INTEGER NOT NULL,
    scope_kind      SMALLINT NOT NULL,
    scope_id        BIGINT NOT NULL,
    type            TEXT NOT NULL,                  -- "login", "message:InitCode" …
    lang            TEXT NOT NULL,                  -- BCP 47
    body            BLOB NOT NULL,
    version         BIGINT NOT NULL DEFAULT 1,
    changed_at      BIGINT NOT NULL,
    PRIMARY KEY (instance_no, scope_kind, scope_id, type, lang)
);

CREATE TABLE idps (
    instance_no     INTEGER NOT NULL,
    id              BIGINT NOT NULL,
    public_id       TEXT,
    public_id_key   TEXT,
    owner_id        BIGINT NOT NULL,                -- organization; 0: the instance
    kind            SMALLINT NOT NULL,              -- zitadel.idp.v1.ProviderType
    name            TEXT NOT NULL,
    state           SMALLINT NOT NULL DEFAULT 1,
    options         BLOB NOT NULL,                  -- protobuf zitadel.idp.v1.Options
    body            BLOB NOT NULL,                  -- protobuf of the kind; client secret sealed apart:
    secret          BLOB,                           -- sealed
    version         BIGINT NOT NULL DEFAULT 1,
    created_at      BIGINT NOT NULL,
    changed_at      BIGINT NOT NULL,
    PRIMARY KEY (instance_no, id)
);
CREATE UNIQUE INDEX idps_public_id ON idps (instance_no, public_id_key) WHERE public_id_key IS NOT NULL;
CREATE INDEX idps_owner ON idps (instance_no, owner_id);

-- ---- users and credentials ----

CREATE TABLE users (
    instance_no         INTEGER NOT NULL,
    id                  BIGINT NOT NULL,
    public_id           TEXT,
    public_id_key       TEXT,
    org_id              BIGINT NOT NULL,
    kind                SMALLINT NOT NULL,          -- 1 human, 2 machine
    state               SMALLINT NOT NULL,          -- zitadel.user.v1.UserState: 1 active, 2 inactive, 4 locked, 5 suspended, 6 initial
    version             BIGINT NOT NULL DEFAULT 1,
    auth_epoch          BIGINT NOT NULL DEFAULT 0,  -- time; sessions and tokens older than it are dead
    created_at          BIGINT NOT NULL,
    changed_at          BIGINT NOT NULL,
    login_scope         BIGINT NOT NULL DEFAULT 0,  -- 0: the name is unique in the instance; else the organization's id: it carries the domain
    name                TEXT NOT NULL,              -- user name as given
    name_key            TEXT NOT NULL,
    given_name          TEXT NOT NULL DEFAULT '',
    family_name         TEXT NOT NULL DEFAULT '',
    display_name        TEXT NOT NULL DEFAULT '',   -- of a machine: its name
    nick_name           TEXT NOT NULL DEFAULT '',
    lang                TEXT NOT NULL DEFAULT '',
    gender              SMALLINT NOT NULL DEFAULT 0,
    avatar              TEXT NOT NULL DEFAULT '',   -- key of an asset
    email               TEXT NOT NULL DEFAULT '',
    email_key           TEXT,                       -- folded; NULL without e-mail, and when equal to name_key with login_scope 0 (probe both)
    email_verified_at   BIGINT,
    email_source        TEXT NOT NULL DEFAULT '',   -- '', self_verified, idp:<id>, import:<job>, admin: linking rules need it
    phone               TEXT,                       -- normalised, E.164
    phone_verified_at   BIGINT,
    description         TEXT NOT NULL DEFAULT '',   -- machine
    access_token_type   SMALLINT NOT NULL DEFAULT 0, -- machine: 0 bearer, 1 JWT
    PRIMARY KEY (instance_no, id)
);
CREATE UNIQUE INDEX users_public_id ON users (instance_no, public_id_key) WHERE public_id_key IS NOT NULL;
CREATE UNIQUE INDEX users_login_name ON users (instance_no, login_scope, name_key);
CREATE INDEX users_org_name ON users (instance_no, org_id, name_key);
CREATE INDEX users_email ON users (instance_no, email_key) WHERE email_key IS NOT NULL;
CREATE INDEX users_phone ON users (instance_no, phone) WHERE phone IS NOT NULL;

-- Given ids of removed users: not to be used again without a flag (a generated id cannot return).
CREATE TABLE user_tombstones (
    instance_no     INTEGER NOT NULL,
    public_id_key   TEXT NOT NULL,
    user_id         BIGINT NOT NULL,
    removed_at      BIGINT NOT NULL,
    PRIMARY KEY (instance_no, public_id_key)
);

CREATE TABLE user_passwords (
    instance_no     INTEGER NOT NULL,
    user_id         BIGINT NOT NULL,
    encoded         TEXT NOT NULL,                  -- the hash as given, or ours
    scheme          TEXT NOT NULL DEFAULT '',       -- name in credentials/password; '' while recognised by its form
    params          TEXT,                           -- JSON, what was declared beside the hash
    pepper_ref      TEXT,
    proof           SMALLINT NOT NULL DEFAULT 0,    -- 1: a sign-in succeeded with it here
    proof_at        BIGINT,
    change_required SMALLINT NOT NULL DEFAULT 0,
    changed_at      BIGINT NOT NULL,
    PRIMARY KEY (instance_no, user_id)
);

-- Codes and links sent to people, at most one of a kind and code_id; only their hash is kept.
CREATE TABLE user_codes (
    instance_no     INTEGER NOT NULL,
    user_id         BIGINT NOT NULL,
    kind            SMALLINT NOT NULL,              -- 1 init, 2 e-mail, 3 phone, 4 password reset, 5 passwordless link, 6 invite
    code_id         BIGINT NOT NULL DEFAULT 0,      -- 0, or the id of the link (passwordless)
    hash            BLOB NOT NULL,                  -- HMAC-SHA-256 of the code
    target          TEXT NOT NULL DEFAULT '',       -- the address it proves
    attempts        INTEGER NOT NULL DEFAULT 0,
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    PRIMARY KEY (instance_no, user_id, kind, code_id)
);

CREATE TABLE user_totp (
    instance_no     INTEGER NOT NULL,
    user_id         BIGINT NOT NULL,
    id              BIGINT NOT NULL,
    secret          BLOB NOT NULL,                  -- sealed
    alg             TEXT NOT NULL DEFAULT 'SHA1',
    digits          SMALLINT NOT NULL DEFAULT 6,
    period          SMALLINT NOT NULL DEFAULT 30,   -- seconds
    state           SMALLINT NOT NULL,              -- 1 waits for its first code, 2 ready
    name            TEXT NOT NULL DEFAULT '',
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (instance_no, user_id, id)
);

CREATE TABLE machine_keys (
    instance_no     INTEGER NOT NULL,
    id              BIGINT NOT NULL,                -- the `kid` of the assertions signed with it
    public_id       TEXT,
    public_id_key   TEXT,
    user_id         BIGINT NOT NULL,
    kind            SMALLINT NOT NULL DEFAULT 1,    -- 1 JSON
    spki            BLOB NOT NULL,                  -- SubjectPublicKeyInfo, DER
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT,
    PRIMARY KEY (instance_no, id)
);
CREATE UNIQUE INDEX machine_keys_public_id ON machine_keys (instance_no, public_id_key) WHERE public_id_key IS NOT NULL;
CREATE INDEX machine_keys_user ON machine_keys (instance_no, user_id);

CREATE TABLE machine_secrets (
    instance_no     INTEGER NOT NULL,
    user_id         BIGINT NOT NULL,
    encoded         TEXT NOT NULL,                  -- "sha256:<hex>" of ours, or an imported hash
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (instance_no, user_id)
);

CREATE TABLE access_pats (
    instance_no     INTEGER NOT NULL,
    id              BIGINT NOT NULL,
    user_id         BIGINT NOT NULL,
    secret_sha256   BLOB NOT NULL,
    scopes          TEXT NOT NULL DEFAULT '',
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT,
    revoked_at      BIGINT,
    PRIMARY KEY (instance_no, id)
);
CREATE INDEX access_pats_user ON access_pats (instance_no, user_id);

CREATE TABLE idp_links (
    instance_no     INTEGER NOT NULL,
    idp_id          BIGINT NOT NULL,
    external_id     TEXT NOT NULL,
    user_id         BIGINT NOT NULL,
    display_name    TEXT NOT NULL DEFAULT '',
    name_at_idp     TEXT NOT NULL DEFAULT '',
    origin          SMALLINT NOT NULL,              -- 1 import, 2 login, 3 admin
    linked_at       BIGINT NOT NULL,
    PRIMARY KEY (instance_no, idp_id, external_id)
);
CREATE INDEX idp_links_user ON idp_links (instance_no, user_id);

-- One table for the source ids of a migration, SCIM's externalId and subjects of the replaced system.
CREATE TABLE external_refs (
    instance_no     INTEGER NOT NULL,
    source_no       INTEGER NOT NULL,               -- migrations.source_no; 1 SCIM, 2 old subjects
    external_id     TEXT NOT NULL,
    object_id       BIGINT NOT NULL,                -- 0 while only expected
    kind            SMALLINT NOT NULL,              -- 1 user, 2 organization, 3 project, 4 application, 5 IdP
    state           SMALLINT NOT NULL,              -- 1 expected, 2 no_secret, 3 arrived, 4 signed_in, 5 failed, 6 removed
    job_id          BIGINT NOT NULL DEFAULT 0,
    hash64          BIGINT NOT NULL DEFAULT 0,      -- of the record
    PRIMARY KEY (instance_no, source_no, external_id)
);
CREATE INDEX external_refs_object ON external_refs (instance_no, object_id);

CREATE TABLE metadata (
    instance_no     INTEGER NOT NULL,
    owner_id        BIGINT NOT NULL,                -- user, organization, project: ids are unique over kinds
    name            TEXT NOT NULL,                  -- the contract's `key`
    value           BLOB NOT NULL,
    created_at      BIGINT NOT NULL,
    changed_at      BIGINT NOT NULL,
    PRIMARY KEY (instance_no, owner_id, name)
);

-- ---- projects and authorizations ----

CREATE TABLE projects (
    instance_no     INTEGER NOT NULL,
    id              BIGINT NOT NULL,
    public_id       TEXT,
    public_id_key   TEXT,
    org_id          BIGINT NOT NULL,
    name            TEXT NOT NULL,
    name_key        TEXT NOT NULL,
    role_assertion  SMALLINT NOT NULL DEFAULT 0,
    role_check      SMALLINT NOT NULL DEFAULT 0,
    has_project_check SMALLINT NOT NULL DEFAULT 0,
    private_labeling SMALLINT NOT NULL DEFAULT 0,   -- zitadel.project.v1.PrivateLabelingSetting
    state           SMALLINT NOT NULL DEFAULT 1,
    version         BIGINT NOT NULL DEFAULT 1,
    created_at      BIGINT NOT NULL,
    changed_at      BIGINT NOT NULL,
    PRIMARY KEY (instance_no, id)
);
CREATE UNIQUE INDEX projects_public_id ON projects (instance_no, public_id_key) WHERE public_id_key IS NOT NULL;
CREATE UNIQUE INDEX projects_name ON projects (instance_no, org_id, name_key);

CREATE TABLE project_roles (
    instance_no     INTEGER NOT NULL,
    project_id      BIGINT NOT NULL,
    role_key        TEXT NOT NULL,
    display_name    TEXT NOT NULL DEFAULT '',
    group_name      TEXT NOT NULL DEFAULT '',
    version         BIGINT NOT NULL DEFAULT 1,
    created_at      BIGINT NOT NULL,
    changed_at      BIGINT NOT NULL,
    PRIMARY KEY (instance_no, project_id, role_key)
);

CREATE TABLE applications (
    instance_no     INTEGER NOT NULL,
    id              BIGINT NOT NULL,
    public_id       TEXT,
    public_id_key   TEXT,
    project_id      BIGINT NOT NULL,
    client_key      TEXT NOT NULL,                  -- client id or SAML entity id
    name            TEXT NOT NULL,
    name_key        TEXT NOT NULL,
    kind            SMALLINT NOT NULL,              -- 1 OIDC, 2 API, 3 SAML
    state           SMALLINT NOT NULL DEFAULT 1,
    auth_method     SMALLINT NOT NULL DEFAULT 0,    -- the kind's own enum of the contract
    secret          TEXT NOT NULL DEFAULT '',       -- "sha256:<hex>" of ours, or an imported hash; '' without
    config          BLOB NOT NULL,                  -- protobuf of the kind
    version         BIGINT NOT NULL DEFAULT 1,
    created_at      BIGINT NOT NULL,
    changed_at      BIGINT NOT NULL,
    PRIMARY KEY (instance_no, id)
);
CREATE UNIQUE INDEX applications_public_id ON applications (instance_no, public_id_key) WHERE public_id_key IS NOT NULL;
CREATE UNIQUE INDEX applications_client ON applications (instance_no, client_key);
CREATE UNIQUE INDEX applications_name ON applications (instance_no, project_id, name_key);

CREATE TABLE app_keys (
    instance_no     INTEGER NOT NULL,
    id              BIGINT NOT NULL,
    public_id       TEXT,
    public_id_key   TEXT,
    app_id          BIGINT NOT NULL,
    kind            SMALLINT NOT NULL DEFAULT 1,
    spki            BLOB NOT NULL,
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT,
    PRIMARY KEY (instance_no, id)
);
CREATE UNIQUE INDEX app_keys_public_id ON app_keys (instance_no, public_id_key) WHERE public_id_key IS NOT NULL;
CREATE INDEX app_keys_app ON app_keys (instance_no, app_id);

CREATE TABLE project_grants (
    instance_no     INTEGER NOT NULL,
    id              BIGINT NOT NULL,
    public_id       TEXT,
    public_id_key   TEXT,
    project_id      BIGINT NOT NULL,
    owner_org_id    BIGINT NOT NULL,
    granted_org_id  BIGINT NOT NULL,
    state           SMALLINT NOT NULL DEFAULT 1,
    roles           TEXT NOT NULL DEFAULT '',
    version         BIGINT NOT NULL DEFAULT 1,
    created_at      BIGINT NOT NULL,
    changed_at      BIGINT NOT NULL,
    PRIMARY KEY (instance_no, id)
);
CREATE UNIQUE INDEX project_grants_public_id ON project_grants (instance_no, public_id_key) WHERE public_id_key IS NOT NULL;
CREATE UNIQUE INDEX project_grants_project ON project_grants (instance_no, project_id, granted_org_id);
CREATE INDEX project_grants_org ON project_grants (instance_no, granted_org_id);

CREATE TABLE user_grants (
    instance_no     INTEGER NOT NULL,
    user_id         BIGINT NOT NULL,
    project_id      BIGINT NOT NULL,
    project_grant_id BIGINT NOT NULL DEFAULT 0,
    org_id          BIGINT NOT NULL,                -- the organization that grants
    id              BIGINT NOT NULL,
    public_id       TEXT,
    public_id_key   TEXT,
    state           SMALLINT NOT NULL DEFAULT 1,
    roles           TEXT NOT NULL DEFAULT '',
    version         BIGINT NOT NULL DEFAULT 1,
    created_at      BIGINT NOT NULL,
    changed_at      BIGINT NOT NULL,
    PRIMARY KEY (instance_no, user_id, project_id, project_grant_id, org_id)
);
CREATE UNIQUE INDEX user_grants_id ON user_grants (instance_no, id);
CREATE UNIQUE INDEX user_grants_public_id ON user_grants (instance_no, public_id_key) WHERE public_id_key IS NOT NULL;
CREATE INDEX user_grants_org ON user_grants (instance_no, org_id, project_id, user_id);

CREATE TABLE members (
    instance_no     INTEGER NOT NULL,
    user_id         BIGINT NOT NULL,
    scope_kind      SMALLINT NOT NULL,              -- 0 instance, 1 organization, 2 project, 3 project grant
    scope_id        BIGINT NOT NULL,                -- 0 for the instance
    roles           TEXT NOT NULL,
    version         BIGINT NOT NULL DEFAULT 1,
    created_at      BIGINT NOT NULL,
    changed_at      BIGINT NOT NULL,
    PRIMARY KEY (instance_no, user_id, scope_kind, scope_id)
);
CREATE INDEX members_scope ON members (instance_no, scope_kind, scope_id, user_id);

-- ---- events, outbox, jobs, migrations ----

-- The append-only log; written by Writer::append only. Its order is (tx, pos): tx is 0 on SQLite, where pos is the order of commits, and
-- the transaction's number on PostgreSQL, see store/events.h.
CREATE TABLE events (
    instance_no     INTEGER NOT NULL,
    tx              BIGINT NOT NULL DEFAULT 0,
    pos             BIGINT NOT NULL,                -- a generated id
    agg_kind        TEXT NOT NULL,
    agg_id          BIGINT NOT NULL,
    type            TEXT NOT NULL,
    owner_id        BIGINT NOT NULL,                -- organization; 0: the instance
    editor_id       BIGINT NOT NULL,                -- user; 0: the system
    editor_service  TEXT NOT NULL,
    request_id      TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    body            TEXT NOT NULL,                  -- JSON: what changed, never a secret
    PRIMARY KEY (instance_no, tx, pos)
);
CREATE INDEX events_aggregate ON events (instance_no, agg_id, pos);
--! postgres ALTER TABLE events ALTER COLUMN tx SET DEFAULT (pg_current_xact_id()::text::bigint)

-- Messages to people, see store/outbox.h.
CREATE TABLE messages (
    instance_no     INTEGER NOT NULL,
    id              BIGINT NOT NULL,
    user_id         BIGINT NOT NULL,
    kind            TEXT NOT NULL,                  -- "init_code", "verify_email" …
    dedupe_key      TEXT,
    body            BLOB NOT NULL,                  -- sealed
    state           SMALLINT NOT NULL,              -- 1 waiting, 2 sent, 3 given up
    attempts        INTEGER NOT NULL DEFAULT 0,
    last_error      TEXT NOT NULL DEFAULT '',
    created_at      BIGINT NOT NULL,
    next_at         BIGINT NOT NULL,
    PRIMARY KEY (instance_no, id)
);
CREATE UNIQUE INDEX messages_dedupe ON messages (instance_no, dedupe_key) WHERE dedupe_key IS NOT NULL;
CREATE INDEX messages_due ON messages (next_at) WHERE state = 1;

-- Long work, see store/jobs.h. A checkpoint is written under the fence, so a node that lost its lease cannot write.
CREATE TABLE jobs (
    instance_no     INTEGER NOT NULL,
    id              BIGINT NOT NULL,
    kind            TEXT NOT NULL,
    state           SMALLINT NOT NULL,              -- 1 waiting, 2 running, 3 done, 4 failed, 5 cancelled
    owner_node      INTEGER NOT NULL DEFAULT -1,
    lease_until     BIGINT NOT NULL DEFAULT 0,
    fence           BIGINT NOT NULL DEFAULT 0,
    cursor_pos      BLOB,                           -- checkpoint, the kind's own form
    progress        BLOB,
    options         BLOB NOT NULL,
    error           TEXT NOT NULL DEFAULT '',
    created_by      BIGINT NOT NULL DEFAULT 0,
    created_at      BIGINT NOT NULL,
    changed_at      BIGINT NOT NULL,
    PRIMARY KEY (instance_no, id)
);
CREATE INDEX jobs_lease ON jobs (lease_until) WHERE state = 2;
CREATE INDEX jobs_waiting ON jobs (created_at) WHERE state = 1;

CREATE TABLE migrations (
    instance_no     INTEGER NOT NULL,
    id              BIGINT NOT NULL,
    source_no       INTEGER NOT NULL,
    name            TEXT NOT NULL,
    pattern         TEXT NOT NULL,                  -- file, stream, just-in-time …
    options         BLOB NOT NULL,
    state           SMALLINT NOT NULL,
    counters        BLOB,
    idempotency_key TEXT,
    created_by      BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    changed_at      BIGINT NOT NULL,
    PRIMARY KEY (instance_no, id)
);
CREATE UNIQUE INDEX migrations_idempotency ON migrations (instance_no, idempotency_key) WHERE idempotency_key IS NOT NULL;

-- Only records that did not arrive whole; arrivals are in external_refs.
CREATE TABLE migration_issues (
    instance_no     INTEGER NOT NULL,
    migration_id    BIGINT NOT NULL,
    record_no       BIGINT NOT NULL,
    source_id       TEXT NOT NULL,
    outcome         SMALLINT NOT NULL,
    codes           TEXT NOT NULL,
    detail          BLOB,                           -- sealed
    PRIMARY KEY (instance_no, migration_id, record_no)
);

-- Only what an update replaced; undo reads it.
CREATE TABLE migration_before (
    instance_no     INTEGER NOT NULL,
    migration_id    BIGINT NOT NULL,
    object_id       BIGINT NOT NULL,
    part            SMALLINT NOT NULL,
    image           BLOB NOT NULL,                  -- sealed
    expires_at      BIGINT NOT NULL,
    PRIMARY KEY (instance_no, migration_id, object_id, part)
);

-- The answers of writing calls, kept under the caller's key, written in the transaction of the write.
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

-- ---- keys and nodes ----

CREATE TABLE data_keys (
    instance_no     INTEGER NOT NULL,               -- 0: the system
    key_no          INTEGER NOT NULL,
    wrapped         BLOB NOT NULL,
    master_key_id   TEXT NOT NULL,
    state           SMALLINT NOT NULL,              -- 1 active, 2 only opens
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (instance_no, key_no)
);

CREATE TABLE signing_keys (
    instance_no     INTEGER NOT NULL,
    kid             TEXT NOT NULL,
    alg             TEXT NOT NULL,
    key_use         TEXT NOT NULL DEFAULT 'sig',
    private_key     BLOB NOT NULL,                  -- sealed
    spki            BLOB NOT NULL,                  -- SubjectPublicKeyInfo, DER
    state           SMALLINT NOT NULL,              -- 1 published before use, 2 active, 3 retired
    not_before      BIGINT NOT NULL,
    not_after       BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (instance_no, kid)
);

-- Who may make ids with which node number; see store/node_lease.h.
CREATE TABLE nodes (
    node_no         INTEGER NOT NULL,
    boot_id         TEXT NOT NULL,
    lease_until     BIGINT NOT NULL,                -- by the database's clock
    id_mark         BIGINT NOT NULL,                -- no id of this node lies after this time
    PRIMARY KEY (node_no)
);

-- Made by the program itself before version 1, in both databases (schema/upgrade.h):
--   schema_state    component TEXT (primary key), version INTEGER, min_reader INTEGER, min_writer INTEGER, value BLOB
-- Its row 'schema' tells the version; other rows belong to others (a check value of the master key, a load under way).
