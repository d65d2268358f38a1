#!/usr/bin/env bash
# Finds the binary: the one that is named, or the released one for this machine, which has to be the one in binaries.txt.
#
# What is kept between runs is compared again with every use, so that nothing is gained by writing to where it is kept.
set -euo pipefail

fail() { printf '::error title=Countersign::%s\n' "$1"; exit 1; }
found() { printf 'binary=%s\n' "$1" >> "$GITHUB_OUTPUT"; exit 0; }

if [ -n "$BINARY" ]; then
    path="$(command -v -- "$BINARY")" || fail "the input binary names nothing that can be run"
    found "$path"
fi

case "$RUNNER_OS-$RUNNER_ARCH" in
Linux-X64) target=x86_64-unknown-linux-musl ;;
Linux-ARM64) target=aarch64-unknown-linux-musl ;;
macOS-X64) target=x86_64-apple-darwin ;;
macOS-ARM64) target=aarch64-apple-darwin ;;
Windows-X64) target=x86_64-pc-windows-msvc ;;
*) fail "there is no released binary for $RUNNER_OS on $RUNNER_ARCH: build one, and name it with the input binary" ;;
esac

# Three words a line: the release, the target, and the SHA-256 of its archive.
read -r release expected < <(awk -v target="$target" '$2 == target { print $1, $3 }' "$ACTION/action/binaries.txt") ||
    fail "this commit of the action knows no released binary for $target: use a commit that does, or name one with the input binary"

if command -v sha256sum >/dev/null; then
    digest() { sha256sum -- "$1" | cut -d ' ' -f 1; }
else
    digest() { shasum -a 256 -- "$1" | cut -d ' ' -f 1; }
fi
is_it() { [ -f "$1" ] && [ "$(digest "$1")" = "$expected" ]; }

archive="${RUNNER_TOOL_CACHE:-$RUNNER_TEMP}/countersign/$expected.tar.gz"
if ! is_it "$archive"; then
    url="${COUNTERSIGN_RELEASES:-$RELEASES}/$release/countersign-$release-$target.tar.gz"
    mkdir -p "$(dirname "$archive")"
    part="$archive.$$"
    curl --fail --silent --show-error --location --retry 3 --max-time 300 --output "$part" -- "$url" ||
        fail "the released binary cannot be downloaded from $url"
    is_it "$part" || { rm -f "$part"; fail "what was downloaded from $url is not the binary that this action knows: its SHA-256 differs"; }
    mv -f "$part" "$archive"
fi
directory="$(mktemp -d "$RUNNER_TEMP/countersign.XXXXXX")"
tar -xzf "$archive" -C "$directory"
binary="$directory/countersign"
[ "$RUNNER_OS" != Windows ] || binary="$binary.exe"
[ -x "$binary" ] || fail "there is no binary in the released archive"
found "$binary"
