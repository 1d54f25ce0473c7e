"""`godwit migrate run` killed at random moments, and run again: in the end every record is as in a run that nobody disturbed."""
import contextlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time
import unittest

from tests.harness.postgres import Postgres
from tests.harness.server import MASTER_KEY, Server
from tests.migrate.workshop import full_pipe

RECORDS = int(os.environ.get("GODWIT_MIGRATE_RECORDS", 20_000))
HASHES = ["$2b$10$SCHPBhOaQajJr45SH2wjXe5jFf79KGdMc0raWD3V0n7BI4z.ILYSS",
          "$pbkdf2-sha256$6400$0ZrzXitFSGltTQnBWOsdAw$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M"]


def record(n, mix):
    """A person of the mix of bench/: two metadata, a grant, 0.3 links, 0.1 TOTP; some of them wrong, some in each other's way."""
    if n % 997 == 0:
        return "not JSON"
    name = f"user{n - 1 if n % 499 == 0 else n}"
    out = {"sourceId": f"legacy|{n:08x}", "userName": name, "state": "active",
           "profile": {"givenName": mix.choice(["Ada", "Bo", "Cy"]), "familyName": f"L{n}", "preferredLanguage": "en"},
           "email": {"address": f"{name}@acme.example", "verified": True}, "password": {"hash": mix.choice(HASHES)},
           "metadata": {"tier": mix.choice(["gold", "lead"]), "legacy": str(n)},
           "grants": [{"project": "shop", "roles": ["buyer" if n % 211 else "nobody"]}]}
    if mix.random() < 0.3:
        out["idpLinks"] = [{"idp": "google", "externalId": f"11{n}"}]
    if mix.random() < 0.1:
        out["totp"] = [{"key": "JBSWY3DPEHPK3PXP"}]
    return json.dumps(out)


def write_records(path, count):
    mix = random.Random(7)
    with open(path, "w", encoding="utf-8") as file:
        for n in range(1, count + 1):
            file.write(record(n, mix) + "\n")


def end_state(data):
    """All that a migration leaves behind, but for generated ids and times."""
    queries = {
        "users": "SELECT name, state, org_id, kind, given_name, family_name, email, email_verified_at IS NULL, version FROM users",
        "passwords": "SELECT u.name, p.encoded, p.scheme FROM user_passwords p JOIN users u ON u.id = p.user_id",
        "metadata": "SELECT u.name, m.name, m.value FROM metadata m JOIN users u ON u.id = m.owner_id",
        "grants": "SELECT u.name, g.project_id, g.roles FROM user_grants g JOIN users u ON u.id = g.user_id",
        "links": "SELECT u.name, l.external_id FROM idp_links l JOIN users u ON u.id = l.user_id",
        "totp": "SELECT u.name, t.alg FROM user_totp t JOIN users u ON u.id = t.user_id",
        "states": "SELECT r.external_id, r.state, r.outcome, r.record_no, r.hash64, u.name FROM external_refs r LEFT JOIN users u ON u.id = r.object_id",
        "issues": "SELECT record_no, source_id, outcome, codes FROM migration_issues",
        "events": "SELECT u.name, e.type, count(*) FROM events e JOIN users u ON u.id = e.agg_id GROUP BY u.name, e.type",
        "jobs": "SELECT j.state, m.state FROM migrations m JOIN jobs j ON j.id = m.id",
    }
    with contextlib.closing(sqlite3.connect(f"file:{data / 'directory.db'}?mode=ro", uri=True)) as database:
        return {name: sorted(database.execute(sql).fetchall(), key=repr) for name, sql in queries.items()}


