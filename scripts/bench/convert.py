#!/usr/bin/env python3
"""Makes of one f32 Hugging Face model what CTranslate2 and ONNX Runtime read, in int8.

usage: convert.py translate|tag F32 TO

Writes TO/ct2 and TO/onnx: for `translate` the graphs `memory.onnx` (encoder, and the keys and values that the decoder takes from
it) and `step.onnx` (one step of greedy decoding with its cache), for `tag` the graph `tagger.onnx`.
"""
import argparse
import pathlib

import ctranslate2.converters.transformers as converters
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import AutoModelForSeq2SeqLM, AutoModelForTokenClassification

from graphs import Memory, Step, Tagger


class Marian(converters.BartLoader):
    """Keeps `<pad>`, which CTranslate2's own loader replaces by zeros: models trained in PyTorch learn a row for it."""

    architecture_name = "MarianMTModel"

    def get_model_spec(self, model):
        model.config.normalize_before = model.config.normalize_embedding = False
        return super().get_model_spec(model)

    def set_config(self, config, model, tokenizer):
        super().set_config(config, model, tokenizer)
        config.bos_token = config.decoder_start_token = tokenizer.pad_token


class Bert(converters.BertLoader):
    """Sets what transformers 5 has no more."""

    def get_model_spec(self, model):
        model.config.position_embedding_type = "absolute"
        return super().get_model_spec(model)


def ctranslate2_model(directory, to):
    converters._MODEL_LOADERS.update(MarianConfig=Marian(), BertConfig=Bert())
    converters.TransformersConverter(str(directory)).convert(str(to), quantization="int8", force=True)


def memory_graph(model, to):
    ids = torch.tensor([[5, 6, 7, 0], [5, 6, 0, model.config.pad_token_id]])
    named = {"ids": {0: "batch", 1: "source"}, "mask": {0: "batch", 1: "source"}}
    export(Memory(model), (ids, (ids != model.config.pad_token_id).long()), named, cached(model, "memory", "source"), to)


def step_graph(model, to):
    heads = model.config.decoder_attention_heads
    pairs, width = 2 * model.config.decoder_layers, model.config.d_model // heads
    memory, past = ([torch.zeros(2, heads, tokens, width) for _ in range(pairs)] for tokens in (4, 3))
    inputs = (torch.full((2, 1), 5), torch.ones(2, 4, dtype=torch.long), memory, past)
    named = {"token": {0: "batch"}, "mask": {0: "batch", 1: "source"},
             **cached(model, "memory", "source"), **cached(model, "past", "past")}
    export(Step(model), inputs, named, {"next": {0: "batch"}, **cached(model, "cache", "past + 1")}, to)


def cached(model, kind, tokens):
    """The keys and values of each layer by name, with the axes that vary."""
    return {f"{kind}.{i}.{part}": {0: "batch", 2: tokens}
            for i in range(model.config.decoder_layers) for part in ("keys", "values")}


def tagger_graph(model, to):
    ids = torch.tensor([[5, 6, 7, 0], [5, 6, 0, 0]])
    axes = {0: "batch", 1: "tokens"}
    export(Tagger(model), (ids, (ids > 0).long()), {"ids": axes, "mask": axes}, {"logits": axes}, to)


@torch.no_grad()
def export(module, inputs, named, outputs, to):
    """Writes a graph in int8.

    With the older exporter of the two that PyTorch has: of what the newer one writes, less is quantised and less is fused, and ONNX
    Runtime takes a quarter (tagging) to a half (translation) longer with it.
    """
    whole = to.with_suffix(".f32.onnx")
    torch.onnx.export(module.eval(), inputs, str(whole), input_names=list(named), output_names=list(outputs),
                      dynamic_axes={**named, **outputs}, opset_version=17, dynamo=False)
    quantize_dynamic(str(whole), str(to), weight_type=QuantType.QInt8, per_channel=True)
    whole.unlink()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=("translate", "tag"))
    parser.add_argument("f32", type=pathlib.Path)
    parser.add_argument("to", type=pathlib.Path)
    arguments = parser.parse_args()
    graphs = arguments.to / "onnx"
    graphs.mkdir(parents=True, exist_ok=True)
    ctranslate2_model(arguments.f32, arguments.to / "ct2")
    if arguments.task == "tag":
        model = AutoModelForTokenClassification.from_pretrained(arguments.f32, attn_implementation="eager")
        tagger_graph(model, graphs / "tagger.onnx")
        return
    model = AutoModelForSeq2SeqLM.from_pretrained(arguments.f32)
    memory_graph(model, graphs / "memory.onnx")
    step_graph(model, graphs / "step.onnx")


if __name__ == "__main__":
    main()
