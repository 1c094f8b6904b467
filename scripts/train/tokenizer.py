#!/usr/bin/env python3
"""Trains the joint SentencePiece model of the translation model and encodes the training text with it.

usage: tokenizer.py --out WORK [--vocabulary 8000 | --keep]

Reads WORK/mt/train.tsv; with --keep also WORK/mt/spm.model, instead of training one. Writes WORK/mt/{spm.model,vocab.json,pieces.npz}: ids of both sides, flat, with offsets.
Ids: 0 `</s>`, 1 `<unk>`, then pieces, `<pad>` last, as MarianTokenizer expects.
"""
import argparse
import json
import pathlib

import numpy
import sentencepiece

from prepare import PLACEHOLDERS


def train(work, vocabulary, sample):
    lines = []
    with open(work / "mt/raw.tsv", encoding="utf-8") as pairs:
        for i, line in enumerate(pairs):
            if i >= sample:
                break
            lines.extend(line.rstrip("\n").split("\t"))
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_prefix=str(work / "mt/spm"), vocab_size=vocabulary - 1, model_type="unigram",
        character_coverage=.9999, eos_id=0, unk_id=1, bos_id=-1, pad_id=-1, user_defined_symbols=PLACEHOLDERS,
        normalization_rule_name="nmt_nfkc", num_threads=2, minloglevel=2, max_sentence_length=2000)


def encode(work, processor):
    sides = {"source": [], "target": []}
    with open(work / "mt/train.tsv", encoding="utf-8") as pairs:
        rows = [line.rstrip("\n").split("\t") for line in pairs]
    for side, column in (("source", 0), ("target", 1)):
        sides[side] = [ids + [0] for ids in processor.encode([row[column] for row in rows])]
    arrays = {}
    for side, sentences in sides.items():
        arrays[side] = numpy.concatenate([numpy.array(s, dtype=numpy.uint16) for s in sentences])
        arrays[f"{side}_offsets"] = numpy.cumsum([0] + [len(s) for s in sentences]).astype(numpy.int64)
    numpy.savez(work / "mt/pieces.npz", **arrays)
    print({side: len(arrays[side]) for side in sides})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--vocabulary", type=int, default=8000)
    parser.add_argument("--keep", action="store_true", help="encode with the model that is there")
    parser.add_argument("--sample", type=int, default=300_000, help="pairs that the pieces are learned from")
    arguments = parser.parse_args()
    if not arguments.keep:
        train(arguments.out, arguments.vocabulary, arguments.sample)
    processor = sentencepiece.SentencePieceProcessor(model_file=str(arguments.out / "mt/spm.model"))
    vocabulary = {processor.id_to_piece(i): i for i in range(processor.get_piece_size())}
    vocabulary["<pad>"] = len(vocabulary)
    (arguments.out / "mt/vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    encode(arguments.out, processor)


if __name__ == "__main__":
    main()
