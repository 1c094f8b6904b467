"""Named-entity data as the run time sees it: raw sentences, cut by the tokenizer, a tag for each word.

A `Sentence` holds tokens and BIO2 tags as annotated. `detokenise` writes it as raw text; `Encoder.encode` cuts that text with
the model's own tokenizer and carries the tags over by offsets, so that `@handle`, `l'ONU` and `U.S.` are split the same way
in training and at run time. A word is what the pre-tokenizer cuts; its first piece carries its tag.
"""
import dataclasses
import lzma
import random

import numpy

LABELS = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC", "I-MISC"]
IDS = {label: i for i, label in enumerate(LABELS)} | {"?": -100}
# Elsewhere MISC is not annotated, and O may hide one.
WITH_MISC = {"wnut17", "tweebank", "wikigold", "written"}
IGNORED = -100

NO_SPACE_BEFORE = set(",.;:!?)]}%…”") | {"'s", "’s", "n't", "n’t", "'re", "'ve", "'ll", "'m", "'d", "’re", "’ve", "’ll", "’m"}
NO_SPACE_AFTER = set("([{“")


@dataclasses.dataclass
class Sentence:
    """Tokens with their BIO2 tags, and the data set that they come from."""
    tokens: list
    tags: list
    source: str

    def entities(self):
        """(start, end, kind) of each entity, in tokens."""
        found, start = [], None
        for i, tag in enumerate([*self.tags, "O"]):
            if start is not None and not tag.startswith("I-"):
                found.append((start, i, self.tags[start][2:]))
                start = None
            if tag.startswith("B-"):
                start = i
        return found


def read(path):
    """The sentences of a `token TAB tag TAB source` file."""
    sentences, rows = [], []
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in [*lines, "\n"]:
            fields = line.rstrip("\n").split("\t")
            if len(fields) >= 3:
                rows.append(fields)
            elif rows:
                # The broad Twitter corpus writes a quotation mark as '"'.
                tokens = ['"' if row[0] == "'\"'" else row[0] for row in rows]
                sentences.append(Sentence(tokens, [row[1] for row in rows], rows[0][2]))
                rows = []
    return sentences


def detokenise(tokens):
    """Raw text of the tokens, and the character at which each of them starts."""
    text, starts, open_quote = "", [], False
    for i, token in enumerate(tokens):
        glued = token in NO_SPACE_BEFORE or i > 0 and (
            tokens[i - 1] in NO_SPACE_AFTER or tokens[i - 1][-1] in "'’" and len(tokens[i - 1]) > 1)
        if token == '"':
            glued, open_quote = glued or open_quote, not open_quote
        elif i > 0 and tokens[i - 1] == '"' and open_quote:
            glued = True
        if text and not glued:
            text += " "
        starts.append(len(text))
        text += token
    return text, starts


@dataclasses.dataclass
class Encoded:
    """Pieces of a sentence, a label for each (`IGNORED` where it carries none), and the way back to the tokens."""
    ids: numpy.ndarray
    labels: numpy.ndarray
    hidden_misc: bool
    heads: list


class Encoder:
    """Cuts sentences with a tokenizer and carries their tags over to its words."""

    def __init__(self, tokenizer, longest=128):
        self.tokenizer, self.longest = tokenizer, longest

    def encode(self, sentences):
        texts = [detokenise(sentence.tokens) for sentence in sentences]
        encodings = self.tokenizer.encode_batch([text for text, _ in texts])
        return [self._carry(s, starts, e) for s, (_, starts), e in zip(sentences, texts, encodings)]

    def _carry(self, sentence, starts, encoding):
        """`heads[i]` is the position of the piece that decides token i, -1 when it was cut off."""
        ids = encoding.ids[:self.longest - 1] + encoding.ids[-1:] if len(encoding.ids) > self.longest else encoding.ids
        labels = numpy.full(len(ids), IGNORED, dtype=numpy.int64)
        heads, token, word, start, owned = [-1] * len(starts), -1, None, -1, True
        for position, (index, (begin, _)) in enumerate(zip(encoding.word_ids, encoding.offsets)):
            if index is None or index == word or position >= len(ids) - 1:
                continue
            word = index
            while token + 1 < len(starts) and starts[token + 1] <= begin:
                # A token that no word starts in ("n't" in "don't") is decided by the word before.
                token, owned = token + 1, False
                heads[token] = start
            tag = sentence.tags[token]
            if owned and tag.startswith("B-"):
                tag = "I-" + tag[2:]
            if not owned:
                heads[token], owned = position, True
            labels[position], start = IDS[tag], position
        return Encoded(numpy.array(ids, dtype=numpy.int64), labels, sentence.source not in WITH_MISC, heads)


def batches(lengths, tokens, rng):
    """Indexes of sentences of like length, about `tokens` pieces a batch, in random order."""
    order = sorted(rng.permutation(len(lengths)), key=lambda i: lengths[i] + rng.random() * 3)
    out, current = [], []
    for i in order:
        if current and (len(current) + 1) * (lengths[i] + 1) > tokens:
            out.append(current)
            current = []
        current.append(int(i))
    if current:
        out.append(current)
    rng.shuffle(out)
    return out


def recased(sentence, rng):
    """The same sentence as some people write it: in capitals, without capitals, with curly apostrophes; links cut short."""
    draw = rng.random()
    change = str.upper if draw < .04 else str.lower if draw < .07 else str.title if draw < .09 else None
    tokens = sentence.tokens
    if change:
        tokens = [token if token[0] in "@#" or "/" in token else change(token) or token for token in tokens]
    # A link costs many pieces and teaches nothing after the first few.
    if rng.random() < .8:
        tokens = [token[:14] if "://" in token else token for token in tokens]
    if rng.random() < .4:
        tokens = [token.replace("'", "’") for token in tokens]
    return Sentence(tokens, sentence.tags, sentence.source)


def seeded(*parts):
    """A generator set by the parts."""
    return random.Random("/".join(map(str, parts)))
