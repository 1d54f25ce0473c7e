"""A full disk and a stepping clock for one program, on command: see shim.c."""
import os
import pathlib
import struct
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


class Faults:
    """`env` makes a program subject to the faults; files whose path contains `path` are those of the full disk."""

    def __init__(self, path):
        self.folder = tempfile.TemporaryDirectory(prefix="godwit-faults-")
        folder = pathlib.Path(self.folder.name)
        folder.chmod(0o755)  # PostgreSQL runs as a user of its own
        library = folder / "faults.so"
        subprocess.run([os.environ.get("CC", "gcc"), "-shared", "-fPIC", "-O1", "-o", library, HERE / "shim.c", "-ldl"], check=True)
        self.file = folder / "faults"
        self.full, self.offset = False, 0
        self._write()
        self.env = {"LD_PRELOAD": str(library), "FAULTS_FILE": str(self.file), "FAULTS_PATH": path}

    def _write(self):
        with open(self.file, "r+b" if self.file.exists() else "w+b") as file:
            file.write(struct.pack("=qq", int(self.full), self.offset))

    def disk_full(self, full):
        self.full = full
        self._write()

    def step_clock(self, seconds):
        self.offset += int(seconds * 1_000_000)
        self._write()
