"""Where sentences end."""
import corpora

# Lists in a line and lines that were broken by a page: a document's own line breaks are kept by design.
LISTS_AND_BREAKS = {f"#{number:03}" for number in range(31, 43)}
TREEBANKS = [("UD French GSD test", "UD_French-GSD", "fr_gsd-ud-test.conllu", .975),
             ("UD French PUD", "UD_French-PUD", "fr_pud-ud-test.conllu", .995),
             ("UD English PUD", "UD_English-PUD", "en_pud-ud-test.conllu", .995)]
# Sentences that are joined by spaces to one paragraph.
PARAGRAPH = 10


def surfaces(record):
    return [record["text"][sentence["char_start"]:sentence["char_end"]] for sentence in record["sentences"]]


def golden(run, table):
    rules = list(corpora.golden_rules(run.data))
    records = run.diglot.records([text for _, text, _ in rules])
    right = {}
    for (name, _, expected), record in zip(rules, records):
        got = [" ".join(text.split()) for text in surfaces(record)]
        right[name] = got == expected
        if got != expected:
            run.miss("golden rules", f"{name}: {' | '.join(got)}")
    plain = [ok for name, ok in right.items() if name[-4:] not in LISTS_AND_BREAKS]
    table.add("golden rules, cases wholly right", sum(right.values()) / len(right), .85, len(right))
    table.add("  without lists and broken lines", sum(plain) / len(plain), None, len(plain))


def paragraphs(sentences):
    """(text, ends of its sentences) of sentences joined by spaces."""
    for first in range(0, len(sentences), PARAGRAPH):
        text, ends = "", set()
        for sentence in sentences[first:first + PARAGRAPH]:
            text += (" " if text else "") + sentence
            ends.add(len(text))
        yield text, ends


def treebank(run, table, name, repository, file, target):
    texts, gold = zip(*paragraphs([text for _, text in corpora.treebank(run.data, repository, file)]))
    right = guessed = true = 0
    for text, expected, record in zip(texts, gold, run.diglot.records(texts)):
        got = {sentence["char_end"] for sentence in record["sentences"]}
        for kind, ends in (("missing", expected - got), ("invented", got - expected)):
            for end in sorted(ends):
                run.miss(name, f"{kind}: {text[max(0, end - 50):end]} | {text[end:end + 40]}")
        right, guessed, true = right + len(got & expected), guessed + len(got), true + len(expected)
    table.add(f"{name}, F1 of ends", 2 * right / (guessed + true), target, true)


def articles(run, table):
    for name, text, gold in corpora.articles(run.data):
        got = [(sentence["char_start"], sentence["char_end"]) for sentence in run.diglot.records([text])[0]["sentences"]]
        for start, end in sorted(set(got) ^ set(gold)):
            run.miss(name, f"{'missing' if (start, end) in gold else 'invented'}: {text[start:end]}")
        right = len(set(got) & set(gold))
        table.add(f"article {name}, F1 of sentences", 2 * right / (len(got) + len(gold)), 1, len(gold))


def measure(run, table):
    table.attempt(golden, run)
    for row in TREEBANKS:
        table.attempt(treebank, run, *row)
    table.attempt(articles, run)
