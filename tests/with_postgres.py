#!/usr/bin/env python3
"""Runs a command with GODWIT_TEST_POSTGRES (a libpq conninfo) naming a PostgreSQL of its own. usage: with_postgres.py COMMAND…"""
import os
import subprocess
import sys

from harness.postgres import Postgres

with Postgres() as postgres:
    done = subprocess.run(sys.argv[1:], env={**os.environ, "GODWIT_TEST_POSTGRES": postgres.conninfo}, check=False)
sys.exit(done.returncode)
