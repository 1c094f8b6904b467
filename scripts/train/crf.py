#!/usr/bin/env python3
"""Trains the conditional random field that stands beside the NER network, and exports it.

usage: crf.py train --data DIR --out WORK [--iterations N] [--c1 X] [--c2 X]
       crf.py mix --data DIR --out WORK --network DIR
       crf.py export --out WORK --to DIR [--share X] [--outside X]
       crf.py fixture --to DIR

A small network that was trained on a CPU knows too little of rare words; a linear-chain field over hand-made attributes
(Lafferty, McCallum and Pereira 2001) learns most of what there is to learn from the letters, the neighbours and the lists of
crf_lists.py in minutes. `mix` finds on the development sets how much each is to be believed. `export` writes
DIR/crf.bin, which diglot reads beside the network's files. Attributes are strings; the file holds their 32-bit FNV-1a
hashes. `fixture` writes a tiny field with its marginal probabilities, which the tests of diglot compare with.
"""
import argparse
import json
import pathlib
import pickle
import struct

import numpy

LISTS = ["given", "family", "city", "town", "country", "place", "organisation"]
LONGEST_PHRASE = 5


def normalised(word):
    """Lower case, digits as 0, straight apostrophes; handles and links as their kind."""
    if word[0] == "@":
        return "@"
    if word.startswith(("http:", "https:", "www.", "pic.twitter")):
        return "url"
    return "".join("0" if "0" <= c <= "9" else c for c in word.lower().replace("’", "'"))


def shape(word):
    """X capital, x other letter, 0 digit, other characters as they are; at most two of the same in a row, eight in all."""
    out = ""
    for c in word:
        c = "0" if "0" <= c <= "9" else "X" if c.isupper() else "x" if c.isalpha() else c
        if out[-2:] != c * 2:
            out += c
    return out[:8]


class Knowledge:
    """What crf_lists.py found out about words."""

    def __init__(self, capitals=None, clusters=None, words=None, phrases=None):
        self.capitals, self.clusters = capitals or {}, clusters or {}
        self.words, self.phrases = words or {}, phrases or {}

    def of(self, word):
        """Attributes of a word by itself, as (name, value)."""
        key = normalised(word)
        found = [("w", key), ("sh", shape(word))]
        if key in ("@", "url"):
            return found
        for n in range(1, 5):
            if len(key) > n:
                found += [(f"p{n}", key[:n]), (f"s{n}", key[-n:])]
        found.append(("cs", str(self.capitals.get(key, 0))))
        found += [(f"k{i}", str(cluster)) for i, cluster in enumerate(self.clusters.get(key, ()))]
        bits = self.words.get(key, 0)
        return found + [("g", str(bit)) for bit in range(2 * len(LISTS)) if bits >> bit & 1]

    def in_phrases(self, words):
        """For each word the attributes of the longest listed phrase that it belongs to, phrases taken from the left."""
        keys, found, at = [normalised(word) for word in words], [[] for _ in words], 0
        while at < len(keys):
            length, bits = 1, 0
            for n in range(min(LONGEST_PHRASE, len(keys) - at), 0, -1):
                if n > 1:
                    bits = self.phrases.get(" ".join(keys[at:at + n]), 0)
                elif words[at][0].isupper():
                    # The lower bits are the lists that hold the word as a whole name.
                    bits = self.words.get(keys[at], 0) & (1 << len(LISTS)) - 1
                if bits:
                    length = n
                    break
            for i in range(length if bits else 0):
                found[at + i] = [f"q={'I' if i else 'B'}{bit}" for bit in range(len(LISTS)) if bits >> bit & 1]
            at += length
        return found


NEAR = (-3, -2, -1, 1, 2, 3)


def attributes(words, knowledge):
    """The attributes of each word: its own, those of its neighbours, and some pairs."""
    own = [knowledge.of(word) for word in words]
    single = [dict(attributes) for attributes in own]
    phrases, out = knowledge.in_phrases(words), []
    for i, word in enumerate(words):
        found = ["b", *(f"{name}={value}" for name, value in own[i]), *phrases[i]]
        if word[0].isupper():
            first = i == 0 or words[i - 1] in (".", "!", "?", ":", '"', "“", "«")
            found.append(f"cap={int(first)}|{single[i].get('cs', '')}")
        for step in NEAR:
            j = i + step
            if not 0 <= j < len(words):
                found.append(f"{step}w=")
                continue
            near = single[j]
            found.append(f"{step}w={near['w']}")
            if abs(step) <= 2:
                found.append(f"{step}sh={near['sh']}")
                found += [f"{step}{name}={value}" for name, value in own[j] if name in ("k0", "k1", "g")]
            if abs(step) == 1:
                found += [f"{step}s3={near.get('s3', '')}", f"{step}cs={near.get('cs', '')}",
                          f"{step}ww={single[min(i, j)]['w']}|{single[max(i, j)]['w']}",
                          f"{step}shsh={single[min(i, j)]['sh']}|{single[max(i, j)]['sh']}"]
        out.append(found)
    return out


