//! The encoder that Marian and the BERT family share: layers of self-attention and feed-forward, each
//! followed by a normalisation of its sum with its input ("post-norm"), or with one before it ("pre-norm").

use super::Precision;
use super::attention::{self, attend};
use super::key_values::{Heads, KeyValues};
use super::linear::{self, Linear};
use super::ops::{Activation, LayerNorm};
use super::weights::{Matrix, Weights};
use crate::{BackendError, Error};

/// Tokens that go through the layers together, rounded up to whole sentences: enough to keep the
/// matrix kernels busy, few enough for the values between two layers to stay in the cache.
const GROUP_TOKENS: usize = 192;

/// Rows that go through a feed-forward block together, for the same reason.
const FEED_FORWARD_ROWS: usize = 64;

/// Layers of self-attention and feed-forward.
pub(super) struct Encoder {
    pub(super) heads: Heads,
    pub(super) layers: Vec<EncoderLayer>,
}

/// One layer of an encoder.
pub(super) struct EncoderLayer {
    pub(super) attention: Attention,
    pub(super) feed_forward: FeedForward,
}

/// Attention with its normalisation.
pub(super) struct Attention {
    /// Queries, keys and values side by side; queries alone where the keys are another sentence's.
    pub(super) projection: Linear,
    pub(super) output: Linear,
    pub(super) norm: LayerNorm,
}

/// Two linear layers with an activation between them, and their normalisation.
pub(super) struct FeedForward {
    pub(super) input: Linear,
    pub(super) output: Linear,
    pub(super) activation: Activation,
    pub(super) norm: LayerNorm,
}

/// Memory that layers reuse from call to call.
#[derive(Default)]
pub(super) struct Scratch {
    pub(super) linear: linear::Scratch,
    pub(super) attention: attention::Scratch,
    pub(super) normalized: Vec<f32>,
    pub(super) projected: Vec<f32>,
    pub(super) attended: Vec<f32>,
    pub(super) hidden: Vec<f32>,
    pub(super) result: Vec<f32>,
}

/// Reads the layers of a model.
pub(super) struct LayerReader<'a> {
    pub(super) weights: &'a Weights,
    pub(super) precision: Precision,
    /// The width of the model's states.
    pub(super) width: usize,
    /// Added to the variance in layer norms.
    pub(super) epsilon: f32,
}

impl Encoder {
    /// Runs rows of states through the layers, in place. Sentence `i` is the rows
    /// `starts[i]..starts[i + 1]`.
    ///
    /// # Errors
    ///
    /// Never, unless the shapes were mixed up.
    pub(super) fn run(
        &self,
        states: &mut [f32],
        starts: &[usize],
        scratch: &mut Scratch,
    ) -> Result<(), BackendError> {
        let width = self.heads.total();
        let mut memory = KeyValues::<f32>::new(self.heads, 0);
        let mut rest = starts;
        while let [first, _, ..] = *rest {
            let after = rest
                .iter()
                .skip(1)
                .take_while(|&&start| start - first <= GROUP_TOKENS)
                .count();
            let group = &rest[..=after.max(1)];
            let rows = &mut states[first * width..group[group.len() - 1] * width];
            for layer in &self.layers {
                layer
                    .attention
                    .attend_within(self.heads, rows, group, &mut memory, scratch)?;
                layer.feed_forward.run(rows, scratch)?;
            }
            rest = &rest[group.len() - 1..];
        }
        Ok(())
    }
}

impl Attention {
    /// Attends within each sentence, in place.
    fn attend_within(
        &self,
        heads: Heads,
        states: &mut [f32],
        starts: &[usize],
        memory: &mut KeyValues<f32>,
        scratch: &mut Scratch,
    ) -> Result<(), BackendError> {
        let width = heads.total();
        self.project(states, scratch)?;
        scratch.attended.resize(states.len(), 0.0);
        for sentence in starts.windows(2) {
            let (start, end) = (sentence[0] - starts[0], sentence[1] - starts[0]);
            let rows = &scratch.projected[start * 3 * width..end * 3 * width];
            memory.reset(heads, end - start);
            memory.extend(rows, 3 * width, width);
            let output = &mut scratch.attended[start * width..end * width];
            attend(rows, 3 * width, memory, output, None, &mut scratch.attention);
        }
        self.finish(states, scratch)
    }

