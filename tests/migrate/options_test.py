"""Each option and exit status of `godwit migrate`, as an operator types them, on both engines."""
import base64
import gzip
import json
import re
import subprocess
import unittest

from tests.harness.postgres import Postgres
from tests.harness.server import Server
from tests.migrate.workshop import BCRYPT, DONE, PAUSED, SOME_FAILED, UNREACHABLE, USAGE, VECTORS, Workshop, person


class Options(Workshop):
    def test_role_map_names_roles_and_groups(self):
        (self.folder / "roles.txt").write_text("# comment\n\nold-buyer = shop/buyer\nlegacy/admin=shop/clerk\n/staff = shop/clerk\n")
        users = self.file(person("r1", "rolf", userId="rolf", groups=["/staff", "/nobody"],
                                 grants=[{"project": "shop", "roles": ["old-buyer"]}, {"project": "legacy", "roles": ["admin", "guest"]}]))
        lines, _ = self.run_job(users, "--role-map", "roles.txt")
        self.assertEqual((lines[0]["outcome"], lines[0]["codes"]), ("partial", ["group.kept", "grant.unknown_project"]))
        self.assertEqual(lines[0]["lost"], ["grants[1].roles[guest]"])
        self.run_job(users, "--role-map", "missing.txt", want=USAGE)
        (self.folder / "bad.txt").write_text("no equals sign\n")
        self.run_job(users, "--role-map", "bad.txt", want=USAGE)
        self.run_job(users, "--role-map", self.folder, want=USAGE)
        (self.folder / "bad.txt").write_text("old-buyer = buyer\n")
        self.assertIn("project/role is due", self.run_job(users, "--role-map", "bad.txt", want=USAGE)[1].stderr)
        (self.folder / "bad.txt").write_text("a = shop/buyer\nb = shop/buyer\na = shop/clerk\n")
        self.assertIn("says what a is twice: shop/buyer and shop/clerk", self.run_job(users, "--role-map", "bad.txt", want=USAGE)[1].stderr)
        (self.folder / "bad.txt").write_bytes(b"a\xff = shop/buyer\n")
        self.assertIn("bad.txt is no text in UTF-8", self.run_job(users, "--role-map", "bad.txt", want=USAGE)[1].stderr)
        (self.folder / "bad.txt").write_text("/staff = shop/nope\n")
        self.assertIn('no project gives the role "shop/nope"', self.run_job(users, "--role-map", "bad.txt", want=USAGE)[1].stderr)
        (self.folder / "marked.txt").write_text("marked = shop/owner\n", encoding="utf-8-sig")
        lines, _ = self.run_job(self.file(person("r9", "rita", grants=[{"project": "shop", "roles": ["marked"]}])), "--role-map", "marked.txt")
        self.assertEqual((lines[0]["outcome"], lines[0]["codes"]), ("created", []))
        # Roles of a grant that is here: merge adds to them, update replaces them.
        more = self.file(person("r1", "rolf", userId="rolf", grants=[{"project": "shop", "roles": ["owner"]}]))
        with self.serving() as server:
            self.assertEqual(self.grants_of(server, "rolf"), {"Shop": ["buyer", "clerk"]})
        source = f"source{self.number - 1}"
        self.run_job(more, "--on-conflict", "merge", source=source)
        with self.serving() as server:
            self.assertEqual(self.grants_of(server, "rolf"), {"Shop": ["buyer", "clerk", "owner"]})
        less = self.file(person("r1", "rolf", userId="rolf", grants=[{"project": "shop", "roles": ["clerk"]}]))
        lines, _ = self.run_job(less, "--on-conflict", "update", "--update", "profile", source=source)
        with self.serving() as server:
            self.assertEqual(self.grants_of(server, "rolf"), {"Shop": ["buyer", "clerk", "owner"]}, "only the groups that are named")
        again = self.file(person("r1", "rolf", userId="rolf", nickName="", grants=[{"project": "shop", "roles": ["buyer"]}]))
        self.run_job(again, "--on-conflict", "update", "--update", "grants", source=source)
        with self.serving() as server:
            self.assertEqual(self.grants_of(server, "rolf"), {"Shop": ["buyer"]})

    def test_idp_map_names_providers(self):
        users = self.file(person("l1", "lena", userId="lena", idpLinks=[{"idp": "corp", "externalId": "1"}]),
                          person("l2", "lars", idpLinks=[{"idp": "unknown", "externalId": "2"}]))
        lines, _ = self.run_job(users, "--idp-map", "corp=sso")
        self.assertEqual([line["outcome"] for line in lines], ["created", "partial"])
        self.assertEqual(lines[1]["codes"], ["link.unknown_idp"])
        self.run_job(users, "--idp-map", "corp", want=USAGE)
        self.assertIn("is twice", self.run_job(users, "--idp-map", "corp=sso", "--idp-map", "corp=other", want=USAGE)[1].stderr)
        in_new = ("run", "--from", "godwit", users, "--org", "Newly made")
        self.assertIn('"corp = nope": no identity provider has the id or name "nope"',
                      self.migrate(*in_new, "--create-org", "--idp-map", "corp=nope", want=USAGE).stderr)
        self.migrate(*in_new, "--create-org", "--idp-map", "corp=", want=USAGE)
        self.migrate(*in_new, "--create-org", "--user-name", "{nobody}", want=USAGE)
        self.assertIn("no organization", self.migrate(*in_new, want=USAGE).stderr, "a job that is not made leaves none behind")
        by_name = self.file(person("l3", "lola", idpLinks=[{"idp": "corp", "externalId": "3"}]))
        lines, _ = self.run_job(by_name, "--idp-map", "corp=Company SSO")
        self.assertEqual(lines[0]["outcome"], "created")

    def test_user_name_is_a_template(self):
        users = self.file(person("t1", "tina", email={"address": "tina@acme.example", "verified": True}))
        self.run_job(users, "--user-name", "{userName}+{sourceId}@legacy")
        with self.serving() as server:
            status, answer = server.call("POST", "/management/v1/users/_search", {"queries": [{"userNameQuery": {"userName": "tina+t1@legacy"}}]},
                                         headers={"x-zitadel-orgid": "acme"})
            self.assertEqual((status, len(answer.get("result", []))), (200, 1), answer)
        for template in ("{nothing}", "{userName", "same-for-all"):
            self.run_job(self.file(person("t2", "tom")), "--user-name", template, want=USAGE)

    def test_two_realms_come_beside_each_other(self):
        for realm, path in (("acme", "exp-acme"), ("globex", "exp-globex/globex-realm.json")):
            lines, _ = self.run_job(VECTORS / "keycloak-26" / path, "--user-name", "{userName}@{realm}", kind="keycloak", source=f"kc-{realm}")
            self.assertEqual(len(lines), 15)
            self.assertEqual([line for line in lines if line["outcome"] in ("failed", "skipped")], [])

    def test_passwords_are_joined_by_id(self):
        users = self.file({"user_id": "auth0|p1", "email": "p1@acme.example", "email_verified": True},
                          {"user_id": "auth0|p2", "email": "p2@acme.example", "email_verified": True})
        hashes = self.file({"_id": {"$oid": "p2"}, "passwordHash": BCRYPT}, {"_id": {"$oid": "gone"}, "passwordHash": BCRYPT})
        lines, done = self.run_job(users, "--passwords", hashes, kind="auth0")
        self.assertEqual([line["codes"] for line in lines], [["password.none"], []])
        self.assertIn("source.unmatched", done.stderr)
        self.run_job(users, "--passwords", "missing.ndjson", kind="auth0", want=USAGE)
        self.assertIn("only to auth0", self.run_job(users, "--passwords", hashes, want=USAGE)[1].stderr)
        self.assertIn("only to csv, tsv, ndjson", self.run_job(users, "--mapping", hashes, kind="auth0", want=USAGE)[1].stderr)

    def test_mapping_says_what_columns_are(self):
        table = self.folder / "table.csv"
        table.write_text("nr;login;rang\n1;mia;gold\n2;test;\n")
        mapping = self.folder / "mapping.yaml"
        mapping.write_text('version: 1\ndelimiter: ";"\nskip: {field: login, is: test}\nrecord:\n  sourceId: "{nr}"\n  userName: "{login}"\n'
                           '  userId: "m{nr}"\n  metadata.tier: "{rang}"\n')
        lines, _ = self.run_job(table, "--mapping", mapping, kind="csv", source="table")
        self.assertEqual([(line["outcome"], line["codes"]) for line in lines], [("created", []), ("skipped", ["record.skipped"])])
        with self.serving() as server:
            status, answer = server.call("POST", "/management/v1/users/m1/metadata/_search", {}, headers={"x-zitadel-orgid": "acme"})
            self.assertEqual((status, answer["result"][0]["key"], answer["result"][0]["value"]), (200, "tier", "Z29sZA=="))
        mapping.write_text("record:\n  userName: [\n")
        self.run_job(table, "--mapping", mapping, kind="csv", source="table", want=USAGE)

    def test_org_is_found_or_made(self):
        users = self.file(person("o1", "olga"))
        place = [*self.place(), "--masterkeyFile", self.folder / "masterkey"]
        self.migrate("run", "--from", "godwit", users, "--org", "nowhere", want=USAGE)
        self.migrate("run", "--from", "godwit", users, "--org", " ", "--create-org", want=USAGE)
        self.assertIn("nowhere", self.run_job(users, "--org-map", "Old=nowhere", want=USAGE)[1].stderr)
        rehearsed = self.migrate("run", "--from", "godwit", users, "--org", "Brand New", "--create-org", "--dry-run")
        self.assertIn("1 record: 1 created", rehearsed.stdout)
        self.assertIn("Brand New", self.migrate("run", "--from", "godwit", users, "--org", "Brand New", want=USAGE).stderr, "a rehearsal makes none")
        self.migrate("run", "--from", "godwit", users, "--org", "Brand New", "--create-org")
        done = self.migrate("run", "--from", "godwit", users, "--org", "Brand New", "--source", "again")
        self.assertIn("1 skipped", done.stdout, place)
        named = self.file(person("o2", "otto", organization={"name": "Another New"}), person("o3", "oda", organization={"id": "globex"}))
        lines, _ = self.run_job(named, want=SOME_FAILED)
        self.assertEqual([line["codes"] for line in lines], [["org.unknown"], []])
        lines, _ = self.run_job(named, "--create-org")
        self.assertEqual([line["outcome"] for line in lines], ["created", "skipped"])

    def test_strict_minds_what_came_in_part(self):
        users = self.file(person("x1", "xeno", phone={"number": "12"}))
        self.run_job(users)
        self.run_job(self.file(person("x2", "xara", phone={"number": "12"})), "--strict", want=SOME_FAILED)

    def test_max_errors_pauses_and_the_same_command_goes_on(self):
        (self.folder / "many.txt").write_text("".join(f"role{n} = shop/seasonal\n" for n in range(9)))
        users = self.file("{", "{", person("e1", "emil"), "{", person("e2", "edda"))
        args = ("--max-errors", "2", "--role-map", "many.txt")
        with self.serving() as server:
            status, answer = server.call("POST", "/management/v1/projects/shop/roles", {"roleKey": "seasonal", "displayName": "Seasonal"},
                                         headers={"x-zitadel-orgid": "acme"})
            self.assertEqual(status, 200, answer)
        _, first = self.run_job(users, *args, want=PAUSED)
        job = re.search(r"resume (\d+)", first.stdout).group(1)
        self.assertIn("paused", self.migrate("status", job).stdout)
        with self.serving() as server:  # what a map leads to counts when the job is made
            status, answer = server.call("DELETE", "/management/v1/projects/shop/roles/seasonal", headers={"x-zitadel-orgid": "acme"})
            self.assertEqual(status, 200, answer)
        _, second = self.run_job(users, *args, want=SOME_FAILED)
        self.assertIn(f"migration {job}: done", second.stdout, "the same command is the same job")
        self.assertIn("5 records: 2 created", second.stdout)
        for verb in ("resume", "pause", "cancel"):
            self.assertIn(f"{job} is done", self.migrate(verb, job, want=USAGE).stderr)
        for number in ("0", "-3", "many"):
            self.run_job(users, "--max-errors", number, want=USAGE)
            self.run_job(users, "--limit", number, want=USAGE)
        self.migrate("resume", "12345", want=USAGE)

    def test_other_files_do_not_go_on_in_place_of_those_of_the_job(self):
        text = "".join(json.dumps(person(f"q{n}", f"quint{n}")) + "\n" for n in range(9))
        users = self.file("{", "{", *text.splitlines())
        whole = users.read_text()
        _, first = self.run_job(users, "--max-errors", "2", source="others", want=PAUSED)
        job = re.search(r"resume (\d+)", first.stdout).group(1)
        paused = self.migrate("status", job).stdout
        self.assertIn("the run pauses at 2", paused)
        last = int(re.search(r"record (\d+)", paused).group(1))
        self.assertGreater(last, 3, "so that there is something to go on behind")
        report, page = self.folder / "kept.ndjson", self.folder / "kept.html"
        report.write_text("of an earlier run\n")
        page.write_text("likewise\n")
        for text, what in (("{\n" + whole, 'record 3 was "q0" and is ""'), (whole.replace("q0", "x0"), 'record 3 was "q0" and is "x0"'),
                           ("{\n", f"the job has taken {last} records, and the files end after 1")):
            users.write_text(text)
            self.assertIn(what, self.migrate("resume", job, "--report", report, "--html", page, want=USAGE).stderr)
            self.assertEqual(self.migrate("status", job).stdout, paused, "its state, its reason, where it stands")
        users.write_text(whole.replace("q0", "x0"))
        lines, again = self.run_job(users, "--max-errors", "2", source="others", want=USAGE)
        self.assertIn('record 3 was "q0"', again.stderr, "the same command is the same job")
        self.assertEqual((lines, self.migrate("status", job).stdout), ([], paused))
        users.write_text(whole)
        self.assertIn("11 records: 9 created, 2 failed", self.migrate("resume", job, want=SOME_FAILED).stdout)
        self.assertIn("is done", self.migrate("resume", job, "--report", report, "--html", page, want=USAGE).stderr)
        self.assertEqual((report.read_text(), page.read_text()), ("of an earlier run\n", "likewise\n"))

    def test_a_report_on_standard_output_stands_there_alone(self):
        done = self.migrate("run", "--from", "godwit", self.file(person("y1", "yara")), "--org", "acme", "--source", "alone", "--report", "-")
        self.assertEqual([json.loads(line)["outcome"] for line in done.stdout.splitlines()], ["created"])
        self.assertIn("1 record: 1 created", done.stderr)

    def test_on_conflict(self):
        self.run_job(self.file(person("c1", "cora", userId="cora", metadata={"a": "1"})), source="conflicts")
        changed = self.file(person("c1", "cora", userId="cora", metadata={"a": "2", "b": "3"}))
        for how, outcome, status in (("skip", "skipped", DONE), ("fail", "failed", SOME_FAILED), ("merge", "updated", DONE)):
            lines, _ = self.run_job(changed, "--on-conflict", how, source="conflicts", want=status)
            self.assertEqual(lines[0]["outcome"], outcome, how)
        changed = self.file(person("c1", "cora", userId="cora", metadata={"a": "9"}))
        lines, _ = self.run_job(changed, "--on-conflict", "update", source="conflicts")
        self.assertEqual(lines[0]["outcome"], "updated")
        with self.serving() as server:
            _, answer = server.call("POST", "/management/v1/users/cora/metadata/_search", {}, headers={"x-zitadel-orgid": "acme"})
            self.assertEqual({entry["key"]: entry["value"] for entry in answer["result"]}, {"a": "OQ==", "b": "Mw=="})
        self.run_job(changed, "--on-conflict", "perhaps", want=USAGE)
        self.run_job(changed, "--update", "profile", want=USAGE)
        self.run_job(changed, "--match", "shoe-size", want=USAGE)

    def test_profiles_first_secrets_later_is_one_user(self):
        announced = self.file(person("s1", "sina", userId="sina"))
        lines, _ = self.run_job(announced, "--announce", "--pattern", "just-in-time", source="later")
        self.assertEqual((lines[0]["outcome"], lines[0]["codes"]), ("skipped", ["record.announced"]))
        self.run_job(announced, source="later")
        job = self.migrate("list").stdout.split()[0]
        self.assertIn("users of later: 1 no_secret", self.migrate("status", job).stdout)
        secrets = self.file(person("s1", "sina", userId="sina", password={"hash": BCRYPT}))
        lines, _ = self.run_job(secrets, "--on-conflict", "merge", source="later")
        self.assertEqual(lines[0]["outcome"], "updated")
        self.assertIn("users of later: 1 arrived", self.migrate("status", job).stdout)
        with self.serving() as server:
            status, answer = server.call("POST", "/v2/sessions", {"checks": {"user": {"userId": "sina"}, "password": {"password": "Password1!"}}})
            self.assertEqual(status, 201, answer)
        self.assertIn("users of later: 1 signed_in", self.migrate("status", job).stdout)
        self.run_job(announced, "--pattern", "carrier-pigeon", want=USAGE)

    def test_failed_records_come_back_as_their_source(self):
        users = self.file(person("f1", "fred"), '{"sourceId":"f2"}', person("f3", "fay", organization={"name": "nowhere"}))
        _, done = self.run_job(users, want=SOME_FAILED)
        job = re.search(r"migration (\d+)", done.stdout).group(1)
        failed = self.migrate("report", job, "--failed").stdout.splitlines()
        self.assertEqual([json.loads(line)["record"] for line in failed], [2, 3])
        self.migrate("report", job, "--failed", "--as-source", "--report", "back.ndjson")
        self.assertEqual((self.folder / "back.ndjson").read_text().splitlines(), users.read_text().splitlines()[1:])
        self.migrate("report", job, "--as-source", want=USAGE)
        kept = users.read_text()
        for other, what in (("", "not in them any more"), (kept.replace('"sourceId": "f', '"sourceId": "g'), "files are not those of the run")):
            users.write_text(other)
            self.assertIn(what, self.migrate("report", job, "--failed", "--as-source", "--report", "back.ndjson", want=USAGE).stderr)
        users.write_text(kept)
        self.migrate("report", job, "--html", "page.html")
        self.assertIn("<svg", (self.folder / "page.html").read_text())
        whole = self.migrate("report", job).stdout.splitlines()
        self.assertEqual([json.loads(line)["outcome"] for line in whole], ["created", "failed", "failed"])

    def test_a_source_without_users_is_no_success(self):
        lines, done = self.run_job(VECTORS / "keycloak-26/exp-acme/acme-realm.json", kind="keycloak", want=SOME_FAILED)
        self.assertEqual(lines, [])
        self.assertIn("acme-users-0.json", done.stderr)
        self.assertIn("source.no_users", done.stderr)

    def test_what_has_no_place_is_kept_as_metadata(self):
        users = self.file(person("k1", "kim", userId="kim", requiredActions=["CONFIGURE_TOTP", "UPDATE_PASSWORD"], emails=[{"address": "k2@acme.example"}],
                                 avatar={"data": "AAEC"}, consents=[{"clientId": "shop", "scopes": ["email"]}], password={"hash": BCRYPT},
                                 groups=["/staff", "/staff/support"]))
        lines, _ = self.run_job(users)
        self.assertEqual((lines[0]["outcome"], sorted(lines[0]["codes"])),
                         ("created", ["avatar.kept", "consent.kept", "email.additional", "group.kept", "required_action.kept"]))
        with self.serving() as server:
            _, answer = server.call("POST", "/management/v1/users/kim/metadata/_search", {}, headers={"x-zitadel-orgid": "acme"})
            kept = {entry["key"]: entry["value"] for entry in answer["result"]}
        self.assertEqual(kept["migration.avatar"], "AAEC")
        self.assertEqual(sorted(kept),
                         ["migration.avatar", "migration.consents", "migration.emails", "migration.groups", "migration.required_actions"])
        self.assertEqual(json.loads(base64.b64decode(kept["migration.groups"])), ["/staff", "/staff/support"])

    def test_what_cannot_be_written_is_known_before_the_run(self):
        users = self.file(person("w1", "wim"))
        for option in ("--report", "--html"):
            self.migrate("run", "--from", "godwit", users, "--org", "acme", "--source", "unwritten", option, "no/such/folder/file", want=USAGE)
        self.assertNotIn("created", self.migrate("list").stdout.split("unwritten")[1].split("\n")[0])

    def test_a_file_that_breaks_off_brings_what_came_before(self):
        path = self.folder / "cut.ndjson.gz"
        whole = gzip.compress("".join(json.dumps(person(f"b{n}", f"broken{n}")) + "\n" for n in range(2000)).encode())
        path.write_bytes(whole[:-100])
        lines, done = self.run_job(path, source="broken", want=UNREACHABLE)
        self.assertIn("the gzip file is cut off", done.stdout)
        self.assertGreater(len(lines), 1000)
        self.assertEqual({line["outcome"] for line in lines}, {"created"})
        path.write_bytes(whole)
        job = self.migrate("list").stdout.split()[0]
        self.assertIn("2000 records: 2000 created", self.migrate("resume", job).stdout)

    def test_wrong_usage_and_what_is_out_of_reach(self):
        users = self.file(person("u1", "ulla"))
        self.run_job(users, kind="myspace", want=USAGE)
        self.run_job("missing.ndjson", want=USAGE)
        done = subprocess.run([self.server.binary, "migrate", "list", *map(str, self.place()), "--masterkey", "0123456789abcdef0123456789abcdef"],
                              capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual(done.returncode, UNREACHABLE, done.stderr)
        self.run_job(self.file(), want=SOME_FAILED)
        self.assertEqual(subprocess.run([self.server.binary, "migrate", "list", "--server", "http://localhost:1", "--token-file", str(self.folder)],
                                        capture_output=True, check=False, timeout=60).returncode, USAGE)


class OnSqlite(Options, unittest.TestCase):
    def test_a_running_server_keeps_its_files(self):
        self.run_job(self.file(person("m1", "mona")))
        with self.serving():
            job = self.migrate("list").stdout.split()[0]
            for verb in ("status", "report"):
                self.migrate(verb, job)
            for verb in ("pause", "cancel", "resume"):
                self.assertIn("--server URL", self.migrate(verb, job, want=UNREACHABLE).stderr)

    def test_a_mistyped_folder_stays_absent(self):
        for verb in (["list"], ["cancel", "1"]):
            done = subprocess.run([self.server.binary, "migrate", *verb, "--data", str(self.folder / "dta"), "--masterkeyFile", str(self.folder / "masterkey")],
                                  capture_output=True, text=True, check=False, timeout=60)
            self.assertEqual((done.returncode, "there is no database at" in done.stderr), (USAGE, True), done.stderr)
        self.assertFalse((self.folder / "dta").exists())


class OnPostgres(Options, unittest.TestCase):
    """Its databases are named in a file, by --config."""

    @classmethod
    def setUpClass(cls):
        postgres = Postgres()
        cls.addClassCleanup(postgres.__exit__)
        cls.database = postgres.create_database("godwit")
        super().setUpClass()
        part = dict(p.split("=", 1) for p in cls.database.split())
        (cls.folder / "postgres.yaml").write_text("Database:\n  postgres:\n    Host: {host}\n    Database: {dbname}\n    User:\n      Username: {user}\n".format(**part))

    def place(self):
        return ["--config", self.folder / "postgres.yaml", "--data", self.folder / "data"]

    def test_a_server_may_run_meanwhile(self):
        with self.serving():
            lines, _ = self.run_job(self.file(person("m1", "mona")))
            self.assertEqual(lines[0]["outcome"], "created")


class WithoutDatabase(unittest.TestCase):
    """inspect, map and schema ask no database."""

    migrate, file = Workshop.migrate, Workshop.file
    number = 0

    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.folder = cls.server.folder

    def test_inspect(self):
        done = self.migrate("inspect", VECTORS / "keycloak-26/exp-acme")
        self.assertIn("looks like --from keycloak", done.stderr)
        self.assertIn("15  records", done.stdout)
        told = json.loads(self.migrate("inspect", VECTORS / "keycloak-26/exp-acme", "--json").stdout)
        self.assertEqual((told["records"], told["humans"], told["machines"], told["failed"]), (15, 14, 1, 0))
        self.migrate("inspect", VECTORS / "keycloak-26/exp-acme/acme-realm.json", want=SOME_FAILED)
        self.migrate("inspect", "--from", "godwit", self.file("{"), want=SOME_FAILED)
        self.migrate("inspect", want=USAGE)
        self.migrate("inspect", "--from", "myspace", self.file("{"), want=USAGE)

    def test_packed_and_utf_16_files(self):
        text = json.dumps(person("1", "ada")) + "\n"
        (self.folder / "a.ndjson.gz").write_bytes(gzip.compress(text.encode()))
        (self.folder / "b.ndjson").write_bytes(text.encode("utf-16"))
        for name in ("a.ndjson.gz", "b.ndjson"):
            self.assertEqual(json.loads(self.migrate("inspect", "--from", "godwit", name, "--json").stdout)["humans"], 1, name)

    def test_map_suggests_what_inspect_takes(self):
        (self.folder / "u.csv").write_text("User ID,Login,Mail,Confirmed,Favourite Colour\n1,ada,ada@acme.example,yes,red\n2,bo,bo@acme.example,no,blue\n")
        suggested = self.migrate("map", "--suggest", "u.csv").stdout
        (self.folder / "suggested.yaml").write_text(suggested)
        told = json.loads(self.migrate("inspect", "--from", "csv", "u.csv", "--mapping", "suggested.yaml", "--json").stdout)
        self.assertEqual((told["humans"], told["failed"]), (2, 0), suggested)
        self.migrate("map", "--suggest", "missing.csv", want=1)

    def test_schema_describes_the_record(self):
        schema = json.loads(self.migrate("schema").stdout)
        self.assertIn("$schema", schema)
        text = json.dumps(schema)
        for member in ("sourceId", "userName", "totp", "passkeys", "idpLinks", "grants", "requiredActions", "subjectAliases"):
            self.assertIn(f'"{member}"', text)

    def test_a_join_takes_little_memory_however_long_the_file(self):
        """The hashes of Auth0 lie on disk: sixteen times as many take no more memory than their index may keep, which is 32 MiB."""
        peaks = []
        for count in (20_000, 320_000):
            users, hashes = self.folder / "many.ndjson", self.folder / "hashes.ndjson"
            with open(users, "w", encoding="utf-8") as one, open(hashes, "w", encoding="utf-8") as other:
                for n in range(count):
                    one.write(f'{{"user_id":"auth0|{n:024x}","email":"u{n}@acme.example","email_verified":true}}\n')
                    other.write(f'{{"_id":{{"$oid":"{count - 1 - n:024x}"}},"passwordHash":"{BCRYPT}"}}\n')
            done = subprocess.run(["/usr/bin/env", "python3", "-c", "import resource,subprocess,sys\n"
                                   "code = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE).stdout.decode()\n"
                                   "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\nprint(code)",
                                   str(self.server.binary), "migrate", "inspect", "--from", "auth0", str(users), "--passwords", str(hashes), "--json"],
                                  capture_output=True, text=True, check=True, timeout=300)
            peak, told = done.stdout.split("\n", 1)
            self.assertEqual(json.loads(told)["passwords"], {"bcrypt": count})
            peaks.append(int(peak))
        self.assertLess(peaks[1] - peaks[0], 32 * 1024, f"KiB of {peaks}")


if __name__ == "__main__":
    unittest.main()
