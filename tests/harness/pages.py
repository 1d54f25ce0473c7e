"""Runs what a page of docs/migrate or docs/integrate tells people to type, in a folder with a server of its own.

The words behind the language of a block say what it is: ```sh is run while the server is stopped, ```sh server while it runs (on
localhost:8080, as the page has it), ```sh exit=1 ends with that status, ```sh elsewhere is typed on another system's machine and not run.
```yaml mapping.yaml (any other language and a name) is a file that the commands after it find. In docs/integrate the server runs all the
time, and ```sh stays is a program that runs beside what follows and serves localhost:3000."""
import dataclasses
import os
import pathlib
import re
import shutil
import socket
import subprocess
import time

from tests.harness.server import MASTER_KEY, ROOT, Server, free_port

MIGRATE = ROOT / "docs" / "migrate"
INTEGRATE = ROOT / "docs" / "integrate"
BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# Before each block: what the ones before it have set.
KNOWING = "set -eu -o pipefail\n[ ! -f .said ] || . ./.said\nset -a"


@dataclasses.dataclass
class Block:
    words: list
    text: str

    @property
    def runs(self):
        return self.words[:1] == ["sh"] and "elsewhere" not in self.words

    @property
    def exit_status(self):
        return next((int(word.removeprefix("exit=")) for word in self.words if word.startswith("exit=")), 0)


def blocks_of(page):
    return [Block(info.split(), text) for info, text in BLOCK.findall(page.read_text())]


class Folder:
    """Where a page's commands are typed: `data` of a server that was set up, `masterkey`, `admin.pat`, the repository's `tests`."""

    def __init__(self, conninfo=None):
        self.server = Server(conninfo)
        self.path = self.server.folder
        self.server.start()
        self.server.stop()
        (self.path / "masterkey").write_text(MASTER_KEY)
        (self.path / "tests").symlink_to(ROOT / "tests")
        (self.path / "bin").mkdir()
        (self.path / "bin" / "godwit").symlink_to(self.server.binary)
        self.env = {**self.server.env, "PATH": f"{self.path / 'bin'}:{os.environ['PATH']}"}

    def run(self, page):
        """All blocks in their order; what a block sets, the next ones know."""
        for block in blocks_of(page):
            if block.runs:
                self._run_block(block)
            elif len(block.words) == 2 and block.words[0] != "sh":
                (self.path / block.words[1]).write_text(self.here(block.text))

    def here(self, text):
        """The text with our server's address instead of the page's."""
        return text.replace("http://localhost:8080", self.server.base)

    def _run_block(self, block):
        beside_server = "server" in block.words
        if beside_server:
            self.server.start("start")
        try:
            self.type(self.here(block.text), block.exit_status)
        finally:
            if beside_server:
                self.server.stop()

    def type(self, text, exit_status=0):
        """Commands, one after the other, until one fails; fails unless that is what is expected."""
        script = f"{KNOWING}\n{text}\n{{ export -p; declare -f; }} > .said\n"
        done = subprocess.run(["bash", "-c", script], cwd=self.path, env=self.env, capture_output=True, text=True, check=False, timeout=300)
        if done.returncode != exit_status:
            raise AssertionError(f"exit status {done.returncode}, not {exit_status}, of:\n{text}\n{done.stdout}{done.stderr}")
        return done.stdout

    def close(self):
        self.server.stop()
        shutil.rmtree(self.path, ignore_errors=True)


class Workshop(Folder):
    """Where a page of docs/integrate is followed: its server runs, and on a port of its own what the page lets serve localhost:3000."""

    def __init__(self):
        super().__init__()
        self.staying, self.port = [], free_port()
        self.site = f"http://localhost:{self.port}"
        (self.path / "data" / "admin.pat").symlink_to(self.path / "admin.pat")
        self.server.start("start")

    def here(self, text):
        return re.sub(r"\b3000\b", str(self.port), super().here(text))

    def _run_block(self, block):
        if "stays" not in block.words:
            self.type(self.here(block.text))
            return
        with open(self.path / "stays.log", "ab") as log:
            self.staying.append(subprocess.Popen(["bash", "-c", f"{KNOWING}\nexec {self.here(block.text)}"], cwd=self.path, env=self.env, stdout=log,
                                                 stderr=log))
        until = time.monotonic() + 60
        while time.monotonic() < until and self.staying[-1].poll() is None:
            try:
                socket.create_connection(("localhost", self.port)).close()
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f"nothing serves port {self.port}:\n{block.text}\n{(self.path / 'stays.log').read_text()}")

    def close(self):
        for process in self.staying:
            process.terminate()
            process.wait(30)
        super().close()


def commands_outside(page):
    """Lines that look like commands and are in no block that is run or said not to be."""
    kept = BLOCK.sub(lambda found: "" if found.group(1).split()[:1] == ["sh"] else found.group(0), page.read_text())
    return [line for line in kept.splitlines() if re.match(r"\s*\$?\s*(godwit|curl|kc\.sh|sudo|\./dev)\s", line)]


def all_pages(folder):
    return sorted(folder.rglob("*.md"), key=lambda page: pathlib.PurePath(page).as_posix())
