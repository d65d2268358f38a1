#!/usr/bin/env bash
# Runs fuzz targets one after the other, each for so many seconds: run.sh SECONDS [TARGET…]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
seconds=${1:?how many seconds each}
shift
targets=("$@")
[ "${#targets[@]}" -gt 0 ] || mapfile -t targets < <(basename -s .rs fuzz_targets/*.rs)

# Files of the project that look like the target's input.
seeds() {
    case $1 in
        aws_iam | terraform_plan) find ../tests/cases ../examples -name '*.json' -size -20k ;;
        kubernetes_rbac) find ../tests/cases/kubernetes-rbac ../examples -name '*.yaml' -size -20k ;;
        github_workflow) find ../tests/cases/github-workflow ../templates -name '*.yml' -size -20k ;;
        codeowners) find ../tests/cases/codeowners -name CODEOWNERS ;;
        policy) find ../policies ../tests/cases/policy -name '*.yml' ;;
        documents) find ../tests/cases \( -name '*.json' -o -name '*.yaml' \) -size -5k ;;
    esac
}

for target in "${targets[@]}"; do
    mkdir -p "corpus/$target"
    while read -r file; do
        cp -- "$file" "corpus/$target/$(sha256sum <"$file" | cut -c1-16)"
    done < <(seeds "$target")
    echo "== $target: $(find "corpus/$target" -type f | wc -l) inputs, $seconds seconds"
    cargo fuzz run "$target" -- -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2000 -max_len=4096 -print_final_stats=1
done
