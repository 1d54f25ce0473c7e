"""What the tests of `godwit migrate` share: a server with organizations, projects and a provider, and commands typed beside it."""
import contextlib
import fcntl
import json
import os
import subprocess

from tests.harness.server import MASTER_KEY, ROOT, Server

VECTORS = ROOT / "tests" / "vectors" / "migrate"
BCRYPT = "$2b$10$SCHPBhOaQajJr45SH2wjXe5jFf79KGdMc0raWD3V0n7BI4z.ILYSS"
DONE, SOME_FAILED, USAGE, PAUSED, UNREACHABLE = range(5)


def person(source_id, name, **more):
    return {"sourceId": source_id, "userName": name, "profile": {"givenName": "G", "familyName": "F"}, **more}


@contextlib.contextmanager
def full_pipe():
    """The end of a pipe that takes no byte any more: a program whose standard error it is stands still at its first word of progress."""
    reader, writer = os.pipe()
    try:
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
        os.set_blocking(writer, False)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(writer, b"." * 4096)
        os.set_blocking(writer, True)
        yield writer
    finally:
        os.close(reader)
        os.close(writer)


class Workshop:
    """On the engine of the class below it: `place` says where the databases are."""

    database = None

    @classmethod
    def setUpClass(cls):
        cls.server = Server(cls.database)
        cls.folder = cls.server.folder
        cls.addClassCleanup(cls.server.stop)
        (cls.folder / "masterkey").write_text(MASTER_KEY)
        cls.server.start()
        world = {"timeout": "1m", "dataOrgs": {"orgs": [
            {"orgId": "acme", "org": {"name": "Acme"}, "projects": [{"projectId": "shop", "project": {"name": "Shop"}}],
             "projectRoles": [{"projectId": "shop", "roleKey": key, "displayName": key} for key in ("buyer", "clerk", "owner")],
             "oidcIdps": [{"idpId": "sso", "idp": {"name": "Company SSO", "clientId": "c", "clientSecret": "s", "issuer": "https://sso.example",
                                                   "scopes": ["openid"]}}]},
            {"orgId": "globex", "org": {"name": "Globex"}}]}}
        status, answer = cls.server.call("POST", "/admin/v1/import", world)
        assert status == 200, answer
        cls.server.stop()
        cls.number = 0

    def place(self):
        return ["--data", self.folder / "data"]

    def migrate(self, verb, *args, want=DONE, limits=None):
        """The finished command; fails when its exit status is not `want` (None: whatever it is)."""
        place = [] if verb in ("inspect", "map", "schema") else [*self.place(), "--masterkeyFile", self.folder / "masterkey"]
        command = [self.server.binary, "migrate", verb, *args, *place]
        env = {k: v for k, v in self.server.env.items() if not k.startswith("GODWIT_DATABASE_")}
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, timeout=300, cwd=self.folder, env=env,
                              preexec_fn=limits)
        if want is not None:
            self.assertEqual(done.returncode, want, f"{command}\n{done.stdout}{done.stderr}")
        return done

    def file(self, *records, name=None):
        type(self).number += 1
        path = self.folder / (name or f"users{self.number}.ndjson")
        path.write_text("".join((record if isinstance(record, str) else json.dumps(record)) + "\n" for record in records))
        return path

    def run_job(self, path, *args, source=None, kind="godwit", want=DONE):
        """(the lines of the report, what was printed) of a run with a source of its own."""
        report = self.folder / "report.ndjson"
        report.unlink(missing_ok=True)
        done = self.migrate("run", "--from", kind, path, "--org", "acme", "--source", source or f"source{self.number}", "--report", report, *args,
                            want=want)
        lines = [json.loads(line) for line in report.read_text().splitlines()] if report.exists() else []
        return lines, done

    @contextlib.contextmanager
    def serving(self):
        self.server.start("start")
        try:
            yield self.server
        finally:
            self.server.stop()

    def grants_of(self, server, user):
        status, answer = server.call("POST", "/management/v1/users/grants/_search", {"queries": [{"userIdQuery": {"userId": user}}]},
                                     headers={"x-zitadel-orgid": "acme"})
        self.assertEqual(status, 200, answer)
        return {grant["projectName"]: sorted(grant.get("roleKeys", [])) for grant in answer.get("result", [])}
