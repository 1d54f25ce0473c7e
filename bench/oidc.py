"""The provider's own work: tokens by every grant, introspection, userinfo, whole code flows; and what a million sessions cost."""
import base64
import itertools
import os
import pathlib
import re
import sqlite3
import subprocess
import urllib.parse

from bench import BUILD, PEER, Server, memory, node_oidc_provider, row, run_wrk, table, wrk
from harness.person import Person
from harness.tenant import PASSWORD, Tenant

CONNECTIONS, SECONDS = 16, 5
CODE_FLOW = pathlib.Path(__file__).with_name("code_flow.lua")
LINES = pathlib.Path(__file__).with_name("lines.lua")
CALLBACK = "http://localhost:9/callback"
# The reference's figures, requests/s: measured on a machine like the one of README.md, but for whole flows: those are what its publisher
# states of its own load test `oidc_session`, on far larger machines.
REFERENCE = {"jwt_bearer": 353, "userinfo": 1403, "flow": 105}
KEYCLOAK_CLIENT_CREDENTIALS, PEER_INTROSPECTION, PEER_USERINFO = 820, 5700, 6700
# A password hash that costs next to nothing.
CHEAP_HASHES = "SystemDefaults: {PasswordHasher: {Hasher: {Algorithm: bcrypt, Cost: 4}}}\n"


def basic(client_id, secret):
    return "Basic " + base64.b64encode(f"{urllib.parse.quote(client_id, '')}:{urllib.parse.quote(secret, '')}".encode()).decode()


def bare_sign(algorithm):
    return float(subprocess.run([BUILD / "bench/bench_bare_sign", algorithm, "3"], capture_output=True, text=True, check=True).stdout)


def post(url, body, headers=()):
    """wrk with one form as the body of every request."""
    script = pathlib.Path("/tmp") / f"godwit-bench-{os.getpid()}.lua"
    script.write_text(f"wrk.method = 'POST'\nwrk.body = [==[{body}]==]\nwrk.headers['Content-Type'] = 'application/x-www-form-urlencoded'\n")
    try:
        return wrk(url, CONNECTIONS, SECONDS, headers, script)
    finally:
        script.unlink()


