#!/usr/bin/env python3
"""Trains the NER model, scores it and exports it.

usage: ner.py train --data DIR --out WORK --minutes M [--layers L] [--device cpu|cuda] [--threads N]
       ner.py mean --out WORK --of WORK1 WORK2 ...
       ner.py score --data DIR --out WORK [--int8]
       ner.py export --out WORK --to DIR

`train` starts from WORK/ner/masked.pt (pretrained.py: a published encoder, or pretrain.py), or where there is none from
WORK/ner/{tokenizer.json,vectors.npy} (pretrain.py). It reads DIR/ner/train.*.conll.xz, WORK/ner/silver*.conll.xz
(ner_silver.py, ner_teacher.py) where there are any, and written templates. It saves WORK/ner/checkpoint.pt, from which a
second call goes on, and appends to WORK/ner/log.tsv: minutes, step, loss, F1 on dev.en and dev.fr, then by source; on a third
of the sentences but for the last line. The learning rate follows the share of the time that is spent. `mean` averages the
weights of runs from one start, which is better than each of them (Wortsman et al. 2022, model soups). `export` writes what
`BertForTokenClassification` reads; `export.py quantize` makes int8 of it.
"""
import argparse
import json
import os
import pathlib
import shutil
import time

import numpy
import seqeval.metrics
import torch
from tokenizers import Tokenizer

import ner_data
import ner_model
import ner_names
import ner_templates
from export import quantize
from ner_data import IDS, IGNORED, LABELS, WITH_MISC

# How often a sentence of a source is seen in an epoch, so that small and hard sources count, and one without a name.
REPEATS = {"btc": .8, "wnut17": 2., "wikigold": 1.5, "tweebank": 2., "uner_ewt": 2., "europeana_fr": .8, "newseye_fr": 2.5}
WITHOUT_NAME = {"btc": .7, "fr_litbank": .7}
UNKNOWN = 1


class Epochs:
    """Encoded training sentences of an epoch: each time other names, other casing, other templates."""

    def __init__(self, arguments, encoder):
        self.encoder, self.seed, self.templates = encoder, arguments.seed, arguments.templates
        self.sets = [(language, ner_data.read(path)) for language in ("en", "fr")
                     for path in [arguments.data / f"ner/train.{language}.conll.xz",
                                  *sorted((arguments.out / "ner").glob(f"silver*.{language}.conll.xz"))]]
        self.silver, self.renamed = arguments.silver, arguments.renamed

    def __call__(self, number):
        rng = ner_data.seeded(self.seed, number)
        chosen = []
        for language, sentences in self.sets:
            for sentence in sentences:
                share = REPEATS.get(sentence.source, self.silver if sentence.source.startswith("silver") else 1.)
                if not any(tag != "O" for tag in sentence.tags):
                    share *= WITHOUT_NAME.get(sentence.source, 1.)
                for _ in range(int(share) + (rng.random() < share % 1)):
                    changed = ner_names.substituted(sentence, language, rng) if rng.random() < self.renamed else sentence
                    chosen.append(ner_data.recased(changed, rng))
        chosen.extend(ner_data.recased(s, rng) for s in ner_templates.sentences(self.templates, rng))
        return self.encoder.encode(chosen)


def tensors(examples, device):
    width = max(len(e.ids) for e in examples)
    ids = numpy.zeros((len(examples), width), dtype=numpy.int64)
    labels = numpy.full((len(examples), width), IGNORED, dtype=numpy.int64)
    for i, e in enumerate(examples):
        ids[i, :len(e.ids)], labels[i, :len(e.ids)] = e.ids, e.labels
    hidden = torch.tensor([e.hidden_misc for e in examples], device=device)
    return torch.from_numpy(ids).to(device), torch.from_numpy(labels).to(device), hidden


