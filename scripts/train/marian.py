"""The translation model as it is trained: a lean Marian transformer whose weights carry transformers' names."""
import math

import torch
from torch import nn
from torch.nn import functional


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (nn.Linear(width, width) for _ in range(4))

    def split(self, states):
        return states.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def forward(self, states, memory, mask=None, causal=False, weights_of_head=None):
        query, key, value = self.split(self.q_proj(states)), self.split(self.k_proj(memory)), self.split(self.v_proj(memory))
        if states.device.type == "cuda" and weights_of_head is None:
            mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask, is_causal=causal)
            return self.out_proj(mixed.transpose(1, 2).flatten(2)), None
        # On a CPU the fused kernel's backward pass is slower than the plain products at these lengths.
        scores = (query @ key.transpose(2, 3)).float() / math.sqrt(query.shape[-1])
        if causal:
            mask = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).tril()
        scores = torch.log_softmax(scores.masked_fill(~mask, -1e9), -1)
        mixed = self.out_proj((scores.exp().to(value.dtype) @ value).transpose(1, 2).flatten(2))
        return mixed, None if weights_of_head is None else scores[:, weights_of_head]


class Layer(nn.Module):
    def __init__(self, width, heads, inner, cross):
        super().__init__()
        self.self_attn, self.self_attn_layer_norm = Attention(width, heads), nn.LayerNorm(width)
        if cross:
            self.encoder_attn, self.encoder_attn_layer_norm = Attention(width, heads), nn.LayerNorm(width)
        self.fc1, self.fc2, self.final_layer_norm = nn.Linear(width, inner), nn.Linear(inner, width), nn.LayerNorm(width)

    def forward(self, states, mask=None, memory=None, memory_mask=None, head=None):
        attended, _ = self.self_attn(states, states, mask=mask, causal=memory is not None)
        states = self.self_attn_layer_norm(states + attended)
        weights = None
        if memory is not None:
            attended, weights = self.encoder_attn(states, memory, mask=memory_mask, weights_of_head=head)
            states = self.encoder_attn_layer_norm(states + attended)
        return self.final_layer_norm(states + self.fc2(functional.silu(self.fc1(states)))), weights


def positions(length, width):
    """Sinusoids as MarianMTModel has them: sines in the first half, cosines in the second."""
    angles = torch.arange(length)[:, None] / 10000 ** (2 * torch.arange(width // 2)[None] / width)
    return torch.cat([angles.sin(), angles.cos()], -1).float()


class Marian(nn.Module):
    """Encoder and decoder over a joint vocabulary; the output projection is the embedding."""

    def __init__(self, vocabulary, width=256, heads=8, inner=1024, encoder_layers=4, decoder_layers=2):
        super().__init__()
        self.pad = vocabulary - 1
        self.shared = nn.Embedding(vocabulary, width)
        nn.init.normal_(self.shared.weight, std=width ** -.5)
        self.encoder = nn.ModuleList(Layer(width, heads, inner, False) for _ in range(encoder_layers))
        self.decoder = nn.ModuleList(Layer(width, heads, inner, True) for _ in range(decoder_layers))
        self.bias = nn.Parameter(torch.zeros(vocabulary))
        self.register_buffer("positions", positions(512, width), persistent=False)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)
        self.start_near_identity()

    @torch.no_grad()
    def start_near_identity(self):
        """Starts with small residual branches, and the last cross-attention handing source states through.

        With embeddings in which translations lie close together (see embedding.py), the untrained network then already
        leans to the translation of the piece that it looks at.
        """
        for layer in [*self.encoder, *self.decoder]:
            layer.self_attn.out_proj.weight.mul_(.3)
            layer.fc2.weight.mul_(.3)
        last = self.decoder[-1].encoder_attn
        for projection in (last.v_proj, last.out_proj):
            nn.init.eye_(projection.weight)

    def embed(self, ids):
        width = self.shared.embedding_dim
        return self.shared(ids) * math.sqrt(width) + self.positions[:ids.shape[1]]

    def encode(self, source):
        mask = (source != self.pad)[:, None, None]
        states = self.embed(source)
        for layer in self.encoder:
            states, _ = layer(states, mask=mask)
        return states, mask

    def states(self, memory, mask, previous):
        """Last states, and the log attention of head 0 of the last layer, which is trained as word alignment."""
        states = self.embed(previous)
        mask = mask.expand(-1, -1, previous.shape[1], -1)
        for layer in self.decoder[:-1]:
            states, _ = layer(states, memory=memory, memory_mask=mask)
        return self.decoder[-1](states, memory=memory, memory_mask=mask, head=0)

    def forward(self, source, previous):
        return self.states(*self.encode(source), previous)

    @torch.no_grad()
    def greedy(self, source, limit):
        memory, mask = self.encode(source)
        previous = torch.full((len(source), 1), self.pad, device=source.device)
        for _ in range(limit):
            states, _ = self.states(memory, mask, previous)
            logits = functional.linear(states[:, -1], self.shared.weight, self.bias)
            logits[:, self.pad] = -1e9
            step = logits.argmax(-1)
            step[(previous == 0).any(1)] = 0
            previous = torch.cat([previous, step[:, None]], 1)
            if (previous == 0).any(1).all():
                break
        return previous[:, 1:]

    def transformers_state(self):
        """The weights under the names that MarianMTModel.save_pretrained gives them."""
        state = {"model.shared.weight": self.shared.weight, "final_logits_bias": self.bias[None]}
        for side in ("encoder", "decoder"):
            for name, weight in getattr(self, side).state_dict().items():
                state[f"model.{side}.layers.{name}"] = weight
        return {name: weight.detach().float().cpu().contiguous() for name, weight in state.items()}
