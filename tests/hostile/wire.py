"""Raw sockets: what a client can send that no HTTP library would."""
import asyncio
import re
import struct

PATIENCE = 20  # seconds for an answer before a test fails


class Raw:
    """One connection. Every method fails after PATIENCE instead of hanging."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, port, receive_buffer=None, limit=1 << 20):
        import socket
        sock = socket.socket()
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.setblocking(False)
        await asyncio.wait_for(asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port)), PATIENCE)
        return cls(*await asyncio.open_connection(sock=sock, limit=limit))

    async def send(self, data):
        """False when the server has closed."""
        try:
            self.writer.write(data)
            await asyncio.wait_for(self.writer.drain(), PATIENCE)
            return True
        except (ConnectionError, OSError):
            return False

    async def read(self, count=1 << 16):
        """b'' at the end, however the server ended it."""
        try:
            return await asyncio.wait_for(self.reader.read(count), PATIENCE)
        except ConnectionError:
            return b""

    async def read_to_end(self):
        everything = b""
        while piece := await self.read():
            everything += piece
        return everything

    def close(self):
        self.writer.transport.abort()

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        self.close()


def statuses(answers):
    """The status codes of the HTTP/1.1 answers in a row of bytes; lengths are followed, so that bodies are not taken for heads."""
    found = []
    while answers:
        head, separator, rest = answers.partition(b"\r\n\r\n")
        match = re.match(rb"HTTP/1\.1 (\d{3}) ", head)
        if not match or not separator:
            raise AssertionError(f"no HTTP answer: {answers[:200]!r}")
        found.append(int(match[1]))
        length = re.search(rb"\r\ncontent-length: (\d+)", head)
        answers = rest[int(length[1]) if length else 0:]
    return found


# HTTP/2 (RFC 9113), by hand.

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 2, 3, 4, 6, 7, 8, 9
END_STREAM, ACK, END_HEADERS = 1, 1, 4
ENHANCE_YOUR_CALM = 11
INITIAL_WINDOW_SIZE = 4


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def hpack_int(value, bits, first=0):
    """RFC 7541 section 5.1."""
    top = (1 << bits) - 1
    if value < top:
        return bytes([first | value])
    out, value = bytes([first | top]), value - top
    while value >= 128:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def field(name, value, indexed=False):
    """A literal; `indexed` puts it into the peer's table."""
    return bytes([0x40 if indexed else 0]) + hpack_int(len(name), 7) + name + hpack_int(len(value), 7) + value


def request_block(path=b"/debug/healthz", method=b"GET", host=b"localhost", more=()):
    fields = [(b":method", method), (b":scheme", b"http"), (b":path", path), (b":authority", host), *more]
    return b"".join(field(name, value) for name, value in fields)


class Http2:
    """A connection whose preface was sent; `frames()` reads what comes."""

    def __init__(self, raw):
        self.raw, self.rest = raw, b""

    @classmethod
    async def open(cls, port, settings=b"", **options):
        raw = await Raw.open(port, **options)
        await raw.send(PREFACE + frame(SETTINGS, 0, 0, settings))
        return cls(raw)

    async def next_frame(self):
        """(kind, flags, stream, payload); None at the end."""
        while True:
            if len(self.rest) >= 9:
                length = int.from_bytes(self.rest[:3], "big")
                if len(self.rest) >= 9 + length:
                    head, payload, self.rest = self.rest[:9], self.rest[9:9 + length], self.rest[9 + length:]
                    return head[3], head[4], int.from_bytes(head[5:9], "big") & 0x7fffffff, payload
            piece = await self.raw.read()
            if not piece:
                return None
            self.rest += piece

    async def end(self):
        """Reads on until the server closes; the error code of its GOAWAY, None without."""
        code = None
        while one := await self.next_frame():
            if one[0] == GOAWAY:
                code = int.from_bytes(one[3][4:8], "big")
        return code

    async def answer(self, stream):
        """The payload of the answer's header block on `stream` (still HPACK), or None when it was reset or the connection ended."""
        while one := await self.next_frame():
            if one[2] == stream and one[0] == HEADERS:
                return one[3]
            if one[2] == stream and one[0] == RST_STREAM:
                return None
        return None

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        self.raw.close()
