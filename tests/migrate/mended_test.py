"""`report --failed --as-source`, for every kind: what it writes, mended with an editor, goes in again by `run`."""
import json
import re
import subprocess
import unittest

from tests.migrate.workshop import SOME_FAILED, Workshop

# Ids that only this program makes.
GENERATED, ANOTHER = "4611686018427387904", "4611686018427387905"
PASSKEY = {"type": "webauthn", "userLabel": "key", "createdDate": 1700000000000, "secretData": "{}", "credentialData": json.dumps({
    "aaguid": "00000000-0000-0000-0000-000000000000", "credentialId": "AAAA", "counter": 0, "attestationStatementFormat": "none",
    "credentialPublicKey": "pQECAyYgASFYIGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWIlggT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"})}


def zitadel(user_id, name):
    return {"userId": user_id, "user": {"userName": name, "profile": {"firstName": "F", "lastName": "L"}, "email": {"email": name + "@z.example"}}}


def org(**members):
    return {"orgId": "acme", "org": {"name": "Acme"}, **members}


# kind, name of the file, what is in it, what an editor changes, the source ids that then arrive.
FILES = [
    ("godwit", "g.ndjson", '{"sourceId":"g1","userName":"g1"}\n{"sourceId":"g2","userName":" "}\n{"sourceId":"g3","userName":"g3"\n',
     [('" "', '"g2"'), ('"g3"\n', '"g3"}\n')], ["g2", "g3"]),
    ("ndjson", "n.ndjson", '{"id":"n1","username":"n1"}\n{"id":"","username":""}\n{"id":"n3","username":" "}\n',
     [('"id":"","username":""', '"id":"n2","username":"n2"'), ('" "', '"n3"')], ["n2", "n3"]),
    ("csv", "c.csv", 'id;username;note\r\nc1;c1;\r\n;;"a ""b"""\r\n1.10E+18;c3;\r\n',
     [(';;"a ""b"""', 'c2;"c2";'), ("1.10E+18", "c3")], ["c2", "c3"]),
    ("tsv", "t.tsv", "id\tusername\nt1\tt1\n1.10E+18\tt2\n", [("1.10E+18", "t2")], ["t2"]),
    ("keycloak", "k.json", json.dumps({"realm": "r", "webAuthnPolicyRpId": "r.example", "users": [
        {"id": "k1", "username": "k1", "enabled": True}, {"id": GENERATED, "username": "k2", "enabled": True, "credentials": [PASSKEY]},
        {"id": "k3", "username": " ", "enabled": True}]}, indent=1), [(GENERATED, "k2"), ('" "', '"k3"')], ["k2", "k3"]),
    ("auth0", "a.ndjson", '{"user_id":"auth0|1","username":"a1"}\n{"app_metadata":{}}\n', [("{}", '{},"user_id":"auth0|2","username":"a2"')], ["auth0|2"]),
    ("auth0", "a.json", '[{"user_id":"auth0|3","username":"a3"},{"app_metadata":{}}]', [("{}", '{},"user_id":"auth0|4","username":"a4"')], ["auth0|4"]),
    ("auth0", "a.csv", "Id,Name,Email\nauth0|5,N,a5@z.example\n,X,\n", [(",X,", "auth0|6,X,a6@z.example")], ["auth0|6"]),
    ("zitadel", "z.json", json.dumps({"dataOrgs": {"orgs": [org(
        humanUsers=[zitadel("z1", "z1"), zitadel(GENERATED, "z2")], machineUsers=[{"userId": ANOTHER, "user": {"userName": "z3", "name": "z3"}}],
        userGrants=[{"userId": GENERATED, "projectId": "shop", "roleKeys": ["buyer"]}])]}}), [(GENERATED, "z2"), (ANOTHER, "z3")], ["z2", "z3"]),
    ("zitadel", "z1.json", json.dumps({"orgs": [org(humanUsers=[zitadel("z4", "z4"), zitadel(GENERATED, "z5")])]}), [(GENERATED, "z5")], ["z5"]),
]


class Mended(Workshop):
    def test_failed_records_are_mended_and_arrive(self):
        for kind, name, text, changes, arrive in FILES:
            with self.subTest(file=name):
                (self.folder / name).write_bytes(text.encode())
                _, done = self.run_job(self.folder / name, kind=kind, source="of " + name, want=SOME_FAILED)
                job = re.search(r"migration (\d+)", done.stdout).group(1)
                back = self.folder / ("back-" + name)
                self.migrate("report", job, "--failed", "--as-source", "--report", back)
                text = back.read_bytes().decode()
                for what, mended in changes:
                    self.assertIn(what, text)
                    text = text.replace(what, mended)
                back.write_bytes(text.encode())
                lines, _ = self.run_job(back, kind=kind, source="of " + name)
                self.assertEqual([(line["sourceId"], line["outcome"]) for line in lines], [(one, "created") for one in arrive], text)
                self.assertNotIn("passkey.no_rp_id", sum((line["codes"] for line in lines), []))

    def test_what_was_too_long_is_not_written_in_part(self):
        for kind, name, head, long, other in (
                ("csv", "long.csv", "id;username;note\n", "l1;l1;" + ";" * 100_000 + "\n", "1.10E+18;l2;\n"),
                ("godwit", "long.ndjson", "", '{"sourceId":"l1","userName":"l1","nickName":"' + "x" * (16 << 20) + '"}\n',
                 '{"sourceId":"l2","userName":" "}\n')):
            with self.subTest(file=name):
                (self.folder / name).write_text(head + long + other)
                lines, done = self.run_job(self.folder / name, kind=kind, source="of " + name, want=SOME_FAILED)
                self.assertEqual(lines[0]["codes"], ["record.too_long"])
                job = re.search(r"migration (\d+)", done.stdout).group(1)
                back = self.folder / ("back-" + name)
                told = self.migrate("report", job, "--failed", "--as-source", "--report", back, want=SOME_FAILED).stderr
                self.assertRegex(told, f"record 1 is left out, mend it in the files themselves: .*{name}")
                self.assertEqual(back.read_text(), head + other)


class OnTheDatabase(Mended, unittest.TestCase):
    pass


class OnAServer(Mended, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.start("start")

    def migrate(self, verb, *args, want=0, limits=None):
        command = [self.server.binary, "migrate", verb, *args, "--server", self.server.base, "--token-file", self.folder / "admin.pat"]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, timeout=300, cwd=self.folder)
        self.assertEqual(done.returncode, want, f"{command}\n{done.stdout}{done.stderr}")
        return done


if __name__ == "__main__":
    unittest.main()
