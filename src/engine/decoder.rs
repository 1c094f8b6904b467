//! The decoder of a translation model, one token at a time.

use super::attention::{Observed, attend};
use super::encoder::{Attention, FeedForward, Scratch};
use super::key_values::{Heads, KeyValues, Stored};
use super::linear::Linear;
use super::ops::LayerNorm;
use crate::BackendError;

/// Layers of self-attention, attention to the source, and feed-forward.
pub(super) struct Decoder {
    pub(super) heads: Heads,
    pub(super) layers: Vec<DecoderLayer>,
    /// The normalisation behind the last layer, where there is one.
    pub(super) final_norm: Option<LayerNorm>,
    /// The layer whose attention to the source says which source token an output token renders.
    pub(super) observed_layer: usize,
    /// Which of its heads say so.
    pub(super) observed_heads: Vec<bool>,
}

/// One layer of a decoder.
pub(super) struct DecoderLayer {
    pub(super) attention: Attention,
    pub(super) cross: Attention,
    /// Keys and values of the source, side by side.
    pub(super) cross_memory: Linear,
    pub(super) feed_forward: FeedForward,
}

/// The keys and values of one source sentence in each layer.
pub(super) type Memory<T> = Vec<KeyValues<T>>;

/// An output being written.
#[derive(Clone)]
pub(super) struct Row<T> {
    /// The index of the sentence that it renders.
    pub(super) sentence: usize,
    /// The keys and values of its tokens in each layer.
    past: Vec<KeyValues<T>>,
}

/// Positions that a new row has room for.
const FIRST_CAPACITY: usize = 32;

impl Decoder {
    /// An output of no tokens yet.
    pub(super) fn row<T: Stored>(&self, sentence: usize) -> Row<T> {
        Row {
            sentence,
            past: vec![KeyValues::new(self.heads, FIRST_CAPACITY); self.layers.len()],
        }
    }

    /// The keys and values of encoded sentences. Sentence `i` is the rows `starts[i]..starts[i + 1]`.
    ///
    /// # Errors
    ///
    /// Never, unless the shapes were mixed up.
    pub(super) fn memories<T: Stored>(
        &self,
        encoded: &[f32],
        starts: &[usize],
        scratch: &mut Scratch,
    ) -> Result<Vec<Memory<T>>, BackendError> {
        let width = self.heads.total();
        let mut memories: Vec<Memory<T>> = starts
            .windows(2)
            .map(|_| Vec::with_capacity(self.layers.len()))
            .collect();
        for layer in &self.layers {
            layer
                .cross_memory
                .apply(encoded, None, &mut scratch.projected, &mut scratch.linear)?;
            for (memory, bounds) in memories.iter_mut().zip(starts.windows(2)) {
                let mut layer_memory = KeyValues::new(self.heads, bounds[1] - bounds[0]);
                let rows = &scratch.projected[bounds[0] * 2 * width..bounds[1] * 2 * width];
                layer_memory.extend(rows, 2 * width, 0);
                memory.push(layer_memory);
            }
        }
        Ok(memories)
    }

    /// Runs the embeddings of each row's last token through the layers, in place. `aligned` becomes
    /// the source position that each row attends to most.
    ///
    /// # Errors
    ///
    /// Never, unless the shapes were mixed up.
    pub(super) fn step<T: Stored>(
        &self,
        states: &mut [f32],
        rows: &mut [Row<T>],
        memories: &[Memory<T>],
        aligned: &mut Vec<u32>,
        scratch: &mut Scratch,
    ) -> Result<(), BackendError> {
        aligned.clear();
        scratch.attended.resize(states.len(), 0.0);
        for (index, layer) in self.layers.iter().enumerate() {
            self.attend_to_past(index, layer, states, rows, scratch)?;
            layer.attention.finish(states, scratch)?;
            self.attend_to_source(index, layer, states, rows, memories, aligned, scratch)?;
            layer.cross.finish(states, scratch)?;
            layer.feed_forward.run(states, scratch)?;
        }
        if let Some(norm) = &self.final_norm {
            norm.apply(states);
        }
        Ok(())
    }

    fn attend_to_past<T: Stored>(
        &self,
        index: usize,
        layer: &DecoderLayer,
        states: &[f32],
        rows: &mut [Row<T>],
        scratch: &mut Scratch,
    ) -> Result<(), BackendError> {
        let width = self.heads.total();
        layer.attention.project(states, scratch)?;
        let projected = scratch.projected.chunks_exact(3 * width);
        for ((row, projected), output) in rows
            .iter_mut()
            .zip(projected)
            .zip(scratch.attended.chunks_exact_mut(width))
        {
            let past = &mut row.past[index];
            past.push(&projected[width..2 * width], &projected[2 * width..]);
            attend(
                &projected[..width],
                width,
                past,
                output,
                None,
                &mut scratch.attention,
            );
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one step")]
    fn attend_to_source<T: Stored>(
        &self,
        index: usize,
        layer: &DecoderLayer,
        states: &[f32],
        rows: &[Row<T>],
        memories: &[Memory<T>],
        aligned: &mut Vec<u32>,
        scratch: &mut Scratch,
    ) -> Result<(), BackendError> {
        let width = self.heads.total();
        layer.cross.project(states, scratch)?;
        let queries = scratch.projected.chunks_exact(width);
        let mut sums = Vec::new();
        for ((row, query), output) in rows
            .iter()
            .zip(queries)
            .zip(scratch.attended.chunks_exact_mut(width))
        {
            let memory = &memories[row.sentence][index];
            let observed = (index == self.observed_layer).then(|| {
                sums.clear();
                sums.resize(memory.len(), 0.0);
                Observed {
                    heads: &self.observed_heads,
                    sums: &mut sums,
                }
            });
            attend(query, width, memory, output, observed, &mut scratch.attention);
            if index == self.observed_layer {
                aligned.push(super::ops::argmax(&sums) as u32);
            }
        }
        Ok(())
    }
}
