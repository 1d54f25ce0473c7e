"""Migrations of a generated user base. USERS=200000 for a shorter run, MORE=200000 for fewer that come on top of them."""
import base64
import contextlib
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import urllib.request

from bench import BUILD, HASH, Server, durable_postgres, memory, row, table
from logins import PASSWORD, Probe, import_user
from million import person

USERS = int(os.environ.get("USERS", "1000000"))
MORE = int(os.environ.get("MORE", USERS))
PBKDF2 = "$pbkdf2-sha256$29000$" + "AAECAwQFBgcICQoLDA0ODw$" + "aPcXrbLlDnM16LiOx2BTnma.roV7tU.kj5BnSpbOf3w"


def record(number):
    """Profile, verified e-mail, bcrypt or PBKDF2 hash, two entries of metadata, a grant; 0.3 links, 0.1 TOTP."""
    first, last, name = person(number)
    out = {"sourceId": f"old|{number:08}", "userName": name, "profile": {"givenName": first, "familyName": last, "preferredLanguage": "en"},
           "email": {"address": f"{name}@example.com", "verified": True}, "password": {"hash": PBKDF2 if number % 2 else HASH},
           "metadata": {"tier": "gold" if number % 5 == 0 else "plain", "legacyId": str(number)},
           "grants": [{"project": "bench", "roles": ["member"]}]}
    if number % 10 < 3:
        out["idpLinks"] = [{"idp": "legacy", "externalId": hashlib.sha256(name.encode()).hexdigest()[:21], "displayName": name}]
    if number % 10 == 7:
        out["totp"] = [{"key": base64.b32encode(hashlib.sha256(name.encode()).digest()[:20]).decode()}]
    return out


def write_records(path, users=USERS, begin=0):
    with open(path, "w", encoding="utf-8") as out:
        for number in range(begin, begin + users):
            out.write(json.dumps(record(number), separators=(",", ":")) + "\n")


def prepare(server):
    """The organization, project, role and identity provider that the records name."""
    org = server.call("POST", "/management/v1/orgs", {"name": "Bench"})[1]["id"]
    headers = {"x-zitadel-orgid": org}
    project = server.call("POST", "/management/v1/projects", {"name": "bench"}, headers=headers)[1]["id"]
    status, answer = server.call("POST", f"/management/v1/projects/{project}/roles", {"roleKey": "member", "displayName": "Member"}, headers=headers)
    assert status == 200, answer
    status, answer = server.call("POST", "/management/v1/idps/generic_oidc", {"name": "legacy", "issuer": "https://idp.example", "clientId": "c", "clientSecret": "s",
                                                                            "scopes": ["openid"]}, headers=headers)
    assert status == 200, answer


def run(server, *args):
    """A verb of the CLI on the data folder of the stopped server: (seconds, peak memory MiB, its last lines)."""
    begin = time.monotonic()
    timed = subprocess.run(["/usr/bin/time", "-f", "peak %M", server.binary, "migrate", *map(str, args)], env=server.env, cwd=server.folder,
                           capture_output=True, text=True, check=False)
    seconds = time.monotonic() - begin
    assert timed.returncode == 0, timed.stdout[-2000:] + timed.stderr[-2000:]
    return seconds, int(re.search(r"peak (\d+)", timed.stderr).group(1)) / 1024, timed.stdout[-600:]


def against_a_server(records):
    """The command line and a fresh server: (seconds, peak memory of both together, MiB)."""
    with Server() as server:
        prepare(server)
        token = server.folder / "token"
        token.write_text(server.pat())
        seconds, peak, _ = run(server, "run", "--server", server.base, "--token-file", token, "--from", "godwit", records, "--org", "Bench")
        return seconds, peak + memory(server.process.pid, "VmHWM")


def replay(source, into, *mode):
    """users/s of the bare program that writes the same rows."""
    with tempfile.TemporaryDirectory(dir=into.parent) as folder:
        copy = pathlib.Path(folder) / "bare.db"
        shutil.copy(into, copy)
        return float(subprocess.run([BUILD / "bench/bench_bare_replay", source, copy, *mode], capture_output=True, text=True, check=True).stdout)


