"""Makes corpora of invented mixed-language articles; the same seed gives the same bytes."""

import json
import random

PEOPLE = ["Odile Varnier", "Marek Tolland", "Safi Brune", "Lucie Amarande", "Tobias Renn", "Awa Delorme"]
PLACES = ["Brenholt", "Port-Vauquelin", "Lake Ammer", "Saint-Corvin", "Eastmere", "Val d'Ombre"]
GROUPS = ["the Harbour Council", "the Ferry Union", "Radio Corvin", "the Eastmere Museum"]
ENGLISH = [
    "{person} said on Monday that the bridge at {place} would stay closed for another week.",
    "Nobody at {group} wanted to say how much the new ferry had cost.",
    "The market of {place} opened late because of the rain, and most of the stalls stayed empty.",
    "“We have waited for {number} years,” {person} told reporters.",
    "In {place}, {number} families have signed the letter to {group}.",
    "The report counts {number} accidents on the coast road since spring.",
]
FRENCH = [
    "Le bac de {place} est encore en retard ce matin, et personne ne sait pourquoi.",
    "{person} a remercié les {number} bénévoles qui ont nettoyé la plage.",
    "Nous attendons une réponse de la mairie depuis {number} jours.",
    "Le marché de {place} ouvrira samedi à neuf heures, même sous la pluie.",
]
MONTHS = ["January", "March", "May", "July", "September", "November"]


def sentence(draw, templates):
    return draw.choice(templates).format(
        person=draw.choice(PEOPLE),
        place=draw.choice(PLACES),
        group=draw.choice(GROUPS),
        number=draw.randint(2, 999),
    )


def post(draw):
    name = draw.choice(PEOPLE)
    handle = name.lower().replace(" ", "_")
    body = " ".join(sentence(draw, FRENCH) for _ in range(draw.randint(1, 2)))
    return f"{body} — {name} (@{handle}) {draw.choice(MONTHS)} {draw.randint(1, 28)}, 2024"


def article(draw, paragraphs, french=0.25):
    parts = [sentence(draw, ENGLISH).rstrip(".")]
    for _ in range(paragraphs):
        if draw.random() < french:
            parts.append(post(draw))
        else:
            parts.append(" ".join(sentence(draw, ENGLISH) for _ in range(draw.randint(1, 4))))
    return "\n\n".join(parts) + "\n"


def tree(root, documents, seed):
    """Text files, JSON lines, and a few documents that cannot be read."""
    draw = random.Random(seed)
    (root / "news").mkdir(parents=True)
    half = documents // 2
    for number in range(half):
        path = root / "news" / f"{number:05}.txt"
        if number % 17 == 5:
            path.write_bytes(b"\xff\xfe\xfd not a text \xe9")
        else:
            path.write_text(article(draw, draw.randint(1, 4)), encoding="utf-8")
    with open(root / "posts.jsonl", "w", encoding="utf-8") as lines:
        for number in range(documents - half):
            if number % 23 == 7:
                lines.write('{"text": 5}\n')
            else:
                line = {"id": f"post-{number}", "text": article(draw, draw.randint(1, 3))}
                lines.write(json.dumps(line, ensure_ascii=False) + "\n")
    (root / "empty.txt").write_bytes(b"")


def json_lines(path, size, seed, variety=2000, french=0.25):
    """JSON lines of about `size` bytes; articles come again, so that the translation memory helps."""
    draw = random.Random(seed)
    articles = [json.dumps(article(draw, draw.randint(2, 8), french), ensure_ascii=False) for _ in range(variety)]
    written, number = 0, 0
    with open(path, "w", encoding="utf-8") as lines:
        while written < size:
            written += lines.write(f'{{"id": "d{number}", "text": {draw.choice(articles)}}}\n')
            number += 1
    return number
