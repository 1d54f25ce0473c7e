"""What the world does to a database, and what callers see of it: a clear 503 that may be tried again, and a server that recovers by itself."""
import concurrent.futures
import contextlib
import http.client
import json
import os
import shutil
import subprocess
import threading
import time
import unittest
import urllib.error
import urllib.request

from tests.faults.faults import Faults
from tests.harness.postgres import Postgres
from tests.harness.server import Server

HASH = "$2b$04$abcdefghijklmnopqrstuuIPTYYV.Zp4rvD/5LwDwasuCbJdL0cRy"
ME = "/auth/v1/users/me"


def answer(server, method, path, body=None, more=None):
    """(status, headers, parsed body), also of errors."""
    request = urllib.request.Request(server.base + path, method=method, data=None if body is None else json.dumps(body).encode(), headers={
        "Authorization": "Bearer " + server.pat(), "Content-Type": "application/json", **(more or {})})
    try:
        with urllib.request.urlopen(request, timeout=60) as got:
            return got.status, got.headers, json.loads(got.read())
    except urllib.error.HTTPError as error:
        raw = error.read()
        return error.code, error.headers, json.loads(raw) if raw.startswith(b"{") else raw


def import_user(server, name, size=0):
    return answer(server, "POST", "/management/v1/users/human/_import", {
        "userName": name, "profile": {"firstName": "A", "lastName": "B" * max(1, min(size, 150))}, "hashedPassword": {"value": HASH},
        "email": {"email": name + "@example.com", "isEmailVerified": True}})


class Caller(threading.Thread):
    """Imports users until told to stop, whatever the answers are, and remembers them."""

    def __init__(self, server, label):
        super().__init__()
        self.server, self.label, self.stopping = server, label, threading.Event()
        self.done, self.refused = [], []

    def run(self):
        n = 0
        while not self.stopping.is_set():
            n += 1
            try:
                status, headers, body = import_user(self.server, f"{self.label}-{n}")
            except (OSError, http.client.HTTPException) as error:
                self.refused.append((0, None, repr(error)))
                continue
            if status == 200:
                self.done.append(body["userId"])
            else:
                self.refused.append((status, headers.get("Retry-After"), body))


class Outage(unittest.TestCase):
    def eventually(self, what, seconds=20):
        until = time.monotonic() + seconds
        while not what():
            self.assertLess(time.monotonic(), until, "did not recover by itself")
            time.sleep(0.02)

    def refused_clearly(self, refused):
        for status, retry_after, body in refused:
            self.assertEqual(status, 503, body)
            self.assertTrue(int(retry_after) > 0, body)
            self.assertIn("STORE-", body["message"])

    def whole(self, server, ids):
        self.assertEqual(len(set(ids)), len(ids), "an id was given twice")
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for user_id, (status, _) in zip(ids, pool.map(lambda i: server.call("GET", f"/management/v1/users/{i}"), ids)):
                self.assertEqual(status, 200, f"{user_id} was acknowledged and is gone")
        doctor = server.run_verb("doctor")
        self.assertEqual(doctor.returncode, 0, doctor.stdout + doctor.stderr)

    def under_load(self, server, disturb, callers=4):
        """Runs `disturb` amid imports; what was refused, and what was acknowledged."""
        threads = [Caller(server, f"c{time.monotonic_ns()}-{n}") for n in range(callers)]
        for thread in threads:
            thread.start()
        self.eventually(lambda: all(thread.done for thread in threads))
        disturb(threads)
        before = [len(thread.done) for thread in threads]
        self.eventually(lambda: all(len(thread.done) > count for thread, count in zip(threads, before)))
        for thread in threads:
            thread.stopping.set()
        for thread in threads:
            thread.join()
        return sum((t.refused for t in threads), []), sum((t.done for t in threads), [])


