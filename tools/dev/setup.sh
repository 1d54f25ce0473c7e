# Installs what is missing, and says so; costs nothing when nothing is.

dev_packages_build="g++ cmake ninja-build mold ccache pkg-config ca-certificates
    libboost1.81-dev libnghttp2-dev libssl-dev zlib1g-dev libzstd-dev libcsv-dev libcurl4-openssl-dev libprotobuf-dev protobuf-compiler libsimdjson-dev
    libsqlite3-dev libpq-dev libargon2-dev libcrypt-dev libicu-dev libyaml-cpp-dev libcli11-dev libspdlog-dev libfmt-dev
    prometheus-cpp-dev libgtest-dev libgmock-dev libkainjow-mustache-dev"
dev_packages_lint="clang-19 clang-format-19 clang-tidy-19 libclang-rt-19-dev python3"
dev_packages_test="curl jq python3 python3-venv postgresql-15 chromium procps openssl nghttp2-client wrk"

say() { printf '\033[1m== %s\033[0m\n' "$*" >&2; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

dev_apt() {
    local missing=() package
    # One dpkg-query for all: this runs before every command.
    local installed
    installed=" $(dpkg-query -W -f '${db:Status-Status} ${Package}\n' | awk '$1=="installed"{printf "%s ", $2}')"
    for package in "$@"; do
        [[ "$installed" == *" $package "* ]] || missing+=("$package")
    done
    [ ${#missing[@]} = 0 ] && return 0
    say "installing with apt: ${missing[*]}"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    # PostgreSQL's package would start a server of its own; tests start theirs.
    if [[ " ${missing[*]} " == *postgresql* ]] && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        as_root mkdir -p /etc/postgresql-common
        echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# Node 20 or newer: Debian 12 has 18, so it comes from the npm registry's own `node` package, into build/tools.
dev_node() {
    if command -v node >/dev/null && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ]; then return 0; fi
    local bin=$root/build/tools/node/node_modules/.bin
    if [ ! -x "$bin/node" ]; then
        dev_apt npm
        say "installing node 22 from npm into build/tools/node"
        mkdir -p "$root/build/tools/node"
        npm install --silent --no-fund --no-audit --prefix "$root/build/tools/node" node@22 npm@10
    fi
    export PATH=$bin:$PATH
}

# Go 1.21 or newer: Debian 12 has 1.19, so it comes as the module that Go's own upgrades come as, into build/tools/go.
dev_go() {
    dev_apt golang-go
    [[ "$(go env GOVERSION)" == go1.1* || "$(go env GOVERSION)" == go1.20* ]] || return 0
    local module folder
    module=golang.org/toolchain@v0.0.1-go1.23.12.linux-$(go env GOARCH)
    folder=$root/build/tools/go/pkg/mod/$module
    if [ ! -x "$folder/bin/go" ]; then
        say "installing Go 1.23 into build/tools/go"
        (cd "$root/build/tools" && GOPATH="$root/build/tools/go" GOFLAGS=-modcacherw go mod download "$module")
        chmod +x "$folder"/pkg/tool/*/* "$folder"/bin/*
    fi
    export PATH=$folder/bin:$PATH
}

# npm packages of a test folder, once per lock file.
dev_npm() {
    local folder=$1 stamp=$1/node_modules/.godwit-stamp
    [ -f "$stamp" ] && [ "$stamp" -nt "$folder/package-lock.json" ] && [ "$stamp" -nt "$folder/package.json" ] && return 0
    say "npm ci in ${folder#"$root"/}"
    (cd "$folder" && npm ci --silent --no-fund --no-audit)
    touch "$stamp"
}

# A Python environment for test clients: build/tools/venv with tests/requirements.txt.
dev_venv() {
    local venv=$root/build/tools/venv
    [ -f "$root/tests/requirements.txt" ] || return 0
    [ -f "$venv/.godwit-stamp" ] && [ "$venv/.godwit-stamp" -nt "$root/tests/requirements.txt" ] && return 0
    say "python packages of tests/requirements.txt into build/tools/venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$root/tests/requirements.txt"
    touch "$venv/.godwit-stamp"
}

dev_setup() {
    case "$1" in
        # shellcheck disable=SC2086
        build) dev_apt $dev_packages_build ;;
        # shellcheck disable=SC2086
        lint) dev_apt $dev_packages_build $dev_packages_lint ;;
        test | all)
            # shellcheck disable=SC2086
            dev_apt $dev_packages_build $dev_packages_lint $dev_packages_test
            dev_node
            ;;
        *) echo "./dev setup: build, test or all" >&2; return 2 ;;
    esac
}
