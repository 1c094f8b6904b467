//! How a model is run.

/// How a model is run. [`EngineOptions::default`] suits most uses.
#[derive(Clone, Debug, PartialEq)]
pub struct EngineOptions {
    /// The precision of the matrix products.
    pub precision: Precision,
    /// How many hypotheses the search keeps; 1 is greedy search. `None`: what the model's generation
    /// configuration says (`num_beams`), else 1.
    pub beam: Option<usize>,
    /// Beam search ranks a hypothesis by its log probability divided by its number of tokens to this
    /// power, as transformers' `generate` does: above 0 favours long outputs. Greedy search ignores it.
    /// `None`: what the model's generation configuration says (`length_penalty`), else 1.
    pub length_penalty: Option<f32>,
    /// An output has at most `max_length_factor * source tokens + max_length_extra` tokens, and never
    /// more than the model has positions or its generation configuration allows (`max_length`).
    pub max_length_factor: f32,
    /// See [`max_length_factor`](Self::max_length_factor).
    pub max_length_extra: usize,
    /// How many tokens one batch holds at most; a longer sentence is a batch of its own. It changes
    /// speed and memory, never results.
    pub batch_tokens: usize,
    /// Whether to use the model's lexical shortlist (`shortlist.bin`) where it has one.
    pub shortlist: bool,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            precision: Precision::Int8,
            beam: None,
            length_penalty: None,
            max_length_factor: 2.0,
            max_length_extra: 24,
            batch_tokens: 1024,
            shortlist: true,
        }
    }
}

/// The precision of the matrix products.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Precision {
    /// 8-bit integers: weights quantised per output row, activations per row. Three to four times as
    /// fast as [`Precision::F32`], and a quarter of the memory.
    #[default]
    Int8,
    /// 32-bit floating point.
    F32,
}