class PostgresOutage(Outage):
    @contextlib.contextmanager
    def held(self, postgres, table):
        """A table that nobody else may even read."""
        holder = subprocess.Popen(["psql", "-qtA", "-d", f"host={postgres.folder} user=postgres dbname=o"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        holder.stdin.write(f"BEGIN; LOCK TABLE godwit_directory.{table} IN ACCESS EXCLUSIVE MODE; SELECT 'held';\n")
        holder.stdin.flush()
        self.assertEqual(holder.stdout.readline().strip(), "held")
        try:
            yield
        finally:
            holder.communicate("ROLLBACK;\n")

    def test_server_restarted(self):
        with Postgres() as postgres, Server(postgres.create_database("o")) as server:
            def restart(threads):
                for mode in ("fast", "immediate"):
                    postgres.stop(mode)
                    self.eventually(lambda: any(thread.refused for thread in threads))
                    self.assertEqual(answer(server, "GET", "/debug/ready")[0], 503)
                    postgres.start()
                    self.eventually(lambda: answer(server, "GET", "/debug/ready")[0] == 200)
            refused, done = self.under_load(server, restart)
            self.assertTrue(refused)
            self.refused_clearly(refused)
            self.whole(server, done)

    def test_connections_cut(self):
        with Postgres() as postgres, Server(postgres.create_database("o")) as server:
            def cut(_):
                for _ in range(20):
                    postgres.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'godwit'")
                    time.sleep(0.05)  # apart from each other
            refused, done = self.under_load(server, cut)
            self.refused_clearly(refused)  # few or none: what was cut is run again
            self.whole(server, done)

    def test_table_held_by_someone_else(self):
        with Postgres() as postgres, Server(postgres.create_database("o")) as server:
            with self.held(postgres, "users"):
                status, headers, body = import_user(server, "waits")
                self.refused_clearly([(status, headers.get("Retry-After"), body)])
            self.assertEqual(import_user(server, "waits")[0], 200)

    def test_deadline_of_a_call_ends_its_statement(self):
        with Postgres() as postgres, Server(postgres.create_database("o")) as server:
            def running():
                return int(postgres.sql("SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'godwit' AND state = 'active'"))
            with self.held(postgres, "users"):
                begun = time.monotonic()
                status, _, body = answer(server, "POST", "/zitadel.management.v1.ManagementService/GetUserByID", {"id": "1"}, {"Connect-Timeout-Ms": "300"})
                self.assertEqual((status, body["code"]), (504, "deadline_exceeded"), body)
                self.assertLess(time.monotonic() - begun, 8, "not after lock_timeout")
                self.eventually(lambda: running() == 0, 5)
                # A client that goes away leaves nothing behind either.
                caller = http.client.HTTPConnection("localhost", server.port)
                caller.request("GET", ME, headers={"Authorization": "Bearer " + server.pat()})
                self.eventually(lambda: running() == 1, 5)
                caller.close()
                self.eventually(lambda: running() == 0, 5)
            self.assertEqual(server.call("GET", ME)[0], 200)

    def test_statement_that_takes_too_long(self):
        with Postgres() as postgres:
            conninfo = postgres.create_database("o")
            postgres.sql("ALTER DATABASE o SET statement_timeout = '500ms'")
            with Server(conninfo) as server:
                postgres.sql("""CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$;
                                CREATE TRIGGER slow BEFORE INSERT ON godwit_directory.users FOR EACH ROW EXECUTE FUNCTION slow()""", "o")
                status, headers, body = import_user(server, "slow")
                self.refused_clearly([(status, headers.get("Retry-After"), body)])
                self.assertIn("STORE-deadline", body["message"])
                postgres.sql("DROP TRIGGER slow ON godwit_directory.users", "o")
                status, _, body = import_user(server, "slow")
                self.assertEqual(status, 200, body)
                self.whole(server, [body["userId"]])

    def test_disk_full(self):
        faults = Faults("/base/")
        with Postgres(env=faults.env) as postgres, Server(postgres.create_database("o")) as server:
            def fill(threads):
                faults.disk_full(True)
                self.eventually(lambda: all(thread.refused for thread in threads), 60)
                self.assertEqual(server.call("GET", ME)[0], 200, "reading goes on")
                faults.disk_full(False)
            refused, done = self.under_load(server, fill)
            self.refused_clearly(refused)
            self.assertTrue(any("full" in body["message"] for _, _, body in refused), refused[:3])
            self.whole(server, done)

    def test_nodes_that_start_together_set_up_once(self):
        with Postgres() as postgres:
            for n in range(4):
                conninfo = postgres.create_database(f"first{n}")
                nodes = [Server(conninfo), Server(conninfo)]
                try:
                    for node in nodes:
                        node.start(wait=False)
                    for node in nodes:
                        node.wait_ready()
                    self.assertEqual(postgres.sql("SELECT COUNT(*), MIN(state) FROM godwit_directory.instances", f"first{n}"), "1|2")
                    self.assertEqual(sum((node.folder / "admin.pat").exists() for node in nodes), 1)
                    first = next(node for node in nodes if (node.folder / "admin.pat").exists())
                    for node in nodes:
                        self.assertEqual(node.call("GET", ME, token=first.pat())[0], 200)
                    self.assertEqual(first.run_verb("doctor").returncode, 0)
                finally:
                    for node in nodes:
                        node.stop()
                        shutil.rmtree(node.folder, ignore_errors=True)


class SqliteOutage(Outage):
    def test_disk_full(self):
        faults = Faults(".db")
        with Server(extra_env=faults.env) as server:
            def fill(threads):
                faults.disk_full(True)
                self.eventually(lambda: all(thread.refused for thread in threads), 60)
                self.assertEqual(server.call("GET", ME)[0], 200, "reading goes on")
                faults.disk_full(False)
            refused, done = self.under_load(server, fill)
            self.refused_clearly(refused)
            self.assertTrue(any("STORE-full" in body["message"] for _, _, body in refused), refused[:3])
            server.kill()
            server.start()
            self.whole(server, done)

    def test_read_only_folder(self):
        with Server() as server:
            server.stop()
            data = server.folder / "data"
            for path in [data, *data.iterdir()]:
                path.chmod(0o555 if path.is_dir() else 0o444)
            as_nobody = []
            if os.geteuid() == 0:  # root may write everywhere
                server.folder.chmod(0o755)
                as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
            done = subprocess.run([*as_nobody, str(server.binary), "start", *map(str, server.args)], capture_output=True, text=True, timeout=30, check=False, env=server.env, cwd="/")
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn("cannot write to the data directory", done.stderr)
            for path in [data, *data.iterdir()]:
                path.chmod(0o700 if path.is_dir() else 0o600)
            server.start()
            self.assertEqual(server.call("GET", ME)[0], 200)


class Clock(Outage):
    def steps(self, server, faults, rise):
        ids = []

        def make(count, label):
            for n in range(count):
                status, _, body = import_user(server, f"{label}-{n}")
                self.assertEqual(status, 200, body)
                ids.append(int(body["userId"]))

        with server:
            status, session = server.call("POST", "/v2/sessions", {"checks": {"user": {"loginName": "root@zitadel.localhost"}}})
            self.assertIn(status, (200, 201), session)
            make(20, "before")
            faults.step_clock(-3600)
            make(20, "back")
            self.assertEqual(server.call("GET", ME)[0], 200)
            self.assertEqual(server.call("GET", f"/v2/sessions/{session['sessionId']}")[0], 200, "a session goes on")
            server.stop()
            server.start()
            make(20, "restarted")
            server.kill()
            server.start()
            make(20, "killed")
            faults.step_clock(7200)
            make(20, "ahead")
            faults.step_clock(-3600)
            make(20, "right")
            self.assertEqual(len(ids), len(set(ids)), "an id was given twice")
            if rise:
                self.assertEqual(ids, sorted(ids), "ids rise, whatever the clock does")
            self.assertEqual(server.call("GET", ME)[0], 200)
            self.whole(server, ids)

    def test_sqlite(self):
        faults = Faults("/no such path/")
        self.steps(Server(extra_env=faults.env), faults, rise=True)

    def test_postgres(self):
        faults = Faults("/no such path/")
        with Postgres() as postgres:
            self.steps(Server(postgres.create_database("clock"), extra_env=faults.env), faults, rise=False)  # a node that was killed comes back under another number


if __name__ == "__main__":
    unittest.main()
