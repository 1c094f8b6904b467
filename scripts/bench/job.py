#!/usr/bin/env python3
"""What a user would write without diglot: documents in, records out, with lingua, CTranslate2 and ONNX Runtime.

usage: job.py TRANSLATE TAG DOCUMENTS THREADS

TRANSLATE and TAG are what convert.py wrote. Reads JSON lines with `id` and `text` and prints a JSON line a document: paragraphs and
their languages, the sentences, French ones with their translations, and the names of all of them. It leaves out what diglot does
beyond that: aligning passages, checks of the output, offsets in the text, names across the two languages.
"""
import itertools
import json
import pathlib
import re
import sys

SIGNATURE = re.compile(r"\s+— [^—]+ \(@\w+\) \w+ \d+, \d{4}$")
SENTENCE_END = re.compile(r"(?<=[.!?…])\s+(?=[A-ZÀ-Ý«“])")
BATCH = 32
LONGEST = 128


def main():
    translate_dir, tag_dir, path, threads = sys.argv[1:]
    from engines import pool_of, translate_ctranslate2
    detector = languages()
    translate = translate_ctranslate2(pathlib.Path(translate_dir), int(threads), BATCH, LONGEST)
    names = Names(pathlib.Path(tag_dir), pool_of(int(threads)))
    with open(path, encoding="utf-8") as lines:
        records = [segmented(json.loads(line)) for line in lines]
    detect(records, detector)
    sentences = [sentence for record in records for paragraph in record["paragraphs"] for sentence in paragraph["sentences"]]
    french = [sentence for record in records for paragraph in record["paragraphs"] if paragraph["language"] == "fr"
              for sentence in paragraph["sentences"]]
    for sentence, translation in zip(french, translate([sentence["text"] for sentence in french])):
        sentence["translation"] = {"text": translation}
    tagged = sentences + [sentence["translation"] for sentence in french]
    for sentence, found in zip(tagged, names([sentence["text"] for sentence in tagged])):
        sentence["entities"] = found
    for record in records:
        sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")


def segmented(document):
    """The document with its paragraphs, and their sentences without the signature of posts."""
    blocks = [block for block in document["text"].split("\n\n") if block.strip()]
    paragraphs = [{"text": block, "sentences": [{"text": text} for text in SENTENCE_END.split(SIGNATURE.sub("", block.strip()))]}
                  for block in blocks]
    return {**document, "paragraphs": paragraphs}


def languages():
    """A detector for the eight languages that diglot has n-gram models of."""
    from lingua import Language, LanguageDetectorBuilder
    names = "ENGLISH FRENCH SPANISH PORTUGUESE ITALIAN GERMAN DUTCH SWAHILI".split()
    return LanguageDetectorBuilder.from_languages(*(getattr(Language, name) for name in names)).build()


def detect(records, detector):
    paragraphs = [paragraph for record in records for paragraph in record["paragraphs"]]
    texts = [" ".join(sentence["text"] for sentence in paragraph["sentences"]) for paragraph in paragraphs]
    for paragraph, language in zip(paragraphs, detector.detect_languages_in_parallel_of(texts)):
        paragraph["language"] = language.iso_code_639_1.name.lower() if language else "und"


class Names:
    """Names by the tagger: runs of tokens with one label, with their offsets in the sentence."""

    def __init__(self, models, pool):
        from tokenizers import Tokenizer
        from engines import session
        self.tokenizer = Tokenizer.from_file(str(models / "f32/tokenizer.json"))
        self.graph, self.pool = session(models / "onnx/tagger.onnx"), pool
        config = json.loads((models / "f32/config.json").read_text(encoding="utf-8"))
        self.labels = [config["id2label"][str(i)] for i in range(len(config["id2label"]))]
        self.frame = [self.tokenizer.token_to_id(token) for token in ("[CLS]", "[SEP]")]

    def __call__(self, texts):
        from engines import in_batches
        encoded = self.tokenizer.encode_batch(texts, add_special_tokens=False)
        rows = [[self.frame[0], *sentence.ids, self.frame[1]] for sentence in encoded]
        labels = in_batches(rows, BATCH, self.best, self.pool)
        return [self.merged(text, sentence, row) for text, sentence, row in zip(texts, encoded, labels)]

    def best(self, rows):
        from engines import padded
        ids, mask = padded(rows)
        best = self.graph.run(None, {"ids": ids, "mask": mask})[0].argmax(-1)
        return [[self.labels[label] for label in labels[1:len(row) - 1]] for labels, row in zip(best, rows)]

    def merged(self, text, sentence, labels):
        """Words of one label in a row as one name; a word has the label of its first token."""
        found, running = [], None
        tokens = zip(sentence.word_ids, sentence.offsets, labels)
        for _, word in itertools.groupby(tokens, key=lambda token: token[0]):
            word = list(word)
            (_, (start, _), label), (_, (_, end), _) = word[0], word[-1]
            kind = label[2:]
            if kind and label.startswith("I-") and kind == running:
                found[-1]["end"] = end
            elif kind:
                found.append({"start": start, "end": end, "label": kind})
            running = kind
        return [{"text": text[name["start"]:name["end"]], **name} for name in found]


if __name__ == "__main__":
    main()
