"""Requests that two programs could read differently: exactly one reading here, or none."""
import asyncio

from tests.hostile.stage import Stage
from tests.hostile.wire import Raw, statuses

HOST = b"host: localhost\r\n"
OPEN, CLOSED = False, True  # whether the connection may go on


def post(fields, body=b""):
    return b"POST /oauth/v2/introspect HTTP/1.1\r\n" + HOST + fields + b"\r\n" + body


def get(line=b"GET /debug/healthz HTTP/1.1", fields=HOST):
    return line + b"\r\n" + fields + b"\r\n"


INNER = b"GET /debug/healthz HTTP/1.1\r\nhost: localhost\r\n\r\n"  # what must not be taken for a request of its own

# name, bytes, statuses of all answers, whether the server closes then
FRAMING = [
    ("length and chunks", post(b"content-length: 5\r\ntransfer-encoding: chunked\r\n", b"0\r\n\r\n" + INNER), [400], CLOSED),
    ("chunks and length", post(b"transfer-encoding: chunked\r\ncontent-length: 5\r\n", b"0\r\n\r\n" + INNER), [400], CLOSED),
    ("two lengths that differ", post(b"content-length: 0\r\ncontent-length: 52\r\n", INNER), [400], CLOSED),
    ("two lengths that agree", post(b"content-length: 0\r\ncontent-length: 0\r\n", INNER), [400], CLOSED),
    ("a list of lengths", post(b"content-length: 0, 0\r\n", INNER), [400], CLOSED),
    ("a signed length", post(b"content-length: +0\r\n", INNER), [400], CLOSED),
    ("a negative length", post(b"content-length: -1\r\n", INNER), [400], CLOSED),
    ("a hexadecimal length", post(b"content-length: 0x0\r\n", INNER), [400], CLOSED),
    ("an empty length", post(b"content-length:\r\n", INNER), [400], CLOSED),
    ("a length beyond 64 bits", post(b"content-length: 18446744073709551616\r\n", INNER), [400], CLOSED),
    ("a length of many zeros", post(b"content-length: " + b"0" * 60_000 + b"\r\n", b""), [400], CLOSED),
    ("a length too long for the route", post(b"content-length: 18446744073709551615\r\n", b""), [413], CLOSED),
    ("xchunked", post(b"transfer-encoding: xchunked\r\n", b"0\r\n\r\n" + INNER), [501], CLOSED),
    ("chunked, identity", post(b"transfer-encoding: chunked, identity\r\n", b"0\r\n\r\n" + INNER), [501], CLOSED),
    ("identity, chunked", post(b"transfer-encoding: identity, chunked\r\n", b"0\r\n\r\n" + INNER), [501], CLOSED),
    ("gzip, chunked", post(b"transfer-encoding: gzip, chunked\r\n", b"0\r\n\r\n" + INNER), [501], CLOSED),
    ("chunked twice", post(b"transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n", b"0\r\n\r\n" + INNER), [400], CLOSED),
    ("vertical tab before chunked", post(b"transfer-encoding: \x0bchunked\r\n", b"0\r\n\r\n" + INNER), [400], CLOSED),
    ("quoted chunked", post(b"transfer-encoding: \"chunked\"\r\n", b"0\r\n\r\n" + INNER), [501], CLOSED),
    ("white space before the colon", post(b"transfer-encoding : chunked\r\n", b"0\r\n\r\n" + INNER), [400], CLOSED),
    ("tab before the colon", post(b"content-length\t: 52\r\n", INNER), [400], CLOSED),
    ("chunked on a line that goes on", post(b"transfer-encoding:\r\n chunked\r\n", b"0\r\n\r\n" + INNER), [400], CLOSED),
    ("chunked behind a bare CR", post(b"x: y\rtransfer-encoding: chunked\r\n", b"0\r\n\r\n" + INNER), [400], CLOSED),
    ("chunked behind a bare LF", post(b"x: y\ntransfer-encoding: chunked\r\n", b"0\r\n\r\n" + INNER), [400], CLOSED),
    ("chunks in HTTP/1.0", post(b"transfer-encoding: chunked\r\n", b"0\r\n\r\n" + INNER).replace(b"HTTP/1.1", b"HTTP/1.0", 1), [400], CLOSED),
    ("an unknown expectation", post(b"expect: 200-ok\r\ncontent-length: 3\r\n", b"a=b"), [417], CLOSED),
    ("an upgrade to h2c is left aside", get(fields=HOST + b"connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAA\r\n"), [200], OPEN),
    # The empty form is no client's: 401 or 400 by the endpoint; that it came whole is what counts here.
    ("chunk size with sign", post(b"transfer-encoding: chunked\r\n", b"+3\r\na=b\r\n0\r\n\r\n" + INNER), [400], CLOSED),
    ("chunk size with 0x", post(b"transfer-encoding: chunked\r\n", b"0x3\r\na=b\r\n0\r\n\r\n" + INNER), [400], CLOSED),
    ("chunk size with a space", post(b"transfer-encoding: chunked\r\n", b"3 \r\na=b\r\n0\r\n\r\n" + INNER), [400], CLOSED),
    ("chunk size beyond 64 bits", post(b"transfer-encoding: chunked\r\n", b"10000000000000003\r\na=b\r\n0\r\n\r\n" + INNER), [400], CLOSED),
    ("no chunk size", post(b"transfer-encoding: chunked\r\n", b"\r\na=b\r\n0\r\n\r\n" + INNER), [400], CLOSED),
    ("chunk size ended by a bare LF", post(b"transfer-encoding: chunked\r\n", b"3\na=b\r\n0\r\n\r\n" + INNER), [400], CLOSED),
    ("chunk extension with a bare LF", post(b"transfer-encoding: chunked\r\n", b"3;a\na=b\r\n0\r\n\r\n" + INNER), [400], CLOSED),
    ("chunk longer than its size", post(b"transfer-encoding: chunked\r\n", b"3\r\na=bc\r\n0\r\n\r\n" + INNER), [400], CLOSED),
    ("endless chunk extension", post(b"transfer-encoding: chunked\r\n", b"3;" + b"a" * 20_000), [400], CLOSED),
    ("endless trailers", post(b"transfer-encoding: chunked\r\n", b"0\r\n" + b"a: b\r\n" * 10_000), [400], CLOSED),
    ("a trailer that goes on", post(b"transfer-encoding: chunked\r\n", b"0\r\na: b\r\n c\r\n\r\n"), [400], CLOSED),
]

