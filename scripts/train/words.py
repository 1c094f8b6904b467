#!/usr/bin/env python3
"""Teaches the translation model everyday words that the sentence pairs lack, by made-up pairs.

usage: words.py --out WORK [--swapped N] [--seed S]

Reads vocabulary/{nouns,verbs,adjectives,phrases,frames}.tsv, written by hand, and WORK/mt/raw.tsv of prepare.py. Puts made pairs in front
of WORK/mt/raw.tsv and WORK/mt/train.tsv: sentences of the pairs with one noun in the place of another (Fadaee, Bisazza and
Monz 2017), of the same number, gender and first sound, and short sentences around every word. The same seed gives the
same pairs.
"""
import argparse
import collections
import itertools
import pathlib
import random
import re

from prepare import noisy

FOLDER = pathlib.Path(__file__).parent / "vocabulary"
MUTE_NOT = set("hache haricot hangar hameau hibou harpon houle houe haut-parleur hareng hyène".split())
FEMININE_ENDINGS = ("tion", "sion", "té", "ie", "ée", "ette", "ère", "ance", "ence", "ine", "ure", "euse", "trice", "ique",
                    "elle", "esse", "ade", "ière", "ienne", "onne", "ote", "une", "che", "gne", "lle", "sse", "nne")
MASCULINE = set("le un du au ce".split())
FEMININE = set("la une cette".split())
PLURAL = set("les des aux ces ses leurs nos mes vos".split())
NEUTRAL = set("son notre votre leur chaque de l' d' mon sans".split())


