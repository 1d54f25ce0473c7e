#!/usr/bin/env python3
"""Runs a command beside a fresh server. usage: with_server.py [--engine sqlite|postgres] [--tls] -- COMMAND…

The command finds GODWIT_BASE, GODWIT_ADMIN_PAT and GODWIT_LOGIN_PAT (files), GODWIT_FOLDER, GODWIT_ENGINE,
GODWIT_SQL (what to give sqlite3 or psql to look into the directory database). With --tls node, Python, Go and gRPC trust the server's
certificate, which is cert.pem in GODWIT_FOLDER beside its key.pem."""
import argparse
import contextlib
import os
import subprocess
import sys

from harness.postgres import Postgres
from harness.server import Server

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--engine", choices=["sqlite", "postgres"], default="sqlite")
parser.add_argument("--tls", action="store_true")
parser.add_argument("command", nargs="+")
args = parser.parse_args()

with contextlib.ExitStack() as stack:
    conninfo = stack.enter_context(Postgres()).create_database("godwit") if args.engine == "postgres" else None
    # The servers of the applications under test are on this machine.
    nearby = {"GODWIT_OUTGOING_ALLOWEDNETWORKS": "127.0.0.0/8,::1"}
    server = stack.enter_context(Server(conninfo, nearby, tls=args.tls))
    env = {**os.environ, "GODWIT_BASE": server.base, "GODWIT_ADMIN_PAT": str(server.folder / "admin.pat"),
           "GODWIT_LOGIN_PAT": str(server.folder / "login.pat"), "GODWIT_FOLDER": str(server.folder), "GODWIT_ENGINE": args.engine,
           "GODWIT_SQL": conninfo or str(server.folder / "data" / "directory.db")}
    if args.tls:
        for name in ("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"):
            env[name] = str(server.folder / "cert.pem")
    code = subprocess.run(args.command, env=env, check=False).returncode
    if code:
        print(f"--- end of the server's log ---\n{server.log()[-3000:]}", file=sys.stderr)
sys.exit(code)
