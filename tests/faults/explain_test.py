"""`godwit explain permission` beside a running server and over a stopped one, on both engines: exit codes, text, JSON."""
import json
import shutil
import subprocess
import unittest

from tests.harness.postgres import Postgres
from tests.harness.server import Server

READ = "zitadel.management.v1.ManagementService/GetUserByID"


class Explain(unittest.TestCase):
    def ask(self, server, *words, status):
        command = [str(server.binary), "explain", "permission", "--data", str(server.folder / "data"), *words]
        done = subprocess.run(command, env=server.env, cwd=server.folder, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def questions(self, server):
        allowed = self.ask(server, "admin-machine", READ, status=0)
        self.assertTrue(allowed.stdout.startswith("allowed\n"), allowed.stdout)
        self.assertIn("IAM_OWNER", allowed.stdout)
        refused = self.ask(server, "login-client", "POST /management/v1/orgs", "--json", status=1)
        told = json.loads(refused.stdout)
        self.assertEqual((told["allowed"], told["decidedBy"], told["permission"]), (False, "nothing", "org.create"))
        self.assertEqual(told["method"], "zitadel.management.v1.ManagementService/AddOrg")
        for words in (["nobody", READ], ["login-client", "Nothing"], ["login-client", READ, "nothing"], ["login-client"],
                      ["login-client", READ, "--host", "elsewhere.example"]):
            failed = self.ask(server, *words, status=2)
            self.assertEqual(failed.stdout, "", words)
            self.assertNotEqual(failed.stderr, "", words)

    def both(self, conninfo=None):
        server = Server(conninfo)
        with server:
            self.questions(server)
            server.stop()
            self.questions(server)

    def test_sqlite(self):
        self.both()

    def test_postgres(self):
        with Postgres() as postgres:
            self.both(postgres.create_database("explain"))

    def test_no_database(self):
        server = Server()
        self.addCleanup(shutil.rmtree, server.folder)
        failed = self.ask(server, "ann", READ, status=2)
        self.assertIn("directory.db", failed.stderr)


if __name__ == "__main__":
    unittest.main()
