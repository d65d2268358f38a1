#!/usr/bin/env python3
"""Measures `countersign diff` beside what it is compared with, in one run, and prints a table.

    cargo build --release --bins --examples
    benches/run.py [start|large|monorepo|documents|tangled|windows|decision|ledger|bundles]…
    benches/run.py history REPOSITORY PATH
    benches/run.py commits REPOSITORY PATH

The last two are about a clone of a public repository of policies. The one decides, in one process, every pair of a file before and after a
commit, and says what `parliament` takes for a document, where the Python that runs this has it. The other runs `countersign diff` on
every commit and its first parent, beside reading and parsing what differs, and sums up the processors' time.

`ledger` fills a ledger with 100,000 records, a gigabyte in many small files: `TMPDIR` says where. `bundles` wants the peers of the tests,
`COUNTERSIGN_PYTHON` with sigstore-python and `COUNTERSIGN_NODE_PEERS`.
"""
import json
import os
import pathlib
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

BENCHES = pathlib.Path(__file__).resolve().parent
RELEASE = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", BENCHES.parent / "target")) / "release"
OURS, PARSE = str(RELEASE / "countersign"), str(RELEASE / "examples" / "parse_changed")


def once(command, environment=None, output=subprocess.DEVNULL):
    """Milliseconds from start to end, and the peak of memory in MB, of one run."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=output, env={**os.environ, "XDG_CACHE_HOME": os.devnull, **(environment or {})})
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    took = (time.perf_counter() - start) * 1000
    if child.returncode != 0:
        sys.exit(f"{command} ended with {child.returncode}")
    return took, usage.ru_maxrss / 1024


def measured(runs, commands):
    """Medians of both for each command, which take turns. A command may say what has to be done before each of its runs."""
    all_runs = [[] for _ in commands]
    for _ in range(runs):
        for (command, environment, before), own in zip(commands, all_runs):
            before()
            own.append(once(command, environment))
    return [tuple(statistics.median(column) for column in zip(*own)) for own in all_runs]


def title(text, beside):
    print(f"\n{text}\n{'':<34}{beside:>16}{'countersign':>16}{'ratio':>8}\n{'':<34}{'ms':>9}{'MB':>7}{'ms':>9}{'MB':>7}")


def row(name, beside, own):
    print(f"{name:<34}{beside[0]:>9.1f}{beside[1]:>7.0f}{own[0]:>9.1f}{own[1]:>7.0f}{own[0] / beside[0]:>8.2f}", flush=True)


def diff(base, head, *more):
    return [OURS, "diff", "--base", base, "--head", head, *more]


def nothing():
    pass


EMPTY = ["-O", "-C", "panic=abort", "-C", "strip=symbols", "-C", "lto=fat", "-C", "codegen-units=1"]


def start(directory):
    """Starting, beside starting a Rust binary that does nothing. Spawned without Python's own machinery, which would hide the ratio."""
    (directory / "empty.rs").write_text("fn main() {}\n")
    empty = str(directory / "empty")
    subprocess.run(["rustc", "--edition", "2024", *EMPTY, "-o", empty, directory / "empty.rs"], check=True)
    commands = [[empty], [OURS, "--version"], [OURS, "--help"]]
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]

    def spawned(command):
        begun = time.perf_counter()
        os.waitpid(os.posix_spawn(command[0], command, os.environ, file_actions=quiet), 0)
        return (time.perf_counter() - begun) * 1000

    runs = [[spawned(command) for command in commands] for _ in range(1001)]
    medians = [statistics.median(column) for column in zip(*runs)]
    print(f"\nStarting\n{'':<34}{'ms':>9}{'ratio':>8}{'instructions':>15}{'ratio':>8}")
    counts = [instructions(command) for command in commands]
    for name, took, count in zip(("an empty Rust binary", "countersign --version", "countersign --help"), medians, counts):
        counted = f"{count:>15,}{count / counts[0]:>8.2f}" if count else f"{'no valgrind':>15}"
        print(f"{name:<34}{took:>9.2f}{took / medians[0]:>8.2f}{counted}", flush=True)


