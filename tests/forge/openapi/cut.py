"""Cuts GitHub's description of its API to the endpoints of endpoints.txt, as JSON Schema of draft 4, and packs it.

`cargo xtask refresh-openapi` runs it on the npm package `@octokit/openapi` (MIT) that package-lock.json pins.
"""

import gzip
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
# What says nothing about whether something is valid.
TALK = {"description", "example", "examples", "title", "summary", "deprecated", "readOnly", "writeOnly", "discriminator", "externalDocs"}


def schema(value, is_named):
    """`value` without talk; what may be null says so as JSON Schema does. `is_named`: keys are names of properties, not keywords."""
    if isinstance(value, list):
        return [schema(item, False) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {
        key: schema(item, not is_named and key in ("properties", "patternProperties")) if key not in ("enum", "default") or is_named else item
        for key, item in value.items()
        if is_named or not (key in TALK or key.startswith("x-") or key == "nullable")
    }
    if is_named or value.get("nullable") is not True:
        return kept
    if "enum" in kept and None in kept["enum"]:
        kept["enum"] = [item for item in kept["enum"] if item is not None]
    return {"anyOf": [kept, {"type": "null"}]}


def references(value):
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from references(item)


def resolved(document, value):
    while "$ref" in value:
        _, section, name = value["$ref"].removeprefix("#/").split("/")
        value = document["components"][section][name]
    return value


def body(document, value):
    """The schema of a request's or an answer's body; `None` without one, or where it is no JSON."""
    content = resolved(document, value).get("content", {})
    found = content.get("application/json")
    return None if found is None else schema(found.get("schema", {}), False)


def operation(document, shared, written):
    parameters = [resolved(document, parameter) for parameter in shared + written.get("parameters", [])]
    request = written.get("requestBody")
    return {
        "parameters": [
            {"in": p["in"], "name": p["name"], "required": p.get("required", False), "schema": schema(p["schema"], False)} for p in parameters
        ],
        "request": None if request is None else body(document, request),
        # What a body is that is no JSON, such as a file.
        "kinds": sorted(set(resolved(document, request)["content"]) - {"application/json"}) if request else [],
        "needsBody": bool(request) and resolved(document, request).get("required", False),
        "responses": {status: body(document, answer) for status, answer in written["responses"].items()},
    }


def cut(document, wanted):
    operations = {}
    for line in wanted:
        method, path = line.split()
        item = document["paths"][path]
        operations[line] = operation(document, item.get("parameters", []), item[method.lower()])
    schemas, todo = {}, list(references(operations))
    while todo:
        name = todo.pop().removeprefix("#/components/schemas/")
        if name not in schemas:
            schemas[name] = schema(document["components"]["schemas"][name], False)
            todo.extend(references(schemas[name]))
    return {"version": document["info"]["version"], "operations": operations, "components": {"schemas": schemas}}


def main():
    source = pathlib.Path(sys.argv[1])
    document = json.loads(source.read_text(encoding="utf-8"))
    lines = (HERE / "endpoints.txt").read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if line and not line.startswith("#")]
    small = json.dumps(cut(document, wanted), sort_keys=True, separators=(",", ":")).encode()
    # Without a time, so that the same input gives the same bytes.
    (HERE / "openapi.json.gz").write_bytes(gzip.compress(small, 9, mtime=0))


if __name__ == "__main__":
    main()
