"""Idempotency-Key through the front door: one write and one answer for each key, whatever carries the call and whoever dies between."""
import concurrent.futures
import http.client
import json
import pathlib
import random
import threading
import time
import unittest

from tests.harness.postgres import Postgres
from tests.harness.server import Server

HASH = "$2b$04$abcdefghijklmnopqrstuuIPTYYV.Zp4rvD/5LwDwasuCbJdL0cRy"


def send(server, method, path, body, key=None, pat=None, timeout=30):
    """status, headers, body as it came; status None when the connection broke."""
    connection = http.client.HTTPConnection("localhost", server.port, timeout=timeout)
    headers = {"Authorization": "Bearer " + (pat or server.pat()), "Content-Type": "application/json"}
    if key is not None:
        headers["Idempotency-Key"] = key
    try:
        connection.request(method, path, json.dumps(body) if not isinstance(body, str) else body, headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()
    except (OSError, http.client.HTTPException):
        return None, {}, ""
    finally:
        connection.close()


def person(name, **more):
    return {"userName": name, "profile": {"firstName": "A", "lastName": "B"}, "email": {"email": name + "@example.com", "isEmailVerified": True}, **more}


IMPORT = "/management/v1/users/human/_import"
EXPIRES = {"expirationDate": "2099-01-01T00:00:00Z"}


class Idempotency(unittest.TestCase):
    def check(self, server):
        self.same_key_same_answer(server)
        self.other_request(server)
        self.keys(server)
        self.secrets(server)
        self.concurrent(server)
        self.bulk(server)

    def same_key_same_answer(self, server):
        body = person("once", hashedPassword={"value": HASH})
        first = send(server, "POST", IMPORT, body, key="k-import")
        self.assertEqual(first[0], 200, first)
        again = send(server, "POST", IMPORT, json.dumps(body, indent=3), key="k-import")
        self.assertEqual((again[0], again[2]), (first[0], first[2]))
        connect = send(server, "POST", "/zitadel.management.v1.ManagementService/ImportHumanUser", body, key="k-import")
        self.assertEqual((connect[0], json.loads(connect[2])), (200, json.loads(first[2])), "whichever protocol carries it")
        without = send(server, "POST", IMPORT, body)
        self.assertEqual(without[0], 409, "without the key it is another attempt")
        self.assertNotEqual(without[2], first[2])
        # What the transaction found is an answer too; what was found before it began is none.
        taken = send(server, "POST", IMPORT, person("once"), key="k-taken")
        self.assertEqual(taken[0], 409)
        self.assertEqual(send(server, "POST", IMPORT, person("once"), key="k-taken")[2], taken[2])
        self.assertEqual(send(server, "POST", IMPORT, {"userName": "nobody"}, key="k-invalid")[0], 400)
        self.assertEqual(send(server, "POST", IMPORT, person("twice"), key="k-invalid")[0], 200)

    def other_request(self, server):
        for body, path in ((person("other"), IMPORT), (person("once", hashedPassword={"value": HASH}), "/management/v1/users/human")):
            status, headers, raw = send(server, "POST", path, body, key="k-import")
            self.assertEqual(status, 422, raw)
            self.assertEqual(json.loads(raw)["code"], 9)
            self.assertEqual(json.loads(raw)["details"][0]["id"], "IDEM-Oth02")

    def keys(self, server):
        for bad in ("", " ", "two words", "k" * 256):
            self.assertEqual(send(server, "POST", IMPORT, person("bad-key"), key=bad)[0], 400, repr(bad))
        self.assertEqual(send(server, "POST", IMPORT, person("long-key"), key="k" * 255)[0], 200)
        self.assertEqual(send(server, "GET", "/management/v1/orgs/me", "", key="k" * 256)[0], 200, "reading needs none")

    def secrets(self, server):
        _, machine = server.call("POST", "/management/v1/users/machine", {"userName": "robot", "name": "R"})
        path = f"/management/v1/users/{machine['userId']}/pats"
        first = send(server, "POST", path, EXPIRES, key="k-pat")
        self.assertEqual(first[0], 200, first)
        self.assertEqual(send(server, "POST", path, EXPIRES, key="k-pat")[2], first[2])
        self.assertEqual(len(self.tokens(server, machine["userId"])), 1)
        token = json.loads(first[2])["token"].encode()
        for file in pathlib.Path(server.folder / "data").rglob("*"):
            if file.is_file():
                self.assertNotIn(token, file.read_bytes(), file)

    def concurrent(self, server):
        body = person("crowd", password="Password1!")  # long enough under way for the others to come
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(lambda _: send(server, "POST", IMPORT, body, key="k-crowd"), range(12)))
        carried_out = [raw for status, _, raw in answers if status == 200]
        self.assertTrue(carried_out)
        self.assertEqual(len(set(carried_out)), 1)
        for status, headers, raw in answers:
            if status != 200:
                self.assertEqual((status, headers.get("Retry-After") or headers.get("retry-after")), (409, "1"), raw)
        self.assertEqual(send(server, "POST", IMPORT, body, key="k-crowd")[2], carried_out[0])

    def bulk(self, server):
        body = {"timeout": "10m", "dataOrgs": {"orgs": [{"orgId": "bulk", "org": {"name": "Bulk"}, "humanUsers": [{"userId": "b1", "user": person("b1")}]}]}}
        first = send(server, "POST", "/admin/v1/import", body, key="k-bulk")
        self.assertEqual(first[0], 200, first)
        self.assertNotIn("errors", json.loads(first[2]))
        self.assertEqual(send(server, "POST", "/admin/v1/import", body, key="k-bulk")[2], first[2])
        body["dataOrgs"]["orgs"][0]["humanUsers"][0]["userId"] = "b2"
        self.assertEqual(send(server, "POST", "/admin/v1/import", body, key="k-bulk")[0], 422)
        self.assertIn("errors", send(server, "POST", "/admin/v1/import", body)[2], "without the key the file is read again")

    @staticmethod
    def tokens(server, user):
        found, offset = [], 0
        while True:
            _, page = server.call("POST", f"/management/v1/users/{user}/pats/_search", {"query": {"offset": str(offset), "limit": 100, "asc": True}})
            found += page.get("result", [])
            if len(page.get("result", [])) < 100:
                return found
            offset += 100

    def crash(self, server, rounds=3):
        """Every key is carried out exactly once, although the server dies in the middle and everybody asks again."""
        rng = random.Random(11)
        _, machine = server.call("POST", "/management/v1/users/machine", {"userName": "crash", "name": "C"})
        path = f"/management/v1/users/{machine['userId']}/pats"
        pat, keys, lost = server.pat(), [], 0
        for round_no in range(rounds):
            answers, stopping = {}, threading.Event()

            def work(worker, answers=answers, stopping=stopping, round_no=round_no):
                for n in range(100_000):
                    key = f"r{round_no}w{worker}n{n}"
                    answers[key] = send(server, "POST", path, EXPIRES, key=key, pat=pat)
                    if stopping.is_set() or answers[key][0] is None:
                        return

            workers = [threading.Thread(target=work, args=(w,)) for w in range(8)]
            for worker in workers:
                worker.start()
            until, want = time.monotonic() + 30, rng.randrange(30, 120)
            while len(answers) < want and time.monotonic() < until:
                time.sleep(0.001)
            server.kill()
            stopping.set()
            for worker in workers:
                worker.join()
            server.start()
            for key, before in answers.items():
                after = send(server, "POST", path, EXPIRES, key=key, pat=pat)
                if before[0] == 200:
                    self.assertEqual(after[2], before[2], f"{key} was answered before the crash")
                elif after[0] == 409:
                    self.assertIn("IDEM-Lost4", after[2])
                    lost += 1
                else:
                    self.assertEqual(after[0], 200, after)
            keys += answers
        self.assertEqual(len(self.tokens(server, machine["userId"])), len(keys), f"tokens made, for the keys used; {lost} answers were lost")

    def test_sqlite(self):
        with Server() as server:
            self.check(server)
            self.crash(server)

    def test_postgres(self):
        with Postgres() as postgres, Server(postgres.create_database("idempotency")) as server:
            self.check(server)
            self.crash(server)


if __name__ == "__main__":
    unittest.main()