class Bench:
    """A tenant with what the rows need, and the browser of a person who has signed in."""

    def __init__(self, server):
        self.server, self.tenant = server, Tenant(server.base, server.pat())
        self.audience = f"urn:zitadel:iam:org:project:id:{self.tenant.project}:aud"
        self.numbers = itertools.count()
        self.token_url = server.base + "/oauth/v2/token"
        self.login_name, self.user = self.tenant.person()
        self.app = self.tenant.app("web", CALLBACK)
        self.client = basic(self.app["clientId"], self.app["clientSecret"])
        self.person = Person(self.login_name, PASSWORD)

    def authorize_path(self, scope):
        return "/oauth/v2/authorize?" + urllib.parse.urlencode({
            "client_id": self.app["clientId"], "redirect_uri": CALLBACK, "response_type": "code", "scope": scope, "state": "af0ifjsldkj", "nonce": "n-0S6"})

    def sign_in(self, scope="openid profile email offline_access"):
        """An access token of the person; their browser keeps the session."""
        answer = self.person.visit(self.server.base + self.authorize_path(scope), stop=CALLBACK)
        code = urllib.parse.parse_qs(urllib.parse.urlsplit(answer).query)["code"][0]
        body = urllib.parse.urlencode({"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK})
        out = subprocess.run(["curl", "-sSf", "-H", f"Authorization: {self.client}", "-d", body, self.token_url], capture_output=True, text=True, check=True)
        return re.search(r'"access_token":"([^"]+)"', out.stdout).group(1)

    def cookie(self):
        return next(f"{c.name}={c.value}" for handler in self.person.opener.handlers for c in getattr(handler, "cookiejar", ()) if "agent" in c.name)

    def flows(self, scope, cookie="", typed=(), seconds=SECONDS):
        """Whole code flows a second, one after the other on each connection."""
        exchange = "grant_type=authorization_code&redirect_uri=" + urllib.parse.quote(CALLBACK, "")
        out = run_wrk(self.server.base, CONNECTIONS, seconds, script=CODE_FLOW, threads=CONNECTIONS,
                      args=(self.authorize_path(scope), cookie, exchange, self.client, *typed))
        assert "broken:" not in out, out
        count, taken = (float(re.search(rf"^{what}: ([\d.]+)$", out, re.MULTILINE).group(1)) for what in ("flows", "seconds"))
        return count / taken


def client_credentials(bench, token_type, more_scopes=""):
    client_id, secret = bench.tenant.machine_secret(bench.tenant.machine(f"robot-{next(bench.numbers)}", token_type))
    return post(bench.token_url, "grant_type=client_credentials&scope=" + urllib.parse.quote(bench.audience + more_scopes),
                [f"Authorization: {basic(client_id, secret)}"])


def make_assertions(bench, count=60_000):
    """A file of token requests by JWT profile. Each assertion is good once: they are made beforehand, on all cores."""
    user = bench.tenant.machine(f"robot-{next(bench.numbers)}")
    key = bench.tenant.call("POST", f"/management/v1/users/{user}/keys", {"type": "KEY_TYPE_JSON"})
    key_file, lines = bench.server.folder / "robot.json", bench.server.folder / "assertions"
    key_file.write_bytes(base64.b64decode(key["keyDetails"]))
    makers = [subprocess.Popen(["node", "assertions.mjs", key_file, bench.server.base, bench.audience, str(count // os.cpu_count())], cwd=PEER,
                               stdout=subprocess.PIPE) for _ in range(os.cpu_count())]
    lines.write_bytes(b"".join(maker.communicate()[0] for maker in makers))
    return lines


def use_es256(bench):
    """Makes the instance sign ES256; whether it can."""
    status, key = bench.server.call("POST", "/zitadel.webkey.v2.WebKeyService/CreateWebKey", {"ecdsa": {"curve": "ECDSA_CURVE_P256"}})
    if status not in (200, 201):
        return False
    status, answer = bench.server.call("POST", "/zitadel.webkey.v2.WebKeyService/ActivateWebKey", {"id": key["id"]})
    assert status == 200, answer
    return True


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def oidc():
    table(f"OpenID provider, {CONNECTIONS} connections, HTTP/1.1, embedded store", "what", "per second", "p99 ms", "µs of the server's processor each",
          "beside it", "ratio", "target")
    with Server(config=CHEAP_HASHES) as server, node_oidc_provider() as (peer, peer_token):
        bench = Bench(server)
        token = bench.sign_in()

        def line(name, run, target, **beside):
            before = processor_seconds(server.process.pid)
            rate, *_, p99 = run()
            used = (processor_seconds(server.process.pid) - before) / (rate * SECONDS)
            row(name, f"{rate:,.0f}", f"{p99:.2f}" if p99 else "", f"{used * 1e6:,.0f}", ", ".join(f"{one:,.0f} {who.replace('_', ' ')}" for who, one in beside.items()),
                ", ".join(f"{rate / one:.2f}" for one in beside.values()), target)

        theirs = post(peer + "/token", "grant_type=client_credentials&resource=urn%3Aapi&scope=read", [f"Authorization: {basic('bench', 'bench')}"])[0]
        line("client_credentials, JWT RS256", lambda: client_credentials(bench, "ACCESS_TOKEN_TYPE_JWT"),
             f"≥ 1.3 × the peer, ≥ 0.6 × the bare rate, ≥ {5 * KEYCLOAK_CLIENT_CREDENTIALS:,}", node_oidc_provider=theirs, bare_signatures=bare_sign("RS256"))
        line("the same with an id_token (scope openid): two signatures", lambda: client_credentials(bench, "ACCESS_TOKEN_TYPE_JWT", " openid"), "")
        line("client_credentials, opaque", lambda: client_credentials(bench, "ACCESS_TOKEN_TYPE_BEARER"), "≥ 15,000")
        assertions = make_assertions(bench)
        line("jwt-bearer, JWT RS256", lambda: wrk(bench.token_url, CONNECTIONS, SECONDS, script=LINES, args=[str(assertions)]), "≥ 10 × the reference",
             reference=REFERENCE["jwt_bearer"])

        theirs = wrk(peer + "/me", CONNECTIONS, SECONDS, [f"Authorization: Bearer {peer_token}"])[0]
        line("userinfo", lambda: wrk(server.base + "/oidc/v1/userinfo", CONNECTIONS, SECONDS, [f"Authorization: Bearer {token}"]),
             f"≥ 3 × the peer (or {PEER_USERINFO:,}), ≥ 10 × the reference, p99 < 5 ms", node_oidc_provider=theirs, reference=REFERENCE["userinfo"])
        api = bench.tenant.api()
        theirs = post(peer + "/token/introspection", f"token={peer_token}", [f"Authorization: {basic('bench', 'bench')}"])[0]
        mine = bench.sign_in("openid profile email " + bench.audience)
        line("introspection",
             lambda: post(server.base + "/oauth/v2/introspect", f"token={mine}", [f"Authorization: {basic(api['clientId'], api['clientSecret'])}"]),
             f"≥ 3 × the peer (or {PEER_INTROSPECTION:,}), p99 < 5 ms", node_oidc_provider=theirs)

        scope = "openid profile email offline_access"
        line("code flow, session stands: authorize, page, code for tokens", lambda: (bench.flows(scope, bench.cookie()), None), "≥ 10 × the publisher's",
             the_references_publisher=REFERENCE["flow"])
        line("code flow, name and password typed (bcrypt 4)", lambda: (bench.flows(scope, typed=(bench.login_name, PASSWORD)), None), "≥ 10 × the publisher's",
             the_references_publisher=REFERENCE["flow"])
        if use_es256(bench):
            line("client_credentials, JWT ES256", lambda: client_credentials(bench, "ACCESS_TOKEN_TYPE_JWT"), "≥ 15,000", bare_signatures=bare_sign("ES256"))


def multiply(database, wanted):
    """Copies the sessions and refresh tokens of a stopped server until there are `wanted` of each; ids of copies are older. How many there are."""
    db = sqlite3.connect(database)
    (low, high), counts = db.execute("SELECT min(id), max(id) FROM (SELECT id FROM sessions UNION ALL SELECT id FROM token_families)").fetchone(), []
    for name in ("sessions", "token_families"):
        columns = [column[1] for column in db.execute(f"PRAGMA table_info({name})")]
        # Copies belong to no browser: the one that signed in has one session, as before.
        shifted = ", ".join(f"{column} - ?1" if column in ("id", "session_id") else "0" if column == "agent_id" else column for column in columns)
        have = db.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
        for copy in range(1, wanted // have + 1):
            db.execute(f"INSERT INTO {name} SELECT {shifted} FROM {name} WHERE id >= ?2", (copy * (high - low + 1), low))
        counts.append(db.execute(f"SELECT count(*) FROM {name}").fetchone()[0])
    db.commit()
    db.close()
    return counts


def sessions():
    """What a server holds of sessions and refresh tokens: few of them, then SESSIONS (default 1,000,000), under the same load."""
    wanted = int(os.environ.get("SESSIONS", "1000000"))
    table("Memory with live sessions and refresh tokens, embedded store", "state", "resident MiB", "of it the program's own", "runtime store MiB")
    scope = "openid profile offline_access"
    with Server() as server:
        bench = Bench(server)

        def state(name):
            pid = server.process.pid
            files = sum(path.stat().st_size for path in (server.folder / "data").glob("runtime.db*")) / 2**20
            row(name, f"{memory(pid):,.0f}", f"{memory(pid, 'RssAnon'):,.0f}", f"{files:,.0f}")

        def use():
            script = server.folder / "session.lua"
            script.write_text(f"wrk.method = 'POST'\nwrk.body = [==[{{\"checks\":{{\"user\":{{\"userId\":\"{bench.user}\"}}}}}}]==]\n")
            wrk(server.base + "/v2/sessions", CONNECTIONS, SECONDS, [f"Authorization: Bearer {server.pat('login')}", "Content-Type: application/json"], script)
            token = bench.sign_in(scope)
            bench.flows(scope, bench.cookie())
            wrk(server.base + "/oidc/v1/userinfo", CONNECTIONS, SECONDS, [f"Authorization: Bearer {token}"])

        use()
        state("sessions made, code flows, userinfo")
        server.stop()
        session_count, family_count = multiply(server.folder / "data" / "runtime.db", wanted)
        server.start("start")
        state(f"started on {session_count:,} sessions and {family_count:,} refresh tokens")
        use()
        state("sessions made, code flows, userinfo")
