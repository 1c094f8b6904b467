#!/usr/bin/env python3
"""Makes what the NER model starts from: a cased WordPiece vocabulary, piece vectors and, if asked, a masked language model.

usage: pretrain.py tokenizer --data DIR [--extra EUROPARL.tsv] --out WORK [--vocabulary 28000] [--sample 120000]
       pretrain.py vectors --out WORK [--pieces 16000000]
       pretrain.py masked --out WORK --minutes M [--layers L] [--device cpu|cuda]

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
CLS, SEP, MASK = 2, 3, 4
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


def cased(vocabulary=None):
    """A cased WordPiece tokenizer, with a vocabulary or to be trained."""
    known = {"vocab": {piece: i for i, piece in enumerate(vocabulary)}} if vocabulary else {}
    tokenizer = Tokenizer(models.WordPiece(**known, unk_token="[UNK]", max_input_chars_per_word=60))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.NFC(), normalizers.BertNormalizer(lowercase=False, strip_accents=False)])
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return tokenizer


def wordpiece(texts, vocabulary):
    tokenizer = cased()
    trainer = trainers.WordPieceTrainer(vocab_size=vocabulary, special_tokens=SPECIAL, min_frequency=2, limit_alphabet=600,
                                        show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
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
    flat, offsets, mixed = [], [0], []

    def add(pieces, both=False):
        flat.append(numpy.array(pieces, dtype=numpy.uint16))
        offsets.append(offsets[-1] + len(pieces))
        mixed.append(both)

    def cut(texts):
        return [encoding.ids for encoding in tokenizer.encode_batch(texts, add_special_tokens=False)]

    for start in range(0, len(pairs), 10_000):
        chunk = pairs[start:start + 10_000]
        for french, english in zip(cut([pair[0] for pair in chunk]), cut([pair[1] for pair in chunk])):
            if french and english and rng.random() < 1 / 3:
                add(interleaved(french, english), True)
            else:
                add(french)
                add(english)
    for pieces in cut(posts):
        add(pieces)
    numpy.savez(out / "text.npz", pieces=numpy.concatenate(flat), offsets=numpy.array(offsets, dtype=numpy.int64),
                annotated=len(posts), mixed=numpy.array(mixed))
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
    model = Word2Vec(Lines(out / "text.npz", arguments.pieces, arguments.seed), vector_size=arguments.size,
                     window=arguments.window, sg=1, negative=5, sample=1e-4, min_count=3, workers=arguments.threads,
                     epochs=arguments.epochs, seed=arguments.seed, alpha=.04)
    size = Tokenizer.from_file(str(out / "tokenizer.json")).get_vocab_size()
    vectors = numpy.zeros((size, arguments.size), dtype=numpy.float32)
    for name in model.wv.index_to_key:
        vectors[int(name)] = model.wv[name]
    numpy.save(out / "vectors.npy", vectors)
    print(f"{len(model.wv)} of {size} pieces in {(time.monotonic() - began) / 60:.1f} minutes")


class Packed:
    """Endless batches of [CLS] sentence [SEP] sentence [SEP] ... rows, with whole words masked."""

    def __init__(self, path, tokenizer, arguments):
        data = numpy.load(path)
        self.pieces, self.offsets, self.mixed = data["pieces"], data["offsets"], data["mixed"]
        inner = sorted(i for piece, i in tokenizer.get_vocab().items() if piece.startswith("##"))
        self.size, self.width = tokenizer.get_vocab_size(), arguments.width
        self.rows = max(1, arguments.tokens // arguments.width)
        self.continues = numpy.zeros(self.size, dtype=bool)
        self.continues[inner] = True
        self.rng = numpy.random.default_rng(arguments.seed)

    def stream(self):
        while True:
            for i in self.rng.permutation(numpy.flatnonzero(~self.mixed)):
                yield self.pieces[self.offsets[i]:self.offsets[i + 1]]

    def __iter__(self):
        rows, row = [], [CLS]
        for sentence in self.stream():
            row = [*row, *sentence.tolist(), SEP]
            if len(row) >= self.width:
                rows.append(row[:self.width])
                row = [CLS]
            if len(rows) == self.rows:
                yield self.masked(numpy.array(rows, dtype=numpy.int64))
                rows = []

    def masked(self, ids):
        """The rows with 15 % of their words hidden (80 % [MASK], 10 % another piece, 10 % as they are), and which."""
        words = numpy.cumsum(~self.continues[ids], axis=1)
        hidden = numpy.take_along_axis(self.rng.random(ids.shape) < .15, words - 1, axis=1) & (ids > MASK)
        draw = self.rng.random(ids.shape)
        shown = numpy.where(hidden & (draw < .8), MASK, ids)
        shown = numpy.where(hidden & (draw > .9), self.rng.integers(MASK + 1, self.size, ids.shape), shown)
        return shown, ids, hidden


def make_masked(arguments):
    import torch

    import ner_model
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    out, device = arguments.out / "ner", arguments.device
    tokenizer = Tokenizer.from_file(str(out / "tokenizer.json"))
    config = ner_model.configuration(tokenizer.get_vocab_size(), arguments.layers, arguments.hidden, arguments.inner,
                                     arguments.heads)
    vectors = numpy.load(out / "vectors.npy") if (out / "vectors.npy").exists() else None
    net = ner_model.masked_model(config, vectors, arguments.seed).to(device)
    adam, step, spent = ner_model.Optimizer(net), 0, 0.
    if (out / "masked.pt").exists():
        saved = torch.load(out / "masked.pt", map_location=device, weights_only=False)
        net.load_state_dict(saved["net"])
        adam.load(saved["adam"])
        step, spent = saved["step"], saved["spent"]
        arguments.seed += step
    log = open(out / "masked.log.tsv", "a", buffering=1, encoding="utf-8")
    began, saved_at, losses = time.monotonic() - 60 * spent, time.monotonic(), []
    for shown, ids, hidden in Packed(out / "text.npz", tokenizer, arguments):
        share = (time.monotonic() - began) / 60 / arguments.minutes
        if share >= 1 or time.monotonic() - saved_at > 60 * arguments.every:
            log.write(f"{share * arguments.minutes:.1f}\t{step}\t{numpy.mean(losses or [0]):.3f}\n")
            torch.save({"net": net.state_dict(), "adam": adam.state(), "step": step,
                        "spent": min(share, 1) * arguments.minutes}, out / "masked.tmp")
            (out / "masked.tmp").replace(out / "masked.pt")
            saved_at, losses = time.monotonic(), []
            if share >= 1:
                return
        where = torch.from_numpy(hidden).to(device)
        with torch.autocast(device, dtype=torch.bfloat16):
            states = net.bert(input_ids=torch.from_numpy(shown).to(device)).last_hidden_state
            logits = net.cls(states[where])
        loss = torch.nn.functional.cross_entropy(logits.float(), torch.from_numpy(ids).to(device)[where])
        loss.backward()
        adam.step(arguments.rate * min(1, (step + 1) / arguments.warmup) * max(.02, 1 - share))
        losses.append(loss.item())
        step += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("tokenizer")
    one.add_argument("--data", type=pathlib.Path, required=True)
    one.add_argument("--extra", type=pathlib.Path, nargs="*", default=[], help="further pair files: europarl.tsv")
    one.add_argument("--share", type=float, default=.25, help="share of Europarl that is used")
    one.add_argument("--vocabulary", type=int, default=28_000)
    one.add_argument("--sample", type=int, default=120_000, help="pairs that the pieces are learned from")
    one.set_defaults(run=make_tokenizer)
    two = commands.add_parser("vectors")
    two.add_argument("--pieces", type=int, default=16_000_000)
    two.add_argument("--size", type=int, default=192)
    two.add_argument("--window", type=int, default=4)
    two.add_argument("--epochs", type=int, default=1)
    two.add_argument("--threads", type=int, default=1)
    two.set_defaults(run=make_vectors)
    three = commands.add_parser("masked")
    for name, default in (("--layers", 3), ("--hidden", 256), ("--inner", 1024), ("--heads", 8), ("--tokens", 2048),
                          ("--width", 128), ("--warmup", 200), ("--threads", 1)):
        three.add_argument(name, type=int, default=default)
    for name, default in (("--rate", 1e-3), ("--every", 5.)):
        three.add_argument(name, type=float, default=default)
    three.add_argument("--minutes", type=float, required=True)
    three.add_argument("--device", default="cpu")
    three.set_defaults(run=make_masked)
    for command in (one, two, three):
        command.add_argument("--out", type=pathlib.Path, required=True)
        command.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
