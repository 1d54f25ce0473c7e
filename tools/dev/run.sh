# `./dev run`: a server to try things with, its state in ./data.

dev_run() {
    if [ $# -gt 0 ]; then exec build/release/godwit "$@"; fi
    umask 077
    mkdir -p data
    # The key that encrypts the secrets of this database. A real installation keeps it elsewhere.
    [ -s data/masterkey ] || head -c 24 /dev/urandom | base64 >data/masterkey
    cat >data/steps.yaml <<EOF
# What the empty database began with; written by ./dev run.
FirstInstance:
  PatPath: $root/data/admin.pat
  Org:
    Machine:
      Machine:
        Username: admin-machine
        Name: Admin for scripts
      Pat:
        ExpirationDate: 2099-01-01T00:00:00Z
EOF
    exec build/release/godwit serve --data data --masterkeyFile data/masterkey --tlsMode disabled --port "${PORT:-8080}" --steps data/steps.yaml
}
