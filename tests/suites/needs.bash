# What suites need from the machine. Sourced by tests/run.
# shellcheck shell=bash

: "${target:?}"

# Ends the suite as one that cannot run here.
not_run() {
    echo "$*"
    exit 77
}

# Whether this machine is one on which packages can be installed without asking anybody.
can_install() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null
}

# ensure COMMANDS -- PACKAGES: makes sure that the commands are there, from these Debian packages if need be.
ensure() {
    local commands=() absent=() command
    while [ "$1" != -- ]; do
        commands+=("$1")
        shift
    done
    shift
    for command in "${commands[@]}"; do
        command -v "$command" >/dev/null || absent+=("$command")
    done
    [ ${#absent[@]} -gt 0 ] || return 0
    can_install || not_run "needs ${absent[*]} (Debian packages: $*)"
    apt_install "$@" || not_run "needs ${absent[*]}, and apt-get could not install $*"
}

apt_install() {
    (
        # Two runs on one machine take turns.
        flock 9
        export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
        set -x
        apt-get install --yes --quiet --no-install-recommends "$@" ||
            { apt-get update --quiet && apt-get install --yes --quiet --no-install-recommends "$@"; }
    ) 9>"$target/apt.lock"
}

# What cargo links with. Elsewhere it comes with the toolchain, or with the system's developer tools.
compiler() {
    [ "$(uname -s)" != Linux ] || ensure cc -- gcc libc6-dev
}

# Makes sure that this target can be built or checked: by rustup where that manages toolchains, else by Debian's compiler.
windows_toolchain() {
    tests/tools/windows-toolchain "$1" >/dev/null && return 0
    if can_install; then
        apt_install rustc-web rust-web-src gcc-mingw-w64-x86-64 || apt_install gcc-mingw-w64-x86-64
        tests/tools/windows-toolchain "$1" >/dev/null && return 0
    fi
    if [ "${RUSTUP_AUTO_INSTALL-1}" != 0 ] && command -v rustup >/dev/null; then
        rustup target add "$1"
    fi
    tests/tools/windows-toolchain "$1" >/dev/null || not_run "$(tests/tools/windows-toolchain "$1")"
}

# Prints the program that lints for Windows: clippy must be of the compiler that the standard library is made with.
windows_clippy() {
    if ! tests/tools/windows-toolchain x86_64-pc-windows-msvc | grep -q '^RUSTC=/usr/bin/rustc$'; then
        echo cargo
        return
    fi
    ensure /usr/bin/cargo-clippy -- rust-web-clippy >&2
    echo /usr/bin/cargo-clippy
}

# The workspace's packages that are published, one per line.
published() {
    local manifest
    for manifest in */Cargo.toml; do
        grep -q '^publish = false' "$manifest" || package_name "$manifest"
    done
}

# The name of a manifest's package, which is the first name in it.
package_name() {
    sed -n '/^name = /{s/^name = "\(.*\)"/\1/p;q;}' "$1"
}

# Sets deny to cargo-deny, which is compiled once if the machine has none.
cargo_deny() {
    deny=cargo-deny
    ! command -v cargo-deny >/dev/null || return 0
    deny=$target/tools/bin/cargo-deny
    [ -x "$deny" ] || installed_tool cargo-deny
}

# installed_tool NAME: compiles a tool of cargo's once, under target/tools, if the machine has none.
installed_tool() {
    ! command -v "$1" >/dev/null || return 0
    [ ! -x "$target/tools/bin/$1" ] || return 0
    compiler
    # A debug build, without what a debugger reads: it runs for a second.
    CARGO_PROFILE_DEV_DEBUG=0 cargo install "$1" --locked --debug --root "$target/tools" --target-dir "$target/tools/build" ||
        not_run "needs $1, and cargo could not install it"
    rm -rf "$target/tools/build"
}
