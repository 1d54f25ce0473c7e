"""The proof: exports that other systems made are taken in as docs/migrate/walk.md leads through it, and their people sign in with the
passwords they had. In the browser that is tests/e2e/migrated.mjs."""
import base64
import contextlib
import crypt
import difflib
import json
import os
import pathlib
import re
import subprocess
import unittest

from tests.harness.pages import MIGRATE, Folder
from tests.harness.postgres import Postgres
from tests.harness.server import ROOT

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = ROOT / "tests" / "vectors" / "migrate"
REPORTS = ["keycloak-acme", "keycloak-globex", "zitadel", "auth0"]

# "code" names the key of an authenticator app: base32, or text as Keycloak stores it.
AUTH0 = [
    {"id": "ada", "password": "Ada-1-gives", "more": {"user_metadata": {"tier": "gold"}, "app_metadata": {"plan": "pro"}}},
    {"id": "bob", "password": "Bob-2-waits", "more": {"blocked": True}, "expect": "refused"},
    {"id": "carl", "password": "Carl-3-mends", "broken": True},
    {"id": "dora", "password": "Dora-4-codes", "more": {"mfa_factors": [{"totp": {"secret": "JBSWY3DPEHPK3PXP"}}]},
     "code": {"base32": "JBSWY3DPEHPK3PXP"}},
]

# What only records of our own can say: apps that count in other ways than nearly all do.
KEY = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
GODWIT = [{"id": f"app-{n}", "loginName": f"app-{n}", "password": f"App-{n}-counts", "code": {"base32": KEY, **ways}} for n, ways in enumerate(
    [{"algorithm": "SHA256", "digits": 8, "period": 60}, {"algorithm": "SHA512", "digits": 8, "period": 30}])]


def godwit_lines():
    """As the page's own commands do not bring them: nothing in it is about apps."""
    def line(person):
        code = dict(person["code"])
        return {"userId": person["id"], "userName": person["loginName"], "profile": {"givenName": "A", "familyName": "B"},
                "password": {"hash": crypt.crypt(person["password"], "$2b$05$" + "0" * 21 + "u")}, "totp": [{"key": code.pop("base32"), **code}]}
    return "".join(json.dumps(line(person)) + "\n" for person in GODWIT)


def auth0_lines():
    """The two files as support hands them out: users without hashes, hashes by the bare id."""
    users, hashes = [], []
    for n, person in enumerate(AUTH0):
        user = {"user_id": f"auth0|{person['id']}", "email": f"{person['id']}@initech.example", "email_verified": True,
                "given_name": person["id"].title(), "family_name": "Example", "created_at": "2023-04-05T06:07:08.000Z",
                "identities": [{"connection": "Username-Password-Authentication", "provider": "auth0", "user_id": person["id"], "isSocial": False}],
                **person.get("more", {})}
        line = json.dumps(user, separators=(",", ":"))
        users.append(line.replace(f'"auth0|{person["id"]}"', "", 1) if person.get("broken") else line)
        hashes.append(json.dumps({"_id": {"$oid": person["id"]}, "email": user["email"],
                                  "passwordHash": crypt.crypt(person["password"], "$2b$10$" + f"{n}" * 21 + "u")}))
    return "\n".join(users) + "\n", "\n".join(hashes) + "\n"


def keycloak_people(realm, folder):
    """Of a realm: every state a person may be in."""
    passwords = json.loads((VECTORS / f"keycloak-26/{realm}-passwords.json").read_text())
    users = {}
    for file in (VECTORS / "keycloak-26" / folder).glob("*.json"):
        users |= {user["username"]: user for user in json.loads(file.read_text()).get("users", [])}

    def person(name, **more):
        return {"id": users[name]["id"], "loginName": f"{name}@{realm}", "password": passwords.get(name, "Pass-otp-1!"), **more}

    return [person("user0"), person("user1"), person("user5", expect="change"), person("user7", expect="refused"),
            person("otp-b32", code={"base32": "JBSWY3DPEHPK3PXP"}), person("otp-text", code={"text": "s3cretTextNotB32xx01"})]


def people():
    auth0 = [{"id": f"auth0|{p['id']}", "loginName": f"{p['id']}@initech.example",
              **{k: v for k, v in p.items() if k in ("password", "expect", "code")}} for p in AUTH0]
    zitadel = [{"id": f"u{n}-251701", "loginName": f"imp{n}-251701", "password": "Password1!", "slow": True} for n in (1, 2)]
    return keycloak_people("acme", "exp-acme") + keycloak_people("globex", "exp-globex") + zitadel + auth0 + GODWIT


