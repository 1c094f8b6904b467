#!/usr/bin/env python3
"""Writes a trained model as Hugging Face does, in f32 and in diglot's int8 layout.

usage: export.py translation --out WORK --to DIR [--f32]
       export.py mean --of DIR ... --shares S ... --to DIR
       export.py quantize --from DIR --to DIR

`translation` makes DIR/{config.json,generation_config.json,model.safetensors,source.spm,target.spm,vocab.json,
tokenizer_config.json} from WORK/mt. `mean` averages the weights of f32 directories that were trained one from the other,
and takes all else from the last. `quantize` turns the f32 layout in one directory into int8 in another.

int8 layout: each matrix `NAME` is an I8 tensor of the same shape with an F32 tensor `NAME.scale`, one scale a row
(value = integer * scale, symmetric, -127..127); other tensors are F16. The whole is `model.safetensors`.
"""
import argparse
import json
import pathlib
import shutil

import torch
from safetensors.torch import load_file, save_file

from prepare import PLACEHOLDERS


def quantize(state):
    out = {}
    for name, weight in state.items():
        if weight.ndim == 2 and min(weight.shape) > 1:
            scale = weight.abs().amax(1).clamp(min=1e-8) / 127
            out[name] = (weight / scale[:, None]).round().clamp(-127, 127).to(torch.int8)
            out[f"{name}.scale"] = scale.float()
        else:
            out[name] = weight.half()
    return out


def save(state, directory, int8):
    directory.mkdir(parents=True, exist_ok=True)
    save_file(quantize(state) if int8 else state, directory / "model.safetensors", metadata={"format": "pt"})


def translation(arguments):
    from marian import Marian
    work = arguments.out / "mt"
    saved = torch.load(work / "checkpoint.pt", map_location="cpu", weights_only=False)
    shape, weights = saved["shape"], saved["model"]["net"]
    vocabulary = len(weights["bias"])
    net = Marian(vocabulary, shape["width"], shape["heads"], shape["inner"], shape["encoder_layers"], shape["decoder_layers"])
    net.load_state_dict(weights)
    save(net.transformers_state(), arguments.to, not arguments.f32)
    pad = vocabulary - 1
    config = {
        "architectures": ["MarianMTModel"], "model_type": "marian", "vocab_size": vocabulary,
        "decoder_vocab_size": vocabulary, "d_model": shape["width"], "encoder_layers": shape["encoder_layers"],
        "decoder_layers": shape["decoder_layers"], "encoder_attention_heads": shape["heads"],
        "decoder_attention_heads": shape["heads"], "encoder_ffn_dim": shape["inner"], "decoder_ffn_dim": shape["inner"],
        "activation_function": "swish", "max_position_embeddings": 512, "scale_embedding": True,
        "static_position_embeddings": True, "normalize_before": False, "normalize_embedding": False,
        "share_encoder_decoder_embeddings": True, "tie_word_embeddings": True, "add_final_layer_norm": False,
        "dropout": 0.0, "attention_dropout": 0.0, "activation_dropout": 0.0, "eos_token_id": 0, "pad_token_id": pad,
        "decoder_start_token_id": pad, "forced_eos_token_id": 0, "bad_words_ids": [[pad]], "is_encoder_decoder": True,
        "num_beams": 2, "max_length": 512, "torch_dtype": "float32",
        "diglot": {"source_lang": "fr", "target_lang": "en", "placeholders": PLACEHOLDERS,
                   "alignment_layer": shape["decoder_layers"] - 1, "alignment_heads": [0]}}
    (arguments.to / "config.json").write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    generation = {k: config[k] for k in ("eos_token_id", "pad_token_id", "decoder_start_token_id", "forced_eos_token_id",
                                         "bad_words_ids", "num_beams", "max_length")}
    (arguments.to / "generation_config.json").write_text(json.dumps(generation, indent=2) + "\n")
    tokenizer = {"tokenizer_class": "MarianTokenizer", "source_lang": "fr", "target_lang": "en", "model_max_length": 512,
                 "separate_vocabs": False, "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}
    (arguments.to / "tokenizer_config.json").write_text(json.dumps(tokenizer, indent=2) + "\n")
    shutil.copy(work / "vocab.json", arguments.to / "vocab.json")
    for side in ("source.spm", "target.spm"):
        shutil.copy(work / "spm.model", arguments.to / side)
    for optional in ("shortlist.bin", "lexicon.tsv", "glossary.tsv"):
        if (work / optional).exists():
            shutil.copy(work / optional, arguments.to / optional)


def copy_all_but_weights(directory, to):
    to.mkdir(parents=True, exist_ok=True)
    for path in directory.iterdir():
        if path.is_file() and path.name != "model.safetensors":
            shutil.copy(path, to / path.name)


def mean(arguments):
    """A model directory with the weighted mean of the weights of several."""
    if len(arguments.of) != len(arguments.shares):
        raise SystemExit(f"expected a share for each of {len(arguments.of)} models, found {len(arguments.shares)}")
    copy_all_but_weights(arguments.of[-1], arguments.to)
    states = [load_file(directory / "model.safetensors") for directory in arguments.of]
    total = sum(arguments.shares)
    state = {name: sum(state[name] * (share / total) for state, share in zip(states, arguments.shares)).contiguous()
             for name in states[-1]}
    save(state, arguments.to, False)


def requantize(arguments):
    """Copies a model directory with its weights in int8."""
    copy_all_but_weights(getattr(arguments, "from"), arguments.to)
    state = load_file(getattr(arguments, "from") / "model.safetensors")
    save(state, arguments.to, True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("translation")
    one.add_argument("--out", type=pathlib.Path, required=True)
    one.add_argument("--to", type=pathlib.Path, required=True)
    one.add_argument("--f32", action="store_true")
    one.set_defaults(run=translation)
    two = commands.add_parser("quantize")
    two.add_argument("--from", type=pathlib.Path, required=True)
    two.add_argument("--to", type=pathlib.Path, required=True)
    two.set_defaults(run=requantize)
    three = commands.add_parser("mean")
    three.add_argument("--of", type=pathlib.Path, nargs="+", required=True)
    three.add_argument("--shares", type=float, nargs="+", required=True)
    three.add_argument("--to", type=pathlib.Path, required=True)
    three.set_defaults(run=mean)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
