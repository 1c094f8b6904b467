"""Models as ONNX graphs want them: the decoder as one step with its cache, so that a loop in Python is all that is left."""
import torch
from torch import nn
from transformers.activations import ACT2FN

BANNED = -1e9


def attend(module, heads, states, keys, values, bias=None):
    """The attention's output for `states`; keys and values are (batch, heads, tokens, width)."""
    query = split(module.q_proj(states), heads)
    scores = query @ keys.transpose(2, 3) * query.shape[-1] ** -.5
    weights = torch.softmax(scores if bias is None else scores + bias, -1)
    return module.out_proj((weights @ values).transpose(1, 2).flatten(2))


def split(states, heads):
    return states.unflatten(-1, (heads, -1)).transpose(1, 2)


def feed_forward(layer, activation, states):
    return layer.final_layer_norm(states + layer.fc2(activation(layer.fc1(states))))


def mask_bias(mask):
    return (1. - mask.float())[:, None, None] * BANNED


class Memory(nn.Module):
    """A Marian encoder, and the keys and values that each decoder layer takes from its output."""

    def __init__(self, model):
        super().__init__()
        self.encoder, self.decoder = model.model.encoder, model.model.decoder.layers
        self.heads, self.activation = model.config.encoder_attention_heads, ACT2FN[model.config.activation_function]
        self.memory_heads = model.config.decoder_attention_heads
        self.scale = model.config.d_model ** .5 if model.config.scale_embedding else 1.

    def forward(self, ids, mask):
        states = self.encoder.embed_tokens(ids) * self.scale + self.encoder.embed_positions.weight[:ids.shape[1]]
        bias = mask_bias(mask)
        for layer in self.encoder.layers:
            own = layer.self_attn
            keys, values = split(own.k_proj(states), self.heads), split(own.v_proj(states), self.heads)
            states = layer.self_attn_layer_norm(states + attend(own, self.heads, states, keys, values, bias))
            states = feed_forward(layer, self.activation, states)
        return tuple(split(linear(states), self.memory_heads) for layer in self.decoder
                     for linear in (layer.encoder_attn.k_proj, layer.encoder_attn.v_proj))


class Step(nn.Module):
    """One step of greedy decoding: the next token of each sentence, and the cache with this step in it."""

    def __init__(self, model):
        super().__init__()
        self.decoder, self.projection = model.model.decoder, model.lm_head
        self.heads, self.activation = model.config.decoder_attention_heads, ACT2FN[model.config.activation_function]
        self.scale = model.config.d_model ** .5 if model.config.scale_embedding else 1.
        bias = model.final_logits_bias.clone()
        bias[0, model.config.pad_token_id] = BANNED
        self.register_buffer("bias", bias)

    def forward(self, token, mask, memory, past):
        """`memory` and `past` hold keys and values in turn, a pair a layer."""
        position = self.decoder.embed_positions.weight[past[0].shape[2]]
        states = self.decoder.embed_tokens(token) * self.scale + position
        bias, cache = mask_bias(mask), []
        for i, layer in enumerate(self.decoder.layers):
            own = layer.self_attn
            keys = torch.cat([past[2 * i], split(own.k_proj(states), self.heads)], 2)
            values = torch.cat([past[2 * i + 1], split(own.v_proj(states), self.heads)], 2)
            cache += [keys, values]
            states = layer.self_attn_layer_norm(states + attend(own, self.heads, states, keys, values))
            crossed = attend(layer.encoder_attn, self.heads, states, memory[2 * i], memory[2 * i + 1], bias)
            states = layer.encoder_attn_layer_norm(states + crossed)
            states = feed_forward(layer, self.activation, states)
        return (self.projection(states) + self.bias).argmax(-1), *cache


class Tagger(nn.Module):
    """A token classifier with nothing but its logits as output."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, ids, mask):
        return self.model(input_ids=ids, attention_mask=mask).logits
