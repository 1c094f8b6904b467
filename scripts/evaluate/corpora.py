"""Readers of the public text that the stages are measured on; README.md says where it comes from."""
import ast
import collections
import functools
import json
import lzma
import re

SPEC = "pragmatic_segmenter/spec/pragmatic_segmenter/languages/english_spec.rb"
CASE = re.compile(r'it "([^"]*#\d+)" do\n.*?text: ("(?:[^"\\]|\\.)*").*?eq\((\[.*?\])\)\n\s*end', re.S)


class Missing(Exception):
    """A file that is not in the data directory."""


def found(path):
    if not path.exists():
        raise Missing(f"no {path}: see README.md in the folder of this script")
    return path


def golden_rules(data):
    """(name, text, sentences) of each golden rule; Ruby's strings here are also Python's."""
    rules = found(data / SPEC).read_text(encoding="utf-8").split("describe '#segment'")[0]
    for name, text, sentences in CASE.findall(rules):
        yield name, ast.literal_eval(text), ast.literal_eval(sentences)


@functools.cache
def treebank(data, repository, file):
    """(document, sentence) of each sentence of a UD treebank, as written."""
    document, rows = "", []
    for line in found(data / repository / file).read_text(encoding="utf-8").split("\n"):
        if line.startswith("# newdoc id = "):
            document = line.removeprefix("# newdoc id = ").strip()
        elif line.startswith("# text = "):
            # The Bambara treebank keeps its markup.
            text = re.sub(r"</?\w*>", "", line.removeprefix("# text = ")).strip()
            if text:
                rows.append((document, text))
    return rows


def parallel_documents(data):
    """The French and English sentences of the documents of PUD, in pairs."""
    sides = [treebank(data, f"UD_{name}-PUD", f"{code}_pud-ud-test.conllu") for name, code in
             (("French", "fr"), ("English", "en"))]
    documents = collections.defaultdict(list)
    for (document, french), (other, english) in zip(*sides, strict=True):
        if document != other:
            raise SystemExit(f"PUD: expected a sentence of {document}, found one of {other}")
        documents[document].append((french, english))
    return list(documents.values())


@functools.cache
def development_pairs(data, name):
    """(French, English) pairs of a development set of the translation model."""
    with lzma.open(found(data / f"mt/dev.{name}.tsv.xz"), "rt", encoding="utf-8") as rows:
        return [tuple(row.rstrip("\n").split("\t")[:2]) for row in rows]


def articles(data):
    """(name, text, gold) of articles with sentences marked by hand, `start` and `end` in code points."""
    paths = sorted((data / "articles").glob("*.json"))
    if not paths:
        raise Missing(f"no {data / 'articles'}/*.json: see README.md in the folder of this script")
    for path in paths:
        gold = json.loads(path.read_text(encoding="utf-8"))
        text = path.with_suffix(".txt").read_bytes().decode("utf-8")
        yield path.stem, text, [(sentence["start"], sentence["end"]) for sentence in gold["sentences"]]
