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
# What driver.rs is told for an engine that it runs.
DRIVEN = {"diglot": [], "diglot, no shortlist": ["no-shortlist"], "diglot, f32": ["no-shortlist", "f32"],
          "rust-bert": ["no-shortlist", "rust-bert"]}
# All engines may write so many tokens a sentence.
LONGEST = 128
# The models of shapes.py and how many tokens a sentence has there, on either side, special tokens among them.
SHAPES = {"opus-mt": "translate", "bert-base": "tag"}
SHAPE_TOKENS = 30


@dataclasses.dataclass
class Subject:
    """A model that is measured: its name in tables, `translate` or `tag`, what diglot reads, where the other engines find it in
    their forms, the script that makes it in f32 there, and of what, and the most tokens of an output."""

    name: str
    task: str
    model: pathlib.Path
    directory: pathlib.Path
    script: str
    source: str | pathlib.Path
    longest: int = LONGEST

    @property
    def is_shape(self):
        return self.name in SHAPES


@dataclasses.dataclass
class Scale:
    """How much is measured."""

    lines: dict
    documents: int
    passes: int
    seconds: float
    starts: int


FULL = Scale({"translate": 360, "tag": 1200, "opus-mt": 64, "bert-base": 64}, 160, 2, 3., 5)
QUICK = Scale({"translate": 32, "tag": 64, "opus-mt": 2, "bert-base": 4}, 4, 1, 0., 1)


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
    def __init__(self, arguments, parts):
        self.arguments, self.scale = arguments, QUICK if arguments.quick else FULL
        self.work = arguments.work
        self.work.mkdir(parents=True, exist_ok=True)
        given = {"translate": arguments.translate, "tag": arguments.entities}
        # The whole job needs both models.
        self.subjects = [self.bundled(task, model) for task, model in given.items() if {task, "job"} & parts]
        self.measured = [subject for subject in self.subjects if subject.name in parts]
        if "shapes" in parts:
            shapes = [self.shape(name, task) for name, task in SHAPES.items()]
            self.subjects, self.measured = self.subjects + shapes, self.measured + shapes
        for subject in self.subjects:
            self.prepare(subject)

    def bundled(self, task, model):
        to = self.work / f"{task}-{digest(model / 'model.safetensors')}"
        return Subject(task, task, model, to, "dequantize.py", model)

    def shape(self, name, task):
        to = self.work / f"{name}-{digest(HERE / 'shapes.py')}"
        return Subject(name, task, to / "f32", to, "shapes.py", name, SHAPE_TOKENS)

    def prepare(self, subject):
        """Makes what the engines read, once for each set of weights."""
        to = subject.directory
        if not (to / "done").exists():
            say(f"converting {subject.source}")
            python(subject.script, subject.source, to / "f32")
            python("convert.py", subject.task, to / "f32", to)
            (to / "done").touch()

    def lines(self, subject, engine):
        count = self.scale.lines[subject.name]
        if subject.is_shape:
            # A translation's source has an end, a sentence to be tagged a beginning and an end.
            words = subject.longest - (1 if subject.task == "translate" else 2)
            return texts.of_words(count, words)
        part = int(count * SHARE.get(engine, 1))
        if subject.task == "translate":
            return texts.sentences("fr", part)
        half = [texts.sentences(language, count // 2) for language in ("en", "fr")]
        return [line for pair in zip(*half) for line in pair][:part]

    def engines(self, subject):
        own = ["diglot"]
        if subject.is_shape:
            own.append("diglot, f32")
        elif subject.task == "translate" and (subject.model / "shortlist.bin").exists():
            own.append("diglot, no shortlist")
        return [*own, *(["rust-bert"] if self.arguments.rust_bert_driver else []), *ENGINES]

    def rows(self, subject):
        settings = [(threads, batch) for threads in self.arguments.threads for batch in self.arguments.batch]
        rows = [self.row(subject, engine, *setting) for setting in settings for engine in self.engines(subject)]
        for setting in settings:
            same = [row for row in rows if (row.threads, row.batch) == setting]
            reference = next(row for row in same if row.engine == "transformers").outputs
            for row in same:
                row.agreement = sum(a == b for a, b in zip(row.outputs, reference)) / len(reference)
        return rows

    def row(self, subject, engine, threads, batch):
        say(f"{subject.name}: {engine}, {threads} thread(s), batch {batch}")
        lines, counter = self.lines(subject, engine), Counter(subject)
        given, output = self.work / "lines.txt", self.work / "output.txt"
        texts.write_lines(given, lines)
        if engine in DRIVEN:
            # A batch of diglot's is so many tokens; as many as so many of these sentences have on average.
            tokens = 1 if batch == 1 else round(batch * counter.sources(lines) / len(lines))
            own = self.arguments.driver if engine != "rust-bert" else self.arguments.rust_bert_driver
            command = [own, subject.task, subject.model, given, output, threads, tokens, subject.longest, *DRIVEN[engine]]
        else:
            command = [sys.executable, HERE / "engines.py", subject.task, engine, subject.directory, given, output, threads, batch,
                       subject.longest]
        served = processes.serve([str(part) for part in command], threads, self.scale.passes, self.scale.seconds)
        outputs = output.read_text(encoding="utf-8").splitlines()
        tokens = counter.outputs(lines, outputs)
        return Row(subject.name, engine, threads, batch, tokens / served.best.wall, tokens / max(served.best.cpu, .01),
                   served.ready, served.best.peak, outputs)

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
            models = [str(subject.directory) for subject in self.subjects if not subject.is_shape]
            return lambda path: [sys.executable, str(HERE / "job.py"), *models, str(path), str(threads)]
        chosen = []
        for role, model, bundled in (("translate", self.arguments.translate, "fr-en"), ("entities", self.arguments.entities, "ner")):
            if model != ROOT / "models" / bundled:
                chosen += ["--model", f"{role}={model}"]
        return lambda path: [str(self.arguments.diglot), "run", str(path), "--quiet", "--beam", "1", "--threads", str(threads), *chosen]


class Counter:
    """Counts tokens as the model's own tokenizer cuts text: of the output for translation, of the input for tagging."""

    def __init__(self, subject):
        model = subject.model
        if subject.task == "translate":
            from sentencepiece import SentencePieceProcessor
            processors = [SentencePieceProcessor(model_file=str(model / f"{side}.spm")) for side in ("source", "target")]
            # Each sentence has an end token too, unless it was cut off.
            source, target = (lambda lines, p=p: [len(ids) + 1 for ids in p.encode(lines)] for p in processors)
            self.sources = lambda lines: sum(source(lines))
            self.outputs = lambda lines, outputs: sum(min(length, subject.longest) for length in target(outputs))
        else:
            from tokenizers import Tokenizer
            tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
            self.sources = lambda lines: sum(len(line.ids) for line in tokenizer.encode_batch(lines))
            self.outputs = lambda lines, outputs: sum(
                len(line.ids) for line in tokenizer.encode_batch(lines, add_special_tokens=False))


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


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
    parser.add_argument("--only", default="translate,tag,job",
                        help="parts to measure, of translate, tag, job and shapes [default: %(default)s]")
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
    parts = set(arguments.only.split(","))
    bench = Bench(arguments, parts)
    rows = {subject.name: bench.rows(subject) for subject in bench.measured}
    jobs = bench.job() if "job" in parts else []
    print(report.text(bench, rows, jobs))
    if arguments.json:
        figures = {name: [{k: v for k, v in dataclasses.asdict(row).items() if k != "outputs"} for row in of_one]
                   for name, of_one in rows.items()}
        arguments.json.write_text(json.dumps({**figures, "job": jobs}, indent=2) + "\n")


if __name__ == "__main__":
    main()
