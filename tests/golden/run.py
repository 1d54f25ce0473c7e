#!/usr/bin/env python3
"""Replays every recorded scenario against the server of tests/with_server.py.

cases/ holds the recordings, cases/order.txt their order. exceptions.json names each case that is sent but not compared, with its
reason; those that only wait for a capability begin with "waits:" and the number of them may only fall (see docs/differences.md).
A case that is excepted and yet the same is reported, so that the list cannot rot."""
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
order = [line.strip() for line in (HERE / "cases/order.txt").read_text().splitlines() if line.strip()]
sys.exit(subprocess.run([
    sys.executable, HERE / "replay.py", "--base", os.environ["GODWIT_BASE"], "--admin-pat", os.environ["GODWIT_ADMIN_PAT"],
    "--login-pat", os.environ["GODWIT_LOGIN_PAT"], "--exceptions", HERE / "exceptions.json", *sys.argv[1:],
    *(HERE / "cases" / name for name in order if (HERE / "cases" / name).exists())], check=False).returncode)
