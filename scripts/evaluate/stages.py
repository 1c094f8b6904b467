#!/usr/bin/env python3
"""Measures the stages through the diglot binary: sentences, languages, switching, alignment.

usage: stages.py --data DIR [--binary PATH] [--seed N] [--misses N] [STAGE ...]

Prints a table of figures with what they should reach, and on standard error examples of what went wrong. README.md
says what DIR holds. What is made at random is the same for the same seed.
"""
import argparse
import collections
import pathlib
import sys
import time

import alignment
import binary
import corpora
import languages
import sentences
import switching

STAGES = {"sentences": sentences, "languages": languages, "switching": switching, "alignment": alignment}


class Table:
    """Figures, printed as they come."""

    def __init__(self):
        self.missed = 0
        print(f"{'measure':<58}{'figure':>8}{'target':>8}{'of':>8}")

    def add(self, name, figure, target, count):
        verdict = "" if target is None or round(figure, 3) >= target else "  missed"
        self.missed += bool(verdict)
        aim = "" if target is None else f"{target:.3f}"
        print(f"{name:<58}{figure:>8.3f}{aim:>8}{count:>8}{verdict}", flush=True)

    def attempt(self, measure, run, *arguments):
        """Without its data a row is left out, with a line that says so."""
        try:
            measure(run, self, *arguments)
        except corpora.Missing as missing:
            print(f"not measured: {missing}", file=sys.stderr)


class Run:
    """What every stage needs."""

    def __init__(self, arguments):
        self.data, self.seed = arguments.data, arguments.seed
        self.diglot = binary.Diglot(arguments.binary, arguments.threads)
        self.most, self.seen = arguments.misses, collections.Counter()

    def miss(self, name, text):
        self.seen[name] += 1
        if self.seen[name] <= self.most:
            print(f"{name}: {text}", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stages", nargs="*", metavar="STAGE", help=f"of {', '.join(STAGES)}; all without it")
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--binary", default="target/release/diglot")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--misses", type=int, default=0, help="examples a row of what went wrong")
    arguments = parser.parse_args()
    if unknown := set(arguments.stages) - set(STAGES):
        parser.error(f"no stage `{unknown.pop()}`: expected {', '.join(STAGES)}")
    table, run, began = Table(), Run(arguments), time.monotonic()
    for name in arguments.stages or STAGES:
        STAGES[name].measure(run, table)
    print(f"{table.missed} targets missed, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
