#!/usr/bin/env python3
"""Makes the translation training text: a weighted, noised mix of sentence pairs.

usage: prepare.py --data DIR --out WORK [--pairs N] [--seed S]

DIR holds `mt/train.fr-en.tsv.xz` and, for general text, `europarl.tsv` beside it or in DIR (French TAB English TAB
source). Writes WORK/mt/train.tsv (French TAB English, shuffled) and WORK/mt/raw.tsv (the same pairs before noise, for
the tokenizer, the lexicon and the shortlist). The same seed gives the same files.

The noise teaches what posts and copied text look like: lower-cased or accent-less sources, curly and straight quotes and
apostrophes, words shortened and `ne` left out, sentences glued together, and the placeholders that stand for links, handles and numbers at run time.
"""
import argparse
import lzma
import pathlib
import random
import re
import unicodedata

# How often a source's pairs are seen, as a multiple of its size. Manuals and law are plentiful and narrow.
WEIGHTS = {
    "tatoeba": 2.0, "cds_digital": 3.0, "gc_digital": 3.0, "asp": 3.0, "sdg": 4.0, "transread": 1.0, "alibi": 1.0,
    "laws": 0.12, "php_docs": 0.15, "python_docs": 0.2, "django_docs": 0.2, "gnome_docs": 0.4, "rust_book": 0.5,
    "novels": 0.7, "miserables": 0.5, "montecristo": 0.7, "mousquetaires": 0.7, "germinal": 0.7,
    "vingt_mille_lieues": 1.0, "ile_mysterieuse": 0.7, "assommoir": 0.5, "cousine_bette": 0.5, "debacle": 0.5,
    "salammbo": 0.5, "education_sentimentale": 0.7, "swann": 0.4, "europarl": 1.0, "europarl_sample": 1.0,
}
PLACEHOLDERS = [f"⟦{i}⟧" for i in range(1, 9)]
CARRIED = re.compile(r"(?<![\w⟦])(?:\d[\d.,]*\d{1,}|[A-Z][\w-]{2,})(?![\w⟧])")


def read_pairs(path):
    """Yields (French, English, source) of a plain or xz-compressed file."""
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            fields = line.rstrip("\n").split("\t")
            if len(fields) == 3:
                yield fields


