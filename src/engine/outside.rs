//! Translation models whose network runs elsewhere (`crate::backend`).
//!
//! The engine reads configuration and vocabulary, makes tokens of text, cuts batches, searches, and puts text
//! together, the same as for its own network; the other network only scores the tokens that may come next.

use super::marian::{advance, search, translate_with};
use super::marian_files::{Config, sinusoids};
use super::scorer::{self, Scorer};
use super::search::{Output, Search};
use super::shortlist::Shortlist;
use super::tokens::{Encoded, Tokens};
use super::translator::pair_of;
use super::weights::Weights;
use super::{EngineOptions, Hypothesis};
use crate::model::ModelFiles;
use crate::translate::{LanguagePair, Translation, Translator};
use crate::{BackendError, Error};

/// A network of a Marian model, or several copies of one.
pub(crate) trait TranslationNetwork: Send + Sync {
    /// [Runs](Batch::run) a batch on a copy of the network.
    ///
    /// # Errors
    ///
    /// When the network could not run at all.
    fn translate(&self, batch: Batch) -> Result<Outputs, BackendError>;
}

/// One copy of a network, which decodes a batch step by step.
pub(crate) trait Steps {
    /// Reads the sources, each of which is a row from now on.
    ///
    /// # Errors
    ///
    /// When the network fails.
    fn begin(&mut self, sources: &[Vec<u32>]) -> Result<(), BackendError>;

    /// Reads the next token of each row. `scores` becomes the logits of all tokens, row by row, and `aligned` the
    /// source position that each row attends to most.
    ///
    /// # Errors
    ///
    /// When the network fails.
    fn step(
        &mut self,
        tokens: &[u32],
        scores: &mut Vec<f32>,
        aligned: &mut Vec<u32>,
    ) -> Result<(), BackendError>;

    /// Goes on with the given rows, in this order; the others are done with.
    ///
    /// # Errors
    ///
    /// When the network fails.
    fn keep(&mut self, rows: &[usize]) -> Result<(), BackendError>;
}

/// Sentences to be translated together, and what is looked for.
pub(crate) struct Batch {
    sources: Vec<Vec<u32>>,
    searches: Vec<Search>,
    scorer: Scorer<'static>,
    start: u32,
}

/// What came of a [`Batch`].
pub(crate) struct Outputs(Vec<Output>);

impl Batch {
    /// Decodes the batch on a network.
    ///
    /// # Errors
    ///
    /// When the network fails.
    pub(crate) fn run(mut self, network: &mut dyn Steps) -> Result<Outputs, BackendError> {
        network.begin(&self.sources)?;
        let mut scratch = scorer::Scratch::default();
        let mut aligned = Vec::new();
        loop {
            let last = self
                .searches
                .iter()
                .flat_map(|search| search.last_tokens(self.start));
            let last: Vec<u32> = last.collect();
            if last.is_empty() {
                break;
            }
            network.step(&last, scratch.scores_mut(), &mut aligned)?;
            let rows = advance(&mut self.searches, &aligned, |row, sentence, wanted| {
                self.scorer.candidates(row, sentence, wanted, &mut scratch)
            });
            network.keep(&rows)?;
        }
        Ok(Outputs(
            self.searches.into_iter().map(Search::into_best).collect(),
        ))
    }
}

/// What a network must know of its model.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    /// The token that fills rows up.
    pub(crate) padding: u32,
    /// What token vectors are multiplied by.
    pub(crate) embedding_scale: f64,
    /// The decoder layer whose attention to the source gives the word alignment.
    pub(crate) observed_layer: usize,
    /// Which of its heads count.
    pub(crate) observed_heads: Vec<bool>,
}

/// A Marian model on a network that runs elsewhere.
pub(crate) struct OutsideTranslator<N> {
    config: Config,
    tokens: Tokens,
    shortlist: Option<Shortlist>,
    options: EngineOptions,
    pair: LanguagePair,
    network: N,
}

