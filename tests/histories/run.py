"""Runs `countersign diff` over every consecutive pair of revisions of a repository and counts the verdicts.

    python3 tests/histories/run.py --binary target/release/countersign --repo PATH [--list N --seed S] [--last N] [-- PATHS…]
    python3 tests/histories/run.py --binary target/release/countersign --repo PATH --last 100 --check

With --check it asks `countersign check` instead, with policy.yml and facts.yml beside this file.

First parents only, oldest first. A pair is one commit against its first parent. Prints counts, times and the peak memory of any one
run; with --list, N verdicts chosen by the seed, to be read by a person.
"""

import argparse
import collections
import json
import pathlib
import random
import resource
import statistics
import subprocess
import sys
import time


def revisions(repo, paths):
    log = ["git", "-C", repo, "log", "--first-parent", "--reverse", "--format=%H %P"]
    lines = subprocess.run(log + ["--"] + paths, capture_output=True, text=True, check=True).stdout.splitlines()
    return [(line.split()[1], line.split()[0]) for line in lines if len(line.split()) > 1]


def verdict(report):
    if report["undecided"]:
        return "undecided"
    widens, narrows = report["widens"], report["narrows"]
    return {(True, True): "both", (True, False): "widened", (False, True): "narrowed", (False, False): "equal"}[(widens, narrows)]


def decisions(options, pairs):
    here = pathlib.Path(__file__).parent
    counts = collections.Counter()
    for base, head in pairs:
        command = [options.binary, "check", "--repo", options.repo, "--base", base, "--head", head, "--format", "json"]
        command += ["--policy", here / "policy.yml", "--facts", here / "facts.yml", "--at", "2026-11-25T12:00:00Z"]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode == 1:
            counts["error"] += 1
            print("error", base, head, run.stderr.strip())
            continue
        report = json.loads(run.stdout)
        counts[report["outcome"] + ("" if not report["change"]["equal"] else " (nothing changed)")] += 1
    print(f"{len(pairs)} decisions: " + ", ".join(f"{count} {name}" for name, count in sorted(counts.items())))
    return 1 if counts["error"] else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--repo", required=True)
    parser.add_argument("--list", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--last", type=int, default=0)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("paths", nargs="*")
    options = parser.parse_args()
    pairs = revisions(options.repo, options.paths)[-options.last:]
    if options.check:
        return decisions(options, pairs)
    counts, times, errors, told = collections.Counter(), [], [], []
    codes = collections.Counter()
    for base, head in pairs:
        command = [options.binary, "diff", "--repo", options.repo, "--base", base, "--head", head, "--format", "json"]
        start = time.perf_counter()
        run = subprocess.run(command + (["--"] + options.paths if options.paths else []), capture_output=True, text=True)
        times.append(time.perf_counter() - start)
        if run.returncode != 0:
            errors.append((base, head, run.returncode, run.stderr.strip()))
            continue
        report = json.loads(run.stdout)
        counts[verdict(report)] += 1
        codes.update(remark["code"] for remark in report["diagnostics"])
        if not report["equal"]:
            told.append((base, head, verdict(report)))
    times.sort()
    print(f"{len(pairs)} pairs: " + ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) + f", {len(errors)} errors")
    print("remarks: " + (", ".join(f"{count} {code}" for code, count in codes.most_common()) or "none"))
    print(f"{sum(times):.1f} s; median {statistics.median(times) * 1000:.1f} ms, p99 {times[int(len(times) * .99)] * 1000:.1f} ms, worst {times[-1] * 1000:.1f} ms")
    print(f"peak memory of any one run {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MiB")
    for error in errors[:10]:
        print("error", *error)
    random.Random(options.seed).shuffle(told)
    for base, head, name in told[: options.list]:
        print(f"== {name} {base[:12]} {head[:12]}")
        sys.stdout.flush()
        subprocess.run([options.binary, "diff", "--repo", options.repo, "--base", base, "--head", head] + (["--"] + options.paths if options.paths else []))
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
