#!/usr/bin/env python3
"""Makes the lexical shortlist of a translation model (`shortlist.bin`).

    python scripts/train/shortlist.py --spm spm.model --vocab vocab.json --data DIR --out shortlist.bin

For each source token: the target tokens that it is most often aligned with, and itself, so that
names can be copied. For every sentence: the commonest target tokens. DIR holds `*.tsv` or
`*.tsv.xz` files of `French TAB English` lines (further columns are ignored, `dev.*` left out);
`--held-out` files of the same form are only measured on.

The file, little-endian: `DGSL`, then u32: version 1, source vocabulary size V, most targets of one
source token, number C of common tokens; then u16: C common tokens, V counts, and the targets of
source token 0, of 1 and so on.

Needs: `pip install eflomal numpy sentencepiece`.
"""

import argparse
import json
import lzma
import os
import pathlib
import random
import struct
import tempfile

import numpy as np
import sentencepiece

VERSION = 1


def main():
    options = arguments()
    os.environ["OMP_NUM_THREADS"] = "1"
    vocabulary = json.loads(options.vocab.read_text(encoding="utf-8"))
    encode = Encoder(options.spm, vocabulary)
    sides = encode(sample(options))
    sources, targets, counts = count_links(sides, len(vocabulary), options)
    frequency = np.bincount(np.concatenate(sides[1]), minlength=len(vocabulary))
    common = common_tokens(frequency, vocabulary, options.common)
    table = likeliest(sources, targets, counts, len(vocabulary), set(common), options)
    write(table, common, options.out)
    sizes = [len(row) for row in table if row]
    print(f"{len(common)} common, mean {np.mean(sizes):.1f} targets a source token, {options.out.stat().st_size} bytes")
    for path in options.held_out:
        report(path, encode(list(read_pairs(path))), table, common)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--spm", type=pathlib.Path, required=True, help="SentencePiece model of both sides")
    parser.add_argument("--vocab", type=pathlib.Path, required=True, help="vocab.json: piece to id")
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder of *.tsv, *.tsv.xz")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--held-out", type=pathlib.Path, nargs="*", default=[], help="files to measure coverage on")
    parser.add_argument("--pairs", type=int, default=350_000, help="pairs sampled from the data")
    parser.add_argument("--max-pieces", type=int, default=80, help="longer sentences are left out")
    parser.add_argument("--model", type=int, default=2, help="eflomal: 1 IBM-1, 2 HMM, 3 with fertility")
    parser.add_argument("--keep", type=int, default=50, help="most target tokens of a source token")
    parser.add_argument("--min-probability", type=float, default=0.001)
    parser.add_argument("--common", type=int, default=200, help="tokens allowed in every sentence")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


class Encoder:
    """Pairs of texts to token ids of the model's vocabulary."""

    def __init__(self, spm, vocabulary):
        self.processor = sentencepiece.SentencePieceProcessor(model_file=str(spm))
        unknown = vocabulary["<unk>"]
        pieces = (self.processor.id_to_piece(i) for i in range(self.processor.get_piece_size()))
        self.ids = np.array([vocabulary.get(piece, unknown) for piece in pieces], dtype=np.int64)

    def __call__(self, pairs):
        """The source sides and the target sides."""
        return [[self.ids[ids] for ids in self.processor.encode([pair[side] for pair in pairs])] for side in (0, 1)]


def read_pairs(path):
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            pair = line.rstrip("\n").split("\t")[:2]
            if len(pair) == 2 and all(pair):
                yield pair


def sample(options):
    """A sample of the pairs of all files, by reservoir."""
    rng = random.Random(options.seed)
    kept = []
    files = sorted([*options.data.glob("*.tsv"), *options.data.glob("*.tsv.xz")])
    pairs = (pair for path in files if not path.name.startswith("dev.") for pair in read_pairs(path))
    for seen, pair in enumerate(pairs):
        if len(kept) < options.pairs:
            kept.append(pair)
        elif (place := rng.randrange(seen + 1)) < options.pairs:
            kept[place] = pair
    return kept


def count_links(sides, size, options):
    """How often each source token is aligned with each target token in either direction."""
    import eflomal

    fits = [0 < len(s) <= options.max_pieces and 0 < len(t) <= options.max_pieces for s, t in zip(*sides)]
    source, target = ([ids for ids, fit in zip(side, fits) if fit] for side in sides)
    as_lines = lambda side: [" ".join(map(str, ids)) + "\n" for ids in side]
    keys = []
    with tempfile.TemporaryDirectory() as folder:
        forward, backward = f"{folder}/forward", f"{folder}/backward"
        aligner = eflomal.Aligner(model=options.model, n_samplers=1)
        aligner.align(as_lines(source), as_lines(target), links_filename_fwd=forward, links_filename_rev=backward)
        with open(forward) as ahead, open(backward) as back:
            for here, there, one, other in zip(source, target, ahead, back, strict=True):
                links = {tuple(map(int, link.split("-"))) for link in (one + other).split()}
                if links:
                    i, j = np.array(sorted(links)).T
                    keys.append((here[i] * size + there[j]).astype(np.uint32))
    keys, counts = np.unique(np.concatenate(keys), return_counts=True)
    return keys // size, keys % size, counts


def common_tokens(frequency, vocabulary, count):
    """End of sentence, unknown, and the commonest target tokens."""
    commonest = [int(token) for token in np.argsort(-frequency, kind="stable")[:count] if frequency[token] > 0]
    return sorted({vocabulary["</s>"], vocabulary["<unk>"], *commonest})


def likeliest(sources, targets, counts, size, common, options):
    """For each source token its likeliest target tokens that are not common, sorted by id."""
    table = [[] for _ in range(size)]
    starts = np.searchsorted(sources, np.arange(size + 1))
    for token in range(size):
        row = slice(starts[token], starts[token + 1])
        order = np.argsort(-counts[row], kind="stable")
        least = options.min_probability * counts[row].sum()
        likely = [int(targets[row][i]) for i in order if counts[row][i] >= least]
        likely = [target for target in likely if target not in common and target != token]
        own = [] if token in common else [token]
        table[token] = sorted(likely[: options.keep - 1] + own)
    return table


def write(table, common, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as out:
        out.write(b"DGSL" + struct.pack("<4I", VERSION, len(table), max(map(len, table)), len(common)))
        for numbers in (common, [len(row) for row in table], [token for row in table for token in row]):
            out.write(np.array(numbers, dtype="<u2").tobytes())


def report(path, sides, table, common):
    """What share of the reference's tokens the shortlists hold, and how large they are."""
    found = total = whole = 0
    sizes = []
    for source, target in zip(*sides):
        allowed = set(common).union(*(table[token] for token in source))
        inside = sum(int(token) in allowed for token in target)
        found, total, whole = found + inside, total + len(target), whole + (inside == len(target))
        sizes.append(len(allowed))
    print(f"{path.name}: tokens covered {found / total:.4f}, sentences covered wholly {whole / len(sizes):.3f}, "
          f"mean shortlist {np.mean(sizes):.0f} of {len(table)}")


if __name__ == "__main__":
    main()
