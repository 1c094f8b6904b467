//! BERT token classification.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use tokenizers::{Encoding, Tokenizer};

use super::encoder::{Attention, Encoder, EncoderLayer, FeedForward, LayerReader, Scratch};
use super::linear::{Embedding, Linear};
use super::ops::{Activation, LayerNorm};
use super::weights::Weights;
use super::{EngineOptions, Precision, batch, config, key_values::Heads, workers};
use crate::model::ModelFiles;
use crate::{BackendError, Error, Span};

/// Tokens that neighbouring windows of an overlong sentence share.
const OVERLAP: usize = 64;

/// A BERT model with a classifier on each token, as for named entities (`BertForTokenClassification`).
///
/// It reads `config.json`, `model.safetensors` and `tokenizer.json`.
pub struct BertTagger {
    tokenizer: Tokenizer,
    /// Tokens around every sentence: `[CLS]` and `[SEP]`.
    frame: Frame,
    network: Box<dyn TokenNetwork>,
    labels: Vec<String>,
    batch_tokens: usize,
}

/// The part of a token classifier between tokens and logits.
pub(crate) trait TokenNetwork: Send + Sync {
    /// The logits of each sequence of tokens, those of the first token first. A sequence has at most as many tokens
    /// as the configuration says that there are positions.
    ///
    /// # Errors
    ///
    /// When the network could not run at all.
    fn logits(&self, sequences: &[Vec<u32>]) -> Result<Vec<Vec<f32>>, BackendError>;
}

/// What the model says of one token of a sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenPrediction {
    /// Where the token stands, in bytes of the sentence; on character boundaries.
    pub span: Span,
    /// The index of the word that the token is a piece of: tokens of one word are neighbours.
    pub word: usize,
    /// The probability of each label, in the order of [`BertTagger::labels`]; they add up to 1.
    pub probabilities: Vec<f32>,
}

impl BertTagger {
    /// Loads a model. Of the options, the precision and the batch size matter.
    ///
    /// # Errors
    ///
    /// When a file or tensor is missing or is not what the configuration says, or the model is no BERT
    /// token classifier.
    pub fn load(files: &ModelFiles, options: &EngineOptions) -> Result<Self, Error> {
        let config = Config::read(files)?;
        let network = Network::read(files, &config, options.precision)?;
        Self::on(files, config, options, Box::new(network))
    }

    /// The same for a model whose network runs elsewhere.
    ///
    /// # Errors
    ///
    /// When a file but the weights is missing or is not what the configuration says, or the model is no BERT token
    /// classifier.
    #[cfg(feature = "rust-bert")]
    pub(crate) fn with_network(
        files: &ModelFiles,
        options: &EngineOptions,
        network: Box<dyn TokenNetwork>,
    ) -> Result<Self, Error> {
        Self::on(files, Config::read(files)?, options, network)
    }

    fn on(
        files: &ModelFiles,
        config: Config,
        options: &EngineOptions,
        network: Box<dyn TokenNetwork>,
    ) -> Result<Self, Error> {
        let tokenizer = read_tokenizer(files)?;
        Ok(Self {
            frame: Frame::of(&tokenizer, files, config.max_position_embeddings)?,
            tokenizer,
            network,
            labels: config.id2label.into_values().collect(),
            batch_tokens: options.batch_tokens,
        })
    }

    /// The names of the labels, `B-PER` and the like, in the order of the probabilities.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// What the model says of each token of each sentence: one list a sentence, in order. A sentence's
    /// result does not depend on its neighbours. One that is longer than the model can read is read in
    /// overlapping windows.
    ///
    /// # Errors
    ///
    /// When the tokenizer or the model fails.
    pub fn tag(&self, sentences: &[&str]) -> Result<Vec<Vec<TokenPrediction>>, BackendError> {
        let tagged = self.run_all(sentences)?;
        let tagged = tagged.into_iter().zip(sentences);
        Ok(tagged
            .map(|(tokens, sentence)| self.predictions(sentence, tokens))
            .collect())
    }

    /// The logits of each token of each sentence: what the probabilities are made of.
    ///
    /// # Errors
    ///
    /// When the tokenizer or the model fails.
    pub fn logits(&self, sentences: &[&str]) -> Result<Vec<Vec<Vec<f32>>>, BackendError> {
        let tagged = self.run_all(sentences)?.into_iter();
        Ok(tagged
            .map(|tagged| {
                tagged
                    .logits
                    .chunks_exact(self.labels.len())
                    .map(<[f32]>::to_vec)
                    .collect()
            })
            .collect())
    }

