#!/usr/bin/env python3
"""Learns the bilingual word lexicon that the aligner reads (`lexicon.tsv`).

    python scripts/train/lexicon.py --data DIR --out models/fr-en/lexicon.tsv

DIR holds `*.tsv` or `*.tsv.xz` files of `French TAB English TAB source` lines. Words are aligned
with eflomal in both directions, the two directions are intersected, and what remains is counted.

The file, sorted by UTF-8 bytes in each part (fields are separated by tabs):

    # diglot lexicon 1
    [english]
    word  bits                                   the commonest words
    [french]
    word  bits  english forward backward  ...    best translation first

`bits` is -log2 of the word's relative frequency, rounded: how much it says. `forward` is
p(english | french), `backward` p(french | english), in percent. Forms are lower case, French
elisions are cut off (`src/align/words.rs` splits words the same way).

Needs: `pip install eflomal`.
"""

import argparse
import collections
import lzma
import math
import os
import pathlib
import random
import re
import sys
import tempfile
import unicodedata

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
ELIDED = {"l", "d", "qu", "s", "n", "j", "m", "t", "c", "lorsqu", "puisqu", "jusqu", "quoiqu"}
# Words of the same form in both languages are listed where they are commoner than this.
SAME_FORM_BITS = 15


def main():
    options = arguments()
    os.environ["OMP_NUM_THREADS"] = "1"
    pairs = list(read_pairs(options))
    print(f"{len(pairs)} pairs", file=sys.stderr)
    counts = count_links(pairs, options)
    french_bits, english_bits = (bits(pair[side] for pair in pairs) for side in (0, 1))
    lexicon = prune(counts, french_bits, options)
    write(lexicon, french_bits, english_bits, options)
    entries = sum(map(len, lexicon.values()))
    size = options.out.stat().st_size
    print(f"{len(lexicon)} French words, {entries} entries, {size} bytes", file=sys.stderr)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder of *.tsv, *.tsv.xz")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--exclude", default="laws,php_docs,python_docs,django_docs,gnome_docs,rust_book",
                        help="sources left out, comma-separated")
    parser.add_argument("--max-per-source", type=int, default=300_000)
    parser.add_argument("--max-words", type=int, default=60, help="longer sentences are left out")
    parser.add_argument("--model", type=int, default=2, help="eflomal: 1 IBM-1, 2 HMM, 3 with fertility")
    parser.add_argument("--min-count", type=int, default=2)
    parser.add_argument("--min-probability", type=float, default=0.03)
    parser.add_argument("--keep", type=int, default=5, help="translations kept a word")
    parser.add_argument("--common", type=int, default=4000, help="English words listed with their frequency")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def read_pairs(options):
    """Tokenised pairs, at most `max_per_source` of each source, chosen by seed."""
    excluded = set(options.exclude.split(","))
    by_source = collections.defaultdict(list)
    for path in sorted([*options.data.glob("*.tsv"), *options.data.glob("*.tsv.xz")]):
        if path.name.startswith("dev."):
            continue
        opener = lzma.open if path.suffix == ".xz" else open
        with opener(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                french, english, source = line.rstrip("\n").split("\t")[:3]
                name = re.split(r"[:/ #]", source)[0]
                if name not in excluded:
                    by_source[name].append((french, english))
    for name in sorted(by_source):
        found = by_source[name]
        if len(found) > options.max_per_source:
            found = random.Random(options.seed).sample(found, options.max_per_source)
        for french, english in found:
            pair = french_words(french), english_words(english)
            if all(0 < len(side) <= options.max_words for side in pair):
                yield pair


def words(text):
    text = unicodedata.normalize("NFC", text).lower().replace("’", "'")
    return WORD.findall(text)


def french_words(text):
    out = []
    for word in words(text):
        while "'" in word:
            head, tail = word.split("'", 1)
            if head not in ELIDED:
                break
            out.append(head)
            word = tail
        out.append(word)
    return out


def english_words(text):
    return [word.removesuffix("'s") for word in words(text)]


def count_links(pairs, options):
    """How often each French word is aligned with each English one in both directions."""
    import eflomal

    counts = collections.defaultdict(collections.Counter)
    with tempfile.TemporaryDirectory() as folder:
        forward, backward = f"{folder}/forward", f"{folder}/backward"
        source = [" ".join(side[0]) + "\n" for side in pairs]
        target = [" ".join(side[1]) + "\n" for side in pairs]
        aligner = eflomal.Aligner(model=options.model, n_samplers=1)
        aligner.align(source, target, links_filename_fwd=forward, links_filename_rev=backward)
        with open(forward) as ahead, open(backward) as back:
            for (french, english), one, other in zip(pairs, ahead, back, strict=True):
                for link in set(one.split()) & set(other.split()):
                    i, j = map(int, link.split("-"))
                    counts[french[i]][english[j]] += 1
    return counts


def prune(counts, french_bits, options):
    """French word -> [(English word, forward, backward)], best first, in percent."""
    of_english = collections.Counter()
    for row in counts.values():
        of_english.update(row)
    lexicon = {}
    for french, row in counts.items():
        kept = translations(row, of_english, options)
        # The aligner matches rare words of the same form, names above all, without the lexicon.
        same = [english for english, *_ in kept] == [french] and french_bits[french] > SAME_FORM_BITS
        if kept and not same and len(french) > 1 and not any(map(str.isdigit, french)):
            lexicon[french] = kept
    return lexicon


def translations(row, of_english, options):
    total = sum(row.values())
    kept = []
    for english, count in row.items():
        forward, backward = count / total, count / of_english[english]
        # A single sighting of a rare word is kept only where the two occur nowhere else.
        enough = count >= options.min_count or (total == 1 and of_english[english] == 1)
        if enough and max(forward, backward) >= options.min_probability and forward >= 0.01:
            kept.append((english, max(1, round(100 * forward)), max(1, round(100 * backward))))
    kept.sort(key=lambda entry: (-entry[1], -entry[2], entry[0]))
    return kept[: options.keep]


def bits(sentences):
    """-log2 of each word's relative frequency, most frequent word first."""
    counts = collections.Counter(word for sentence in sentences for word in sentence)
    total = counts.total()
    return {word: round(-math.log2(count / total)) for word, count in counts.most_common()}


def write(lexicon, french_bits, english_bits, options):
    options.out.parent.mkdir(parents=True, exist_ok=True)
    common = [word for word in english_bits if not any(map(str.isdigit, word))][: options.common]
    with open(options.out, "w", encoding="utf-8", newline="\n") as out:
        out.write("# diglot lexicon 1\n[english]\n")
        for english in sorted(common, key=str.encode):
            out.write(f"{english}\t{english_bits[english]}\n")
        out.write("[french]\n")
        for french in sorted(lexicon, key=str.encode):
            entries = (f"{english} {forward} {backward}" for english, forward, backward in lexicon[french])
            out.write("\t".join([french, str(french_bits[french]), *entries]) + "\n")


if __name__ == "__main__":
    main()
