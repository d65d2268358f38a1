#!/usr/bin/env python3
"""Says what PyYAML reads in YAML files, for tests/yaml_against_pyyaml.rs.

Paths come on standard input, one a line. For each, one line of JSON goes out:

    {"documents": [NODE, …]}     or     {"refused": "why"}

    NODE is ["scalar", text], ["list", [NODE, …]] or ["mapping", [[KEY, VALUE], …]].

Scalars keep their text: PyYAML's safe loader would make 1320 of 22:00 and True of on. Merge keys are merged, as by the safe loader;
of keys that are written twice the last counts, as there too. Documents with nothing in them are left out.
"""

import json
import sys

import yaml


def node(loader, found):
    if isinstance(found, yaml.ScalarNode):
        return ["scalar", found.value]
    if isinstance(found, yaml.SequenceNode):
        return ["list", [node(loader, item) for item in found.value]]
    loader.flatten_mapping(found)
    entries = {}
    for key, value in found.value:
        key = node(loader, key)
        entries[json.dumps(key)] = [key, node(loader, value)]
    return ["mapping", list(entries.values())]


def is_nothing(found):
    return isinstance(found, yaml.ScalarNode) and found.value == "" and not found.style and found.tag.endswith(":null")


def read(path, base):
    with open(path, "rb") as file:
        loader = base(file.read())
    try:
        documents = []
        while loader.check_node():
            found = loader.get_node()
            if not is_nothing(found):
                documents.append(node(loader, found))
        return {"documents": documents}
    finally:
        loader.dispose()


def main():
    sys.setrecursionlimit(2000)
    # libyaml is PyYAML's own choice where speed matters; --pure takes the parser that is written in Python.
    base = yaml.SafeLoader if "--pure" in sys.argv else getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for line in sys.stdin:
        try:
            answer = read(line.rstrip("\n"), base)
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            answer = {"refused": " ".join(str(error).split())}
        print(json.dumps(answer), flush=True)


main()
