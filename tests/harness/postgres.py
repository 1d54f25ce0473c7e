"""A PostgreSQL cluster of the tests' own: temporary folder, unix socket, gone afterwards."""
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile

BIN = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), default=pathlib.Path("/usr/bin"))


class Postgres:
    def __init__(self, env=None):
        self.env = {**os.environ, **(env or {})}
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="godwit-pg-"))
        self.data = self.folder / "data"
        self.as_user = []
        if os.geteuid() == 0:  # the server refuses to run as root
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self.as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        self._run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as conf:
            conf.write(f"listen_addresses=''\nunix_socket_directories='{self.folder}'\nmax_connections=200\nfsync=off\n")
        self.start()

    def _run(self, tool, *args):
        done = subprocess.run([*self.as_user, BIN / tool, *map(str, args)], capture_output=True, text=True, cwd=self.folder, env=self.env, check=False)
        if done.returncode:
            raise SystemExit(f"{tool}: {done.stdout}{done.stderr}")

    def start(self):
        self._run("pg_ctl", "-D", self.data, "-l", self.folder / "log", "-w", "start")

    def stop(self, mode="fast"):
        self._run("pg_ctl", "-D", self.data, "-w", "-m", mode, "stop")

    @property
    def conninfo(self):
        return f"host={self.folder} user=postgres dbname=postgres"

    def sql(self, statement, database="postgres"):
        """What psql prints of one statement, without headers."""
        return subprocess.run(["psql", "-qtA", "-d", f"host={self.folder} user=postgres dbname={database}", "-c", statement], check=True,
                              capture_output=True, text=True).stdout.strip()

    def create_database(self, name):
        subprocess.run(["psql", "-q", "-d", self.conninfo, "-c", f'CREATE DATABASE "{name}"'], check=True)
        return f"host={self.folder} user=postgres dbname={name}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)
