"""Languages of the segments of a mixed document, and of lines in languages that are not known."""
import random
import re

import corpora

DOCUMENTS = 800
# How many of the segments are posts, and prose in a third language.
FRENCH_POSTS, ENGLISH_POSTS, RARE = .3, .15, .025
THIRD = [("es", "UD_Spanish-PUD", "es_pud-ud-test.conllu"), ("de", "UD_German-PUD", "de_pud-ud-test.conllu")]
UNKNOWN = [("Wolof", "UD_Wolof-WTB", "wo_wtb-ud-test.conllu"),
           ("Haitian Creole", "UD_Haitian_Creole-Autogramm", "ht_autogramm-ud-test.conllu"),
           ("Bambara", "UD_Bambara-CRB", "bm_crb-ud-test.conllu")]
LENGTHS = [(0, 20), (21, 50), (51, 100), (101, 10 ** 6)]
NAMES = ["Awa Brunel", "Marek Dole", "Radio Corvin", "Lina Sow", "Port Info", "Tobias R."]
HANDLES = ["@awa_b", "@RadioCorvin", "@lina_sow", "@portinfo", "@mairie_rive"]
TAGS = ["#lac", "#Transport", "#breaking", "#merci", "#pont2024"]


def pool(data, draw):
    """Sentences by language, from long to very short, each taken once."""
    pairs = corpora.development_pairs(data, "newstest2013") + corpora.development_pairs(data, "tatoeba")
    texts = {"fr": [pair[0] for pair in pairs], "en": [pair[1] for pair in pairs]}
    for language, *file in THIRD:
        texts[language] = [text for _, text in corpora.treebank(data, *file)]
    for side in texts.values():
        draw.shuffle(side)
    return texts


def post(draw, text):
    """A text as a post: with a handle, tag or link about half of the time, mostly signed."""
    if draw.random() < .25:
        text = f"{draw.choice(HANDLES)} {text}"
    if draw.random() < .25:
        text = f"{text} {draw.choice(TAGS)}"
    if draw.random() < .25:
        text = f"{text} https://t.co/{draw.randrange(16 ** 8):08x}"
    if draw.random() < .7:
        text = f"{text} — {draw.choice(NAMES)} ({draw.choice(HANDLES)}) March {draw.randint(1, 28)}, 2024"
    return text


def document(draw, texts):
    """(text, language, words) of each segment: English prose, French posts, and English ones."""
    segments = []
    for _ in range(draw.randint(6, 12)):
        kind = draw.random()
        is_post = kind < FRENCH_POSTS + ENGLISH_POSTS
        language = "fr" if kind < FRENCH_POSTS else draw.choice(THIRD)[0] if kind > 1 - RARE else "en"
        words = " ".join(texts[language].pop() for _ in range(1 if is_post else draw.randint(1, 3)))
        segments.append((post(draw, words) if is_post else words, language, words))
    return segments


def holder(record, start, end):
    """The segment that holds most of a range and has words of its own."""
    def shared(segment):
        return min(end, segment["char_end"]) - max(start, segment["char_start"])
    own = [segment for segment in record["segments"] if segment["kind"] not in ("post", "quote", "post-signature")]
    return max(own, key=shared)


def mixed(run, table):
    draw = random.Random(run.seed)
    texts = pool(run.data, draw)
    documents = []
    while len(documents) < DOCUMENTS and min(map(len, texts.values())) > 40:
        documents.append(document(draw, texts))
    right, rare = {length: [] for length in LENGTHS}, []
    for segments, record in zip(documents, run.diglot.records(["\n\n".join(s[0] for s in d) for d in documents])):
        start = 0
        for text, language, words in segments:
            begin = start + text.index(words)
            got = holder(record, begin, begin + len(words))["language"]
            bucket = next(length for length in LENGTHS if len(words) <= length[1])
            right[bucket].append(got == language)
            if language not in ("en", "fr"):
                rare.append(got == language)
            if got != language:
                run.miss("language of segments", f"{language} as {got}: {text}")
            start += len(text) + 2
    every = [ok for oks in right.values() for ok in oks]
    table.add("segments of mixed documents, right language", sum(every) / len(every), .97, len(every))
    for (least, most), oks in right.items():
        name = f"{least} to {most}" if most < 10 ** 6 else f"{least} and more"
        table.add(f"  {name} characters", sum(oks) / len(oks), None, len(oks))
    table.add("  in a third language", sum(rare) / len(rare), None, len(rare))


def unknown(run, table, name, *file):
    lines = [text for _, text in corpora.treebank(run.data, *file) if re.search(r"\w{2}", text)]
    found = run.diglot.languages(lines)
    french = [(line, confidence) for line, (language, confidence) in zip(lines, found) if language == "fr"]
    sure = [(line, confidence) for line, confidence in french if confidence > .5]
    for line, confidence in sure:
        run.miss(name, f"fr {confidence}: {line}")
    table.add(f"{name} called French", len(french) / len(lines), None, len(lines))
    table.add("  with confidence > .5", len(sure) / len(lines), None, len(lines))


def measure(run, table):
    table.attempt(mixed, run)
    for row in UNKNOWN:
        table.attempt(unknown, run, *row)
