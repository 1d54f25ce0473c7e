"""Databases of newer schemas: make_schema.cc, built beside the release."""
import functools
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
RELEASE = ROOT / "build/release"
# What a program says of a database that demands more than it knows, by make_schema's mode.
REFUSALS = {
    "closed": r"has schema version \d+, which only a program that knows version \d+ may write; this program knows version \d+",
    "hidden": r"has schema version \d+, which only a program that knows version \d+ may read; this program knows version \d+",
}


@functools.cache
def make_schema():
    subprocess.run(["cmake", "--build", RELEASE, "--target", "make_schema", "--", "--quiet"], check=True)
    return RELEASE / "tests/schema/make_schema"
