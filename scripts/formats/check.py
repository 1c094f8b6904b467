"""Compares what readers make of converted files with the records that they were made of.

usage: check.py RECORDS.jsonl DIRECTORY
"""

import csv
import json
import os
import re
import sys
from collections import defaultdict
from pathlib import Path

from lxml import etree

XML = "{http://www.w3.org/XML/1998/namespace}"
XLF = "{urn:oasis:names:tc:xliff:document:2.0}"
MDA = "{urn:oasis:names:tc:xliff:metadata:2.0}"
# Rust's `char::is_whitespace`; Python's has four control characters more.
SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"


def main(records_path, directory):
    records = [json.loads(line) for line in open(records_path, encoding="utf-8", newline="\n")]
    pairs = [pair for record in records for pair in pairs_of(record)]
    assert pairs, "there should be pairs"
    for check in [jsonl, tmx, xliff, moses, tsv, hf, conll, webanno, brat]:
        print(f"{check.__name__}: {check(directory, records, pairs)}")


def pairs_of(record):
    """The parallel text of a record, found by other means than diglot: code points of the text."""
    sentences = {sentence["id"]: sentence for sentence in record["sentences"]}
    segments = {segment["id"]: segment for segment in record["segments"]}
    for translation in record["translations"]:
        first, last = (sentences[translation["sentences"][at]] for at in (0, -1))
        if record["text"] is None or "no-model" in translation["flags"]:
            continue
        segment, author = segments.get(first["segment"]), None
        while segment and not author:
            author, segment = segment["author"], segments.get(segment["parent"])
        yield {
            "record": record,
            "translation": translation,
            "source": record["text"][first["char_start"]:last["char_end"]],
            "target": translation["text"],
            "languages": f"{first['language']}-{translation['language']}",
            "author": author,
        }


def by_languages(pairs):
    found = defaultdict(list)
    for pair in pairs:
        found[pair["languages"]].append(pair)
    return found


def same(found, expected, what):
    for at, (left, right) in enumerate(zip(found, expected)):
        assert left == right, f"{what} {at}: found {left!r}, expected {right!r}"
    assert len(found) == len(expected), f"{what}: found {len(found)}, expected {len(expected)}"


def xml_text(text):
    return re.sub("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\ufffd", text)


def validated(name):
    """The path of a schema, where there is one."""
    path = Path(os.environ.get("DIGLOT_SCHEMAS", "/nonexistent")) / name
    return path if path.exists() else None


def jsonl(directory, records, _):
    same([json.loads(line) for line in open(directory / "records.jsonl", encoding="utf-8")], records, "record")
    return f"{len(records)} records"


def tmx(directory, _, pairs):
    from translate.storage.tmx import tmxfile

    path = directory / "records.tmx"
    tree = etree.parse(path)
    dtd = validated("tmx14.dtd")
    if dtd:
        etree.DTD(str(dtd)).assertValid(tree)
    tmx_structure(tree)
    units = tree.findall(".//tu")
    texts = [tuple("".join(seg.itertext()) for seg in unit.iter("seg")) for unit in units]
    same(texts, [(xml_text(p["source"]), xml_text(p["target"])) for p in pairs], "unit")
    with open(path, "rb") as file:
        read = tmxfile(file, "fr", "en")
    french = [pair for pair in pairs if pair["languages"] == "fr-en"]
    texts = [(str(u.source), str(u.target)) for u in read.units if u.xmlelement.get("srclang") == "fr"]
    same(texts, [(xml_text(p["source"]), xml_text(p["target"])) for p in french], "unit of translate-toolkit")
    return f"{len(units)} units, {'valid by its DTD' if dtd else 'structure checked, no DTD at hand'}"


def tmx_structure(tree):
    """What the DTD of TMX 1.4 asks for, of the elements that diglot uses."""
    root = tree.getroot()
    assert root.tag == "tmx" and root.get("version") == "1.4" and [e.tag for e in root] == ["header", "body"]
    required = {"creationtool", "creationtoolversion", "segtype", "o-tmf", "adminlang", "srclang", "datatype"}
    assert required <= set(root[0].attrib) and root[0].get("segtype") == "sentence"
    for unit in root[1]:
        assert re.fullmatch("(prop )*(tuv )+", "".join(f"{e.tag} " for e in unit)), unit
        assert all(prop.get("type") for prop in unit.iter("prop"))
        for variant in unit.iter("tuv"):
            assert variant.get(f"{XML}lang") and [e.tag for e in variant] == ["seg"]


