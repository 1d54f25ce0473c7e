# What a reviewer should not have to look for.

dev_sources() { git ls-files -co --exclude-standard 'src/*.cc' 'src/*.h' 'tests/fuzz/*.cc' 'bench/*.cc'; }

dev_format() {
    if [ "${1:-}" = --check ]; then
        dev_sources | xargs clang-format-19 --dry-run -Werror
    else
        dev_sources | xargs clang-format-19 -i
    fi
}

# The checks that cost little: run by every `./dev test`.
dev_lint_fast() {
    python3 tools/check_layers
    python3 tools/check_sources
    dev_format --check
}

dev_lint() {
    dev_lint_fast
    dev_build debug
    python3 tools/check_headers build/debug
    local files=("$@")
    [ ${#files[@]} -gt 0 ] || mapfile -t files < <(git diff --name-only HEAD -- 'src/*.cc')
    [ ${#files[@]} = 0 ] || printf '%s\n' "${files[@]}" | xargs -P "$(nproc)" -n 4 clang-tidy-19 -p build/debug --quiet
}
