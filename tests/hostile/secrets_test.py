"""What nobody may find: passwords, tokens, TOTP seeds and private keys, in the database, in the log and in the memory of a server that
is done with them."""
import base64
import hashlib
import hmac
import http.client
import json
import pathlib
import re
import secrets
import subprocess
import time
import unittest
import urllib.parse

from tests.harness.postgres import BIN, Postgres
from tests.harness.server import Server

CONFIG = """
Log: {Level: debug}
LogStore: {Access: {Stdout: {Enabled: true}}}
"""
LONG = "Correct-Horse-7-"
WHOLE = {"urlencoded": {"Content-Type": "application/x-www-form-urlencoded"}}


def integers(der):
    """The INTEGERs of a DER SEQUENCE, those of nested octet strings and sequences included: the numbers of a private key."""
    found, at = [], 0
    while at + 2 <= len(der):
        tag, length, at = der[at], der[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7f
            length, at = int.from_bytes(der[at:at + size], "big"), at + size
        value, at = der[at:at + length], at + length
        if tag == 0x02:
            found.append(value.lstrip(b"\0"))
        elif tag in (0x30, 0x04):
            found += integers(value)
    return found


class Secrets:
    """Every secret by a name, with the forms in which its bytes could stand somewhere."""

    def __init__(self):
        self.forms = {}  # bytes -> name

    def add(self, name, value):
        raw = value.encode() if isinstance(value, str) else value
        forms = {raw, base64.b64encode(raw), base64.urlsafe_b64encode(raw).rstrip(b"="), raw.hex().encode(), urllib.parse.quote(raw, safe="").encode()}
        for form in forms:
            self.forms[form] = name
        return value

    def add_totp(self, name, base32):
        self.add(name, base32)
        self.add(name + " (bytes)", base64.b32decode(base32))

    def add_private_key(self, name, pem):
        body = "".join(line for line in pem.splitlines() if "-----" not in line)
        der = base64.b64decode(body)
        for line in pem.splitlines()[3:6]:
            self.forms[line.encode()] = name + " (PEM)"
        # modulus and exponents that everybody may know are the first two numbers of the key; d, p and q follow.
        numbers = [n for n in integers(der) if len(n) > 60]
        for n in numbers[1:4]:
            self.forms[n[:48]] = name + " (number)"
            self.forms[n[::-1][:48]] = name + " (number of OpenSSL)"

    def found_in(self, data):
        return sorted({name for form, name in self.forms.items() if form in data})


def memory(pid):
    """The writable memory of a process, piece by piece, with the name of its mapping."""
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as mem:
        for line in maps:
            match = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw\S+ \S+ \S+ \S+\s*(.*)", line)
            if not match or match[3] in ("[vvar]", "[vsyscall]"):
                continue
            begin, end = int(match[1], 16), int(match[2], 16)
            mem.seek(begin)
            try:
                yield match[3], mem.read(end - begin)
            except OSError:
                continue  # a guard page, or gone meanwhile


class Life:
    """Somebody imports, signs in, gets tokens and uses them; every secret that passes is noted."""

    def __init__(self, server, noted):
        self.server, self.noted = server, noted
        self.seeds = {}  # of authenticator apps, by user name

    def api(self, method, path, body=None, token=None):
        status, answer = self.server.call(method, path, body, token)
        assert status in (200, 201), f"{method} {path}: {status} {answer}"
        return answer

    def form(self, path, fields, headers=None, method="POST"):
        connection = http.client.HTTPConnection("localhost", self.server.port, timeout=60)
        encoded = urllib.parse.urlencode(fields)
        target = path + ("?" + encoded if method == "GET" else "")
        connection.request(method, target, None if method == "GET" else encoded,
                           {**({} if method == "GET" else {"Content-Type": "application/x-www-form-urlencoded"}), **(headers or {})})
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.status, answer.headers, body

    def user(self, name, **more):
        return {"userName": name, "profile": {"firstName": "A", "lastName": "B"}, "email": {"email": name + "@example.com", "isEmailVerified": True}} | more

    def live(self):
        self.noted.add("token of the administrator", self.server.pat())
        people = self.import_people()
        self.machines()
        client = self.application()
        self.sessions(people)
        for name, password in people.items():
            self.sign_in(client, name, password)
        for name, seed in self.seeds.items():
            self.prove_authenticator(name, seed)

    def import_people(self):
        people = {}
        for n, length in enumerate((12, 40, 64)):  # short ones live inside a std::string
            password = self.noted.add(f"password of {length} characters", (LONG[:2] + "-7a" + secrets.token_urlsafe(64))[:length])
            self.noted.add_totp(f"TOTP seed {n}", seed := base64.b32encode(secrets.token_bytes(20)).decode())
            self.api("POST", "/management/v1/users/human/_import", self.user(f"given{n}", password=password, otpCode=seed))
            self.seeds[f"given{n}"] = seed
            people[f"plain{n}"] = password
            self.api("POST", "/management/v1/users/human/_import", self.user(f"plain{n}", password=password))
        salt, password = secrets.token_urlsafe(9), self.noted.add("password behind a hash", LONG + secrets.token_urlsafe(20))
        digest = base64.b64encode(hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), 1000)).decode()
        self.api("POST", "/management/v1/users/human/_import", self.user("hashed", hashedPassword={"value": f"pbkdf2_sha256$1000${salt}${digest}"}))
        people["hashed"] = password
        bulk = []
        for n in range(2):
            self.noted.add_totp(f"TOTP seed of the file {n}", seed := base64.b32encode(secrets.token_bytes(20)).decode())
            self.noted.add(f"password of the file {n}", password := LONG + secrets.token_urlsafe(20))
            bulk.append({"userId": f"bulk{n}", "user": self.user(f"bulk{n}", password=password, otpCode=seed)})
        answer = self.api("POST", "/admin/v1/import", {"timeout": "10m", "data_orgs": {"orgs": [{"orgId": "org-bulk", "org": {"name": "Bulk"}, "humanUsers": bulk}]}})
        assert "errors" not in answer, answer
        return people

    def machines(self):
        machine = self.api("POST", "/management/v1/users/machine", {"userName": "robot", "name": "Robot", "accessTokenType": "ACCESS_TOKEN_TYPE_BEARER"})["userId"]
        secret = self.api("PUT", f"/management/v1/users/{machine}/secret", {})
        self.noted.add("secret of a machine", secret["clientSecret"])
        token = self.api("POST", f"/management/v1/users/{machine}/pats", {"expirationDate": "2099-01-01T00:00:00Z"})["token"]
        self.noted.add("personal access token", token)
        self.server.call("GET", "/auth/v1/users/me", token=token)
        key = self.api("POST", f"/management/v1/users/{machine}/keys", {"type": "KEY_TYPE_JSON", "expirationDate": "2099-01-01T00:00:00Z"})
        self.noted.add_private_key("key of a machine", json.loads(base64.b64decode(key["keyDetails"]))["key"])
        basic = "Basic " + base64.b64encode(f"{secret['clientId']}:{secret['clientSecret']}".encode()).decode()
        status, _, body = self.form("/oauth/v2/token", {"grant_type": "client_credentials", "scope": "openid"}, {"Authorization": basic})
        assert status == 200, body
        self.noted.add("access token of a machine", json.loads(body)["access_token"])
        self.api("POST", "/management/v1/idps/generic_oidc", {"name": "idp", "issuer": "https://idp.example", "clientId": "c", "scopes": ["openid"],
                                                              "clientSecret": self.noted.add("secret for an identity provider", secrets.token_urlsafe(40))})

    def application(self):
        project = self.api("POST", "/management/v1/projects", {"name": "P"})["id"]

        def add(name, method):
            return self.api("POST", f"/management/v1/projects/{project}/apps/oidc", {
                "name": name, "redirectUris": ["http://localhost/callback"], "responseTypes": ["OIDC_RESPONSE_TYPE_CODE"],
                "grantTypes": ["OIDC_GRANT_TYPE_AUTHORIZATION_CODE", "OIDC_GRANT_TYPE_REFRESH_TOKEN"], "appType": "OIDC_APP_TYPE_WEB",
                "authMethodType": "OIDC_AUTH_METHOD_TYPE_" + method, "devMode": True})
        app, signing = add("A", "POST"), add("B", "PRIVATE_KEY_JWT")
        self.noted.add("secret of a client", app["clientSecret"])
        key = self.api("POST", f"/management/v1/projects/{project}/apps/{signing['appId']}/keys", {"type": "KEY_TYPE_JSON", "expirationDate": "2099-01-01T00:00:00Z"})
        self.noted.add_private_key("key of a client", json.loads(base64.b64decode(key["keyDetails"]))["key"])
        return app["clientId"], app["clientSecret"]

    def sessions(self, people):
        for name, password in people.items():
            wrong = self.noted.add(f"wrong password of {name}", LONG + secrets.token_urlsafe(20))
            for given in (wrong, password):
                status, answer = self.server.call("POST", "/v2/sessions", {"checks": {"user": {"loginName": name}, "password": {"password": given}}})
                assert status in (200, 201) or given == wrong, answer
                if "sessionToken" in answer:
                    self.noted.add(f"session token of {name}", answer["sessionToken"])

    def prove_authenticator(self, name, seed):
        """RFC 6238: the server has to unseal the seed for it."""
        digest = hmac.digest(base64.b32decode(seed), int(time.time() // 30).to_bytes(8, "big"), "sha1")
        at = digest[-1] & 15
        code = f"{(int.from_bytes(digest[at:at + 4], 'big') & 0x7fffffff) % 1_000_000:06}"
        answer = self.api("POST", "/v2/sessions", {"checks": {"user": {"loginName": name}, "totp": {"code": code}}})
        self.noted.add(f"session token of {name}", answer["sessionToken"])

    def sign_in(self, client, name, password):
        client_id, client_secret = client
        verifier = self.noted.add("code verifier", secrets.token_urlsafe(48))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        _, headers, _ = self.form("/oauth/v2/authorize", {"client_id": client_id, "redirect_uri": "http://localhost/callback", "response_type": "code",
                                                          "scope": "openid offline_access", "code_challenge": challenge, "code_challenge_method": "S256"}, method="GET")
        page = urllib.parse.urlparse(headers["location"])
        request = urllib.parse.parse_qs(page.query)["authRequest"][0]
        _, headers, body = self.form(page.path, {"authRequest": request}, method="GET")
        cookie = {"Cookie": headers["set-cookie"].split(";")[0]}
        fields = {"authRequest": request, "csrf": re.search('name="csrf" value="([^"]+)"', body)[1], "loginName": name}
        _, _, body = self.form(page.path, fields, cookie)
        status, headers, body = self.form(page.path.replace("/login/login", "/login/password"), fields | {"password": password}, cookie)
        assert status in (302, 303), body
        for line in headers.get_all("set-cookie") or []:
            self.noted.add("cookie of a session", line.split("=", 1)[1].split(";")[0])
        code = self.noted.add("code", urllib.parse.parse_qs(urllib.parse.urlparse(headers["location"]).query)["code"][0])
        own = {"client_id": client_id, "client_secret": client_secret}
        status, _, body = self.form("/oauth/v2/token", own | {"grant_type": "authorization_code", "code": code, "redirect_uri": "http://localhost/callback",
                                                              "code_verifier": verifier})
        assert status == 200, body
        tokens = json.loads(body)
        for kind in ("access_token", "refresh_token", "id_token"):
            self.noted.add(kind, tokens[kind])
        self.form("/oidc/v1/userinfo", {}, {"Authorization": "Bearer " + tokens["access_token"]}, method="GET")
        self.form("/oauth/v2/introspect", own | {"token": tokens["access_token"]})
        status, _, body = self.form("/oauth/v2/token", own | {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]})
        assert status == 200, body
        self.noted.add("rotated refresh_token", json.loads(body)["refresh_token"])


class NothingInClear(unittest.TestCase):
    maxDiff = None

    def check(self, conninfo, stored):
        noted = Secrets()
        server = Server(conninfo, config=CONFIG)
        # As an operator should: on a command line everybody sees it.
        (server.folder / "masterkey").write_text("MasterkeyNeedsToHave32Characters")
        at = server.args.index("--masterkey")
        server.args[at:at + 2] = ["--masterkeyFile", server.folder / "masterkey"]
        noted.add("master key", "MasterkeyNeedsToHave32Characters")
        noted.add("password of the first start", "RootPassword1!")
        with server:
            Life(server, noted).live()
            self.assertEqual(noted.found_in(server.log().encode()), [], "in the log")
            for name, data in stored(server):
                self.assertEqual(noted.found_in(data), [], f"in {name}")
            # What was asked last is let go a moment later.
            until = time.monotonic() + 10
            while (left := self.in_memory(server.process.pid, noted)) and time.monotonic() < until:
                time.sleep(0.2)
            self.assertEqual(left, [], "in memory")

    @staticmethod
    def in_memory(pid, noted):
        found = {}
        for mapping, data in memory(pid):
            for name in noted.found_in(data):
                found.setdefault(name, set()).add(mapping or "anonymous")
        return sorted((name, sorted(where)) for name, where in found.items())

    def test_sqlite(self):
        def files(server):
            for file in sorted((server.folder / "data").rglob("*")):
                if file.is_file():
                    yield file.name, file.read_bytes()
        self.check(None, files)

    def test_postgres(self):
        with Postgres() as postgres:
            def dump(_):
                yield "the dump", subprocess.run([BIN / "pg_dump", "-d", postgres.conninfo.replace("dbname=postgres", "dbname=secrets"), "--inserts"], capture_output=True, check=True).stdout
                for file in sorted(pathlib.Path(postgres.data).rglob("*")):
                    if file.is_file():
                        yield f"PostgreSQL's {file.name}", file.read_bytes()
            self.check(postgres.create_database("secrets"), dump)
