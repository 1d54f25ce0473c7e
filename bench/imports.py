"""Imports: one user a call, and 100,000 in a body, on both engines."""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from bench import BUILD, HASH, Server, durable_postgres, memory, row, send_import, table, wrk

USERS = int(os.environ.get("BULK_USERS", "100000"))
# The reference, users/s (measured on a machine like the one of README.md), and how many times that is to be reached.
REFERENCE_SINGLE = {8: (290, 10), 64: (309, 25)}


def fsyncs_per_second(folder, seconds=2.0):
    """How many 4 KiB appends with fdatasync one thread does: what a commit costs at the least."""
    fd = os.open(folder / "fsync-probe", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    start, count = time.monotonic(), 0
    while time.monotonic() - start < seconds:
        os.write(fd, b"x" * 4096)
        os.fdatasync(fd)
        count += 1
    os.close(fd)
    os.unlink(folder / "fsync-probe")
    return count / seconds


def single():
    table("Single import with a bcrypt hash, embedded store, each answered after its commit", "connections", "users/s", "p99 ms",
          "fdatasync/s of one thread", "times the reference", "target")
    script = f"""
local n = 0
local seed = tostring(os.time()) .. "-"
function init(args) seed = seed .. args[1] .. "-" end
request = function()
  n = n + 1
  local name = seed .. n
  return wrk.format("POST", nil, nil, '{{"userName":"' .. name .. '","profile":{{"firstName":"Ann","lastName":"Lee"}},"email":{{"email":"' ..
    name .. '@example.com","isEmailVerified":true}},"hashedPassword":{{"value":"{HASH}"}}}}')
end
"""
    with Server() as server:
        (server.folder / "import.lua").write_text(script)
        headers = [f"Authorization: Bearer {server.pat()}", "Content-Type: application/json"]
        for connections, (reference, factor) in REFERENCE_SINGLE.items():
            rate, _, p99 = wrk(server.base + "/management/v1/users/human/_import", connections, 8, headers, server.folder / "import.lua",
                               [f"c{connections}"])
            row(connections, f"{rate:,.0f}", f"{p99:.1f}", f"{fsyncs_per_second(server.folder):,.0f}", f"{rate / reference:.1f}", f"≥ {factor}")


def write_body(path, users):
    people = [{"userId": f"b-{i}", "user": {
        "userName": f"bulk{i}", "profile": {"firstName": "Ann", "lastName": "Lee", "preferredLanguage": "en"},
        "email": {"email": f"bulk{i}@example.com", "isEmailVerified": True}, "hashedPassword": {"value": HASH, "algorithm": "bcrypt"}}}
        for i in range(users)]
    path.write_text(json.dumps({"timeout": "1h", "dataOrgs": {"orgs": [{"orgId": "bulk-org", "org": {"name": "Bulk"}, "humanUsers": people}]}}))


def yardstick(*command):
    return float(subprocess.run([BUILD / "bench" / command[0], *map(str, command[1:])], capture_output=True, text=True, check=True).stdout)


def import_beside(server, bare, what):
    """One row: our import against the yardstick, the better of two runs before and after it."""
    body = server.folder / "bulk.json"
    write_body(body, USERS)
    before = bare()
    seconds, answer = send_import(server, body)
    assert "errors" not in answer, str(answer)[:500]
    assert len(answer["success"]["orgs"][0]["humanUserIds"]) == USERS
    yard = max(before, bare())
    rate = USERS / seconds
    row(what, f"{yard:,.0f}", f"{rate:,.0f}", f"{rate / yard:.2f}", "≥ 0.60", f"{memory(server.process.pid, 'VmHWM'):.0f}", "< 150")


def bulk():
    table(f"Bulk import, one body of {USERS:,} users with bcrypt hash", "engine", "bare program, users/s", "POST /admin/v1/import, users/s",
          "ratio", "target", "peak memory MiB", "target")
    with Server() as server:
        server.stop()
        shutil.copy(server.folder / "data/directory.db", server.folder / "empty.db")
        server.start("start")

        def insert():
            with tempfile.TemporaryDirectory(dir=server.folder) as folder:
                copy = pathlib.Path(folder) / "bare.db"
                shutil.copy(server.folder / "empty.db", copy)
                return yardstick("bench_bare_insert", copy, USERS)
        import_beside(server, insert, "SQLite")


def bulk_postgres():
    """fsync is on, as it is for whoever runs it; the yardstick fills databases of its own in the same cluster."""
    table(f"Bulk import, one body of {USERS:,} users with bcrypt hash", "engine", "bare COPY, users/s", "POST /admin/v1/import, users/s",
          "ratio", "target", "peak memory MiB", "target")
    with contextlib.ExitStack() as stack:
        cluster = stack.enter_context(durable_postgres())
        empty = cluster.create_database("empty")
        with Server(empty):
            pass
        numbers = iter(range(100))

        def copy():
            name = f"bare{next(numbers)}"
            subprocess.run(["psql", "-q", "-d", cluster.conninfo, "-c", f"CREATE DATABASE {name} TEMPLATE empty"], check=True)
            return yardstick("bench_bare_copy", f"host={cluster.folder} user=postgres dbname={name}", "godwit_directory", USERS)
        server = stack.enter_context(Server(cluster.create_database("godwit")))
        import_beside(server, copy, "PostgreSQL")