class Migrate(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.folder = cls.server.folder
        with contextlib.ExitStack() as stack:
            stack.callback(cls.server.stop)
            cls.server.start()
            cls.prepare(cls.server)
        cls.records = cls.folder / "users.ndjson"
        write_records(cls.records, RECORDS)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder, ignore_errors=True)

    @classmethod
    def prepare(cls, server):
        status, org = server.call("POST", "/management/v1/orgs", {"name": "Acme"})
        assert status == 200, org
        inside = {"x-zitadel-orgid": org["id"]}
        status, project = server.call("POST", "/management/v1/projects", {"name": "shop"}, headers=inside)
        assert status == 200, project
        status, role = server.call("POST", f"/management/v1/projects/{project['id']}/roles", {"roleKey": "buyer", "displayName": "Buyer"}, headers=inside)
        assert status == 200, role
        status, idp = server.call("POST", "/management/v1/idps/generic_oidc", {
            "name": "google", "issuer": "https://accounts.example", "clientId": "c", "clientSecret": "s"}, headers=inside)
        assert status == 200, idp

    def copy(self, name):
        data = self.folder / name
        shutil.copytree(self.folder / "data", data)
        return data

    def command(self, data, *args):
        return [str(self.server.binary), "migrate", *map(str, args), "--data", str(data), "--masterkey", MASTER_KEY]

    def run_all(self, data, *more):
        return subprocess.run(self.command(data, "run", self.records, "--from", "godwit", "--org", "Acme", *more), capture_output=True, text=True,
                              check=False, timeout=300, env=self.server.env)

    def test_killed_at_any_moment_it_ends_the_same(self):
        whole = self.copy("whole")
        begun = time.monotonic()
        done = self.run_all(whole, "--report", self.folder / "report.ndjson", "--html", self.folder / "report.html")
        took = time.monotonic() - begun
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        lines = [json.loads(line) for line in (self.folder / "report.ndjson").read_text().splitlines()]
        self.assertEqual([line["record"] for line in lines], list(range(1, RECORDS + 1)))
        self.assertIn("<svg", (self.folder / "report.html").read_text())
        self.assertRegex(done.stderr, r"building indexes: 1 of (\d+)\n(building .*\n)*building indexes: \1 of \1\n")

        broken = self.copy("broken")
        chance = random.Random()
        kills = 0
        while kills < 20:
            process = subprocess.Popen(self.command(broken, "run", self.records, "--from", "godwit", "--org", "Acme"), stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL, env=self.server.env)
            try:
                process.wait(chance.uniform(0.02, max(0.2, took / 4)))
                break
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                kills += 1
        last = self.run_all(broken)
        self.assertIn(last.returncode, (0, 1), last.stdout + last.stderr)
        self.assertGreater(kills, 0)
        want, have = end_state(whole), end_state(broken)
        # A job that had ended when the last command came was followed by one that found everything unchanged.
        self.assertEqual([job for job in have["jobs"] if job != (3, 3)], [])
        if len(have["jobs"]) == 1:
            self.assertEqual(want["issues"], have["issues"])
        for name in ("users", "passwords", "metadata", "grants", "links", "totp", "states", "events"):
            self.assertEqual(want[name], have[name], name)

    def test_ctrl_c_stops_at_a_batch_and_resume_goes_on(self):
        data = self.copy("stopped")
        process = subprocess.Popen(self.command(data, "run", self.records, "--from", "godwit", "--org", "Acme", "--max-errors", "100000"),
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=self.server.env)
        until = time.monotonic() + 60
        while time.monotonic() < until and process.poll() is None:
            with contextlib.suppress(sqlite3.Error):
                with contextlib.closing(sqlite3.connect(f"file:{data / 'directory.db'}?mode=ro", uri=True)) as database:
                    if database.execute("SELECT count(*) FROM external_refs").fetchone()[0] > 0:
                        break
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
        if process.returncode == 1:
            self.skipTest("it was done before it was stopped")
        self.assertEqual(process.returncode, 4, out)
        job = out.split("resume ")[1].split()[0]
        resumed = subprocess.run(self.command(data, "resume", job), capture_output=True, text=True, check=False, timeout=300, env=self.server.env)
        self.assertEqual(resumed.returncode, 1, resumed.stdout + resumed.stderr)
        self.assertIn(f"{RECORDS} records", resumed.stdout)

    def test_other_files_do_not_take_the_places_of_records_put_off(self):
        data = self.copy("clashing")
        users, others, report = (self.folder / name for name in ("clashing.ndjson", "others.ndjson", "kept.ndjson"))
        twins = "".join(json.dumps({"sourceId": f"twin|{n}", "userName": "twin"}) + "\n" for n in (1, 2))
        users.write_text(twins + self.records.read_text())
        others.write_text("".join(json.dumps({"sourceId": f"other|{n}", "userName": f"other{n}"}) + "\n" for n in range(RECORDS + 2)))
        report.write_text("of an earlier run\n")

        def cursor():
            with contextlib.closing(sqlite3.connect(f"file:{data / 'directory.db'}?mode=ro", uri=True)) as database:
                return database.execute("SELECT id, cursor_pos, state, error FROM jobs WHERE kind = 'migration'").fetchone()
        with full_pipe() as nobody_reads:
            process = subprocess.Popen(self.command(data, "run", users, "--from", "godwit", "--org", "Acme"), stdout=subprocess.DEVNULL,
                                       stderr=nobody_reads, env=self.server.env)
            try:
                until = time.monotonic() + 60
                while not (stands := cursor()) or not stands[1]:
                    self.assertIsNone(process.poll())
                    self.assertLess(time.monotonic(), until)
                    time.sleep(0.005)
            finally:
                process.kill()
                process.wait()
        self.assertEqual(bytes(stands[1]).split()[2], b"2", "the second of the twins waits for the indexes")
        job, before = str(stands[0]), end_state(data)
        resume = {"capture_output": True, "text": True, "check": False, "timeout": 300, "env": self.server.env}
        refused = subprocess.run(self.command(data, "resume", job, others, "--report", report), **resume)
        self.assertEqual(refused.returncode, 2, refused.stdout + refused.stderr)
        self.assertIn("the files are not those of the run", refused.stderr)
        self.assertEqual((cursor(), end_state(data), report.read_text()), (stands, before, "of an earlier run\n"))
        resumed = subprocess.run(self.command(data, "resume", job), **resume)
        self.assertEqual(resumed.returncode, 1, resumed.stdout + resumed.stderr)
        self.assertIn(f"{RECORDS + 2} records", resumed.stdout)
        ids = [source_id for source_id, *_ in end_state(data)["states"]]
        self.assertIn("twin|1", ids)
        self.assertEqual([one for one in ids if one.startswith("other")], [])

    def test_a_rehearsal_predicts_the_run(self):
        data = self.copy("rehearsed")
        reports = []
        for more in (["--dry-run"], []):
            path = self.folder / "a.ndjson"
            done = self.run_all(data, "--report", path, *more)
            self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
            reports.append([{k: v for k, v in json.loads(line).items() if k != "userId"} for line in path.read_text().splitlines()])
        self.assertEqual(reports[0], reports[1])

    def test_failed_records_are_mended_and_sent_again(self):
        data = self.copy("mended")
        done = self.run_all(data)
        job = done.stdout.split()[1].rstrip(":")
        failed = self.folder / "failed.ndjson"
        wrote = subprocess.run(self.command(data, "report", job, "--failed", "--as-source", "--report", failed), capture_output=True, text=True,
                               check=False, timeout=300, env=self.server.env)
        self.assertEqual(wrote.returncode, 0, wrote.stderr)
        lines = failed.read_text().splitlines()
        self.assertGreater(len(lines), 0)
        source = self.records.read_text().splitlines()
        self.assertTrue(all(line in source for line in lines))
        mended = []
        for n, line in enumerate(lines):
            person = {"sourceId": f"mended|{n}", "userName": f"mended{n}"} if line == "not JSON" else json.loads(line)
            mended.append(json.dumps({**person, "userName": f"mended{n}"}))
        failed.write_text("\n".join(mended) + "\n")
        again = subprocess.run(self.command(data, "run", failed, "--from", "godwit", "--org", "Acme", "--create-org"), capture_output=True, text=True,
                               check=False, timeout=300, env=self.server.env)
        self.assertEqual(again.returncode, 0, again.stdout + again.stderr)


