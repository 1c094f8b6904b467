"""Invented sentences with slots for names: news and posts, which the annotated sets hold little of in French.

A slot is `{KIND:group}`; KIND is the label and group what `ner_names.draw` knows. Tokens stand between spaces.
"""
import re

import ner_names
from ner_data import Sentence

ENGLISH = """
{PER:person} , the head of {ORG:organisation} in {LOC:country} , said the talks had failed .
Fighters attacked a convoy near {LOC:city} on Tuesday , killing six soldiers , the army said .
The president of {LOC:country} , {PER:person} , arrived in {LOC:city} late on Sunday .
" We will not leave {LOC:city} , " said {PER:person} , a teacher who fled the fighting .
{ORG:organisation} announced on Monday that it would withdraw its staff from {LOC:country} .
According to {PER:person} , a researcher at {ORG:organisation} , the figures are wrong .
Residents of {LOC:city} , in northern {LOC:country} , have had no water since May .
{PER:person} ( @{handle} ) posted a picture from {LOC:city} this morning
RT @{handle} : {PER:person} is back in {LOC:city} !!! #{tag}
@{handle} thanks for the great evening in {LOC:city} 😊
Just landed in {LOC:city} with {PER:given} and {PER:given} ✈️ #{tag}
{PER:family} told {ORG:organisation} that he had never met {PER:family} .
Mr {PER:family} and Mrs {PER:family} were seen leaving {LOC:city} by car .
{ORG:organisation} and {ORG:organisation} signed an agreement in {LOC:city} , {LOC:country} .
The border between {LOC:country} and {LOC:country} was closed on Friday .
Colonel {PER:person} took power in {LOC:country} after the coup of August 2021 .
A spokesman for {ORG:organisation} , {PER:person} , declined to comment .
In {LOC:city} , the mayor , {PER:person} , called for calm .
{PER:person} was born in {LOC:city} in 1968 and studied law in {LOC:city} .
The minister , {PER:person} , wrote on Twitter that {LOC:country} would answer .
More than 200 people from {LOC:city} and {LOC:city} marched to the offices of {ORG:organisation} .
{LOC:city} , {LOC:country} - Rebel groups said on Thursday that they had seized the town .
I love {ORG:organisation} but their service in {LOC:city} is awful
omg {PER:given} just met {PER:person} at the airport !
Flights from {LOC:city} to {LOC:city} were cancelled , {ORG:organisation} said in a statement .
Dr {PER:person} of {ORG:organisation} said the outbreak in {LOC:place} was slowing .
The war in {LOC:country} has cost {LOC:country} billions , says {PER:person} .
{PER:family} scored twice as {ORG:organisation} beat {ORG:organisation} 3-1 .
Who is {PER:person} , the new leader of {ORG:organisation} ?
Journalist {PER:person} reported from {LOC:place} for {ORG:organisation} .
Photo : {PER:person} / {ORG:organisation}
The army withdrew from {LOC:place} , leaving {LOC:city} without protection .
It was a long night and nobody knew what the morning would bring .
The children were playing in the street when the rain began .
Meanwhile , prices have doubled since the start of the year .
Good morning everyone ! Coffee first , then work ☕ #{tag}
What a match , I can't believe it @{handle} @{handle}
{MISC:demonym} troops entered {LOC:city} , {MISC:demonym} officials said .
Several {MISC:demonym} citizens were held in {LOC:country} .
The {MISC:demonym} government accused {ORG:organisation} of meddling .
"""

