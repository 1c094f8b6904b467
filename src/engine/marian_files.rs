//! Reads the configuration and the layers of a Marian model.

use serde::Deserialize;

use super::decoder::{Decoder, DecoderLayer};
use super::encoder::{Attention, Encoder, EncoderLayer, FeedForward, LayerReader};
use super::key_values::Heads;
use super::ops::Activation;
use super::weights::Weights;
use super::{Precision, config};
use crate::Error;
use crate::model::ModelFiles;

/// What Marian adds to the variance in its layer norms; it is not in the configuration.
const EPSILON: f32 = 1e-5;

/// The part of `config.json` that matters here.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Config {
    pub(super) vocab_size: usize,
    pub(super) d_model: usize,
    pub(super) max_position_embeddings: usize,
    #[serde(default)]
    pub(super) scale_embedding: bool,
    pub(super) pad_token_id: u32,
    pub(super) eos_token_id: u32,
    pub(super) decoder_start_token_id: u32,
    #[serde(default)]
    pub(super) diglot: Diglot,
    encoder_layers: usize,
    encoder_attention_heads: usize,
    encoder_ffn_dim: usize,
    decoder_layers: usize,
    decoder_attention_heads: usize,
    decoder_ffn_dim: usize,
    activation_function: Activation,
    #[serde(default = "yes")]
    share_encoder_decoder_embeddings: bool,
}

fn yes() -> bool {
    true
}

/// What diglot's own models say of themselves, in the object `diglot` of `config.json`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Diglot {
    /// The code of the language read.
    pub(super) source_lang: Option<String>,
    /// The code of the language written.
    pub(super) target_lang: Option<String>,
    /// Symbols that the model carries over unchanged.
    pub(super) placeholders: Vec<String>,
    /// The decoder layer whose attention gives the word alignment; the last if not given.
    alignment_layer: Option<usize>,
    /// Its heads that count; all if not given.
    alignment_heads: Option<Vec<usize>>,
}

impl Config {
    /// Reads and checks the configuration.
    ///
    /// # Errors
    ///
    /// When it is missing, of another architecture, lacks a field, or has impossible numbers.
    pub(super) fn read(files: &ModelFiles) -> Result<Self, Error> {
        let config: Self = config::read(files, "MarianMTModel")?;
        let model = files.name();
        config::check_sizes(&model, &config.sizes())?;
        for (name, heads) in [
            ("encoder_attention_heads", config.encoder_attention_heads),
            ("decoder_attention_heads", config.decoder_attention_heads),
        ] {
            config::check_heads(&model, "d_model", config.d_model, name, heads)?;
        }
        config
            .check()
            .map_err(|message| Error::model(&model, format!("`config.json`: {message}")))?;
        Ok(config)
    }

