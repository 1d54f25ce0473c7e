"""The program itself on databases that a newer release has upgraded: it goes on where the schema allows it, and else refuses to start."""
import contextlib
import subprocess
import unittest

from tests.harness.postgres import Postgres
from tests.harness.server import Server
from tests.schema.schema import REFUSALS, make_schema


@contextlib.contextmanager
def upgraded(engine, mode):
    """A server that has worked and was stopped, whose databases were then upgraded."""
    with contextlib.ExitStack() as stack:
        conninfo = stack.enter_context(Postgres()).create_database("godwit") if engine == "postgres" else None
        server = stack.enter_context(Server(conninfo))
        status, org = server.call("POST", "/management/v1/orgs", {"name": "Before"})
        assert status == 200, org
        assert server.stop() == 0
        where = ["postgres", conninfo, "godwit"] if conninfo else ["sqlite", server.folder / "data"]
        subprocess.run([make_schema(), mode, *where], check=True)
        yield server, org["id"]


class ServerTest(unittest.TestCase):
    def test_goes_on_where_the_schema_allows_it(self):
        for engine in ("sqlite", "postgres"):
            with self.subTest(engine=engine), upgraded(engine, "ahead") as (server, org):
                server.start()
                there = {"x-zitadel-orgid": org}
                self.assertEqual(server.call("GET", "/management/v1/orgs/me", headers=there)[1]["org"]["name"], "Before")
                status, user = server.call("POST", "/management/v1/users/machine", {"userName": "after", "name": "After"}, headers=there)
                self.assertEqual(status, 200, user)
                self.assertEqual(server.call("GET", f"/management/v1/users/{user['userId']}", headers=there)[1]["user"]["userName"], "after")

    def test_refuses_to_start_where_the_schema_demands_more_and_says_why(self):
        for engine in ("sqlite", "postgres"):
            for mode, refusal in REFUSALS.items():
                with self.subTest(engine=engine, mode=mode), upgraded(engine, mode) as (server, _):
                    server.start(wait=False)
                    self.assertNotEqual(server.process.wait(30), 0)
                    self.assertRegex(server.log(), refusal)


if __name__ == "__main__":
    unittest.main()
