#!/usr/bin/env python3
"""Scores the shipped models through the diglot binary, beside the f32 reference in transformers.

usage: evaluate.py translation --data DIR [--binary PATH] [--model DIR] [--reference DIR] [--limit N]
       evaluate.py ner --data DIR [--binary PATH] [--model DIR] [--limit N]

`translation` prints BLEU and chrF (sacreBLEU) on the development sets, `ner` entity-level F1 (seqeval, strict IOB2) by
language and source. MISC counts only where a source annotates it. Without --model the bundled model is scored.
"""
import argparse
import collections
import json
import lzma
import pathlib
import subprocess
import time

SETS = ("flores", "newstest2012", "newstest2013", "tatoeba")
WITH_MISC = {"wnut17", "tweebank", "wikigold"}


def run_binary(arguments, command, lines):
    """One output line for each input line."""
    model = [f"--model={arguments.role}={arguments.model}"] if arguments.model else []
    began = time.monotonic()
    done = subprocess.run([arguments.binary, *command, *model], input="\n".join(lines) + "\n", text=True, check=True,
                          stdout=subprocess.PIPE)
    outputs = done.stdout.split("\n")[:-1]
    if len(outputs) != len(lines):
        raise SystemExit(f"expected {len(lines)} lines, found {len(outputs)}")
    return outputs, time.monotonic() - began


def reference_translations(directory, lines):
    """What transformers makes of the f32 export, with the search that its configuration asks for."""
    import torch
    from transformers import MarianMTModel, MarianTokenizer
    tokenizer, model = MarianTokenizer.from_pretrained(directory), MarianMTModel.from_pretrained(directory)
    order, outputs = sorted(range(len(lines)), key=lambda i: len(lines[i])), [""] * len(lines)
    for start in range(0, len(order), 32):
        chosen = order[start:start + 32]
        batch = tokenizer([lines[i] for i in chosen], return_tensors="pt", padding=True, truncation=True, max_length=250)
        with torch.inference_mode():
            ids = model.generate(**batch, do_sample=False, max_length=300)
        for i, text in zip(chosen, tokenizer.batch_decode(ids, skip_special_tokens=True)):
            outputs[i] = text
    return outputs


def translation(arguments):
    import sacrebleu
    for name in SETS:
        with lzma.open(arguments.data / f"mt/dev.{name}.tsv.xz", "rt", encoding="utf-8") as rows:
            pairs = [row.rstrip("\n").split("\t")[:2] for row in rows][:arguments.limit]
        sources, references = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        outputs, seconds = run_binary(arguments, ["translate", "--from", "fr", "--to", "en"], sources)
        systems = [("diglot", outputs)]
        if arguments.reference:
            systems.append(("transformers f32", reference_translations(arguments.reference, sources)))
        for system, texts in systems:
            bleu, chrf = sacrebleu.corpus_bleu(texts, [references]), sacrebleu.corpus_chrf(texts, [references])
            print(f"{name}\t{system}\tBLEU {bleu.score:.2f}\tchrF {chrf.score:.2f}\t{len(pairs)} sentences", flush=True)
        print(f"{name}\tdiglot took {seconds:.1f} s", flush=True)


def read_conll(path):
    """Yields (tokens, tags, source)."""
    tokens, tags, source = [], [], ""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in [*lines, "\n"]:
            if line.strip():
                token, tag, source = line.rstrip("\n").split("\t")
                tokens.append(token)
                tags.append(tag)
            elif tokens:
                yield tokens, tags, source
                tokens, tags = [], []


def detokenized(tokens):
    """The sentence as it would be written, and the byte range of each token in it."""
    text, ranges, tight = "", [], True
    for token in tokens:
        closing = token[0] in ".,;:!?)]}%’”»" or token in ("'s", "n't", "'re", "'ve", "'ll", "'m", "'d", "...")
        if text and not tight and not closing:
            text += " "
        start = len(text.encode())
        text += token
        ranges.append((start, len(text.encode())))
        tight = token in "([{“«#" or token.endswith(("l'", "d'", "L'", "D'", "l’", "d’", "qu'", "n'", "s'", "c'", "j'", "m'"))
    return text, ranges


def tags_of(mentions, ranges):
    tags = ["O"] * len(ranges)
    for mention in mentions:
        inside = [i for i, (start, end) in enumerate(ranges) if start < mention["end"] and mention["start"] < end]
        for at, i in enumerate(inside):
            tags[i] = ("I-" if at else "B-") + mention["label"]
    return tags


def ner(arguments):
    from seqeval.metrics import f1_score, precision_score, recall_score
    from seqeval.scheme import IOB2
    for language in ("en", "fr"):
        sentences = list(read_conll(arguments.data / f"ner/dev.{language}.conll.xz"))[:arguments.limit]
        texts, ranges = zip(*(detokenized(tokens) for tokens, _, _ in sentences))
        outputs, seconds = run_binary(arguments, ["entities", "--json"], texts)
        gold, found = collections.defaultdict(list), collections.defaultdict(list)
        for (_, tags, source), spans, output in zip(sentences, ranges, outputs):
            predicted = tags_of(json.loads(output), spans)
            if source not in WITH_MISC:
                tags, predicted = ([t if not t.endswith("MISC") else "O" for t in side] for side in (tags, predicted))
            for key in (source, f"dev.{language}"):
                gold[key].append(tags)
                found[key].append(predicted)
        for key in sorted(gold):
            scores = [score(gold[key], found[key], mode="strict", scheme=IOB2)
                      for score in (f1_score, precision_score, recall_score)]
            print("{}\tF1 {:.4f}\tP {:.4f}\tR {:.4f}".format(key, *scores), flush=True)
        print(f"dev.{language}\tdiglot took {seconds:.1f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for name, run, role in (("translation", translation, "translate"), ("ner", ner, "entities")):
        command = commands.add_parser(name)
        command.add_argument("--data", type=pathlib.Path, required=True)
        command.add_argument("--binary", default="target/release/diglot")
        command.add_argument("--model", help="a model directory in place of the bundled one")
        command.add_argument("--limit", type=int, default=None, help="sentences a set")
        command.set_defaults(run=run, role=role)
    commands.choices["translation"].add_argument("--reference", help="the f32 export, for transformers")
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
