#!/usr/bin/env python3
"""Writes other-implementations.json: password hashes made by programs that are not ours.

    python3 -m venv v && v/bin/pip install passlib==1.7.4 bcrypt==4.0.1 'django==5.0.*' werkzeug argon2-cffi
    v/bin/python make_vectors.py > other-implementations.json

Salts are fixed where the library allows it; Werkzeug draws its own, so a new run changes those rows. Every row says who made it.
`algorithm` and `parameters` are there when the value must be declared. hmac rows are made by Python's hmac module.
"""
import base64, hashlib, hmac, json, subprocess, sys

import argon2, bcrypt, passlib.hash as ph
import django
from django.conf import settings
settings.configure(PASSWORD_HASHERS=["django.contrib.auth.hashers." + n for n in (
    "PBKDF2PasswordHasher", "PBKDF2SHA1PasswordHasher", "Argon2PasswordHasher", "BCryptSHA256PasswordHasher",
    "BCryptPasswordHasher", "ScryptPasswordHasher", "MD5PasswordHasher")])
django.setup()
from django.contrib.auth import hashers
from werkzeug.security import generate_password_hash

ROWS = []
SALT = bytes(range(16))
PASSWORDS = ["Correct-Horse-7é", "x", "a pässword with 汉字 and 🐎, rather long: " + "0123456789" * 6]


def row(name, password, stored, by, algorithm=None, parameters=None):
    out = {"name": name, "password": password, "stored": stored, "made_by": by}
    if algorithm:
        out["algorithm"] = algorithm
        out["parameters"] = parameters or {}
    ROWS.append(out)


def b64(data):
    return base64.b64encode(data).decode()


def passlib_rows(pw, tag):
    by = "passlib 1.7.4"
    s22 = "abcdefghijklmnopqrstuu"
    row("bcrypt $2$ " + tag, pw, ph.bcrypt.using(rounds=4, salt=s22, ident="2").hash(pw), by)
    row("bcrypt $2b$ " + tag, pw, ph.bcrypt.using(rounds=5, salt=s22, ident="2b").hash(pw), by)
    row("bcrypt-sha256 v1 " + tag, pw, ph.bcrypt_sha256.using(rounds=4, salt=s22, version=1).hash(pw), by)
    row("bcrypt-sha256 v2 " + tag, pw, ph.bcrypt_sha256.using(rounds=4, salt=s22).hash(pw), by)
    for hasher in (ph.pbkdf2_sha1, ph.pbkdf2_sha256, ph.pbkdf2_sha512):
        row(hasher.name + " " + tag, pw, hasher.using(rounds=77, salt=SALT).hash(pw), by)
    row("ldap pbkdf2 " + tag, pw, ph.ldap_pbkdf2_sha256.using(rounds=77, salt=SALT).hash(pw), by)
    row("ldap pbkdf2 sha1 " + tag, pw, ph.ldap_pbkdf2_sha1.using(rounds=77, salt=SALT).hash(pw), by)
    row("atlassian " + tag, pw, ph.atlassian_pbkdf2_sha1.using(salt=SALT).hash(pw), by)
    row("scrypt " + tag, pw, ph.scrypt.using(rounds=6, salt=SALT).hash(pw), by)
    row("md5-crypt " + tag, pw, ph.md5_crypt.using(salt="ab.d/fgh").hash(pw), by)
    row("md5-crypt short salt " + tag, pw, ph.md5_crypt.using(salt="ab").hash(pw), by)
    row("apr1 " + tag, pw, ph.apr_md5_crypt.using(salt="ab.d/fgh").hash(pw), by)
    row("apr1 short salt " + tag, pw, ph.apr_md5_crypt.using(salt="ab").hash(pw), by)
    row("sha256-crypt " + tag, pw, ph.sha256_crypt.using(rounds=1000, salt="0123456789abcdef").hash(pw), by)
    row("sha512-crypt " + tag, pw, ph.sha512_crypt.using(rounds=5000, salt="saltsalt").hash(pw), by)
    row("phpass " + tag, pw, ph.phpass.using(rounds=7, salt="abcdefgh").hash(pw), by)
    for hasher in (ph.ldap_md5, ph.ldap_sha1, ph.ldap_salted_md5, ph.ldap_salted_sha1, ph.ldap_salted_sha256, ph.ldap_salted_sha512):
        row(hasher.name + " " + tag, pw, (hasher.using(salt=SALT[:8]) if "salted" in hasher.name else hasher).hash(pw), by)
    row("django sha1 " + tag, pw, ph.django_salted_sha1.using(salt="saltsalt").hash(pw), by)
    row("nthash " + tag, pw, ph.nthash.hash(pw), by, "ntlm")
    row("hex md4 " + tag, pw, ph.hex_md4.hash(pw), by, "md4")
    for hasher in (ph.hex_md5, ph.hex_sha1, ph.hex_sha256, ph.hex_sha512):
        row(hasher.name + " " + tag, pw, hasher.hash(pw), by, hasher.name[4:])
    row("postgres md5, a salt behind " + tag, pw, ph.postgres_md5.hash(pw, user="ada")[3:], by, "MD5", {"salt": "ada", "salt_position": "suffix"})


