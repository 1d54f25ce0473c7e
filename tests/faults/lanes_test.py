"""Each lane is flooded while the others are watched: they stay quick and refuse nobody; the flooded one refuses with Retry-After and recovers."""
import contextlib
import http.client
import itertools
import json
import socket
import threading
import time
import unittest

from tests.harness.server import Server

# Small, so that a test can fill them.
CONFIG = """
Godwit:
  Lanes:
    Read: {Threads: 1, Queue: 8, MaxWait: 2s}
    Write: {Threads: 2, Queue: 8, MaxWait: 2s}
    Bulk: {Threads: 1, Queue: 2, MaxWait: 2s}
    Hash: {Threads: 1, Queue: 8, MaxWait: 2s}
"""
FLOODERS, PROBES = 32, 40
numbers = itertools.count()


def person(name, **more):
    return {"userName": name, "profile": {"firstName": "A", "lastName": "B"}, "email": {"email": name + "@example.com", "isEmailVerified": True}, **more}


class Client:
    def __init__(self, server):
        self.port = server.port
        self.headers = {"Authorization": "Bearer " + server.pat(), "Content-Type": "application/json"}
        self.connection = None

    def close(self):
        if self.connection:
            self.connection.close()

    def send(self, method, path, body=None):
        for last in (False, True):  # a kept connection may have been closed meanwhile
            try:
                self.connection = self.connection or http.client.HTTPConnection("localhost", self.port, timeout=60)
                self.connection.request(method, path, None if body is None else json.dumps(body), self.headers)
                answer = self.connection.getresponse()
                answer.read()
                return answer.status, answer.getheader("Retry-After")
            except (OSError, http.client.HTTPException):
                self.connection = None
                if last:
                    raise


class Lanes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(config=CONFIG).start()
        cls.password = "Password1!"
        _, made = cls.server.call("POST", "/management/v1/users/human/_import", person("probe", password=cls.password))
        cls.user = made["userId"]
        users = [{"user": person(f"crowd{n}")} for n in range(3_000)]
        status, answer = cls.server.call("POST", "/admin/v1/import", {"timeout": "10m", "dataOrgs": {"orgs": [{"orgId": "crowd", "org": {"name": "Crowd"}, "humanUsers": users}]}})
        assert status == 200, answer
        # One cheap call of each lane.
        cls.probes = {
            "in_line": lambda c: c.send("GET", "/.well-known/openid-configuration"),
            "read": lambda c: c.send("GET", "/auth/v1/users/me"),
            "write": lambda c: c.send("POST", "/management/v1/projects", {"name": f"p{next(numbers)}"}),
            "hash": cls.sign_in,
            "bulk": lambda c: c.send("POST", "/admin/v1/import", {"timeout": "10m", "dataOrgs": {"orgs": []}}),
        }
        cls.quiet = {lane: max(cls.times(probe, 10)) for lane, probe in cls.probes.items()}

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    @classmethod
    def sign_in(cls, client):
        return client.send("POST", "/v2/sessions", {"checks": {"user": {"userId": cls.user}, "password": {"password": cls.password}}})

    @classmethod
    def times(cls, probe, count):
        taken = []
        with contextlib.closing(Client(cls.server)) as client:
            for _ in range(count):
                start = time.monotonic()
                status, _ = probe(client)
                taken.append(time.monotonic() - start)
                assert status in (200, 201), f"a probe was answered {status}"
        return sorted(taken)

    @contextlib.contextmanager
    def flood(self, call):
        """`call` from many clients at once, again and again. Yields the answers so far."""
        stopping, answers = threading.Event(), []

        def work():
            with contextlib.closing(Client(self.server)) as client:
                while not stopping.is_set():
                    answers.append(call(client))
                    if answers[-1][0] != 200:
                        stopping.wait(0.02)  # a client that is refused does not come back at once

        threads = [threading.Thread(target=work) for _ in range(FLOODERS)]
        for thread in threads:
            thread.start()
        try:
            yield answers
        finally:
            stopping.set()
            for thread in threads:
                thread.join()

    def watch_others(self, flooded):
        for lane, probe in self.probes.items():
            if lane == flooded:
                continue
            taken = self.times(probe, PROBES)
            p99 = taken[int(len(taken) * 0.99)]
            # Hashing and imports give way to what answers in microseconds: they only have to get through.
            bound = (5 if lane in ("hash", "bulk") else 0.5) + 10 * self.quiet[lane]
            self.assertLess(p99, bound, f"{lane} while {flooded} is flooded")

    def refused(self, answers):
        refusals = [a for a in answers if a[0] in (429, 503)]
        for status, retry_after in refusals:
            self.assertIsNotNone(retry_after, f"{status} without Retry-After")
        self.assertEqual([a for a in answers if a[0] not in (200, 201, 429, 503)], [])
        return len(refusals)

    def flooded(self, lane, call):
        with self.flood(call) as answers:
            until = time.monotonic() + 30
            while self.refused(list(answers)) == 0 and time.monotonic() < until:
                time.sleep(0.01)
            self.watch_others(lane)
            self.assertGreater(self.refused(list(answers)), 0, "the lane was never full")
            self.assertTrue([a for a in answers if a[0] in (200, 201)], "a full lane still serves those it took")
        self.times(self.probes[lane], 5)  # and nothing is left of it afterwards

    def test_read(self):
        """Discovery too stays where nobody waits: its texts are made anew beside the lanes, not by whoever asks when they are old."""
        search = {"query": {"limit": 500}, "queries": [{"firstNameQuery": {"firstName": "a", "method": "TEXT_QUERY_METHOD_CONTAINS_IGNORE_CASE"}}]}
        self.flooded("read", lambda c: c.send("POST", "/management/v1/users/_search", search))

    def test_write(self):
        self.flooded("write", lambda c: c.send("POST", "/management/v1/users/human/_import", person(f"w{next(numbers)}")))

    def test_hash_by_sign_ins(self):
        self.flooded("hash", self.sign_in)

    def test_hash_by_imports_with_plain_passwords(self):
        self.flooded("hash", lambda c: c.send("POST", "/management/v1/users/human/_import", person(f"h{next(numbers)}", password="Password1!")))

    def test_in_line(self):
        with self.flood(lambda c: c.send("GET", "/.well-known/openid-configuration")) as answers:
            self.watch_others("in_line")
            self.assertEqual(self.refused(list(answers)), 0)

    def test_bulk(self):
        """Imports whose bodies drip hold the lane's threads for as long as they like."""
        head = (f"POST /admin/v1/import HTTP/1.1\r\nHost: localhost:{self.server.port}\r\nAuthorization: Bearer {self.server.pat()}\r\n"
                "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{").encode()
        with contextlib.ExitStack() as stack:
            held = [stack.enter_context(socket.create_connection(("localhost", self.server.port), timeout=20)) for _ in range(3)]
            for connection in held:
                connection.sendall(head)
            client = stack.enter_context(contextlib.closing(Client(self.server)))
            until = time.monotonic() + 20
            answer = (200, None)
            while answer[0] == 200 and time.monotonic() < until:
                answer = self.probes["bulk"](client)
            self.assertEqual(answer[0], 503)
            self.assertIsNotNone(answer[1])
            self.watch_others("bulk")
        until, answer, client = time.monotonic() + 20, (503, None), Client(self.server)
        while answer[0] == 503 and time.monotonic() < until:
            answer = self.probes["bulk"](client)
        client.close()
        self.assertEqual(answer[0], 200, "who left gave the lane back")


if __name__ == "__main__":
    unittest.main()
