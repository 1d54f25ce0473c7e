#!/usr/bin/env python3
"""First figures, each beside a yardstick that ran in the same minute on the same machine. usage: run.py [NAME...]

names: single (8 and 64 connections), bulk, routes, start; or soak alone. Prints Markdown tables. Load comes from wrk; everything stays on loopback."""
import json
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from harness.server import Server, free_port  # noqa: E402

HASH = "$2a$10$SCHPBhOaQajJr45SH2wjXe5jFf79KGdMc0raWD3V0n7BI4z.ILYSS"
BUILD = ROOT / "build/release"
BULK_USERS = int(os.environ.get("BULK_USERS", "100000"))


def wrk(url, connections, seconds=5, headers=(), script=None):
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", *(x for h in headers for x in ("-H", h)), url]
    if script:
        command[1:1] = ["-s", str(script)]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
    p99 = re.search(r"99%\s+([\d.]+\w+)", out).group(1)
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    return rate, p99, int(bad.group(1)) if bad else 0


def row(*cells):
    print("| " + " | ".join(str(c) for c in cells) + " |", flush=True)


def table(title, *columns):
    print(f"\n### {title}\n")
    row(*columns)
    row(*("---" for _ in columns))


def fsyncs_per_second(folder, seconds=2.0):
    """How many 4 KiB appends with fsync one thread does: what a commit can cost at the least."""
    fd = os.open(folder / "fsync-probe", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    start, count = time.monotonic(), 0
    while time.monotonic() - start < seconds:
        os.write(fd, b"x" * 4096)
        os.fdatasync(fd)
        count += 1
    os.close(fd)
    os.unlink(folder / "fsync-probe")
    return count / seconds


def bench_single():
    table("Single import with a bcrypt hash, embedded store, each answered after its commit", "connections", "users/s", "p99", "fdatasync/s of one thread", "users per fdatasync")
    script = pathlib.Path(tempfile.mkdtemp()) / "import.lua"
    script.write_text(f"""
local n = 0
local seed = tostring(os.time()) .. "-"
function init(args) seed = seed .. args[1] .. "-" end
request = function()
  n = n + 1
  local name = seed .. n
  return wrk.format("POST", nil, nil, '{{"userName":"' .. name .. '","profile":{{"firstName":"Ann","lastName":"Lee"}},"email":{{"email":"' .. name .. '@example.com","isEmailVerified":true}},"hashedPassword":{{"value":"{HASH}"}}}}')
end
""")
    with Server() as server:
        for connections in (8, 64):
            headers = [f"Authorization: Bearer {server.pat()}", "Content-Type: application/json"]
            command = ["wrk", "-t1", f"-c{connections}", "-d8s", "--latency", "-s", str(script)]
            for h in headers:
                command += ["-H", h]
            out = subprocess.run([*command, server.base + "/management/v1/users/human/_import", "--", f"c{connections}"], capture_output=True, text=True, check=True).stdout
            assert "Non-2xx" not in out, out
            rate, p99 = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1)), re.search(r"99%\s+([\d.]+\w+)", out).group(1)
            probe = fsyncs_per_second(server.folder)
            row(connections, f"{rate:,.0f}", p99, f"{probe:,.0f}", f"{rate / probe:.2f}")


def peak_memory(pid):
    return int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024


def bench_bulk():
    table(f"Bulk import, one body of {BULK_USERS:,} users with bcrypt hash, embedded store", "what", "users/s", "ratio to bare insert", "peak memory MiB")
    with Server() as server:
        bare_file = server.folder / "bare.db"
        users = [{"userId": f"b-{i}", "user": {"userName": f"bulk{i}", "profile": {"firstName": "Ann", "lastName": "Lee", "preferredLanguage": "en"},
                                              "email": {"email": f"bulk{i}@example.com", "isEmailVerified": True}, "hashedPassword": {"value": HASH, "algorithm": "bcrypt"}}}
                 for i in range(BULK_USERS)]
        body = server.folder / "bulk.json"
        body.write_text(json.dumps({"timeout": "1h", "dataOrgs": {"orgs": [{"orgId": "bulk-org", "org": {"name": "Bulk"}, "humanUsers": users}]}}))
        del users
        server.stop()
        shutil.copy(server.folder / "data/directory.db", bare_file)
        bare = float(subprocess.run([BUILD / "bench/bench_bare_insert", bare_file, str(BULK_USERS)], capture_output=True, text=True, check=True).stdout)
        row("bare SQLite insert of the same rows", f"{bare:,.0f}", "1.00", "")
        server.start()
        start = time.monotonic()
        answer = subprocess.run(["curl", "-sS", "--data-binary", f"@{body}", "-H", f"Authorization: Bearer {server.pat()}", "-H", "Content-Type: application/json",
                                 server.base + "/admin/v1/import"], capture_output=True, text=True, check=True).stdout
        seconds = time.monotonic() - start
        parsed = json.loads(answer)
        assert "errors" not in parsed, answer[:500]
        assert len(parsed["success"]["orgs"][0]["humanUserIds"]) == BULK_USERS
        rate = BULK_USERS / seconds
        row("POST /admin/v1/import", f"{rate:,.0f}", f"{rate / bare:.2f}", f"{peak_memory(server.process.pid):.0f}")


