# bench, fuzz, check-bare.

dev_bench() {
    dev_build release
    python3 bench/run.py "$@"
}

dev_fuzz() {
    local name=${1:-} seconds=${2:-60}
    if [ -z "$name" ]; then
        sed -n 's/^godwit_fuzz(\([a-z_0-9]*\).*/\1/p' tests/fuzz/CMakeLists.txt
        return 0
    fi
    [ -f build/fuzz/build.ninja ] || cmake --preset fuzz >/dev/null
    cmake --build --preset fuzz --target "${name}_fuzz"
    mkdir -p "build/fuzz/found/$name"
    local words=()
    [ ! -f "tests/fuzz/dictionaries/$name.dict" ] || words=(-dict="tests/fuzz/dictionaries/$name.dict")
    "build/fuzz/tests/fuzz/${name}_fuzz" -max_total_time="$seconds" -rss_limit_mb=2048 -max_len=65536 "${words[@]}" \
        -artifact_prefix="build/fuzz/found/$name-" "build/fuzz/found/$name" "tests/fuzz/corpus/$name"
}

# A machine that has everything hides what is missing: this one has a shell, git and the checkout.
dev_check_bare() {
    dev_apt debootstrap
    local bare
    bare=$(mktemp -d /var/tmp/godwit-bare.XXXXXX)
    # shellcheck disable=SC2064
    trap "umount -l '$bare/proc' 2>/dev/null || true; umount -l '$bare/dev' 2>/dev/null || true; rm -rf --one-file-system '$bare'" EXIT
    say "debootstrap bookworm into $bare"
    local mirror
    mirror=$({ sed -n 's/^URIs: *//p; s/^deb \(\[[^]]*\] \)\?\([^ ]*\) .*/\2/p' /etc/apt/sources.list /etc/apt/sources.list.d/*debian* 2>/dev/null || true; } | head -n 1)
    [ -n "$mirror" ] || { echo "check-bare: no Debian mirror in /etc/apt" >&2; return 1; }
    debootstrap --variant=minbase --include=git,ca-certificates bookworm "$bare" "$mirror" >/dev/null
    # The new folder fetches packages the way this machine does.
    cp -a /etc/apt/. "$bare/etc/apt/"
    rm -f "$bare"/etc/apt/sources.list.d/*node* "$bare"/etc/apt/sources.list.d/*docker*
    cp /etc/resolv.conf /etc/hosts "$bare/etc/" 2>/dev/null || true
    cp -a /etc/ssl/certs/. "$bare/etc/ssl/certs/" 2>/dev/null || true
    [ -d /usr/local/share/ca-certificates ] && cp -a /usr/local/share/ca-certificates/. "$bare/usr/local/share/ca-certificates/"
    [ -f "$HOME/.npmrc" ] && cp "$HOME/.npmrc" "$bare/root/.npmrc"
    mount -t proc proc "$bare/proc"
    mount --bind /dev "$bare/dev"
    git clone --quiet --no-hardlinks "$root" "$bare/godwit"
    # --warm: the compiler cache of this machine, to save the minutes; nothing else comes along.
    if [ "${1:-}" = --warm ]; then
        mkdir -p "$bare/root/.cache/ccache"
        cp -a "$(ccache -k cache_dir)/." "$bare/root/.cache/ccache/"
    fi
    say "./dev setup, build and smoke test inside"
    chroot "$bare" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb \
        http_proxy="${http_proxy:-}" https_proxy="${https_proxy:-}" HTTP_PROXY="${HTTP_PROXY:-}" HTTPS_PROXY="${HTTPS_PROXY:-}" no_proxy="${no_proxy:-}" \
        bash -ec 'cd /godwit && ./dev setup && ./dev build && bash tests/smoke.sh build/release/godwit'
    say "check-bare: passed"
}
