"""What the rows of ./dev bench share: servers, load, tables."""
import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tests"))  # behind bench/, which has a module of the name of one of its folders
from harness.postgres import Postgres  # noqa: E402
from harness.server import Server, free_port  # noqa: E402

__all__ = ["BUILD", "HASH", "Server", "bare_http", "best", "body_size", "durable_postgres", "free_port", "memory", "node_oidc_provider", "post_script",
           "row", "run_wrk", "seconds_until_ready", "send_import", "table", "wrk"]

HASH = "$2a$10$SCHPBhOaQajJr45SH2wjXe5jFf79KGdMc0raWD3V0n7BI4z.ILYSS"
BUILD = ROOT / "build/release"
PEER = ROOT / "bench/peer"


def durable_postgres():
    """A cluster that keeps what it acknowledges, as whoever runs one has it; that of the tests does not."""
    cluster = Postgres()
    cluster.stop()
    with open(cluster.data / "postgresql.conf", "a", encoding="utf-8") as conf:
        conf.write("fsync=on\n")
    cluster.start()
    return cluster


def row(*cells):
    print("| " + " | ".join(str(c) for c in cells) + " |", flush=True)


def table(title, *columns):
    print(f"\n### {title}\n")
    row(*columns)
    row(*("---" for _ in columns))


def milliseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}[unit]


def run_wrk(url, connections, seconds=5, headers=(), script=None, args=(), threads=1):
    """What wrk prints. Fails when an answer was not 2xx or 3xx: a figure of errors is none."""
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "30s", *(x for h in headers for x in ("-H", h))]
    if script:
        command += ["-s", str(script)]
    out = subprocess.run([*command, url, *(["--", *args] if args else [])], capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in out and "Socket errors" not in out, out
    return out


def wrk(*args, **named):
    """Requests/s, p50 and p99 in ms."""
    out = run_wrk(*args, **named)
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
    p50, p99 = (milliseconds(re.search(rf"{p}%\s+([\d.]+\w+)", out).group(1)) for p in (50, 99))
    return rate, p50, p99


@contextlib.contextmanager
def post_script(bodies):
    """A script for wrk that sends the bodies one after another, from the beginning again after the last."""
    with tempfile.TemporaryDirectory() as folder:
        script = pathlib.Path(folder) / "post.lua"
        quoted = ",\n".join(f"[==[{body}]==]" for body in bodies)
        script.write_text(f"local bodies = {{\n{quoted}\n}}\nlocal at = 0\n"
                          "request = function()\n  at = at % #bodies + 1\n  return wrk.format('POST', nil, nil, bodies[at])\nend\n")
        yield script


def body_size(url, headers=()):
    return len(subprocess.run(["curl", "-sSf", *(x for h in headers for x in ("-H", h)), url], capture_output=True, check=True).stdout)


def bare_http(size, connections, seconds=3):
    """Requests/s of the bare server with answers of this size, now."""
    port = free_port()
    server = subprocess.Popen([BUILD / "bench/bench_bare_http", str(port), str(size)])
    try:
        until = time.monotonic() + 5
        while subprocess.run(["curl", "-s", "-o", "/dev/null", f"http://127.0.0.1:{port}/"], check=False).returncode and time.monotonic() < until:
            time.sleep(0.01)
        return wrk(f"http://127.0.0.1:{port}/", connections, seconds)[0]
    finally:
        server.kill()
        server.wait()


@contextlib.contextmanager
def node_oidc_provider():
    """node-oidc-provider beside us: (its base URL, a token for its userinfo)."""
    if not (PEER / "node_modules").exists():
        subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=PEER, check=True)
    peer = subprocess.Popen(["node", "server.mjs", str(free_port())], cwd=PEER, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        line = next(line for line in peer.stdout if line.startswith("{"))
        said = json.loads(line)
        yield f"http://127.0.0.1:{said['port']}", said["token"]
    finally:
        peer.kill()
        peer.wait()


def memory(pid, what="VmRSS"):
    """MiB; VmHWM is the peak."""
    return int(re.search(rf"{what}:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024


def send_import(server, body):
    """Sends a file to the bulk import; (seconds, the parsed answer)."""
    answer = server.folder / "answer.json"
    start = time.monotonic()
    subprocess.run(["curl", "-sSf", "-o", answer, "--data-binary", f"@{body}", "-H", f"Authorization: Bearer {server.pat()}", "-H",
                    "Content-Type: application/json", server.base + "/admin/v1/import"], check=True)
    return time.monotonic() - start, json.loads(answer.read_text())


def seconds_until_ready(server, verb="start"):
    """Starts the server; how long until it says that it is ready."""
    begin = time.monotonic()
    server.start(verb, wait=False)
    probe = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", server.base + "/debug/ready"]
    while subprocess.run(probe, capture_output=True, text=True, check=False).stdout != "200":
        assert server.process.poll() is None, server.log()[-2000:]
        time.sleep(0.002)
    return time.monotonic() - begin


def best(figures):
    return max(figures, key=lambda figure: figure[0])


def machine():
    cpu = next(line.split(":")[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8") if line.startswith("model name"))
    return f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, {cpu}; clients and servers share them"
