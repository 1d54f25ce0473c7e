# openid-client, oauth4webapi, passport, Auth.js, @zitadel/node and, in a browser, oidc-client-ts: as they come from the registry, over TLS,
# with nothing switched off.
dev_npm "$root/tests/clients/oidc-node"
python3 tests/with_server.py --tls -- node --test --test-concurrency=1 tests/clients/oidc-node/*.test.mjs
