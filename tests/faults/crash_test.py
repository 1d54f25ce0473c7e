"""What was acknowledged survives kill -9, and no half of anything else does. On both engines, through the front door."""
import contextlib
import http.client
import json
import os
import random
import sqlite3
import threading
import time
import unittest

from tests.harness.postgres import Postgres
from tests.harness.server import Server

HASH = "$2b$04$abcdefghijklmnopqrstuuIPTYYV.Zp4rvD/5LwDwasuCbJdL0cRy"


class Writer(threading.Thread):
    """Imports users one after the other until the server dies; remembers what was acknowledged."""

    def __init__(self, server, name):
        super().__init__()
        self.server, self.label, self.done, self.stopping = server, name, [], False

    def run(self):
        connection = http.client.HTTPConnection("localhost", self.server.port, timeout=10)
        headers = {"Authorization": "Bearer " + self.server.pat(), "Content-Type": "application/json"}
        for n in range(1_000_000):
            name = f"{self.label}-{n}"
            body = json.dumps({"userName": name, "profile": {"firstName": "A", "lastName": "B"}, "email": {"email": name + "@example.com", "isEmailVerified": True},
                               "hashedPassword": {"value": HASH}, "otpCode": "JBSWY3DPEHPK3PXP"})
            try:
                connection.request("POST", "/management/v1/users/human/_import", body, headers)
                answer = connection.getresponse()
                raw = answer.read()
            except (OSError, http.client.HTTPException):
                answer = None
            if answer is None or answer.status != 200:
                return connection.close()
            self.done.append((json.loads(raw)["userId"], name))


class BulkWriter(Writer):
    """Imports organizations of users, one file after the other."""
    USERS = 40

    def run(self):
        connection = http.client.HTTPConnection("localhost", self.server.port, timeout=10)
        headers = {"Authorization": "Bearer " + self.server.pat(), "Content-Type": "application/json"}
        for n in range(1_000_000):
            org = f"{self.label}-{n}"
            users = [{"userId": f"{org}-{i}", "user": {"userName": f"{org}-{i}", "profile": {"firstName": "A", "lastName": "B"},
                                                       "email": {"email": f"{org}-{i}@example.com", "isEmailVerified": True}, "hashedPassword": {"value": HASH},
                                                       "otpCode": "JBSWY3DPEHPK3PXP"}} for i in range(self.USERS)]
            body = json.dumps({"timeout": "1m", "dataOrgs": {"orgs": [{"orgId": org, "org": {"name": org}, "humanUsers": users}]}})
            try:
                connection.request("POST", "/admin/v1/import", body, headers)
                answer = connection.getresponse()
                raw = answer.read()
            except (OSError, http.client.HTTPException):
                answer = None
            if answer is None or answer.status != 200:
                return connection.close()
            parsed = json.loads(raw)
            # A file that was cut short says so in its errors, and what it lists as imported is acknowledged all the same.
            self.done += [(user_id, org) for one in parsed.get("success", {}).get("orgs", []) for user_id in one.get("humanUserIds", [])]
            if parsed.get("errors"):
                return connection.close()


