#!/usr/bin/env python3
"""Carries a translation model over to another vocabulary.

usage: widen.py --from OLD --out WORK

Reads OLD/mt/{checkpoint.pt,spm.model} and WORK/mt/{spm.model,embedding.npy}. Writes WORK/mt/checkpoint.pt, from which
translation.py goes on: inner layers as they are, and for each piece of the new vocabulary its old vector, or else the
mean of the vectors of the old pieces that spell it and what a linear map from the new starting embeddings predicts.
A small vocabulary learns fast on a CPU; a larger one translates faster and better once the layers are trained.
"""
import argparse
import pathlib

import numpy
import sentencepiece
import torch


def spelled(piece, old):
    """Ids of the old pieces that spell a new one."""
    word = piece.startswith("\u2581")
    pieces = old.encode(piece.lstrip("\u2581") or "\u2581", out_type=str)
    if not word and pieces:
        # Inside a word no piece begins with the word mark.
        pieces = [p for p in [pieces[0].lstrip("\u2581"), *pieces[1:]] if p]
    return [old.piece_to_id(p) for p in pieces if not old.is_unknown(old.piece_to_id(p))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="old", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    saved = torch.load(arguments.old / "mt/checkpoint.pt", map_location="cpu", weights_only=False)
    old, new = (sentencepiece.SentencePieceProcessor(model_file=str(d / "mt/spm.model")) for d in (arguments.old, arguments.out))
    net = saved["model"]["net"]
    weights, bias = net["shared.weight"].float().numpy(), net["bias"].float().numpy()
    known = {old.id_to_piece(i): i for i in range(old.get_piece_size())}
    size = new.get_piece_size()
    start = numpy.load(arguments.out / "mt/embedding.npy")
    start = numpy.concatenate([start, numpy.zeros((size - len(start), start.shape[1]))])
    pieces = [new.id_to_piece(i) for i in range(size)]
    shared = [(i, known[p]) for i, p in enumerate(pieces) if p in known]
    here, there = (numpy.array(side) for side in zip(*shared))
    mapping = numpy.linalg.lstsq(start[here], weights[there], rcond=None)[0]
    predicted = start @ mapping
    vectors, biases = numpy.zeros((size + 1, weights.shape[1])), numpy.zeros(size + 1)
    length = numpy.linalg.norm(weights[there], axis=1).mean()
    for i, piece in enumerate(pieces):
        if piece in known:
            vectors[i], biases[i] = weights[known[piece]], bias[known[piece]]
            continue
        ids = spelled(piece, old)
        guess = predicted[i] + (weights[ids].mean(0) if ids else 0)
        vectors[i] = guess * length / max(numpy.linalg.norm(guess), 1e-6)
        biases[i] = bias[:-1].mean()
    vectors[-1], biases[-1] = weights[-1], bias[-1]
    net["shared.weight"], net["bias"] = torch.tensor(vectors).float(), torch.tensor(biases).float()
    # The optimizers' moments of the inner layers would fit, those of the embeddings do not: they warm up again.
    saved["model"].pop("optimizers")
    saved.update(epoch=0, at=0, step=0, spent=0.)
    torch.save(saved, arguments.out / "mt/checkpoint.pt")
    print(f"{len(shared)} of {size} pieces carried over as they are")


if __name__ == "__main__":
    main()
