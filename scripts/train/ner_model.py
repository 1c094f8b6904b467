"""The NER network in its Hugging Face shape, and how it starts when little compute is at hand.

The word embeddings start as skip-gram vectors in the first `size - POSITIONAL` dimensions; the position embeddings are sines
and cosines in the others. Most heads of each layer start as "look at the word k places away", which the sines make a linear
map of the position, so that the network reads its neighbours from the first step on and need not learn to.
"""
import math

import torch
from transformers import BertConfig, BertForMaskedLM, BertForTokenClassification

from ner_data import LABELS

POSITIONAL = 64
OFFSETS = (-1, 1, -2, 2, -3, 3)


def configuration(vocabulary, layers=4, size=256, inner=1024, heads=8, dropout=.1):
    return BertConfig(
        vocab_size=vocabulary, hidden_size=size, num_hidden_layers=layers, num_attention_heads=heads, intermediate_size=inner,
        hidden_act="gelu", hidden_dropout_prob=dropout, attention_probs_dropout_prob=0., max_position_embeddings=512,
        type_vocab_size=2, pad_token_id=0, attn_implementation="eager", id2label=dict(enumerate(LABELS)),
        label2id={label: i for i, label in enumerate(LABELS)})


def frequencies():
    """Half of them tell neighbours apart, half tell where in the sentence a word stands."""
    half = POSITIONAL // 4
    near = torch.linspace(.1, .95 * math.pi, half)
    far = torch.exp(torch.linspace(math.log(.004), math.log(.08), half))
    return torch.cat([near, far])


@torch.no_grad()
def start(bert, vectors, generator):
    """Sets the weights of a `BertModel` as described above; `vectors` has a row a piece, zero where none was learned."""
    embeddings, size = bert.embeddings, bert.config.hidden_size
    words = size - POSITIONAL
    table = torch.randn(bert.config.vocab_size, size, generator=generator) * .3
    table[:, words:] *= .1
    if vectors is not None:
        known = torch.from_numpy(vectors).float()[:, :words]
        seen = known.norm(dim=1) > 0
        known = known - known[seen].mean(0)
        table[seen, :known.shape[1]] = known[seen] / known[seen].norm(dim=1, keepdim=True) * math.sqrt(words)
    embeddings.word_embeddings.weight.copy_(table)
    embeddings.token_type_embeddings.weight.zero_()
    angles = torch.arange(bert.config.max_position_embeddings)[:, None] * frequencies()
    embeddings.position_embeddings.weight.zero_()
    embeddings.position_embeddings.weight[:, words:] = math.sqrt(2) * torch.cat([angles.sin(), angles.cos()], 1)
    for layer in bert.encoder.layer:
        _start_layer(layer, words, bert.config.num_attention_heads, generator)


def _start_layer(layer, words, heads, generator):
    attention = layer.attention
    for linear in (attention.self.query, attention.self.key):
        linear.weight.normal_(0, .03, generator=generator)
    for linear in (attention.self.value, attention.output.dense, layer.intermediate.dense, layer.output.dense):
        linear.weight.normal_(0, 1 / math.sqrt(linear.in_features) * .7, generator=generator)
    # What the layers add must not drown the positions, which the layers above read too.
    for linear in (attention.output.dense, layer.output.dense):
        linear.weight[words:] *= .1
    width, omega = attention.self.query.weight.shape[0] // heads, frequencies()
    count = min(width // 2, POSITIONAL // 4)
    for head, offset in enumerate(OFFSETS[:heads]):
        rows = head * width
        for f in range(count):
            sine, cosine = words + f, words + POSITIONAL // 2 + f
            turn = float(omega[f] * offset)
            query, key = attention.self.query.weight, attention.self.key.weight
            query[rows + 2 * f, sine] = math.cos(turn)
            query[rows + 2 * f, cosine] = math.sin(turn)
            query[rows + 2 * f + 1, cosine] = math.cos(turn)
            query[rows + 2 * f + 1, sine] = -math.sin(turn)
            key[rows + 2 * f, sine] = 1.
            key[rows + 2 * f + 1, cosine] = 1.


def tagger(config, vectors=None, seed=1, sparse=True):
    """A new tagger, its classifier at zero."""
    model = BertForTokenClassification(config)
    model.bert.embeddings.word_embeddings.sparse = sparse
    start(model.bert, vectors, torch.Generator().manual_seed(seed))
    torch.nn.init.zeros_(model.classifier.weight)
    torch.nn.init.zeros_(model.classifier.bias)
    return model


def masked_model(config, vectors=None, seed=1):
    """A new masked language model on the same body; its output layer is the embedding table."""
    model = BertForMaskedLM(config)
    start(model.bert, vectors, torch.Generator().manual_seed(seed))
    model.tie_weights()
    # The embeddings are of unit size: without this the first scores are 16 times too large.
    torch.nn.init.constant_(model.cls.predictions.transform.LayerNorm.weight, config.hidden_size ** -.5)
    return model


class Optimizer:
    """AdamW, and SparseAdam for word embeddings that give sparse gradients: a batch touches few of their rows.

    `base` is a group's multiple of the rate. The word embeddings are of unit size, not of .02 as usual, and a piece is seen
    now and then only: they take larger steps. Those of a published encoder are as usual (`even`).
    """

    def __init__(self, model, even=False):
        groups, sparse = {}, []
        for name, parameter in model.named_parameters():
            words = "word_embeddings" in name
            if not parameter.requires_grad:
                continue
            if words and model.bert.embeddings.word_embeddings.sparse:
                sparse.append(parameter)
                continue
            base = 1. if even else 3. if words else .3 if "embeddings" in name and parameter.ndim == 2 else 1.
            decay = .01 if parameter.ndim == 2 and "embeddings" not in name else 0.
            groups.setdefault((base, decay), []).append(parameter)
        self.dense = [parameter for group in groups.values() for parameter in group]
        dense = [{"params": p, "base": base, "weight_decay": decay} for (base, decay), p in groups.items()]
        self.parts = [torch.optim.AdamW(dense, lr=1., betas=(.9, .98), fused=True)]
        if sparse:
            self.parts.append(torch.optim.SparseAdam([{"params": sparse, "base": 4.}], lr=1., betas=(.5, .98)))

    def step(self, rate):
        torch.nn.utils.clip_grad_norm_(self.dense, 1.)
        for part in self.parts:
            for group in part.param_groups:
                group["lr"] = rate * group["base"]
            part.step()
            part.zero_grad(set_to_none=True)

    def state(self):
        return [part.state_dict() for part in self.parts]

    def load(self, states):
        for part, state in zip(self.parts, states):
            part.load_state_dict(state)
