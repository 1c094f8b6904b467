//! Marian translation models.

use std::sync::OnceLock;

use rten_simd::f16;

use super::decoder::{Decoder, Memory, Row};
use super::encoder::{Encoder, Scratch};
use super::key_values::Stored;
use super::linear::{Embedding, Linear};
use super::marian_files::{self, Config};
use super::scorer::{self, Scorer};
use super::search::{Candidate, Output, Search, Settings, reorder};
use super::shortlist::Shortlist;
use super::tokens::{Encoded, Tokens};
use super::weights::Weights;
use super::{EngineOptions, Precision, batch, words, workers};
use crate::model::ModelFiles;
use crate::{BackendError, Error};

/// A Marian translation model (`MarianMTModel`).
///
/// It reads `config.json`, `model.safetensors`, `vocab.json`, `source.spm`, `target.spm` and, where
/// there is one, `shortlist.bin`.
pub struct Marian {
    config: Config,
    tokens: Tokens,
    embedding: Embedding,
    embedding_scale: f32,
    /// One row a position.
    positions: Vec<f32>,
    encoder: Encoder,
    decoder: Decoder,
    /// Scores every token; made when it is first needed, for with a shortlist it never is.
    projection: OnceLock<Linear>,
    projection_bias: Vec<f32>,
    shortlist: Option<Shortlist>,
    options: EngineOptions,
}

/// What a model made of a sentence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hypothesis {
    /// The output.
    pub text: String,
    /// Mean log probability of the output's tokens, natural logarithm; `<= 0`. With a shortlist only
    /// the tokens on the sentence's list count, which makes it a little higher.
    pub score: f32,
    /// Word alignment, from the attention to the source: indexes of white-space separated words,
    /// source then output; sorted, without repetition.
    pub alignment: Vec<(usize, usize)>,
    /// Whether the whole sentence was read, and the model ended the output itself rather than being
    /// stopped at the limit.
    pub finished: bool,
}

impl Marian {
    /// Loads a model.
    ///
    /// # Errors
    ///
    /// When a file or tensor is missing or is not what the configuration says, or the model is no
    /// Marian model.
    pub fn load(files: &ModelFiles, options: &EngineOptions) -> Result<Self, Error> {
        let config = Config::read(files)?;
        let tokens = Tokens::read(files, config.vocab_size, config.eos_token_id)?;
        let shortlist = if options.shortlist {
            Shortlist::read(files, config.vocab_size)?
        } else {
            None
        };
        let weights = Weights::read(files)?;
        let size = [config.vocab_size, config.d_model];
        let embedding = Embedding::new(weights.matrix("model.shared.weight", size)?, options.precision);
        Ok(Self {
            tokens,
            embedding,
            embedding_scale: if config.scale_embedding {
                (config.d_model as f32).sqrt()
            } else {
                1.0
            },
            positions: marian_files::sinusoids(config.max_position_embeddings, config.d_model),
            encoder: marian_files::read_encoder(&weights, &config, options.precision)?,
            decoder: marian_files::read_decoder(&weights, &config, options.precision)?,
            projection: OnceLock::new(),
            projection_bias: weights.row("final_logits_bias", config.vocab_size)?,
            shortlist,
            options: options.clone(),
            config,
        })
    }

    /// Translates each sentence; one result a sentence, in order. A sentence's result does not depend
    /// on its neighbours. Of a sentence of more than [`max_tokens`](Self::max_tokens) tokens only the
    /// first are read, and its result is not [`finished`](Hypothesis::finished).
    ///
    /// # Errors
    ///
    /// When no thread could be started.
    pub fn translate(&self, sentences: &[&str]) -> Result<Vec<Hypothesis>, BackendError> {
        translate_with(
            &self.tokens,
            self.max_tokens(),
            &self.options,
            sentences,
            |batch| match self.options.precision {
                Precision::Int8 => self.decode::<f16>(batch),
                Precision::F32 => self.decode::<f32>(batch),
            },
        )
    }

