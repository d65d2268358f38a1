#!/usr/bin/env bash
# Makes options of the inputs. An input that is empty is not there.
set -euo pipefail

options=(check)
for name in base head stage environment facts policy policy-from policy-repository policy-ref change-request publish repo; do
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
[ "$ADOPTING" != true ] || options+=(--adopting)
options+=(--outputs --)
while IFS= read -r line; do
    [ -z "$line" ] || options+=("$line")
done <<< "$PATHS"
exec "$COUNTERSIGN" "${options[@]}"