def argon2_rows(pw, tag):
    for kind, name in ((argon2.Type.ID, "id"), (argon2.Type.I, "i"), (argon2.Type.D, "d")):
        for version in (0x10, 0x13):
            stored = argon2.low_level.hash_secret(pw.encode(), SALT, 3, 64, 4, 24, kind, version).decode()
            row(f"argon2{name} v{version} p4 {tag}", pw, stored, "argon2-cffi")
    raw = argon2.low_level.hash_secret_raw(pw.encode(), SALT, 1, 64, 1, 32, argon2.Type.ID)
    row("argon2id in parts " + tag, pw, b64(raw), "argon2-cffi", "argon2id",
        {"memory": "64", "iterations": "1", "salt": SALT.hex(), "saltEncoding": "hex"})


def django_rows(pw, tag):
    by = "Django " + django.__version__
    for name in ("pbkdf2_sha256", "pbkdf2_sha1"):
        row(f"django {name} {tag}", pw, hashers.get_hasher(name).encode(pw, "saltsalt", 99), by)
    row("django md5 " + tag, pw, hashers.get_hasher("md5").encode(pw, "saltsalt"), by)
    row("django scrypt " + tag, pw, hashers.get_hasher("scrypt").encode(pw, "saltsalt", n=64, r=8, p=2), by)
    argon = hashers.get_hasher("argon2")
    argon.time_cost, argon.memory_cost, argon.parallelism = 1, 64, 2
    row("django argon2 " + tag, pw, argon.encode(pw, "saltsalt"), by)
    row("django bcrypt_sha256 " + tag, pw, hashers.get_hasher("bcrypt_sha256").encode(pw, b"$2b$04$abcdefghijklmnopqrstuu"), by)
    row("django bcrypt " + tag, pw, hashers.get_hasher("bcrypt").encode(pw, b"$2b$04$abcdefghijklmnopqrstuu"), by)


def werkzeug_rows(pw, tag):
    for method in ("pbkdf2:sha256:50", "pbkdf2:sha1:50", "pbkdf2:sha512:50", "scrypt:1024:8:1"):
        row(f"werkzeug {method} {tag}", pw, generate_password_hash(pw, method), "Werkzeug")


