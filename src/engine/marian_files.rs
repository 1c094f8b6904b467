//! Reads the configuration and the layers of a Marian model.

use serde::Deserialize;

use super::decoder::{Decoder, DecoderLayer};
use super::encoder::{Attention, Encoder, EncoderLayer, FeedForward, LayerReader};
use super::key_values::Heads;
use super::ops::{Activation, LayerNorm};
use super::weights::Weights;
use super::{Precision, config};
use crate::model::ModelFiles;
use crate::{Error, Language};

/// What Marian adds to the variance in its layer norms; it is not in the configuration.
const EPSILON: f32 = 1e-5;

/// The part of `config.json` that says what the layers are.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Config {
    pub(super) vocab_size: usize,
    /// The tokens written, where they are not those read.
    decoder_vocab_size: Option<usize>,
    pub(super) d_model: usize,
    pub(super) max_position_embeddings: usize,
    #[serde(default)]
    pub(super) scale_embedding: bool,
    #[serde(default = "yes")]
    pub(super) share_encoder_decoder_embeddings: bool,
    /// Whether tokens are scored by the decoder's embeddings.
    #[serde(default = "yes")]
    pub(super) tie_word_embeddings: bool,
    /// Whether positions are computed where the file has none.
    #[serde(default = "yes")]
    pub(super) static_position_embeddings: bool,
    /// Whether there is a layer norm behind the embeddings.
    #[serde(default)]
    pub(super) normalize_embedding: bool,
    #[serde(default)]
    pub(super) diglot: Diglot,
    encoder_layers: usize,
    encoder_attention_heads: usize,
    encoder_ffn_dim: usize,
    decoder_layers: usize,
    decoder_attention_heads: usize,
    decoder_ffn_dim: usize,
    activation_function: Activation,
    /// Whether layer norms stand before their blocks.
    #[serde(default)]
    normalize_before: bool,
    /// Whether there is a layer norm behind the last layer.
    #[serde(default)]
    add_final_layer_norm: bool,
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

    /// How many tokens the model writes.
    pub(super) fn target_size(&self) -> usize {
        if self.share_encoder_decoder_embeddings {
            self.vocab_size
        } else {
            self.decoder_vocab_size.unwrap_or(self.vocab_size)
        }
    }

    /// Reads a layer norm.
    ///
    /// # Errors
    ///
    /// When a tensor is missing or of another shape.
    pub(super) fn read_norm(&self, weights: &Weights, name: &str) -> Result<LayerNorm, Error> {
        let reader = LayerReader {
            weights,
            precision: Precision::F32,
            width: self.d_model,
            epsilon: EPSILON,
        };
        reader.norm(name)
    }

    /// Every size, with its name and the largest that is accepted.
    fn sizes(&self) -> [(&'static str, usize, usize); 8] {
        let positions = config::MAX_POSITION_VALUES / self.d_model.max(1);
        [
            ("vocab_size", self.vocab_size, config::MAX_VOCABULARY),
            ("decoder_vocab_size", self.target_size(), config::MAX_VOCABULARY),
            ("d_model", self.d_model, config::MAX_WIDTH),
            ("encoder_ffn_dim", self.encoder_ffn_dim, config::MAX_WIDTH),
            ("decoder_ffn_dim", self.decoder_ffn_dim, config::MAX_WIDTH),
            ("encoder_layers", self.encoder_layers, config::MAX_LAYERS),
            ("decoder_layers", self.decoder_layers, config::MAX_LAYERS),
            ("max_position_embeddings", self.max_position_embeddings, positions),
        ]
    }

    fn check(&self) -> Result<(), String> {
        if self.max_position_embeddings < 2 {
            let found = self.max_position_embeddings;
            return Err(format!(
                "expected `max_position_embeddings` to be at least 2, found {found}"
            ));
        }
        let diglot = &self.diglot;
        for (field, code) in [
            ("source_lang", &diglot.source_lang),
            ("target_lang", &diglot.target_lang),
        ] {
            if let Some(code) = code
                && code.parse::<Language>().is_err()
            {
                return Err(format!(
                    "expected a language code in `diglot.{field}`, found `{code}`"
                ));
            }
        }
        self.observed().map(|_| ())
    }

    /// What a network that runs elsewhere must know.
    ///
    /// # Errors
    ///
    /// When the model has layers of a form that only the engine knows.
    #[cfg(feature = "rust-bert")]
    pub(super) fn shape(&self, files: &ModelFiles) -> Result<super::outside::Shape, Error> {
        let invalid = |message: String| Error::model(files.name(), format!("`config.json`: {message}"));
        for (name, value, known) in [
            (
                "share_encoder_decoder_embeddings",
                self.share_encoder_decoder_embeddings,
                true,
            ),
            ("tie_word_embeddings", self.tie_word_embeddings, true),
            ("normalize_before", self.normalize_before, false),
            ("normalize_embedding", self.normalize_embedding, false),
            ("add_final_layer_norm", self.add_final_layer_norm, false),
        ] {
            if value != known {
                let message =
                    format!("the backend `rust-bert` expects `{name}` to be {known}, found {value}");
                return Err(invalid(message));
            }
        }
        let (observed_layer, observed_heads) = self.observed().map_err(invalid)?;
        Ok(super::outside::Shape {
            embedding_scale: if self.scale_embedding {
                (self.d_model as f64).sqrt()
            } else {
                1.0
            },
            observed_layer,
            observed_heads,
        })
    }

    /// The decoder layer whose attention gives the word alignment, and whether each of its heads counts.
    fn observed(&self) -> Result<(usize, Vec<bool>), String> {
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

/// Reads the encoder, and the layer norm behind it where there is one.
///
/// # Errors
///
/// When a tensor is missing or of another shape.
pub(super) fn read_encoder(
    weights: &Weights,
    config: &Config,
    precision: Precision,
) -> Result<(Encoder, Option<LayerNorm>), Error> {
    let reader = Reader::new(weights, config, precision);
    let layers = (0..config.encoder_layers).map(|index| {
        let prefix = format!("model.encoder.layers.{index}");
        Ok(EncoderLayer {
            attention: reader.attention(&prefix, "self_attn", &["q_proj", "k_proj", "v_proj"])?,
            feed_forward: reader.feed_forward(&prefix, config.encoder_ffn_dim)?,
        })
    });
    let encoder = Encoder {
        heads: heads(config, config.encoder_attention_heads),
        layers: layers.collect::<Result<_, Error>>()?,
    };
    Ok((encoder, reader.final_norm("encoder")?))
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
        final_norm: reader.final_norm("decoder")?,
        observed_layer,
        observed_heads,
    })
}

