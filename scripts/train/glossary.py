#!/usr/bin/env python3
"""Says which everyday words a translation model does not know, for its glossary.

usage: glossary.py --binary DIGLOT --model DIR [--threads N] > nouns.tsv

Puts each noun of vocabulary/nouns.tsv, singular and plural, into four sentences and translates them. Writes glossary lines
for those whose renderings are missing in two of them and more: to be added to DIR/glossary.tsv by hand. Words with several
senses are left out, as a glossary has one for each. Nouns that the glossary of DIR has already are left out too.
"""
import argparse
import pathlib
import re
import subprocess
import sys

from words import MUTE_NOT, english_plural, french_plural, rows

# Words with unrelated senses, and those that are verbs or adjectives as often.
SEVERAL_SENSES = set("""
arc aîné bac balle bar bol bouchon bourse bouton but cadet canon carrière char coin collier couche crue cuisinière disparu
disque dot feuille figue fil front gel glace grève grue lard lave lecteur lentille lutte mare masque mine mineur modèle
montre mort mortier mouche moule mousse mousse muet noyau notable onde ordonnance os panne pavé pêche pension perle pièce pile pin
piste plume poêle pompe poste pou poudre poulpe prune quarantaine queue radeau rage rail rayon reçu rein remise rose
scène sel sommet sourd tampon tas toile trou veine ver verre vigile vis voile vol vague éclair""".split())


def known(path):
    with open(path, encoding="utf-8") as lines:
        return {line.split("\t")[0] for line in lines if "\t" in line}


def entries(listed):
    """French form, and its English renderings, the best first."""
    for french, english, others, plural, *_ in rows("nouns.tsv"):
        if french in SEVERAL_SENSES:
            continue
        many = plural or english_plural(english)
        others = [other.strip() for other in others.split(",") if other.strip()]
        forms = [english, many, *others, *map(english_plural, others)]
        for form, best in dict([(french_plural(french), many), (french, english)]).items():
            if form not in listed:
                yield form, list(dict.fromkeys([best, *forms]))


def sentences(form):
    of = "d'" if form[0].lower() in "aeiouéèêœhâîô" and form not in MUTE_NOT else "de "
    return [f"Il n'y a pas {of}{form} ici.", f"Elle parle {of}{form} tous les jours.", f"Voici leurs {form} dans le village.",
            f"On a trouvé beaucoup {of}{form} près de la route."]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    wanted = list(entries(known(arguments.model / "glossary.tsv")))
    lines = [sentence for form, _ in wanted for sentence in sentences(form)]
    command = [arguments.binary, "translate", "--model", f"translate={arguments.model}", "--threads", str(arguments.threads)]
    done = subprocess.run(command, input="\n".join(lines) + "\n", capture_output=True, text=True, check=True)
    rendered = done.stdout.rstrip("\n").lower().split("\n")
    failed = 0
    for at, (form, renderings) in enumerate(wanted):
        has = re.compile("|".join(rf"(?<!\w){re.escape(r.lower())}(?!\w)" for r in renderings))
        missing = sum(not has.search(line) for line in rendered[4 * at:4 * at + 4])
        if missing >= 2:
            failed += 1
            print("\t".join([form, *renderings]))
    print(f"{failed} of {len(wanted)} forms are not known", file=sys.stderr)


if __name__ == "__main__":
    main()