def instructions(command):
    """In user space, as valgrind counts them, from the first of the loader on: they do not depend on what else the machine does."""
    if shutil.which("valgrind") is None:
        return None
    run = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True
    )
    return int(re.search(r"refs:\s+([\d,]+)", run.stderr)[1].replace(",", ""))


def large(directory):
    """A change in a large repository, beside git."""
    repository = str(directory / "large.git")
    subprocess.run([BENCHES / "large_repository.sh", repository], check=True)
    title("100,000 files, 10,000 of them permissions", "git diff")

    def pair(name, base, head, cache, runs=41, before=nothing):
        git = (["git", "-C", repository, "diff", "--name-status", base, head], None, nothing)
        own = (diff(base, head, "--repo", repository), {"XDG_CACHE_HOME": str(cache)}, before)
        row(name, *measured(runs, [git, own]))

    cache = directory / "cache"
    index = cache / "countersign" / "join-keys"
    pair("nothing changed", "base", "base", cache)
    pair("one policy: one action more", "base", "edit", cache)
    pair("one policy: formatted otherwise", "base", "tidy", cache)
    pair("one policy: moved and changed", "edit", "move", cache)
    if index.exists():
        sys.exit("a change of standalone policies asked for the index")
    pair("one binding, index cold", "base", "bind", cache, runs=7, before=lambda: index.unlink(missing_ok=True))
    pair("one binding, index warm", "base", "bind", cache)
    pair("1,000 files, index warm", "move", "many", cache, runs=11)


