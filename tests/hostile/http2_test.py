"""Floods and games of HTTP/2: CVE-2019-9511 to -9518, CVE-2023-44487, CVE-2024-28182 and their kin."""
import asyncio
import struct

from tests.hostile.stage import GROWTH, Stage
from tests.hostile.wire import (ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, ENHANCE_YOUR_CALM, HEADERS, INITIAL_WINDOW_SIZE, PING, PRIORITY,
                                RST_STREAM, SETTINGS, WINDOW_UPDATE, Http2, field, frame, request_block)

CONNECTIONS = 8
NO_WINDOW = struct.pack(">HI", INITIAL_WINDOW_SIZE, 0)
WAITING = request_block(b"/oauth/v2/token", b"POST")  # a request whose body is to come


class Flood(Stage):
    async def flood(self, pieces, reading=True):
        """Sends until the server ends the connection; its last word. A client that does not read may see nothing but the end."""
        async with await Http2.open(self.port) as client:
            ended = asyncio.create_task(client.end()) if reading else None
            for piece in pieces:
                if not await client.raw.send(piece) or (ended and ended.done()):
                    break
                await asyncio.sleep(0)
            else:
                self.fail("the server took it all")
            return await (ended or client.end())

    async def many(self, make, reading=True):
        return await asyncio.gather(*(self.flood(make(), reading) for _ in range(CONNECTIONS)))

    def test_rapid_reset(self):
        def pieces():
            for first in range(1, 100_000, 20):
                yield b"".join(frame(HEADERS, END_HEADERS, stream, WAITING) + frame(RST_STREAM, 0, stream, struct.pack(">I", 8))
                               for stream in range(first, first + 20, 2))
        self.assertEqual(set(self.attack(self.many(pieces))), {ENHANCE_YOUR_CALM})

    def test_resets_that_the_server_is_made_to_send(self):
        """Streams broken by a frame that is none (a window beyond 2^31)."""
        def pieces():
            for stream in range(1, 100_000, 2):
                yield frame(HEADERS, END_HEADERS, stream, WAITING) + frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", 0x7fffffff))
        self.assertEqual(set(self.attack(self.many(pieces))), {ENHANCE_YOUR_CALM})

    def test_continuation_flood(self):
        def pieces():
            yield frame(HEADERS, END_STREAM, 1, request_block())
            for _ in range(100_000):
                yield frame(CONTINUATION, 0, 1, field(b"x", b"y" * 1000))
        self.attack(self.many(pieces))

    def test_empty_continuations(self):
        def pieces():
            yield frame(HEADERS, END_STREAM, 1, request_block())
            for _ in range(100_000):
                yield frame(CONTINUATION, 0, 1) * 10
        self.attack(self.many(pieces))

    def test_ping_flood(self):
        def pieces():
            for _ in range(10_000):
                yield frame(PING, 0, 0, b"12345678") * 100
        # Thousands at once end the connection without a last word.
        self.assertLessEqual(set(self.attack(self.many(pieces))), {ENHANCE_YOUR_CALM, None})

    def test_ping_flood_by_a_client_that_does_not_read(self):
        def pieces():
            for _ in range(10_000):
                yield frame(PING, 0, 0, b"12345678") * 100
        self.attack(self.many(pieces, reading=False))

    def test_settings_flood(self):
        def pieces():
            for _ in range(10_000):
                yield frame(SETTINGS, 0, 0, struct.pack(">HI", 1, 4096)) * 100
        self.assertLessEqual(set(self.attack(self.many(pieces))), {ENHANCE_YOUR_CALM, None})

    def test_priority_flood(self):
        def pieces():
            for n in range(10_000):
                yield b"".join(frame(PRIORITY, 0, 2 * n + 1, struct.pack(">IB", 0, 16)) for _ in range(100))
        self.assertEqual(set(self.attack(self.many(pieces))), {ENHANCE_YOUR_CALM})

    def test_empty_data_flood(self):
        def pieces():
            yield frame(HEADERS, END_HEADERS, 1, WAITING)
            for _ in range(10_000):
                yield frame(DATA, 0, 1) * 100
        self.assertEqual(set(self.attack(self.many(pieces))), {ENHANCE_YOUR_CALM})

    def test_what_clients_do_is_no_flood(self):
        """Measuring round trips, changing settings, cancelling now and then."""
        async def run():
            async with await Http2.open(self.port) as client:
                for n in range(50):
                    await client.raw.send(frame(PING, 0, 0, b"12345678") * 20 + frame(SETTINGS, 0, 0) * 2 +
                                          frame(HEADERS, END_HEADERS, 4 * n + 1, WAITING) + frame(RST_STREAM, 0, 4 * n + 1, struct.pack(">I", 8)) +
                                          frame(HEADERS, END_HEADERS | END_STREAM, 4 * n + 3, request_block()))
                    self.assertIsNotNone(await client.answer(4 * n + 3))
        self.attack(run())


