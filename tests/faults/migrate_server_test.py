"""Migrations of a running server: records by REST and by the command line, cut off, paused, killed, taken over; in the end every record is there once."""
import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
import time
import unittest
import urllib.request

from tests.faults.migrate_test import write_records
from tests.harness.postgres import Postgres
from tests.harness.server import Server

RECORDS = int(os.environ.get("GODWIT_MIGRATE_RECORDS", 6_000))
JOBS = "/migration/v1/jobs"


def person(n, **more):
    return json.dumps({"sourceId": f"s{n}", "userName": f"p{n}", "profile": {"givenName": "P", "familyName": str(n)}, **more})


def ndjson(first, last):
    return "".join(person(n) + "\n" for n in range(first, last + 1)).encode()


class Sender:
    """A body that is sent as slowly as wanted: chunked, by hand."""

    def __init__(self, server, job, query="", token=None):
        self.socket = socket.create_connection(("localhost", server.port))
        self.socket.settimeout(60)
        head = (f"POST {JOBS}/{job}/records{query} HTTP/1.1\r\nHost: localhost:{server.port}\r\nAuthorization: Bearer {token or server.pat()}\r\n"
                "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n")
        self.socket.sendall(head.encode())

    def send(self, data):
        self.socket.sendall(b"%x\r\n%s\r\n" % (len(data), data))

    def end(self):
        self.socket.sendall(b"0\r\n\r\n")

    def answer(self):
        response = http.client.HTTPResponse(self.socket)
        response.begin()
        return response.status, json.loads(response.read())

    def cut(self):
        self.socket.close()


class Events:
    """What GET …/events says, read by a thread."""

    def __init__(self, server, job, token=None):
        request = urllib.request.Request(server.base + f"{JOBS}/{job}/events", headers={"Authorization": "Bearer " + (token or server.pat())})
        self.response = urllib.request.urlopen(request, timeout=60)
        assert self.response.headers["content-type"] == "text/event-stream"
        self.events, self.ended, self.error = [], False, None
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        name = "message"
        for line in self.response:
            line = line.decode().rstrip("\n")
            if line.startswith("event: "):
                name = line[7:]
            elif line.startswith("data: "):
                self.ended = self.ended or name == "end"
                if name == "error":
                    self.error = json.loads(line[6:])
                if name == "message":
                    self.events.append(json.loads(line[6:])["job"])


