# The suites. Sourced by tests/run, each runs in a shell of its own and ends with 0, 1, or 77 for "cannot run here".
# shellcheck shell=bash

: "${target:?}" "${logs:?}"

suite_fmt() {
    local manifest code=0
    cargo fmt --all --check || code=1
    # These are no members of the workspace.
    for manifest in fuzz/Cargo.toml tests/bench/Cargo.toml; do
        cargo fmt --manifest-path "$manifest" --check || code=1
    done
    return "$code"
}

suite_clippy() {
    compiler
    cargo clippy --workspace --all-targets --locked -- -D warnings &&
        # The end-to-end tests are none of cargo's targets for tests unless they are named.
        cargo clippy --workspace --test '*' --locked -- -D warnings || return 1
    # A workspace of its own, for Unix alone. The one in fuzz/ is left out: it would build most of cargo-svc's dependencies once more.
    case $(uname -s) in
        MINGW* | MSYS* | CYGWIN*) return 0 ;;
    esac
    cargo clippy --manifest-path tests/bench/Cargo.toml --all-targets --locked --target-dir "$target/bench" -- -D warnings
}

suite_unit() {
    compiler
    # Archives are read back with the system's own tools, and scripts and units handed to what reads them.
    [ "$(uname -s)" != Linux ] ||
        ensure tar unzip msiinfo wixl xmllint osslsigncode openssl dash busybox shellcheck systemd-analyze -- \
            tar unzip msitools wixl libxml2-utils osslsigncode openssl dash busybox-static shellcheck systemd
    cargo test --workspace --locked --no-fail-fast
}

# Units that other projects ship, which are not ours to ship: each must mean the same once it is imported and generated.
suite_corpus() {
    [ -n "${SVC_CORPUS-}" ] || not_run 'needs SVC_CORPUS, the name of a folder with unit files'
    compiler
    cargo run --quiet --package cargo-svc --example import_corpus --locked -- "$SVC_CORPUS"
}

suite_doc() {
    compiler
    RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --locked
}

# Our own scripts; those that cargo-svc generates are checked by the tests of the generator.
suite_shellcheck() {
    ensure shellcheck -- shellcheck
    shellcheck tests/run tests/tools/* tests/suites/*.bash tests/wix/candle tests/wix/light tests/wix/link .ci/run
}

suite_deny() {
    local deny=
    cargo_deny
    "$deny" --locked check bans licenses sources
}

# Apart from the rest: the database comes from a host of its own, which not every machine reaches.
suite_advisories() {
    local deny=
    cargo_deny
    "$deny" --locked fetch db || not_run 'the database of advisories cannot be fetched from here'
    "$deny" --locked check --disable-fetch advisories
}

# An editor's view of the metadata: what taplo makes of the schema, used as README.md says.
suite_taplo() {
    local taplo
    taplo=$(command -v taplo || printf '%s' "$target/tools/bin/taplo")
    [ -x "$taplo" ] || not_run "needs taplo (cargo install taplo-cli --locked --root $target/tools)"
    compiler
    tests/tools/editor-schema "$taplo"
}

# Packs each published crate and builds what was packed.
suite_package() {
    compiler
    local packages=() name
    while read -r name; do
        packages+=(--package "$name")
    done < <(published)
    cargo package "${packages[@]}" --locked --allow-dirty
}

# Type-checks each published crate with the oldest compiler that it names.
suite_msrv() {
    command -v rustup >/dev/null || not_run 'needs rustup, to pick a compiler'
    compiler
    local manifest name version
    for manifest in */Cargo.toml; do
        name=$(package_name "$manifest")
        version=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$manifest")
        [ -n "$version" ] || continue
        if ! rustup toolchain list | grep -q "^$version"; then
            [ "${RUSTUP_AUTO_INSTALL-1}" != 0 ] || not_run "needs the toolchain $version, which rustup may not install here"
            rustup toolchain install "$version" --profile minimal || not_run "needs the toolchain $version"
        fi
        cargo "+$version" check --package "$name" --locked --target-dir "$target/msrv" || return 1
    done
}

# Windows is not where these tests run, but all that is built for it must compile with both of its environments, and clippy, which
# reads only what it compiles, must have nothing to say of it.
suite_windows_check() {
    local triple line clippy
    case $(uname -s) in
        MINGW* | MSYS* | CYGWIN*) not_run 'this is Windows: the other suites build for it' ;;
    esac
    windows_toolchain x86_64-pc-windows-gnu
    windows_toolchain x86_64-pc-windows-msvc
    clippy=$(windows_clippy) || exit
    for triple in x86_64-pc-windows-gnu x86_64-pc-windows-msvc; do
        (
            while IFS= read -r line; do
                export "${line?}"
            done < <(tests/tools/windows-toolchain "$triple")
            case $triple in
                *-gnu)
                    windows_lint --workspace --all-targets && windows_lint --workspace --test '*'
                    ;;
                # A grammar that the tests of cargo-svc read with is C, and only MinGW's C compiler is here.
                *)
                    windows_lint --workspace && windows_lint --package svc-e2e --test '*'
                    ;;
            esac
        ) || return 1
    done
}