    /// How many tokens a sentence takes, the end of the sentence among them.
    pub fn count_tokens(&self, sentence: &str) -> usize {
        self.tokens.encode(sentence).ids.len()
    }

    /// The most tokens of a sentence that the model can read, the end of the sentence among them.
    pub fn max_tokens(&self) -> usize {
        self.config.max_position_embeddings
    }

    /// The configuration.
    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    /// The outputs of one batch.
    fn decode<T: Stored>(&self, sentences: &[&Encoded]) -> Result<Vec<Output>, BackendError> {
        let mut scratch = Scratch::default();
        let sources: Vec<&[u32]> = sentences.iter().map(|encoded| encoded.ids.as_slice()).collect();
        let (mut states, starts) = self.encode(&sources, &mut scratch)?;
        let memories: Vec<Memory<T>> = self.decoder.memories(&states, &starts, &mut scratch)?;

        let scorer = self.scorer(&sources);
        let mut scores = scorer::Scratch::default();
        let mut searches: Vec<Search> = sources
            .iter()
            .map(|source| search(&self.config, &self.options, source.len()))
            .collect();
        let mut rows: Vec<Row<T>> = (0..sources.len())
            .map(|sentence| self.decoder.row(sentence))
            .collect();
        let mut aligned = Vec::new();
        let mut position = 0;
        while !rows.is_empty() {
            states.clear();
            for token in searches
                .iter()
                .flat_map(|search| search.last_tokens(self.config.decoder_start_token_id))
            {
                self.embed(token, position, &mut states)?;
            }
            self.decoder
                .step(&mut states, &mut rows, &memories, &mut aligned, &mut scratch)?;
            scorer.score(&states, &mut scores, &mut scratch.linear)?;
            let parents = advance(&mut searches, &aligned, |row, sentence, wanted| {
                scorer.candidates(row, sentence, wanted, &mut scores)
            });
            rows = reorder(rows, &parents);
            position += 1;
        }
        Ok(searches.into_iter().map(Search::into_best).collect())
    }

    /// The encoder's states for some sentences, and where each begins.
    fn encode(
        &self,
        sources: &[&[u32]],
        scratch: &mut Scratch,
    ) -> Result<(Vec<f32>, Vec<usize>), BackendError> {
        let mut starts = vec![0];
        let mut states = Vec::new();
        for source in sources {
            for (position, &token) in source.iter().enumerate() {
                self.embed(token, position, &mut states)?;
            }
            starts.push(states.len() / self.config.d_model);
        }
        self.encoder.run(&mut states, &starts, scratch)?;
        Ok((states, starts))
    }

    fn embed(&self, token: u32, position: usize, states: &mut Vec<f32>) -> Result<(), BackendError> {
        let width = self.config.d_model;
        let start = states.len();
        states.resize(start + width, 0.0);
        let position = &self.positions[position * width..(position + 1) * width];
        self.embedding
            .write(token, self.embedding_scale, position, &mut states[start..])
    }

    fn scorer(&self, sources: &[&[u32]]) -> Scorer<'_> {
        let precision = self.options.precision;
        let Some(shortlist) = &self.shortlist else {
            let make = || self.embedding.projection(None, &self.projection_bias, precision);
            return Scorer::All {
                projection: Some(self.projection.get_or_init(make)),
                columns: self.config.vocab_size,
                banned: self.config.pad_token_id,
            };
        };
        let lists = sources.iter().map(|source| {
            // The source ends with the end token, so the list holds it.
            let mut list = shortlist.allowed(source);
            list.retain(|&token| token != self.config.pad_token_id);
            list
        });
        Scorer::listed(lists.collect(), self.config.vocab_size, |tokens| {
            self.embedding
                .projection(Some(tokens), &self.projection_bias, precision)
        })
    }
}