def tag_loss(logits, labels, hidden):
    """Cross-entropy over words; where MISC is not annotated, O stands for "O or MISC"."""
    kept = labels != IGNORED
    scores = logits.float()[kept].log_softmax(-1)
    gold = labels[kept]
    right = scores.gather(1, gold[:, None])[:, 0]
    either = scores[:, [IDS["O"], IDS["B-MISC"], IDS["I-MISC"]]].logsumexp(-1)
    covered = hidden[:, None].expand_as(labels)[kept] & (gold == 0)
    return -torch.where(covered, either, right).mean()


@torch.no_grad()
def predict(net, encoder, sentences, device, bias=0.):
    """A BIO2 tag for each token of each sentence, as the run time would give it; `bias` is added to O's score."""
    net.eval()
    examples = encoder.encode(sentences)
    order = sorted(range(len(examples)), key=lambda i: len(examples[i].ids))
    out = [None] * len(examples)
    for start in range(0, len(order), 64):
        rows = order[start:start + 64]
        ids, _, _ = tensors([examples[i] for i in rows], device)
        with torch.autocast(device, dtype=torch.bfloat16, enabled=device == "cuda"):
            logits = net(input_ids=ids, attention_mask=(ids != 0).long()).logits.float()
        logits[..., 0] += bias
        for i, best in zip(rows, logits.argmax(-1).tolist()):
            tags, previous = [], "O"
            for head in examples[i].heads:
                tag = LABELS[best[head]] if head >= 0 else previous if previous == "O" else "I" + previous[1:]
                tags.append(tag)
                previous = tag
            out[i] = tags
    net.train()
    return out


def f1(sentences, predicted):
    """Entity F1 of all and of each source; MISC counts only where it is annotated."""
    def clean(tags, source):
        return [tag if not tag.endswith("MISC") or source in WITH_MISC else "O" for tag in tags]
    gold = [clean(s.tags, s.source) for s in sentences]
    guess = [clean(tags, s.source) for s, tags in zip(sentences, predicted)]
    scores = {"all": seqeval.metrics.f1_score(gold, guess)}
    for source in sorted({s.source for s in sentences}):
        rows = [i for i, s in enumerate(sentences) if s.source == source]
        scores[source] = seqeval.metrics.f1_score([gold[i] for i in rows], [guess[i] for i in rows])
    return scores


def development(data):
    return {language: ner_data.read(data / f"ner/dev.{language}.conll.xz") for language in ("en", "fr")}


def scores_of(net, encoder, dev, device):
    return {language: f1(s, predict(net, encoder, s, device)) for language, s in dev.items()}


def dropped(ids, share):
    """The pieces with some made unknown, so that the context has to tell."""
    hit = (torch.rand(ids.shape, device=ids.device) < share) & (ids > 4)
    return ids.masked_fill(hit, UNKNOWN)


def new_net(arguments, size):
    """The net and its optimizer; a published encoder (pretrained.py) brings its own shape."""
    masked, vectors = arguments.out / "ner/masked.pt", arguments.out / "ner/vectors.npy"
    saved = torch.load(masked, map_location="cpu", weights_only=False) if masked.exists() else {}
    for name, value in saved.get("published", {}).items():
        setattr(arguments, name, value)
    config = ner_model.configuration(size, arguments.layers, arguments.size, arguments.inner, arguments.heads,
                                     arguments.dropout)
    published = "published" in saved
    net = ner_model.tagger(config, numpy.load(vectors) if vectors.exists() else None, arguments.seed, not published)
    net.load_state_dict({k: v for k, v in saved.get("net", {}).items() if k.startswith("bert.")}, strict=False)
    net = net.to(arguments.device)
    # A name that was not trained on stays among those that were.
    net.bert.embeddings.word_embeddings.weight.requires_grad_(not arguments.fixed_words)
    return net, ner_model.Optimizer(net, published)


