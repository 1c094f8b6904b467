//! Marian translation models.

use std::sync::OnceLock;

use rten_simd::f16;

use super::decoder::{Decoder, Memory, Row};
use super::encoder::{Encoder, Scratch};
use super::generation::{Generation, Rules};
use super::key_values::Stored;
use super::languages::{Stated, TargetToken};
use super::linear::Linear;
use super::marian_files::{self, Config};
use super::marian_input::Inputs;
use super::ops::LayerNorm;
#[cfg(feature = "rust-bert")]
use super::outside::{Batch, Shape, TranslationNetwork};
use super::scorer::{self, Place, Scorer};
use super::search::{Output, Search, Settings, reorder};
use super::shortlist::Shortlist;
use super::tokens::{Encoded, Sizes, TokenizerConfig, Tokens};
use super::weights::Weights;
use super::{EngineOptions, Precision, batch, words, workers};
use crate::model::ModelFiles;
use crate::translate::LanguagePair;
use crate::{BackendError, Error};

/// A Marian translation model (`MarianMTModel`), as it is on the hub.
///
/// It reads `config.json`, `model.safetensors`, `vocab.json`, `source.spm`, `target.spm` and, where there
/// are such, `generation_config.json`, `tokenizer_config.json`, `target_vocab.json` (for separate
/// vocabularies) and `shortlist.bin`.
pub struct Marian {
    config: Config,
    /// What the files say, with what the options say put over it.
    generation: Generation,
    stated: Stated,
    tokens: Tokens,
    shortlist: Option<Shortlist>,
    options: EngineOptions,
    network: Network,
}

/// The part of a model between tokens and scores.
enum Network {
    Layers(Box<Layers>),
    #[cfg(feature = "rust-bert")]
    Outside(Box<dyn TranslationNetwork>),
}