    /// The logits of each token of each sentence, with the sentences' encodings.
    fn run_all(&self, sentences: &[&str]) -> Result<Vec<Tagged>, BackendError> {
        let encodings = batch::map_chunks(sentences, |sentence| self.encode(sentence))?;
        let windows: Vec<Window> = encodings
            .iter()
            .enumerate()
            .flat_map(|(index, encoding)| self.frame.windows(index, encoding.len()))
            .collect();
        let lengths: Vec<usize> = windows.iter().map(|window| window.tokens.len()).collect();
        let batches = batch::cut(&lengths, self.batch_tokens);
        let outputs = workers::run(&batches, |batch| {
            let windows: Vec<&Window> = batch.iter().map(|&index| &windows[index]).collect();
            self.run(&windows, &encodings)
        })?;

        let labels = self.labels.len();
        let mut tagged: Vec<Tagged> = encodings
            .into_iter()
            .map(|encoding| Tagged {
                logits: vec![0.0; encoding.len() * labels],
                encoding,
            })
            .collect();
        for (&window, logits) in batches.iter().flatten().zip(outputs.iter().flatten()) {
            let Window {
                sentence,
                tokens,
                kept,
            } = &windows[window];
            let skipped = kept.start - tokens.start;
            let logits = &logits[skipped * labels..][..kept.len() * labels];
            tagged[*sentence].logits[kept.start * labels..kept.end * labels].copy_from_slice(logits);
        }
        Ok(tagged)
    }

    fn encode(&self, sentence: &str) -> Result<Encoding, BackendError> {
        self.tokenizer
            .encode(sentence, false)
            .map_err(|error| BackendError::with_source("tokenizer failed", error))
    }

    /// The logits of the tokens of each window.
    fn run(&self, windows: &[&Window], encodings: &[Encoding]) -> Result<Vec<Vec<f32>>, BackendError> {
        let framed = windows.iter().map(|window| {
            let ids = &encodings[window.sentence].get_ids()[window.tokens.clone()];
            [&self.frame.before, ids, &self.frame.after].concat()
        });
        let mut logits = self.network.logits(&framed.collect::<Vec<_>>())?;
        let labels = self.labels.len();
        for logits in &mut logits {
            logits.truncate(logits.len() - self.frame.after.len() * labels);
            logits.drain(..self.frame.before.len() * labels);
        }
        Ok(logits)
    }

    fn predictions(&self, sentence: &str, tagged: Tagged) -> Vec<TokenPrediction> {
        let Tagged { encoding, logits } = tagged;
        let mut word = 0;
        let mut last = None;
        let rows = logits.chunks_exact(self.labels.len());
        let tokens = encoding
            .get_offsets()
            .iter()
            .zip(encoding.get_word_ids())
            .zip(rows);
        tokens
            .map(|((&(start, end), &id), logits)| {
                if last.is_some_and(|last| id.is_none() || last != id) {
                    word += 1;
                }
                last = Some(id);
                TokenPrediction {
                    span: on_boundaries(sentence, start, end),
                    word,
                    probabilities: softmax(logits),
                }
            })
            .collect()
    }
}

impl std::fmt::Debug for BertTagger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BertTagger")
            .field("labels", &self.labels)
            .finish_non_exhaustive()
    }
}

struct Tagged {
    encoding: Encoding,
    logits: Vec<f32>,
}

/// The part of `config.json` that matters here.
#[derive(Deserialize)]
struct Config {
    vocab_size: usize,
    hidden_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    intermediate_size: usize,
    hidden_act: Activation,
    max_position_embeddings: usize,
    type_vocab_size: usize,
    layer_norm_eps: f32,
    #[serde(default = "two_labels")]
    id2label: BTreeMap<u32, String>,
}

/// What transformers assumes where `config.json` names no labels.
fn two_labels() -> BTreeMap<u32, String> {
    [(0, "LABEL_0".to_owned()), (1, "LABEL_1".to_owned())].into()
}

impl Config {
    fn read(files: &ModelFiles) -> Result<Self, Error> {
        let config: Self = config::read(files, "BertForTokenClassification")?;
        config.check(&files.name())?;
        Ok(config)
    }

