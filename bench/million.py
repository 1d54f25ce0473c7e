"""A million users in one organization: lists and searches, starts, memory. USERS=200000 for a shorter run."""
import json
import os
import random
import subprocess
import time

from bench import HASH, Server, memory, post_script, row, seconds_until_ready, send_import, table, wrk

USERS = int(os.environ.get("USERS", "1000000"))
CONNECTIONS = 16
IGNORE_CASE = {"EQUALS": "TEXT_QUERY_METHOD_EQUALS_IGNORE_CASE", "STARTS": "TEXT_QUERY_METHOD_STARTS_WITH_IGNORE_CASE",
               "CONTAINS": "TEXT_QUERY_METHOD_CONTAINS_IGNORE_CASE"}
SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "el", "in", "or", "us")]


def person(number):
    """The same for the same number: about 2,700 first and 20,000 last names."""
    chance = random.Random(number)
    first = (chance.choice(SYLLABLES) + chance.choice(SYLLABLES[::7])).capitalize()
    last = (chance.choice(SYLLABLES) + chance.choice(SYLLABLES)).capitalize() + chance.choice(["", "s", "son", "mann"])
    return first, last, f"{first}.{last}.{number}".lower()


def write_body(path):
    with open(path, "w", encoding="utf-8") as out:
        out.write('{"timeout":"5h","dataOrgs":{"orgs":[{"orgId":"million","org":{"name":"Million"},"humanUsers":[')
        for number in range(USERS):
            first, last, name = person(number)
            out.write((",\n" if number else "") + json.dumps({"userId": f"m-{number}", "user": {
                "userName": name, "profile": {"firstName": first, "lastName": last}, "email": {"email": f"{name}@example.com", "isEmailVerified": True},
                "hashedPassword": {"value": HASH}}}))
        out.write("]}]}}")


def searches():
    """(what, p99 target in ms or None, request bodies)."""
    chance = random.Random(1)

    def some(make, count=500):
        return [json.dumps(make(person(chance.randrange(USERS)))) for _ in range(count)]

    def by(kind, text, method, **more):
        return {"query": {"limit": 20, "asc": True}, "queries": [{kind + "Query": {("emailAddress" if kind == "email" else kind): text, "method": IGNORE_CASE[method]}}], **more}

    def page(offset, **more):
        return {"query": {"offset": str(offset), "limit": 20, "asc": True}, **more}
    name, first, last = "USER_FIELD_NAME_USER_NAME", "USER_FIELD_NAME_FIRST_NAME", "USER_FIELD_NAME_DISPLAY_NAME"
    return [
        ("first page, newest first", 20, [json.dumps({"query": {"limit": 20}})]),
        ("first page by user name", 20, [json.dumps(page(0, sortingColumn=name))]),
        ("first page by first name", 20, [json.dumps(page(0, sortingColumn=first))]),
        ("first page by display name", 20, [json.dumps(page(0, sortingColumn=last))]),
        ("deep page by user name", 20, some(lambda _: page(chance.randrange(USERS - 20), sortingColumn=name))),
        ("deep page by display name", 20, some(lambda _: page(chance.randrange(USERS - 20), sortingColumn=last))),
        ("deep page, oldest first", 20, some(lambda _: page(chance.randrange(USERS - 20)))),
        ("user name is", 20, some(lambda p: by("userName", p[2], "EQUALS"))),
        ("e-mail is", 20, some(lambda p: by("email", p[2] + "@example.com", "EQUALS"))),
        ("login name is", 20, some(lambda p: by("loginName", p[2], "EQUALS"))),
        ("last name is, by user name", 20, some(lambda p: by("lastName", p[1], "EQUALS", sortingColumn=name))),
        ("user name starts with 6 letters", 20, some(lambda p: by("userName", p[2][:6], "STARTS", sortingColumn=name))),
        ("e-mail starts with 6 letters", 20, some(lambda p: by("email", p[2][:6], "STARTS"))),
        ("display name starts with 6 letters", 20, some(lambda p: by("displayName", f"{p[0]} {p[1]}"[:6], "STARTS", sortingColumn=last))),
        ("last name starts with 1 letter, newest first", 20, some(lambda p: by("lastName", p[1][:1], "STARTS"))),
        ("user name contains 8 letters", None, some(lambda p: by("userName", p[2][3:11], "CONTAINS"), 50)),
        ("display name contains 5 letters", None, some(lambda p: by("displayName", f"{p[0]} {p[1]}"[2:7], "CONTAINS"), 50)),
    ]