def bench_routes():
    table("Routes, 16 connections, HTTP/1.1", "route", "requests/s", "p99", "bare server, same size", "ratio")
    with Server() as server:
        _, user = server.call("GET", "/auth/v1/users/me")
        user_id = user["user"]["id"]
        for name, path, headers in (("discovery", "/.well-known/openid-configuration", []), ("keys", "/oauth/v2/keys", []),
                                    ("userinfo", "/oidc/v1/userinfo", [f"Authorization: Bearer {server.pat()}"]),
                                    ("get user by id", f"/management/v1/users/{user_id}", [f"Authorization: Bearer {server.pat()}"])):
            size = len(subprocess.run(["curl", "-sS", *(x for h in headers for x in ("-H", h)), server.base + path], capture_output=True, check=True).stdout)
            port = free_port()
            yardstick = subprocess.Popen([BUILD / "bench/bench_bare_http", str(port), str(size)])
            time.sleep(0.2)
            try:
                bare, _, _ = wrk(f"http://127.0.0.1:{port}/", 16, 3)
            finally:
                yardstick.kill()
            rate, p99, bad = wrk(server.base + path, 16, 5, headers)
            assert bad == 0, f"{path}: {bad} answers were not 2xx"
            row(name, f"{rate:,.0f}", p99, f"{bare:,.0f}", f"{rate / bare:.2f}")


def bench_start():
    table("Start and size", "what", "figure")
    server = Server()
    try:
        for what in ("first start, empty database → ready", "start on an existing database → ready"):
            begin = time.monotonic()
            server.start(wait=False)
            while True:
                probe = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", server.base + "/debug/ready"], capture_output=True, text=True, check=False)
                if probe.stdout == "200":
                    break
                time.sleep(0.002)
            row(what, f"{time.monotonic() - begin:.3f} s")
            resident = int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{server.process.pid}/status").read_text()).group(1)) / 1024
            server.stop()
        row("resident memory, idle", f"{resident:.0f} MiB")
        row("binary", f"{os.path.getsize(BUILD / 'godwit') / 2**20:.1f} MiB")
    finally:
        shutil.rmtree(server.folder, ignore_errors=True)


def soak():
    """kill -9 for long: the rounds of `./dev test faults`, ten times as many (or GODWIT_FAULT_ROUNDS), on both engines."""
    environment = {"GODWIT_FAULT_ROUNDS": "500", **os.environ}
    start = time.monotonic()
    subprocess.run([sys.executable, "-m", "unittest", "-v", "tests.faults.crash_test.Crash"], cwd=ROOT, env=environment, check=True)
    print(f"soak: {environment['GODWIT_FAULT_ROUNDS']} kills on each engine in {time.monotonic() - start:,.0f} s: nothing acknowledged was lost, the doctor found nothing")


def main():
    if sys.argv[1:] == ["soak"]:
        return soak()
    benches = {"single": bench_single, "bulk": bench_bulk, "routes": bench_routes, "start": bench_start}
    names = sys.argv[1:] or list(benches)
    subprocess.run(["cmake", "--build", str(BUILD), "--target", "bench_yardsticks", "--", "--quiet"], check=True)
    print(f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, {next(l.split(':')[1].strip() for l in open('/proc/cpuinfo') if l.startswith('model name'))}; client and server share them")
    for name in names:
        benches[name]()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    main()