def read_knowledge(out):
    with open(out / "ner/words.pkl", "rb") as file:
        return Knowledge(**pickle.load(file))


def training_sentences(arguments):
    """The annotated sentences, and those with names a second time with other names."""
    import ner_data
    import ner_names
    for language in ("en", "fr"):
        rng = ner_data.seeded(arguments.seed, language)
        for sentence in ner_data.read(arguments.data / f"ner/train.{language}.conll.xz"):
            yield sentence
            if sentence.entities() and rng.random() < arguments.renamed:
                yield ner_names.substituted(sentence, language, rng)


def train(arguments):
    import pycrfsuite
    knowledge = read_knowledge(arguments.out)
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params({"c1": arguments.c1, "c2": arguments.c2, "max_iterations": arguments.iterations,
                        "feature.possible_transitions": True, "feature.minfreq": 2})
    for sentence in training_sentences(arguments):
        trainer.append(attributes(sentence.tokens, knowledge), sentence.tags)
    trainer.train(str(arguments.out / "ner/crf.model"))
    development(arguments, knowledge)


def development(arguments, knowledge):
    from ner import development as sets, f1
    tagger = open_tagger(arguments.out / "ner/crf.model")
    for language, sentences in sets(arguments.data).items():
        scores = f1(sentences, [tagger.tag(attributes(s.tokens, knowledge)) for s in sentences])
        print(language, *(f"{source} {value:.4f}" for source, value in scores.items()), sep="\t", flush=True)


def open_tagger(path):
    import pycrfsuite
    tagger = pycrfsuite.Tagger()
    tagger.open(str(path))
    return tagger


def marginals(tagger, attributed, labels):
    """Rows of words, columns of labels."""
    tagger.set(attributed)
    known = set(tagger.labels())
    return numpy.array([[tagger.marginal(label, at) if label in known else 0. for label in labels] for at in range(len(attributed))])


def fnv1a(text):
    """The 64-bit FNV-1a hash, its halves folded together."""
    value = 0xcbf29ce484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001b3 & 0xffffffffffffffff
    return (value ^ value >> 32) & 0xffffffff


STATES = ["O", *(f"{prefix}-{kind}" for prefix in "BI" for kind in ("PER", "ORG", "LOC", "MISC"))]


def tables(tagger, knowledge, least):
    """The field as arrays in the order of the file (src/entity/crf/tables.rs says what each is), and its scale."""
    info, by_attribute = tagger.info(), {}
    for (attribute, label), weight in info.state_features.items():
        if abs(weight) >= least:
            by_attribute.setdefault(fnv1a(attribute), {})[STATES.index(label)] = weight
    scale = max(abs(w) for row in by_attribute.values() for w in row.values()) / 127
    keys = sorted(by_attribute)
    entries = [(label, round(weight / scale)) for key in keys for label, weight in sorted(by_attribute[key].items())]
    transitions = numpy.zeros((len(STATES), len(STATES)))
    for (before, after), weight in info.transitions.items():
        transitions[STATES.index(before), STATES.index(after)] = weight
    def by_hash(words):
        return sorted({fnv1a(word): word for word in words}.items())

    seen, listed = by_hash(knowledge.capitals.keys() | knowledge.clusters.keys()), by_hash(knowledge.words)
    phrases = sorted({fnv1a(phrase): bits for phrase, bits in knowledge.phrases.items()}.items())
    columns = [
        ("<f4", transitions), ("<u4", keys), ("u1", [len(by_attribute[key]) for key in keys]),
        ("u1", [label for label, _ in entries]), ("i1", [weight for _, weight in entries]),
        ("<u4", [key for key, _ in seen]), ("u1", [knowledge.capitals.get(word, 0) for _, word in seen]),
        ("<u2", [knowledge.clusters.get(word, (0xffff,) * 3) for _, word in seen]),
        ("<u4", [key for key, _ in listed]), ("<u2", [knowledge.words[word] for _, word in listed]),
        ("<u4", [key for key, _ in phrases]), ("u1", [bits for _, bits in phrases])]
    sizes = (len(keys), len(entries), len(seen), len(listed), len(phrases))
    return sizes, scale, [numpy.array(values).astype(kind) for kind, values in columns]


