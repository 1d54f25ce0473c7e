"""Clients that take their time, and many of them."""
import asyncio
import time

from tests.hostile.stage import Stage, raise_file_limit, resident
from tests.hostile.wire import Raw, statuses

CLIENTS = 200


async def drip(raw, data, pause):
    """A byte at a time, until the server has had enough."""
    for byte in data:
        if raw.reader.at_eof() or not await raw.send(bytes([byte])):
            return
        await asyncio.sleep(pause)


class Slow(Stage):
    async def crowd(self, start, slowly):
        """CLIENTS connections that begin alike and go on a byte at a time; their answers and how long the longest took."""
        async def one():
            async with await Raw.open(self.port) as raw:
                begun = time.monotonic()
                await raw.send(start)
                dripping = asyncio.create_task(drip(raw, slowly, 0.2))
                answer = await raw.read_to_end()
                dripping.cancel()
                return statuses(answer), time.monotonic() - begun
        return await asyncio.gather(*(one() for _ in range(CLIENTS)))

    def test_heads_that_drip_are_given_up(self):
        for answers, took in self.attack(self.crowd(b"GET /debug/healthz HTTP/1.1\r\nhost: localhost\r\n", b"x-slow: " + b"a" * 1000)):
            self.assertEqual(answers, [408])
            self.assertLess(took, 10)

    def test_bodies_that_drip_are_given_up(self):
        start = b"POST /oauth/v2/token HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 1000\r\n\r\n"
        for answers, took in self.attack(self.crowd(start, b"a" * 1000)):
            self.assertEqual(answers, [408])
            self.assertLess(took, 10)

    def test_bodies_of_imports_that_drip_are_given_up(self):
        start = b"POST /admin/v1/import HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n" \
                b"authorization: Bearer " + self.server.pat().encode() + b"\r\n\r\n"
        for answers, took in self.attack(self.crowd(start, b"1\r\n{\r\n" * 200)):
            self.assertIn(answers, [[408], [503]])  # those that found no place in the bulk lane are told at once
            self.assertLess(took, 15)

    def test_silent_connections_are_closed(self):
        async def run():
            async def one():
                async with await Raw.open(self.port) as raw:
                    return await raw.read_to_end()
            return await asyncio.gather(*(one() for _ in range(CLIENTS)))
        self.assertEqual(set(self.attack(run())), {b""})


class Idle(Stage):
    WANTED = 10_000

    def test_ten_thousand_idle_connections(self):
        limit = raise_file_limit(self.WANTED + 1_000)
        count = min(self.WANTED, limit - 1_000)
        if count < self.WANTED:
            print(f"only {count} connections: the limit of open files here is {limit}")

        async def run():
            idle = []
            try:
                for _ in range(0, count, 100):
                    idle += await asyncio.gather(*(Raw.open(self.port) for _ in range(100)))
                    # One request each: a connection that never asked would be closed soon.
                    for raw in idle[-100:]:
                        await raw.send(b"GET /debug/healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
                    for raw in idle[-100:]:
                        self.assertIn(b" 200 ", await raw.read())
                with_idle = resident(self.server.process.pid)
                await asyncio.sleep(2)
                for raw in idle[::100]:
                    await raw.send(b"GET /debug/healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
                    self.assertIn(b" 200 ", await raw.read(), "a connection that was idle is still there")
                return with_idle
            finally:
                for raw in idle:
                    raw.close()
        before = resident(self.server.process.pid)
        with_idle = self.attack(run(), growth=count * 8192)
        print(f"{count} idle connections: {(with_idle - before) // count} bytes of memory each")
