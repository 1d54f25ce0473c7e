# grpc-go as Go applications use it, with reflection and health checking, over HTTP/2 in clear text.
dev_apt golang-go
(cd tests/clients/rpc-go && GOPATH="$root/build/tools/go" GOFLAGS=-modcacherw go test -c -o "$root/build/tools/rpc-go.test" .)
python3 tests/with_server.py -- build/tools/rpc-go.test -test.v
