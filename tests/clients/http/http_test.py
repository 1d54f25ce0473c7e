"""What curl, openssl and h2load see: both versions of HTTP with and without TLS, what TLS agrees to, certificates exchanged under way."""
import http.client
import json
import re
import signal
import ssl
import subprocess
import time
import unittest

from tests.harness.server import Server


def run(*command, check=True, **more):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, errors="replace", timeout=120, check=False, **more)
    if check and done.returncode:
        raise AssertionError(f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout + done.stderr


def curl(server, version, path, *more):
    out = run("curl", "--silent", "--show-error", "--insecure", "--write-out", "\n%{http_version} %{http_code}", version, *more, server.base + path)
    body, _, told = out.rpartition("\n")
    return body, told


def h2load(server, requests, *more):
    out = run("h2load", "-n", requests, "-c", 8, *more, server.base + "/healthz")
    counts = dict((name, int(count)) for count, name in re.findall(r"(\d+) (succeeded|failed|errored|timeout|2xx)", out))
    return counts, out


class WithServer(unittest.TestCase):
    tls = False

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server(tls=cls.tls))


class ClearText(WithServer):
    versions = {"--http1.1": "1.1", "--http2-prior-knowledge": "2"}

    def test_curl_reads_and_writes_in_both_versions(self):
        token = ["--header", "Authorization: Bearer " + self.server.pat()]
        for option, version in self.versions.items():
            with self.subTest(option):
                self.assertEqual(curl(self.server, option, "/healthz"), ('{"status":"SERVING"}', version + " 200"))
                body, told = curl(self.server, option, "/management/v1/users/_search", *token, "--json", '{"query":{"limit":1}}')
                self.assertEqual(told, version + " 200")
                self.assertEqual(len(json.loads(body)["result"]), 1)
                self.assertEqual(curl(self.server, option, "/management/v1/users/_search", "--json", "{}")[1], version + " 401")
                self.assertEqual(curl(self.server, option, "/openapi.json", "--head")[1], version + " 200")
                big = self.server.folder / "big.json"
                big.write_text(json.dumps({"queries": [], "pad": "x" * 3_000_000}))
                self.assertEqual(curl(self.server, option, "/management/v1/users/_search", *token, "--json", f"@{big}")[1], version + " 200")

    def test_thousands_of_requests_fail_nowhere(self):
        for more in ([], ["-m", 50], ["--h1"]):
            with self.subTest(more):
                counts, out = h2load(self.server, 5000, *more)
                self.assertEqual(counts, {"succeeded": 5000, "failed": 0, "errored": 0, "timeout": 0, "2xx": 5000}, out)


class Tls(ClearText):
    tls = True
    versions = {"--http1.1": "1.1", "--http2": "2"}

    def s_client(self, *arguments):
        return run("openssl", "s_client", "-connect", f"localhost:{self.server.port}", *arguments, check=False, input="")

    def organization(self):
        return re.search(r"subject=O = (\w+)", self.s_client())[1]

    def test_versions_ciphers_and_alpn(self):
        for arguments, expected in [
            ("-tls1_3", "New, TLSv1.3"), ("-tls1_2", "New, TLSv1.2, Cipher is ECDHE-"),
            ("-tls1_1 -cipher ALL@SECLEVEL=0", "Cipher is (NONE)"), ("-tls1 -cipher ALL@SECLEVEL=0", "Cipher is (NONE)"),
            ("-tls1_2 -cipher kRSA", "Cipher is (NONE)"), ("-tls1_2 -cipher ECDHE+AES+SHA256:ECDHE+AES+SHA1", "Cipher is (NONE)"),
            ("-alpn h2,http/1.1", "ALPN protocol: h2"), ("-alpn http/1.1", "ALPN protocol: http/1.1"), ("-alpn spdy/3", "no application protocol"),
            ("-tls1_3", "Compression: NONE"), ("-tls1_2 -comp", "Compression: NONE"), ("-tls1_2", "Secure Renegotiation IS supported"),
        ]:
            with self.subTest(arguments):
                self.assertIn(expected, self.s_client(*arguments.split()))
        for version in ("-tls1_2", "-tls1_3"):
            self.assertNotIn("Reused, ", self.s_client(version, "-reconnect"))

    def test_a_certificate_is_exchanged_while_connections_go_on(self):
        server, context = self.server, ssl._create_unverified_context()
        server.write_certificate("second")
        server.process.send_signal(signal.SIGHUP)
        self.wait_for("second")
        kept = http.client.HTTPSConnection("localhost", server.port, timeout=30, context=context)
        kept.request("GET", "/healthz")
        self.assertEqual(kept.getresponse().read(), b'{"status":"SERVING"}')
        load = subprocess.Popen(["h2load", "-D", "8", "-c", "8", "-m", "4", "--rps", "50", server.base + "/healthz"], stdout=subprocess.PIPE, text=True)
        server.write_certificate("third")  # found without a signal
        self.wait_for("third")
        (server.folder / "key.pem").write_text("no key")
        server.process.send_signal(signal.SIGHUP)
        self.wait(lambda: "the old one stays in use" in server.log())
        self.assertEqual(self.organization(), "third")
        server.write_certificate("fourth")
        self.wait_for("fourth")
        kept.request("GET", "/healthz")
        self.assertEqual(kept.getresponse().status, 200, "on the connection that began with the second")
        told = load.communicate(timeout=60)[0]
        self.assertRegex(told, r" 0 failed, 0 errored, 0 timeout")
        self.assertNotRegex(told, r" 0 succeeded")

    def wait_for(self, organization):
        self.wait(lambda: self.organization() == organization)

    def wait(self, condition, seconds=60):
        until = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), until, self.server.log()[-2000:])
            time.sleep(0.2)


if __name__ == "__main__":
    unittest.main()
