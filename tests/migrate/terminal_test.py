"""`migrate run` as somebody sees it who looks on: the bar in terminals of several widths, Ctrl-C, and how it goes on."""
import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import time
import unittest
from pathlib import Path

from tests.migrate.workshop import DONE, UNREACHABLE, Workshop, full_pipe, person

RECORDS = 60_000


class Terminal(Workshop, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.folder / "many.ndjson").write_text("".join(json.dumps(person(f"s{n}", f"user{n}")) + "\n" for n in range(RECORDS)))

    def look_on(self, columns, *args, records="many.ndjson", term="xterm", when=None, keys=b""):
        """(what was shown, exit status); `keys` are typed when `when` is shown."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        command = [self.server.binary, "migrate", "run", "--from", "godwit", self.folder / records, "--org", "acme", *args, *self.place(),
                   "--masterkeyFile", self.folder / "masterkey"]
        program = subprocess.Popen([str(part) for part in command], stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": term},
                                   preexec_fn=lambda: (os.setsid(), fcntl.ioctl(0, termios.TIOCSCTTY, 0)))
        os.close(theirs)
        shown = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # how Linux says that nobody has the other end any more
                break
            if not piece:
                break
            shown += piece
            if when and re.search(when, shown):
                os.write(ours, keys)
                when = None
        os.close(ours)
        return shown.decode(), program.wait(60)

    def test_indexes_that_are_built_fit_too(self):
        own = self.file(*[person(f"i{n}", f"indexed{n}") for n in range(RECORDS)])
        shown, status = self.look_on(20, "--source", "indexed", records=own)
        self.assertEqual(status, DONE, shown)
        frames = re.findall(r"\r\x1b\[K([^\r\n^]*)", shown)
        self.assertTrue(any(frame.startswith("building indexes") for frame in frames), frames)
        self.assertLess(max(map(len, frames)), 20)

    def test_the_bar_fits_and_ctrl_c_stops_where_it_can_go_on(self):
        shown, status = self.look_on(60, when=rb"\d/s", keys=b"\x03")
        self.assertEqual(status, UNREACHABLE, shown)
        self.assertIn("stopping when what is under way is written; once more ends it at once", shown)
        job, taken = re.search(r"resume (\d+)", shown).group(1), int(re.search(r"(\d+) records: \d+ created", shown).group(1))
        self.assertLess(taken, RECORDS)
        frames = re.findall(r"\r\x1b\[K([^\r\n^]*)", shown)
        self.assertTrue(any(re.match(r"\[#* *\] \d+ %, \d+ records, 0 failed, \d+/s", frame) for frame in frames), frames)
        self.assertLess(max(map(len, frames)), 60)
        shown, status = self.look_on(20)
        self.assertEqual(status, DONE, shown)
        self.assertIn(f"migration {job}: done", shown)
        self.assertIn(f"{RECORDS} records: {RECORDS} created", shown)
        frames = re.findall(r"\r\x1b\[K([^\r\n^]*)", shown)
        self.assertLess(max(map(len, frames)), 20)
        self.assertEqual(frames[-1], f"100 %, {RECORDS} records, 0 failed"[:19], "the last is the end")
        shown, status = self.look_on(80, "--limit", "10", term="dumb")
        self.assertEqual((status, "\x1b" in shown), (DONE, False), shown)

    def test_a_second_signal_of_either_kind_ends_it_at_once(self):
        for first, second in ((signal.SIGINT, signal.SIGTERM), (signal.SIGTERM, signal.SIGINT)):
            # Too few for an initial load, and people of its own: what is cut short leaves nothing behind that another run would tell of.
            own = self.file(*[person(f"{first.name}{n}", f"{first.name}{n}") for n in range(20_000)])
            with self.subTest(first=first.name), full_pipe() as nobody_reads:
                command = [self.server.binary, "migrate", "run", "--from", "godwit", own, "--org", "acme", "--source", first.name, *self.place(),
                           "--masterkeyFile", self.folder / "masterkey"]
                program = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL, stderr=nobody_reads)
                try:
                    self.wait_until_heard(program, {signal.SIGINT, signal.SIGTERM})
                    program.send_signal(first)
                    self.wait_until_heard(program, set())
                    program.send_signal(second)
                    self.assertEqual(program.wait(60), -second)
                finally:
                    program.kill()
                    program.wait()

    def wait_until_heard(self, program, wanted):
        """Until the program has handlers for these of the two, and for these alone."""
        until = time.monotonic() + 60
        while True:
            caught = int(re.search(r"^SigCgt:\s*(\w+)", Path(f"/proc/{program.pid}/status").read_text(), re.M).group(1), 16)
            if {one for one in (signal.SIGINT, signal.SIGTERM) if caught >> (one - 1) & 1} == wanted:
                return
            self.assertIsNone(program.poll())
            self.assertLess(time.monotonic(), until, f"{caught:x}")
            time.sleep(0.01)


if __name__ == "__main__":
    unittest.main()
