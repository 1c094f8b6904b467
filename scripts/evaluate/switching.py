"""Where a text changes between English and French: the share of letters that get their language."""
import random
import re

import corpora

# Texts a row. The sources are cut in halves: what is tuned on one can be checked on the other.
TEXTS = 1000
HALVES = ("first", "second")
# Marks inside a number or a name do not end a clause.
MARK = re.compile(r"[,;:.!?…]+(?:\s+|$)|\s*[()«»“”\"–—]\s*|\s+-+\s+|^-+\s*")
LETTER = re.compile(r"[^\W\d_]")
WORDS = range(4, 13)


def sources(data, half, draw):
    """French and English sentences, of different pairs, in random order."""
    pairs = [pair for name in ("newstest2012", "newstest2013", "tatoeba") for pair in corpora.development_pairs(data, name)]
    pairs = pairs[HALVES.index(half)::2]
    sides = {"fr": [pair[0] for pair in pairs[::2]], "en": [pair[1] for pair in pairs[1::2]]}
    for side in sides.values():
        draw.shuffle(side)
    return sides


def clause(draw, sentence):
    """A piece of a sentence between marks, of some words, or nothing."""
    pieces = [piece for piece in MARK.split(sentence) if len(piece.split()) in WORDS]
    return draw.choice(pieces) if pieces else None


def clauses(draw, sentences):
    return [piece for piece in (clause(draw, sentence) for sentence in sentences) if piece]


def common_words(sentences):
    """The words that occur without a capital: neither names nor `I`."""
    return {word for sentence in sentences for word in re.findall(r"[^\W\d_]+", sentence) if word.islower()} - {"i"}


def lowered(text, common):
    """A clause as it stands inside a sentence: its first word keeps its capital only where it always has it."""
    first = re.match(r"\w*", text)[0].lower()
    return text[0].lower() + text[1:] if first in common else text


def within(draw, sides):
    """One sentence of a clause in each language, with or without a comma between them."""
    common = {language: common_words(side) for language, side in sides.items()}
    pools = {language: clauses(draw, side) for language, side in sides.items()}
    for pieces in zip(pools["en"], pools["fr"]):
        (first, a), (second, b) = draw.sample(list(zip(("en", "fr"), pieces)), 2)
        a = a[0].upper() + a[1:]
        yield [(a + draw.choice([",", ""]) + " ", first), (lowered(b, common[second]) + ".", second)]


def across(draw, sides):
    """Two sentences, one in each language."""
    for pieces in zip(sides["en"], sides["fr"]):
        (first, a), (second, b) = draw.sample(list(zip(("en", "fr"), pieces)), 2)
        yield [(a + " ", first), (b, second)]


def letters(parts):
    """The language of each letter, by its place."""
    languages, start = {}, 0
    for text, language in parts:
        languages.update((start + found.start(), language) for found in LETTER.finditer(text))
        start += len(text)
    return languages


def marked(text, sentences):
    return " | ".join(f"[{s['language']}] {text[s['char_start']:s['char_end']]}" for s in sentences)


def score(run, name, texts):
    """The share of letters with the right language, and of texts that are cut nowhere they should not be."""
    records = run.diglot.records(["".join(part for part, _ in parts) for parts in texts])
    right = total = whole = 0
    for parts, record in zip(texts, records):
        gold = letters(parts)
        got = {at: s["language"] for s in record["sentences"] for at in range(s["char_start"], s["char_end"])}
        correct = sum(got.get(at) == language for at, language in gold.items())
        changes = sum(a["language"] != b["language"] for a, b in zip(record["sentences"], record["sentences"][1:]))
        right, total, whole = right + correct, total + len(gold), whole + (changes == len(parts) - 1)
        if correct < .9 * len(gold):
            run.miss(name, f"{correct / len(gold):.2f} {marked(record['text'], record['sentences'])}"
                           f"   EXPECTED {' | '.join(f'[{l}] {t.strip()}' for t, l in parts)}")
    return right / total, whole / len(texts)


def half(run, table, which):
    draw = random.Random(f"{run.seed} {which}")
    sides = sources(run.data, which, draw)
    held_out = which == HALVES[1]
    for name, make, target in (("within a sentence", within, .949), ("across sentences", across, .975)):
        texts = [parts for _, parts in zip(range(TEXTS), make(draw, sides))]
        share, _ = score(run, f"{name} ({which})", texts)
        table.add(f"{name}, letters right ({which} half)", share, target if held_out else None, len(texts))
    texts = [[(text, language)] for language, side in sides.items() for text in side[:TEXTS]]
    share, whole = score(run, f"monolingual ({which})", texts)
    table.add(f"monolingual, letters right ({which} half)", share, .999 if held_out else None, len(texts))
    table.add(f"  texts in one language throughout", whole, None, len(texts))


def measure(run, table):
    for which in HALVES:
        table.attempt(half, run, which)