/// The network as the engine runs it.
struct Layers {
    inputs: Inputs,
    encoder: Encoder,
    /// The normalisation behind the encoder, where there is one.
    encoder_norm: Option<LayerNorm>,
    decoder: Decoder,
    /// Scores every token; made when it is first needed, for with a shortlist it never is.
    projection: OnceLock<Linear>,
    projection_bias: Vec<f32>,
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
        Self::on(files, options, |config| {
            Ok(Network::Layers(Box::new(Layers::read(files, config, options)?)))
        })
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
        network: impl FnOnce(Shape) -> Result<Box<dyn TranslationNetwork>, Error>,
    ) -> Result<Self, Error> {
        Self::on(files, options, |config| {
            let shape = config.shape(files)?;
            Ok(Network::Outside(network(shape)?))
        })
    }

    fn on(
        files: &ModelFiles,
        options: &EngineOptions,
        network: impl FnOnce(&Config) -> Result<Network, Error>,
    ) -> Result<Self, Error> {
        let config = Config::read(files)?;
        let tokenizer = TokenizerConfig::read(files)?;
        let sizes = Sizes {
            source: config.vocab_size,
            target: config.target_size(),
        };
        let mut generation = Generation::read(files, sizes.target)?;
        generation.beam = options.beam.unwrap_or(generation.beam);
        generation.length_penalty = options.length_penalty.unwrap_or(generation.length_penalty);
        let tokens = Tokens::read(files, &tokenizer, sizes, generation.ends[0])?;
        // A shortlist is of one vocabulary for both sides.
        let joint = !tokens.are_separate() && sizes.source == sizes.target;
        let shortlist = if options.shortlist && joint {
            Shortlist::read(files, sizes.target)?
        } else {
            None
        };
        Ok(Self {
            stated: Stated::of(&files.name(), &config.diglot, &tokenizer),
            generation,
            tokens,
            shortlist,
            options: options.clone(),
            network: network(&config)?,
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
        self.translate_into(sentences, None)
    }

    /// The same behind a token that says which language to write.
    pub(super) fn translate_into(
        &self,
        sentences: &[&str],
        token: Option<TargetToken>,
    ) -> Result<Vec<Hypothesis>, BackendError> {
        let token = token.map(|TargetToken(token)| token);
        let encoded = batch::map_chunks(sentences, |sentence| {
            let mut encoded = self.tokens.encode(sentence, token);
            encoded.truncate(self.max_tokens());
            Ok(encoded)
        })?;
        let lengths: Vec<usize> = encoded.iter().map(|encoded| encoded.ids.len()).collect();
        let mut batches = batch::cut(&lengths, self.options.batch_tokens);
        // A sentence of no tokens but its end has nothing to translate.
        batches
            .iter_mut()
            .for_each(|batch| batch.retain(|&index| lengths[index] > 1));
        batches.retain(|batch| !batch.is_empty());
        let outputs = workers::run(&batches, |batch| {
            let batch_encoded: Vec<&Encoded> = batch.iter().map(|&index| &encoded[index]).collect();
            let sources: Vec<&[u32]> = batch_encoded
                .iter()
                .map(|encoded| encoded.ids.as_slice())
                .collect();
            let outputs = match (&self.network, self.options.precision) {
                (Network::Layers(layers), Precision::Int8) => self.decode::<f16>(layers, &sources)?,
                (Network::Layers(layers), Precision::F32) => self.decode::<f32>(layers, &sources)?,
                #[cfg(feature = "rust-bert")]
                (Network::Outside(network), _) => network.translate(self.batch(&sources))?.0,
            };
            let finished = batch.iter().zip(outputs);
            Ok(finished
                .map(|(&index, output)| self.hypothesis(sentences[index], &encoded[index], output))
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

    /// How many tokens a sentence takes, the end of the sentence among them; not the one that says which
    /// language to write.
    pub fn count_tokens(&self, sentence: &str) -> usize {
        self.tokens.encode(sentence, None).ids.len()
    }

    /// The most tokens of a sentence that the model can read, the end of the sentence among them.
    pub fn max_tokens(&self) -> usize {
        self.config.max_position_embeddings
    }

    /// How many hypotheses the search keeps, by the options or else by the model.
    pub fn beam(&self) -> usize {
        self.generation.beam
    }

    /// The power of their length that hypotheses are ranked by, by the options or else by the model.
    pub fn length_penalty(&self) -> f32 {
        self.generation.length_penalty
    }

    /// The configuration.
    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    /// The pair that the files of a model say it translates, where they are clear; its weights are not
    /// read.
    ///
    /// # Errors
    ///
    /// When a file is missing or is not what it should be.
    pub fn stated_pair(files: &ModelFiles) -> Result<Option<LanguagePair>, Error> {
        let (config, tokenizer) = (Config::read(files)?, TokenizerConfig::read(files)?);
        Ok(Stated::of(&files.name(), &config.diglot, &tokenizer).pair())
    }

    /// What the files say of the languages.
    pub(super) fn stated(&self) -> Stated {
        self.stated
    }

    /// The codes of the tokens that say which language to write (`fra` for `>>fra<<`) and the tokens.
    pub(super) fn target_codes(&self) -> &[(String, u32)] {
        self.tokens.codes()
    }

    /// The outputs of one batch.
    fn decode<T: Stored>(&self, layers: &Layers, sources: &[&[u32]]) -> Result<Vec<Output>, BackendError> {
        let mut scratch = Scratch::default();
        let (mut states, starts) = layers.encode(sources, &mut scratch)?;
        let memories: Vec<Memory<T>> = layers.decoder.memories(&states, &starts, &mut scratch)?;

        let scorer = layers.scorer(self.lists(sources), self.options.precision);
        let mut scores = scorer::Scratch::default();
        let mut searches: Vec<Search> = sources.iter().map(|source| self.search(source.len())).collect();
        let mut rows: Vec<Row<T>> = (0..sources.len())
            .map(|sentence| layers.decoder.row(sentence))
            .collect();
        let mut aligned = Vec::new();
        let mut position = 0;
        while !rows.is_empty() {
            states.clear();
            for token in searches
                .iter()
                .flat_map(|search| search.last_tokens(self.generation.start))
            {
                layers.inputs.decoder.push(token, position, &mut states)?;
            }
            layers
                .decoder
                .step(&mut states, &mut rows, &memories, &mut aligned, &mut scratch)?;
            scorer.score(&states, &mut scores, &mut scratch.linear)?;
            let parents = advance(
                &mut searches,
                &scorer,
                &self.generation.rules,
                &aligned,
                &mut scores,
            );
            rows = reorder(rows, &parents);
            position += 1;
        }
        Ok(searches.into_iter().map(Search::into_best).collect())
    }

    /// A batch for a network that runs elsewhere.
    #[cfg(feature = "rust-bert")]
    fn batch(&self, sources: &[&[u32]]) -> Batch {
        Batch {
            searches: sources.iter().map(|source| self.search(source.len())).collect(),
            scorer: Scorer::elsewhere(self.lists(sources), self.config.target_size()),
            rules: self.generation.rules.clone(),
            start: self.generation.start,
            sources: sources.iter().map(|source| source.to_vec()).collect(),
        }
    }

    /// The tokens that may come out for each sentence, where there is a shortlist.
    fn lists(&self, sources: &[&[u32]]) -> Option<Vec<Vec<u32>>> {
        let shortlist = self.shortlist.as_ref()?;
        let never = self.generation.rules.never();
        let lists = sources.iter().map(|source| {
            // The source ends with the end token, so the list holds it.
            let mut list = shortlist.allowed(source);
            list.retain(|token| never.binary_search(token).is_err());
            list
        });
        Some(lists.collect())
    }

    fn search(&self, source_tokens: usize) -> Search {
        let (options, generation) = (&self.options, &self.generation);
        let settings = Settings {
            beam: generation.beam,
            length_penalty: generation.length_penalty,
            early_stopping: generation.early_stopping,
            ends: generation.ends.clone(),
        };
        let wanted = (options.max_length_factor * source_tokens as f32).ceil() as usize;
        let limit = wanted.saturating_add(options.max_length_extra);
        Search::new(
            settings,
            limit.min(generation.max_new_tokens).min(self.max_tokens()),
        )
    }

    fn hypothesis(&self, sentence: &str, encoded: &Encoded, output: Output) -> Hypothesis {
        let decoded = self.tokens.decode(&output.tokens);
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
}

impl Layers {
    fn read(files: &ModelFiles, config: &Config, options: &EngineOptions) -> Result<Self, Error> {
        let weights = Weights::read(files)?;
        let inputs = Inputs::read(&weights, config, options.precision)?;
        let (encoder, encoder_norm) = marian_files::read_encoder(&weights, config, options.precision)?;
        Ok(Self {
            inputs,
            encoder,
            encoder_norm,
            decoder: marian_files::read_decoder(&weights, config, options.precision)?,
            projection: OnceLock::new(),
            projection_bias: marian_files::read_bias(&weights, config.target_size())?,
        })
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
                self.inputs.encoder.push(token, position, &mut states)?;
            }
            starts.push(states.len() / self.encoder.heads.total());
        }
        self.encoder.run(&mut states, &starts, scratch)?;
        if let Some(norm) = &self.encoder_norm {
            norm.apply(&mut states);
        }
        Ok((states, starts))
    }

    fn scorer(&self, lists: Option<Vec<Vec<u32>>>, precision: Precision) -> Scorer<'_> {
        let output = &self.inputs.output;
        let tokens = self.projection_bias.len();
        match lists {
            None => Scorer::All {
                projection: Some(
                    self.projection
                        .get_or_init(|| output.projection(None, &self.projection_bias, precision)),
                ),
                columns: tokens,
            },
            Some(lists) => Scorer::listed(lists, tokens, |tokens| {
                output.projection(Some(tokens), &self.projection_bias, precision)
            }),
        }
    }
}

/// Lets each search choose its next tokens. Returns, for each row from now on, the row it continues.
pub(super) fn advance(
    searches: &mut [Search],
    scorer: &Scorer<'_>,
    rules: &Rules,
    aligned: &[u32],
    scores: &mut scorer::Scratch,
) -> Vec<usize> {
    let mut parents = Vec::new();
    let mut first = 0;
    for (sentence, search) in searches
        .iter_mut()
        .enumerate()
        .filter(|(_, search)| search.open() > 0)
    {
        let rows = first..first + search.open();
        let candidates: Vec<_> = if search.at_limit() {
            Vec::new()
        } else {
            (0..search.open())
                .map(|open| {
                    let row = first + open;
                    let place = Place { row, sentence };
                    scorer.candidates(place, search.wanted(), rules, search.written(open), scores)
                })
                .collect()
        };
        let continued = search.advance(&candidates, &aligned[rows.clone()]);
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
