#!/usr/bin/env bash
# Makes binaries.txt of a release's checksums: bash action/table.sh v1.2.3 SHA256SUMS
set -euo pipefail

sed -n '/^#/p' "$(dirname "${BASH_SOURCE[0]}")/binaries.txt" | sed 's/ There is no release yet\.//'
awk -v release="$1" '
    $2 ~ "^countersign-" release "-.*\\.tar\\.gz$" {
        target = $2
        sub("^countersign-" release "-", "", target)
        sub("\\.tar\\.gz$", "", target)
        print release, target, $1
        found = 1
    }
    END { if (!found) { print "no archive of " release > "/dev/stderr"; exit 1 } }
' "$2"
