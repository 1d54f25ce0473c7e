"""A Spring Boot application against a running server. usage: spring_test.py JAR"""
import base64
import json
import os
import pathlib
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

KNOWN = os.environ
JAR = sys.argv.pop(1)
SITE = KNOWN["OIDC_REDIRECT_URI"].removesuffix("/callback")
SECONDS_TO_START = 120


class Spring(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        port = urllib.parse.urlsplit(SITE).port
        log = tempfile.TemporaryFile()
        cls.addClassCleanup(log.close)
        cls.process = subprocess.Popen(["java", "-jar", JAR, f"--server.port={port}"], stdout=log)
        cls.addClassCleanup(cls.process.wait, 30)
        cls.addClassCleanup(cls.process.terminate)
        until = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < until and cls.process.poll() is None:
            try:
                if Person().ask(SITE + "/ready").status == 200:
                    return
            except OSError:
                time.sleep(0.2)
        log.seek(0)
        raise AssertionError(f"the application did not start:\n{log.read().decode()}")

    def setUp(self):
        self.person = Person(KNOWN["OIDC_LOGIN_NAME"], KNOWN["OIDC_PASSWORD"])

    def at(self, path):
        page = self.person.visit(SITE + path)
        self.assertEqual((page.status, page.url.split("?")[0]), (200, SITE + path), page.text)
        return json.loads(page.text)

    def test_a_person_signs_in(self):
        me = self.at("/me")
        self.assertEqual(me, {"sub": KNOWN["OIDC_SUBJECT"], "email": KNOWN["OIDC_LOGIN_NAME"] + "@example.com", "name": "Ada Lovelace",
                              "issuer": KNOWN["OIDC_ISSUER"]})

    def test_tokens_are_refreshed(self):
        seen = self.at("/refreshed")
        self.assertNotEqual(seen["before"], seen["after"])
        self.assertEqual(self.at("/refreshed")["before"], seen["after"])

    def test_a_person_signs_out(self):
        self.at("/me")
        page = self.person.visit(SITE + "/logout")  # the page that asks whether one means it
        if page.url != SITE + "/bye":
            page = self.person.ask(SITE + "/logout", {})
            page = self.person.visit(urllib.parse.urljoin(SITE, page.headers["location"]))
        self.assertEqual((page.status, page.url.split("?")[0], page.text), (200, SITE + "/bye", "bye"))
        asked = self.person.visit(SITE + "/me", stop=KNOWN["OIDC_ISSUER"] + "/ui/")
        self.assertIn("authRequest=", asked)

    def api(self, token):
        try:
            with urllib.request.urlopen(urllib.request.Request(SITE + "/api/me", headers={"Authorization": f"Bearer {token}"}), timeout=30) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, None

    def machine_token(self, scope):
        basic = base64.b64encode(f"{KNOWN['OIDC_MACHINE_CLIENT_ID']}:{KNOWN['OIDC_MACHINE_CLIENT_SECRET']}".encode()).decode()
        body = urllib.parse.urlencode({"grant_type": "client_credentials", "scope": scope}).encode()
        request = urllib.request.Request(KNOWN["OIDC_ISSUER"] + "/oauth/v2/token", body, {"Authorization": f"Basic {basic}"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())["access_token"]

    def test_an_api_checks_tokens_by_the_keys(self):
        token = self.machine_token(f"urn:zitadel:iam:org:project:id:{KNOWN['OIDC_PROJECT']}:aud")
        self.assertEqual(self.api(token), (200, {"sub": KNOWN["OIDC_MACHINE_SUBJECT"]}))
        self.assertEqual(self.api(token[:-8] + "AAAAAAAA"), (401, None))
        self.assertEqual(self.api(self.machine_token("openid")), (401, None), "for another audience")


if __name__ == "__main__":
    unittest.main()