def plain_english(text):
    """The quote and apostrophe style that the model writes."""
    for old, new in (("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"'), ("« ", '"'), (" »", '"'), ("…", "...")):
        text = text.replace(old, new)
    return text


def varied_french(text, rng):
    """The same sentence in one of the typographies that people use."""
    style = rng.random()
    if style < .4:
        text = text.replace("'", "’")
    if style < .2:
        text = re.sub(r'"([^"]*)"', "« \\1 »", text)
    elif style < .3:
        text = re.sub(r'"([^"]*)"', "“\\1”", text)
    elif style > .9:
        text = text.replace("« ", '"').replace(" »", '"').replace("«", '"').replace("»", '"')
    if rng.random() < .1:
        text = text.replace(" ", " ").replace(" ?", "?").replace(" !", "!").replace(" :", ":")
    return text.replace("...", "…") if rng.random() < .3 else text


def strip_accents(text):
    """The text as someone types it without accents."""
    return unicodedata.normalize("NFC", "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)))


def with_placeholders(french, english, rng):
    """Puts placeholders in place of tokens that both sides hold exactly once."""
    shared = [m.group() for m in CARRIED.finditer(french)
              if m.start() > 0 and french.count(m.group()) == 1 and english.count(m.group()) == 1]
    rng.shuffle(shared)
    chosen = sorted(shared[:rng.choice((1, 1, 2, 3))], key=french.find)
    for placeholder, token in zip(PLACEHOLDERS, chosen):
        french, english = (re.sub(rf"(?<!\w){re.escape(token)}(?!\w)", placeholder, side) for side in (french, english))
    return french, english


# How people shorten words where they type in a hurry.
SHORT = {
    "beaucoup": "bcp", "parce que": "pcq", "pourquoi": "pk", "toujours": "tjrs", "aujourd'hui": "ajd", "quelqu'un": "qqn",
    "quelque chose": "qqch", "c'est": "c", "vous": "vs", "nous": "ns", "avec": "avc", "dans": "ds", "pour": "pr", "tout": "tt",
    "tous": "ts", "bonjour": "bjr", "salut": "slt", "s'il vous plaît": "svp", "s'il te plaît": "stp", "gouvernement": "gvt",
    "que": "q", "quand": "qd", "même": "mm", "rien": "r1", "demain": "2m1", "désolé": "dsl", "problème": "pb", "il y a": "y a",
    "je suis": "jsuis", "je ne sais pas": "jsp", "tu as": "t'as", "tu es": "t'es", "est-ce que": "esk", "minutes": "min",
    "rendez-vous": "rdv", "maintenant": "mtn", "vraiment": "vrmt", "message": "msg", "temps": "tps", "longtemps": "lgtps",
}
DENIED = re.compile(r"\b(?:[Nn]e |[Nn]['’])(?=\w+(?:-\w+)? (?:pas|plus|jamais|rien|aucune?|personne)\b)")


def chatty(french, rng):
    """The sentence as a post in a hurry has it: `on a pas bcp de temps`."""
    french = DENIED.sub("", french).replace("’", "'")
    if rng.random() < .6:
        for word, short in SHORT.items():
            if rng.random() < .5:
                french = re.sub(rf"(?<![\w'-]){re.escape(word)}(?![\w'-])", short, french)
    if rng.random() < .4:
        french = french.lower()
    if rng.random() < .3:
        french = strip_accents(french)
    if rng.random() < .4:
        french = french.rstrip(" .")
    elif french.endswith("!") and rng.random() < .6:
        french = french.rstrip(" !") + rng.choice((" !!", "!!!", " !!!!"))
    return french


def noisy(french, english, rng):
    """One training pair out of one clean pair."""
    english = plain_english(english)
    french = varied_french(french, rng)
    draw = rng.random()
    if draw < .25:
        french, english = with_placeholders(french, english, rng)
    elif draw < .28:
        french = strip_accents(french)
    elif draw < .30:
        french, english = french.lower(), english
    elif draw < .32:
        french = french.rstrip(" .!?…")
        english = english.rstrip(" .!?")
    elif draw < .38 and len(french) < 160:
        french = chatty(french, rng)
    return french, english


def mix(arguments, rng):
    """The clean pairs, each source taken as often as its weight says, at most `pairs` of them."""
    mixed = []
    for path in [arguments.data / "mt/train.fr-en.tsv.xz", *arguments.extra]:
        for french, english, source in read_pairs(path):
            if max(len(french.split()), len(english.split())) > arguments.max_words:
                continue
            weight = WEIGHTS.get(source.split(":")[0], .5)
            for _ in range(int(weight) + (rng.random() < weight % 1)):
                mixed.append((french, english))
    rng.shuffle(mixed)
    return mixed[:arguments.pairs] if arguments.pairs else mixed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--extra", type=pathlib.Path, nargs="*", default=[], help="further pair files: europarl.tsv")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--pairs", type=int, default=0, help="at most so many (0: all)")
    parser.add_argument("--max-words", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    pairs = mix(arguments, rng)
    (arguments.out / "mt").mkdir(parents=True, exist_ok=True)
    with open(arguments.out / "mt/raw.tsv", "w", encoding="utf-8") as raw, \
            open(arguments.out / "mt/train.tsv", "w", encoding="utf-8") as train:
        for i, (french, english) in enumerate(pairs):
            raw.write(f"{french}\t{english}\n")
            if rng.random() < .06 and i and len(french) + len(pairs[i - 1][0]) < 220:
                french, english = (f"{a} {b}" for a, b in zip(pairs[i - 1], (french, english)))
            french, english = noisy(french, english, rng)
            train.write(f"{french}\t{english}\n")
    print(f"{len(pairs)} pairs")


if __name__ == "__main__":
    main()
