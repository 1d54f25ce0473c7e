"""Backup beside a running, busy server; restore and compare; what was revoked stays revoked. The doctor's verdict in its exit status."""
import base64
import contextlib
import json
import shutil
import sqlite3
import time
import unittest
import urllib.parse
import urllib.request

from tests.faults.crash_test import BulkWriter, Writer
from tests.harness.postgres import Postgres
from tests.harness.server import Server

ME = "/auth/v1/users/me"


def form(server, path, fields, client):
    request = urllib.request.Request(server.base + path, data=urllib.parse.urlencode(fields).encode(), headers={
        "Authorization": "Basic " + base64.b64encode(":".join(client).encode()).decode()})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read() or b"{}")


def machine_client(server):
    """Client id and secret of a machine that may call the API."""
    _, me = server.call("GET", ME)
    status, secret = server.call("PUT", f"/management/v1/users/{me['user']['id']}/secret", {})
    assert status == 200, secret
    return secret["clientId"], secret["clientSecret"]


def access_token(server, client):
    return form(server, "/oauth/v2/token", {"grant_type": "client_credentials", "scope": "openid urn:zitadel:iam:org:project:id:zitadel:aud"}, client)["access_token"]


def rows(file, skip=()):
    """Every row of every table, but for tables that a start or a restore changes."""
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        tables = [name for name, in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'") if name not in skip]
        return {name: sorted(database.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in tables}


class Backup(unittest.TestCase):
    CHANGED_BY_RESTORE = ("nodes", "instances", "user_codes", "access_pats", "auth_requests")

    def load(self, server):
        writers = [Writer(server, f"b{n}") for n in range(3)] + [BulkWriter(server, "b9")]
        for writer in writers:
            writer.start()
        until = time.monotonic() + 60
        while min(len(writer.done) for writer in writers) < 20 and time.monotonic() < until:
            time.sleep(0.01)
        return writers

    def test_under_load(self):
        with Server() as server:
            file = server.folder / "a.backup"
            writers = self.load(server)
            before = {user_id for writer in writers for user_id, _ in list(writer.done)}
            made = server.run_verb("backup", file)
            self.assertEqual(made.returncode, 0, made.stderr)
            after = {user_id for writer in writers for user_id, _ in list(writer.done)}
            self.assertGreater(len(after), len(before) - 1)
            self.assertEqual(file.stat().st_mode & 0o777, 0o600)
            self.assertEqual(list(server.folder.glob("*.partial*")), [])
            refused = server.run_verb("backup", file)
            self.assertEqual((refused.returncode, "never replaces" in refused.stderr), (1, True), refused.stderr)
            server.kill()
            for writer in writers:
                writer.join()

            into = server.folder / "restored"
            restored = self.restore(server, file, into, "--keep-personal-tokens")
            self.assertEqual(restored.returncode, 0, restored.stderr)
            again = self.restore(server, file, into)
            self.assertEqual((again.returncode, "exists" in again.stderr), (1, True), again.stderr)

            shutil.move(server.folder / "data", server.folder / "lost")
            shutil.move(into, server.folder / "data")
            self.assertEqual(server.run_verb("doctor").returncode, 0)
            server.start()
            there = self.users(server)
            self.assertFalse(before - there, "acknowledged before the backup began, and not in it")
            self.assertEqual(server.run_verb("doctor").returncode, 0)

    def users(self, server):
        with contextlib.closing(sqlite3.connect(f"file:{server.folder}/data/directory.db?mode=ro", uri=True)) as database:
            return {public or str(key) for key, public in database.execute("SELECT id, public_id FROM users")}

    def restore(self, server, file, into, *flags):
        return server.run_verb("restore", file, *flags, data=into)

    def test_holds_every_row(self):
        with Server() as server:
            for n in range(20):
                server.call("POST", "/management/v1/users/machine", {"userName": f"m{n}", "name": "M"})
            self.assertEqual(server.run_verb("backup", server.folder / "b").returncode, 0)
            server.stop()
            self.assertEqual(self.restore(server, server.folder / "b", server.folder / "r").returncode, 0)
            for name in ("directory.db", "runtime.db"):
                want, got = (rows(server.folder / folder / name, self.CHANGED_BY_RESTORE) for folder in ("data", "r"))
                told = [row for row in got["events"] if "instance.tokens.ended" in row]
                self.assertEqual(len(told), 1 if name == "directory.db" else 0)
                got["events"] = [row for row in got["events"] if row not in told]
                self.assertEqual(want, got)

    def test_nothing_revoked_comes_back(self):
        with Server() as server:
            client = machine_client(server)
            token = access_token(server, client)
            _, me = server.call("GET", ME)
            pats = f"/management/v1/users/{me['user']['id']}/pats"
            status, made = server.call("POST", pats, {"expirationDate": "2099-01-01T00:00:00Z"})
            self.assertEqual(status, 200, made)
            for alive in (token, made["token"]):
                self.assertEqual(server.call("GET", ME, token=alive)[0], 200)
            self.assertEqual(server.run_verb("backup", server.folder / "b").returncode, 0)
            self.assertEqual(server.call("DELETE", f"{pats}/{made['tokenId']}")[0], 200)
            self.assertEqual(server.call("GET", ME, token=made["token"])[0], 401)
            running = self.restore(server, server.folder / "b", server.folder / "data")
            self.assertEqual((running.returncode, "in use by another process" in running.stderr), (1, True), running.stderr)
            server.stop()
            shutil.rmtree(server.folder / "data")
            self.assertEqual(self.restore(server, server.folder / "b", server.folder / "data").returncode, 0)
            server.start()
            for dead in (made["token"], token, server.pat(), server.pat("login")):
                self.assertEqual(server.call("GET", ME, token=dead)[0], 401)
            self.assertEqual(server.call("GET", ME, token=access_token(server, client))[0], 200, "the machine's secret is as it was")

    def test_damaged_backups_are_refused(self):
        with Server() as server:
            whole = server.folder / "b"
            self.assertEqual(server.run_verb("backup", whole).returncode, 0)
            size = whole.stat().st_size
            bytes_ = whole.read_bytes()
            damages = {"cut": bytes_[: size // 2], "no manifest": bytes_[: size - 2048], "a bit": bytes_[:9000] + bytes([bytes_[9000] ^ 1]) + bytes_[9001:],
                       "empty": b"", "text": b"x" * 5000}
            for name, damaged in damages.items():
                (server.folder / "d").write_bytes(damaged)
                done = self.restore(server, server.folder / "d", server.folder / "r")
                self.assertEqual((done.returncode, "no whole backup" in done.stderr), (1, True), f"{name}: {done.stderr}")
                self.assertFalse((server.folder / "r").exists(), "a folder that it made itself does not stay")
            missing = self.restore(server, server.folder / "no such file", server.folder / "r")
            self.assertEqual((missing.returncode, "cannot read" in missing.stderr), (1, True), missing.stderr)
            self.assertFalse((server.folder / "r").exists())
            (server.folder / "mine").mkdir()
            self.restore(server, server.folder / "d", server.folder / "mine")
            self.assertTrue((server.folder / "mine").exists(), "one that was there does")

    def test_an_interrupted_restore_starts_no_server(self):
        with Server() as server:
            self.assertEqual(server.run_verb("backup", server.folder / "b").returncode, 0)
            server.stop()
            shutil.rmtree(server.folder / "data")
            (server.folder / "data/restore.partial").mkdir(parents=True)
            (server.folder / "data/runtime.db").write_bytes(b"half")
            server.start(wait=False)
            server.process.wait(20)
            self.assertIn("a restore into", server.log())
            self.assertEqual(self.restore(server, server.folder / "b", server.folder / "data", "--keep-personal-tokens").returncode, 0)
            server.start()
            self.assertEqual(server.call("GET", ME)[0], 200)


class Epoch(unittest.TestCase):
    def test_after_pg_restore(self):
        with Postgres() as postgres, Server(postgres.create_database("epoch")) as server:
            self.assertIn("pg_dump", server.run_verb("backup", server.folder / "b").stderr)
            client = machine_client(server)
            token = access_token(server, client)
            self.assertEqual(server.call("GET", ME, token=token)[0], 200)
            raised = server.run_verb("raise-token-epoch", "--keep-personal-tokens")  # beside the running node
            self.assertEqual(raised.returncode, 0, raised.stderr)
            self.assertEqual(server.call("GET", ME, token=token)[0], 401)
            self.assertEqual(server.call("GET", ME)[0], 200, "personal tokens were kept")
            self.assertEqual(server.call("GET", ME, token=access_token(server, client))[0], 200)
            self.assertEqual(server.run_verb("raise-token-epoch").returncode, 0)
            self.assertEqual(server.call("GET", ME)[0], 401)
            self.assertEqual(server.run_verb("doctor").returncode, 0)


class Doctor(unittest.TestCase):
    def test_exit_status(self):
        with Server() as server:
            clean = server.run_verb("doctor", "--json")
            self.assertEqual((clean.returncode, json.loads(clean.stdout)["clean"]), (0, True))
            server.stop()
            with contextlib.closing(sqlite3.connect(server.folder / "data/directory.db")) as database:
                database.execute("UPDATE users SET name_key = name_key || 'x'")
                database.commit()
            found = server.run_verb("doctor")
            self.assertEqual((found.returncode, "BAD  names" in found.stdout), (3, True), found.stdout)
            self.assertEqual(server.run_verb("doctor", "--no-such-flag").returncode, 2)
            shutil.rmtree(server.folder / "data")
            none = server.run_verb("doctor")
            self.assertEqual((none.returncode, "no database" in none.stderr), (1, True), none.stderr)
            none = server.run_verb("raise-token-epoch")
            self.assertEqual((none.returncode, "no database" in none.stderr), (1, True), none.stderr)
            self.assertFalse((server.folder / "data").exists(), "a mistyped folder is no new database")


if __name__ == "__main__":
    unittest.main()
