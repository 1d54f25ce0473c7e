#!/usr/bin/env python3
"""Figures, each beside a yardstick that ran in the same minute on the same machine, as Markdown tables. usage: run.py [ROW...]

rows: single, bulk, bulk_postgres, routes, oidc, start, logins (these are run when none is named); million, sessions, kill, migrate, migrate_live, migrate_postgres, migrate_ten (minutes,
and up to 25 GiB of disk), soak"""
import resource
import subprocess
import sys

import bench
import imports
import logins
import migrate
import million
import oidc
import routes
import soak
import start

SHORT = {"single": imports.single, "bulk": imports.bulk, "bulk_postgres": imports.bulk_postgres, "routes": routes.routes, "oidc": oidc.oidc, "start": start.start,
         "logins": logins.logins}
LONG = {"million": million.million, "sessions": oidc.sessions, "kill": million.kill_after_import, "migrate": migrate.migrate, "migrate_live": migrate.live, "migrate_postgres": migrate.postgres,
        "migrate_ten": migrate.ten, "soak": soak.soak}


def main():
    rows = SHORT | LONG
    names = sys.argv[1:] or list(SHORT)
    if unknown := [name for name in names if name not in rows]:
        raise SystemExit(f"no such row: {', '.join(unknown)}\n{__doc__}")
    subprocess.run(["cmake", "--build", str(bench.BUILD), "--target", "bench_yardsticks", "--", "--quiet"], check=True)
    print(bench.machine())
    for name in names:
        rows[name]()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    main()