    fn check(&self, model: &str) -> Result<(), Error> {
        let (size, heads) = (self.hidden_size, self.num_attention_heads);
        let positions = config::MAX_POSITION_VALUES / size.max(1);
        let sizes = [
            ("vocab_size", self.vocab_size, config::MAX_VOCABULARY),
            ("hidden_size", size, config::MAX_WIDTH),
            ("intermediate_size", self.intermediate_size, config::MAX_WIDTH),
            ("num_hidden_layers", self.num_hidden_layers, config::MAX_LAYERS),
            ("max_position_embeddings", self.max_position_embeddings, positions),
        ];
        config::check_sizes(model, &sizes)?;
        config::check_heads(model, "hidden_size", size, "num_attention_heads", heads)?;
        if self.id2label.is_empty() || !self.id2label.keys().copied().eq(0..self.id2label.len() as u32) {
            let found: Vec<_> = self.id2label.keys().collect();
            let message =
                format!("`config.json`: expected `id2label` to name labels 0, 1 and so on, found {found:?}");
            return Err(Error::model(model, message));
        }
        Ok(())
    }
}

fn read_tokenizer(files: &ModelFiles) -> Result<Tokenizer, Error> {
    let bytes = files.require("tokenizer.json")?;
    let mut tokenizer = Tokenizer::from_bytes(&bytes)
        .map_err(|error| Error::model(files.name(), format!("`tokenizer.json`: {error}")))?;
    // Overlong sentences are cut into windows here, and batches need no padding.
    tokenizer.with_padding(None);
    tokenizer
        .with_truncation(None)
        .map_err(|error| Error::model(files.name(), format!("`tokenizer.json`: {error}")))?;
    Ok(tokenizer)
}

/// The network as the engine runs it.
struct Network {
    embeddings: Embeddings,
    encoder: Encoder,
    classifier: Linear,
}

impl Network {
    fn read(files: &ModelFiles, config: &Config, precision: Precision) -> Result<Self, Error> {
        let weights = Weights::read(files)?;
        let reader = LayerReader {
            weights: &weights,
            precision,
            width: config.hidden_size,
            epsilon: config.layer_norm_eps,
        };
        let classifier = LayerReader {
            precision: Precision::F32,
            ..reader
        }
        .linear("classifier", config.id2label.len(), config.hidden_size)?;
        Ok(Self {
            embeddings: Embeddings::read(&reader, config)?,
            encoder: read_encoder(&reader, config)?,
            classifier,
        })
    }
}

impl TokenNetwork for Network {
    fn logits(&self, sequences: &[Vec<u32>]) -> Result<Vec<Vec<f32>>, BackendError> {
        let width = self.embeddings.norm.weight.len();
        let mut scratch = Scratch::default();
        let mut starts = vec![0];
        let mut states = Vec::new();
        for sequence in sequences {
            self.embeddings.push(sequence.iter().copied(), &mut states)?;
            starts.push(states.len() / width);
        }
        self.embeddings.norm.apply(&mut states);
        self.encoder.run(&mut states, &starts, &mut scratch)?;
        let mut logits = Vec::new();
        self.classifier
            .apply(&states, None, &mut logits, &mut scratch.linear)?;
        let labels = self.classifier.outputs();
        let of_sequence = starts
            .windows(2)
            .map(|bounds| logits[bounds[0] * labels..bounds[1] * labels].to_vec());
        Ok(of_sequence.collect())
    }
}

fn read_encoder(reader: &LayerReader<'_>, config: &Config) -> Result<Encoder, Error> {
    let (width, inner) = (config.hidden_size, config.intermediate_size);
    let layers = (0..config.num_hidden_layers).map(|index| {
        let prefix = format!("bert.encoder.layer.{index}");
        let projections = ["query", "key", "value"].map(|part| format!("{prefix}.attention.self.{part}"));
        Ok(EncoderLayer {
            attention: Attention {
                projection: reader.stacked(&projections.each_ref().map(String::as_str), width, width)?,
                output: reader.linear(&format!("{prefix}.attention.output.dense"), width, width)?,
                norm: reader.norm(&format!("{prefix}.attention.output.LayerNorm"))?,
            },
            feed_forward: FeedForward {
                input: reader.linear(&format!("{prefix}.intermediate.dense"), inner, width)?,
                output: reader.linear(&format!("{prefix}.output.dense"), width, inner)?,
                activation: config.hidden_act,
                norm: reader.norm(&format!("{prefix}.output.LayerNorm"))?,
            },
        })
    });
    Ok(Encoder {
        heads: Heads {
            count: config.num_attention_heads,
            width: width / config.num_attention_heads,
        },
        layers: layers.collect::<Result<_, Error>>()?,
    })
}

