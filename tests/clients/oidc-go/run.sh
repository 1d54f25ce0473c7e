# golang.org/x/oauth2 and go-oidc as Go applications use them.
dev_apt golang-go
(cd tests/clients/oidc-go && GOPATH="$root/build/tools/go" GOFLAGS=-modcacherw go test -c -o "$root/build/tools/oidc-go.test" .)
python3 tests/with_server.py -- python3 tests/harness/tenant.py build/tools/oidc-go.test -test.v
