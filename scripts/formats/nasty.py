"""Writes records whose texts and ids hold what formats choke on."""

import json
import sys

SEPARATORS = ["\n", "\r\n", "\r", "\t", "\v", "\f", "\x85", "\u2028", "\u2029", "\x1c", "\xa0", "\u202f", "\u3000"]
NASTY = ["\x00", "\x01", "\x1b", "\x7f", "\x9b", "\ufffe", "\uffff", "\ufeff", "\u202e", "<b>", "&amp;", "]]>", '"', "#", "🎣", "👩‍👩‍👧", "e\u0301"]
LABELS = ["PER", "ORG", "LOC", "MISC"]


def span(text, start, end):
    """Offsets in all three units of a range of code points."""
    before, inside = text[:start], text[start:end]
    units = lambda part: len(part.encode("utf-16-le")) // 2
    return {
        "start": len(before.encode()),
        "end": len((before + inside).encode()),
        "char_start": start,
        "char_end": end,
        "utf16_start": units(before),
        "utf16_end": units(before + inside),
    }


def record(number, odd):
    """A record with two French sentences and one Spanish, the odd piece in each and in names."""
    sentences, text = [], ""
    for language in ["fr", "fr", "es"]:
        start = len(text)
        text += f"Awa{odd}Diongue vit à l’Oran{odd}ou à Sor{odd}."
        sentences.append((language, start, len(text)))
        text += " \n"
    entities, translations = [], []

    def mark(on, surface, at, thing, translation):
        start = on.index(surface, at)
        entities.append({
            "id": f"e{len(entities)}",
            "text": surface,
            "label": LABELS[(number + thing) % len(LABELS)],
            "score": 0.9,
            "translation": translation,
            **span(on, start, start + len(surface)),
            "entity": f"x{thing}",
        })

    for _, start, _ in sentences:
        mark(text, f"Awa{odd}Diongue" if odd.strip() == "" else "Awa", start, 0, None)
        mark(text, "Oran", start, 1, None)
    for at, (language, _, _) in enumerate(sentences):
        target = f"Awa Diongue{odd}lives in Oran{odd}or Sor{odd}."
        translations.append({
            "id": f"t{at}",
            "sentences": [f"s{at}"],
            "language": "en",
            "text": target,
            "origin": "translated",
            "score": -0.25 * (at + 1),
            "model": f"test/{language}-en",
            "alignment": "0-0 1-1",
            "flags": ["truncated", "copied"] if at == 1 else [],
        })
        mark(target, "Awa Diongue", 0, 0, f"t{at}")
        mark(target, "Oran", 0, 1, f"t{at}")
    segment = {
        "id": "g0", "parent": None, "kind": "post", **span(text, 0, len(text)), "language": "fr", "confidence": 1.0,
        "author": f"Odile{odd}Farssac", "handle": "filets", "date": "2024-05-18", "url": None,
    }
    return {
        "schema": "diglot/1",
        "id": f"odd/{number}{odd}é",
        "source": {"path": None, "sha256": "", "bytes": len(text.encode())},
        "text": text,
        "language": "fr",
        "segments": [segment],
        "sentences": [
            {"id": f"s{at}", "segment": "g0", **span(text, start, end), "language": language, "confidence": 1.0}
            for at, (language, start, end) in enumerate(sentences)
        ],
        "translations": translations,
        "entities": entities,
        "errors": [],
        "run": {"version": "0", "models": [], "settings": {}},
    }


for number, odd in enumerate(SEPARATORS + NASTY):
    json.dump(record(number, odd), sys.stdout)
    print()
