#!/bin/sh
# Makes a bare repository with many files, the same every time, and packs it as a server would.
#
#   benches/large_repository.sh DIRECTORY [FILES]
#
# FILES (100,000 unless given) lie in directories of 100 files each, a hundred directories to a parent. Every tenth is a permission
# file (an IAM policy or a RoleBinding), the rest is text. Revisions, from old to new:
#
#   base   all files
#   edit   one policy grants one action more
#   move   that policy lies in another directory, and has one action more again
#   many   every tenth permission file has changed
#   bind   from base: one RoleBinding refers to another role
#   tidy   from base: that policy is formatted otherwise
set -eu
directory=${1:?"usage: $0 DIRECTORY [FILES]"}
files=${2:-100000}
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
git init --quiet --bare --initial-branch=main "$directory"

awk -v files="$files" '
function path(i)   { return sprintf("area%02d/team%02d/%s%06d.%s", i / 10000, (i / 100) % 100, kind(i), i, ending(i)) }
function kind(i)   { return i % 10 ? "note" : i % 20 ? "binding" : "policy" }
function ending(i) { return i % 10 ? "txt" : i % 20 ? "yaml" : "json" }
function text(i, more) {
    if (i % 10) return "File " i " says nothing about access.\n"
    if (i % 20) return "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata:\n  name: b" i "\n  namespace: n" i % 97 \
        "\nroleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: ClusterRole\n  name: " (more ? "admin" : "view") \
        "\nsubjects:\n- kind: User\n  name: u" i "\n"
    return "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Effect\": \"Allow\",\n      \"Action\": [\n" \
        (more ? "        \"s3:PutObject\",\n" : "") (more > 1 ? "        \"s3:DeleteObject\",\n" : "") \
        "        \"s3:GetObject\"\n      ],\n      \"Resource\": \"arn:aws:s3:::bucket-" i "/*\"\n    }\n  ]\n}\n"
}
function data(s)      { printf "data %d\n%s\n", length(s), s }
function commit(name) { printf "commit refs/heads/%s\ncommitter Ada <ada@example.com> %d +0000\n", name, 1767323045 + ++commits; data(name) }
function file(p, s)   { printf "M 100644 inline %s\n", p; data(s) }
BEGIN {
    one = int(files / 40) * 20
    commit("base"); for (i = 0; i < files; i++) file(path(i), text(i, 0))
    commit("edit"); print "from refs/heads/base"; file(path(one), text(one, 1))
    commit("move"); print "from refs/heads/edit"; print "D " path(one); file("moved/policy.json", text(one, 2))
    commit("many"); print "from refs/heads/move"; for (i = 0; i < files; i += 100) if (i != one) file(path(i), text(i, 1))
    commit("bind"); print "from refs/heads/base"; file(path(one + 10), text(one + 10, 1))
    commit("tidy"); print "from refs/heads/base"; tidy = text(one, 0); gsub(/\n */, " ", tidy); file(path(one), tidy)
}' | git -C "$directory" fast-import --quiet
git -C "$directory" symbolic-ref HEAD refs/heads/many
git -C "$directory" gc --quiet
