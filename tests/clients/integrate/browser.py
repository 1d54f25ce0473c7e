"""What a program opens for a person: signs in as OIDC_LOGIN_NAME with OIDC_PASSWORD, wherever that leads. usage: browser.py URL"""
import os
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2]))
from harness.person import Person  # noqa: E402

# A browser is on its own: who opened it goes on and waits for the answer.
if os.fork() == 0:
    Person(os.environ["OIDC_LOGIN_NAME"], os.environ["OIDC_PASSWORD"]).visit(sys.argv[1])
