#!/usr/bin/env bash
# Runs fuzz targets one after the other, each for so many seconds: run.sh SECONDS [TARGET…]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
seconds=${1:?how many seconds each}
shift
targets=("$@")
[ "${#targets[@]}" -gt 0 ] || mapfile -t targets < <(basename -s .rs fuzz_targets/*.rs)

# Pairs of files of the project's cases, the two sides with a zero byte between them; single files where a target takes one.
seeds() {
    case $1 in
        aws_iam | kubernetes_rbac | github_workflow | codeowners | terraform_plan)
            for case in ../tests/cases/"${1//_/-}"/*/; do
                sides=()
                for side in base head; do
                    sides+=("$(find "$case$side" -type f -size -20k 2>/dev/null | sort | head -n 1)")
                done
                { cat -- "${sides[0]:-/dev/null}" && printf '\0' && cat -- "${sides[1]:-/dev/null}"; } >"$2/$(basename "$case")"
            done
            ;;
        calendar) find ../tests/cases -name '*.ics' -exec sh -c 'cp -- "$1" "$2/$(sha256sum <"$1" | cut -c1-16)"' - {} "$2" \; ;;
        policy) find ../policies ../tests/cases/policy -name '*.yml' -exec sh -c 'cp -- "$1" "$2/$(sha256sum <"$1" | cut -c1-16)"' - {} "$2" \; ;;
        documents) find ../tests/cases \( -name '*.json' -o -name '*.yaml' \) -size -5k -exec sh -c 'cp -- "$1" "$2/$(sha256sum <"$1" | cut -c1-16)"' - {} "$2" \; ;;
    esac
}

for target in "${targets[@]}"; do
    mkdir -p "corpus/$target"
    seeds "$target" "corpus/$target"
    echo "== $target: $(find "corpus/$target" -type f | wc -l) inputs, $seconds seconds"
    cargo fuzz run "$target" -- -max_total_time="$seconds" -timeout=60 -rss_limit_mb=2500 -max_len=4096 -print_final_stats=1
done