def train(arguments):
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    work, device = arguments.out / "ner", arguments.device
    encoder = ner_data.Encoder(Tokenizer.from_file(str(work / "tokenizer.json")))
    net, adam = new_net(arguments, encoder.tokenizer.get_vocab_size())
    mean = {k: v.clone() for k, v in net.state_dict().items()}
    step, epoch, spent = 0, 0, 0.
    if (work / "checkpoint.pt").exists():
        saved = torch.load(work / "checkpoint.pt", map_location=device, weights_only=False)
        net.load_state_dict(saved["raw"])
        if saved.get("adam"):
            adam.load(saved["adam"])
        mean, step, epoch, spent = saved["net"], saved["step"], saved["epoch"], saved["spent"]
    epochs, dev = Epochs(arguments, encoder), development(arguments.data)
    log = open(work / "log.tsv", "a", buffering=1, encoding="utf-8")
    began, saved_at, losses = time.monotonic() - 60 * spent, time.monotonic(), []
    net.train()
    while True:
        examples = epochs(epoch)
        rng = numpy.random.default_rng((arguments.seed, epoch))
        order = ner_data.batches([len(e.ids) for e in examples], arguments.tokens, rng)
        epoch += 1
        for rows in order:
            share = (time.monotonic() - began) / 60 / arguments.minutes
            if share >= 1 or time.monotonic() - saved_at > 60 * arguments.every:
                part = {k: v if share >= 1 else v[::3] for k, v in dev.items()}
                report(net, mean, encoder, part, arguments, log, share, step, losses)
                shape = {k: v for k, v in vars(arguments).items() if k != "run"}
                state = {"net": mean, "raw": net.state_dict(), "adam": adam.state(), "step": step, "epoch": epoch,
                         "spent": min(share, 1) * arguments.minutes, "shape": shape}
                torch.save(state, work / "checkpoint.tmp")
                os.replace(work / "checkpoint.tmp", work / "checkpoint.pt")
                saved_at, losses = time.monotonic(), []
                if share >= 1:
                    return
            ids, labels, hidden = tensors([examples[i] for i in rows], device)
            with torch.autocast(device, dtype=torch.bfloat16):
                logits = net(input_ids=dropped(ids, arguments.drop), attention_mask=(ids != 0).long()).logits
            loss = tag_loss(logits, labels, hidden)
            loss.backward()
            adam.step(arguments.rate * min(1, (step + 1) / arguments.warmup) * max(.02, 1 - share))
            losses.append(loss.item())
            step += 1
            if step % 20 == 0:
                average(mean, net.state_dict(), min(.94, step / (step + 200)))


@torch.no_grad()
def average(mean, state, decay):
    for name, value in state.items():
        mean[name].lerp_(value, 1 - decay) if value.is_floating_point() else mean[name].copy_(value)


def report(net, mean, encoder, dev, arguments, log, share, step, losses):
    """Scores the averaged weights and logs a line."""
    raw = {k: v.clone() for k, v in net.state_dict().items()}
    net.load_state_dict(mean)
    scores = scores_of(net, encoder, dev, arguments.device)
    net.load_state_dict(raw)
    parts = [f"{share * arguments.minutes:.1f}", str(step), f"{numpy.mean(losses or [0]):.4f}",
             f"{scores['en']['all']:.4f}", f"{scores['fr']['all']:.4f}"]
    parts += [f"{source}={value:.3f}" for language in scores.values() for source, value in language.items() if source != "all"]
    log.write("\t".join(parts) + "\n")


def trained(arguments):
    saved = torch.load(arguments.out / "ner/checkpoint.pt", map_location="cpu", weights_only=False)
    shape = argparse.Namespace(**saved["shape"])
    encoder = ner_data.Encoder(Tokenizer.from_file(str(arguments.out / "ner/tokenizer.json")), longest=512)
    config = ner_model.configuration(encoder.tokenizer.get_vocab_size(), shape.layers, shape.size, shape.inner, shape.heads)
    net = ner_model.tagger(config)
    net.load_state_dict(saved["net"])
    return net, encoder


