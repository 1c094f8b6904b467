#!/usr/bin/env python3
"""Measures diglot beside CTranslate2, ONNX Runtime and transformers on the same weights; README.md says how, `run` prepares it."""
import argparse
import dataclasses
import hashlib
import json
import os
import pathlib
import subprocess
import sys

import processes
import report
import texts

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILT = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
ENGINES = ("ctranslate2", "onnxruntime", "transformers")
# Where diglot is built with libtorch (see `run`).
WITH_RUST_BERT = ROOT / "target/rust-bert/release"
# These are many times slower than the others; a part of the lines is enough to tell how much.
SHARE = {"transformers": .2, "rust-bert": .4}


@dataclasses.dataclass
class Scale:
    """How much is measured."""

    lines: dict
    documents: int
    passes: int
    seconds: float
    starts: int


FULL = Scale({"translate": 360, "tag": 1200}, 160, 2, 3., 5)
QUICK = Scale({"translate": 32, "tag": 64}, 4, 1, 0., 1)


@dataclasses.dataclass
class Row:
    """One engine in one setting: its rates in tokens a second and a processor second, seconds to be ready, peak in MB."""

    task: str
    engine: str
    threads: int
    batch: int
    rate: float
    cpu_rate: float
    ready: float
    peak: float
    outputs: list = dataclasses.field(repr=False)
    agreement: float | None = None