class Crash(unittest.TestCase):
    """kill -9 at random moments under single and bulk imports; GODWIT_FAULT_ROUNDS says how often (`./dev bench soak`: for long)."""
    ROUNDS = int(os.environ.get("GODWIT_FAULT_ROUNDS", "50"))

    # Both come in the one request that makes the user.
    HALF_THERE = ("SELECT COUNT(*) FROM {0}users u WHERE u.name >= '{1}' AND u.name < '{1}~' AND (NOT EXISTS (SELECT 1 FROM {0}user_passwords p WHERE p.user_id = u.id) "
                  "OR NOT EXISTS (SELECT 1 FROM {0}user_totp t WHERE t.user_id = u.id))")

    def half_there(self, server, postgres, prefix):
        if postgres:
            return int(postgres.sql(self.HALF_THERE.format("godwit_directory.", prefix), "crash"))
        with contextlib.closing(sqlite3.connect(f"file:{server.folder}/data/directory.db?mode=ro", uri=True)) as database:
            return database.execute(self.HALF_THERE.format("", prefix)).fetchone()[0]

    def ids(self, server, prefix, org=None):
        """The ids of the organization's users whose name begins with `prefix`."""
        found = set()
        while True:
            status, listed = server.call("POST", "/management/v1/users/_search", {"query": {"limit": 1000, "offset": str(len(found)), "asc": True}, "queries": [
                {"userNameQuery": {"userName": prefix, "method": "TEXT_QUERY_METHOD_STARTS_WITH"}}]}, headers={"x-zitadel-orgid": org} if org else {})
            self.assertEqual(status, 200, listed)
            page = {user["id"] for user in listed.get("result", [])}
            found |= page
            if len(page) < 1000:
                return found

    def check(self, server, postgres, round_no, writers):
        acknowledged = {}  # organization (None: the caller's own) → ids
        for writer in writers:
            for user_id, org in writer.done:
                acknowledged.setdefault(org if isinstance(writer, BulkWriter) else None, set()).add(user_id)
        for org, ids in acknowledged.items():
            there = self.ids(server, f"r{round_no}w", org)
            self.assertFalse(ids - there, "acknowledged users are gone")
            if org is None:
                self.assertLessEqual(len(there - ids), len(writers), "more unacknowledged users than requests were under way")
        self.assertEqual(self.half_there(server, postgres, f"r{round_no}w"), 0)
        # Doctor reads all there is, which grows: after the first rounds, now and then and at the end is enough to find what any of them left.
        if round_no >= 5 and round_no % 10 != 9 and round_no != self.ROUNDS - 1:
            return sum(map(len, acknowledged.values()))
        doctor = server.run_verb("doctor", "--json")
        self.assertEqual(doctor.returncode, 0, doctor.stdout + doctor.stderr)
        return sum(map(len, acknowledged.values()))

    def rounds(self, server, postgres=None):
        rng = random.Random(7)
        total = 0
        with server:
            for round_no in range(self.ROUNDS):
                writers = [Writer(server, f"r{round_no}w{w}") for w in range(4)] + [BulkWriter(server, f"r{round_no}w9")]
                for writer in writers:
                    writer.start()
                time.sleep(rng.uniform(0.02, 0.5))  # the moment is what varies
                if postgres and round_no % 5 == 4:
                    postgres.stop("immediate")
                server.kill()
                for writer in writers:
                    writer.join()
                if postgres and round_no % 5 == 4:
                    postgres.start()
                server.start()
                total += self.check(server, postgres, round_no, writers)
        self.assertGreater(total, 2 * self.ROUNDS)

    def test_sqlite(self):
        self.rounds(Server())

    def test_postgres(self):
        with Postgres() as postgres:
            self.rounds(Server(postgres.create_database("crash")), postgres)


class Refusals(unittest.TestCase):
    """Starts that must not happen say why, and change nothing."""

    def refused(self, server, *words):
        server.process.wait(20)
        self.assertEqual(server.process.returncode, 1)
        for word in words:
            self.assertIn(word, server.log())

    def test_second_process_on_the_same_files(self):
        with Server() as first:
            second = Server()
            second.args = [first.folder / "data" if str(a).endswith("/data") else a for a in second.args]
            second.start(wait=False)
            self.refused(second, "another")
            self.assertEqual(first.call("GET", "/management/v1/orgs/me")[0], 200)

    def test_wrong_master_key(self):
        server = Server()
        with server:
            pass_key = server.args.index("--masterkey") + 1
            server.stop()
            right = server.args[pass_key]
            server.args[pass_key] = "x" * 32
            server.start(wait=False)
            self.refused(server, "master key")
            server.args[pass_key] = right
            server.start()
            self.assertEqual(server.call("GET", "/management/v1/orgs/me")[0], 200)

    def test_no_master_key(self):
        server = Server()
        at = server.args.index("--masterkey")
        del server.args[at:at + 2]
        server.start(wait=False)
        self.refused(server, "no master key", "--masterkeyFile")

    def test_unknown_key_is_reported_and_bad_value_refused(self):
        server = Server(config="Prot: 1\n")
        with server:
            self.assertIn("Prot", server.log())
        server = Server(config="Port: many\n")
        server.start(wait=False)
        self.refused(server, "config.yaml:1", "Port")


class Stop(unittest.TestCase):
    def test_sigterm_finishes_what_is_under_way(self):
        with Server() as server:
            writers = [Writer(server, f"t{n}") for n in range(4)]
            for writer in writers:
                writer.start()
            while sum(len(w.done) for w in writers) < 40:
                time.sleep(0.002)
            self.assertEqual(server.stop(), 0)
            for writer in writers:
                writer.join()
            server.start()
            for writer in writers:
                for user_id, name in writer.done[-5:]:
                    self.assertEqual(server.call("GET", f"/management/v1/users/{user_id}")[0], 200, name)

    def test_steps_change_nothing_on_a_database_that_is_set_up(self):
        with Server() as server:
            token = server.pat()
            server.stop()
            (server.folder / "admin.pat").unlink()
            server.start()
            self.assertFalse((server.folder / "admin.pat").exists())
            self.assertEqual(server.call("GET", "/management/v1/orgs/me", token=token)[0], 200)
            self.assertEqual((server.folder / "login.pat").stat().st_mode & 0o777, 0o600)


if __name__ == "__main__":
    unittest.main()