FRENCH = """
{PER:person} , le chef de {ORG:organisation} au Niger , a déclaré que les pourparlers avaient échoué .
Des combattants ont attaqué un convoi près de {LOC:city} mardi , tuant six soldats , selon l' armée .
Le président , {PER:person} , est arrivé à {LOC:city} dimanche soir .
« Nous ne quitterons pas {LOC:city} » , affirme {PER:person} , un enseignant qui a fui les combats .
{ORG:organisation} a annoncé lundi le retrait de son personnel .
Selon {PER:person} , chercheur à {ORG:organisation} , ces chiffres sont faux .
Les habitants de {LOC:city} , dans le nord du pays , n' ont plus d' eau depuis mai .
{PER:person} ( @{handle} ) a publié une photo de {LOC:city} ce matin
RT @{handle} : {PER:person} est de retour à {LOC:city} !!! #{tag}
@{handle} merci pour cette belle soirée à {LOC:city} 😊
On vient d' atterrir à {LOC:city} avec {PER:given} et {PER:given} ✈️ #{tag}
{PER:family} a dit à {ORG:organisation} qu' il n' avait jamais rencontré {PER:family} .
M. {PER:family} et Mme {PER:family} ont quitté {LOC:city} en voiture .
{ORG:organisation} et {ORG:organisation} ont signé un accord à {LOC:city} , {LOC:country} .
Pays concernés : {LOC:country} , {LOC:country} et {LOC:country} .
Le colonel {PER:person} a pris le pouvoir après le coup d' État d' août 2021 .
Un porte-parole de {ORG:organisation} , {PER:person} , n' a pas souhaité réagir .
À {LOC:city} , le maire , {PER:person} , a appelé au calme .
{PER:person} est né à {LOC:city} en 1968 et a étudié le droit à {LOC:city} .
Le ministre , {PER:person} , a écrit sur Twitter que la réponse viendrait .
Plus de 200 personnes venues de {LOC:city} et de {LOC:city} ont marché vers le siège de {ORG:organisation} .
{LOC:city} ( {LOC:country} ) - Les rebelles disent avoir pris la ville jeudi .
J' adore {ORG:organisation} mais leur service à {LOC:city} est nul
ptdr {PER:given} vient de croiser {PER:person} à l' aéroport !
Les vols entre {LOC:city} et {LOC:city} sont annulés , indique {ORG:organisation} dans un communiqué .
Le docteur {PER:person} , de {ORG:organisation} , estime que l' épidémie recule à {LOC:city} .
La guerre a coûté des milliards , selon {PER:person} .
{PER:family} a marqué deux fois et {ORG:organisation} a battu {ORG:organisation} 3-1 .
Qui est {PER:person} , le nouveau patron de {ORG:organisation} ?
La journaliste {PER:person} a fait un reportage à {LOC:city} pour {ORG:organisation} .
Photo : {PER:person} / {ORG:organisation}
L' armée s' est retirée , laissant {LOC:city} sans protection .
La nuit fut longue et personne ne savait ce que le matin apporterait .
Les enfants jouaient dans la rue quand la pluie a commencé .
Pendant ce temps , les prix ont doublé depuis le début de l' année .
Bonjour à tous ! Un café d' abord , le travail ensuite ☕ #{tag}
Quel match , je n' y crois pas @{handle} @{handle}
La ville de {LOC:city} est tombée aux mains des rebelles , selon {ORG:organisation} .
Bravo à nos forces armées pour la prise de {LOC:city} 🇲🇱 #{tag}
Vive {LOC:city} ! Vive l' {LOC:continent} ! Merci {PER:given} {PER:family}
L' {LOC:continent} a besoin de {PER:person} , pas de {ORG:organisation} .
Depuis {LOC:city} , {PER:person} accuse l' {ORG:union} de fermer les yeux .
L' {ORG:union} condamne l' attaque de {LOC:city} .
"""

WORDS = {
    "demonym": """Malian Nigerien Nigerian Algerian French British American Russian Ukrainian Chinese Syrian Libyan Ghanaian Kenyan
Tunisian Moroccan German Turkish Israeli Palestinian Sudanese Chadian Senegalese Italian Spanish Indian Iranian""".split(),
    "continent": ["Afrique", "Europe", "Asie", "Algérie", "Espagne", "Italie", "Ukraine", "Éthiopie", "Azawad", "Allemagne"],
    "union": ["ONU", "Union européenne", "Union africaine", "OTAN", "OMS", "UE", "Assemblée nationale"],
    "tag": "news live Mali Sahel breaking love monday foot paix justice travel climate africa info win".split(),
}
SLOT = re.compile(r"\{(?:(PER|ORG|LOC|MISC):)?(\w+)\}")


def _fill(template, language, rng):
    tokens, tags = [], []
    for part in template.split():
        match = SLOT.search(part)
        if match is None:
            tokens.append(part)
            tags.append("O")
            continue
        kind, group = match.groups()
        if group == "handle":
            name = rng.choice(ner_names.people(language)[rng.random() < .5]).replace(" ", "") + rng.choice(("", "_", "22", "News", "x"))
        else:
            name = rng.choice(WORDS[group]) if group in WORDS else ner_names.draw(group, language, rng)
        words = (part[:match.start()] + name + part[match.end():]).split()
        tokens.extend(words)
        tags.extend([f"B-{kind}"] + [f"I-{kind}"] * (len(words) - 1) if kind else ["O"] * len(words))
    return Sentence(tokens, tags, "written")


def sentences(number, rng):
    """So many sentences, half in each language."""
    lines = {"en": ENGLISH.strip().split("\n"), "fr": FRENCH.strip().split("\n")}
    return [_fill(rng.choice(lines[language]), language, rng) for i in range(number) for language in ["en" if i % 2 else "fr"]]
