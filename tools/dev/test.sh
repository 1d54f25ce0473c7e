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
    [ ${#parts[@]} -gt 0 ] || parts=(lint unit contract golden e2e faults)
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
        dev_step "end to end on $engine" python3 tests/with_server.py --engine "$engine" -- node --test --test-concurrency=1 tests/e2e/
    done
}

# kill -9, second process, wrong master key …
dev_test_faults() {
    dev_release
    dev_step "faults" python3 -m unittest -v tests.faults.crash_test
}