HEADS = [
    ("a line that goes on", get(fields=HOST + b"x: y\r\n z\r\n"), [400], CLOSED),
    ("white space before the first field", get(fields=b" " + HOST), [400], CLOSED),
    ("lines that end in LF alone", b"GET /debug/healthz HTTP/1.1\nhost: localhost\n\n\r\n\r\n", [400], CLOSED),
    ("a bare CR in a value", get(fields=HOST + b"x: a\rb\r\n"), [400], CLOSED),
    ("NUL in a value", get(fields=HOST + b"x: a\0b\r\n"), [400], CLOSED),
    ("NUL in a name", get(fields=HOST + b"x\0: a\r\n"), [400], CLOSED),
    ("NUL in the target", get(b"GET /debug/healthz\0 HTTP/1.1"), [400], CLOSED),
    ("a field without colon", get(fields=HOST + b"nothing\r\n"), [400], CLOSED),
    ("a field without name", get(fields=HOST + b": x\r\n"), [400], CLOSED),
    ("a name that is none", get(fields=HOST + b"a(b): x\r\n"), [400], CLOSED),
    ("two spaces in the request line", get(b"GET  /debug/healthz HTTP/1.1"), [400], CLOSED),
    ("a tab in the request line", get(b"GET\t/debug/healthz HTTP/1.1"), [400], CLOSED),
    ("no version", get(b"GET /debug/healthz"), [400], CLOSED),
    ("a version in small letters", get(b"GET /debug/healthz http/1.1"), [400], CLOSED),
    ("version 1.10", get(b"GET /debug/healthz HTTP/1.10"), [400], CLOSED),
    ("version 2.0 in text", get(b"GET /debug/healthz HTTP/2.0"), [505], CLOSED),
    ("no method", get(b" /debug/healthz HTTP/1.1"), [400], CLOSED),
    ("an unknown method", get(b"BREW /debug/healthz HTTP/1.1"), [404, 405], OPEN),
    ("CONNECT", get(b"CONNECT localhost:22 HTTP/1.1"), [501], CLOSED),
    ("a relative target", get(b"GET debug/healthz HTTP/1.1"), [400], CLOSED),
    ("a fragment", get(b"GET /debug/healthz#x HTTP/1.1"), [400], CLOSED),
    ("no TLS here", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 32 + b"\r\n\r\n", [400], CLOSED),
    ("a head that is too long", get(fields=HOST + b"x: " + b"a" * 70_000 + b"\r\n"), [431], CLOSED),
    ("a head without end", b"GET /" + b"a" * 70_000, [431], CLOSED),
    ("too many fields", get(fields=HOST + b"a: b\r\n" * 300), [431], CLOSED),
]

HOSTS = [
    ("no host", get(fields=b""), [400], CLOSED),
    ("two hosts", get(fields=HOST + b"host: other\r\n"), [400], CLOSED),
    ("the same host twice", get(fields=HOST + HOST), [400], CLOSED),
    ("a list of hosts", get(fields=b"host: localhost, other\r\n"), [400], CLOSED),
    ("a host with a user", get(fields=b"host: me@localhost\r\n"), [400], CLOSED),
    ("a host with a path", get(fields=b"host: localhost/x\r\n"), [400], CLOSED),
    ("a host with a query", get(fields=b"host: localhost?x\r\n"), [400], CLOSED),
    ("a host with a space", get(fields=b"host: local host\r\n"), [400], CLOSED),
    ("a port that is none", get(fields=b"host: localhost:99999\r\n"), [400], CLOSED),
    ("a port in letters", get(fields=b"host: localhost:http\r\n"), [400], CLOSED),
    ("an empty host", get(fields=b"host:\r\n"), [400], CLOSED),
    ("a target of another host", get(b"GET http://other/debug/healthz HTTP/1.1"), [400], CLOSED),
    ("a target of the same host", get(b"GET http://localhost/debug/healthz HTTP/1.1"), [200], OPEN),
    ("a target with a user", get(b"GET http://me@localhost/debug/healthz HTTP/1.1"), [400], CLOSED),
    ("a host nobody has", get(b"GET /.well-known/openid-configuration HTTP/1.1", b"host: evil.example\r\n"), [404], OPEN),
    ("a host in other letters", get(b"GET /.well-known/openid-configuration HTTP/1.1", b"host: LOCALHOST.\r\n"), [200], OPEN),
]


