#!/usr/bin/env python3
"""Trains the translation model.

usage: translation.py --data DIR --out WORK --minutes M [--workers N] [--threads N] [--device cpu|cuda]

Reads WORK/mt/{pieces.npz,alignment.npz,spm.model} and development sets in DIR/mt. Writes WORK/mt/checkpoint.pt, from
which a second call goes on, and WORK/mt/log.tsv (minutes, step, target pieces, loss, alignment loss, development BLEU).
The learning rate follows the share of the time that is spent, so that a run ends well whatever else the machine does.

With --workers N, N processes train on different sentences and take the mean of their weights every few steps (local SGD,
Stich 2019): on two cores, two of one thread each saw 1.75 times the text that one alone sees.
"""
import argparse
import lzma
import math
import os
import pathlib
import tempfile
import time

import numpy
import sacrebleu
import sentencepiece
import torch
import torch.distributed
import torch.multiprocessing

from loss import ProjectedCrossEntropy
from marian import Marian


class Batches:
    """Batches of about `tokens` target pieces, of sentences of like length, in an order set by the seed."""

    def __init__(self, work, tokens, pad, seed, longest, keep):
        pieces, alignment = numpy.load(work / "mt/pieces.npz"), numpy.load(work / "mt/alignment.npz")
        self.source, self.target, self.links = pieces["source"], pieces["target"], alignment["links"]
        self.source_offsets, self.target_offsets = pieces["source_offsets"], pieces["target_offsets"]
        self.tokens, self.pad, self.seed = tokens, pad, seed
        lengths = numpy.maximum(numpy.diff(self.source_offsets), numpy.diff(self.target_offsets))
        usable = (lengths <= longest) & (lengths > 1)
        if keep < 1:
            # Only sentences with enough words to judge by; short ones are seldom misaligned.
            judged = usable & (lengths > 12)
            usable &= ~judged | (alignment["scores"] >= numpy.quantile(alignment["scores"][judged], 1 - keep))
        self.usable, self.lengths = numpy.flatnonzero(usable), lengths

    def epoch(self, number):
        rng = numpy.random.default_rng((self.seed, number))
        order = rng.permutation(self.usable)
        batches = []
        for chunk in numpy.array_split(order, max(1, len(order) // 20_000)):
            chunk = chunk[numpy.argsort(self.lengths[chunk], kind="stable")]
            start = 0
            while start < len(chunk):
                end = start + 1
                while end < len(chunk) and (end - start + 1) * self.lengths[chunk[end]] <= self.tokens:
                    end += 1
                batches.append(chunk[start:end])
                start = end
        rng.shuffle(batches)
        return batches

    def tensors(self, rows, device):
        def side(flat, offsets):
            width = max(int(offsets[r + 1] - offsets[r]) for r in rows)
            out = numpy.full((len(rows), width), self.pad, dtype=numpy.int64)
            for i, r in enumerate(rows):
                out[i, :offsets[r + 1] - offsets[r]] = flat[offsets[r]:offsets[r + 1]]
            return torch.from_numpy(out).to(device)
        return (side(self.source, self.source_offsets), side(self.target, self.target_offsets),
                side(self.links, self.target_offsets))


class Model:
    """The network with its optimizers: Muon for the inner matrices, AdamW for the rest."""

    def __init__(self, arguments, vocabulary):
        self.net = Marian(vocabulary, arguments.width, arguments.heads, arguments.inner, arguments.encoder_layers,
                          arguments.decoder_layers).to(arguments.device)
        if arguments.compile:
            self.net.forward = torch.compile(self.net.forward, dynamic=True)
        inner = [p for n, p in self.net.named_parameters() if p.ndim == 2 and n != "shared.weight"]
        rest = [p for n, p in self.net.named_parameters() if p.ndim != 2 or n == "shared.weight"]
        self.optimizers = [
            torch.optim.Muon(inner, lr=1, weight_decay=0., momentum=.95, adjust_lr_fn="match_rms_adamw"),
            torch.optim.AdamW(rest, lr=1, betas=(.9, .98), weight_decay=0.)]

    @torch.no_grad()
    def start_from(self, path):
        """Takes the embeddings that embedding.py made."""
        vectors = torch.from_numpy(numpy.load(path))
        self.net.shared.weight[:len(vectors)] = vectors.to(self.net.shared.weight)

    def step(self, rate):
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)

    def state(self):
        return {"net": self.net.state_dict(), "optimizers": [o.state_dict() for o in self.optimizers]}

    def load(self, state):
        self.net.load_state_dict(state["net"])
        # A model carried over to another vocabulary (widen.py) comes without.
        for optimizer, saved in zip(self.optimizers, state.get("optimizers", [])):
            optimizer.load_state_dict(saved)


class Worker:
    """One of the processes of a run: what they agree on."""

    def __init__(self, rank, arguments):
        self.rank, self.workers = rank, arguments.workers
        self.together = arguments.together if arguments.workers > 1 else 1
        if self.workers > 1:
            os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
            torch.distributed.init_process_group("gloo", init_method=f"file://{arguments.meeting}", rank=rank,
                                                 world_size=self.workers)

    def share_of(self, order):
        """This worker's part of the batches; all parts have the same length."""
        return order[:len(order) // self.workers * self.workers][self.rank::self.workers]

    def first(self, value):
        """The first worker's value, so that all stop and save at the same step."""
        return self.reduced(torch.tensor(value if self.rank == 0 else 0., dtype=torch.float64)).item()

    def total(self, values):
        return self.reduced(torch.as_tensor(values, dtype=torch.float64)).numpy()

    @torch.no_grad()
    def mean(self, net):
        """Gives all workers the mean of their weights."""
        if self.workers > 1:
            flat = torch.nn.utils.parameters_to_vector(net.parameters())
            torch.nn.utils.vector_to_parameters(self.reduced(flat) / self.workers, net.parameters())

    def reduced(self, tensor):
        if self.workers > 1:
            torch.distributed.all_reduce(tensor)
        return tensor


def loss_of(net, batch, arguments):
    """Label-smoothed cross-entropy a target piece, and the alignment head's loss."""
    source, target, links = batch
    previous = torch.cat([torch.full_like(target[:, :1], net.pad), target[:, :-1]], 1)
    kept = target != net.pad
    with torch.autocast(source.device.type, dtype=torch.bfloat16):
        states, attention = net(source, previous)
    weight, bias, gold = candidates(net, target[kept], arguments.negatives)
    loss = ProjectedCrossEntropy.apply(states[kept].float(), weight, bias, gold, arguments.smoothing)
    links = links.clamp(max=source.shape[1] - 1)
    alignment = -attention.gather(-1, links[..., None])[..., 0][kept].mean()
    return loss + arguments.alignment * alignment, loss.item(), alignment.item()


def candidates(net, gold, negatives):
    """The rows of the output layer that a step scores: the pieces of the batch and about `negatives` others.

    With 16,000 pieces the whole output layer takes half of a step. The drawn pieces stand for all that were not drawn: their
    scores are raised by the logarithm of what each stands for (importance sampling, Bengio and Senecal 2003).
    """
    size = net.pad
    if not negatives or negatives >= size:
        return net.shared.weight, net.bias, gold
    own = torch.zeros(size, dtype=torch.bool, device=gold.device)
    own[gold] = True
    drawn = (torch.rand(size, device=gold.device) < negatives / size) & ~own
    ids = torch.cat([own.nonzero()[:, 0], drawn.nonzero()[:, 0]])
    place = torch.empty(size, dtype=torch.long, device=gold.device)
    place[ids] = torch.arange(len(ids), device=gold.device)
    raised = torch.zeros(len(ids), device=gold.device)
    raised[int(own.sum()):] = math.log(size / negatives)
    return net.shared.weight[ids], net.bias[ids] + raised, place[gold]


def read_development(path, limit):
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines]
    return rows[::max(1, len(rows) // limit)][:limit]


@torch.no_grad()
def development_bleu(net, processor, rows, device):
    order = sorted(range(len(rows)), key=lambda i: len(rows[i][0]))
    outputs = [""] * len(rows)
    for start in range(0, len(order), 32):
        chosen = order[start:start + 32]
        ids = [processor.encode(rows[i][0])[:200] + [0] for i in chosen]
        width = max(map(len, ids))
        source = torch.tensor([x + [net.pad] * (width - len(x)) for x in ids], device=device)
        with torch.autocast(source.device.type, dtype=torch.bfloat16):
            decoded = net.greedy(source, int(1.3 * width) + 8).tolist()
        for i, out in zip(chosen, decoded):
            outputs[i] = processor.decode(out[:out.index(0)] if 0 in out else out)
    return sacrebleu.corpus_bleu(outputs, [[row[1] for row in rows]]).score


def train(rank, arguments):
    torch.set_num_threads(arguments.threads)
    worker = Worker(rank, arguments)
    torch.manual_seed(arguments.seed + rank)
    work = arguments.out / "mt"
    processor = sentencepiece.SentencePieceProcessor(model_file=str(work / "spm.model"))
    pad = processor.get_piece_size()
    batches = Batches(arguments.out, arguments.tokens, pad, arguments.seed, arguments.longest, arguments.keep)
    model = Model(arguments, pad + 1)
    step, seen, spent, epoch, at = 0, 0, 0., 0, 0
    if (work / "checkpoint.pt").exists():
        saved = torch.load(work / "checkpoint.pt", map_location=arguments.device, weights_only=False)
        model.load(saved["model"])
        step, seen, spent, epoch, at = (saved[k] for k in ("step", "seen", "spent", "epoch", "at"))
    elif (work / "embedding.npy").exists():
        model.start_from(work / "embedding.npy")
    worker.mean(model.net)
    flores = read_development(arguments.data / "mt/dev.flores.tsv.xz", 100)
    sums, began, saved_at = numpy.zeros(4), time.monotonic() - 60 * spent, time.monotonic()
    while True:
        order = worker.share_of(batches.epoch(epoch))
        while at < len(order):
            share = (time.monotonic() - began) / 60 / arguments.minutes
            rate = arguments.rate * min(1, (step + 1) / arguments.warmup) * max(0., 1 - share) ** arguments.decay
            if step % worker.together == 0:
                worker.mean(model.net)
                done = worker.first(float(share >= 1)) > 0
                if done or worker.first(time.monotonic() - saved_at) > 60 * arguments.every:
                    sums, saved_at = worker.total(sums), time.monotonic()
                    seen += int(sums[3])
                    if rank == 0:
                        bleu = development_bleu(model.net, processor, flores, arguments.device)
                        state = {"model": model.state(), "step": step, "seen": seen, "epoch": epoch, "at": at,
                                 "spent": (time.monotonic() - began) / 60, "shape": vars(arguments)}
                        save(work, state, sums / max(1, sums[2]), bleu)
                    sums = numpy.zeros(4)
                    if done:
                        return
            batch = batches.tensors(order[at], arguments.device)
            total, loss, alignment = loss_of(model.net, batch, arguments)
            total.backward()
            model.step(rate)
            sums += (loss, alignment, 1, int((batch[1] != pad).sum()))
            step, at = step + 1, at + 1
        epoch, at = epoch + 1, 0


def save(work, state, mean, bleu):
    """Writes the checkpoint and a line of the log."""
    torch.save(state, work / "checkpoint.tmp")
    os.replace(work / "checkpoint.tmp", work / "checkpoint.pt")
    with open(work / "log.tsv", "a") as log:
        log.write(f"{state['spent']:.1f}\t{state['step']}\t{state['seen']}\t{mean[0]:.3f}\t{mean[1]:.3f}\t{bleu:.2f}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--workers", type=int, default=1, help="processes that train together")
    parser.add_argument("--together", type=int, default=20, help="steps after which workers take the mean of their weights")
    parser.add_argument("--threads", type=int, help="threads of a worker")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--heads", type=int, default=8)
    parser.add_argument("--inner", type=int, default=1024)
    parser.add_argument("--encoder-layers", type=int, default=4)
    parser.add_argument("--decoder-layers", type=int, default=2)
    parser.add_argument("--tokens", type=int, default=3000, help="target pieces a batch, padding counted")
    parser.add_argument("--longest", type=int, default=96, help="pieces of the longest sentence used")
    parser.add_argument("--keep", type=float, default=1., help="share of the longer pairs to train on, the most literal first")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--warmup", type=int, default=200)
    parser.add_argument("--decay", type=float, default=1., help="power of the decay of the learning rate")
    parser.add_argument("--smoothing", type=float, default=.1)
    parser.add_argument("--alignment", type=float, default=.2, help="weight of the alignment loss")
    parser.add_argument("--negatives", type=int, default=0, help="pieces scored beside those of the batch (0: all)")
    parser.add_argument("--compile", action="store_true",
                        help="compile the network (needs a C++ compiler; a fifth less time a step on a CPU)")
    parser.add_argument("--every", type=float, default=10., help="minutes between checkpoints")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    arguments.threads = arguments.threads or max(1, os.cpu_count() // arguments.workers)
    if arguments.workers == 1:
        return train(0, arguments)
    with tempfile.TemporaryDirectory() as folder:
        arguments.meeting = pathlib.Path(folder) / "meeting"
        torch.multiprocessing.spawn(train, (arguments,), nprocs=arguments.workers)


if __name__ == "__main__":
    main()
