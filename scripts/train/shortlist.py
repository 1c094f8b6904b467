#!/usr/bin/env python3
"""Makes the translation model's lexical shortlist from the aligned training text.

usage: shortlist.py --out WORK [--held-out FILE ...]

Reads WORK/mt/{spm.model,vocab.json,pieces.npz,alignment.npz}. Writes WORK/mt/shortlist.bin. For each source token: the
target tokens most often aligned with it, and itself, so that names can be copied. For every sentence: the commonest
target tokens. HELD-OUT files (French TAB English, .tsv or .tsv.xz) are measured on: how many of the reference's tokens
the shortlists hold.

The file, little-endian: `DGSL`; as u32 the version 1, the vocabulary size V, the most targets of one source token, the
number C of common tokens; as u16 the C common tokens, V counts, and the targets of source token 0, of 1 and so on.
"""
import argparse
import json
import lzma
import pathlib
import struct

import numpy
import sentencepiece

VERSION = 1


def count_links(work, size):
    """How often each source token (row) is aligned with each target token (column)."""
    pieces = numpy.load(work / "mt/pieces.npz")
    source, target = pieces["source"], pieces["target"]
    links = numpy.load(work / "mt/alignment.npz")["links"]
    lengths = numpy.diff(pieces["target_offsets"])
    aligned = source[numpy.repeat(pieces["source_offsets"][:-1], lengths) + links]
    counts = numpy.bincount(aligned.astype(numpy.int64) * size + target, minlength=size * size)
    return counts.reshape(size, size)


def common_tokens(counts, vocabulary, number):
    """End of sentence, unknown, and the commonest target tokens."""
    frequency = counts.sum(axis=0)
    commonest = [int(token) for token in numpy.argsort(-frequency, kind="stable")[:number] if frequency[token] > 0]
    return sorted({vocabulary["</s>"], vocabulary["<unk>"], *commonest})


def likeliest(counts, common, keep, least):
    """For each source token its likeliest target tokens that are not common, sorted by id."""
    table = []
    for token, row in enumerate(counts):
        order = numpy.argsort(-row, kind="stable")[:keep + len(common)]
        floor = max(1, least * row.sum())
        likely = [int(target) for target in order if row[target] >= floor and target not in common and target != token]
        own = [] if token in common else [token]
        table.append(sorted(likely[:keep - len(own)] + own))
    return table


def write(table, common, path):
    with open(path, "wb") as out:
        out.write(b"DGSL" + struct.pack("<4I", VERSION, len(table), max(map(len, table)), len(common)))
        for numbers in (common, [len(row) for row in table], [token for row in table for token in row]):
            out.write(numpy.array(numbers, dtype="<u2").tobytes())


def read_pairs(path):
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        return [line.rstrip("\n").split("\t")[:2] for line in lines]


def report(path, processor, table, common):
    found = total = whole = 0
    sizes = []
    for source, target in zip(*(processor.encode(list(side)) for side in zip(*read_pairs(path)))):
        allowed = set(common).union(*(table[token] for token in source))
        inside = sum(token in allowed for token in target)
        found, total, whole = found + inside, total + len(target), whole + (inside == len(target))
        sizes.append(len(allowed))
    print(f"{path.name}: {found / total:.4f} of the reference's tokens, {whole / len(sizes):.3f} of the references whole; "
          f"mean shortlist {numpy.mean(sizes):.0f} of {len(table)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--keep", type=int, default=150, help="most target tokens of a source token")
    parser.add_argument("--min-probability", type=float, default=0.0002, help="of a target token given the source token")
    parser.add_argument("--common", type=int, default=1000, help="target tokens allowed in every sentence")
    parser.add_argument("--held-out", type=pathlib.Path, nargs="*", default=[])
    arguments = parser.parse_args()
    vocabulary = json.loads((arguments.out / "mt/vocab.json").read_text(encoding="utf-8"))
    counts = count_links(arguments.out, len(vocabulary))
    common = common_tokens(counts, vocabulary, arguments.common)
    table = likeliest(counts, set(common), arguments.keep, arguments.min_probability)
    path = arguments.out / "mt/shortlist.bin"
    write(table, common, path)
    print(f"{len(common)} common tokens, {numpy.mean([len(row) for row in table]):.1f} a source token, "
          f"{path.stat().st_size} bytes")
    processor = sentencepiece.SentencePieceProcessor(model_file=str(arguments.out / "mt/spm.model"))
    for held_out in arguments.held_out:
        report(held_out, processor, table, common)


if __name__ == "__main__":
    main()
