#!/usr/bin/env bash
# The least that must work wherever the program was built: start, import, read back, ready, stop. Needs nothing but bash and the binary.
set -euo pipefail
binary=$(readlink -f "$1")
folder=$(mktemp -d)
# A server that stopped already is no failure.
trap 'kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
port=${SMOKE_PORT:-18080}
cat >"$folder/steps.yaml" <<EOF
FirstInstance:
  PatPath: $folder/pat
  Org:
    Machine:
      Machine: {Username: smoke, Name: Smoke}
      Pat: {ExpirationDate: 2099-01-01T00:00:00Z}
EOF
"$binary" serve --data "$folder/data" --masterkey 0123456789abcdef0123456789abcdef --tlsMode disabled --port "$port" --steps "$folder/steps.yaml" >"$folder/log" 2>&1 &
server=$!

# curl may not be there: HTTP/1.0 by hand.
request() {
    local method=$1 path=$2 body=${3:-}
    exec 3<>"/dev/tcp/127.0.0.1/$port" || return 1
    printf '%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %s\r\n\r\n%s' \
        "$method" "$path" "$(cat "$folder/pat" 2>/dev/null)" "$(printf %s "$body" | wc -c)" "$body" >&3
    cat <&3
    exec 3>&-
}

for _ in $(seq 100); do
    request GET /debug/ready 2>/dev/null | grep -q '200 OK' && break
    kill -0 "$server" || { cat "$folder/log"; exit 1; }
    sleep 0.1
done
user=$(request POST /management/v1/users/human/_import '{"userName":"ada","profile":{"firstName":"A","lastName":"L"},"email":{"email":"a@example.com","isEmailVerified":true},"hashedPassword":{"value":"$2b$04$abcdefghijklmnopqrstuuIPTYYV.Zp4rvD/5LwDwasuCbJdL0cRy"}}' | sed -n 's/.*"userId" *: *"\([^"]*\)".*/\1/p')
[ -n "$user" ] || { echo "smoke: the import was not answered"; cat "$folder/log"; exit 1; }
request GET "/management/v1/users/$user" | grep -q USER_STATE_ACTIVE || { echo "smoke: the user was not read back"; exit 1; }
request GET /.well-known/openid-configuration | grep -q authorization_endpoint || { echo "smoke: no discovery"; exit 1; }
kill "$server"
wait "$server" || { echo "smoke: did not stop well"; cat "$folder/log"; exit 1; }
echo "smoke: 1 passed, 0 failed"