def xliff(directory, _, pairs):
    from translate.storage.xliff2 import Xliff2File

    schema = validated("metadata.xsd") and validated("xliff_core_2.0.xsd")
    for languages, pairs in by_languages(pairs).items():
        path = directory / f"records.{languages}.xlf"
        tree = etree.parse(path)
        if schema:
            etree.XMLSchema(etree.parse(schema)).assertValid(tree)
            metadata = etree.XMLSchema(etree.parse(validated("metadata.xsd")))
            for element in tree.iter(f"{MDA}metadata"):
                metadata.assertValid(etree.fromstring(etree.tostring(element, with_tail=False)))
        xliff_structure(tree, languages)
        segments = list(tree.iter(f"{XLF}segment"))
        text = lambda segment, side: "".join(segment.find(XLF + side).itertext())
        texts = [(text(s, "source"), text(s, "target")) for s in segments]
        same(texts, [(xml_text(p["source"]), xml_text(p["target"])) for p in pairs], "segment")
        marks = [[(m.get("value"), m.get("ref").split(":")[-1], m.text) for m in s.iter(f"{XLF}mrk")] for s in segments]
        same(marks, [mentions(pair) for pair in pairs], "entities of segment")
        origins = [u.findtext(f".//{MDA}meta[@type='origin']") for u in tree.iter(f"{XLF}unit")]
        same(origins, [pair["translation"]["origin"] for pair in pairs], "origin of unit")
        with open(path, "rb") as file:
            units = [unit for unit in Xliff2File.parsefile(file).units if not unit.isheader()]
        same([str(unit.target) for unit in units], [text for _, text in texts], "target of translate-toolkit")
    return "valid by the schemas of core and metadata" if schema else "structure checked, no schema at hand"


def mentions(pair):
    """Label, thing and surface of the entities on both sides, as XLIFF holds them."""
    record, translation = pair["record"], pair["translation"]
    sentences = {sentence["id"]: sentence for sentence in record["sentences"]}
    start = sentences[translation["sentences"][0]]["char_start"]
    end = sentences[translation["sentences"][-1]]["char_end"]
    on_source = lambda e: e["translation"] is None and start <= e["char_start"] and e["char_end"] <= end
    on_target = lambda e: e["translation"] == translation["id"]
    found = []
    for side in (on_source, on_target):
        entities = sorted(filter(side, record["entities"]), key=lambda e: e["start"])
        found += [(e["label"], e["entity"], xml_text(e["text"])) for e in entities]
    return found


def xliff_structure(tree, languages):
    """What the schema and the constraints of XLIFF 2.1 ask for, of the elements that diglot uses."""
    root = tree.getroot()
    assert root.tag == f"{XLF}xliff" and root.get("version") == "2.1"
    assert f"{root.get('srcLang')}-{root.get('trgLang')}" == languages
    unique = lambda elements: len({e.get("id") for e in elements}) == len(elements)
    token = lambda element: re.fullmatch(r"[\w.:-]+", element.get("id"))
    files = list(root)
    assert files and unique(files) and all(f.tag == f"{XLF}file" and token(f) for f in files)
    for file in files:
        units = list(file)
        assert units and unique(units) and all(u.tag == f"{XLF}unit" and token(u) for u in units)
        for unit in units:
            order = [e.tag for e in unit]
            assert order in ([f"{MDA}metadata", f"{XLF}segment"], [f"{MDA}metadata", f"{XLF}notes", f"{XLF}segment"])
            segment = unit[-1]
            assert [e.tag for e in segment] == [f"{XLF}source", f"{XLF}target"]
            assert segment.get("state") in ("initial", "translated") and ":" in segment.get("subState")
            marks = list(segment.iter(f"{XLF}mrk"))
            assert unique(marks) and all(re.fullmatch(r"[^\s:]+:[^\s:]+", m.get("type")) and token(m) for m in marks)


def one_line(text):
    words = [word for word in re.split(f"[{SPACE}]+", text) if word]
    return re.sub("[\0-\x1f\x7f-\x9f]", "\ufffd", " ".join(words))


def moses(directory, _, pairs):
    aligned = 0
    for languages, pairs in by_languages(pairs).items():
        source, target = languages.split("-")
        read = lambda extension: (directory / f"records.{languages}.{extension}").read_text("utf-8").splitlines()
        same(read(source), [one_line(pair["source"]) for pair in pairs], "source line")
        same(read(target), [one_line(pair["target"]) for pair in pairs], "target line")
        alignments = read("align")
        same(alignments, [pair["translation"]["alignment"] or "" for pair in pairs], "alignment")
        for left, right, alignment in zip(read(source), read(target), alignments):
            for link in alignment.split():
                i, j = map(int, link.split("-"))
                assert i < len(left.split()) and j < len(right.split()), (left, right, link)
                aligned += 1
        assert len(read("ids")) == len(pairs)
    return f"{aligned} word links inside their lines"


def cell(text):
    text = re.sub("[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]", " ", text)
    return re.sub("[\0-\x1f\x7f-\x9f]", "\ufffd", text)


def tsv(directory, _, pairs):
    for languages, pairs in by_languages(pairs).items():
        text = (directory / f"records.{languages}.tsv").read_text("utf-8")
        rows = list(csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))
        found = [(row["src_text"], row["trg_text"], float(row["score"]), row["author"]) for row in rows]
        same(found, [(cell(p["source"]), cell(p["target"]), p["translation"]["score"], cell(p["author"] or "")) for p in pairs], "row")
    return "columns as written"


