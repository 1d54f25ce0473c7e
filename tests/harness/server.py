"""Starts and stops a real godwit on a free port with a fresh store of either engine."""
import json
import os
import pathlib
import random
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("GODWIT_BINARY", ROOT / "build/release/godwit"))
MASTER_KEY = "MasterkeyNeedsToHave32Characters"

STEPS = """
FirstInstance:
  PatPath: {folder}/admin.pat
  LoginClientPatPath: {folder}/login.pat
  MachineKeyPath: {folder}/machine-key.json
  Org:
    Human:
      UserName: root
      Password: RootPassword1!
    Machine:
      Machine:
        Username: admin-machine
        Name: Admin
      MachineKey:
        Type: 1
      Pat:
        ExpirationDate: 2099-01-01T00:00:00Z
    LoginClient:
      Machine:
        Username: login-client
        Name: Login Client
      Pat:
        ExpirationDate: 2099-01-01T00:00:00Z
"""


def free_port():
    """Below the range that the system gives to clients, which may take any of those before the server is up."""
    while True:
        port = random.randrange(15_000, 30_000)
        with socket.socket(socket.AF_INET6) as probe:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            try:
                probe.bind(("::", port))
                return port
            except OSError:
                continue


class Server:
    """`extra_env` and `extra_args` reach the program; `folder` holds data, tokens and the log and outlives restarts.
    `tls`: speak it, with a certificate for localhost in `folder` (cert.pem, key.pem), see `write_certificate`."""

    def __init__(self, conninfo=None, extra_env=None, extra_args=(), config=None, binary=BINARY, tls=False):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="godwit-test-"))
        self.port = free_port()
        self.binary, self.extra_args = binary, list(extra_args)
        self.env = {**os.environ, **(extra_env or {})}
        (self.folder / "steps.yaml").write_text(STEPS.format(folder=self.folder))
        self.tls = tls
        if tls:
            self.write_certificate()
            self.env |= {"GODWIT_TLS_CERTPATH": str(self.folder / "cert.pem"), "GODWIT_TLS_KEYPATH": str(self.folder / "key.pem")}
        self.args = ["--data", self.folder / "data", "--masterkey", MASTER_KEY, "--tlsMode", "enabled" if tls else "disabled",
                     "--port", str(self.port), "--steps", self.folder / "steps.yaml"]
        (self.folder / "data").mkdir()
        if config:
            (self.folder / "config.yaml").write_text(config)
            self.args += ["--config", self.folder / "config.yaml"]
        if conninfo:
            part = dict(p.split("=", 1) for p in conninfo.split())
            self.env |= {"GODWIT_DATABASE_POSTGRES_HOST": part["host"], "GODWIT_DATABASE_POSTGRES_DATABASE": part["dbname"],
                         "GODWIT_DATABASE_POSTGRES_USER_USERNAME": part["user"]}
        self.process = None

    @property
    def base(self):
        return f"{'https' if self.tls else 'http'}://localhost:{self.port}"

    def write_certificate(self, name="first"):
        """A new pair, signed by itself, whose organization is `name`."""
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                        "-subj", f"/O={name}/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                        "-keyout", self.folder / "key.pem", "-out", self.folder / "cert.pem"], check=True, capture_output=True)

    def _open(self, request, timeout):
        # The certificate may have been exchanged; which one it is, is not what these calls ask.
        return urllib.request.urlopen(request, timeout=timeout, context=ssl._create_unverified_context() if self.tls else None)

    def pat(self, name="admin"):
        return (self.folder / f"{name}.pat").read_text().strip()

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def start(self, verb="start-from-init", wait=True):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen([str(self.binary), verb, *map(str, self.args), *self.extra_args], stdout=log, stderr=log,
                                            env=self.env, cwd=self.folder)
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self, seconds=60):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise SystemExit(f"godwit ended with {self.process.returncode}:\n{self.log()[-4000:]}")
            try:
                with self._open(self.base + "/debug/ready", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                pass
            time.sleep(0.05)
        raise SystemExit(f"godwit was not ready after {seconds} s:\n{self.log()[-4000:]}")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
        return self.process.returncode if self.process else None

    def run_verb(self, verb, *args, data=None):
        """Another verb of the program on the same database (or folder `data`): the finished process, with its output as text."""
        return subprocess.run([str(self.binary), verb, "--data", str(data or self.folder / "data"), *map(str, args)], env=self.env, cwd=self.folder,
                              capture_output=True, text=True, check=False, timeout=120)

    def call(self, method, path, body=None, token=None, headers=None):
        """(status, parsed JSON or text) of one REST call, by default as the instance owner."""
        request = urllib.request.Request(self.base + path, method=method, data=None if body is None else json.dumps(body).encode(), headers={
            "Authorization": "Bearer " + (token or self.pat()), "Content-Type": "application/json", **(headers or {})})
        try:
            with self._open(request, timeout=120) as answer:
                status, raw = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, raw = error.code, error.read()
        try:
            return status, json.loads(raw)
        except ValueError:
            return status, raw.decode("utf-8", "replace")

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        try:
            self.stop()
        finally:
            if kind is not None:
                print(f"--- end of the server's log ({self.folder}/log) ---\n{self.log()[-6000:]}")
            else:
                shutil.rmtree(self.folder, ignore_errors=True)
