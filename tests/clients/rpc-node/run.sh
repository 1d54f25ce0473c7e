# connect-node, connect-web (in node, and in a browser across origins) and @zitadel/client: gRPC, gRPC-Web and Connect.
dev_npm "$root/tests/clients/rpc-node"
python3 tests/with_server.py -- node --test --test-concurrency=1 tests/clients/rpc-node/*.test.mjs
