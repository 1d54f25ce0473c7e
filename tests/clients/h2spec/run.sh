# h2spec: the server's HTTP/2 against the RFCs, in strict mode, in clear text and under TLS.
dev_apt golang-go openssl
h2spec=$root/build/tools/h2spec
if [ ! -x "$h2spec" ] || [ "$h2spec" -ot tests/clients/h2spec/go.mod ]; then
    say "building h2spec into build/tools"
    (cd tests/clients/h2spec && GOPATH="$root/build/tools/go" GOFLAGS=-modcacherw go build -o "$h2spec" github.com/summerwind/h2spec/cmd/h2spec)
    touch "$h2spec"
fi
python3 -m unittest -v tests.clients.h2spec.h2spec_test
