"""How quick the short routes stay while 500 password sign-ins wait, and what the sign-ins get of the cores."""
import concurrent.futures
import http.client
import json
import os
import subprocess
import threading
import time

from bench import BUILD, Server, post_script, row, table, wrk

WAITING, SECONDS, USERS = 500, 15, 64
PASSWORD = "Password1!"
ARGON2 = ("19456", "2")  # the default hasher: KiB, passes
# On a slow machine the last of 500 waits for long; a refusal would be no sign-in.
CONFIG = "Godwit: {Lanes: {Hash: {MaxWait: 2m}}}\n"


def bare_rate():
    """Hashes/s at the priority that the hash lane has."""
    return float(subprocess.run(["nice", "-n10", BUILD / "bench/bench_bare_hash", *ARGON2, "5"], capture_output=True, text=True, check=True).stdout)


def own_seconds():
    """Of processor time that we and the load that has ended took."""
    return sum(os.times()[:4])


class Probe(threading.Thread):
    """A client that asks fifty times a second, or every so many seconds: often enough to see the tail, too seldom to be a load of its own.
    With `body`, the JSON to post the nth time, it posts."""

    def __init__(self, server, path, headers=None, body=None, every=0.02):
        super().__init__()
        self.server, self.path, self.headers, self.body, self.every, self.taken, self.stopping = server, path, headers or {}, body, every, [], False

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        while not self.stopping:
            start = time.monotonic()
            body = json.dumps(self.body(len(self.taken))) if self.body else None
            connection.request("POST" if body else "GET", self.path, body, {"Host": f"localhost:{self.server.port}", "Content-Type": "application/json", **self.headers})
            answer = connection.getresponse()
            said = answer.read()
            self.taken.append(time.monotonic() - start)
            assert answer.status // 100 == 2, said
            time.sleep(max(0, self.every - self.taken[-1]))
        connection.close()

    def end(self):
        self.stopping = True
        self.join()

    def p(self, share):
        return sorted(self.taken)[int(len(self.taken) * share)] * 1000

    def told(self):
        return f"p50 {self.p(0.5):.2f} ms, p99 {self.p(0.99):.2f} ms ({len(self.taken)} requests)"


def import_user(server, n):
    status, answer = server.call("POST", "/management/v1/users/human/_import", {
        "userName": f"login{n}", "profile": {"firstName": "A", "lastName": "B"}, "email": {"email": f"login{n}@example.com", "isEmailVerified": True},
        "password": PASSWORD})
    assert status == 200, answer
    return answer["userId"]


def logins():
    table(f"{WAITING} password sign-ins wait (session checks, argon2id m=19 MiB t=2), {SECONDS} s", "what", "figure", "target")
    with Server(config=CONFIG) as server, concurrent.futures.ThreadPoolExecutor(16) as pool:
        before = bare_rate()
        start = time.monotonic()
        users = list(pool.map(lambda n: import_user(server, n), range(USERS)))
        imports = USERS / (time.monotonic() - start)
        probes = [Probe(server, "/.well-known/openid-configuration"), Probe(server, "/oidc/v1/userinfo", {"Authorization": f"Bearer {server.pat()}"})]
        checks = [json.dumps({"checks": {"user": {"userId": user}, "password": {"password": PASSWORD}}}) for user in users]
        with post_script(checks) as script:
            headers = [f"Authorization: Bearer {server.pat('login')}", "Content-Type: application/json"]
            own, began = own_seconds(), time.monotonic()
            load = pool.submit(wrk, server.base + "/v2/sessions", WAITING, SECONDS, headers, script)
            time.sleep(1)  # until they wait
            for probe in probes:
                probe.start()
            rate = load.result()[0]
            for probe in probes:
                probe.end()
            clients = (own_seconds() - own) / (time.monotonic() - began) / os.cpu_count()
        after = bare_rate()
    bare = (before + after) / 2
    row("bare argon2id on all cores (`bare_hash.cc`), before and after", f"{before:,.1f} and {after:,.1f}/s", "")
    row("sign-ins", f"{rate:,.1f}/s, {rate / bare:.2f} of bare", "≥ 0.90 of bare")
    row("of the cores that the load's clients left", f"{rate / bare / (1 - clients):.2f} of bare: they took {clients:.1%} of them", "")
    for name, probe in zip(("discovery", "userinfo"), probes):
        row(f"{name} meanwhile", probe.told(), "p99 < 20 ms")
    row(f"imports with a plain password before, 16 at once ({USERS} of them)", f"{imports:,.1f}/s, {imports / bare:.2f} of bare", "")
