#!/usr/bin/env bash
# Makes options of the inputs. An input that is empty is not there.
set -euo pipefail

options=(check)
for name in base head stage environment facts policy policy-from policy-repository policy-ref change-request publish repo \
    ledger release baseline since key trusted-root identity issuer source-repository source-repository-id source-ref workflow \
    repository repository-id; do
    variable="OPTION_$(printf '%s' "$name" | tr 'a-z-' 'A-Z_')"
    [ -z "${!variable}" ] || options+=("--$name=${!variable}")
done
for name in plan planned; do
    variable="LINES_$(printf '%s' "$name" | tr 'a-z' 'A-Z')"
    while IFS= read -r line; do
        [ -z "$line" ] || options+=("--$name=$line")
    done <<< "${!variable}"
done
while read -r directory base head; do
    [ -z "$directory" ] || options+=(--rendered "$directory" "$base" "$head")
done <<< "$RENDERED"
[ "$OPEN" != true ] || options+=(--open)
[ "$ADOPTING" != true ] || options+=(--adopting)
[ "$UNVERIFIED_FACTS" != true ] || options+=(--unverified-facts)
options+=(--outputs --)
while IFS= read -r line; do
    [ -z "$line" ] || options+=("$line")
done <<< "$PATHS"
exec "$COUNTERSIGN" "${options[@]}"