def write(tagger, knowledge, path, share, outside, least):
    sizes, scale, columns = tables(tagger, knowledge, least)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as out:
        out.write(b"DGCF" + struct.pack("<6I3f", 2, *sizes, scale, share, outside))
        for column in columns:
            out.write(column.tobytes())
    print("{} attributes, {} weights, {} words seen, {} listed, {} phrases, {} bytes".format(*sizes, path.stat().st_size))


def export(arguments):
    write(open_tagger(arguments.out / "ner/crf.model"), read_knowledge(arguments.out), arguments.to / "crf.bin",
          arguments.share, arguments.outside, arguments.least)


def mix(arguments):
    from crf_mix import report
    knowledge, tagger = read_knowledge(arguments.out), open_tagger(arguments.out / "ner/crf.model")
    report(arguments, lambda words: marginals(tagger, attributes(words, knowledge), STATES))


def fixture(arguments):
    """Words, what is known of them, and what the field makes of sentences, after training on sentences of our own."""
    import pycrfsuite
    knowledge = Knowledge({"dakar": 33, "le": 5, "market": 9}, {"dakar": (3, 40, 1200), "awa": (1, 2, 3), "said": (60, 12, 7)},
                          {"awa": 1, "dakar": 4, "ba": 2, "port": 1 << 8 | 1 << 10}, {"port sec": 32})
    annotated = [("Awa Ba said : « Port Sec is 12,5 km from Dakar . »", "B-PER I-PER O O O B-LOC I-LOC O O O O B-LOC O O"),
                 ("@awa_b The Port of Dakar’s market https://a.example", "O O B-LOC I-LOC I-LOC O O"),
                 ("Le Conseil de l’ ONU , à Dakar", "O B-ORG I-ORG I-ORG I-ORG O O B-LOC"), ("le market", "O O"),
                 ("Prix Baobab 2021 : Awa", "B-MISC I-MISC I-MISC O B-PER")]
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params({"c1": 0., "c2": .1, "max_iterations": 40, "feature.possible_transitions": True})
    for words, tags in annotated * 2:
        trainer.append(attributes(words.split(), knowledge), tags.split())
    path = arguments.to / "crf.model"
    trainer.train(str(path))
    tagger = open_tagger(path)
    write(tagger, knowledge, arguments.to / "crf.bin", .6, -.3, 0.)
    path.unlink()
    unseen = ["Le Port Sec , dit Awa", "Dakar’s 3 market @x #y Ba", "A", "ÉCOLE Œuvre d’ Awa Ba !"]
    rows = []
    for words in (text.split() for text in unseen + [words for words, _ in annotated]):
        found = attributes(words, knowledge)
        sums = [sum(map(fnv1a, attributes)) & 0xffffffff for attributes in found]
        rows.append({"words": words, "hashes": sums, "marginals": numpy.round(marginals(tagger, found, STATES), 6).tolist()})
    (arguments.to / "marginals.json").write_text(json.dumps(rows, ensure_ascii=False) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    one, two, three, four = (commands.add_parser(name) for name in ("train", "mix", "export", "fixture"))
    for command in (one, two, three):
        command.add_argument("--out", type=pathlib.Path, required=True)
    for command in (one, two):
        command.add_argument("--data", type=pathlib.Path, required=True)
    for name, default in (("--c1", .2), ("--c2", .05), ("--renamed", .5)):
        one.add_argument(name, type=float, default=default)
    one.add_argument("--iterations", type=int, default=100)
    one.add_argument("--seed", type=int, default=1)
    two.add_argument("--network", type=pathlib.Path, required=True, help="the exported network, f32 or int8")
    for command in (three, four):
        command.add_argument("--to", type=pathlib.Path, required=True)
    for name, default in (("--share", .6), ("--outside", -.3), ("--least", .02)):
        three.add_argument(name, type=float, default=default)
    for command, run in ((one, train), (two, mix), (three, export), (four, fixture)):
        command.set_defaults(run=run)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
