# Every test there is. `./dev test` runs all parts; each part also runs alone.

dev_steps=()  # "seconds name", for the list of the slowest

dev_step() {
    local name=$1 start=$EPOCHREALTIME
    shift
    say "$name"
    "$@"
    dev_steps+=("$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN{printf "%8.1f s", b-a}')  $name")
}

dev_slowest() {
    say "slowest steps"
    printf '%s\n' "${dev_steps[@]}" | sort -rn | head -n 10
}

dev_test() {
    local parts=("$@") part
    if [ ${#parts[@]} = 0 ]; then
        parts=(lint unit contract golden e2e migrate faults hostile)
        if dev_clients_matter; then parts+=(clients); else say "clients: nothing of theirs changed; ./dev test clients runs them"; fi
    fi
    for part in "${parts[@]}"; do
        declare -F "dev_test_$part" >/dev/null || { echo "./dev test: no part '$part'" >&2; return 2; }
    done
    for part in "${parts[@]}"; do "dev_test_$part"; done
    dev_slowest
    echo "all of: ${parts[*]}: passed"
}

dev_release() { [ -n "${dev_release_built:-}" ] || { dev_step "build release" dev_build release; dev_release_built=1; }; }

dev_test_lint() { dev_step "lint" dev_lint_fast; }

# Unit tests and fuzz corpora run under AddressSanitizer and UBSan; store tests on SQLite and a PostgreSQL of their own.
dev_test_unit() {
    dev_step "build debug (sanitizers)" dev_build debug
    dev_step "unit tests" ctest --test-dir build/debug --output-on-failure --no-tests=error -j "$(nproc)"
}

# Our proto/ against the published descriptors of the contract.
dev_test_contract() {
    dev_npm "$root/tests/contract"
    dev_step "contract conformance" node tests/contract/conformance.mjs
}

# Recorded answers of the reference system, on both engines.
dev_test_golden() {
    dev_step "golden: the judge itself" python3 -m unittest discover -s tests/golden -p '*_test.py'
    dev_release
    local engine
    for engine in sqlite postgres; do
        dev_step "golden on $engine" python3 tests/with_server.py --engine "$engine" -- python3 tests/golden/run.py
    done
}

# Real clients and a real browser, on both engines.
dev_test_e2e() {
    dev_release
    dev_npm "$root/tests/e2e"
    local engine
    for engine in sqlite postgres; do
        dev_step "end to end on $engine" python3 tests/with_server.py --engine "$engine" -- node --test --test-concurrency=1 tests/e2e/*.test.mjs tests/e2e/oidc/*.test.mjs
    done
    dev_step "end to end, configured" env GODWIT_OIDC_DPOPNONCEREQUIRED=true GODWIT_OIDC_DEFAULTACCESSTOKENLIFETIME=1h python3 tests/with_server.py -- node --test --test-concurrency=1 tests/e2e/oidc/configured/*.test.mjs
    dev_step "end to end, switched off" env GODWIT_OIDC_AUTHMETHODPOST=false GODWIT_OIDC_AUTHMETHODPRIVATEKEYJWT=false \
        GODWIT_OIDC_GRANTTYPEREFRESHTOKEN=false GODWIT_OIDC_REQUESTOBJECTSUPPORTED=false \
        GODWIT_OIDC_DEFAULTLOGINURLV2='https://login.example/start?request=' GODWIT_OIDC_DEFAULTLOGOUTURLV2='https://login.example/end?next=' \
        python3 tests/with_server.py -- node --test --test-concurrency=1 tests/e2e/oidc/switched_off/*.test.mjs
}

# Migrations as operators run them: what docs/migrate tells them to type, people of other systems' exports signing in, every option.
dev_test_migrate() {
    dev_release
    dev_npm "$root/tests/e2e"
    local file part
    for file in "$root"/tests/migrate/*_test.py; do
        part=$(basename "$file" _test.py)
        dev_step "migrate: $part" python3 -W ignore -m unittest -v "tests.migrate.${part}_test"
    done
}

# kill -9, full disks, clocks that step, databases that go away; backup, restore, doctor; repeated calls, too many calls.
dev_test_faults() {
    dev_release
    local part
    for part in crash backup outage idempotency limits lanes explain migrate migrate_server; do dev_step "faults: $part" python3 -m unittest -v "tests.faults.${part}_test"; done
    for part in server previous_build; do dev_step "faults: schema, $part" python3 -m unittest -v "tests.schema.${part}_test"; done
}

# Clients that take long to install or to run: each folder of tests/clients has a run.sh, which installs what it needs and runs it
# against servers of its own. It is sourced in a shell of its own, with all functions of ./dev.
dev_test_clients() {
    dev_setup test
    dev_release
    local script
    for script in "$root"/tests/clients/*/run.sh; do
        dev_step "client: $(basename "$(dirname "$script")")" dev_client "$script"
    done
    # Remembered only where it says something: of a commit, not of a state that nobody can name.
    [ -n "$(git status --porcelain)" ] || git rev-parse HEAD >"$(git rev-parse --git-path godwit-clients-passed)"
}

# shellcheck source=/dev/null
dev_client() { (set -euo pipefail; source "$1"); }

dev_clients_see=(proto src/base src/transport src/api src/oidc src/login src/app docs/integrate tests/clients tests/harness tests/requirements.txt tools/dev)

# Whether something that clients see has changed since they last passed here, or since the branch left origin/main. Yes when that
# cannot be told: no such branch, or nothing but it.
dev_clients_matter() {
    local since
    since=$(cat "$(git rev-parse --git-path godwit-clients-passed)" 2>/dev/null) || since=""
    if [ -z "$since" ] || ! git merge-base --is-ancestor "$since" HEAD 2>/dev/null; then
        since=$(git merge-base origin/main HEAD 2>/dev/null) || return 0
        [ "$since" != "$(git rev-parse HEAD)" ] || return 0
    fi
    [ -n "$(git diff --name-only "$since" -- "${dev_clients_see[@]}"; git ls-files -o --exclude-standard -- "${dev_clients_see[@]}")" ]
}

# Floods, bombs, smuggling; and a search for secrets in the database, the log and the memory of the server.
dev_test_hostile() {
    dev_release
    dev_step "hostile clients" python3 -m unittest -v tests.hostile.smuggling_test tests.hostile.slow_test tests.hostile.http2_test tests.hostile.body_test
    dev_step "secrets in clear" python3 -m unittest -v tests.hostile.secrets_test
}