/// The sum of a token's vector, its position's and that of the first segment.
struct Embeddings {
    tokens: Embedding,
    /// One row a position, the segment's vector already added.
    positions: Vec<f32>,
    norm: LayerNorm,
}

impl Embeddings {
    fn read(reader: &LayerReader<'_>, config: &Config) -> Result<Self, Error> {
        let (weights, width) = (reader.weights, config.hidden_size);
        let table = |name: &str, rows: usize| {
            weights.matrix(&format!("bert.embeddings.{name}.weight"), [rows, width])
        };
        let tokens = Embedding::new(table("word_embeddings", config.vocab_size)?, reader.precision);
        let mut positions = table("position_embeddings", config.max_position_embeddings)?.into_floats();
        let segments = table("token_type_embeddings", config.type_vocab_size)?.into_floats();
        for row in positions.chunks_exact_mut(width) {
            row.iter_mut()
                .zip(&segments)
                .for_each(|(value, segment)| *value += segment);
        }
        Ok(Self {
            tokens,
            positions,
            norm: reader.norm("bert.embeddings.LayerNorm")?,
        })
    }

    /// Adds a row for each token.
    fn push(&self, tokens: impl Iterator<Item = u32>, states: &mut Vec<f32>) -> Result<(), BackendError> {
        let width = self.tokens.width();
        for (token, position) in tokens.zip(self.positions.chunks_exact(width)) {
            let start = states.len();
            states.resize(start + width, 0.0);
            self.tokens.write(token, 1.0, position, &mut states[start..])?;
        }
        Ok(())
    }
}

/// The special tokens around each sentence, and the room between them.
struct Frame {
    before: Vec<u32>,
    after: Vec<u32>,
    room: usize,
}

/// Tokens of a sentence that the model reads at once.
struct Window {
    sentence: usize,
    tokens: Range<usize>,
    /// The tokens whose predictions are taken from this window.
    kept: Range<usize>,
}

impl Frame {
    /// Finds the special tokens by encoding a word with them.
    fn of(tokenizer: &Tokenizer, files: &ModelFiles, positions: usize) -> Result<Self, Error> {
        let encoding = tokenizer
            .encode("a", true)
            .map_err(|error| Error::model(files.name(), format!("`tokenizer.json`: {error}")))?;
        let special = encoding.get_special_tokens_mask();
        let count = special.iter().take_while(|&&mask| mask == 1).count();
        let end = special
            .iter()
            .rposition(|&mask| mask == 0)
            .map_or(count, |last| last + 1);
        let ids = encoding.get_ids();
        let (before, after) = (ids[..count].to_vec(), ids[end..].to_vec());
        let room = positions.saturating_sub(before.len() + after.len());
        if room == 0 {
            let message = format!(
                "`config.json`: expected more `max_position_embeddings` than the {} special tokens, found {positions}",
                before.len() + after.len()
            );
            return Err(Error::model(files.name(), message));
        }
        Ok(Self { before, after, room })
    }

    /// Windows over a sentence of `len` tokens. Each token is kept by the one window in which it has
    /// the most context.
    fn windows(&self, sentence: usize, len: usize) -> Vec<Window> {
        let overlap = OVERLAP.min(self.room / 2);
        let step = (self.room - overlap).max(1);
        let mut windows = Vec::new();
        let mut start = 0;
        let mut kept = 0;
        while kept < len {
            let end = (start + self.room).min(len);
            let last = end == len;
            let kept_end = if last { len } else { end - overlap / 2 };
            windows.push(Window {
                sentence,
                tokens: start..end,
                kept: kept..kept_end,
            });
            kept = kept_end;
            start += step;
        }
        windows
    }
}

fn softmax(logits: &[f32]) -> Vec<f32> {
    let largest = logits
        .iter()
        .fold(f32::NEG_INFINITY, |largest, &value| largest.max(value));
    let weights: Vec<f32> = logits.iter().map(|value| (value - largest).exp()).collect();
    let sum: f32 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / sum).collect()
}

/// Widens a range to whole characters of `text`.
fn on_boundaries(text: &str, start: usize, end: usize) -> Span {
    let end = text.ceil_char_boundary(end.min(text.len()));
    Span::new(text.floor_char_boundary(start.min(end)), end)
}