def layered_rows(pw, tag):
    """Dialects whose inner computation comes from hashlib, hmac or bcrypt; only the spelling is ours."""
    by = "Python hashlib/hmac, bcrypt " + bcrypt.__version__
    data = pw.encode()
    key = b64(hmac.new(b"wp-sha384", data, "sha384").digest()).encode()
    row("wordpress " + tag, pw, "$wp" + bcrypt.hashpw(key, b"$2b$04$abcdefghijklmnopqrstuu").decode().replace("$2b$", "$2y$"), by)
    dk = hashlib.pbkdf2_hmac
    row("aspnet v2 " + tag, pw, b64(b"\0" + SALT + dk("sha1", data, SALT, 1000, 32)), by)
    for prf, name in enumerate(("sha1", "sha256", "sha512")):
        head = b"\1" + b"".join(n.to_bytes(4, "big") for n in (prf, 50, 16))
        row(f"aspnet v3 {name} {tag}", pw, b64(head + SALT + dk(name, data, SALT, 50, 32)), by)
    inner = hashlib.md5(data).hexdigest().encode()
    row("mediawiki legacyA " + tag, pw, ":pbkdf2-legacyA:!sha512:50:64!!" + b64(SALT) + "!" + b64(dk("sha512", inner, SALT, 50, 64)), by)
    inner = hashlib.md5(b"1a2b-" + inner).hexdigest().encode()
    row("mediawiki legacyB " + tag, pw, ":pbkdf2-legacyB:!sha512:50:64!1a2b!" + b64(SALT) + "!" + b64(dk("sha512", inner, SALT, 50, 64)), by)
    for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512"):
        mac = hmac.new(SALT, data, name)
        row(f"ory hmac-{name} {tag}", pw, f"$hmac-{name}${b64(mac.hexdigest().encode())}${b64(SALT)}", by)
    for name in ("md5", "sha1", "sha256", "sha512"):
        filled = b"salt$" + data + b"$salt"
        row(f"ory {name} {tag}", pw, f"${name}$pf={b64(b'{SALT}${PASSWORD}${SALT}')}${b64(b'salt')}${b64(hashlib.new(name, filled).digest())}", by)
    row("ory sha256 plain " + tag, pw, "$sha256$" + b64(hashlib.sha256(data).digest()), by)
    row("hmac-sha256 under the salt " + tag, pw, hmac.new(SALT, data, "sha256").hexdigest(), by, "hmac_sha256", {"salt": b64(SALT), "saltEncoding": "base64"})
    row("hmac-sha512 of utf16 " + tag, pw, b64(hmac.new(b"key", pw.encode("utf-16-le"), "sha512").digest()), by, "HMAC-SHA512",
        {"salt": "key", "passwordEncoding": "utf16le"})
    x = data + b"abc"
    for _ in range(17):
        x = hashlib.sha256(x).digest()
    row("sha256 17 times " + tag, pw, b64(x), by, "SHA-256", {"salt": "abc", "saltPosition": "suffix", "iterations": "17"})
    merged = data + b"{abc}"
    x = hashlib.sha512(merged).digest()
    for _ in range(4999):
        x = hashlib.sha512(x + merged).digest()
    row("symfony " + tag, pw, b64(x), by, "symfony", {"salt": "abc"})
    row("pbkdf2 in parts " + tag, pw, dk("sha512", data, SALT, 60, 64).hex(), by, "pbkdf2",
        {"digest": "sha512", "iterations": "60", "salt": SALT.hex(), "saltEncoding": "hex", "encoding": "hex"})
    row("scrypt in parts " + tag, pw, b64(hashlib.scrypt(data, salt=b"salt", n=64, r=8, p=1, dklen=64)), by, "scrypt", {"cost": "64", "salt": "salt"})
    mcf = bcrypt.hashpw(data[:72], b"$2b$04$abcdefghijklmnopqrstuu").decode()
    row("bcrypt in parts " + tag, pw, mcf[29:], by, "BCRYPT", {"cost": "4", "salt": mcf[7:29]})
    row("nextcloud " + tag, pw, "1|" + mcf.replace("$2b$", "$2y$"), by)
    row("joomla " + tag, pw, hashlib.md5(data + b"s:lt").hexdigest() + ":s:lt", by, "joomla")
    row("magento 1 " + tag, pw, hashlib.md5(b"salt" + data).hexdigest() + ":salt", by, "magento")
    salted = data + b"{ab12}"
    row("spring message digest " + tag, pw, "{SHA-256}{ab12}" + hashlib.sha256(salted).hexdigest(), by)
    row("spring message digest md5 " + tag, pw, "{MD5}" + hashlib.md5(data).hexdigest(), by)
    salt64 = bytes(range(64))
    row("389 directory server " + tag, pw, "{PBKDF2_SHA256}" + b64((70).to_bytes(4, "big") + salt64 + dk("sha256", data, salt64, 70, 256)), by)


def crypt_rows(pw, tag):
    """libxcrypt by Perl: the same library that we call, so this proves the forms and their parsing only."""
    for name, setting in (("yescrypt", "$y$j75$abcdefgh"), ("yescrypt, p and t", "$y$jB5/0$abcdefgh"), ("gost-yescrypt", "$gy$j75$abcdefgh"),
                          ("scrypt-crypt", "$7$6/..../....saltsalt"), ("sha512-crypt, rounds", "$6$rounds=1234$x$")):
        script = "binmode STDIN; local $/; my $p = <STDIN>; my $h = crypt($p, $ARGV[0]); print defined $h ? $h : ''"
        out = subprocess.run(["perl", "-e", script, setting], input=pw.encode(), capture_output=True, check=True).stdout.decode()
        if out and not out.startswith("*"):
            row(f"{name} {tag}", pw, out, "Perl, libxcrypt")


for index, password in enumerate(PASSWORDS):
    for make in (passlib_rows, argon2_rows, django_rows, werkzeug_rows, crypt_rows, layered_rows):
        make(password, f"#{index + 1}")
json.dump(ROWS, sys.stdout, indent=1, ensure_ascii=False)
print()