class Bench:
    def __init__(self, arguments):
        self.arguments, self.scale = arguments, QUICK if arguments.quick else FULL
        self.models = {"translate": arguments.translate, "tag": arguments.entities}
        self.work = arguments.work
        self.work.mkdir(parents=True, exist_ok=True)
        self.converted = {task: self.convert(task, model) for task, model in self.models.items()}

    def convert(self, task, model):
        """The model as other engines read it, made once for each set of weights."""
        digest = hashlib.sha256((model / "model.safetensors").read_bytes()).hexdigest()[:12]
        to = self.work / f"{task}-{digest}"
        if not (to / "done").exists():
            say(f"converting {model}")
            python("dequantize.py", model, to / "f32")
            python("convert.py", task, to / "f32", to)
            (to / "done").touch()
        return to

    def lines(self, task, engine):
        count = int(self.scale.lines[task] * SHARE.get(engine, 1))
        if task == "translate":
            return texts.sentences("fr", count)
        half = [texts.sentences(language, self.scale.lines[task] // 2) for language in ("en", "fr")]
        return [line for pair in zip(*half) for line in pair][:count]

    def rows(self, task):
        engines = ["diglot", *(["diglot, no shortlist"] if self.has_shortlist(task) else []),
                   *(["rust-bert"] if self.arguments.rust_bert_driver else []), *ENGINES]
        settings = [(threads, batch) for threads in self.arguments.threads for batch in self.arguments.batch]
        rows = [self.row(task, engine, *setting) for setting in settings for engine in engines]
        for setting in settings:
            same = [row for row in rows if (row.threads, row.batch) == setting]
            reference = next(row for row in same if row.engine == "transformers").outputs
            for row in same:
                row.agreement = sum(a == b for a, b in zip(row.outputs, reference)) / len(reference)
        return rows

    def has_shortlist(self, task):
        return task == "translate" and (self.models[task] / "shortlist.bin").exists()

    def row(self, task, engine, threads, batch):
        say(f"{task}: {engine}, {threads} thread(s), batch {batch}")
        lines, counter = self.lines(task, engine), Counter(task, self.models[task])
        given, output = self.work / "lines.txt", self.work / "output.txt"
        texts.write_lines(given, lines)
        if engine.startswith("diglot") or engine == "rust-bert":
            # A batch of diglot's is so many tokens; as many as so many of these sentences have on average.
            tokens = 1 if batch == 1 else round(batch * counter.sources(lines) / len(lines))
            own = self.arguments.driver if engine != "rust-bert" else self.arguments.rust_bert_driver
            command = [own, task, self.models[task], given, output, threads, tokens]
            command += ["no-shortlist"] if "," in engine else ["no-shortlist", "rust-bert"] if engine == "rust-bert" else []
        else:
            command = [sys.executable, HERE / "engines.py", task, engine, self.converted[task], given, output, threads, batch]
        served = processes.serve([str(part) for part in command], threads, self.scale.passes, self.scale.seconds)
        outputs = output.read_text(encoding="utf-8").splitlines()
        tokens = counter.outputs(lines, outputs)
        return Row(task, engine, threads, batch, tokens / served.best.wall, tokens / max(served.best.cpu, .01), served.ready,
                   served.best.peak, outputs)

    def job(self):
        """The whole job with diglot and with the script, for each number of threads."""
        many, one = self.work / "documents.jsonl", self.work / "document.jsonl"
        texts.write_documents(many, self.scale.documents)
        texts.write_documents(one, 1)
        return [self.job_row(name, threads, many, one) for threads in self.arguments.threads for name in ("diglot run", "job.py")]

    def job_row(self, name, threads, many, one):
        say(f"whole job: {name}, {threads} thread(s)")
        command, output = self.job_command(name, threads), self.work / "records.jsonl"
        first = processes.first_line(command(one), threads, self.scale.starts)
        single = processes.job(command(one), threads, output)
        whole = processes.job(command(many), threads, output)
        more = self.scale.documents - 1
        return {"program": name, "threads": threads, "rate": more / max(whole.wall - single.wall, .01),
                "cpu_rate": more / max(whole.cpu - single.cpu, .01), "wall": whole.wall, "first": first, "peak": whole.peak,
                **report.counts(output)}

    def job_command(self, name, threads):
        if name == "job.py":
            models = [str(self.converted[task]) for task in ("translate", "tag")]
            return lambda path: [sys.executable, str(HERE / "job.py"), *models, str(path), str(threads)]
        chosen = []
        for role, task, bundled in (("translate", "translate", "fr-en"), ("entities", "tag", "ner")):
            if self.models[task] != ROOT / "models" / bundled:
                chosen += ["--model", f"{role}={self.models[task]}"]
        return lambda path: [str(self.arguments.diglot), "run", str(path), "--quiet", "--threads", str(threads), *chosen]


class Counter:
    """Counts tokens as the model's own tokenizer cuts text: of the output for translation, of the input for tagging."""

    def __init__(self, task, model):
        if task == "translate":
            from sentencepiece import SentencePieceProcessor
            processors = [SentencePieceProcessor(model_file=str(model / f"{side}.spm")) for side in ("source", "target")]
            # Each sentence has an end token too.
            self.sources, written = (lambda lines, p=p: sum(len(ids) + 1 for ids in p.encode(lines)) for p in processors)
            self.outputs = lambda lines, outputs: written(outputs)
        else:
            from tokenizers import Tokenizer
            tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
            self.sources = lambda lines: sum(len(line.ids) for line in tokenizer.encode_batch(lines))
            self.outputs = lambda lines, outputs: sum(
                len(line.ids) for line in tokenizer.encode_batch(lines, add_special_tokens=False))


def python(script, *arguments):
    command = [sys.executable, str(HERE / script), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stderr)


def driver(build, otherwise=None):
    """The newest build of driver.rs in a directory."""
    built = [path for path in (build / "deps").glob("driver-*") if os.access(path, os.X_OK) and not path.suffix]
    return max(built, key=lambda path: path.stat().st_mtime, default=otherwise)


def say(text):
    print(text, file=sys.stderr, flush=True)


def parse():
    parser = argparse.ArgumentParser(prog="scripts/bench/run", description=__doc__)
    numbers = lambda text: [int(number) for number in text.split(",")]
    parser.add_argument("--quick", action="store_true", help="very few texts, once: to see that all of it works")
    parser.add_argument("--only", default="translate,tag,job", help="parts to measure [default: %(default)s]")
    parser.add_argument("--threads", type=numbers, default=[1, 2], help="[default: 1,2]")
    parser.add_argument("--batch", type=numbers, default=[1, 32], 
                        help="most sentences that a thread works on together [default: 1,32]")
    parser.add_argument("--translate", type=pathlib.Path, default=ROOT / "models/fr-en", help="a model in diglot's int8 layout")
    parser.add_argument("--entities", type=pathlib.Path, default=ROOT / "models/ner", help="a model in diglot's int8 layout")
    parser.add_argument("--diglot", type=pathlib.Path, default=BUILT / "diglot")
    parser.add_argument("--driver", type=pathlib.Path, default=driver(BUILT, BUILT / "deps/driver"))
    rust_bert = driver(WITH_RUST_BERT) if "LIBTORCH" in os.environ else None
    parser.add_argument("--rust-bert-driver", type=pathlib.Path, default=rust_bert,
                        help="driver.rs with the feature `rust-bert` [default: none without LIBTORCH]")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "target/bench", help="where converted models are kept")
    parser.add_argument("--json", type=pathlib.Path, help="also write the figures to this file")
    return parser.parse_args()


def main():
    arguments = parse()
    parts = arguments.only.split(",")
    bench = Bench(arguments)
    rows = {task: bench.rows(task) for task in ("translate", "tag") if task in parts}
    jobs = bench.job() if "job" in parts else []
    print(report.text(bench, rows, jobs))
    if arguments.json:
        figures = {task: [{k: v for k, v in dataclasses.asdict(row).items() if k != "outputs"} for row in of_task]
                   for task, of_task in rows.items()}
        arguments.json.write_text(json.dumps({**figures, "job": jobs}, indent=2) + "\n")


if __name__ == "__main__":
    main()
