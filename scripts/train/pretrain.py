#!/usr/bin/env python3
"""Makes what the NER model starts from: a cased WordPiece vocabulary, piece vectors and, if asked, a masked language model.

usage: pretrain.py tokenizer --data DIR [--extra EUROPARL.tsv] --out WORK [--vocabulary 28000]
       pretrain.py vectors --out WORK [--pieces 20000000]
       pretrain.py masked --out WORK --minutes M [--device cpu|cuda]

`tokenizer` learns WORK/ner/tokenizer.json from both sides of the pairs, the NER training text and name lists, then writes
WORK/ner/text.npz (pieces of French and English sentences, interleaved for a third of the pairs, so that a word and its
translation share their surroundings). `vectors` trains skip-gram vectors on it: WORK/ner/vectors.npy, as many as there are
pieces. That is where most of what the model knows of names comes from when there is no GPU: a pass over 20 million
pieces takes minutes. `masked` goes on with masked language modelling from a checkpoint, WORK/ner/masked.pt.
"""
import argparse
import pathlib
import random
import time

import numpy
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

import ner_data
import ner_names
from prepare import WEIGHTS, read_pairs

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
# Manuals and law hold few names of people and places.
SKIPPED = {"laws", "php_docs", "python_docs", "django_docs", "gnome_docs"}


def sides(arguments):
    """Pairs of the mix and of the extra files, those too narrow left out, about `pairs` of them."""
    rng = random.Random(arguments.seed)
    pairs = []
    for path in [arguments.data / "mt/train.fr-en.tsv.xz", *arguments.extra]:
        for french, english, source in read_pairs(path):
            source = source.split(":")[0]
            share = arguments.share if source == "europarl" else .03 if source in SKIPPED else min(1, WEIGHTS.get(source, 1))
            if rng.random() < share and len(french) < 600:
                pairs.append((french, english))
    rng.shuffle(pairs)
    return pairs


def annotated(arguments):
    """Raw text of the NER training sets, once as it is and twice with other names in it."""
    texts = []
    for language in ("en", "fr"):
        sentences = ner_data.read(arguments.data / f"ner/train.{language}.conll.xz")
        for copy in range(3):
            rng = ner_data.seeded(arguments.seed, language, copy)
            for sentence in sentences:
                changed = ner_names.substituted(sentence, language, rng) if copy else sentence
                texts.append(ner_data.detokenise(ner_data.recased(changed, rng).tokens)[0])
    return texts


def wordpiece(texts, vocabulary):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=60))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.NFC(), normalizers.BertNormalizer(lowercase=False, strip_accents=False)])
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(vocab_size=vocabulary, special_tokens=SPECIAL, min_frequency=2, limit_alphabet=600,
                                        show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return tokenizer


def interleaved(first, second):
    """Both lists in one, each item at its share of the way."""
    keyed = [(i / len(first), x) for i, x in enumerate(first)] + [(i / len(second), x) for i, x in enumerate(second)]
    return [x for _, x in sorted(keyed, key=lambda pair: pair[0])]


def make_tokenizer(arguments):
    out = arguments.out / "ner"
    out.mkdir(parents=True, exist_ok=True)
    pairs, posts = sides(arguments), annotated(arguments)
    names = [name for language in ("en", "fr") for name in ner_names.all_names(language)]
    sample = [side for pair in pairs[:arguments.sample] for side in pair] + posts + names * 4
    tokenizer = wordpiece(sample, arguments.vocabulary)
    tokenizer.save(str(out / "tokenizer.json"), pretty=False)
    rng = random.Random(arguments.seed)
    flat, offsets = [], [0]

    def add(pieces):
        flat.append(numpy.array(pieces, dtype=numpy.uint16))
        offsets.append(offsets[-1] + len(pieces))

    def cut(texts):
        return [encoding.ids for encoding in tokenizer.encode_batch(texts, add_special_tokens=False)]

    for start in range(0, len(pairs), 10_000):
        chunk = pairs[start:start + 10_000]
        for french, english in zip(cut([pair[0] for pair in chunk]), cut([pair[1] for pair in chunk])):
            if french and english and rng.random() < 1 / 3:
                add(interleaved(french, english))
            else:
                add(french)
                add(english)
    for pieces in cut(posts):
        add(pieces)
    numpy.savez(out / "text.npz", pieces=numpy.concatenate(flat), offsets=numpy.array(offsets, dtype=numpy.int64),
                annotated=len(posts))
    print(f"{len(pairs)} pairs, {len(posts)} annotated sentences, {offsets[-1]} pieces, {tokenizer.get_vocab_size()} in all")


class Lines:
    """The sentences of text.npz as lists of piece names, shuffled, up to a number of pieces."""

    def __init__(self, path, limit, seed):
        data = numpy.load(path)
        self.pieces, self.offsets = data["pieces"], data["offsets"]
        self.names = numpy.array([str(i) for i in range(int(self.pieces.max()) + 1)], dtype=object)
        # The annotated sentences stand at the end and are few: they are always taken.
        rng, plain = numpy.random.default_rng(seed), len(self.offsets) - 1 - int(data["annotated"])
        order = rng.permutation(plain)
        order = order[:int(numpy.searchsorted(numpy.cumsum(numpy.diff(self.offsets)[order]), limit)) + 1]
        self.order = rng.permutation(numpy.concatenate([order, numpy.arange(plain, len(self.offsets) - 1)]))

    def __iter__(self):
        for i in self.order:
            yield self.names[self.pieces[self.offsets[i]:self.offsets[i + 1]]].tolist()


def make_vectors(arguments):
    from gensim.models import Word2Vec
    out = arguments.out / "ner"
    began = time.monotonic()
    model = Word2Vec(Lines(out / "text.npz", arguments.pieces, arguments.seed), vector_size=arguments.size, window=arguments.window,
                     sg=1, negative=5, sample=1e-4, min_count=3, workers=arguments.threads, epochs=arguments.epochs,
                     seed=arguments.seed, alpha=.04)
    size = Tokenizer.from_file(str(out / "tokenizer.json")).get_vocab_size()
    vectors = numpy.zeros((size, arguments.size), dtype=numpy.float32)
    for name in model.wv.index_to_key:
        vectors[int(name)] = model.wv[name]
    numpy.save(out / "vectors.npy", vectors)
    print(f"{len(model.wv)} of {size} pieces in {(time.monotonic() - began) / 60:.1f} minutes")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("tokenizer")
    one.add_argument("--data", type=pathlib.Path, required=True)
    one.add_argument("--extra", type=pathlib.Path, nargs="*", default=[], help="further pair files: europarl.tsv")
    one.add_argument("--share", type=float, default=.25, help="share of Europarl that is used")
    one.add_argument("--vocabulary", type=int, default=28_000)
    one.add_argument("--sample", type=int, default=250_000, help="pairs that the pieces are learned from")
    one.set_defaults(run=make_tokenizer)
    two = commands.add_parser("vectors")
    two.add_argument("--pieces", type=int, default=20_000_000)
    two.add_argument("--size", type=int, default=192)
    two.add_argument("--window", type=int, default=4)
    two.add_argument("--epochs", type=int, default=1)
    two.add_argument("--threads", type=int, default=1)
    two.set_defaults(run=make_vectors)
    for command in (one, two):
        command.add_argument("--out", type=pathlib.Path, required=True)
        command.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