# Lints for one of Windows' targets: a part of the function above.
windows_lint() {
    # With MinGW `thread_local!` is made of other parts, in which clippy does not find the `const` that stands in ours.
    "$clippy" clippy "$@" --locked --target "$triple" --target-dir "$target/windows" -- -D warnings \
        -A clippy::missing-const-for-thread-local
}

# What svc-rt says over vsock needs a kernel with a loopback for it, which hardly any machine has: here one is booted.
suite_vsock() {
    [ "$(uname -sm)" = 'Linux x86_64' ] || not_run 'needs Linux on x86_64'
    compiler
    ensure qemu-system-x86_64 busybox -- qemu-system-x86 busybox-static
    command -v apt-cache dpkg-deb >/dev/null || not_run "needs Debian's tools, for its kernel"
    tests/tools/vsock "$target/vsock"
}

# WiX itself runs on Windows alone: here are wixl, cargo-wix and, where the machine has them, the schemas.
suite_wix() {
    [ "$(uname -s)" = Linux ] || not_run 'msitools, which build and read installers, are for Linux'
    compiler
    ensure wixl msiinfo msiextract xmllint -- wixl msitools libxml2-utils
    installed_tool cargo-wix
    end_to_end wix
}

suite_systemd() {
    compiler
    if [ "$(uname -s)" = Linux ] && can_install; then
        ensure systemd-nspawn debootstrap -- systemd-container debootstrap
        ensure lintian rpm rpm2archive dpkg-shlibdeps -- lintian rpm rpm2cpio dpkg-dev
        # The one waits for the network most of the time, and the other for the processor. Why a root cannot be made, the tests say.
        (cargo build --quiet --workspace --locked --example beds && "$target/debug/examples/beds") &
        installed_tool cargo-deb
        installed_tool cargo-generate-rpm
        wait
    fi
    end_to_end systemd
}

suite_scm() {
    case $(uname -s) in
        Linux)
            compiler
            if can_install; then
                ensure wine wineserver -- wine wine64
                windows_toolchain x86_64-pc-windows-gnu
            fi
            ;;
    esac
    end_to_end scm || return 1
    case $(uname -s) in
        # There the other half of the scripts can run: once more, all suites that install by whichever they are told.
        MINGW* | MSYS* | CYGWIN*)
            SVC_SCRIPTS=powershell cargo test --package svc-e2e --locked --no-fail-fast \
                --test scm_package --test scm_services --test scm_upgrade --test scm_values
            ;;
    esac
}

# The end-to-end suites whose names begin like this. What the machine lacks, their tests say themselves.
end_to_end() {
    local suites=() file
    for file in tests/e2e/tests/"$1"_*.rs; do
        file=${file##*/}
        suites+=(--test "${file%.rs}")
    done
    # The whole workspace, for whose features `unit` has built everything already; the names pick what is run.
    local built=$logs/$1.built
    cargo test --workspace --locked --no-run --message-format json-render-diagnostics "${suites[@]}" >"$built" || return 1
    local programs=() program
    while IFS= read -r program; do
        programs+=("$program")
    done < <(sed -n '/"profile":{[^}]*"test":true}/s/.*"executable":"\([^"]*\)".*/\1/p' "$built" | sed 's/\\\\/\//g' | sort)
    rm -f "$built"
    if [ ${#programs[@]} -ne $((${#suites[@]} / 2)) ]; then
        echo "of ${#suites[@]} words, ${#programs[@]} programs were built" >&2
        return 1
    fi
    beside_each_other "${programs[@]}"
}

# Runs test programs, two at a time: near its end each waits for a slow test or two. On Windows the machine is the one that they run
# on, so there it is one. What they print comes in their order, and all of them run.
beside_each_other() {
    local at_once=2 threads=() outputs program name next=0 result=0
    case $(uname -s) in
        MINGW* | MSYS* | CYGWIN*) at_once=1 ;;
        *) threads=(--test-threads "$(($(nproc) + 1))") ;;
    esac
    outputs=$(mktemp -d "$logs/XXXXXX")
    for program; do
        while [ "$(jobs -rp | wc -l)" -ge "$at_once" ]; do
            wait -n
        done
        name=${program##*/}
        (
            cd tests/e2e || exit
            "$program" "${threads[@]}" >"$outputs/$name" 2>&1
            echo $? >"$outputs/$name.code"
        ) &
        print_ended "$@"
    done
    wait
    print_ended "$@"
    if [ "$next" -lt $# ]; then
        echo "not all of them ended in order: see $outputs" >&2
        return 1
    fi
    rm -rf "$outputs"
    return "$result"
}

# Prints what the next programs printed, as far as they have ended: a part of the function above.
print_ended() {
    local programs=("$@") name code
    while [ "$next" -lt $# ]; do
        name=${programs[next]##*/}
        [ -s "$outputs/$name.code" ] || return 0
        code=$(cat "$outputs/$name.code")
        printf '\n     Ran %s\n' "${name%-*}"
        cat "$outputs/$name"
        if [ "$code" -ne 0 ]; then
            echo "${name%-*} ended with $code"
            result=1
        fi
        next=$((next + 1))
    done
}