TABLES = {"users": "id", "user_passwords": "user_id", "metadata": "owner_id", "user_grants": "user_id", "idp_links": "user_id",
          "user_totp": "user_id", "external_refs": "object_id", "events": "agg_id"}  # and the column that names the user
SCHEMA = "godwit_directory"


def psql(conninfo, *statements):
    """The rows of the last statement."""
    commands = [x for statement in statements for x in ("-c", statement)]
    done = subprocess.run(["psql", "-X", "-qtA", "-v", "ON_ERROR_STOP=1", "-d", conninfo, *commands], check=True, capture_output=True, text=True)
    return done.stdout.strip().splitlines()


def copy(source, into, folder, load, users=USERS):
    """users/s of COPY of the rows of all users that `source` has and `into` has not, one table after the other, in one transaction.
    load: the secondary indexes of these tables are built at the end, and counted."""
    above = psql(into, f"SELECT max(id) FROM {SCHEMA}.users")[0]
    for name, user in TABLES.items():
        psql(source, f"\\copy (SELECT * FROM {SCHEMA}.{name} WHERE {user} IN (SELECT id FROM {SCHEMA}.users WHERE id > {above})) TO '{folder}/{name}' (FORMAT binary)")
    indexes = psql(into, f"SELECT indexname || '=' || indexdef FROM pg_indexes WHERE schemaname = '{SCHEMA}' AND indexdef NOT LIKE '%_pkey%' AND tablename IN "
                         f"({', '.join(repr(name) for name in TABLES)})") if load else []
    begin = time.monotonic()
    psql(into, "BEGIN", *(f"DROP INDEX {SCHEMA}.{index.split('=')[0]}" for index in indexes),
         *(f"\\copy {SCHEMA}.{name} FROM '{folder}/{name}' (FORMAT binary)" for name in TABLES), *(index.split("=", 1)[1] for index in indexes), "COMMIT")
    seconds = time.monotonic() - begin
    for name in TABLES:
        os.unlink(f"{folder}/{name}")
    return users / seconds


def line(what, seconds, peak, bare, target, users=USERS):
    rate = users / seconds
    row(what, f"{seconds:.1f}", f"{rate:,.0f}", f"{bare:,.0f}" if bare else "", f"{rate / bare:.2f}" if bare else "", f"{peak:.0f}", target)


def heading(records, store, users=USERS):
    table(f"Migration of {users:,} users ({os.path.getsize(records) / 2**20:,.0f} MiB of NDJSON), {store}", "what", "seconds", "users/s",
          "bare program, users/s", "ratio", "peak memory MiB", "target")


def postgres():
    with contextlib.ExitStack() as stack:
        cluster = stack.enter_context(durable_postgres())
        server = stack.enter_context(Server(cluster.create_database("godwit")))
        prepare(server)
        server.stop()

        def database(name):
            return f"host={cluster.folder} user=postgres dbname={name}"

        def clone(name):
            psql(cluster.conninfo, f"CREATE DATABASE {name} TEMPLATE godwit")
            return database(name)
        live, empty = database("godwit"), clone("empty")
        records = server.folder / "users.ndjson"
        write_records(records)
        heading(records, "PostgreSQL with fsync")
        args = ["--masterkey", server.args[server.args.index("--masterkey") + 1], "--from", "godwit", records, "--org", "Bench"]
        seconds, peak, _ = run(server, "run", *args)
        line("run, empty store", seconds, peak, copy(live, empty, server.folder, load=True), "< 35 s, ≥ 0.6")
        psql(cluster.conninfo, "DROP DATABASE empty")
        full = clone("again")
        write_records(records, MORE, begin=USERS)
        seconds, peak, _ = run(server, "run", *args)
        line(f"another {MORE:,} into the live store", seconds, peak, copy(live, full, server.folder, load=False, users=MORE), "≥ 0.6", MORE)


