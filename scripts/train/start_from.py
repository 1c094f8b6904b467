#!/usr/bin/env python3
"""Makes a checkpoint of an exported translation model, for training to go on from.

usage: start_from.py --model DIR --out WORK

Reads DIR/{config.json,model.safetensors,source.spm,vocab.json} (f32, f16 or the int8 layout of export.py). Writes
WORK/mt/{checkpoint.pt,spm.model,vocab.json}. The tokenizer stays; `tokenizer.py --keep` then encodes new text with it.
Optimizer states are not part of an export: they warm up again.
"""
import argparse
import json
import pathlib
import shutil

import torch
from safetensors.torch import load_file


def dequantized(path):
    state = load_file(path)
    return {name: weight.float() * (state[f"{name}.scale"][:, None] if f"{name}.scale" in state else 1)
            for name, weight in state.items() if not name.endswith(".scale")}


def training_names(state):
    """The export's weights under the names of marian.py."""
    net = {"shared.weight": state.pop("model.shared.weight"), "bias": state.pop("final_logits_bias")[0]}
    for name, weight in state.items():
        side, _, rest = name.removeprefix("model.").partition(".layers.")
        net[f"{side}.{rest}"] = weight
    return net


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    config = json.loads((arguments.model / "config.json").read_text())
    work = arguments.out / "mt"
    work.mkdir(parents=True, exist_ok=True)
    shape = {"width": config["d_model"], "heads": config["encoder_attention_heads"], "inner": config["encoder_ffn_dim"],
             "encoder_layers": config["encoder_layers"], "decoder_layers": config["decoder_layers"]}
    state = {"model": {"net": training_names(dequantized(arguments.model / "model.safetensors"))},
             "step": 0, "seen": 0, "epoch": 0, "at": 0, "spent": 0., "shape": shape}
    torch.save(state, work / "checkpoint.pt")
    shutil.copy(arguments.model / "source.spm", work / "spm.model")
    shutil.copy(arguments.model / "vocab.json", work / "vocab.json")
    print(f"{sum(w.numel() for w in state['model']['net'].values())} parameters")


if __name__ == "__main__":
    main()