class Hpack(Stage):
    def test_a_few_bytes_that_stand_for_many(self):
        """Each request is sixteen bytes or so, and a head of 60 KB: the client's share ends it."""
        # Name and value together are one entry of the table (4,096 bytes with what is counted besides).
        entry = field(b"x-bomb", b"b" * 4_000, indexed=True)
        bomb = b"\xbe" * 14  # the entry added last, fourteen times

        async def one():
            async with await Http2.open(self.port) as client:
                ended = asyncio.create_task(client.end())
                block = request_block(b"/oauth/v2/token", b"POST")
                await client.raw.send(frame(HEADERS, END_HEADERS, 1, block + entry))
                for stream in range(3, 2_000, 2):
                    if not await client.raw.send(frame(HEADERS, END_HEADERS, stream, block + bomb)):
                        break
                await asyncio.wait([ended], timeout=3)

        async def run():
            await asyncio.gather(*(one() for _ in range(30)))
        self.attack(run())

    def test_a_head_of_megabytes(self):
        async def run():
            async with await Http2.open(self.port) as client:
                entry = field(b"x-bomb", b"b" * 4_000, indexed=True)
                await client.raw.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, request_block() + entry))
                await client.raw.send(frame(HEADERS, END_HEADERS | END_STREAM, 3, request_block() + b"\xbe" * 16_000))
                # 431, or the whole connection: nothing of it is kept.
                await asyncio.wait([asyncio.create_task(client.answer(3))], timeout=10)
        self.attack(run())

    def test_names_and_values_that_are_none(self):
        rows = [("NUL in a value", field(b"x", b"a\0b")), ("a line break in a value", field(b"x", b"a\r\nhost: evil")), ("a capital in a name", field(b"X", b"a")),
                ("a colon in a name", field(b"x:y", b"a")), ("a field of the connection", field(b"connection", b"close")),
                ("chunked", field(b"transfer-encoding", b"chunked")), ("a second path", field(b":path", b"/other")), ("an unknown pseudo field", field(b":x", b"a")),
                ("another host", field(b"host", b"other")), ("two lengths", field(b"content-length", b"0") + field(b"content-length", b"1")),
                ("a length that is wrong", field(b"content-length", b"5"))]

        async def run():
            for name, more in rows:
                async with await Http2.open(self.port) as client:
                    with self.subTest(name):
                        await client.raw.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, request_block() + more))
                        head = await client.answer(1)
                        # Reset, or refused: 400 is an index of HPACK's table.
                        self.assertTrue(head is None or head[0] == 0x80 | 12, head)
        self.attack(run())

    def test_a_table_beyond_what_was_offered(self):
        async def run():
            async with await Http2.open(self.port) as client:
                await client.raw.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, b"\x3f\xe1\xff\xff\xff\x07" + request_block()))
                self.assertIsNotNone(await client.end())
        self.attack(run())


class Windows(Stage):
    PAGE = b"/.well-known/openid-configuration"

    async def hoard(self, connections, streams, path):
        """Asks for much and takes nothing; how many answers it has the heads of."""
        async def one():
            async with await Http2.open(self.port, NO_WINDOW) as client:
                block = request_block(path)
                await client.raw.send(b"".join(frame(HEADERS, END_HEADERS | END_STREAM, stream, block) for stream in range(1, 2 * streams, 2)))
                seen = 0
                while one := await client.next_frame():
                    seen += one[0] == HEADERS
                    if one[0] in (RST_STREAM,):
                        break
                return seen
        return sum(await asyncio.gather(*(one() for _ in range(connections))))

    def test_answers_that_nobody_takes(self):
        """Some 250 documents on each of 60 connections. They stay in memory until the client is given up; its share bounds them."""
        self.assertGreater(self.attack(self.hoard(60, 240, self.PAGE), growth=GROWTH + (32 << 20)), 1_000)

    def test_answers_taken_byte_by_byte(self):
        async def one():
            async with await Http2.open(self.port, NO_WINDOW) as client:
                await client.raw.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, request_block(self.PAGE)))
                while True:
                    one = await client.next_frame()
                    if one is None or one[0] == RST_STREAM:
                        return one is not None
                    await asyncio.sleep(0.2)
                    await client.raw.send(frame(WINDOW_UPDATE, 0, 1, struct.pack(">I", 1)))

        async def run():
            return await asyncio.gather(*(one() for _ in range(50)))
        self.assertTrue(all(self.attack(run())), "too slow is reset")

    def test_a_window_that_shrinks_below_zero(self):
        async def run():
            async with await Http2.open(self.port) as client:
                await client.raw.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, request_block(self.PAGE)) +
                                      frame(SETTINGS, 0, 0, NO_WINDOW) + frame(SETTINGS, 0, 0, struct.pack(">HI", INITIAL_WINDOW_SIZE, 1 << 20)) +
                                      frame(SETTINGS, ACK, 0))
                self.assertIsNotNone(await client.answer(1))
            async with await Http2.open(self.port, struct.pack(">HI", INITIAL_WINDOW_SIZE, 1 << 31)) as client:
                self.assertIsNotNone(await client.end(), "FLOW_CONTROL_ERROR")
        self.attack(run())
