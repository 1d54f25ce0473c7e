"""h2spec, strict: all of generic, http2 and hpack but what KNOWN names."""
import subprocess
import unittest
import xml.etree.ElementTree

from tests.harness.server import ROOT, Server

# h2spec is of RFC 7540's time. "section: number" of what the server does otherwise, and why.
KNOWN = {
    "http2/5.1: 8": "RFC 9113 5.1 lets us drop DATA on a stream that the client has reset: it takes from the sender's own window",
    "http2/5.1: 11": "the same on a stream that has ended",
}
# DATA after the end of the request: the same, when our answer ends the stream before the frame is there; else h2spec is content.
RACES = {"http2/5.1: 5", "http2/6.1: 2"}
# In clear text the port speaks HTTP/1.1 too, and answers a preface that is none as the malformed HTTP/1.1 request it is.
KNOWN_IN_CLEAR = {"http2/3.5: 2": "400 and the end of the connection, where h2spec wants no bytes before the end"}


class H2spec(unittest.TestCase):
    def judge(self, server, known, *arguments):
        report = server.folder / "h2spec.xml"
        done = subprocess.run([ROOT / "build/tools/h2spec", "--strict", "--host", "localhost", "--port", str(server.port), "--path", "/healthz", "--timeout", "5",
                               "--junit-report", report, *arguments, "generic", "http2", "hpack"], capture_output=True, text=True, timeout=600, check=False)
        self.assertTrue(report.exists(), done.stdout + done.stderr)
        cases, failed, numbers = 0, {}, {}
        for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase"):
            section = case.get("package")
            numbers[section] = numbers.get(section, 0) + 1
            cases += 1
            if case.find("failure") is not None or case.find("error") is not None:
                failed[f"{section}: {numbers[section]}"] = f"{case.get('classname')}\n{''.join(case.itertext())}"
        self.assertGreater(cases, 140)
        self.assertEqual(set(known), set(failed) - RACES, f"{failed}\n{done.stdout[-3000:]}")

    def test_clear_text(self):
        with Server() as server:
            self.judge(server, KNOWN | KNOWN_IN_CLEAR)

    def test_tls(self):
        with Server(tls=True) as server:
            self.judge(server, KNOWN, "--tls", "--insecure")


if __name__ == "__main__":
    unittest.main()
