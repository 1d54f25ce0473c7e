"""A server, somebody who keeps using it, and a look at its memory: what every attack here is measured by."""
import asyncio
import contextlib
import json
import pathlib
import resource
import subprocess
import sys
import unittest

from tests.harness.server import Server

# What others may notice at most: no error, and no answer later than this (seconds).
WORST_ANSWER = 1.0
# What an attack may make the server's resident memory grow by: the client's share of bodies and answers, and slack of the allocator.
SHARE = 16 << 20
GROWTH = 64 << 20

CONFIG = """
Log: {Level: info}
Godwit:
  Limits:
    HeaderTimeout: 2s
    BodyIdleTimeout: 2s
    IdleTimeout: 90s
    ConnectionsPerClient: 15000
    BufferedBytesPerClient: 16MiB
"""


def raise_file_limit(wanted):
    """As many descriptors as the machine lets us have; answers how many that are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
            return wanted
        wanted = hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    return max(soft, wanted)


def resident(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) << 10
    raise AssertionError("the server has gone")


class Stage(unittest.TestCase):
    """One server for all tests of a class."""

    @classmethod
    def setUpClass(cls):
        raise_file_limit(25_000)
        cls.server = cls.enterClassContext(Server(config=CONFIG))
        # The first requests of each kind fill caches; that is no attack's doing.
        with cls.bystander_of(cls.server) as seen:
            asyncio.run(asyncio.sleep(2))
        assert not seen["errors"], seen
        # On a machine that is busy with other things, these make everybody wait too.
        cls.bound = max(WORST_ANSWER, 5 * seen["worst"])

    @property
    def port(self):
        return self.server.port

    @staticmethod
    @contextlib.contextmanager
    def bystander_of(server):
        result = {}
        process = subprocess.Popen([sys.executable, pathlib.Path(__file__).with_name("bystander.py"), str(server.port), server.folder / "admin.pat"],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            yield result
        finally:
            out, _ = process.communicate("", timeout=60)
        result.update(json.loads(out))

    def attack(self, coroutine, growth=GROWTH):
        """Runs it; meanwhile and afterwards nobody else may notice."""
        before = resident(self.server.process.pid)
        most = before

        async def sample():
            nonlocal most
            while True:
                most = max(most, resident(self.server.process.pid))
                await asyncio.sleep(0.05)

        async def run():
            sampler = asyncio.create_task(sample())
            try:
                return await coroutine
            finally:
                sampler.cancel()

        with self.bystander_of(self.server) as seen:
            result = asyncio.run(run())
        most = max(most, resident(self.server.process.pid))
        self.assertEqual(seen["errors"], [], "others got errors")
        self.assertLess(seen["worst"], self.bound, f"others waited: {seen}")
        self.assertLess(most - before, growth, f"memory grew from {before >> 20} MiB to {most >> 20} MiB")
        return result
