"""The texts that are measured: as many distinct lines and documents as wanted, always the same ones."""
import itertools
import json
import random

from templates import ENGLISH, FRENCH, NAMES

MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]


def sentences(language, count, templates=None):
    """`count` (at most a few thousand) distinct sentences of the language `fr` or `en`, the templates in turn."""
    rng, made, seen = random.Random(language), [], set()
    for template in itertools.cycle(templates or (FRENCH if language == "fr" else ENGLISH)):
        if len(made) == count:
            return made
        city, other = rng.sample(NAMES["city"], 2)
        sentence = template.format(city=city, city2=other, n=rng.randrange(12, 99), country=rng.choice(NAMES["country"]),
                                   person=rng.choice(NAMES["person"]), org=rng.choice(NAMES["org"]))
        # Numbers set aside, as diglot translates equal sentences once.
        key = "".join(c for c in sentence if not c.isdigit())
        if key not in seen:
            seen.add(key)
            made.append(sentence)


def word(index):
    """An invented word of six letters; each index below 512,000 has one of its own."""
    syllables = [consonant + vowel for consonant in "bcdfghjklmnprstv" for vowel in "aeiou"]
    # Neighbours begin in different ways, as words of a text do: the factor has none in common with 80.
    index = index * 7919 % 80 ** 3
    return "".join(syllables[index // 80 ** place % 80] for place in range(3))


def of_words(count, length):
    """`count` distinct lines of `length` invented words each, all of them in the vocabularies of shapes.py."""
    rng = random.Random(length)
    return [" ".join(map(word, rng.sample(range(28_000), length))) for _ in range(count)]


def documents(count):
    """`count` articles in English, each with a title, three paragraphs, two French posts and a French quotation.

    No French template stands beside the English one of like meaning, which diglot would look at as a rendering of it.
    """
    rng = random.Random("documents")
    english, french = iter(sentences("en", 10 * count, ENGLISH[:28])), iter(sentences("fr", 5 * count, FRENCH[32:]))
    return [document(rng, english, french) for _ in range(count)]


def document(rng, english, french):
    def take(source, number):
        return " ".join(next(source) for _ in range(number))
    blocks = [f"News of the day from {rng.choice(NAMES['city'])}, number {rng.randrange(1000)}",
              take(english, 4), post(rng, take(french, 2)), take(english, 3), post(rng, take(french, 2)),
              take(french, 1), take(english, 3)]
    return "\n\n".join(blocks) + "\n"


def post(rng, body):
    """A post with its signature, as articles quote them."""
    name = rng.choice(NAMES["person"])
    handle = "".join(c for c in name if c.isascii() and c.isalpha()).lower()
    return f"{body} — {name} (@{handle}) {rng.choice(MONTHS)} {rng.randrange(1, 29)}, 2024"


def write_documents(path, count):
    with open(path, "w", encoding="utf-8") as out:
        for i, text in enumerate(documents(count)):
            out.write(json.dumps({"id": f"d{i}", "text": text}, ensure_ascii=False) + "\n")


def write_lines(path, lines):
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
