#!/usr/bin/env python3
"""Other engines for the benchmark, behind the protocol of driver.rs.

usage: engines.py translate|tag ENGINE MODELS LINES OUTPUT THREADS BATCH LONGEST

ENGINE is ctranslate2, onnxruntime or transformers; MODELS is what convert.py wrote. Each works through the lines as its own
documentation advises for throughput: sentences of like length together, at most BATCH of them, each batch on one of THREADS threads.
A translation has at most LONGEST tokens.
"""
import json
import pathlib
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy


def main():
    task, engine, models, lines, output, threads, batch, longest = sys.argv[1:]
    limit = [int(longest)] if task == "translate" else []
    work = ENGINES[task, engine](pathlib.Path(models), int(threads), int(batch), *limit)
    serve(work, pathlib.Path(lines).read_text(encoding="utf-8").splitlines(), pathlib.Path(output))


def serve(work, lines, output):
    results = work(lines[:1])
    print("ready", flush=True)
    for _ in sys.stdin:
        results = work(lines)
        print("done", flush=True)
    output.write_text("".join(line + "\n" for line in results), encoding="utf-8")


def batches(lengths, size):
    order = sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True)
    return [order[i:i + size] for i in range(0, len(order), size)]


def in_batches(encoded, size, run, pool):
    """The results of `run` on batches of like length, one a sentence, in order."""
    groups = batches([len(sentence) for sentence in encoded], size)
    results = [None] * len(encoded)
    for group, found in zip(groups, pool(run, [[encoded[i] for i in group] for group in groups])):
        for i, result in zip(group, found):
            results[i] = result
    return results


def pool_of(threads):
    """Like `map`, on so many threads."""
    return ThreadPoolExecutor(threads).map if threads > 1 else map


def padded(rows, pad=0):
    ids = numpy.full((len(rows), max(map(len, rows))), pad, numpy.int64)
    mask = numpy.zeros(ids.shape, numpy.int64)
    for i, row in enumerate(rows):
        ids[i, :len(row)], mask[i, :len(row)] = row, 1
    return ids, mask


# Translation.

def pieces_of(directory, side):
    from sentencepiece import SentencePieceProcessor
    return SentencePieceProcessor(model_file=str(directory / f"f32/{side}.spm"))


def translate_ctranslate2(models, threads, batch, longest):
    import ctranslate2
    source, target = pieces_of(models, "source"), pieces_of(models, "target")
    translator = ctranslate2.Translator(str(models / "ct2"), inter_threads=threads, intra_threads=1, compute_type="int8")

    def work(lines):
        tokens = [pieces + ["</s>"] for pieces in source.encode(lines, out_type=str)]
        found = translator.translate_batch(tokens, beam_size=1, max_batch_size=batch, max_decoding_length=longest)
        return [target.decode(result.hypotheses[0]) for result in found]
    return work


def translate_onnxruntime(models, threads, batch, longest):
    source, target = pieces_of(models, "source"), pieces_of(models, "target")
    greedy = Greedy(models, longest)
    piece_of = {i: piece for piece, i in greedy.vocabulary.items()}
    pool = pool_of(threads)

    def work(lines):
        unknown = greedy.vocabulary["<unk>"]
        encoded = [[greedy.vocabulary.get(piece, unknown) for piece in pieces] + [greedy.end]
                   for pieces in source.encode(lines, out_type=str)]
        return [target.decode([piece_of[i] for i in ids]) for ids in in_batches(encoded, batch, greedy, pool)]
    return work


