#!/usr/bin/env python3
"""Tags sentence pairs by rule and projects the tags across them: modern French and English for the NER model.

usage: ner_silver.py --data DIR [--extra EUROPARL.tsv] --out WORK [--sentences 6000]

The annotated French is a century old. Pairs tell more than a sentence alone: a capitalised word that stands on both sides is a
name, and what one side says of it (a title before it, a preposition of place) holds for the other. People are words that follow
a title on either side, or names seen there often; places and organisations come from the lists of `ner_names` in the
side's language. A capitalised word that no rule explains is tagged `?` and left out of the loss; a sentence with too many is
dropped. Writes WORK/ner/silver.{en,fr}.conll.xz.
"""
import argparse
import collections
import lzma
import pathlib
import random
import re

import ner_names
from pretrain import sides

TITLES = {
    "en": "Mr Mrs Ms Dr Sir Lady Lord Madame Monsieur Chancellor Judge Captain Professor Commissioner Colonel General".split(),
    "fr": "M Mme Mlle Monsieur Madame Mademoiselle Dr chancelier juge capitaine professeur commissaire colonel général maître".split(),
}
# Capitalised, but no name of the four kinds: office, time, address.
PLAIN = set("""I Mr Mrs Ms Dr Sir Lady Lord M Mme Mlle Madame Monsieur Mademoiselle President Président Présidente Commissioner Commissaire
Minister Ministre Member Members Article Articles Rule Directive Treaty Presidency Chair Chairman January February March April May
June July August September October November December Monday Tuesday Wednesday Thursday Friday Saturday Sunday State States Member
États Membres Prime Premier God Dieu Chapter Chapitre King Queen Roi Reine Christmas Noël Report Rapport""".split())
MORE_ORGANISATIONS = {
    "en": ["European Parliament", "Parliament", "Commission", "European Council", "Council", "European Central Bank", "Court of Justice",
           "Court of Auditors", "Committee of the Regions", "United Nations", "World Trade Organisation", "Council of Europe",
           "European Court of Justice", "Union", "European Community", "Security Council", "World Bank", "Senate", "Congress"],
    "fr": ["Parlement européen", "Parlement", "Commission", "Conseil européen", "Conseil", "Banque centrale européenne", "Cour de justice",
           "Cour des comptes", "Comité des régions", "Nations unies", "Organisation mondiale du commerce", "Conseil de l' Europe",
           "Union européenne", "Union", "Communauté européenne", "Conseil de sécurité", "Banque mondiale", "Sénat", "Congrès"],
}
MORE_PLACES = {"en": ["Europe", "America", "Africa", "Asia", "Great Britain", "Kosovo", "Middle East", "England", "Scotland", "Boston", "USA"],
               "fr": ["Europe", "Amérique", "Afrique", "Asie", "Grande-Bretagne", "Kosovo", "Moyen-Orient", "Angleterre", "Écosse", "Boston",
                      "États-Unis"]}
CUT = re.compile(r"\w+(?:[-.]\w+)*['’]?|[^\w\s]")


def capitalised(word):
    return word[0].isupper() and len(word) > 1 and not word.endswith(("'", "’"))


def names_after_titles(rows):
    """How often a word follows a title, against how often it is seen at all."""
    titled, seen = collections.Counter(), collections.Counter()
    for row in rows:
        for language, words in row.items():
            for i, word in enumerate(words):
                if capitalised(word):
                    seen[word] += 1
                    before = words[i - 2] if i > 1 and words[i - 1] == "." else words[i - 1] if i else ""
                    titled[word] += before in TITLES[language]
    return {word for word, count in titled.items() if count >= 3 and count > .15 * seen[word] and word not in PLAIN}


class Lists:
    """Names of a language by their words, longest first."""

    def __init__(self, language, people):
        self.people, self.given = people, set(ner_names.people(language)[0])
        self.listed = {}
        large = [name for name, weight in zip(*ner_names.cities()) if weight > 700]
        places = ner_names.countries(language) + ner_names.PLACES[language] + MORE_PLACES[language] + large
        for kind, names in (("LOC", places), ("ORG", ner_names.organisations(language) + MORE_ORGANISATIONS[language])):
            for name in names:
                words = tuple(CUT.findall(name))
                if len(name) > 2 and (len(words) > 1 or words[0] not in people):
                    self.listed[words] = kind

    def tag(self, words, shared, titles):
        """Tags by list, by title and by what stands on both sides."""
        tags, i = ["O"] * len(words), 0
        while i < len(words):
            length = next((n for n in range(min(6, len(words) - i), 0, -1) if tuple(words[i:i + n]) in self.listed), 0)
            kind = self.listed.get(tuple(words[i:i + length]))
            if not length and capitalised(words[i]) and words[i] not in PLAIN:
                end = i
                while end < len(words) and capitalised(words[end]) and words[end] not in PLAIN:
                    end += 1
                person = words[end - 1] in self.people or (words[i] in self.given and i > 0 and words[i] in shared) or \
                    (i > 0 and (words[i - 1] in titles or words[i - 1] == "." and words[i - 2] in titles))
                length, kind = end - i, "PER" if person else None if i == 0 and end == 1 and words[i] not in shared else "?"
            if length and kind:
                tags[i:i + length] = ["?"] * length if kind == "?" else [f"B-{kind}"] + [f"I-{kind}"] * (length - 1)
            i += max(1, length)
        return tags


def worth(tags):
    """Whether a sentence teaches enough: a name, and few words that are not explained."""
    return any(tag[0] == "B" for tag in tags) and tags.count("?") <= .5 * sum(tag[0] == "B" for tag in tags)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--extra", type=pathlib.Path, nargs="*", default=[], help="further pair files: europarl.tsv")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--share", type=float, default=.05, help="share of Europarl that is looked at")
    parser.add_argument("--sentences", type=int, default=6000, help="a language")
    parser.add_argument("--often", type=int, default=150, help="drop a sentence whose names were all seen more often")
    parser.add_argument("--seed", type=int, default=2)
    arguments = parser.parse_args()
    rows = [{"fr": CUT.findall(french), "en": CUT.findall(english)} for french, english in sides(arguments)
            if max(len(french), len(english)) < 250][:200_000]
    people = names_after_titles(rows)
    lists = {language: Lists(language, people) for language in ("en", "fr")}
    found, times = {"en": [], "fr": []}, collections.Counter()
    for row in rows:
        shared = {word for word in row["fr"] if capitalised(word)} & set(row["en"])
        for language, words in row.items():
            tags = lists[language].tag(words, shared, TITLES[language])
            names = [(language, word) for word, tag in zip(words, tags) if tag != "O"]
            times.update(names)
            if worth(tags) and min(times[name] for name in names) <= arguments.often:
                found[language].append((words, tags))
    for language, sentences in found.items():
        random.Random(arguments.seed).shuffle(sentences)
        with lzma.open(arguments.out / f"ner/silver.{language}.conll.xz", "wt", encoding="utf-8") as out:
            for words, tags in sentences[:arguments.sentences]:
                out.writelines(f"{word}\t{tag}\tsilver\n" for word, tag in zip(words, tags))
                out.write("\n")
        print(f"{language}: {len(sentences)} of {len(rows)} sentences, {len(people)} people")


if __name__ == "__main__":
    main()
