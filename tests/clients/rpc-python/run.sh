# grpcio as Python applications use it, with reflection and health checking, over HTTP/2 in clear text.
dev_venv
python3 tests/with_server.py -- build/tools/venv/bin/python tests/clients/rpc-python/check.py
