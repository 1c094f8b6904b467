//! Token classification with BERT and its kin.

use tokenizers::{Encoding, Tokenizer};

use super::bert_files::Config;
#[cfg(feature = "rust-bert")]
use super::bert_files::Family;
use super::encoder::{Encoder, LayerReader, Scratch};
use super::frame::{Frame, Window};
use super::linear::{Embedding, Linear};
use super::ops::LayerNorm;
use super::weights::{Matrix, Weights};
use super::{EngineOptions, Precision, batch, bert_tokenizer, workers};
use crate::model::ModelFiles;
use crate::{BackendError, Error, Span};

/// How byte-level tokenizers write a space.
const BYTE_SPACE: &str = "\u{120}";

/// A model of the BERT family with a classifier on each token, as for named entities: a
/// `...ForTokenClassification` of BERT, DistilBERT, RoBERTa, XLM-RoBERTa, CamemBERT or ELECTRA.
///
/// It reads the files that such models have on the hub: `config.json`; the weights as `model.safetensors` or
/// `pytorch_model.bin`, in one file or in shards; the tokenizer as `tokenizer.json`, or else as `vocab.txt`
/// (WordPiece), `vocab.json` and `merges.txt` (bytes), or `sentencepiece.bpe.model`.
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
    /// as the model reads at once.
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
    /// When a file or tensor is missing or is not what the configuration says, or the model is no token
    /// classifier of a known family.
    pub fn load(files: &ModelFiles, options: &EngineOptions) -> Result<Self, Error> {
        let config = Config::read(files)?;
        let network = Network::read(files, &config, options.precision)?;
        Self::on(files, config, options, Box::new(network))
    }

    /// The same for a model whose network runs elsewhere, which `network` loads.
    ///
    /// # Errors
    ///
    /// The same, and those of `network`.
    #[cfg(feature = "rust-bert")]
    pub(crate) fn with_network(
        files: &ModelFiles,
        options: &EngineOptions,
        network: impl FnOnce(TokenShape) -> Result<Box<dyn TokenNetwork>, Error>,
    ) -> Result<Self, Error> {
        let config = Config::read(files)?;
        let network = network(TokenShape {
            family: config.family,
            padding: config
                .fields
                .pad_token_id
                .unwrap_or(config.padding().unwrap_or(0)),
            labels: config.fields.id2label.len(),
        })?;
        Self::on(files, config, options, network)
    }

    fn on(
        files: &ModelFiles,
        config: Config,
        options: &EngineOptions,
        network: Box<dyn TokenNetwork>,
    ) -> Result<Self, Error> {
        let tokenizer = bert_tokenizer::read(files, config.family)?;
        Ok(Self {
            frame: Frame::of(&tokenizer, files, config.max_tokens())?,
            tokenizer,
            network,
            labels: config.fields.id2label.into_values().collect(),
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
            .zip(encoding.get_tokens())
            .zip(encoding.get_word_ids())
            .zip(rows);
        tokens
            .map(|(((&(start, end), text), &id), logits)| {
                // The tokenizer takes one byte off the place of a space that it added before the text, which
                // is that of the first character, however long.
                let added = text == BYTE_SPACE && !sentence.is_char_boundary(end);
                let end = if added { start } else { end };
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

/// What a network that runs elsewhere must know of its model.
#[cfg(feature = "rust-bert")]
pub(crate) struct TokenShape {
    /// The kind of model.
    pub(crate) family: Family,
    /// The token that fills rows up.
    pub(crate) padding: u32,
    /// How many labels there are.
    pub(crate) labels: usize,
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
            width: config.fields.hidden_size,
            epsilon: config.fields.layer_norm_eps,
        };
        let prefix = config.prefix(&weights);
        let classifier = LayerReader {
            precision: Precision::F32,
            ..reader
        }
        .linear(
            "classifier",
            config.fields.id2label.len(),
            config.fields.hidden_size,
        )?;
        Ok(Self {
            embeddings: Embeddings::read(&reader, config, prefix)?,
            encoder: config.read_encoder(&reader, prefix)?,
            classifier,
        })
    }
}

impl TokenNetwork for Network {
    fn logits(&self, sequences: &[Vec<u32>]) -> Result<Vec<Vec<f32>>, BackendError> {
        let width = self.embeddings.tokens.width();
        let mut scratch = Scratch::default();
        let mut starts = vec![0];
        let mut states = Vec::new();
        for sequence in sequences {
            self.embeddings.push(sequence.iter().copied(), &mut states)?;
            starts.push(states.len() / width);
        }
        let mut states = self.embeddings.finish(states, &mut scratch)?;
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

/// The normalised sum of a token's vector, its position's and that of the first token type, in ELECTRA made as
/// wide as the layers.
struct Embeddings {
    tokens: Embedding,
    /// One row a position, the token type's vector already added.
    positions: Vec<f32>,
    /// The padding token, where positions are counted from behind its id; it has its id as its position.
    padding: Option<u32>,
    norm: LayerNorm,
    projection: Option<Linear>,
}

impl Embeddings {
    fn read(reader: &LayerReader<'_>, config: &Config, prefix: &str) -> Result<Self, Error> {
        let (weights, width) = (reader.weights, config.embedding_width());
        let table = |name: &str, rows: usize| {
            let name = format!("{prefix}embeddings.{name}.weight");
            weights.matrix(&name, [rows, width]).map(Matrix::into_floats)
        };
        let mut positions = table("position_embeddings", config.fields.max_position_embeddings)?;
        if config.token_types() > 0 {
            let types = table("token_type_embeddings", config.token_types())?;
            for row in positions.chunks_exact_mut(width) {
                row.iter_mut()
                    .zip(&types)
                    .for_each(|(value, kind)| *value += kind);
            }
        }
        let hidden = config.fields.hidden_size;
        let projection = (width != hidden)
            .then(|| reader.linear(&format!("{prefix}embeddings_project"), hidden, width))
            .transpose()?;
        let name = format!("{prefix}embeddings.word_embeddings.weight");
        let tokens = weights.matrix_in(reader.precision, &name, [config.fields.vocab_size, width])?;
        Ok(Self {
            tokens: Embedding::new(tokens, reader.precision),
            positions,
            padding: config.padding(),
            norm: LayerReader { width, ..*reader }.norm(&format!("{prefix}embeddings.LayerNorm"))?,
            projection,
        })
    }

    /// Adds a row for each token of a sequence.
    fn push(&self, tokens: impl Iterator<Item = u32>, states: &mut Vec<f32>) -> Result<(), BackendError> {
        let width = self.tokens.width();
        let mut next = self.padding.map_or(0, |padding| padding as usize + 1);
        for token in tokens {
            let position = match self.padding {
                Some(padding) if padding == token => padding as usize,
                _ => {
                    next += 1;
                    next - 1
                }
            };
            let position = self
                .positions
                .get(position * width..(position + 1) * width)
                .ok_or_else(|| {
                    let count = self.positions.len() / width;
                    BackendError::new(format!("expected a position below {count}, found {position}"))
                })?;
            let start = states.len();
            states.resize(start + width, 0.0);
            self.tokens.write(token, 1.0, position, &mut states[start..])?;
        }
        Ok(())
    }

    /// What the first layer reads, from the rows of all sequences.
    fn finish(&self, mut states: Vec<f32>, scratch: &mut Scratch) -> Result<Vec<f32>, BackendError> {
        self.norm.apply(&mut states);
        let Some(projection) = &self.projection else {
            return Ok(states);
        };
        let mut projected = Vec::new();
        projection.apply(&states, None, &mut projected, &mut scratch.linear)?;
        Ok(projected)
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