class Proof:
    """On the engine of the class below it."""

    def conninfo(self):
        return None

    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.folder = Folder(cls.conninfo(cls))
        cls.stack.callback(cls.folder.close)
        users, hashes = auth0_lines()
        (cls.folder.path / "auth0-users.ndjson").write_text(users)
        (cls.folder.path / "auth0-hashes.ndjson").write_text(hashes)
        cls.folder.run(MIGRATE / "walk.md")
        (cls.folder.path / "apps.ndjson").write_text(godwit_lines())
        cls.folder.type("godwit migrate run --data data --masterkeyFile masterkey --from godwit apps.ndjson --org Initech --strict")
        cls.server = cls.folder.server.start("start")

    def test_the_reports_say_what_they_should_line_by_line(self):
        for name in REPORTS:
            expected = HERE / "reports" / f"{name}.ndjson"
            got = (self.folder.path / f"{name}.ndjson").read_text()
            if os.environ.get("GODWIT_WRITE_REPORTS"):
                expected.write_text(got)
            lines = difflib.unified_diff(expected.read_text().splitlines(), got.splitlines(), "expected", "reported", lineterm="")
            self.assertEqual("\n".join(lines), "", name)

    def test_the_rehearsal_said_the_same(self):
        def lines(name):
            return [{k: v for k, v in json.loads(line).items() if k != "userId"} for line in (self.folder.path / name).read_text().splitlines()]
        self.assertEqual(lines("rehearsal.ndjson"), lines("keycloak-acme.ndjson"))

    def search(self, path, org, **query):
        status, answer = self.server.call("POST", path, query, headers={"x-zitadel-orgid": org})
        self.assertEqual(status, 200, answer)
        return answer.get("result", [])

    def user_of(self, realm, name):
        for file in (VECTORS / "keycloak-26" / f"exp-{realm}").glob("*.json"):
            for user in json.loads(file.read_text()).get("users", []):
                if user["username"] == name:
                    return user
        raise LookupError(name)

    def test_roles_groups_and_attributes_are_where_they_belong(self):
        def grants(user, org):
            found = self.search("/management/v1/users/grants/_search", org, queries=[{"userIdQuery": {"userId": user}}])
            return {grant["projectName"]: sorted(grant["roleKeys"]) for grant in found}
        for name in (f"user{n}" for n in range(12)):
            user = self.user_of("acme", name)
            wanted = {"acme": [role for role in user["realmRoles"] if role == "editor"], "shop": user.get("clientRoles", {}).get("shop", [])}
            if user["groups"]:
                wanted["acme"] += ["support"]
            self.assertEqual(grants(user["id"], "acme"), {project: roles for project, roles in wanted.items() if roles}, name)
            metadata = {entry["key"]: entry["value"] for entry in self.search(f"/management/v1/users/{user['id']}/metadata/_search", "acme")}
            tier = user["attributes"]["tier"]
            self.assertEqual(base64.b64decode(metadata["tier"]).decode(), tier[0] if len(tier) == 1 else json.dumps(tier, separators=(",", ":")), name)
        self.assertEqual(grants("u1-251701", "org251701"), {"Project 1": ["reader"]})

    def test_links_lead_to_their_provider(self):
        linked = self.user_of("acme", "user4")
        for user, org, want in ((linked["id"], "acme", ("acme-google", linked["federatedIdentities"][0]["userId"])),
                                ("u1-251701", "org251701", ("idp1-251701", "ext-1"))):
            links = self.search(f"/management/v1/users/{user}/idps/_search", org)
            self.assertEqual([(link["idpId"], link["providedUserId"]) for link in links], [want])

    def test_a_service_account_is_a_machine_user(self):
        status, answer = self.server.call("GET", f"/v2/users/{self.user_of('acme', 'service-account-shop')['id']}")
        self.assertEqual((status, answer["user"]["machine"]["name"]), (200, "shop"))

    def test_people_sign_in_with_the_passwords_they_had(self):
        env = {**self.server.env, "GODWIT_BASE": self.server.base, "GODWIT_ADMIN_PAT": str(self.server.folder / "admin.pat"),
               "GODWIT_ENGINE": "postgres" if self.conninfo() else "sqlite",
               "GODWIT_SQL": self.conninfo() or str(self.server.folder / "data" / "directory.db"), "GODWIT_PEOPLE": json.dumps(people())}
        done = subprocess.run(["node", "--test", "tests/e2e/migrated.mjs"], cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=1200)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(int(re.search(r"^# pass (\d+)", done.stdout, re.MULTILINE).group(1)), len(people()))


class OnSqlite(Proof, unittest.TestCase):
    pass


class OnPostgres(Proof, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with contextlib.ExitStack() as stack:
            cls.database = stack.enter_context(Postgres()).create_database("godwit")
            cls.postgres = stack.pop_all()
        cls.addClassCleanup(cls.postgres.close)
        super().setUpClass()

    def conninfo(self):
        return self.database


if __name__ == "__main__":
    unittest.main()
