#!/usr/bin/env python3
"""Writes a model in diglot's int8 layout as the f32 Hugging Face directory that other engines read.

usage: dequantize.py MODEL TO

The layout is that of `scripts/train/export.py`: an I8 matrix `NAME` has its scales, one a row, in `NAME.scale`; other tensors
are F16. Every other file is copied.
"""
import argparse
import pathlib
import shutil

import torch
from safetensors.torch import load_file, save_file

SCALE = ".scale"


def dequantize(state):
    def whole(name, tensor):
        return tensor.float() * state[name + SCALE][:, None] if tensor.dtype == torch.int8 else tensor.float()
    return {name: whole(name, tensor) for name, tensor in state.items() if not name.endswith(SCALE)}


def write(model, to):
    to.mkdir(parents=True, exist_ok=True)
    for path in model.iterdir():
        if path.is_file() and path.name != "model.safetensors":
            shutil.copy(path, to / path.name)
    save_file(dequantize(load_file(model / "model.safetensors")), to / "model.safetensors", metadata={"format": "pt"})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("to", type=pathlib.Path)
    arguments = parser.parse_args()
    write(arguments.model, arguments.to)


if __name__ == "__main__":
    main()