impl<N: TranslationNetwork> OutsideTranslator<N> {
    /// Reads all of a model but its network, which `network` loads. The precision is the network's own matter.
    ///
    /// # Errors
    ///
    /// Those of [`MarianTranslator::load`](super::MarianTranslator::load), and of `network`.
    pub(crate) fn load(
        files: &ModelFiles,
        options: &EngineOptions,
        pair: Option<LanguagePair>,
        network: impl FnOnce(Shape) -> Result<N, Error>,
    ) -> Result<Self, Error> {
        let config = Config::read(files)?;
        let shape = shape(&config).map_err(|message| Error::model(files.name(), message))?;
        let shortlist = if options.shortlist {
            Shortlist::read(files, config.vocab_size)?
        } else {
            None
        };
        Ok(Self {
            tokens: Tokens::read(files, config.vocab_size, config.eos_token_id)?,
            pair: pair_of(files, &config, pair)?,
            network: network(shape)?,
            options: options.clone(),
            shortlist,
            config,
        })
    }

    fn batch(&self, sentences: &[&Encoded]) -> Batch {
        let sources: Vec<Vec<u32>> = sentences.iter().map(|encoded| encoded.ids.clone()).collect();
        let allowed = self.shortlist.as_ref().map(|shortlist| {
            let lists = sources.iter().map(|source| {
                let mut list = shortlist.allowed(source);
                list.retain(|&token| token != self.config.pad_token_id);
                list
            });
            lists.collect()
        });
        let searches = sources
            .iter()
            .map(|source| search(&self.config, &self.options, source.len()));
        Batch {
            searches: searches.collect(),
            scorer: Scorer::elsewhere(allowed, self.config.vocab_size, self.config.pad_token_id),
            start: self.config.decoder_start_token_id,
            sources,
        }
    }

    fn hypotheses(&self, sentences: &[&str]) -> Result<Vec<Hypothesis>, BackendError> {
        let most = self.config.max_position_embeddings;
        translate_with(&self.tokens, most, &self.options, sentences, |batch| {
            Ok(self.network.translate(self.batch(batch))?.0)
        })
    }
}

impl<N: TranslationNetwork> Translator for OutsideTranslator<N> {
    fn pair(&self) -> LanguagePair {
        self.pair
    }

    fn translate(&self, sentences: &[&str]) -> Result<Vec<Translation>, BackendError> {
        let hypotheses = self.hypotheses(sentences)?;
        Ok(hypotheses.into_iter().map(Translation::from).collect())
    }

    fn placeholders(&self) -> &[String] {
        &self.config.diglot.placeholders
    }

    fn count_tokens(&self, sentence: &str) -> usize {
        self.tokens.encode(sentence).ids.len()
    }

    fn max_tokens(&self) -> usize {
        self.config.max_position_embeddings
    }
}

fn shape(config: &Config) -> Result<Shape, String> {
    let (observed_layer, observed_heads) = config.observed()?;
    Ok(Shape {
        padding: config.pad_token_id,
        embedding_scale: if config.scale_embedding {
            (config.d_model as f64).sqrt()
        } else {
            1.0
        },
        observed_layer,
        observed_heads,
    })
}

/// The weights of a model in floating point, found by name.
pub(crate) struct FloatWeights(Weights);

impl FloatWeights {
    /// Reads the weights of a model.
    ///
    /// # Errors
    ///
    /// When they are missing or not whole.
    pub(crate) fn read(files: &ModelFiles) -> Result<Self, Error> {
        Ok(Self(Weights::read(files)?))
    }

    /// The values of the tensor with this name and shape, row by row; int8 rows are multiplied out. Marian's tables
    /// of sinusoidal positions are made, as files leave them out.
    ///
    /// # Errors
    ///
    /// When there is none, or it is of another shape.
    pub(crate) fn values(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, Error> {
        match *shape {
            [positions, width] if is_marian_positions(name) => Ok(sinusoids(positions, width)),
            [1, len] if name == "final_logits_bias" => self.0.row(name, len),
            [rows, columns] => Ok(self.0.matrix(name, [rows, columns])?.into_floats()),
            _ => self.0.vector(name, shape.iter().product()),
        }
    }
}

fn is_marian_positions(name: &str) -> bool {
    [
        "model.encoder.embed_positions.weight",
        "model.decoder.embed_positions.weight",
    ]
    .contains(&name)
}
