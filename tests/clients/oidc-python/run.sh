# Authlib and idpyoidc as Python applications use them.
dev_venv
for test in authlib idpyoidc; do
    python3 tests/with_server.py -- python3 tests/harness/tenant.py build/tools/venv/bin/python "tests/clients/oidc-python/${test}_test.py" -v
done
