#!/usr/bin/env python3
"""Starting embeddings in which a piece lies close to its translations.

usage: embedding.py --out WORK [--width 256]

Reads WORK/mt/{pieces,alignment}.npz. Counts how often a source piece is linked with a target piece, and factorises the
positive pointwise mutual information (Levy and Goldberg 2014) by truncated SVD. Writes WORK/mt/embedding.npy.
"""
import argparse
import pathlib

import numpy
import scipy.sparse
import scipy.sparse.linalg


def link_counts(pieces, links, sample):
    offsets, target_offsets = pieces["source_offsets"], pieces["target_offsets"]
    end = target_offsets[min(sample, len(target_offsets) - 1)]
    target = pieces["target"][:end].astype(numpy.int64)
    sentence = numpy.searchsorted(target_offsets, numpy.arange(end), side="right") - 1
    source = pieces["source"][offsets[sentence] + links[:end]].astype(numpy.int64)
    size = int(max(pieces["source"].max(), pieces["target"].max())) + 1
    return scipy.sparse.coo_matrix((numpy.ones(end), (source, target)), shape=(size, size)).tocsr()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--sample", type=int, default=1_000_000, help="pairs to count")
    arguments = parser.parse_args()
    pieces = numpy.load(arguments.out / "mt/pieces.npz")
    counts = link_counts(pieces, numpy.load(arguments.out / "mt/alignment.npz")["links"], arguments.sample).tocoo()
    rows, columns = numpy.asarray(counts.sum(1)).ravel(), numpy.asarray(counts.sum(0)).ravel()
    information = numpy.log(counts.data * counts.data.sum() / (rows[counts.row] * columns[counts.col])) - .5
    kept = (information > 0) & (counts.data > 2)
    matrix = scipy.sparse.csr_matrix((information[kept], (counts.row[kept], counts.col[kept])), shape=counts.shape)
    left, values, right = scipy.sparse.linalg.svds(matrix, k=arguments.width, v0=numpy.ones(matrix.shape[0]))
    # A piece of both languages takes each role by how often it plays it.
    share = (rows / numpy.maximum(rows + columns, 1))[:, None]
    vectors = (share * left + (1 - share) * right.T) * numpy.sqrt(values)
    noise = numpy.random.default_rng(1).normal(size=vectors.shape) * .2 / numpy.sqrt(arguments.width)
    vectors = vectors / numpy.maximum(numpy.linalg.norm(vectors, axis=1, keepdims=True), 1e-6) + noise
    numpy.save(arguments.out / "mt/embedding.npy", vectors.astype(numpy.float32))
    print(vectors.shape)


if __name__ == "__main__":
    main()