    /// Every size, with its name and the largest that is accepted.
    fn sizes(&self) -> [(&'static str, usize, usize); 7] {
        let positions = config::MAX_POSITION_VALUES / self.d_model.max(1);
        [
            ("vocab_size", self.vocab_size, config::MAX_VOCABULARY),
            ("d_model", self.d_model, config::MAX_WIDTH),
            ("encoder_ffn_dim", self.encoder_ffn_dim, config::MAX_WIDTH),
            ("decoder_ffn_dim", self.decoder_ffn_dim, config::MAX_WIDTH),
            ("encoder_layers", self.encoder_layers, config::MAX_LAYERS),
            ("decoder_layers", self.decoder_layers, config::MAX_LAYERS),
            ("max_position_embeddings", self.max_position_embeddings, positions),
        ]
    }

    fn check(&self) -> Result<(), String> {
        if !self.share_encoder_decoder_embeddings {
            return Err("expected `share_encoder_decoder_embeddings` to be true, found false".to_owned());
        }
        if self.max_position_embeddings < 2 {
            let found = self.max_position_embeddings;
            return Err(format!(
                "expected `max_position_embeddings` to be at least 2, found {found}"
            ));
        }
        let special = [self.pad_token_id, self.eos_token_id, self.decoder_start_token_id];
        if let Some(token) = special.iter().find(|&&token| token as usize >= self.vocab_size) {
            return Err(format!(
                "expected special tokens below `vocab_size` {}, found {token}",
                self.vocab_size
            ));
        }
        self.observed().map(|_| ())
    }

    /// The decoder layer whose attention gives the word alignment, and whether each of its heads counts.
    pub(super) fn observed(&self) -> Result<(usize, Vec<bool>), String> {
        let layer = self
            .diglot
            .alignment_layer
            .unwrap_or(self.decoder_layers.saturating_sub(1));
        if layer >= self.decoder_layers {
            return Err(format!(
                "expected `alignment_layer` below {}, found {layer}",
                self.decoder_layers
            ));
        }
        let count = self.decoder_attention_heads;
        let mut heads = vec![self.diglot.alignment_heads.is_none(); count];
        for &head in self.diglot.alignment_heads.iter().flatten() {
            *heads
                .get_mut(head)
                .ok_or_else(|| format!("expected `alignment_heads` below {count}, found {head}"))? = true;
        }
        Ok((layer, heads))
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

/// Reads the encoder.
///
/// # Errors
///
/// When a tensor is missing or of another shape.
pub(super) fn read_encoder(
    weights: &Weights,
    config: &Config,
    precision: Precision,
) -> Result<Encoder, Error> {
    let reader = Reader::new(weights, config, precision);
    let layers = (0..config.encoder_layers).map(|index| {
        let prefix = format!("model.encoder.layers.{index}");
        Ok(EncoderLayer {
            attention: reader.attention(&prefix, "self_attn", &["q_proj", "k_proj", "v_proj"])?,
            feed_forward: reader.feed_forward(&prefix, config.encoder_ffn_dim)?,
        })
    });
    Ok(Encoder {
        heads: heads(config, config.encoder_attention_heads),
        layers: layers.collect::<Result<_, Error>>()?,
    })
}

/// Reads the decoder.
///
/// # Errors
///
/// When a tensor is missing or of another shape.
pub(super) fn read_decoder(
    weights: &Weights,
    config: &Config,
    precision: Precision,
) -> Result<Decoder, Error> {
    let reader = Reader::new(weights, config, precision);
    let width = config.d_model;
    let layers = (0..config.decoder_layers).map(|index| {
        let prefix = format!("model.decoder.layers.{index}");
        let memory = ["k_proj", "v_proj"].map(|part| format!("{prefix}.encoder_attn.{part}"));
        Ok(DecoderLayer {
            attention: reader.attention(&prefix, "self_attn", &["q_proj", "k_proj", "v_proj"])?,
            cross: reader.attention(&prefix, "encoder_attn", &["q_proj"])?,
            cross_memory: reader
                .layers
                .stacked(&memory.each_ref().map(String::as_str), width, width)?,
            feed_forward: reader.feed_forward(&prefix, config.decoder_ffn_dim)?,
        })
    });
    let (observed_layer, observed_heads) = config
        .observed()
        .map_err(|message| Error::Config(format!("`config.json`: {message}")))?;
    Ok(Decoder {
        heads: heads(config, config.decoder_attention_heads),
        layers: layers.collect::<Result<_, Error>>()?,
        observed_layer,
        observed_heads,
    })
}

fn heads(config: &Config, count: usize) -> Heads {
    Heads {
        count,
        width: config.d_model / count,
    }
}

/// Reads parts of layers by the names that transformers gives them.
struct Reader<'a> {
    layers: LayerReader<'a>,
    activation: Activation,
}

impl<'a> Reader<'a> {
    fn new(weights: &'a Weights, config: &Config, precision: Precision) -> Self {
        Self {
            layers: LayerReader {
                weights,
                precision,
                width: config.d_model,
                epsilon: EPSILON,
            },
            activation: config.activation_function,
        }
    }

    fn attention(&self, prefix: &str, name: &str, projections: &[&str]) -> Result<Attention, Error> {
        let width = self.layers.width;
        let projections: Vec<String> = projections
            .iter()
            .map(|part| format!("{prefix}.{name}.{part}"))
            .collect();
        let projections: Vec<&str> = projections.iter().map(String::as_str).collect();
        Ok(Attention {
            projection: self.layers.stacked(&projections, width, width)?,
            output: self
                .layers
                .linear(&format!("{prefix}.{name}.out_proj"), width, width)?,
            norm: self.layers.norm(&format!("{prefix}.{name}_layer_norm"))?,
        })
    }

    fn feed_forward(&self, prefix: &str, inner: usize) -> Result<FeedForward, Error> {
        let width = self.layers.width;
        Ok(FeedForward {
            input: self.layers.linear(&format!("{prefix}.fc1"), inner, width)?,
            output: self.layers.linear(&format!("{prefix}.fc2"), width, inner)?,
            activation: self.activation,
            norm: self.layers.norm(&format!("{prefix}.final_layer_norm"))?,
        })
    }
}
