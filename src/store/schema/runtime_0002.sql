-- Database `runtime`, version 2. Conventions: directory_0001.sql.

-- Claims asked for by name (OpenID Connect Core section 5.5), as JSON; '' when none were.
ALTER TABLE token_families ADD COLUMN claims TEXT NOT NULL DEFAULT '';