def monorepo(directory):
    """Ten changed manifests of many that belong together, beside ten that nothing belongs to: reading them, and looking into the index."""
    manifests, each = 5_000, 4
    sides = {"base": nothing_more, "tidy": tidied, "alone": nothing_more, "head": with_more_access}
    for side, edited in sides.items():
        for number in range(manifests):
            text = manifest(number, each)
            file = directory / side / f"team-{number % 100}" / f"app-{number}" / "rbac.yaml"
            file.parent.mkdir(parents=True)
            is_changed = number % (manifests // 10) == 0
            file.write_text(edited(text) if is_changed else text)
            if is_changed and side == "alone":
                file.with_name("alone.yaml").write_text(manifest(manifests + number, 0))
    repository = committed(directory, sides)
    cache = {"XDG_CACHE_HOME": str(directory / "cache")}
    runs = [(diff("base", side, "--repo", repository), cache, nothing) for side in ("tidy", "alone", "head")]
    title(f"{manifests:,} manifests, {manifests * each:,} bindings, ten changed", "stage 1, index")
    tidy, alone, head = measured(21, [runs[1], *runs])[1:]
    row("formatted otherwise", alone, tidy)
    row("what belongs to nothing", alone, alone)
    row("roles and what binds them", alone, head)
    report = json.loads(subprocess.run([*runs[2][0], "--format", "json"], capture_output=True, check=True).stdout)
    print(f"{len(report['changes'])} entries in the last one")


def manifest(number, bindings):
    """A role of the namespace, a cluster role of the team, and bindings of both and of what every cluster has."""
    group = "rbac.authorization.k8s.io"
    rule = {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get", "list"]}
    roles = [
        {"kind": "Role", "metadata": {"name": "app", "namespace": f"app-{number}"}, "rules": [rule]},
        {"kind": "ClusterRole", "metadata": {"name": f"app-{number}"}, "rules": [rule]},
    ]
    named = [("Role", "app"), ("ClusterRole", f"app-{number}"), ("ClusterRole", "view"), ("ClusterRole", f"app-{number // 10 * 10}")]
    bound = [
        {
            "kind": "RoleBinding",
            "metadata": {"name": f"binding-{at}", "namespace": f"app-{number}"},
            "subjects": [{"kind": "ServiceAccount", "name": "app"}, {"kind": "Group", "name": f"team-{number % 100}"}],
            "roleRef": {"apiGroup": group, "kind": kind, "name": name},
        }
        for at, (kind, name) in enumerate(named[:bindings])
    ]
    return "".join(f"---\n{json.dumps({'apiVersion': f'{group}/v1', **one}, indent=1)}\n" for one in roles + bound)


def nothing_more(text):
    return text


def tidied(text):
    return text.replace("\n ", "\n  ")


def with_more_access(text):
    return text.replace('"get",', '"get", "delete",')


def documents(directory):
    """Many documents, all of them changed, beside reading and parsing them."""
    count = 10_000
    subprocess.run([sys.executable, BENCHES / "documents.py", directory, str(count)], check=True)
    repository = committed(directory)
    check(diff("base", "head", "--repo", repository), count)
    title(f"{count:,} changed AWS documents", "reading, parsing")
    directories = str(directory / "base"), str(directory / "head")
    for name, base, head in (("two revisions", "base", "head"), ("two directories", *directories)):
        parse = [PARSE, base, head, repository]
        for form in ("text", "json"):
            own = diff(base, head, "--repo", repository, "--format", form)
            row(f"{name}, {form}", *measured(9, [(parse, None, nothing), (own, None, nothing)]))


def committed(directory, sides=("base", "head")):
    """A bare repository with these directories as revisions."""
    repository = str(directory / "documents.git")
    ada = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "Ada"), ("EMAIL", "ada@example.com"))}
    environment = {**os.environ, **ada, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_DIR": repository}

    def git(*arguments):
        return subprocess.run(["git", *arguments], check=True, env=environment, capture_output=True, text=True).stdout.strip()

    git("init", "--quiet", "--bare")
    for side in sides:
        git("--work-tree", str(directory / side), "add", "--all")
        git("update-ref", f"refs/heads/{side}", git("commit-tree", "-m", side, git("write-tree")))
    git("gc", "--quiet")
    return repository


def check(command, count):
    """Whether every document really changed."""
    report = json.loads(subprocess.run([*command, "--format", "json"], capture_output=True, check=True).stdout)
    holders = {change["holder"] for change in report["changes"]}
    if len(holders) != count or report["undecided"] or report["diagnostics"]:
        sys.exit(f"{len(holders)} of {count} documents changed, {len(report['diagnostics'])} remarks")


def tangled(directory):
    """Files made to be hard: they have to end, as undecided, in a few seconds."""
    print(f"\nFiles made to be hard\n{'':<34}{'ms':>9}{'MB':>7}  outcome")
    for name, (file, *sides) in hard().items():
        paths = []
        for side, text in zip(("base", "head"), sides):
            place = directory / f"{name.replace(' ', '-').replace('/', '-')}-{side}"
            place.mkdir()
            (place / file).write_text(text)
            paths.append(str(place))
        (took, memory), = measured(3, [(diff(*paths), None, nothing)])
        code = subprocess.run([*diff(*paths), "--exit-code"], stdout=subprocess.DEVNULL, check=False).returncode
        outcome = {0: "equal", 10: "gained", 13: "undecided", 14: "lost"}.get(code, f"exit code {code}")
        print(f"{name:<34}{took:>9.0f}{memory:>7.0f}  {outcome}", flush=True)


def hard():
    """The file and both sides of each, by name."""

    def allow(number, actions, resources, condition=None):
        return {"Effect": "Deny" if number % 7 == 3 else "Allow", "Action": actions, "Resource": resources, **({"Condition": condition} if condition else {})}

    def tags(keys):
        return {"StringLike": {f"aws:RequestTag/t{key}": f"v{key}*" for key in keys}}

    def infix(number):
        return f"s3:*a{number}*b{number % 7}*"

    def bucket(number, tail=""):
        return f"arn:aws:s3:::*x{number}*y{number % 5}*{tail}"

    def policies(base, head):
        return "policy.json", *(json.dumps({"Version": "2012-10-17", "Statement": statements}) for statements in (base, head))

    wild = [allow(0, [infix(n) for n in range(40)], [bucket(n) for n in range(40)])]
    many = [allow(n, [infix(n % 40)], [bucket(n % 40, str(n))], tags(range(n % 5, 200, 5) if n % 10 == 0 else [n % 200])) for n in range(2000)]
    plain = [allow(n, [f"s3:Get{n}*"], [f"arn:aws:s3:::b{n}/*"], tags([n % 200])) for n in range(2000)]
    tied = [allow(n, ["s3:Get*"], [f"arn:aws:s3:::b{n % 3}*"], tags([n % 200, (n * 7 + 1) % 200, (n * 13 + 5) % 200])) for n in range(2000)]
    named = [allow(0, ["s3:Get*"], [f"arn:aws:s3:::b/${{aws:username}}/x{n}*" for n in range(1000)])]
    operators = ["StringLike", "StringNotLike", "ForAnyValue:StringLike", "ForAllValues:StringLikeIfExists"]
    keys = {f"aws:RequestTag/k{key}": [f"*{value}*" for value in range(20)] for key in range(100)}
    keyed = [allow(0, ["s3:Get*"], ["*"], {operator: keys for operator in operators})]
    more = allow(0, ["s3:*"], ["*"])
    owned = [f"**/a{n}/**/*b*{n} @one\n" for n in range(100)]
    return {
        "40 infix wildcards each way": policies(wild, [*wild, more]),
        "2,000 statements, all of it": policies(many, [*many, more]),
        "2,000 plain statements": policies(plain, [*plain, more]),
        "2,000 statements, 3 conditions each": policies(tied, [*tied, more]),
        "2,000 statements, all new": policies([], many),
        "1,000 policy variables": policies(named, [*named, more]),
        "100 keys, 20 patterns each": policies([], keyed),
        "100 lines of CODEOWNERS with `**`": ("CODEOWNERS", "".join(owned), "".join(owned).replace("one", "two")),
    }


WINDOWS = """version: 1
windows:
  office-hours:
    zone: Europe/London
    open:
      - { days: [mon-thu], from: "09:00", to: "17:00" }
      - { rrule: "FREQ=MONTHLY;BYDAY=1TU", starts: "2026-01-06", from: "18:00", to: "22:00" }
    closed: [{ rrule: "FREQ=MONTHLY;BYDAY=-1TH", starts: "2026-01-29", all-day: true, reason: month-end close }]
    calendars: [{ file: holidays.ics, means: closed }]
  nights:
    zone: America/New_York
    open: [{ days: [mon-fri], from: "22:00", to: "06:00" }]
    calendars: [{ file: holidays.ics, means: closed }]
"""


def windows(directory):
    """Ten years of windows with rules and a calendar of 200 holidays, beside starting: to stay under a second."""
    days = [f"20{26 + number // 20:02}{1 + number % 12:02}{1 + number % 28:02}" for number in range(200)]
    event = "BEGIN:VEVENT\r\nUID:{0}\r\nDTSTART;VALUE=DATE:{1}\r\nSUMMARY:holiday\r\nEND:VEVENT\r\n"
    events = "".join(event.format(number, day) for number, day in enumerate(days))
    (directory / "holidays.ics").write_text(f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n", newline="")
    (directory / "countersign.yml").write_text(WINDOWS)
    lint = [OURS, "window", "lint", "--repo", str(directory), "--at", "2026-01-01T00:00:00Z"]
    title("Windows with rules and 200 holidays", "--version")
    for years in (2, 10):
        row(f"{years} years, linted", *measured(11, [([OURS, "--version"], None, nothing), ([*lint, "--years", str(years)], None, nothing)]))


def decision(directory):
    """Deciding, beside computing the change that is decided about, in one process."""
    print("\nOne large decision", flush=True)
    subprocess.run([str(RELEASE / "examples" / "decide_many")], check=True)


ENTRIES = 100_000

POLICY = """version: 1
people: { users: { alice: 1001, bob: 1002 }, groups: { security: [bob] } }
rules: [{ name: somebody sees every gain, when: { gains: {} }, require: { approvals: [{ from: security }] } }]
"""


def approved(directory):
    """A repository whose `head` is a change of access, the facts that say who approved it, and the arguments that attest it."""
    for side, actions in (("base", ["s3:GetObject"]), ("head", ["s3:GetObject", "iam:PassRole"])):
        (directory / side).mkdir()
        statement = {"Effect": "Allow", "Action": actions, "Resource": "arn:aws:iam::123456789012:role/service-*"}
        (directory / side / "policy.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
        (directory / side / "countersign.yml").write_text(POLICY)
    repository = committed(directory)
    ids = [subprocess.run(["git", "-C", repository, "rev-parse", side], check=True, capture_output=True, text=True).stdout.strip() for side in ("base", "head")]
    review = f"{{ id: 7, author: {{ id: 1002, login: bob }}, kind: user, state: approved, commit: {ids[1]}, submitted-at: 2026-11-24T10:12:00Z }}"
    facts = directory / "facts.yml"
    facts.write_text(
        f"repository: acme/infrastructure\nchange-request: 42\nbase: {ids[0]}\nhead: {ids[1]}\nauthor: {{ id: 1001, login: alice }}\n"
        f"author-kind: user\nreviews: [{review}]\ncontributors: []\n"
    )
    attest = [OURS, "attest", "--no-cache", "--repo", repository, "--base", "base", "--head", "head", "--facts", str(facts), "--unverified-facts"]
    return repository, [*attest, "--at", "2026-11-24T10:30:00Z"]


def ledger(directory):
    """Looking something up among many entries, with the index and without; adding to few and to many."""
    repository, attest = approved(directory)
    tests = BENCHES.parent / "tests" / "attestation"
    attest = [*attest, "--key", str(tests / "key.pem"), "--output-dir", str(directory)]
    subprocess.run(attest, check=True, stdout=subprocess.DEVNULL)
    bundle = str(directory / "authorization.sigstore.json")
    for name, kept in (("a directory", str(directory / "ledger")), ("a ref of git", "refs/countersign/ledger")):
        print(f"\nA ledger of {ENTRIES:,} entries in {name}", flush=True)
        subprocess.run([RELEASE / "examples" / "fill_ledger", kept, repository, str(ENTRIES), bundle, str(tests / "key.pem")], check=True)
        subprocess.run([RELEASE / "examples" / "fill_ledger", f"{kept}-few", repository, "10", bundle, str(tests / "key.pem")], check=True, stdout=subprocess.DEVNULL)
        few, many = measured(21, [([*attest, "--ledger", to], None, nothing) for to in (f"{kept}-few", kept)])
        print(f"a run that attests: {few[0]:.1f} ms with 10 entries, {many[0]:.1f} ms with {ENTRIES:,}, {many[0] / few[0]:.2f} times as long", flush=True)
        time.sleep(3)  # What was just written is not kept in an index yet.
        cache = {"XDG_CACHE_HOME": str(directory / "cache")}
        ask = [OURS, "lookup", "--repo", repository, "--ledger", kept]
        first, _ = once([*ask, "--commit", "ffff"], cache)
        size = sum(file.stat().st_size for file in (directory / "cache" / "countersign" / "ledgers").iterdir())
        print(f"made the index in {first / 1000:.1f} s; all indexes have {size / 1e6:.0f} MB")
        title("", "every entry read")
        questions = {
            "one commit": ["--commit", "000000009e3779b97f4a7c15f39cc0605cedc835"],
            "who was allowed iam:PassRole": ["--action", "iam:PassRole", "--resource", "arn:aws:iam::123456789012:role/service-5000-x"],
            "one author of 300": ["--person", "author-1005"],
            "nothing": ["--person", "nobody"],
        }
        for question, options in questions.items():
            before = measured(5, [([*ask, *options], cache, nothing)])
            with open(directory / "without", "wb") as output:
                without = once([*ask, *options, "--no-cache"], None, output)
            with open(directory / "with", "wb") as output:
                once([*ask, *options], cache, output)
            # As many runs before the slow one as after it, because other work on the machine comes and goes.
            after = measured(5, [([*ask, *options], cache, nothing)])
            own = [statistics.mean(pair) for pair in zip(before[0], after[0])]
            said = (directory / "with").read_text()
            if said != (directory / "without").read_text():
                sys.exit(f"{question}: another answer with the index")
            found = said.splitlines()[-2].split(";")[0]
            print(f"{question:<34}{without[0]:>9.0f}{without[1]:>7.0f}{own[0]:>9.0f}{own[1]:>7.0f}{without[0] / own[0]:>7.0f}×  {found}", flush=True)


BUNDLES = 1_000


def bundles(directory):
    """Verifying many bundles of a workflow offline, in one process each, beside sigstore-python on the same files."""
    repository, attest = approved(directory)
    python, packages = os.environ["COUNTERSIGN_PYTHON"], os.environ["COUNTERSIGN_NODE_PEERS"]
    instance = BENCHES.parent / "tests" / "peers" / "sigstore" / "instance.js"
    state, kept = directory / "state", directory / "bundles"
    state.mkdir()
    kept.mkdir()
    server = subprocess.Popen(["node", instance, packages, state], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    url = server.stdout.readline().strip().removeprefix("ready ")
    root = ["--trusted-root", str(state / "trusted_root.json")]
    token = {"ACTIONS_ID_TOKEN_REQUEST_URL": f"{url}/oidc/token?api-version=2.0", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "runner-secret"}
    commit = subprocess.run(["git", "-C", repository, "cat-file", "commit", "head"], check=True, capture_output=True).stdout
    files = [kept / f"commit-{number:04}" for number in range(BUNDLES)]
    for file in files:
        out = directory / "out"
        keyless = [*attest, "--signing-config", str(state / "signing_config_v2.json"), *root, "--output-dir", str(out)]
        subprocess.run(keyless, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **token, "XDG_CACHE_HOME": os.devnull})
        file.write_bytes(commit)
        (out / "authorization.sigstore.json").rename(file.with_name(file.name + ".sigstore.json"))
    server.stdin.close()
    server.wait()
    workflow, issuer = "https://github.com/acme/gate/.github/workflows/gate.yml@refs/heads/main", "https://token.actions.githubusercontent.com"
    theirs = [python, "-m", "sigstore", "--trust-config", str(state / "trust_config_v2.json"), "verify", "identity", "--offline", "--cert-identity", workflow, "--cert-oidc-issuer", issuer]
    own = [OURS, "verify", "--repo", repository, "--unverified-facts", *root, "--identity", workflow, "--issuer", issuer, "--commit", "head"]
    print(f"\n{BUNDLES:,} bundles of a workflow, offline\n{'':<34}{'sigstore-python':>16}{'countersign':>16}\n{'':<34}{'ms':>9}{'MB':>7}{'ms':>9}{'MB':>7}")
    for name, theirs_on, own_on in (("one", files[:1], [str(files[0]) + ".sigstore.json"]), (f"{BUNDLES:,}", files, [str(kept)])):
        beside, ours = measured(1, [([*theirs, *map(str, theirs_on)], {"HOME": str(directory)}, nothing), ([*own, *own_on], None, nothing)])
        each = f"{beside[0] / len(files):.2f} and {ours[0] / len(files):.2f} ms each" if len(theirs_on) > 1 else ""
        print(f"{name:<34}{beside[0]:>9.0f}{beside[1]:>7.0f}{ours[0]:>9.0f}{ours[1]:>7.0f}{beside[0] / ours[0]:>7.0f}×  {each}", flush=True)


def history(directory, repository, path):
    """Every version of every file below the path beside the one before it, decided in one process."""
    git = ["git", "-C", repository]
    log = ["log", "--first-parent", "--reverse", "--raw", "--no-abbrev", "--no-renames", "--format=", "--diff-filter=M", "HEAD", "--", path]
    lines = subprocess.run([*git, *log], check=True, capture_output=True, text=True).stdout.splitlines()
    pairs = [line.split("\t")[0].split()[2:4] for line in lines if line.startswith(":")]
    names = directory / "names"
    names.write_text("".join(f"{blob}\n" for pair in pairs for blob in pair))
    # From a pipe, one after the other: the highest peak of its parent counts for a child's.
    with names.open() as wanted, subprocess.Popen([*git, "cat-file", "--batch"], stdin=wanted, stdout=subprocess.PIPE) as blobs:
        for number in range(len(pairs)):
            for side in ("base", "head"):
                size = int(blobs.stdout.readline().split()[2])
                (directory / f"{number:05}-{side}.json").write_bytes(blobs.stdout.read(size))
                blobs.stdout.read(1)
    print(f"\n{len(pairs):,} pairs of {path}")
    child = subprocess.Popen([str(RELEASE / "examples" / "change_pairs"), str(directory)], stdout=subprocess.PIPE, text=True)
    said = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    print(f"{said}peak {usage.ru_maxrss / 1024:.0f} MB", flush=True)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit("change_pairs failed")
    beside_parliament(directory, float(re.search(r"([\d.]+) µs a document", said)[1]))


def beside_parliament(directory, own):
    """Every sixtieth document of the heads, by a linter of policies in Python."""
    try:
        from parliament import analyze_policy_string
    except ImportError:
        print("parliament is not installed for this Python")
        return
    took = []
    for head in sorted(directory.glob("*-head.json"))[::60]:
        try:
            text = json.dumps(json.loads(head.read_bytes())["PolicyVersion"]["Document"])
        except (ValueError, KeyError):
            continue
        begun = time.process_time()
        analyze_policy_string(text)
        took.append((time.process_time() - begun) * 1e6)
    mean = statistics.mean(took)
    print(f"parliament: {len(took)} documents, {mean:.0f} µs a document, {mean / own:.0f} times ours; median {statistics.median(took):.0f} µs")


def commits(repository, path):
    """The processors' time, of all processes together: start, opening the repository and telling what differs are part of both."""
    git = ["git", "-C", repository, "rev-list", "--first-parent", "--parents", "HEAD", "--", path]
    lines = subprocess.run(git, check=True, capture_output=True, text=True).stdout.splitlines()
    pairs = [line.split() for line in lines]
    pairs = [(own, f"{own}^") for own, *parents in pairs if parents]
    commands = [lambda base, head: [PARSE, base, head, repository], lambda base, head: diff(base, head, "--repo", repository)]
    sums = [0.0, 0.0]
    for head, base in pairs:
        for number, command in enumerate(commands):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(command(base, head), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            sums[number] += after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{len(pairs):,} commits: reading and parsing {sums[0]:.1f} s, diff {sums[1]:.1f} s, {sums[1] / sums[0]:.2f} times")


def main():
    if sys.argv[1:2] == ["history"]:
        with tempfile.TemporaryDirectory() as directory:
            return history(pathlib.Path(directory), *sys.argv[2:])
    if sys.argv[1:2] == ["commits"]:
        return commits(*sys.argv[2:])
    asked = sys.argv[1:] or ["start", "large", "monorepo", "documents", "tangled", "windows", "decision"]
    with tempfile.TemporaryDirectory() as directory:
        for section in asked:
            below = pathlib.Path(directory, section)
            below.mkdir()
            sections = {"start": start, "large": large, "monorepo": monorepo, "documents": documents}
            sections.update({"tangled": tangled, "windows": windows, "decision": decision, "ledger": ledger, "bundles": bundles})
            sections[section](below)


if __name__ == "__main__":
    main()
