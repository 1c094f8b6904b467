"""The figures as tables."""
import importlib.metadata
import json
import os
import pathlib
import platform
import subprocess

TITLES = {"translate": "Translation, {lines} French sentences, greedy; target tokens",
          "tag": "Entities, {lines} sentences; tokens",
          "opus-mt": "Translation, the size of opus-mt, random weights, {lines} sentences of 30 tokens, greedy; 30 target tokens each",
          "bert-base": "Entities, the size of BERT base, random weights, {lines} sentences of 30 tokens; tokens"}
PACKAGES = ("ctranslate2", "onnxruntime", "transformers", "torch", "lingua-language-detector")


def text(bench, rows, jobs):
    parts = [machine(bench)]
    parts += [engines(name, of_one, bench.scale.lines[name]) for name, of_one in rows.items()]
    if jobs:
        parts.append(whole_job(jobs, bench.scale.documents))
    return "\n\n".join(part for part in [*parts, goals(rows, jobs)] if part)


def machine(bench):
    lines = [f"{cpu()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {platform.system()}",
             run_of([str(bench.arguments.diglot), "--version"]) + " " + run_of(["git", "describe", "--always", "--dirty"]),
             ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)]
    lines += [f"{subject.name}: {shape(subject.model)}" for subject in bench.subjects]
    return "\n".join(lines)


def cpu():
    info = pathlib.Path("/proc/cpuinfo")
    fields = dict(line.split(":", 1) for line in info.read_text().splitlines() if ":" in line) if info.exists() else {}
    fields = {name.strip(): value.strip() for name, value in fields.items()}
    known = fields.get("flags", fields.get("Features", "")).split()
    flags = [flag for flag in ("avx2", "avx_vnni", "avx512_vnni", "asimddp") if flag in known]
    return f"{fields.get('model name', platform.processor() or platform.machine())} ({' '.join(flags)})"


def run_of(command):
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()
    except OSError:
        return ""


def shape(model):
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    if "d_model" in config:
        layers, width = f"{config['encoder_layers']}+{config['decoder_layers']}", config["d_model"]
    else:
        layers, width = config["num_hidden_layers"], config["hidden_size"]
    size = (model / "model.safetensors").stat().st_size / 1e6
    return f"{layers} layers, {width} wide, {config['vocab_size']} tokens, {size:.1f} MB"


def engines(name, rows, lines):
    header = ["engine", "threads", "batch", "tokens/s", "per CPU-s", "diglot is", "by CPU-s", "ready, s", "peak, MB", "as f32"]
    has_floats = any(row.engine == "diglot, f32" for row in rows)
    cells = []
    for row in rows:
        own, floats = (find(rows, engine, row.threads, row.batch) for engine in ("diglot", "diglot, f32"))
        ratios = [f"{own.rate / row.rate:.2f}x", f"{own.cpu_rate / row.cpu_rate:.2f}x"]
        ratios += [f"{floats.cpu_rate / row.cpu_rate:.2f}x"] if has_floats else []
        cells.append([label(row.engine), row.threads, row.batch, f"{row.rate:,.0f}", f"{row.cpu_rate:,.0f}", *ratios,
                      f"{row.ready:.2f}", f"{row.peak:.0f}", f"{row.agreement:.0%}"])
    if has_floats:
        header.insert(header.index("by CPU-s") + 1, "in f32")
    return TITLES[name].format(lines=lines) + "\n\n" + table(header, cells)


def label(engine):
    if engine.endswith("f32"):
        return engine
    return engine + dict.fromkeys(("transformers", "rust-bert"), ", f32").get(engine, ", int8")


def whole_job(jobs, documents):
    header = ["program", "threads", "documents/s", "per CPU-s", "diglot is", "by CPU-s", "all of it, s",
              "first record, s", "peak, MB", "translated", "names"]
    cells = []
    for job in jobs:
        own = next(j for j in jobs if j["program"] == "diglot run" and j["threads"] == job["threads"])
        cells.append([job["program"], job["threads"], f"{job['rate']:.1f}", f"{job['cpu_rate']:.1f}",
                      f"{own['rate'] / job['rate']:.2f}x", f"{own['cpu_rate'] / job['cpu_rate']:.2f}x", f"{job['wall']:.1f}",
                      f"{job['first']:.2f}", f"{job['peak']:.0f}", job["translated"], job["names"]])
    return f"The whole job, {documents} documents\n\n" + table(header, cells)


def counts(path):
    """How many sentences were translated and how many names were found, in the records of either program."""
    translated = names = 0
    with open(path, encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            sentences = [sentence for paragraph in record.get("paragraphs", []) for sentence in paragraph["sentences"]]
            own = [sentence["translation"] for sentence in sentences if "translation" in sentence]
            translated += len(own) + sum(t["origin"] == "translated" for t in record.get("translations", []))
            names += sum(len(part["entities"]) for part in sentences + own) + len(record.get("entities", []))
    return {"translated": translated, "names": names}


def goals(rows, jobs):
    """What is aimed at, and what was measured; on processor seconds where nothing else is said, as the machine may be shared."""
    cells = []

    def goal(name, aim, value, reached):
        cells.append([name, aim, value, "yes" if reached else "no"])

    for task, engine, aim in (("translate", "ctranslate2", 2.), ("tag", "onnxruntime", 1.)):
        own, other = (find(rows.get(task, []), name, 1, 32) for name in ("diglot", engine))
        if own and other:
            ratio = own.cpu_rate / other.cpu_rate
            goal(f"{task}: over {engine}, 1 thread, batch 32", f">= {aim:.0f}x", f"{ratio:.2f}x", ratio >= aim)
        two = find(rows.get(task, []), "diglot", 2, 32)
        if own and two:
            goal(f"{task}: 2 threads over 1, on the clock", ">= 1.8x", f"{two.rate / own.rate:.2f}x", two.rate >= 1.8 * own.rate)
    own = {job["threads"]: job for job in jobs if job["program"] == "diglot run"}
    if {1, 2} <= own.keys():
        ratio = own[2]["rate"] / own[1]["rate"]
        goal("whole job: 2 threads over 1, on the clock", ">= 1.8x", f"{ratio:.2f}x", ratio >= 1.8)
    if own:
        peak, first = max(job["peak"] for job in own.values()), min(job["first"] for job in own.values())
        goal("whole job: peak memory", "<= 300 MB", f"{peak:.0f} MB", peak <= 300)
        goal("whole job: first record", "<= 0.3 s", f"{first:.2f} s", first <= .3)
    return table(["goal", "aim", "measured", "reached"], cells) if cells else ""


def find(rows, engine, threads, batch):
    return next((row for row in rows if (row.engine, row.threads, row.batch) == (engine, threads, batch)), None)


def table(header, rows):
    """A Markdown table, the first column to the left and the others to the right."""
    rows = [[str(cell) for cell in row] for row in [header, *rows]]
    widths = [max(len(row[i]) for row in rows) for i in range(len(header))]
    lines = ["| " + " | ".join(cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths))) + " |"
             for row in rows]
    rule = "|" + "|".join("-" * (w + 2) if i == 0 else "-" * (w + 1) + ":" for i, w in enumerate(widths)) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])
