#!/usr/bin/env python3
"""Measures, beside `git diff --name-status` in one run, how long it takes to find and read what a change touches.

    cargo build --release --example changed
    benches/large_repository.sh large.git
    benches/changed.py large.git

For each pair of revisions: the median over alternating runs of both programs, their ratio, and the peak memory of both. Whole
processes are measured, start to end. git prints names only; ours also reads the files that differ.
"""
import os
import statistics
import subprocess
import sys
import time

PAIRS = [("base", "base"), ("base", "edit"), ("edit", "move"), ("move", "many")]
RUNS = 41


def seconds(command):
    """Of one run, start to end."""
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def megabytes(command):
    """The peak of one run. Measured by a small program: a child of this one would count the interpreter it was forked from."""
    timed = subprocess.run(["/usr/bin/time", "-f", "%M", *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)
    return int(timed.stderr.split()[-1]) / 1024


def main():
    repository = sys.argv[1]
    ours = os.path.join(os.path.dirname(__file__), "..", "target", "release", "examples", "changed")
    print(f"{'change':<14}{'git ms':>8}{'ours ms':>9}{'ratio':>7}{'git MB':>8}{'ours MB':>9}")
    for base, head in PAIRS:
        commands = [
            ["git", "-C", repository, "diff", "--name-status", base, head],
            [ours, base, head, repository],
        ]
        runs = [[seconds(command) for command in commands] for _ in range(RUNS)]
        git, own = (statistics.median(pair[side] for pair in runs) * 1000 for side in (0, 1))
        git_memory, own_memory = map(megabytes, commands)
        print(f"{base + '..' + head:<14}{git:>8.2f}{own:>9.2f}{own / git:>7.2f}{git_memory:>8.1f}{own_memory:>9.1f}")


if __name__ == "__main__":
    main()