def all_routes(server):
    """Some load on each route that reads."""
    _, me = server.call("GET", "/auth/v1/users/me")
    header = [f"Authorization: Bearer {server.pat()}"]
    for path in ("/.well-known/openid-configuration", "/oauth/v2/keys", "/oidc/v1/userinfo", f"/management/v1/users/{me['user']['id']}"):
        wrk(server.base + path, CONNECTIONS, 3, header)


def million():
    with Server() as server:
        body = server.folder / "million.json"
        write_body(body)
        seconds, answer = send_import(server, body)
        assert "errors" not in answer, str(answer)[:500]
        body.unlink()
        table(f"{USERS:,} users in one organization, embedded store: load, start, memory", "what", "figure", "target")
        row("import of all, one body", f"{USERS / seconds:,.0f} users/s", "")
        row("peak memory of the import", f"{memory(server.process.pid, 'VmHWM'):.0f} MiB", "")
        del answer
        server.stop()
        row("directory.db", f"{os.path.getsize(server.folder / 'data/directory.db') / 2**20:,.0f} MiB", "")
        row("start after a clean stop → ready", f"{seconds_until_ready(server):.3f} s", "< 0.1 s")
        server.call("POST", "/management/v1/users/human/_import", {"userName": "last", "profile": {"firstName": "L", "lastName": "L"},
                                                                  "email": {"email": "l@example.com", "isEmailVerified": True}})
        server.kill()
        row("start after kill -9 → ready", f"{seconds_until_ready(server):.3f} s", "")
        row("resident memory, idle", f"{memory(server.process.pid):.0f} MiB", "< 30 MiB")
        all_routes(server)
        table(f"Lists and searches, {CONNECTIONS} connections, pages of 20", "what", "requests/s", "p50 ms", "p99 ms", "target p99")
        headers = [f"Authorization: Bearer {server.pat()}", "Content-Type: application/json", "x-zitadel-orgid: million"]
        for what, target, bodies in searches():
            if what.startswith("deep"):  # finds the places from which the others are reached
                begin = time.monotonic()
                server.call("POST", "/management/v1/users/_search", json.loads(bodies[0]), headers={"x-zitadel-orgid": "million"})
                row(f"the first {what}", "", f"{(time.monotonic() - begin) * 1000:.0f}", "", "none: walks the list once")
            with post_script(bodies) as script:
                rate, p50, p99 = wrk(server.base + "/management/v1/users/_search", CONNECTIONS, 5, headers, script)
            row(what, f"{rate:,.0f}", f"{p50:.1f}", f"{p99:.1f}", f"< {target}" if target else "none: looks at every name")
        table("After this load", "what", "figure", "target")
        row("resident memory", f"{memory(server.process.pid):.0f} MiB", "< 150 MiB")
        row("peak", f"{memory(server.process.pid, 'VmHWM'):.0f} MiB", "")


def kill_after_import():
    """What a start costs after a kill in the middle of an import, when the write-ahead log is long."""
    table("Start after a kill during an import of 100,000", "what", "figure", "target")
    with Server() as server:
        body = server.folder / "million.json"
        write_body(body)
        sender = subprocess.Popen(["curl", "-s", "-o", "/dev/null", "--data-binary", f"@{body}", "-H", f"Authorization: Bearer {server.pat()}", "-H",
                                   "Content-Type: application/json", server.base + "/admin/v1/import"])
        log = server.folder / "data/directory.db-wal"
        while not log.exists() or log.stat().st_size < 100 << 20:
            assert sender.poll() is None, "the import ended before its log was long"
        server.kill()
        sender.wait()
        row("write-ahead log", f"{log.stat().st_size / 2**20:.0f} MiB", "")
        row("start → ready", f"{seconds_until_ready(server):.3f} s", "")