/// Translates sentences in batches of similar length, of which `decode` makes outputs; one result a sentence, in
/// order.
///
/// # Errors
///
/// Those of `decode`, or when no thread could be started.
pub(super) fn translate_with(
    tokens: &Tokens,
    max_tokens: usize,
    options: &EngineOptions,
    sentences: &[&str],
    decode: impl Fn(&[&Encoded]) -> Result<Vec<Output>, BackendError> + Sync,
) -> Result<Vec<Hypothesis>, BackendError> {
    let encoded = batch::map_chunks(sentences, |sentence| {
        let mut encoded = tokens.encode(sentence);
        encoded.truncate(max_tokens);
        Ok(encoded)
    })?;
    let lengths: Vec<usize> = encoded.iter().map(|encoded| encoded.ids.len()).collect();
    let mut batches = batch::cut(&lengths, options.batch_tokens);
    // A sentence of no tokens but its end has nothing to translate.
    batches
        .iter_mut()
        .for_each(|batch| batch.retain(|&index| lengths[index] > 1));
    batches.retain(|batch| !batch.is_empty());
    let outputs = workers::run(&batches, |batch| {
        let batch_encoded: Vec<&Encoded> = batch.iter().map(|&index| &encoded[index]).collect();
        let finished = batch.iter().zip(decode(&batch_encoded)?);
        Ok(finished
            .map(|(&index, output)| hypothesis(tokens, sentences[index], &encoded[index], output))
            .collect::<Vec<_>>())
    })?;
    let nothing = Hypothesis {
        finished: true,
        ..Hypothesis::default()
    };
    let mut hypotheses = vec![nothing; sentences.len()];
    for (&index, hypothesis) in batches.iter().flatten().zip(outputs.into_iter().flatten()) {
        hypotheses[index] = hypothesis;
    }
    Ok(hypotheses)
}

/// The search for the output of a sentence of some tokens.
pub(super) fn search(config: &Config, options: &EngineOptions, source_tokens: usize) -> Search {
    let settings = Settings {
        beam: options.beam,
        length_penalty: options.length_penalty,
        end: config.eos_token_id,
    };
    let wanted = (options.max_length_factor * source_tokens as f32).ceil() as usize;
    let limit = wanted.saturating_add(options.max_length_extra);
    Search::new(settings, limit.min(config.max_position_embeddings))
}

fn hypothesis(tokens: &Tokens, sentence: &str, encoded: &Encoded, output: Output) -> Hypothesis {
    let decoded = tokens.decode(&output.tokens);
    let pairs = output
        .aligned
        .iter()
        .zip(&decoded.spans)
        .filter_map(|(&source, &target)| {
            let source = *encoded.spans.get(source as usize)?;
            Some((source, target))
        });
    Hypothesis {
        alignment: words::align_words(sentence, &decoded.text, pairs),
        text: decoded.text,
        score: output.score,
        finished: output.finished && encoded.whole,
    }
}

/// Lets each search choose its next tokens among the candidates of its rows: `candidates` gets a row, its sentence
/// and how many are wanted. Returns, for each row from now on, the row it continues.
pub(super) fn advance(
    searches: &mut [Search],
    aligned: &[u32],
    mut candidates: impl FnMut(usize, usize, usize) -> Vec<Candidate>,
) -> Vec<usize> {
    let mut parents = Vec::new();
    let mut first = 0;
    for (sentence, search) in searches
        .iter_mut()
        .enumerate()
        .filter(|(_, search)| search.open() > 0)
    {
        let rows = first..first + search.open();
        let found: Vec<_> = if search.at_limit() {
            Vec::new()
        } else {
            rows.clone()
                .map(|row| candidates(row, sentence, search.wanted()))
                .collect()
        };
        let continued = search.advance(&found, &aligned[rows.clone()]);
        parents.extend(continued.into_iter().map(|parent| first + parent));
        first = rows.end;
    }
    parents
}

impl std::fmt::Debug for Marian {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Marian")
            .field("config", &self.config)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
