"""mod_auth_openidc as Debian ships it, against a running server: a protected site, and APIs by introspection and by the published keys."""
import base64
import itertools
import json
import os
import pathlib
import shutil
import string
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2]))
from harness.person import Person  # noqa: E402
from harness.server import free_port  # noqa: E402
from harness.tenant import PASSWORD, Tenant  # noqa: E402

ISSUER = os.environ["GODWIT_BASE"]
MODULES = "/usr/lib/apache2/modules"


class Apache:
    """The sites of httpd.conf, on ports of their own."""

    def __init__(self, tenant, response_mode="query"):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="godwit-apache-"))
        self.folder.chmod(0o755)
        pages = self.folder / "pages"
        for name in ("index", "inside/index", "managers/index", "bye"):
            (pages / name).parent.mkdir(parents=True, exist_ok=True)
            (pages / f"{name}.html").write_text(f"<title>{name}</title>")
        # The server's folder is its own.
        shutil.copy(pathlib.Path(os.environ["GODWIT_FOLDER"]) / "cert.pem", self.folder)
        ports = {name: free_port() for name in ("site", "introspecting", "verifying")}
        self.site, self.introspecting, self.verifying = (f"http://localhost:{port}" for port in ports.values())
        app = tenant.app("site", f"{self.site}/inside/redirect", f"{self.site}/bye.html")
        api = tenant.api(f"api {ports['site']}")
        (self.folder / "httpd.conf").write_text(string.Template(pathlib.Path(__file__).with_name("httpd.conf").read_text()).substitute(
            folder=self.folder, certificate=self.folder / "cert.pem", modules=MODULES, issuer=ISSUER, response_mode=response_mode, project=tenant.project, client_id=app["clientId"],
            client_secret=app["clientSecret"], api_client_id=api["clientId"], api_client_secret=api["clientSecret"], **ports))
        self.process = subprocess.Popen(["apache2", "-f", self.folder / "httpd.conf", "-DFOREGROUND"])
        until = time.monotonic() + 30
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if Person().ask(self.site + "/index.html").status == 200:
                    return
            except OSError:
                time.sleep(0.05)
        self.stop()
        raise AssertionError("apache did not start")

    def log(self):
        return (self.folder / "error.log").read_text()

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tenant = Tenant(ISSUER, pathlib.Path(os.environ["GODWIT_ADMIN_PAT"]).read_text().strip())
        cls.login_name, cls.user = cls.tenant.person()
        cls.apache = Apache(cls.tenant, cls.response_mode)
        cls.addClassCleanup(cls.apache.stop)

    response_mode = "query"

    def visitor(self):
        return Person(self.login_name, PASSWORD)

    def inside(self, person, path="/inside/index.html"):
        page = person.visit(self.apache.site + path)
        if page.status == 500:
            self.fail(self.apache.log())
        return page


class Site(Case):
    def test_a_person_signs_in_where_that_is_asked(self):
        page = self.inside(self.visitor())
        self.assertEqual((page.status, page.url, page.headers["x-user"].split("@")[0]), (200, self.apache.site + "/inside/index.html", self.user))
        self.assertEqual(page.headers["x-email"], self.login_name + "@example.com")

    def test_who_does_not_have_the_claim_stays_outside(self):
        self.assertEqual(self.inside(self.visitor(), "/managers/index.html").status, 401)

    def test_a_person_who_is_signed_in_is_not_asked_again(self):
        person = self.visitor()
        self.inside(person)
        self.assertEqual(person.ask(self.apache.site + "/inside/index.html").status, 200)

    def test_the_site_refreshes_its_token(self):
        person = self.visitor()
        self.inside(person)
        info = self.apache.site + "/inside/redirect?info=json"
        first = json.loads(person.ask(info).text)
        self.assertEqual(first["userinfo"]["sub"], self.user)
        back = self.apache.site + "/inside/index.html"
        page = person.visit(self.apache.site + "/inside/redirect?" + urllib.parse.urlencode({"refresh": back, "access_token": first["access_token"]}))
        self.assertEqual((page.status, page.url), (200, back))
        self.assertNotEqual(json.loads(person.ask(info).text)["access_token"], first["access_token"])

    def test_a_person_signs_out_of_the_site_and_of_the_provider(self):
        person = self.visitor()
        self.inside(person)
        page = person.visit(self.apache.site + "/inside/redirect?logout=" + urllib.parse.quote(self.apache.site + "/bye.html", ""))
        self.assertEqual(page.url.split("?")[0], self.apache.site + "/bye.html")
        asked = person.visit(self.apache.site + "/inside/index.html", stop=ISSUER + "/ui/")
        self.assertTrue(asked.startswith(ISSUER + "/ui/"), asked)


class SiteThatIsAnsweredByForm(Case):
    response_mode = "form_post"

    def test_a_person_signs_in(self):
        person = self.visitor()
        at_callback = person.visit(self.apache.site + "/inside/index.html", stop=self.apache.site + "/inside/redirect")
        address, fields = at_callback.split("?", 1)
        answer = person.ask(address, dict(urllib.parse.parse_qsl(fields)))
        self.assertEqual(answer.headers["location"], self.apache.site + "/inside/index.html")
        self.assertEqual(self.inside(person).headers["x-user"].split("@")[0], self.user)


class Api(Case):
    numbers = itertools.count()

    def token(self, token_type, scope=None):
        client_id, secret = self.tenant.machine_secret(self.tenant.machine(f"robot-{next(self.numbers)}", token_type))
        body = urllib.parse.urlencode({"grant_type": "client_credentials", "scope": scope or f"urn:zitadel:iam:org:project:id:{self.tenant.project}:aud"})
        basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
        request = urllib.request.Request(ISSUER + "/oauth/v2/token", body.encode(), {"Authorization": f"Basic {basic}"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())["access_token"]

    def status(self, api, token):
        request = urllib.request.Request(api + "/index.html", headers={"Authorization": f"Bearer {token}"} if token else {})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    def test_by_introspection(self):
        for token_type in ("ACCESS_TOKEN_TYPE_BEARER", "ACCESS_TOKEN_TYPE_JWT"):
            with self.subTest(token_type):
                self.assertEqual(self.status(self.apache.introspecting, self.token(token_type)), 200)
        self.assertEqual(self.status(self.apache.introspecting, "made-up"), 401)
        self.assertEqual(self.status(self.apache.introspecting, None), 401)

    def test_a_token_for_others_is_no_token_here(self):
        self.assertEqual(self.status(self.apache.introspecting, self.token("ACCESS_TOKEN_TYPE_BEARER", "openid")), 401)

    def test_by_the_keys(self):
        token = self.token("ACCESS_TOKEN_TYPE_JWT")
        self.assertEqual(self.status(self.apache.verifying, token), 200)
        self.assertEqual(self.status(self.apache.verifying, token[:-8] + "AAAAAAAA"), 401)
        self.assertEqual(self.status(self.apache.verifying, self.token("ACCESS_TOKEN_TYPE_JWT", "openid")), 401)


del Case
if __name__ == "__main__":
    unittest.main()
