"""Rate limits through the front door: who asks for too much is told so in the manner of what they asked, and nobody else is."""
import http.client
import json
import subprocess
import unittest

from tests.harness.server import Server

CONFIG = """
Godwit:
  RateLimits:
    Exempt: [127.0.0.9]
    Address:
      Authorize: {PerSecond: 1, Burst: 5}
      Passwords: {PerSecond: 1, Burst: 5}
      Refused: {PerSecond: 1, Burst: 5}
    Account:
      Writes: {PerSecond: 1, Burst: 5}
"""


class Limits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(config=CONFIG).start()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def send(self, source, method, path, body=None, headers=None):
        """From another address of the loopback network for each test, so that none uses up what another needs."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20, source_address=(source, 0))
        try:
            connection.request(method, path, body, {"Host": f"localhost:{self.server.port}", **(headers or {})})
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read().decode()
        finally:
            connection.close()

    def until_refused(self, *request, most=40, **more):
        """How many got through before the first 429, and that one."""
        for passed in range(most):
            answer = self.send(*request, **more)
            if answer[0] == 429:
                self.assertGreaterEqual(int(answer[1]["retry-after"]), 1)
                return passed, answer
        self.fail(f"{most} times {request} and never 429")

    def test_authorize_says_it_on_a_page(self):
        path = "/oauth/v2/authorize?client_id=nobody&response_type=code&scope=openid&redirect_uri=https%3A%2F%2Fapp.example"
        passed, (_, headers, body) = self.until_refused("127.0.0.2", "GET", path)
        self.assertGreaterEqual(passed, 5)
        self.assertIn("text/html", headers["content-type"])
        self.assertIn("Too many attempts", body)
        self.assertNotEqual(self.send("127.0.0.3", "GET", path)[0], 429, "another address")
        self.assertNotEqual(self.send("127.0.0.2", "GET", "/.well-known/openid-configuration")[0], 429, "another kind of request")

    def test_sign_in_form_says_it_on_a_page_in_the_language_of_the_browser(self):
        form = {"Content-Type": "application/x-www-form-urlencoded", "Accept-Language": "de"}
        _, (_, headers, body) = self.until_refused("127.0.0.4", "POST", "/ui/v2/login/password", body="loginName=x&password=y", headers=form)
        self.assertIn("text/html", headers["content-type"])
        self.assertIn("Zu viele Versuche", body)
        self.assertNotEqual(self.send("127.0.0.4", "GET", "/ui/v2/login/login")[0], 429, "looking costs nothing")

    def test_refused_client_secrets(self):
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        body = "grant_type=client_credentials&client_id=nobody&client_secret=guess&scope=openid"
        passed, (_, headers, raw) = self.until_refused("127.0.0.5", "POST", "/oauth/v2/token", body=body, headers=form)
        self.assertGreaterEqual(passed, 5)
        self.assertEqual(headers["content-type"], "application/json")
        self.assertEqual(json.loads(raw)["error"], "temporarily_unavailable")
        self.assertEqual(self.send("127.0.0.5", "POST", "/oauth/v2/introspect", body, form)[0], 429, "guessing goes on nowhere else")
        self.assertEqual(self.send("127.0.0.6", "POST", "/oauth/v2/token", body, form)[0] // 100, 4)
        self.assertNotEqual(self.send("127.0.0.6", "POST", "/oauth/v2/token", body, form)[0], 429)

    def test_refused_tokens_in_rest_and_grpc(self):
        bearer = {"Authorization": "Bearer guess"}
        _, (_, headers, raw) = self.until_refused("127.0.0.7", "GET", "/auth/v1/users/me", headers=bearer)
        self.assertEqual(json.loads(raw)["code"], 8)
        done = subprocess.run(["curl", "-sS", "-i", "--interface", "127.0.0.7", "--http2-prior-knowledge", "-H", "content-type: application/grpc", "-H", "te: trailers",
                               "-H", f"host: localhost:{self.server.port}", "--data-binary", "", f"http://127.0.0.1:{self.server.port}/zitadel.auth.v1.AuthService/GetMyUser"],
                              capture_output=True, text=True, check=True).stdout.lower()
        self.assertIn("grpc-status: 8", done)
        self.assertIn("retry-after: ", done)
        good = {"Authorization": "Bearer " + self.server.pat()}
        self.assertEqual(self.send("127.0.0.8", "GET", "/auth/v1/users/me", headers=good)[0], 200)

    def test_writes_of_one_account_from_anywhere(self):
        headers = {"Authorization": "Bearer " + self.server.pat(), "Content-Type": "application/json"}
        statuses = [self.send(f"127.0.0.{20 + n}", "POST", "/management/v1/projects", json.dumps({"name": f"p{n}"}), headers) for n in range(15)]
        refused = [answer for answer in statuses if answer[0] == 429]
        self.assertTrue(refused)
        self.assertEqual([a[0] for a in statuses[:5]], [200] * 5)
        self.assertEqual(json.loads(refused[0][2])["details"][0]["id"], "LIMIT-Acc01")
        self.assertEqual(refused[0][1]["retry-after"], "1")
        self.assertEqual(self.send("127.0.0.40", "GET", "/auth/v1/users/me", headers=headers)[0], 200, "reading is not writing")
        # An exempt address is limited in nothing.
        exempt = [self.send("127.0.0.9", "POST", "/management/v1/projects", json.dumps({"name": f"q{n}"}), headers)[0] for n in range(15)]
        self.assertEqual(exempt, [200] * 15)
        metrics = self.send("127.0.0.9", "GET", "/metrics")[2]
        counted = [line for line in metrics.splitlines() if line.startswith('godwit_throttled_total{limit="account_writes"}')]
        self.assertGreaterEqual(float(counted[0].split()[-1]), len(refused))
        written = [line for line in metrics.splitlines() if line.startswith('godwit_store_write_duration_seconds_count{database="directory",kind="small"}')]
        self.assertGreaterEqual(float(written[0].split()[-1]), len(statuses) - len(refused) + len(exempt))


class Defaults(unittest.TestCase):
    def test_the_machine_itself_is_not_limited(self):
        with Server() as server:
            connection = http.client.HTTPConnection("localhost", server.port, timeout=20)
            self.addCleanup(connection.close)
            for _ in range(400):
                connection.request("GET", "/auth/v1/users/me", headers={"Authorization": "Bearer guess"})
                answer = connection.getresponse()
                answer.read()
                self.assertEqual(answer.status, 401)

    def test_what_makes_no_sense_refuses_to_start(self):
        server = Server(config="Godwit: {RateLimits: {Exempt: [localhost]}}\n")
        server.start(wait=False)
        server.process.wait(20)
        self.assertEqual(server.process.returncode, 1)
        self.assertIn("Exempt", server.log())


if __name__ == "__main__":
    unittest.main()
