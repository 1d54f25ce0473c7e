"""Bodies that are too deep, too long, too many, or not what they say."""
import gzip
import json
import zlib

from tests.hostile.stage import Stage
from tests.hostile.wire import Raw, statuses

SEARCH = "/management/v1/users/_search"
IMPORT = "/management/v1/users/human/_import"
PIECE = b"a" * (1 << 16)

# name, body: what is no JSON, or says two things at once, is refused as a whole
MALFORMED = [
    ("a hundred thousand lists", b'{"x":' + b"[" * 100_000),
    ("a hundred thousand lists, closed", b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    ("a hundred thousand objects", b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    ("deep queries", b'{"queries":[' + b'{"notQuery":{"query":' * 2_000 + b"{}" + b"}}" * 2_000 + b"]}"),
    ("one name twice", b'{"query":{"limit":1},"query":{"limit":2}}'),
    ("one name twice, in two styles", b'{"sortingColumn":1,"sorting_column":2}'),
    ("one name twice, escaped", b'{"query":{"limit":1},"qu\\u0065ry":{"limit":2}}'),
    ("ill-formed UTF-8", b'{"queries":[{"userNameQuery":{"userName":"\xff\xfe"}}]}'),
    ("an overlong NUL", b'{"queries":[{"userNameQuery":{"userName":"\xc0\x80"}}]}'),
    ("a surrogate in UTF-8", b'{"queries":[{"userNameQuery":{"userName":"\xed\xa0\x80"}}]}'),
    ("a lone surrogate, escaped", b'{"queries":[{"userNameQuery":{"userName":"\\ud800"}}]}'),
    ("NUL behind the value", b'{}\0'),
    ("NUL in a string", b'{"queries":[{"userNameQuery":{"userName":"a\0b"}}]}'),
    ("something behind the value", b"{} {}"),
    ("a comma at the end", b'{"query":{},}'),
    ("single quotes", b"{'query':{}}"),
    ("a comment", b"{/**/}"),
    ("a byte order mark", b"\xef\xbb\xbf{}"),
    ("UTF-16", '{"query":{}}'.encode("utf-16")),
    ("a number beyond 64 bits", b'{"query":{"offset":18446744073709551616}}'),
    ("a number beyond all", b'{"query":{"offset":1e999999999}}'),
    ("a number of a million digits", b'{"query":{"offset":' + b"9" * 1_000_000 + b"}}"),
    ("a negative offset", b'{"query":{"offset":-1}}'),
    ("half a number", b'{"query":{"offset":1.5}}'),
    ("a number in words", b'{"query":{"offset":NaN}}'),
    ("a text for a truth", b'{"query":{"asc":"true"}}'),
    ("a list for an object", b"[]"),
    ("nothing closed", b'{"query":{"limit":1'),
]


class Bodies(Stage):
    def head(self, path, fields):
        return f"POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {self.server.pat()}\r\ncontent-type: application/json\r\n{fields}\r\n".encode()

    async def post(self, path, body, fields=""):
        async with await Raw.open(self.port) as raw:
            await raw.send(self.head(path, f"content-length: {len(body)}\r\nconnection: close\r\n" + fields) + body)
            answer = await raw.read_to_end()
            return statuses(answer)[-1], answer.partition(b"\r\n\r\n")[2]

    async def stream(self, path, total, first=b"", fields=""):
        """A chunked body that begins with `first` and goes on with a's, up to `total` bytes or until the server answers."""
        sent = 0
        async with await Raw.open(self.port) as raw:
            await raw.send(self.head(path, "transfer-encoding: chunked\r\n" + fields))
            chunk = b"%x\r\n" % len(PIECE) + PIECE + b"\r\n"
            await raw.send(b"%x\r\n" % len(first) + first + b"\r\n" if first else b"")
            while sent < total and not raw.reader._buffer and not raw.reader.at_eof() and await raw.send(chunk):
                sent += len(PIECE)
            await raw.send(b"0\r\n\r\n")
            return statuses(await raw.read_to_end() if sent < total else await raw.read()), sent

    def test_malformed_json(self):
        async def run():
            for name, body in MALFORMED:
                status, answer = await self.post(SEARCH, body)
                self.assertEqual(status, 400, f"{name}: {answer[:300]!r}")
                self.assertLess(len(answer), 2_000, f"{name}: the answer repeats what came")
                self.assertIn("code", json.loads(answer), name)
        self.attack(run())

    def test_control_characters_and_lengths_of_names(self):
        def user(**changed):
            return json.dumps({"userName": "n", "profile": {"firstName": "A", "lastName": "B"}, "email": {"email": "n@example.com"}} | changed).encode()

        async def run():
            for name in ("a\0b", "a\u202eb", "a\nb", "\u0007", "x" * 201, "x" * 100_000, "", " "):
                status, answer = await self.post(IMPORT, user(userName=name))
                self.assertEqual(status, 400, f"{name[:20]!r}: {answer[:300]!r}")
        self.attack(run())

    def test_a_gigabyte_for_a_call_is_cut_off_at_its_limit(self):
        async def run():
            answers, sent = await self.stream(SEARCH, 1 << 30, b'{"queries":[{"userNameQuery":{"userName":"')
            self.assertEqual(answers, [413])
            self.assertLess(sent, 64 << 20, "the server reads on")
        self.attack(run())

    def test_a_gigabyte_announced_is_refused_before_it_comes(self):
        async def run():
            async with await Raw.open(self.port) as raw:
                await raw.send(self.head(SEARCH, f"content-length: {1 << 30}\r\nexpect: 100-continue\r\n"))
                self.assertEqual(statuses(await raw.read_to_end()), [413])
        self.attack(run())

    def test_one_string_of_a_gigabyte_in_an_import(self):
        async def run():
            answers, sent = await self.stream("/admin/v1/import", 1 << 30, b'{"dataOrgs":{"orgs":[{"orgId":"')
            self.assertEqual(answers, [400])
            self.assertGreaterEqual(sent, 1)
        self.attack(run())

    def test_forms_are_small(self):
        async def run():
            for path in ("/oauth/v2/token", "/oauth/v2/introspect", "/ui/v2/login/login", "/ui/v2/login/password"):
                answers, sent = await self.stream(path, 1 << 28, b"loginName=")
                self.assertEqual(answers, [413], path)
                self.assertLess(sent, 64 << 20, path)
        self.attack(run())

    def test_compressed_bodies_are_not_taken(self):
        bomb = gzip.compress(b'{"x":"' + b"a" * (64 << 20) + b'"}', 9)
        deflated = zlib.compress(b"{}")

        async def run():
            for path in (SEARCH, IMPORT, "/admin/v1/import", "/oauth/v2/token", "/ui/v2/login/login"):
                for coding, body in (("gzip", bomb), ("gzip, gzip", bomb), ("deflate", deflated), ("br", b"{}"), ("x-unknown", b"{}")):
                    status, answer = await self.post(path, body, f"content-encoding: {coding}\r\n")
                    self.assertEqual(status, 415, f"{path} {coding}: {answer[:300]!r}")
                status, answer = await self.post(path, b"{}", "content-encoding: identity\r\n")
                self.assertNotEqual(status, 415, f"{path}: {answer[:300]!r}")
        self.attack(run())

    def test_one_client_with_many_large_bodies(self):
        """Its share is full, and it is told so; its forms and everybody else go on."""
        import asyncio

        async def one():
            async with await Raw.open(self.port) as raw:
                await raw.send(self.head(SEARCH, f"content-length: {3 << 20}\r\n") + b"a" * (2 << 20))
                answer = await raw.read_to_end()
                return statuses(answer)

        async def run():
            answers = await asyncio.gather(*(one() for _ in range(40)))
            self.assertLessEqual({a[0] for a in answers}, {408, 503})
            self.assertGreaterEqual(sum(a == [503] for a in answers), 30)
        self.attack(run())