def commits(server):
    """The buckets of small writes to the runtime database so far: [(seconds, writes that took no longer)]."""
    text = urllib.request.urlopen(server.base + "/metrics", timeout=10).read().decode()
    found = re.findall(r'godwit_store_write_duration_seconds_bucket\{database="runtime",kind="small",le="([^"]+)"\} (\d+)', text)
    return [(float(bound), int(count)) for bound, count in found]


def within(before, after, share):
    """What the share of the writes between two looks took at most."""
    counts = [(bound, late - early) for (bound, late), (_, early) in zip(after, before)]
    bound = next(bound for bound, count in counts if count >= counts[-1][1] * share)
    return f"p{share * 100:.0f} ≤ {bound * 1000:g} ms ({counts[-1][1]:,} writes)"


def live():
    """A running server that holds USERS, MORE come, and people go on signing in."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(Server())
        prepare(server)
        people = [import_user(server, n) for n in range(16)]
        token = server.folder / "token"
        token.write_text(server.pat())
        server.stop()
        data = server.folder / "data"
        key = server.folder / "masterkey"
        key.write_text(server.args[server.args.index("--masterkey") + 1])
        records = server.folder / "users.ndjson"
        write_records(records)
        run(server, "run", "--data", data, "--masterkeyFile", key, "--from", "godwit", records, "--org", "Bench")
        full = server.folder / "full.db"
        shutil.copy(data / "directory.db", full)
        write_records(records, MORE, begin=USERS)
        server.start()
        as_admin, as_login = ({"Authorization": f"Bearer {server.pat(*who)}"} for who in ((), ("login",)))
        probes = {
            "a session, without a password": (Probe(server, "/v2/sessions", as_login, lambda n: {"checks": {"user": {"userId": people[n % 16]}}}), ""),
            "a sign-in with a password, 5/s": (Probe(server, "/v2/sessions", as_login, lambda n: {"checks": {
                "user": {"userId": people[n % 16]}, "password": {"password": PASSWORD}}}, every=0.2), ""),
            "a user's metadata, 5/s: a write to the same database": (Probe(server, f"/management/v1/users/{people[0]}/metadata/seen", as_admin,
                                                                           lambda n: {"value": base64.b64encode(str(n).encode()).decode()}, every=0.2), ""),
            "the user list, 5/s": (Probe(server, "/management/v1/users/_search", as_admin, lambda n: {"query": {"limit": 20}}, every=0.2), "")}
        for probe, _ in probes.values():
            probe.start()
        before = commits(server)
        seconds, peak, _ = run(server, "run", "--server", server.base, "--token-file", token, "--from", "godwit", records, "--org", "Bench")
        meanwhile = within(before, commits(server), 0.99)
        for probe, _ in probes.values():
            probe.end()
        peak += memory(server.process.pid, "VmHWM")
        server.stop()
        heading(records, f"a running server that holds {USERS:,}", MORE)
        line(f"another {MORE:,} while people sign in", seconds, peak, replay(data / "directory.db", full), "≥ 0.6, < 200 MiB together", MORE)
        table("Meanwhile", "what", "answered within", "p99 target")
        row("commits of sessions and sign-ins, their wait included, as the server counts them", meanwhile, "< 30 ms")
        for what, (probe, target) in probes.items():
            row(what, probe.told(), target)


def migrate():
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(Server())
        prepare(server)
        server.stop()
        data = server.folder / "data"
        before = server.folder / "before.db"
        shutil.copy(data / "directory.db", before)
        records = server.folder / "users.ndjson"
        write_records(records)
        key = server.folder / "masterkey"
        key.write_text(server.args[server.args.index("--masterkey") + 1])
        on_data = ["--data", data, "--masterkeyFile", key, "--from", "godwit", records, "--org", "Bench"]
        heading(records, "embedded store")
        line("inspect", *run(server, "inspect", "--from", "godwit", records)[:2], None, "< 15 s")
        line("run --dry-run", *run(server, "run", *on_data, "--dry-run")[:2], None, "< 45 s")
        seconds, peak, _ = run(server, "run", *on_data)
        line("run on the data folder, empty store", seconds, peak, replay(data / "directory.db", before, "load"), "< 30 s, ≥ 0.7, < 200 MiB")
        line("run against a running server, empty store", *against_a_server(records), None, "< 35 s, < 200 MiB together")
        line("the same file again", *run(server, "run", *on_data)[:2], None, "")

        full = server.folder / "full.db"
        shutil.copy(data / "directory.db", full)
        write_records(records, MORE, begin=USERS)
        seconds, peak, _ = run(server, "run", *on_data)
        line(f"another {MORE:,} into the live store", seconds, peak, replay(data / "directory.db", full), "≥ 0.6", MORE)


def told_progress(server, *args):
    """A migration whose progress is read as it is told: [(seconds, records)], seconds when the rows were there, seconds in all, peak memory MiB."""
    begin = time.monotonic()
    points, rows_at, peak = [(0.0, 0)], None, 0
    command = ["/usr/bin/time", "-f", "peak %M", server.binary, "migrate", *map(str, args)]
    with subprocess.Popen(command, env=server.env, cwd=server.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        for text in process.stdout:
            if found := re.search(r" (\d+) records, ", text):
                points.append((time.monotonic() - begin, int(found.group(1))))
            if "building indexes" in text and rows_at is None:
                rows_at = time.monotonic() - begin
            if found := re.search(r"peak (\d+)", text):
                peak = int(found.group(1)) / 1024
    assert process.returncode == 0, process.returncode
    return points, rows_at, time.monotonic() - begin, peak


def time_of(points, records):
    """When so many records were there, between the two points that were told."""
    (t0, n0), (t1, n1) = next((a, b) for a, b in zip(points, points[1:] + [(points[-1][0], records)]) if b[1] >= records)
    return t0 + (t1 - t0) * (records - n0) / max(1, n1 - n0)


def plot(costs, path):
    """Bars of µs per user."""
    most, width, height = max(costs), 640, 320
    bar = (width - 60) / len(costs)
    bars = "".join(f'<rect x="{50 + i * bar:.0f}" y="{20 + (height - 60) * (1 - cost / most):.0f}" width="{bar * 0.8:.0f}" height="{(height - 60) * cost / most:.0f}" fill="#4477aa"/>'
                   f'<text x="{50 + (i + 0.4) * bar:.0f}" y="{height - 22}" text-anchor="middle">{i + 1}</text>'
                   f'<text x="{50 + (i + 0.4) * bar:.0f}" y="{15 + (height - 60) * (1 - cost / most):.0f}" text-anchor="middle">{cost:.1f}</text>' for i, cost in enumerate(costs))
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>'
                    f'{bars}<text x="{width / 2}" y="{height - 4}" text-anchor="middle">part of the file ({USERS:,} users each): µs per user, without the indexes that are built last</text></svg>\n')


def ten():
    """One file of ten times USERS into an empty store: what a user costs from the first to the last."""
    with Server() as server:
        prepare(server)
        server.stop()
        records = server.folder / "users.ndjson"
        write_records(records, 10 * USERS)
        key = server.folder / "masterkey"
        key.write_text(server.args[server.args.index("--masterkey") + 1])
        heading(records, "embedded store, data folder", 10 * USERS)
        points, rows_at, seconds, peak = told_progress(server, "run", "--data", server.folder / "data", "--masterkeyFile", key, "--from", "godwit", records, "--org", "Bench")
        line("run, empty store", seconds, peak, None, "< 200 MiB", 10 * USERS)
        times = [time_of(points, i * USERS) for i in range(10)] + [rows_at or seconds]
        costs = [(b - a) / USERS * 1e6 for a, b in zip(times, times[1:])]
        table("What a user costs", "part", "µs per user")
        for i, cost in enumerate(costs):
            row(f"{i + 1}", f"{cost:.1f}")
        row("indexes, per user", f"{(seconds - times[-1]) / (10 * USERS) * 1e6:.1f}")
        row("bytes of the store per user", f"{(server.folder / 'data/directory.db').stat().st_size / (10 * USERS):,.0f}")
        plot(costs, BUILD / "bench/migrate_ten.svg")
