"""kill -9 for long."""
import os
import subprocess
import sys
import time

from bench import ROOT


def soak():
    """The rounds of `./dev test faults`, ten times as many (or GODWIT_FAULT_ROUNDS), on both engines."""
    environment = {"GODWIT_FAULT_ROUNDS": "500", **os.environ}
    start = time.monotonic()
    subprocess.run([sys.executable, "-m", "unittest", "-v", "tests.faults.crash_test.Crash"], cwd=ROOT, env=environment, check=True)
    print(f"soak: {environment['GODWIT_FAULT_ROUNDS']} kills on each engine in {time.monotonic() - start:,.0f} s: nothing acknowledged was lost, the doctor found nothing")
