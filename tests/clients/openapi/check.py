#!/usr/bin/env python3
"""The OpenAPI document of a running server: a validator likes it, and schemathesis finds no answer outside of it.

usage: with_server.py -- check.py [EXAMPLES [OPTION…]]     EXAMPLES of each call, 20 by default; OPTIONs are schemathesis' own"""
import json
import os
import pathlib
import subprocess
import sys
import urllib.request

import openapi_spec_validator

HERE = pathlib.Path(__file__).resolve().parent
SCRATCH = os.environ["GODWIT_FOLDER"]  # for the files that schemathesis leaves behind
BASE = os.environ["GODWIT_BASE"]
TOKEN = pathlib.Path(os.environ["GODWIT_ADMIN_PAT"]).read_text(encoding="utf-8").strip()
# positive_data_acceptance is not among them: what exists and what is taken already is not in a schema.
# negative_data_rejection neither: members with unknown names are ignored, and null means "not there".
# Streams: schemathesis writes no NDJSON, and takes the fields of an event of SSE for those of its message. tests/faults/migrate_server_test.py has them.
STREAMS = r"^/migration/v1/jobs/\{jobId\}/(records|events)$"
CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance", "response_schema_conformance", "ignored_auth"]


def get(path):
    request = urllib.request.Request(BASE + path, headers={"Authorization": "Bearer " + TOKEN})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


document = get("/openapi.json")
openapi_spec_validator.validate(document)
print(f"openapi.json: valid, {len(document['paths'])} paths, {len(document['components']['schemas'])} schemas", flush=True)

examples, *more = sys.argv[1:] or ["20"]
done = subprocess.run(
    [pathlib.Path(sys.executable).parent / "schemathesis", "run", BASE + "/openapi.json", "--checks", ",".join(CHECKS), "--header", "Authorization: Bearer " + TOKEN,
     "--phases", "fuzzing", "--max-examples", examples, "--seed", "1", "--continue-on-failure", "--suppress-health-check", "all", "--no-shrink", "--warnings", "off",
     "--exclude-path-regex", STREAMS, "--no-color", "--generation-database", "none", *more],
    env={**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE), "GODWIT_CALLER": get("/auth/v1/users/me")["user"]["id"]}, cwd=SCRATCH, check=False)
sys.exit(done.returncode)