def rows(name):
    with open(FOLDER / name, encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith("#"):
                yield (line.rstrip("\n").split("\t") + [""] * 5)[:6]


def french_plural(noun):
    head, _, rest = noun.partition(" ")
    first, hyphen, second = head.partition("-")
    if head in ("arc-en-ciel", "raz-de-marée"):
        return "arcs-en-ciel" if head.startswith("arc") else noun
    if hyphen and first in ("aide", "beau", "belle", "grand", "petit", "petite"):
        return f"{french_plural(first)}-{french_plural(second)}"
    if head in ("genou", "pou"):
        head += "x"
    elif head.endswith(("al",)) and head not in ("carnaval",):
        head = head[:-2] + "aux"
    elif head.endswith(("eau", "eu", "au")) and head != "pneu":
        head += "x"
    elif not head.endswith(("s", "x", "z")):
        head += "s"
    if rest and " " not in rest and not rest.startswith(("d'", "à")):
        rest = french_plural(rest) if not rest[0].isupper() else rest
    return f"{head} {rest}".strip()


def english_plural(noun):
    head, of, rest = re.fullmatch("(.*?)( of |-in-|$)(.*)", noun).groups()
    if re.search("(s|x|ch|sh|z)$", head):
        head += "es"
    elif re.search("[^aeiou]y$", head):
        head = head[:-1] + "ies"
    elif head.endswith("man"):
        head = head[:-3] + "men"
    elif head.endswith("child"):
        head += "ren"
    else:
        head += "s"
    return head + of + rest


class Noun:
    def __init__(self, french, english, plural, genders):
        self.one, self.many = (french, english), (french_plural(french), plural or english_plural(english))
        votes = genders[french.split()[0]]
        first = french.split()[0].split("-")[0]
        self.feminine = votes > 0 if votes else first.endswith(FEMININE_ENDINGS)
        self.vowel = french[0].lower() in "aeiouéèêîôûœâh" and french not in MUTE_NOT

    def with_article(self, kind):
        """`un`, `le`, `du`, `de`, `ce`, `son` with the noun, and the same in English."""
        noun, english = self.one
        f, v = self.feminine, self.vowel
        article = {
            "un": "une " if f else "un ", "le": "l'" if v else "la " if f else "le ",
            "du": "de l'" if v else "de la " if f else "du ", "de": "d'" if v else "de ",
            "ce": "cette " if f else "cet " if v else "ce ", "son": "sa " if f and not v else "son ",
            "au": "à l'" if v else "à la " if f else "au ",
        }[kind]
        an = "an " if english[0].lower() in "aeiou" and not english.startswith(("uni", "eu", "one")) else "a "
        word = {"un": an, "le": "the ", "du": "the ", "de": "", "ce": "this ", "son": "his ", "au": "the "}[kind]
        return article + noun, word + english


ONE = [
    ("Il y avait {un} devant la maison.", "There was {un} in front of the house."),
    ("{le} est arrivé avant la nuit.", "{le} arrived before nightfall."),
    ("On a parlé {du} toute la soirée.", "They talked about {du} all evening."),
    ("Il n'y a pas {de} ici.", "There is no {de} here."),
    ("Elle a vu {un} sur la route.", "She saw {un} on the road."),
    ("Ils ont retrouvé {le} près du fleuve.", "They found {le} near the river."),
    ("{ce} coûte trop cher.", "{ce} costs too much."),
    ("Il a perdu {son} pendant l'attaque.", "He lost {son} during the attack."),
    ("Mon père m'a donné {un}.", "My father gave me {un}."),
    ("Où est {le} ?", "Where is {le}?"),
    ("Je n'ai jamais vu {un} pareil.", "I have never seen such {un}."),
    ("{un} a été filmé par les habitants.", "{un} was filmed by residents."),
    ("Sans {un}, on ne peut rien faire.", "Without {un}, nothing can be done."),
    ("Selon la police, {le} a disparu lundi.", "According to police, {le} disappeared on Monday."),
    ("Les gens ont peur {du}.", "People are afraid of {du}."),
    ("C'est {un}, pas {un2}.", "It is {un}, not {un2}."),
    ("{le} et {le2} sont au village.", "{le} and {le2} are in the village."),
    ("Regardez {ce} !", "Look at {ce}!"),
]
MANY = [
    ("Les {n} sont arrivés hier.", "The {n} arrived yesterday."),
    ("Il y a des {n} dans la ville.", "There are {n} in the city."),
    ("On manque de {n}, dit-elle.", 'We lack {n}, she says.'),
    ("Ils ont trouvé des {n} et des {m}.", "They found {n} and {m}."),
    ("Trois {n} ont été emportés.", "Three {n} were taken away."),
    ("Beaucoup de {n} ont disparu.", "Many {n} have disappeared."),
    ("Les {n} et les {m} coûtent cher.", "The {n} and the {m} are expensive."),
    ("Nous avons vu des {n} partout !", "We saw {n} everywhere!"),
    ("Où sont passés les {n} ?", "Where have the {n} gone?"),
    ("Des dizaines de {n} étaient sur la place.", "Dozens of {n} were in the square."),
    ("Leurs {n} sont restés au camp.", "Their {n} stayed in the camp."),
    ("Plus de {n}, moins de {m}.", "More {n}, fewer {m}."),
    ("Ces {n} viennent du nord.", "These {n} come from the north."),
    ("La ville a besoin de {n}.", "The city needs {n}."),
]
VERB = [
    ("Ils {present} tous les jours.", "They {base} every day."), ("Ils ont {participle} hier.", "They {past} yesterday."),
    ("Les hommes {imperfect} quand la police est venue.", "The men were {ing} when the police came."),
    ("Il ne faut pas {infinitive}.", "You must not {base}."), ("Elle voulait {infinitive} avant la nuit.", "She wanted to {base} before nightfall."),
    ("Nous n'avons pas {participle}.", "We did not {base}."), ("Qui a {participle} ?", "Who {past}?"),
    ("Il est venu pour {infinitive}.", "He came to {base}."), ("Les voisins {present} encore.", "The neighbours still {base}."),
    ("J'ai {participle} toute la journée.", "I {past} all day."), ("Ils ont été {participle}s par des inconnus.", "They were {pp} by strangers."),
    ("Il a été {participle} mardi.", "He was {pp} on Tuesday."), ("Sans {infinitive}, il est parti.", "Without {ing}, he left."),
]
ADJECTIVE = [
    ("Il est {m}.", "He is {e}."), ("Elle est {f}.", "She is {e}."), ("Ils sont {ms}.", "They are {e}."),
    ("Les rues sont {fs}.", "The streets are {e}."), ("Le marché était {m} ce matin.", "The market was {e} this morning."),
    ("La maison est très {f}.", "The house is very {e}."), ("Mon frère est {m} depuis hier.", "My brother has been {e} since yesterday."),
    ("Les enfants étaient {ms}.", "The children were {e}."), ("C'est trop {m} !", "It is too {e}!"), ("Je suis {m}, et toi ?", "I am {e}, and you?"),
]


def capital(text):
    return text[:1].upper() + text[1:]


def noun_pairs(nouns, rng):
    for noun in nouns:
        for french, english in ONE:
            other = rng.choice(nouns)
            sides = [french, english]
            for side in (0, 1):
                for kind in ("un", "le", "du", "de", "ce", "son", "au"):
                    sides[side] = sides[side].replace(f"{{{kind}2}}", other.with_article(kind)[side])
                    sides[side] = sides[side].replace(f"{{{kind}}}", noun.with_article(kind)[side])
            yield capital(sides[0]), capital(sides[1])
        for french, english in MANY:
            other = rng.choice(nouns)
            fill = [side.replace("{n}", noun.many[i]).replace("{m}", other.many[i]) for i, side in enumerate((french, english))]
            if noun.vowel:
                fill[0] = fill[0].replace(f"de {noun.many[0]}", f"d'{noun.many[0]}")
            yield capital(fill[0]), capital(fill[1])


def ing(base):
    head, *rest = base.split(" ")
    if head.endswith("ie"):
        head = head[:-2] + "y"
    elif head.endswith("e") and not head.endswith("ee"):
        head = head[:-1]
    elif re.fullmatch("[^aeiou]*[aeiou][bdgmnprt]", head):
        head += head[-1]
    return " ".join([head + "ing", *rest])


def regular_past(base):
    head, *rest = base.split(" ")
    if head.endswith("e"):
        head += "d"
    elif re.search("[^aeiou]y$", head):
        head = head[:-1] + "ied"
    elif re.fullmatch("[^aeiou]*[aeiou][bdgmnprt]", head):
        head += head[-1] + "ed"
    else:
        head += "ed"
    return " ".join([head, *rest])


def verb_pairs():
    for infinitive, english, present, participle, imperfect, _ in rows("verbs.tsv"):
        base, _, forms = english.partition(":")
        past, _, pp = forms.partition(":") if forms else (regular_past(base), "", regular_past(base))
        stem = infinitive[:-2]
        soft = stem + "e" if stem.endswith("g") else stem[:-1] + "ç" if stem.endswith("c") else stem
        forms = {"infinitive": infinitive, "present": present or stem + "ent", "participle": participle or stem + "é",
                 "imperfect": imperfect or soft + "aient", "base": base, "past": past, "pp": pp, "ing": ing(base)}
        for french, target in VERB:
            yield french.format(**forms), target.format(**forms)


def adjective_pairs():
    for masculine, english, feminine, *_ in rows("adjectives.tsv"):
        feminine = feminine or (masculine if masculine.endswith("e") else masculine + "se" if masculine.endswith("eux") else masculine + "e")
        plural = masculine if masculine.endswith(("s", "x")) else masculine + "s"
        forms = {"m": masculine, "f": feminine, "ms": plural, "fs": feminine + "s", "e": english}
        for french, target in ADJECTIVE:
            yield french.format(**forms), target.format(**forms)


# What a slot of frames.tsv stands for, in French and in English.
SLOTS = {
    "place": [(name, name) for name in ("Bamako Kidal Gao Goma Bukavu Dakar Niamey Tillabéri Ouagadougou Djibo Abidjan Bouaké Lomé Cotonou "
              "Conakry Douala Maroua Bangui Kinshasa Bunia Kigali Antananarivo Oran Constantine Tunis Sfax Casablanca Gaza Paris Lyon "
              "Lille Nantes Rennes Grenoble Montréal Québec Namur Mons Port-au-Prince Nouméa").split()],
    "incountry": [("au Mali", "in Mali"), ("au Niger", "in Niger"), ("au Tchad", "in Chad"), ("au Burkina Faso", "in Burkina Faso"),
                  ("en Guinée", "in Guinea"), ("au Cameroun", "in Cameroon"), ("en RDC", "in the DRC"), ("au Rwanda", "in Rwanda"),
                  ("au Soudan", "in Sudan"), ("en Libye", "in Libya"), ("en Tunisie", "in Tunisia"), ("au Maroc", "in Morocco"),
                  ("en Algérie", "in Algeria"), ("au Liban", "in Lebanon"), ("en Syrie", "in Syria"), ("en Haïti", "in Haiti"),
                  ("en France", "in France"), ("en Belgique", "in Belgium"), ("en Ukraine", "in Ukraine"), ("au Canada", "in Canada"),
                  ("aux États-Unis", "in the United States"), ("en Côte d'Ivoire", "in Ivory Coast"), ("en Centrafrique", "in the Central African Republic")],
    "name": [("⟦1⟧", "⟦1⟧")],
    "day": list(zip("lundi mardi mercredi jeudi vendredi samedi dimanche".split(),
                    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())),
    "n": [(str(number), str(number)) for number in range(2, 97)],
    "people": [("soldats", "soldiers"), ("civils", "civilians"), ("rebelles", "rebels"), ("gendarmes", "gendarmes"),
               ("militaires", "soldiers"), ("djihadistes", "jihadists"), ("manifestants", "demonstrators"), ("journalistes", "journalists"),
               ("policiers", "police officers"), ("combattants", "fighters"), ("terroristes", "terrorists"), ("miliciens", "militiamen")],
    "who": [("le maire", "the mayor"), ("le ministre", "the minister"), ("le gouverneur", "the governor"), ("le président", "the president"),
            ("le général", "the general"), ("le suspect", "the suspect"), ("le procureur", "the prosecutor"), ("le porte-parole", "the spokesman"),
            ("le directeur", "the director"), ("le chef du village", "the village chief")],
    "whose": [("l'armée", "the army"), ("la police", "the police"), ("la mairie", "the town hall"), ("la junte", "the junta"),
              ("l'opposition", "the opposition"), ("la direction", "the management"), ("la population", "the population"), ("la foule", "the crowd")],
}


def frame_pairs(rng):
    """The sentences of frames.tsv, with something in each slot."""
    for sides in (row[:2] for row in rows("frames.tsv")):
        for slot, choices in SLOTS.items():
            filling = rng.choice(choices)
            sides = [side.replace(f"{{{slot}}}", filling[i]) for i, side in enumerate(sides)]
        yield capital(sides[0]), capital(sides[1])


def genders(pairs):
    """How often each word stands behind a feminine article, less how often behind a masculine one."""
    votes = collections.Counter()
    for french, _ in pairs:
        words = french.lower().split()
        for before, word in zip(words, words[1:]):
            word = word.strip(".,;:!?")
            votes[word] += (before in FEMININE) - (before in MASCULINE)
    return votes


def swapped(pairs, nouns, wanted, rng):
    """Pairs of the text with one noun in the place of another."""
    by_form = {}
    for noun in nouns:
        if " " not in noun.one[0]:
            by_form.setdefault(noun.many[0], (noun, True))
            by_form.setdefault(noun.one[0], (noun, False))
    groups = collections.defaultdict(list)
    for noun in nouns:
        groups[True, None, noun.vowel].append(noun)
        groups[False, noun.feminine, noun.vowel].append(noun)
    token = re.compile(r"[\w-]+'?|[^\w\s]")
    made = 0
    for french, english in pairs:
        if made >= wanted:
            return
        words = token.findall(french)
        if len(words) > 40:
            continue
        places = []
        for before, word in zip(words, words[1:]):
            if word in by_form and french.count(word) == 1:
                noun, many = by_form[word]
                right = PLURAL if many else FEMININE if noun.feminine else MASCULINE
                target = noun.many[1] if many else noun.one[1]
                if (before.lower() in right or before.lower() in NEUTRAL) and len(re.findall(rf"\b{re.escape(target)}\b", english)) == 1:
                    places.append((word, target, noun, many))
        if not places:
            continue
        word, target, noun, many = rng.choice(places)
        other = rng.choice(groups[many, None if many else noun.feminine, noun.vowel])
        new = other.many if many else other.one
        french = re.sub(rf"(?<![\w-]){re.escape(word)}(?![\w-])", new[0], french)
        english = re.sub(rf"\b{re.escape(target)}\b", new[1], english)
        english = re.sub(r"\b([Aa])n? (?=" + re.escape(new[1]) + ")", lambda m: m[1] + ("n " if new[1][0].lower() in "aeiou" else " "), english)
        made += 1
        yield french, english


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--swapped", type=int, default=120_000, help="pairs of the text to put other nouns into")
    parser.add_argument("--rounds", type=int, default=2, help="times that each noun is put into each of its sentences")
    parser.add_argument("--phrases", type=int, default=12, help="times that each phrase of a post is taken")
    parser.add_argument("--frames", type=int, default=24, help="times that each frame is filled")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    raw, train = arguments.out / "mt/raw.tsv", arguments.out / "mt/train.tsv"
    with open(raw, encoding="utf-8") as lines:
        pairs = [line.rstrip("\n").split("\t") for line in lines]
    votes = genders(pairs)
    nouns = [Noun(french, english, plural, votes) for french, english, _, plural, *_ in rows("nouns.tsv")]
    rounds = (noun_pairs(nouns, rng) for _ in range(arguments.rounds))
    phrases = [(french, english) for french, english, *_ in rows("phrases.tsv")] * arguments.phrases
    frames = (frame_pairs(rng) for _ in range(arguments.frames))
    made = list(itertools.chain(*rounds, verb_pairs(), adjective_pairs(), phrases, *frames))
    count = len(made)
    made.extend(swapped(pairs, nouns, arguments.swapped, rng))
    rng.shuffle(made)
    old = train.read_text(encoding="utf-8")
    with open(train, "w", encoding="utf-8") as out:
        out.writelines("\t".join(noisy(*pair, rng)) + "\n" for pair in made)
        out.write(old)
    with open(raw, "w", encoding="utf-8") as out:
        out.writelines("\t".join(pair) + "\n" for pair in itertools.chain(made, pairs))
    print(f"{count} made sentences, {len(made) - count} with another noun")


if __name__ == "__main__":
    main()