def mean(arguments):
    """Averages the weights of finished runs with one tokenizer; the shape is that of the first."""
    saved = [torch.load(work / "ner/checkpoint.pt", map_location="cpu", weights_only=False) for work in arguments.of]
    state = {name: torch.stack([run["net"][name] for run in saved]).mean(0) if value.is_floating_point() else value
             for name, value in saved[0]["net"].items()}
    (arguments.out / "ner").mkdir(parents=True, exist_ok=True)
    shutil.copy(arguments.of[0] / "ner/tokenizer.json", arguments.out / "ner/tokenizer.json")
    torch.save({"net": state, "shape": saved[0]["shape"]}, arguments.out / "ner/checkpoint.pt")


def as_int8(net):
    """Rounds the weights as `quantize` does, and each layer's input by row, as the int8 engine does."""
    state = net.state_dict()
    rounded = quantize(state)
    net.load_state_dict({k: rounded[k].float() * (rounded[f"{k}.scale"][:, None] if f"{k}.scale" in rounded else 1)
                         for k in state})

    def round_input(_, inputs):
        scale = inputs[0].abs().amax(-1, keepdim=True).clamp(min=1e-8) / 127
        return ((inputs[0] / scale).round() * scale,)
    for module in net.modules():
        if isinstance(module, torch.nn.Linear):
            module.register_forward_pre_hook(round_input)


def score(arguments):
    torch.set_num_threads(arguments.threads)
    net, encoder = trained(arguments)
    if arguments.int8:
        as_int8(net)
    for language, sentences in development(arguments.data).items():
        for bias in arguments.bias:
            found = f1(sentences, predict(net, encoder, sentences, "cpu", bias))
            print(language, f"bias {bias:+.1f}", *(f"{source} {value:.4f}" for source, value in found.items()), sep="\t")


def export(arguments):
    net, _ = trained(arguments)
    net.classifier.bias.data[0] += arguments.bias
    net.save_pretrained(arguments.to)
    shutil.copy(arguments.out / "ner/tokenizer.json", arguments.to / "tokenizer.json")
    tokenizer = {"tokenizer_class": "BertTokenizerFast", "do_lower_case": False, "strip_accents": False,
                 "tokenize_chinese_chars": True, "model_max_length": 512, "unk_token": "[UNK]", "sep_token": "[SEP]",
                 "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]"}
    (arguments.to / "tokenizer_config.json").write_text(json.dumps(tokenizer, indent=2) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    one, two, three, four = (commands.add_parser(name) for name in ("train", "score", "export", "mean"))
    for name, default in (("--layers", 3), ("--size", 256), ("--inner", 1024), ("--heads", 8), ("--tokens", 512),
                          ("--warmup", 100), ("--templates", 2000)):
        one.add_argument(name, type=int, default=default)
    for name, default in (("--rate", 1e-3), ("--dropout", .1), ("--drop", .06), ("--every", 8.), ("--silver", .25), ("--renamed", .4)):
        one.add_argument(name, type=float, default=default)
    one.add_argument("--minutes", type=float, required=True)
    one.add_argument("--seed", type=int, default=1)
    one.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    one.add_argument("--fixed-words", action="store_true", help="leave the word embeddings as they are")
    one.set_defaults(run=train)
    two.add_argument("--int8", action="store_true")
    two.add_argument("--bias", type=float, nargs="*", default=[0.], help="added to the score of O")
    two.set_defaults(run=score)
    three.add_argument("--to", type=pathlib.Path, required=True)
    three.add_argument("--bias", type=float, default=0.)
    three.set_defaults(run=export)
    four.add_argument("--of", type=pathlib.Path, nargs="+", required=True)
    four.set_defaults(run=mean)
    for command in (one, two, three, four):
        command.add_argument("--out", type=pathlib.Path, required=True)
    for command in (one, two):
        command.add_argument("--data", type=pathlib.Path, required=True)
        command.add_argument("--threads", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
