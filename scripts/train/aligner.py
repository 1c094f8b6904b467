#!/usr/bin/env python3
"""Aligns the pieces of the training pairs: IBM model 1, then the best link a target piece under a diagonal prior.

usage: aligner.py --out WORK

Reads WORK/mt/pieces.npz. Writes WORK/mt/alignment.npz: `links`, for each target piece the position of its source piece,
and `scores`, for each pair the mean log probability of its links. The translation model's alignment head is trained on
the links, which speeds learning up and makes its attention usable as word alignment; the scores tell literal renderings,
from which a small model learns most, from free and misaligned ones. Brown et al. 1993 (model 1); Dyer, Chahuneau and Smith 2013 (the diagonal prior, strength 4).
"""
import argparse
import pathlib

import numba
import numpy

DIAGONAL = 4.0


@numba.njit(cache=True)
def expect(source, source_offsets, target, target_offsets, table, counts):
    for sentence in range(len(source_offsets) - 1):
        s = source[source_offsets[sentence]:source_offsets[sentence + 1]]
        for t in target[target_offsets[sentence]:target_offsets[sentence + 1]]:
            total = 1e-12
            for x in s:
                total += table[x, t]
            for x in s:
                counts[x, t] += table[x, t] / total


@numba.njit(cache=True)
def best(source, source_offsets, target, target_offsets, table, links, scores):
    for sentence in range(len(source_offsets) - 1):
        a, b = source_offsets[sentence], source_offsets[sentence + 1]
        c, d = target_offsets[sentence], target_offsets[sentence + 1]
        mean = 0.0
        for j in range(c, d):
            # The end mark looks at the end mark, every other piece at a piece of the sentence.
            if j == d - 1:
                links[j] = b - 1 - a
                continue
            top, where = -1.0, 0
            for i in range(a, b - 1):
                distance = abs((i - a + 0.5) / (b - a) - (j - c + 0.5) / (d - c))
                score = (table[source[i], target[j]] + 1e-6) * numpy.exp(-DIAGONAL * distance)
                if score > top:
                    top, where = score, i - a
            links[j] = where
            mean += numpy.log(top)
        scores[sentence] = mean / max(1, d - 1 - c)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--iterations", type=int, default=4)
    parser.add_argument("--sample", type=int, default=500_000, help="pairs that the table is learned from")
    arguments = parser.parse_args()
    pieces = numpy.load(arguments.out / "mt/pieces.npz")
    source, target = pieces["source"], pieces["target"]
    source_offsets, target_offsets = pieces["source_offsets"], pieces["target_offsets"]
    size = int(max(source.max(), target.max())) + 1
    table = numpy.full((size, size), 1 / size, dtype=numpy.float32)
    for _ in range(arguments.iterations):
        counts = numpy.zeros_like(table)
        expect(source, source_offsets[:arguments.sample + 1], target, target_offsets[:arguments.sample + 1], table, counts)
        table = counts / (counts.sum(axis=1, keepdims=True) + 1e-6)
    links = numpy.zeros(len(target), dtype=numpy.uint8)
    scores = numpy.zeros(len(target_offsets) - 1, dtype=numpy.float32)
    best(source, source_offsets, target, target_offsets, table, links, scores)
    numpy.savez(arguments.out / "mt/alignment.npz", links=links, scores=scores)
    print(f"{len(links)} links")


if __name__ == "__main__":
    main()