class Smuggling(Stage):
    async def check(self, _, request, expected, closes):
        async with await Raw.open(self.port) as raw:
            # A request of our own behind shows where the server takes the next one to begin.
            await raw.send(request + (b"" if closes else INNER.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")))
            found = statuses(await raw.read_to_end())
            self.assertEqual(len(found), 1 if closes else 2)
            self.assertIn(found[0], expected)
            if not closes:
                self.assertEqual(found[1], 200)

    def check_all(self, rows):
        async def run():
            for row in rows:
                with self.subTest(row[0]):
                    await self.check(*row)
        self.attack(run())

    def test_framing(self):
        self.check_all(FRAMING)

    def test_heads(self):
        self.check_all(HEADS)

    def test_hosts(self):
        self.check_all(HOSTS)

    def test_requests_in_a_row_are_answered_in_a_row(self):
        async def run():
            async with await Raw.open(self.port) as raw:
                form = b"token=x"
                whole = post(b"content-length: %d\r\ncontent-type: application/x-www-form-urlencoded\r\n" % len(form), form)
                chunked = post(b"transfer-encoding: chunked\r\n", b"3;a=\"b\"\r\na=b\r\n0\r\nx: y\r\n\r\n")
                last = INNER.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
                await raw.send((whole + chunked + INNER) * 5 + last)
                found = statuses(await raw.read_to_end())
                self.assertEqual(len(found), 16)
                self.assertTrue(all(status == 200 for status in found[2::3] + found[-1:]), found)
                self.assertTrue(all(status in (400, 401) for at, status in enumerate(found[:-1]) if at % 3 < 2), found)
        self.attack(run())

    def test_forwarded_fields_of_strangers_mean_nothing(self):
        fields = HOST + b"x-forwarded-host: evil.example\r\nforwarded: host=evil.example;proto=https\r\nx-zitadel-instance-host: evil.example\r\n" \
            b"x-forwarded-proto: https\r\nconnection: close\r\n"

        async def run():
            async with await Raw.open(self.port) as raw:
                await raw.send(get(b"GET /.well-known/openid-configuration HTTP/1.1", fields))
                return await raw.read_to_end()
        answer = asyncio.run(run())
        self.assertEqual(statuses(answer), [200])
        self.assertNotIn(b"evil", answer)
        self.assertNotIn(b"https://", answer)


# A file that the server could read, and one that it serves.
TRAVERSALS = [b"/ui/v2/login/assets" + path for path in (
    b"/../../../../../../etc/passwd", b"/..%2f..%2f..%2f..%2fetc%2fpasswd", b"/%2e%2e/%2e%2e/%2e%2e/etc/passwd", b"/..\\..\\etc\\passwd",
    b"/..%5c..%5cetc%5cpasswd", b"//etc/passwd", b"/%2fetc%2fpasswd", b"/..;/..;/etc/passwd", b"/%252e%252e%252fetc%252fpasswd", b"/%c0%ae%c0%ae/etc/passwd",
    b"/style.css/../../../../etc/passwd", b"/style.css%00.svg", b"/./style.css", b"/templates/layout.mustache", b"/../templates/layout.mustache")] + [
    b"/../data/directory.db", b"/../../etc/passwd", b"/./../etc/passwd", b"/%2e%2e/%2e%2e/etc/passwd", b"/data/directory.db",
    b"/management/v1/../../etc/passwd", b"/management/v1/users/..%2f..%2fadmin", b"/management/v1/users/%00", b"/management/v1/users/%ff%fe",
    b"/management/v1/users/%2e%2e", b"/management/v1//..//etc/passwd", b"/v2/../etc/passwd"]


class Paths(Stage):
    def test_nothing_but_what_is_served(self):
        async def run():
            for path in TRAVERSALS:
                async with await Raw.open(self.port) as raw:
                    token = self.server.pat().encode()
                    await raw.send(get(b"GET " + path + b" HTTP/1.1", HOST + b"connection: close\r\nauthorization: Bearer " + token + b"\r\n"))
                    answer = await raw.read_to_end()
                    status = statuses(answer)[0]
                    self.assertTrue(400 <= status < 500 or status == 301, f"{path}: {answer[:200]!r}")
                    self.assertNotIn(b"root:", answer, path)
                    if status == 301:  # unclean paths are asked for again clean: nowhere but here
                        self.assertRegex(answer, rb"\r\nlocation: /[^/]", path)
        self.attack(run())
