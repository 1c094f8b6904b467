//! Which source token the decoder looks at.
//!
//! Word alignment is read off the attention of one decoder layer to the source, which rust-bert does not return. What
//! it does return is enough to work it out again: the layer's input, and its keys of the past and of the source.

use rust_bert::bart::{BartConfig, LayerState};
use tch::nn::VarStore;
use tch::{Kind, Tensor};

use crate::BackendError;
use crate::engine::outside::Shape;

/// What Marian adds to the variance in its layer norms.
const EPSILON: f64 = 1e-5;

/// The half of a decoder layer that leads to its attention to the source.
pub(super) struct Observer {
    layer: usize,
    /// The heads that count.
    heads: Tensor,
    head_count: i64,
    embedding: Tensor,
    embedding_scale: f64,
    positions: Tensor,
    past_query: Linear,
    past_output: Linear,
    past_norm: Linear,
    source_query: Linear,
}

struct Linear {
    weight: Tensor,
    bias: Tensor,
}

/// What one step of the decoder shows.
pub(super) struct Seen<'a> {
    /// The tokens read: rows, 1.
    pub(super) tokens: &'a Tensor,
    /// How many were read before.
    pub(super) position: i64,
    /// The output of each layer: rows, 1, width.
    pub(super) layers: &'a [Tensor],
    /// Keys and values of each layer after the step: rows, heads, positions, width of a head.
    pub(super) cache: &'a [(Option<LayerState>, Option<LayerState>)],
    /// 1 for source tokens, 0 for padding: rows, source positions.
    pub(super) mask: &'a Tensor,
}

impl Observer {
    /// An observer of the model in `store`, with which it shares weights.
    pub(super) fn of(store: &VarStore, config: &BartConfig, shape: &Shape) -> Self {
        let variables = store.variables();
        let get = |name: &str| variables[name].shallow_clone();
        let prefix = format!("model.decoder.layers.{}", shape.observed_layer);
        let linear = |name: &str| Linear {
            weight: get(&format!("{prefix}.{name}.weight")),
            bias: get(&format!("{prefix}.{name}.bias")),
        };
        let chosen = shape
            .observed_heads
            .iter()
            .enumerate()
            .filter(|(_, chosen)| **chosen);
        let heads: Vec<i64> = chosen.map(|(head, _)| head as i64).collect();
        Self {
            layer: shape.observed_layer,
            heads: Tensor::from_slice(&heads).to_device(store.device()),
            head_count: config.decoder_attention_heads,
            embedding: get("model.shared.weight"),
            embedding_scale: shape.embedding_scale,
            positions: get("model.decoder.embed_positions.weight"),
            past_query: linear("self_attn.q_proj"),
            past_output: linear("self_attn.out_proj"),
            past_norm: linear("self_attn_layer_norm"),
            source_query: linear("encoder_attn.q_proj"),
        }
    }

    /// The source position that each row looks at most.
    ///
    /// # Errors
    ///
    /// When the step does not show what is needed.
    pub(super) fn aligned(&self, seen: &Seen<'_>) -> Result<Tensor, BackendError> {
        let missing = || BackendError::new("expected rust-bert to show its layers, found less");
        let input = match self.layer.checked_sub(1) {
            Some(below) => seen.layers.get(below).ok_or_else(missing)?.shallow_clone(),
            None => self.embed(seen),
        };
        let (past, source) = seen.cache.get(self.layer).ok_or_else(missing)?;
        let (past, source) = (
            past.as_ref().ok_or_else(missing)?,
            source.as_ref().ok_or_else(missing)?,
        );
        let attention = self
            .scores(&self.past_query, &input, &past.prev_key)
            .softmax(-1, Kind::Float);
        let attended = attention
            .matmul(&past.prev_value)
            .transpose(1, 2)
            .reshape(input.size());
        let state = self
            .past_norm
            .normalize(&(self.past_output.apply(&attended) + input));
        let scores = self.scores(&self.source_query, &state, &source.prev_key);
        let padding = seen.mask.eq(0).unsqueeze(1).unsqueeze(1);
        let weights = scores
            .masked_fill(&padding, f64::NEG_INFINITY)
            .softmax(-1, Kind::Float);
        let sums = weights
            .index_select(1, &self.heads)
            .sum_dim_intlist(1, false, Kind::Float);
        Ok(sums.argmax(-1, false))
    }

    /// What the lowest layer reads.
    fn embed(&self, seen: &Seen<'_>) -> Tensor {
        let tokens = Tensor::embedding(&self.embedding, seen.tokens, -1, false, false);
        tokens * self.embedding_scale + self.positions.narrow(0, seen.position, 1)
    }

    /// How well each key answers the query of each head: rows, heads, 1, positions.
    fn scores(&self, query: &Linear, states: &Tensor, keys: &Tensor) -> Tensor {
        let width = states.size()[2] / self.head_count;
        let queries = query.apply(states) * (width as f64).powf(-0.5);
        let queries = queries.view([-1, 1, self.head_count, width]).transpose(1, 2);
        queries.matmul(&keys.transpose(2, 3))
    }
}

impl Linear {
    fn apply(&self, states: &Tensor) -> Tensor {
        states.linear(&self.weight, Some(&self.bias))
    }

    fn normalize(&self, states: &Tensor) -> Tensor {
        states.layer_norm(
            self.bias.size(),
            Some(&self.weight),
            Some(&self.bias),
            EPSILON,
            true,
        )
    }
}