def hf(directory, _, pairs):
    import datasets
    import pyarrow.json

    datasets.disable_progress_bars()
    for languages, pairs in by_languages(pairs).items():
        path = directory / f"records.{languages}.jsonl"
        source, target = languages.split("-")
        rows = datasets.load_dataset("json", data_files=str(path), split="train")
        expected = [{source: p["source"], target: p["target"]} for p in pairs]
        same([row["translation"] for row in rows], expected, "row of datasets")
        same(pyarrow.json.read_json(path).column("translation").to_pylist(), expected, "row of pyarrow")
    return "loads with datasets and pyarrow"


def conll(directory, records, pairs):
    from seqeval.metrics.sequence_labeling import get_entities
    from seqeval.scheme import IOB2, Entities

    expected = defaultdict(list)
    for record in records:
        for sentence in record["sentences"]:
            inside = lambda e: e["translation"] is None and sentence["start"] <= e["start"] < sentence["end"]
            expected[f"source.{sentence['language']}"].append(entities_of(filter(inside, record["entities"])))
    for pair in pairs:
        inside = lambda e: e["translation"] == pair["translation"]["id"]
        side = f"target.{pair['translation']['language']}"
        expected[side].append(entities_of(filter(inside, pair["record"]["entities"])))
    for name, expected in expected.items():
        sentences = conll_sentences((directory / f"records.{name}.conll").read_text("utf-8"))
        tags = [[tag for _, tag in sentence] for sentence in sentences]
        strict = Entities(tags, IOB2).entities
        found = []
        for sentence, strict, loose in zip(sentences, strict, map(get_entities, tags)):
            spans = [(e.tag, e.start, e.end) for e in strict]
            assert spans == [(tag, start, end + 1) for tag, start, end in loose], "strict and lenient reading differ"
            found.append([(tag, "".join(token for token, _ in sentence[a:b])) for tag, a, b in spans])
        same(found, expected, f"sentence of {name}")
    return "seqeval reads the same entities, strictly"


def entities_of(entities):
    bare = lambda text: re.sub("[\0-\x1f\x7f-\x9f]", "\ufffd", re.sub(f"[{SPACE}]+", "", text))
    return [(e["label"], bare(e["text"])) for e in sorted(entities, key=lambda e: e["start"])]


def conll_sentences(text):
    sentences = [[]]
    for line in text.splitlines():
        if "\t" in line:
            token, tag = line.split("\t")
            assert token.split() == [token], f"white space in the token {token!r}"
            sentences[-1].append((token, tag))
        elif not line:
            sentences.append([])
        else:
            assert line.startswith("# "), line
    assert sentences.pop() == []
    return sentences


def webanno(directory, records, _):
    lines = (directory / "records.webanno.jsonl").read_text("utf-8").split("\n")
    pages = [json.loads(line) for line in lines if line]
    same([page["type"] for page in pages], ["AnnotationPage"] * sum(r["text"] is not None for r in records), "page")
    count = 0
    for record, page in zip((r for r in records if r["text"] is not None), pages):
        document = page["id"].removesuffix("#annotations")
        texts = {document: record["text"]} | {f"{document}#{t['id']}": t["text"] for t in record["translations"]}
        assert len({item["id"] for item in page["items"]}) == len(page["items"])
        for item in page["items"]:
            position, quote = item["target"]["selector"]
            text = texts[item["target"]["source"]]
            start, end = position["start"], position["end"]
            assert text[start:end] == quote["exact"]
            assert text[:start].endswith(quote["prefix"]) and text[end:].startswith(quote["suffix"])
            count += 1
        assert sum(i["motivation"] == "identifying" for i in page["items"]) == len(record["entities"])
    return f"{count} annotations select what they quote"


def brat(directory, records, _):
    count = 0
    # Line ends stay as they are, as in brat.
    read = lambda path: open(path, encoding="utf-8", newline="").read()
    texts = {path: read(path) for path in (directory / "brat").glob("*.txt")}
    sources = [text for path, text in texts.items() if not path.stem.endswith(".translations")]
    same(sorted(sources), sorted(r["text"] for r in records if r["text"] is not None), "text")
    for path, text in texts.items():
        for line in filter(None, read(path.with_suffix(".ann")).split("\n")):
            identifier, place, *surface = line.split("\t")
            if identifier[0] != "T":
                continue
            label, spans = place.split(" ", 1)
            parts = [text[slice(*map(int, span.split()))] for span in spans.split(";")]
            assert [" ".join(parts)] == surface, (path, line)
            assert all(part == part.strip() and len(part.splitlines()) == 1 for part in parts), (path, line)
            count += 1
    return f"{count} spans are what they say"


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