class MigrateServer(unittest.TestCase):
    """On the embedded store; once for all, as the tests have jobs and users of their own."""
    @classmethod
    def conninfo(cls):
        return None

    @classmethod
    def setUpClass(cls):
        cls.server = Server(cls.conninfo()).start()
        status, org = cls.server.call("POST", "/management/v1/orgs", {"name": "Acme"})
        assert status == 200, org
        cls.org = org["id"]

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        shutil.rmtree(cls.server.folder, ignore_errors=True)

    def create(self, **more):
        status, answer = self.server.call("POST", JOBS, {"source": self.id(), "organization": "Acme", **more})
        self.assertEqual(status, 200, answer)
        return answer["job"]["id"]

    def get(self, job):
        status, answer = self.server.call("GET", f"{JOBS}/{job}")
        self.assertEqual(status, 200, answer)
        return answer["job"]

    def wait(self, job, until, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            now = self.get(job)
            if until(now):
                return now
            time.sleep(0.05)
        self.fail(f"the job did not come so far: {now}")

    def send(self, job, data, query=""):
        sender = Sender(self.server, job, query)
        try:
            sender.send(data)
            sender.end()
            return sender.answer()
        finally:
            sender.cut()

    def lines(self, job, query=""):
        """What GET …/records says of each record."""
        request = urllib.request.Request(self.server.base + f"{JOBS}/{job}/records{query}", headers={"Authorization": "Bearer " + self.server.pat()})
        with urllib.request.urlopen(request, timeout=60) as answer:
            self.assertEqual(answer.headers["content-type"], "application/x-ndjson")
            return [json.loads(line) for line in answer]

    def tag(self, first, last):
        """Records of people nobody else in these tests is."""
        mine = self.id().rsplit(".", 1)[1]
        return "".join(json.dumps({"sourceId": f"s{n}", "userName": f"{mine}-{n}"}) + "\n" for n in range(first, last + 1)).encode()

    def test_a_job_from_its_making_to_its_report(self):
        body = {"source": "legacy", "organization": self.org, "idempotencyKey": "once", "options": {"onConflict": "ON_CONFLICT_SKIP"}}
        status, made = self.server.call("POST", JOBS, body)
        self.assertEqual(status, 200, made)
        job = made["job"]["id"]
        self.assertEqual(made["job"]["state"], "JOB_STATE_WAITING")
        self.assertEqual(self.server.call("POST", JOBS, body)[1]["job"]["id"], job, "the same key is the same job")
        self.assertEqual(self.server.call("POST", JOBS, {**body, "source": "other"})[0], 409)
        self.assertIn(job, [j["id"] for j in self.server.call("GET", JOBS)[1]["jobs"]])

        events = Events(self.server, job)
        data = self.tag(1, 500) + b"not JSON\n\n"
        status, answer = self.send(job, data)
        self.assertEqual(status, 200, answer)
        self.assertEqual((answer["job"]["state"], answer["job"]["lastRecord"]), ("JOB_STATE_DONE", "501"))
        self.assertEqual((answer["job"]["counters"]["created"], answer["job"]["counters"]["failed"]), ("500", "1"))
        events.thread.join(20)
        self.assertTrue(events.ended)
        self.assertEqual([events.events[0]["state"], events.events[-1]["state"]], ["JOB_STATE_WAITING", "JOB_STATE_DONE"])

        lines = self.lines(job)
        self.assertEqual([int(line["record"]) for line in lines], list(range(1, 502)))
        self.assertEqual(lines[-1]["codes"], ["record.bad_json"])
        self.assertEqual(len(self.lines(job, "?failedOnly=true")), 1)
        page = self.server.call("GET", f"{JOBS}/{job}/report?limit=100&after=100")[1]
        self.assertEqual((len(page["records"]), page["next"]), (100, "200"))

        # Once more, all of it and the end of it: nothing changes. What the job never had needs another.
        for again in (data, data[-500:].split(b"\n", 1)[1]):
            status, answer = self.send(job, again)
            self.assertEqual(status, 200, answer)
            self.assertEqual(answer["job"]["counters"]["records"], "501")
        status, answer = self.send(job, data + self.tag(501, 501))
        self.assertEqual(status, 400, answer)
        self.assertIn("MIGRATE-Job04", answer["message"])

    def test_a_cut_connection_is_gone_on_with(self):
        job = self.create()
        sender = Sender(self.server, job)
        sender.send(self.tag(1, 1200)[:-20])  # the last line is cut off
        self.wait(job, lambda now: int(now.get("lastRecord", 0)) >= 1199)
        sender.cut()
        stands = self.wait(job, lambda now: now["state"] == "JOB_STATE_WAITING")
        self.assertIn(stands["lastRecord"], ("1199", "1200"))
        # A gap, something else in place of what is known, and then: the whole again.
        self.assertIn("MIGRATE-Send01", self.send(job, self.tag(1500, 1600), "?firstRecord=1500")[1]["message"])
        self.assertIn("MIGRATE-Send02", self.send(job, self.tag(5, 1600), "?firstRecord=1")[1]["message"])
        status, answer = self.send(job, self.tag(1100, 1500), "?more=true")
        self.assertEqual((status, answer["job"]["state"], answer["job"]["lastRecord"]), (200, "JOB_STATE_WAITING", "1500"), answer)
        status, answer = self.send(job, self.tag(1501, 1600), "?more=true")
        self.assertEqual((status, answer["job"]["lastRecord"]), (200, "1600"), answer)
        status, answer = self.send(job, self.tag(1, 2000))
        self.assertEqual((status, answer["job"]["state"]), (200, "JOB_STATE_DONE"), answer)
        self.assertEqual(answer["job"]["counters"]["records"], "2000")
        self.assertEqual([int(line["record"]) for line in self.lines(job)], list(range(1, 2001)))

    def test_pause_and_cancel_reach_whoever_sends(self):
        job = self.create()
        sender = Sender(self.server, job)
        sender.send(self.tag(1, 300))
        self.wait(job, lambda now: int(now.get("lastRecord", 0)) == 300)
        self.assertEqual(self.server.call("POST", f"{JOBS}/{job}/_pause", {})[1]["job"]["state"], "JOB_STATE_PAUSED")
        status, answer = sender.answer()  # though nothing more was sent
        self.assertEqual(status, 400, answer)
        self.assertIn("paused", answer["message"])
        self.assertIn("300", answer["message"])
        sender.cut()
        self.assertIn("MIGRATE-Job05", self.send(job, self.tag(1, 400))[1]["message"])
        self.assertEqual(self.server.call("POST", f"{JOBS}/{job}/_resume", {})[1]["job"]["state"], "JOB_STATE_WAITING")
        sender = Sender(self.server, job)
        sender.send(self.tag(1, 400))
        self.wait(job, lambda now: int(now.get("lastRecord", 0)) == 400)
        self.assertEqual(self.server.call("POST", f"{JOBS}/{job}/_cancel", {})[1]["job"]["state"], "JOB_STATE_CANCELLED")
        self.assertIn("cancelled", sender.answer()[1]["message"])
        sender.cut()
        self.assertEqual(self.send(job, self.tag(1, 500))[0], 400)
        self.assertEqual(self.get(job)["counters"]["created"], "400", "what was taken in stays")

    def test_a_second_sender_is_refused(self):
        job = self.create()
        first = Sender(self.server, job)
        first.send(self.tag(1, 10))
        self.wait(job, lambda now: now["state"] == "JOB_STATE_RUNNING")
        status, answer = self.send(job, self.tag(1, 20))
        self.assertEqual(status, 409, answer)
        self.assertIn("somebody else is sending", answer["message"])
        first.send(self.tag(11, 20))
        first.end()
        status, answer = first.answer()
        self.assertEqual((status, answer["job"]["counters"]["created"]), (200, "20"), answer)
        first.cut()

    def test_a_rehearsal_writes_nothing(self):
        job = self.create(options={"dryRun": True})
        status, answer = self.send(job, self.tag(1, 50) + self.tag(1, 1))
        self.assertEqual(status, 200, answer)
        self.assertEqual((answer["job"]["counters"]["created"], answer["job"]["counters"]["records"]), ("50", "51"))
        job = self.create()
        self.assertEqual(self.send(job, self.tag(1, 50))[1]["job"]["counters"]["created"], "50")

    def test_organizations_of_the_source_are_mapped(self):
        job = self.create(organization="ZITADEL", options={"orgMap": {"Old Acme": "Acme"}})
        status, answer = self.send(job, json.dumps({"sourceId": "m", "userName": "mapped-one", "organization": {"name": "Old Acme"}}).encode())
        self.assertEqual((status, answer["job"]["counters"]["created"]), (200, "1"), answer)
        user = self.lines(job)[0]["userId"]
        self.assertEqual(self.server.call("GET", f"/management/v1/users/{user}", headers={"x-zitadel-orgid": self.org})[0], 200)

    def test_an_organizations_owner_migrates_into_it_alone(self):
        status, answer = self.server.call("POST", "/admin/v1/import", {"timeout": "1m", "dataOrgs": {"orgs": [{
            "orgId": "lone", "org": {"name": "Lone"}, "machineUsers": [{"userId": "lone-owner", "user": {"userName": "lone-owner", "name": "Owner"}}],
            "orgMembers": [{"userId": "lone-owner", "roles": ["ORG_OWNER"]}]}]}})
        self.assertEqual(status, 200, answer)
        token = self.server.call("POST", "/management/v1/users/lone-owner/pats", {}, headers={"x-zitadel-orgid": "lone"})[1]["token"]
        wide = self.create(organization="lone")
        status, made = self.server.call("POST", JOBS, {"source": "own"}, token=token)
        self.assertEqual((status, made["job"]["orgId"]), (200, "lone"), made)
        own = made["job"]["id"]
        self.assertEqual(self.server.call("POST", JOBS, {"source": "own", "organization": "Acme"}, token=token)[0], 404)
        self.assertEqual([job["id"] for job in self.server.call("GET", JOBS, token=token)[1]["jobs"]], [own])
        for verb, path in (("GET", ""), ("GET", "/report"), ("GET", "/events"), ("GET", "/records"), ("POST", "/_pause"), ("POST", "/_cancel"), ("POST", "/records")):
            self.assertEqual(self.server.call(verb, f"{JOBS}/{wide}{path}", {} if verb == "POST" else None, token=token)[0], 404, path)
        data = self.tag(1, 2) + json.dumps({"sourceId": "x", "userName": "elsewhere", "organization": {"name": "Acme"}}).encode()
        status, answer = self.send(own, data)
        self.assertEqual(status, 200, answer)
        self.assertEqual((answer["job"]["counters"]["created"], answer["job"]["counters"]["codes"]), ("2", {"org.unknown": "1"}))

    def test_a_token_that_is_taken_back_ends_sending_and_watching(self):
        status, answer = self.server.call("POST", "/admin/v1/import", {"timeout": "1m", "dataOrgs": {"orgs": [{
            "orgId": "brief", "org": {"name": "Brief"}, "machineUsers": [{"userId": "brief-owner", "user": {"userName": "brief-owner", "name": "Owner"}}],
            "orgMembers": [{"userId": "brief-owner", "roles": ["ORG_OWNER"]}]}]}})
        self.assertEqual(status, 200, answer)
        made = self.server.call("POST", "/management/v1/users/brief-owner/pats", {}, headers={"x-zitadel-orgid": "brief"})[1]
        job = self.server.call("POST", JOBS, {"source": "brief"}, token=made["token"])[1]["job"]["id"]
        watcher, other = Events(self.server, job, token=made["token"]), Events(self.server, job)
        sender = Sender(self.server, job, token=made["token"])
        sender.send(json.dumps({"sourceId": "b1", "userName": "brief-one"}).encode() + b"\n")
        self.wait(job, lambda now: int(now.get("lastRecord", 0)) == 1)
        self.assertEqual(self.server.call("DELETE", f"/management/v1/users/brief-owner/pats/{made['tokenId']}", headers={"x-zitadel-orgid": "brief"})[0], 200)
        status, answer = sender.answer()  # without a further word from the client
        self.assertEqual((status, "up to record 1" in answer["message"]), (401, True), answer)
        self.wait(job, lambda now: now["state"] == "JOB_STATE_WAITING")
        watcher.thread.join(60)
        self.assertEqual((watcher.ended, watcher.error["code"]), (False, 16), watcher.error)
        self.assertEqual(self.server.call("POST", f"{JOBS}/{job}/_cancel", {})[0], 200)
        other.thread.join(60)
        self.assertEqual((other.ended, other.error, other.events[-1]["state"]), (True, None, "JOB_STATE_CANCELLED"), "whose token lives")

    def test_what_is_mistyped_does_nothing_else_than_was_meant(self):
        before = self.server.call("GET", JOBS)[1]["total"]
        for body, wanted in (({"options": {"dryRn": True}}, 'options.dryRn: no such member; did you mean "dryRun"?'),
                             ({"options": {"onConflict": "ON_CONFLICT_MRGE"}}, 'did you mean "ON_CONFLICT_MERGE"?'),
                             ({"organisation": "Acme"}, 'organisation: no such member; did you mean "organization"?')):
            status, answer = self.server.call("POST", JOBS, {"source": "slip", **body})
            self.assertEqual((status, wanted in answer["message"]), (400, True), answer)
        self.assertEqual(self.server.call("GET", JOBS)[1]["total"], before)
        status, answer = self.server.call("GET", JOBS + "?limt=5")
        self.assertEqual((status, 'did you mean "limit"?' in answer["message"]), (400, True), answer)
        # The contract goes on ignoring what it does not know.
        self.assertEqual(self.server.call("POST", "/management/v1/users/_search", {"colour": "red"})[0], 200)
        # A record's member that is not known is said, and the rest comes.
        job = self.create(source="slip")
        status, answer = self.send(job, person(1, emial={"address": "a@b.example"}, email={"adress": "x"}, userName="slipped").encode() + b"\n")
        self.assertEqual((status, answer["job"]["counters"].get("partial")), (200, "1"), answer)
        report = self.server.call("GET", f"{JOBS}/{job}/report")[1]["records"]
        self.assertEqual((report[0]["codes"], sorted(report[0]["lost"])), (["record.unknown_member"], ["email.adress", "emial"]))

    # The command line.

    def command(self, *args, server=None, token=None):
        server = server or self.server
        (server.folder / "token").write_text((token or server.pat()) + "\n")
        return [str(server.binary), "migrate", *map(str, args), "--server", server.base, "--token-file", str(server.folder / "token")]

    def run_cli(self, *args, **more):
        return subprocess.run(self.command(*args, **more), capture_output=True, text=True, check=False, timeout=300, env=self.server.env)

    def prepare(self, name):
        """An organization for a whole run, with what the records name."""
        status, org = self.server.call("POST", "/management/v1/orgs", {"name": name})
        self.assertEqual(status, 200, org)
        inside = {"x-zitadel-orgid": org["id"]}
        project = self.server.call("POST", "/management/v1/projects", {"name": "shop"}, headers=inside)[1]
        self.server.call("POST", f"/management/v1/projects/{project['id']}/roles", {"roleKey": "buyer", "displayName": "Buyer"}, headers=inside)
        self.server.call("POST", "/management/v1/idps/generic_oidc", {"name": "google", "issuer": "https://accounts.example", "clientId": "c", "clientSecret": "s"},
                         headers=inside)

    def test_the_command_line_works_on_a_server(self):
        self.prepare("Cli")
        records, report = self.server.folder / "cli.ndjson", self.server.folder / "cli-report.ndjson"
        write_records(records, RECORDS)
        base = ["run", records, "--from", "godwit", "--org", "Cli"]
        rehearsed = self.run_cli(*base, "--dry-run", "--report", report)
        self.assertEqual(rehearsed.returncode, 1, rehearsed.stdout + rehearsed.stderr)
        foretold = [{k: v for k, v in json.loads(line).items() if k != "userId"} for line in report.read_text().splitlines()]

        # Stopped politely in the middle, gone on with by the same command.
        process = subprocess.Popen(self.command(*base), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.server.env)
        end = time.monotonic() + 60
        while time.monotonic() < end and process.poll() is None:
            jobs = self.server.call("GET", JOBS)[1]["jobs"]
            if int(jobs[0].get("lastRecord", 0)) > 0 and not jobs[0]["options"].get("dryRun"):
                break
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertIn(process.returncode, (1, 4), out + err)
        done = self.run_cli(*base, "--report", report)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        told = [json.loads(line) for line in report.read_text().splitlines()]
        self.assertEqual([line["record"] for line in told], list(range(1, RECORDS + 1)))
        if process.returncode == 4:
            self.assertIn("go on with", out)
            self.assertEqual([{k: v for k, v in line.items() if k != "userId"} for line in told], foretold)

        job = done.stdout.split()[1].rstrip(":")
        self.assertIn(job, self.run_cli("list").stdout)
        self.assertIn("done", self.run_cli("status", job).stdout)
        self.assertEqual(len(self.run_cli("report", job).stdout.splitlines()), RECORDS)
        ended = self.run_cli("resume", job)
        self.assertEqual(ended.returncode, 2, ended.stdout + ended.stderr)
        self.assertIn("is done", ended.stderr)

    def test_the_command_line_says_what_is_wrong(self):
        records = self.server.folder / "few.ndjson"
        records.write_bytes(self.tag(1, 3) + b"broken\nbroken\n")
        base = ["run", records, "--from", "godwit", "--org", "Acme"]
        paused = self.run_cli(*base, "--max-errors", "1")
        self.assertEqual(paused.returncode, 3, paused.stdout + paused.stderr)
        job = paused.stdout.split()[1].rstrip(":")
        self.assertEqual(self.run_cli("cancel", job).returncode, 0)
        self.assertIn("cancelled", self.run_cli("status", job).stdout)

        wrong = self.run_cli(*base, token="nonsense")
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("does not take the token", wrong.stderr)
        powerless = self.run_cli(*base, token=self.server.pat("login"))
        self.assertEqual(powerless.returncode, 2)
        self.assertIn("IAM_OWNER", powerless.stderr)
        nowhere = self.run_cli("run", records, "--from", "godwit", "--org", "Nowhere")
        self.assertEqual(nowhere.returncode, 2)
        self.assertIn("Nowhere", nowhere.stderr)
        token = self.server.folder / "token"
        for url, status, part in (("http://localhost:9", 4, "cannot reach"), ("ftp://localhost", 2, "no URL"), (self.server.base + "/nothing", 4, "no Godwit"),
                                  ("https://localhost:%d" % self.server.port, 4, "cannot reach")):
            refused = subprocess.run([str(self.server.binary), "migrate", "list", "--server", url, "--token-file", str(token)], capture_output=True, text=True,
                                     check=False, timeout=60)
            self.assertEqual(refused.returncode, status, (url, refused.stderr))
            self.assertIn(part, refused.stderr)
        for args in (["list", "--server", self.server.base], ["list", "--server", self.server.base, "--token-file", "/nonexistent"],
                     ["list", "--server", self.server.base, "--token-file", str(token), "--data", "x"]):
            refused = subprocess.run([str(self.server.binary), "migrate", *args], capture_output=True, text=True, check=False, timeout=60)
            self.assertEqual(refused.returncode, 2, (args, refused.stderr))


class MigrateServerOnPostgres(MigrateServer):
    @classmethod
    def conninfo(cls):
        cls.postgres = Postgres()
        return cls.postgres.create_database("m")

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.postgres.__exit__()


class Load(unittest.TestCase):
    """So many users come into an empty server that the indexes of searches are built last."""
    MANY = 40_000
    PASSWORD = {"hash": "$2b$10$SCHPBhOaQajJr45SH2wjXe5jFf79KGdMc0raWD3V0n7BI4z.ILYSS"}

    def people(self, first, last):
        return "".join(person(n, email={"address": f"mail{n}@acme.example", "verified": True}, password=self.PASSWORD) + "\n" for n in range(first, last + 1)).encode()

    def indexes(self, server):
        with contextlib.closing(sqlite3.connect(f"file:{server.folder / 'data/directory.db'}?mode=ro", uri=True, timeout=20)) as database:
            return {name for name, in database.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")}

    def begin(self, server, job, first=1):
        """Sends, until indexes are missing."""
        sender = Sender(server, job)
        for n in range(first, first + self.MANY, 5_000):
            sender.send(self.people(n, n + 4_999))
        self.until(lambda: "users_email" not in self.indexes(server))
        return sender

    def until(self, condition, seconds=120):
        end = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)

    def stands(self, server, job):
        return server.call("GET", f"{JOBS}/{job}")[1]["job"]

    def create(self, server):
        status, answer = server.call("POST", JOBS, {"source": "many"})
        self.assertEqual(status, 200, answer)
        return answer["job"]["id"]

    def found(self, server, query):
        status, answer = server.call("POST", "/management/v1/users/_search", {"queries": [query], "sortingColumn": "USER_FIELD_NAME_DISPLAY_NAME"})
        self.assertEqual(status, 200, answer)
        return [user["userName"] for user in answer.get("result", [])]

    def look(self, server):
        """What people do while others come."""
        self.assertEqual(self.found(server, {"emailQuery": {"emailAddress": "mail77@acme.example", "method": "TEXT_QUERY_METHOD_EQUALS"}}), ["p77"])
        self.assertEqual(self.found(server, {"lastNameQuery": {"lastName": "78", "method": "TEXT_QUERY_METHOD_EQUALS"}}), ["p78"])
        self.assertIn("p5000", self.found(server, {"userNameQuery": {"userName": "P5000", "method": "TEXT_QUERY_METHOD_STARTS_WITH_IGNORE_CASE"}}))
        status, session = server.call("POST", "/v2/sessions", {"checks": {"user": {"loginName": "p80"}, "password": {"password": "Password1!"}}})
        self.assertEqual(status, 201, session)
        profile = {"profile": {"firstName": "A", "lastName": "B"}, "email": {"email": "a@b.example", "isEmailVerified": True}}
        self.assertEqual(server.call("POST", "/management/v1/users/human/_import", {"userName": "P81", **profile})[0], 409, "names stay unique")
        name = f"own{time.monotonic_ns()}"
        self.assertEqual(server.call("POST", "/management/v1/users/human/_import", {"userName": name, **profile})[0], 200)

    def test_nobody_need_know(self):
        with Server() as server:
            whole = self.indexes(server)
            job = self.create(server)
            sender = self.begin(server, job)
            self.assertEqual(self.indexes(server) - whole, set())
            self.until(lambda: int(self.stands(server, job).get("lastRecord", 0)) > 20_000)
            self.look(server)
            checked = server.run_verb("doctor")
            self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
            self.assertEqual(server.call("POST", f"{JOBS}/{job}/_pause", {})[0], 200)
            self.assertEqual(sender.answer()[0], 400)
            sender.cut()
            self.assertEqual(self.indexes(server), whole, "a paused job has its indexes")
            self.look(server)

    def test_a_kill_leaves_nothing_missing(self):
        with Server() as server:
            whole = self.indexes(server)
            job = self.create(server)
            # In the middle of the load; and while the indexes are built, which is when the client has said its last word.
            for last_word in (False, True):
                stood = int(self.stands(server, job).get("lastRecord", 0))
                sender = self.begin(server, job, stood + 1)
                if last_word:
                    missing = len(self.indexes(server))
                    sender.end()
                    self.until(lambda: missing < len(self.indexes(server)) or self.stands(server, job)["state"] == "JOB_STATE_DONE")
                server.kill()
                sender.cut()
                server.start()
                self.assertEqual(self.indexes(server), whole)
                self.assertEqual(server.run_verb("doctor").returncode, 0)
                self.look(server)
            stood = self.stands(server, job)
            self.assertEqual(stood["counters"]["created"], stood["lastRecord"], stood)

    def test_who_stops_leaves_the_rest_to_the_next_start(self):
        with Server() as server:
            whole = self.indexes(server)
            sender = self.begin(server, self.create(server))
            server.process.terminate()
            self.assertEqual(server.process.wait(30), 0)
            sender.cut()
            server.start()
            self.assertEqual(self.indexes(server), whole)
            self.look(server)


class Killed(unittest.TestCase):
    def create(self, server):
        status, answer = server.call("POST", JOBS, {"source": "killed"})
        self.assertEqual(status, 200, answer)
        return answer["job"]["id"]

    def begin(self, server, job, records):
        """Has sent some, and has not ended."""
        sender = Sender(server, job)
        sender.send(ndjson(1, records))
        end = time.monotonic() + 60
        while int(server.call("GET", f"{JOBS}/{job}")[1]["job"].get("lastRecord", 0)) < 1:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)
        return sender

    def finish(self, server, job, records):
        sender = Sender(server, job)
        try:
            sender.send(ndjson(1, records))
            sender.end()
            return sender.answer()
        finally:
            sender.cut()

    def test_a_killed_server_goes_on_where_it_stood(self):
        with Server() as server:
            job = self.create(server)
            for records in (2_000, 4_000):
                sender = self.begin(server, job, records)
                server.kill()
                sender.cut()
                server.start()
            status, answer = self.finish(server, job, 5_000)
            self.assertEqual(status, 200, answer)
            self.assertEqual((answer["job"]["state"], answer["job"]["counters"]["created"], answer["job"]["counters"]["records"]), ("JOB_STATE_DONE", "5000", "5000"))

    def test_the_command_line_survives_a_killed_server(self):
        with Server() as server:
            records = server.folder / "users.ndjson"
            records.write_bytes(ndjson(1, 20_000))
            (server.folder / "token").write_text(server.pat())
            command = [str(server.binary), "migrate", "run", str(records), "--from", "godwit", "--org", "ZITADEL", "--server", server.base, "--token-file",
                       str(server.folder / "token")]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            while process.poll() is None and not int((server.call("GET", JOBS)[1].get("jobs") or [{}])[0].get("lastRecord", 0)):
                time.sleep(0.01)
            server.kill()
            out, err = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 4, out + err)
            server.start()
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn("20000 records: 20000 created", done.stdout)

    def test_another_node_takes_a_dead_nodes_job_over(self):
        with Postgres() as postgres:
            conninfo = postgres.create_database("nodes")
            with Server(conninfo) as first:
                second = Server(conninfo)
                shutil.copy(first.folder / "admin.pat", second.folder)
                with second:
                    job = self.create(first)
                    sender = self.begin(first, job, 2_000)
                    first.kill()
                    sender.cut()
                    status, answer = self.finish(second, job, 3_000)
                    self.assertEqual(status, 409, answer)
                    end = time.monotonic() + 60
                    while status == 409 and time.monotonic() < end:  # until the lease is over
                        time.sleep(1)
                        status, answer = self.finish(second, job, 3_000)
                    self.assertEqual(status, 200, answer)
                    self.assertEqual((answer["job"]["counters"]["created"], answer["job"]["counters"]["records"]), ("3000", "3000"))

    def test_a_stopping_server_lets_go_of_whoever_sends(self):
        with Server() as server:
            job = self.create(server)
            sender = self.begin(server, job, 100)
            server.process.terminate()
            status, answer = sender.answer()
            self.assertEqual(status, 503, answer)
            self.assertIn("100", answer["message"])
            self.assertEqual(server.process.wait(30), 0)
            server.start()
            status, answer = self.finish(server, job, 200)
            self.assertEqual((status, answer["job"]["counters"]["created"]), (200, "200"), answer)


if __name__ == "__main__":
    unittest.main()