class LoadIntoPostgres(unittest.TestCase):
    """Large enough to come as an initial load, whose indexes are built last."""

    def test_who_comes_meanwhile_waits_and_finishes_what_a_kill_left(self):
        with Postgres() as cluster, Server(cluster.create_database("load")) as server:
            Migrate.prepare(server)
            server.stop()

            def ask(sql):
                return int(cluster.sql(sql, "load"))
            indexes = "SELECT count(*) FROM pg_indexes WHERE schemaname = 'godwit_directory'"
            users = "SELECT count(*) FROM godwit_directory.users WHERE name LIKE 'user%'"
            whole = ask(indexes)
            records = server.folder / "users.ndjson"
            write_records(records, max(RECORDS, 20_000))
            command = [str(server.binary), "migrate", "run", str(records), "--from", "godwit", "--org", "Acme", "--masterkey", MASTER_KEY]
            loader = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=server.env, cwd=server.folder)
            while ask(users) == 0:
                self.assertIsNone(loader.poll())
            loader.send_signal(signal.SIGSTOP)
            self.assertLess(ask(indexes), whole)
            server.start(wait=False)
            while "waiting for it to end" not in server.log():
                self.assertIsNone(server.process.poll(), server.log())
                time.sleep(0.1)
            loader.kill()
            loader.wait()
            server.wait_ready()
            self.assertEqual(ask(indexes), whole)
            self.assertEqual(ask("SELECT count(*) FROM godwit_directory.schema_state WHERE component = 'initial_load'"), 0)
            self.assertEqual(server.call("GET", "/auth/v1/users/me")[0], 200)
            rest = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, env=server.env, cwd=server.folder)
            self.assertEqual(rest.returncode, 1, rest.stdout + rest.stderr)
            refused = sum(n % 997 == 0 or (n % 499 == 0 and (n - 1) % 997 != 0) for n in range(1, max(RECORDS, 20_000) + 1))
            self.assertEqual(ask(users), max(RECORDS, 20_000) - refused)


if __name__ == "__main__":
    unittest.main()
