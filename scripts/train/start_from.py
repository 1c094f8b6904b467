#!/usr/bin/env python3
"""Makes a checkpoint of an exported translation model, for training to go on from.

usage: start_from.py --model DIR --out WORK [--encoder-layers N]

Reads DIR/{config.json,model.safetensors,source.spm,vocab.json} (f32, f16 or the int8 layout of export.py). Writes
WORK/mt/{checkpoint.pt,spm.model,vocab.json}. The tokenizer stays; `tokenizer.py --keep` then encodes new text with it.
Optimizer states are not part of an export: they warm up again.

With --encoder-layers the encoder grows to N layers: copies of its layers, each behind the one that it copies, whose two outputs are
zero (as in Net2Net, Chen, Goodfellow and Shlens 2016), so that the model begins close to what it was.
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


def deepened(net, layers):
    """Puts copies that do nothing yet into the encoder, spread evenly over its depth."""
    old = 1 + max(int(name.split(".")[1]) for name in net if name.startswith("encoder."))
    if not old <= layers <= 2 * old:
        raise SystemExit(f"expected {old} to {2 * old} encoder layers, found {layers}")
    copied = {old - 1 - i * old // (layers - old) for i in range(layers - old)}
    order = [(i, is_copy) for i in range(old) for is_copy in ([False, True] if i in copied else [False])]
    grown = {name: weight for name, weight in net.items() if not name.startswith("encoder.")}
    for place, (layer, is_copy) in enumerate(order):
        prefix = f"encoder.{layer}."
        for name, weight in net.items():
            if name.startswith(prefix):
                grown[f"encoder.{place}.{name.removeprefix(prefix)}"] = weight.clone()
        if is_copy:
            silence(grown, f"encoder.{place}.", net[f"{prefix}final_layer_norm.weight"], net[f"{prefix}final_layer_norm.bias"])
    return grown


def silence(net, prefix, gain, shift):
    """Makes a layer hand on what comes out of a layer norm with this gain and shift.

    Both residual branches add zero. What is left are two norms of a vector that was normed already: its features have about the
    mean of the shifts, and the variance of gains and shifts together, which the new norms give back.
    """
    for name in ("self_attn.out_proj", "fc2"):
        net[f"{prefix}{name}.weight"].zero_()
        net[f"{prefix}{name}.bias"].zero_()
    for name in ("self_attn_layer_norm", "final_layer_norm"):
        net[f"{prefix}{name}.weight"].fill_((gain.square().mean() + shift.var(correction=0)).sqrt())
        net[f"{prefix}{name}.bias"].fill_(shift.mean())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--encoder-layers", type=int, help="layers that the encoder grows to (as many as the model has)")
    arguments = parser.parse_args()
    config = json.loads((arguments.model / "config.json").read_text())
    work = arguments.out / "mt"
    work.mkdir(parents=True, exist_ok=True)
    shape = {"width": config["d_model"], "heads": config["encoder_attention_heads"], "inner": config["encoder_ffn_dim"],
             "encoder_layers": config["encoder_layers"], "decoder_layers": config["decoder_layers"]}
    net = training_names(dequantized(arguments.model / "model.safetensors"))
    if arguments.encoder_layers:
        net, shape["encoder_layers"] = deepened(net, arguments.encoder_layers), arguments.encoder_layers
    state = {"model": {"net": net}, "step": 0, "seen": 0, "epoch": 0, "at": 0, "spent": 0., "shape": shape}
    torch.save(state, work / "checkpoint.pt")
    shutil.copy(arguments.model / "source.spm", work / "spm.model")
    shutil.copy(arguments.model / "vocab.json", work / "vocab.json")
    print(f"{sum(w.numel() for w in state['model']['net'].values())} parameters")


if __name__ == "__main__":
    main()