    /// Projects the states into `scratch.projected`.
    pub(super) fn project(&self, states: &[f32], scratch: &mut Scratch) -> Result<(), BackendError> {
        let input = self.norm.enter(states, &mut scratch.normalized);
        self.projection
            .apply(input, None, &mut scratch.projected, &mut scratch.linear)
    }

    /// Projects what was attended to, and adds it to the states.
    pub(super) fn finish(&self, states: &mut [f32], scratch: &mut Scratch) -> Result<(), BackendError> {
        self.output
            .apply(&scratch.attended, None, &mut scratch.result, &mut scratch.linear)?;
        self.norm.leave(states, &scratch.result);
        Ok(())
    }
}

impl FeedForward {
    /// Applies the block to each row, in place.
    pub(super) fn run(&self, states: &mut [f32], scratch: &mut Scratch) -> Result<(), BackendError> {
        let width = self.output.outputs();
        for rows in states.chunks_mut(FEED_FORWARD_ROWS * width) {
            self.input.apply(
                self.norm.enter(rows, &mut scratch.normalized),
                Some(self.activation),
                &mut scratch.hidden,
                &mut scratch.linear,
            )?;
            self.output
                .apply(&scratch.hidden, None, &mut scratch.result, &mut scratch.linear)?;
            self.norm.leave(rows, &scratch.result);
        }
        Ok(())
    }
}

impl LayerNorm {
    /// What a block reads of some rows: a normalised copy of them, where the norm stands before the block.
    fn enter<'a>(&self, rows: &'a [f32], copy: &'a mut Vec<f32>) -> &'a [f32] {
        if !self.before {
            return rows;
        }
        copy.clear();
        copy.extend_from_slice(rows);
        self.apply(copy);
        copy
    }

    /// Adds what a block made to its rows, and normalises the sum where the norm stands behind it.
    fn leave(&self, rows: &mut [f32], result: &[f32]) {
        if self.before {
            for (value, addend) in rows.iter_mut().zip(result) {
                *value += addend;
            }
        } else {
            self.add_and_apply(rows, result);
        }
    }
}

impl LayerReader<'_> {
    /// The linear layer `name`.
    pub(super) fn linear(&self, name: &str, outputs: usize, inputs: usize) -> Result<Linear, Error> {
        self.stacked(&[name], outputs, inputs)
    }

    /// Linear layers of the same size that share their input, as one.
    pub(super) fn stacked(&self, names: &[&str], outputs: usize, inputs: usize) -> Result<Linear, Error> {
        let mut weights = Vec::with_capacity(names.len());
        let mut bias = Vec::with_capacity(names.len() * outputs);
        for name in names {
            weights.push(self.weights.matrix_in(
                self.precision,
                &format!("{name}.weight"),
                [outputs, inputs],
            )?);
            bias.extend(self.weights.vector(&format!("{name}.bias"), outputs)?);
        }
        Ok(Linear::new(Matrix::stack(weights), bias, self.precision))
    }

    /// The layer norm `name`, whose parts are `gamma` and `beta` in files that were made from TensorFlow's.
    pub(super) fn norm(&self, name: &str) -> Result<LayerNorm, Error> {
        let part = |usual: &str, old: &str| {
            let (usual, old) = (format!("{name}.{usual}"), format!("{name}.{old}"));
            let is_old = !self.weights.has(&usual) && self.weights.has(&old);
            self.weights
                .vector(if is_old { &old } else { &usual }, self.width)
        };
        Ok(LayerNorm {
            weight: part("weight", "gamma")?,
            bias: part("bias", "beta")?,
            epsilon: self.epsilon,
            before: false,
        })
    }
}
