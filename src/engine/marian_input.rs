//! What a Marian model reads tokens by: embeddings and positions.

use std::cell::LazyCell;
use std::sync::Arc;

use super::Precision;
use super::linear::Embedding;
use super::marian_files::Config;
use super::ops::LayerNorm;
use super::weights::Weights;
use crate::{BackendError, Error};

/// The embeddings of a model: of what it reads, of what it has written, and those that score what may be
/// written next. Often all three are one table.
pub(super) struct Inputs {
    pub(super) encoder: Input,
    pub(super) decoder: Input,
    pub(super) output: Arc<Embedding>,
}

/// What makes tokens into states, on one side of a model.
pub(super) struct Input {
    embedding: Arc<Embedding>,
    scale: f32,
    /// One row a position.
    positions: Arc<[f32]>,
    norm: Option<LayerNorm>,
}

/// Where the table is that both sides share: files often hold it under one of its names alone.
pub(super) const SHARED: [&str; 4] = [
    "model.shared.weight",
    "model.encoder.embed_tokens.weight",
    "model.decoder.embed_tokens.weight",
    OUTPUT,
];

const OUTPUT: &str = "lm_head.weight";

impl Inputs {
    /// Reads the embeddings of a model.
    ///
    /// # Errors
    ///
    /// When a tensor is missing or of another shape.
    pub(super) fn read(weights: &Weights, config: &Config, precision: Precision) -> Result<Self, Error> {
        let reader = Reader {
            weights,
            config,
            precision,
        };
        let (encoder, decoder) = if config.share_encoder_decoder_embeddings {
            let name = SHARED.iter().find(|name| weights.has(name));
            let shared = reader.table(name.unwrap_or(&SHARED[0]), config.vocab_size)?;
            (Arc::clone(&shared), shared)
        } else {
            (
                reader.table("model.encoder.embed_tokens.weight", config.vocab_size)?,
                reader.table("model.decoder.embed_tokens.weight", config.target_size())?,
            )
        };
        let output = if config.tie_word_embeddings {
            Arc::clone(&decoder)
        } else {
            reader.table(OUTPUT, config.target_size())?
        };
        let positions = [reader.positions("encoder")?, reader.positions("decoder")?];
        let computed: LazyCell<Arc<[f32]>, _> =
            LazyCell::new(|| sinusoids(config.max_position_embeddings, config.d_model).into());
        let [of_encoder, of_decoder] =
            positions.map(|stored| stored.unwrap_or_else(|| Arc::clone(&computed)));
        Ok(Self {
            encoder: reader.input("encoder", encoder, of_encoder)?,
            decoder: reader.input("decoder", decoder, of_decoder)?,
            output,
        })
    }
}

impl Input {
    /// Adds the state of a token at a position to `states`.
    ///
    /// # Errors
    ///
    /// When there is no such token.
    pub(super) fn push(
        &self,
        token: u32,
        position: usize,
        states: &mut Vec<f32>,
    ) -> Result<(), BackendError> {
        let width = self.embedding.width();
        let start = states.len();
        states.resize(start + width, 0.0);
        let position = &self.positions[position * width..(position + 1) * width];
        let state = &mut states[start..];
        self.embedding.write(token, self.scale, position, state)?;
        if let Some(norm) = &self.norm {
            norm.apply(state);
        }
        Ok(())
    }
}

struct Reader<'a> {
    weights: &'a Weights,
    config: &'a Config,
    precision: Precision,
}

impl Reader<'_> {
    fn table(&self, name: &str, rows: usize) -> Result<Arc<Embedding>, Error> {
        let table = self.weights.matrix(name, [rows, self.config.d_model])?;
        Ok(Arc::new(Embedding::new(table, self.precision)))
    }

    /// The positions that the file holds for a side; none where they are to be computed.
    fn positions(&self, side: &str) -> Result<Option<Arc<[f32]>>, Error> {
        let config = self.config;
        let name = format!("model.{side}.embed_positions.weight");
        if config.static_position_embeddings && !self.weights.has(&name) {
            return Ok(None);
        }
        let size = [config.max_position_embeddings, config.d_model];
        Ok(Some(self.weights.matrix(&name, size)?.into_floats().into()))
    }

    fn input(&self, side: &str, embedding: Arc<Embedding>, positions: Arc<[f32]>) -> Result<Input, Error> {
        let config = self.config;
        let norm = format!("model.{side}.layernorm_embedding");
        Ok(Input {
            embedding,
            scale: if config.scale_embedding {
                (config.d_model as f32).sqrt()
            } else {
                1.0
            },
            positions,
            norm: config
                .normalize_embedding
                .then(|| config.read_norm(self.weights, &norm))
                .transpose()?,
        })
    }
}

/// Sinusoidal positions as transformers computes them: one row a position, sines in the first half of
/// it and cosines in the second.
pub(super) fn sinusoids(positions: usize, width: usize) -> Vec<f32> {
    let half = width.div_ceil(2);
    let angle =
        |position: usize, index: usize| position as f64 / 10_000f64.powf(2.0 * index as f64 / width as f64);
    let row = |position: usize| {
        (0..width).map(move |column| {
            let value = if column < half {
                angle(position, column).sin()
            } else {
                angle(position, column - half).cos()
            };
            value as f32
        })
    };
    (0..positions).flat_map(row).collect()
}
