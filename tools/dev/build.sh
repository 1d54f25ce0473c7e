# Configure and build by CMake preset; the release binary is build/release/godwit.

# ccache keeps to its default folder, outside the clone, so that a new clone starts warm.
export CCACHE_MAXSIZE=${CCACHE_MAXSIZE:-5G}

dev_build() {
    local preset
    for preset in "${@:-release}"; do
        [ -f "build/$preset/build.ninja" ] || { say "configuring $preset"; cmake --preset "$preset" >"/tmp/godwit-cmake-$$.log" 2>&1 || { cat "/tmp/godwit-cmake-$$.log"; return 1; }; rm -f "/tmp/godwit-cmake-$$.log"; }
        say "building $preset"
        cmake --build --preset "$preset" -- --quiet
    done
}
