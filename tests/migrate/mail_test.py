"""No mail is ever sent unless asked: not to one of the people whom a bulk import or a migration brings, whatever their records say. A message to
a person is a row of `messages`, which is how it leaves; so those are counted, and a mail server that the configuration names listens."""
import contextlib
import json
import socket
import sqlite3
import subprocess
import threading
import unittest

from tests.harness.postgres import Postgres
from tests.harness.server import Server

HASH = "$2a$10$SCHPBhOaQajJr45SH2wjXe5jFf79KGdMc0raWD3V0n7BI4z.ILYSS"
ACME = {"x-zitadel-orgid": "acme"}

# Each would be written to, had they come by the form of a web page: an address or number to verify, no password, one to change, codes by mail.
PEOPLE = {
    "verified": {"email": {"address": "v@acme.example", "verified": True}, "password": {"hash": HASH}},
    "unverified": {"email": {"address": "u@acme.example", "verified": False}, "password": {"hash": HASH}},
    "unknown": {"email": {"address": "n@acme.example"}, "phone": {"number": "+41791234567"}},
    "no-secret": {"email": {"address": "s@acme.example", "verified": True}},
    "to-change": {"email": {"address": "c@acme.example", "verified": True}, "password": {"plain": "Secret-Word1", "changeRequired": True}},
    "by-mail": {"email": {"address": "m@acme.example", "verified": True}, "phone": {"number": "+41791234568", "verified": True},
                "password": {"hash": HASH}, "otpEmail": True, "otpSms": True},
    "actions": {"email": {"address": "a@acme.example", "verified": False}, "requiredActions": ["VERIFY_EMAIL", "UPDATE_PASSWORD"]},
}


class MailServer:
    """Greets whoever connects, and remembers that somebody did."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port, self.visits = self.socket.getsockname()[1], 0
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                visitor, _ = self.socket.accept()
                self.visits += 1
                with visitor, contextlib.suppress(OSError):
                    visitor.sendall(b"220 mail.test ESMTP\r\n")
                    while visitor.recv(4096):
                        visitor.sendall(b"250 ok\r\n")

    def close(self):
        self.socket.close()


class NoMail(unittest.TestCase):
    """On the embedded store."""

    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.mail = self.stack.enter_context(contextlib.closing(MailServer()))
        smtp = "ZITADEL_DEFAULTINSTANCE_SMTPCONFIGURATION_"
        self.server = self.stack.enter_context(Server(self.database(), extra_env={
            smtp + "SMTP_HOST": f"127.0.0.1:{self.mail.port}", smtp + "SMTP_USER": "u", smtp + "SMTP_PASSWORD": "p", smtp + "FROM": "no-reply@acme.example"}))
        self.bulk({"org": {"name": "Acme"}})

    def database(self):
        return None

    def queued(self):
        """How many messages there ever were."""
        with contextlib.closing(sqlite3.connect(f"file:{self.server.folder}/data/directory.db?mode=ro", uri=True)) as database:
            return database.execute("SELECT count(*) FROM messages").fetchone()[0]

    def bulk(self, org):
        status, answer = self.server.call("POST", "/admin/v1/import", {"timeout": "1m", "dataOrgs": {"orgs": [{"orgId": "acme", **org}]}})
        errors = [error for error in answer.get("errors", []) if error["type"] != "org"]  # which is there from the second time on
        self.assertEqual((status, errors), (200, []), answer)

    def migrate(self, people, *options):
        """What the command says at its end."""
        (self.server.folder / "users.ndjson").write_text("".join(json.dumps(person) + "\n" for person in people))
        (self.server.folder / "token").write_text(self.server.pat())
        done = subprocess.run([self.server.binary, "migrate", "run", "--from", "godwit", self.server.folder / "users.ndjson", "--org", "acme", "--source", "old",
                               "--server", self.server.base, "--token-file", self.server.folder / "token", *options],
                              capture_output=True, text=True, check=False, timeout=120, env=self.server.env, cwd=self.server.folder)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def assert_nothing_left(self, after):
        self.assertEqual((self.queued(), self.mail.visits), (0, 0), after)

    def test_neither_imports_nor_migrations_write_to_anybody(self):
        self.bulk({"humanUsers": [{"userId": "bulk-" + name, "user": {
            "userName": "bulk-" + name, "profile": {"firstName": "F", "lastName": "L"},
            "email": {"email": person["email"]["address"], "isEmailVerified": person["email"].get("verified", False)},
            **({"phone": {"phone": person["phone"]["number"]}} if "phone" in person else {}),
            **({"hashedPassword": {"value": HASH}} if "hash" in person.get("password", {}) else {})}} for name, person in PEOPLE.items()]})
        self.assert_nothing_left("a bulk import")
        people = [{"sourceId": name, "userId": name, "userName": name, **person} for name, person in PEOPLE.items()]
        self.assertIn(f"{len(people)} created", self.migrate(people))
        self.assert_nothing_left("a migration")
        for person in people:
            person["email"]["address"] = "new-" + person["email"]["address"]
        self.assertIn(f"{len(people)} updated", self.migrate(people, "--on-conflict", "update", "--update", "profile,secrets"))
        self.assert_nothing_left("a migration that changes addresses and passwords")
        # Where somebody asks for it a message waits: what is counted above is what would show it.
        status, answer = self.server.call("POST", "/management/v1/users/unverified/email/_resend_verification", {}, headers=ACME)
        self.assertEqual((status, self.queued()), (200, 1), answer)


class NoMailOnPostgres(NoMail):
    def database(self):
        self.cluster = self.stack.enter_context(Postgres())
        return self.cluster.create_database("mail")

    def queued(self):
        return int(self.cluster.sql("SELECT count(*) FROM godwit_directory.messages", "mail"))


if __name__ == "__main__":
    unittest.main()
