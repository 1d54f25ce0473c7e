-- Version 2: the names of people in folded form, and the orders in which an organization lists its users.
--
-- display_key is NULL in rows that a program of version 1 wrote: the next start of a newer one fills in their keys
-- (directory/user/fold_names.h). Machines have only a display name.
ALTER TABLE users ADD COLUMN given_key TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN family_key TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN nick_key TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN display_key TEXT;

CREATE INDEX users_org ON users (instance_no, org_id, id);
CREATE INDEX users_given ON users (instance_no, org_id, given_key, id);
CREATE INDEX users_family ON users (instance_no, org_id, family_key, id);
CREATE INDEX users_display ON users (instance_no, org_id, display_key, id, kind);
CREATE INDEX users_nick ON users (instance_no, org_id, nick_key, id) WHERE nick_key <> '';
CREATE INDEX users_unfolded ON users (instance_no, id) WHERE display_key IS NULL;

-- SQLite plans by what it knows of the data, and is told once: organizations may be large, names are nearly unique. Without this it would
-- take an organization for ten rows. (PostgreSQL gathers statistics by itself.)
--! sqlite ANALYZE sqlite_schema
--! sqlite DELETE FROM sqlite_stat1
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('users', 'users', '1000000 1000000 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('users', 'users_org', '1000000 1000000 300000 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('users', 'users_org_name', '1000000 1000000 300000 1 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('users', 'users_given', '1000000 1000000 300000 100 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('users', 'users_family', '1000000 1000000 300000 50 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('users', 'users_display', '1000000 1000000 300000 3 1 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('users', 'users_nick', '100000 100000 30000 20 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('users', 'users_login_name', '1000000 1000000 500000 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('users', 'users_public_id', '1000000 1000000 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('users', 'users_email', '1000000 1000000 1 1')
--! sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('users', 'users_phone', '100000 100000 1 1')
