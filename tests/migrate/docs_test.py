"""Every command of docs/migrate is typed as it stands there. walk.md has a test of its own (proof_test.py)."""
import gzip
import json
import shutil
import unittest

from tests.harness.pages import MIGRATE, Folder, all_pages, blocks_of, commands_outside
from tests.harness.server import ROOT

AUTH0 = ROOT / "tests" / "vectors" / "migrate" / "zitadel-tools-auth0"
PERSON = {"sourceId": "7", "userName": "ada", "email": {"address": "ada@acme.example", "verified": True}}


def prepare(page, folder):
    """The files that the page takes for granted."""
    if page in ("run.md", "server.md"):
        (folder / "users.ndjson").write_text(json.dumps(PERSON) + "\n")
    if page == "states.md":
        for name, more in (("announced", {}), ("profiles", {"profile": {"givenName": "Ada"}}), ("secrets", {"password": {"plain": "Old-Secret-1"}})):
            (folder / f"{name}.ndjson").write_text(json.dumps({"sourceId": "c1", "userName": "cleo", **more}) + "\n")
    if page == "sources/auth0.md":
        (folder / "users.ndjson.gz").write_bytes(gzip.compress((AUTH0 / "users.json").read_bytes()))
        shutil.copy(AUTH0 / "passwords.json", folder / "hashes.ndjson")
    if page == "sources/csv.md":
        (folder / "users.csv").write_text("id,username,email,email_verified,tier\n7,ada,ada@acme.example,true,gold\n")


class Documentation(unittest.TestCase):
    def setUp(self):
        self.folder = Folder()
        self.addCleanup(self.folder.close)

    def test_every_page_can_be_typed(self):
        server = self.folder.server.start("start")
        status, answer = server.call("POST", "/admin/v1/import", {"timeout": "1m", "dataOrgs": {"orgs": [{"orgId": "acme", "org": {"name": "Acme"}}]}})
        self.assertEqual(status, 200, answer)
        server.stop()
        (self.folder.path / "users.ndjson").write_text(json.dumps(PERSON) + "\nnot JSON\n")
        self.folder.type("godwit migrate run --data data --masterkeyFile masterkey --from godwit users.ndjson --org acme", exit_status=1)
        for page in all_pages(MIGRATE):
            name = page.relative_to(MIGRATE).as_posix()
            if name == "walk.md":
                continue
            with self.subTest(page=name):
                prepare(name, self.folder.path)
                self.folder.run(page)


class Pages(unittest.TestCase):
    def test_no_command_stands_outside_of_what_is_run(self):
        for page in all_pages(MIGRATE):
            self.assertEqual(commands_outside(page), [], page.name)

    def test_few_commands_are_of_other_systems(self):
        elsewhere = [page.name for page in all_pages(MIGRATE) for block in blocks_of(page) if "elsewhere" in block.words]
        self.assertEqual(elsewhere, ["keycloak.md", "zitadel.md"])


if __name__ == "__main__":
    unittest.main()
