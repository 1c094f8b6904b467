"""Which French sentences have a rendering, and where: half of the partners are taken away."""
import random

import corpora

# Posts of a document, and English paragraphs between them, of which half render a post.
POSTS = 8
DOCUMENTS = 40


def add(table, name, right, guessed, true, target):
    precision, recall = right / max(guessed, 1), right / true
    table.add(f"{name}, F1", 2 * right / max(guessed + true, 1), target, true)
    table.add("  precision", precision, None, guessed)
    table.add("  recall", recall, None, true)


def shuffled(run, table):
    """A thousand French lines against five hundred of their partners."""
    draw = random.Random(run.seed)
    pairs = [pair for document in corpora.parallel_documents(run.data) for pair in document]
    draw.shuffle(pairs)
    kept = draw.sample(range(len(pairs)), len(pairs) // 2)
    links = run.diglot.links([french for french, _ in pairs], [pairs[at][1] for at in kept])
    right = 0
    for sources, targets in links:
        good = len(sources) == len(targets) == 1 and kept[targets[0]] == sources[0]
        right += good
        if not good:
            run.miss("alignment of lines", f"{[pairs[at][0] for at in sources]} = {[pairs[kept[at]][1] for at in targets]}")
    add(table, "shuffled lines of PUD", right, len(links), len(kept), .927)


def article(draw, pairs):
    """The text of an article, and where in it the partner of each post stands, or nothing."""
    pieces = [(french, f"{french} — Lina Sow (@lina_sow) March {at + 1}, 2024", "post") for at, (french, _) in
              enumerate(pairs[:POSTS])]
    # The other half of the paragraphs renders sentences that are not in the article, from the same news.
    told = draw.sample(range(POSTS), POSTS // 2)
    pieces += [(pairs[at][0], pairs[at][1], "told") for at in told]
    pieces += [(None, english, "other") for _, english in pairs[POSTS:]]
    draw.shuffle(pieces)
    text, posts, partners = "", {}, {}
    for french, piece, kind in pieces:
        places = posts if kind == "post" else partners
        if french:
            places[french] = (len(text), len(text) + len(piece))
        text += piece + "\n\n"
    return text, posts, partners


def articles(run, table):
    draw = random.Random(run.seed)
    pairs = [pair for document in corpora.parallel_documents(run.data) for pair in document]
    size = POSTS + POSTS // 2
    # Neighbours in PUD are of the same news, so that what is not a partner may still be close.
    made = [article(draw, pairs[at * size:(at + 1) * size]) for at in range(DOCUMENTS)]
    right = guessed = true = 0
    for (text, posts, partners), record in zip(made, run.diglot.records([row[0] for row in made], translate=True)):
        sentences = {sentence["id"]: sentence for sentence in record["sentences"]}
        true += len(partners)
        for found in record["translations"]:
            if found["origin"] != "aligned":
                continue
            at = sentences[found["sentences"][0]]["char_start"]
            french = next((french for french, (start, end) in posts.items() if start <= at < end), None)
            start, end = partners.get(french, (0, 0))
            good = start <= found["char_start"] and found["char_end"] <= end
            guessed, right = guessed + 1, right + good
            if not good:
                run.miss("alignment in articles", f"{french} = {found['text']}")
    add(table, "posts in articles made of PUD", right, guessed, true, None)


def measure(run, table):
    table.attempt(shuffled, run)
    table.attempt(articles, run)