/// Reads what is added to the score of each token: zeros where the file does not say.
///
/// # Errors
///
/// When the tensor is of another shape.
pub(super) fn read_bias(weights: &Weights, tokens: usize) -> Result<Vec<f32>, Error> {
    const NAME: &str = "final_logits_bias";
    if weights.has(NAME) {
        weights.row(NAME, tokens)
    } else {
        Ok(vec![0.0; tokens])
    }
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
    config: &'a Config,
}

impl<'a> Reader<'a> {
    fn new(weights: &'a Weights, config: &'a Config, precision: Precision) -> Self {
        Self {
            layers: LayerReader {
                weights,
                precision,
                width: config.d_model,
                epsilon: EPSILON,
            },
            config,
        }
    }

    /// The layer norm of a block.
    fn norm(&self, name: &str) -> Result<LayerNorm, Error> {
        Ok(LayerNorm {
            before: self.config.normalize_before,
            ..self.layers.norm(name)?
        })
    }

    fn final_norm(&self, side: &str) -> Result<Option<LayerNorm>, Error> {
        let name = format!("model.{side}.layer_norm");
        let wanted = self.config.add_final_layer_norm;
        wanted.then(|| self.layers.norm(&name)).transpose()
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
            norm: self.norm(&format!("{prefix}.{name}_layer_norm"))?,
        })
    }

    fn feed_forward(&self, prefix: &str, inner: usize) -> Result<FeedForward, Error> {
        let width = self.layers.width;
        Ok(FeedForward {
            input: self.layers.linear(&format!("{prefix}.fc1"), inner, width)?,
            output: self.layers.linear(&format!("{prefix}.fc2"), width, inner)?,
            activation: self.config.activation_function,
            norm: self.norm(&format!("{prefix}.final_layer_norm"))?,
        })
    }
}
