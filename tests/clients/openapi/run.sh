# The OpenAPI document: a validator likes it, and what schemathesis sends by it, right and wrong, is answered by it.
dev_venv
python3 tests/with_server.py -- build/tools/venv/bin/python tests/clients/openapi/check.py
