# zitadel-go, the SDK of the reference for Go, over TLS and in clear text.
dev_go
(cd tests/clients/zitadel-go && GOPATH="$root/build/tools/go" GOFLAGS=-modcacherw go test -c -o "$root/build/tools/zitadel-go.test" .)
for tls in --tls ""; do
    # shellcheck disable=SC2086
    python3 tests/with_server.py $tls -- build/tools/zitadel-go.test -test.v
done
