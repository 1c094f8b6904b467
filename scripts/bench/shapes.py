#!/usr/bin/env python3
"""Makes a model of the size of a well-known one, with random weights, in the layout that the hub has it in.

usage: shapes.py opus-mt|bert-base TO

How fast a model is depends on its sizes, not on what it has learned, as long as all engines write equally many tokens. So the
translation model never ends a sentence by itself. The vocabularies are invented words (`texts.word`), a token each.
"""
import argparse
import json
import pathlib

import torch
from sentencepiece import sentencepiece_model_pb2
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertForTokenClassification, MarianConfig, MarianMTModel

import texts

# Added to the score of a token so that it is never the best one.
NEVER = -100.
LABELS = ["O", *(f"{place}-{kind}" for kind in ("PER", "ORG", "LOC", "MISC") for place in "BI")]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def opus_mt(to):
    """The sizes of Helsinki-NLP's opus-mt models, the vocabulary that of French to English."""
    size = 59_514
    end, unknown, padding = 0, 1, size - 1
    config = MarianConfig(
        vocab_size=size, d_model=512, encoder_layers=6, decoder_layers=6, encoder_attention_heads=8, decoder_attention_heads=8,
        encoder_ffn_dim=2048, decoder_ffn_dim=2048, activation_function="swish", max_position_embeddings=512,
        scale_embedding=True, eos_token_id=end, forced_eos_token_id=end, pad_token_id=padding, decoder_start_token_id=padding)
    model = with_random_weights(MarianMTModel(config))
    model.final_logits_bias[0, [end, unknown, padding]] = NEVER
    model.save_pretrained(to)
    pieces = [f"▁{texts.word(i)}" for i in range(size - 3)]
    for side in ("source", "target"):
        (to / f"{side}.spm").write_bytes(sentencepiece(pieces))
    write_json(to / "vocab.json", {piece: i for i, piece in enumerate(["</s>", "<unk>", *pieces, "<pad>"])})
    write_json(to / "tokenizer_config.json", {"tokenizer_class": "MarianTokenizer", "source_lang": "fr", "target_lang": "en",
                                              "model_max_length": 512})


def bert_base(to):
    """BERT's base size with its cased vocabulary, and the labels of CoNLL."""
    words = [texts.word(i) for i in range(28_996 - len(SPECIAL))]
    config = BertConfig(vocab_size=28_996, id2label=dict(enumerate(LABELS)), label2id={label: i for i, label in enumerate(LABELS)})
    with_random_weights(BertForTokenClassification(config)).save_pretrained(to)
    vocabulary = {token: i for i, token in enumerate(SPECIAL + words)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    frame = [(token, vocabulary[token]) for token in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=frame)
    tokenizer.add_special_tokens(SPECIAL)
    tokenizer.save(str(to / "tokenizer.json"))
    write_json(to / "tokenizer_config.json", {"tokenizer_class": "BertTokenizer", "do_lower_case": False})


def with_random_weights(model):
    """Fills the matrices. In the layers the numbers are small enough that each token keeps a state of its own: with larger ones, all
    tokens of a sentence would get the same label, and equal outputs would say little."""
    torch.manual_seed(1)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() == 2 and "embed_positions" not in name:
                parameter.normal_(std=(.5 if ".layer" in name else 1.) * parameter.shape[1] ** -.5)
    return model.eval()


def sentencepiece(pieces):
    """A SentencePiece model that knows whole words alone."""
    proto = sentencepiece_model_pb2.ModelProto()
    kinds = proto.SentencePiece
    for piece, kind in [("<unk>", kinds.UNKNOWN), ("<s>", kinds.CONTROL), ("</s>", kinds.CONTROL)]:
        proto.pieces.add(piece=piece, score=0., type=kind)
    for piece in pieces:
        proto.pieces.add(piece=piece, score=-10.)
    proto.trainer_spec.model_type = proto.trainer_spec.UNIGRAM
    proto.normalizer_spec.name = "identity"
    return proto.SerializeToString()


def write_json(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False) + "\n", encoding="utf-8")


SHAPES = {"opus-mt": opus_mt, "bert-base": bert_base}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("to", type=pathlib.Path)
    arguments = parser.parse_args()
    arguments.to.mkdir(parents=True, exist_ok=True)
    SHAPES[arguments.shape](arguments.to)


if __name__ == "__main__":
    main()
