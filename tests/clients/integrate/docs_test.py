"""Every page of docs/integrate is typed as it stands; then a person uses what was built. The pages of machines and APIs say themselves
what comes of it."""
import json
import os
import pathlib
import subprocess
import unittest

from tests.harness.pages import INTEGRATE, Workshop, all_pages, blocks_of, commands_outside
from tests.harness.person import Person
from tests.harness.tenant import PASSWORD, Tenant

HERE = pathlib.Path(__file__).resolve().parent


class Page(unittest.TestCase):
    def setUp(self):
        self.workshop = Workshop()
        self.addCleanup(self.workshop.close)
        self.login_name, self.user = Tenant(self.workshop.server.base, self.workshop.server.pat()).person()
        self.known = {"OIDC_LOGIN_NAME": self.login_name, "OIDC_PASSWORD": PASSWORD, "GODWIT_BASE": self.workshop.server.base,
                      "GODWIT_ADMIN_PAT": str(self.workshop.path / "admin.pat"), "GODWIT_LOGIN_PAT": str(self.workshop.path / "login.pat")}

    def test_spa(self):
        self.workshop.run(INTEGRATE / "spa.md")
        subprocess.run(["node", HERE / "spa.mjs", self.workshop.site + "/"], env={**os.environ, **self.known}, check=True, timeout=120)

    def test_server(self):
        self.workshop.run(INTEGRATE / "server.md")
        person = Person(self.login_name, PASSWORD)
        self.assertIn("Welcome, stranger", person.visit(self.workshop.site + "/").text)
        self.assertIn("Welcome, Ada Lovelace", person.visit(self.workshop.site + "/login").text)
        self.assertIn("Welcome, Ada Lovelace", person.visit(self.workshop.site + "/").text)
        self.assertIn("Welcome, stranger", person.visit(self.workshop.site + "/logout").text)
        asked = person.visit(self.workshop.site + "/login", stop=self.workshop.server.base + "/ui/")
        self.assertIn("authRequest=", asked)
        forged = Person().ask(self.workshop.site + "/callback?code=x&state=y")
        self.assertEqual(forged.status, 400)

    def test_native(self):
        # The browser that Python opens.
        self.workshop.env |= self.known | {"BROWSER": f"python3 {HERE / 'browser.py'} %s"}
        self.workshop.run(INTEGRATE / "native.md")
        self.assertEqual(json.loads((self.workshop.path / "me.json").read_text())["sub"], self.user)

    def test_machine(self):
        self.workshop.run(INTEGRATE / "machine.md")

    def test_api_introspection(self):
        self.workshop.run(INTEGRATE / "api-introspection.md")

    def test_api_jwks(self):
        self.workshop.run(INTEGRATE / "api-jwks.md")


class Pages(unittest.TestCase):
    def test_each_page_has_a_test_and_no_command_that_is_not_run(self):
        for page in all_pages(INTEGRATE):
            with self.subTest(page.name):
                self.assertEqual(commands_outside(page), [])
                self.assertTrue(page.name == "README.md" or hasattr(Page, "test_" + page.stem.replace("-", "_")))
                self.assertFalse([block for block in blocks_of(page) if "elsewhere" in block.words])


if __name__ == "__main__":
    unittest.main()