class Greedy:
    """Greedy decoding on the two graphs."""

    def __init__(self, models, longest):
        self.longest = longest
        config = json.loads((models / "f32/config.json").read_text(encoding="utf-8"))
        self.vocabulary = json.loads((models / "f32/vocab.json").read_text(encoding="utf-8"))
        self.end, self.pad, self.start = (config[f"{name}_token_id"] for name in ("eos", "pad", "decoder_start"))
        self.heads, self.width = config["decoder_attention_heads"], config["d_model"] // config["decoder_attention_heads"]
        self.memory, self.step = session(models / "onnx/memory.onnx"), session(models / "onnx/step.onnx")
        self.memory_names = [output.name for output in self.memory.get_outputs()]
        self.past_names = [name.name for name in self.step.get_inputs() if name.name.startswith("past")]

    def __call__(self, rows):
        ids, mask = padded(rows, self.pad)
        given = dict(zip(self.memory_names, self.memory.run(None, {"ids": ids, "mask": mask})), mask=mask)
        empty = numpy.zeros((len(rows), self.heads, 0, self.width), numpy.float32)
        cache, token = [empty] * len(self.past_names), numpy.full((len(rows), 1), self.start)
        outputs, left, ended = [[] for _ in rows], numpy.arange(len(rows)), numpy.zeros(len(rows), bool)
        for _ in range(self.longest):
            token, *cache = self.step.run(None, {"token": token, **given, **dict(zip(self.past_names, cache))})
            for row, found in zip(left.tolist(), token[:, 0].tolist()):
                outputs[row].append(found)
            ended |= token[:, 0] == self.end
            if ended.all():
                break
            # Copying the cache pays when a good part of the sentences has ended.
            if ended.mean() >= .25:
                token, left, cache = token[~ended], left[~ended], [part[~ended] for part in cache]
                given = {name: part[~ended] for name, part in given.items()}
                ended = numpy.zeros(len(left), bool)
        return [row[:row.index(self.end)] if self.end in row else row for row in outputs]


def session(path):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def translate_transformers(models, threads, batch, longest):
    import torch
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer
    torch.set_num_threads(1)
    model, tokenizer = AutoModelForSeq2SeqLM.from_pretrained(models / "f32").eval(), AutoTokenizer.from_pretrained(models / "f32")
    model.generation_config.max_length = None
    pool = pool_of(threads)

    @torch.inference_mode()
    def run(rows):
        ids, mask = map(torch.from_numpy, padded(rows, model.config.pad_token_id))
        found = model.generate(input_ids=ids, attention_mask=mask, num_beams=1, do_sample=False, max_new_tokens=longest)
        return tokenizer.batch_decode(found, skip_special_tokens=True, clean_up_tokenization_spaces=False)
    return lambda lines: in_batches(tokenizer(lines).input_ids, batch, run, pool)


# Tagging: the label of each token, as the models' own tokenizers cut them.

def tagger(models, batch, run, pool):
    from tokenizers import Tokenizer
    tokenizer = Tokenizer.from_file(str(models / "f32/tokenizer.json"))
    config = json.loads((models / "f32/config.json").read_text(encoding="utf-8"))
    names = [config["id2label"][str(i)] for i in range(len(config["id2label"]))]
    frame = [tokenizer.token_to_id(token) for token in ("[CLS]", "[SEP]")]

    def rows_of(rows):
        ids, mask = padded(rows)
        best = run(ids, mask).argmax(-1)
        return [" ".join(names[label] for label in labels[1:len(row) - 1]) for labels, row in zip(best, rows)]

    def work(lines):
        encoded = tokenizer.encode_batch_fast(lines, add_special_tokens=False)
        return in_batches([[frame[0], *sentence.ids, frame[1]] for sentence in encoded], batch, rows_of, pool)
    return work


def tag_ctranslate2(models, threads, batch):
    """Its encoder with the classifier in NumPy: it has no token classification itself."""
    import ctranslate2
    from safetensors.numpy import load_file
    weights = load_file(models / "f32/model.safetensors")
    weight, bias = weights["classifier.weight"].T.copy(), weights["classifier.bias"]
    encoder = ctranslate2.Encoder(str(models / "ct2"), inter_threads=threads, intra_threads=1, compute_type="int8")

    def run(ids, mask):
        rows = [row[:length].tolist() for row, length in zip(ids, mask.sum(1))]
        return numpy.asarray(encoder.forward_batch(rows).last_hidden_state) @ weight + bias
    return tagger(models, batch, run, pool_of(threads))


def tag_onnxruntime(models, threads, batch):
    graph = session(models / "onnx/tagger.onnx")
    return tagger(models, batch, lambda ids, mask: graph.run(None, {"ids": ids, "mask": mask})[0], pool_of(threads))


def tag_transformers(models, threads, batch):
    import torch
    from transformers import AutoModelForTokenClassification
    torch.set_num_threads(1)
    model = AutoModelForTokenClassification.from_pretrained(models / "f32").eval()

    @torch.inference_mode()
    def run(ids, mask):
        return model(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask)).logits.numpy()
    return tagger(models, batch, run, pool_of(threads))


ENGINES = {(task, engine): globals()[f"{task}_{engine}"] for task in ("translate", "tag")
           for engine in ("ctranslate2", "onnxruntime", "transformers")}

if __name__ == "__main__":
    main()
