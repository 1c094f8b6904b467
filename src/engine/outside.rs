//! Networks that run elsewhere (`crate::backend`).
//!
//! The engine reads configuration and vocabulary, makes tokens of text, cuts batches, searches, and puts text
//! together, the same as for its own networks; the other network only makes scores of tokens.

use super::generation::Rules;
use super::marian::advance;
use super::marian_input::{SHARED, sinusoids};
use super::scorer::{self, Scorer};
use super::search::{Output, Search};
use super::weights::{Matrix, Weights};
use crate::model::ModelFiles;
use crate::{BackendError, Error};

pub(crate) use super::bert::{TokenNetwork, TokenShape};
pub(crate) use super::bert_files::Family;

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
    pub(super) sources: Vec<Vec<u32>>,
    pub(super) searches: Vec<Search>,
    pub(super) scorer: Scorer<'static>,
    pub(super) rules: Rules,
    pub(super) start: u32,
}

/// What came of a [`Batch`].
pub(crate) struct Outputs(pub(super) Vec<Output>);

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
            let rows = advance(
                &mut self.searches,
                &self.scorer,
                &self.rules,
                &aligned,
                &mut scratch,
            );
            network.keep(&rows)?;
        }
        Ok(Outputs(
            self.searches.into_iter().map(Search::into_best).collect(),
        ))
    }
}

/// What the network of a Marian model must know of it.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    /// What token vectors are multiplied by.
    pub(crate) embedding_scale: f64,
    /// The decoder layer whose attention to the source gives the word alignment.
    pub(crate) observed_layer: usize,
    /// Which of its heads count.
    pub(crate) observed_heads: Vec<bool>,
}

/// The weights of a model in floating point, found by name.
pub(crate) struct FloatWeights {
    weights: Weights,
    /// What names begin with in the file, in place of what they usually do.
    prefix: Option<(&'static str, &'static str)>,
}

impl FloatWeights {
    /// Opens the weights of a Marian model.
    ///
    /// # Errors
    ///
    /// When they are missing or not whole.
    pub(crate) fn marian(files: &ModelFiles) -> Result<Self, Error> {
        Ok(Self {
            weights: Weights::read(files)?,
            prefix: None,
        })
    }

    /// Opens the weights of a token classifier. Names are asked for as the family has them, whatever the file has.
    ///
    /// # Errors
    ///
    /// When they are missing or not whole.
    pub(crate) fn token_classifier(files: &ModelFiles, family: Family) -> Result<Self, Error> {
        let weights = Weights::read(files)?;
        let found = family.prefix_in(&weights);
        Ok(Self {
            weights,
            prefix: Some((family.prefix(), found)),
        })
    }

    /// The values of the tensor with this name and shape, row by row; int8 rows are multiplied out. What files of
    /// Marian models may leave out is made: tables of sinusoidal positions, and zeros as the output's bias.
    ///
    /// # Errors
    ///
    /// When there is none, or it is of another shape.
    pub(crate) fn values(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, Error> {
        let name = &*self.name_in_file(name);
        match *shape {
            [positions, width] if POSITIONS.contains(&name) && !self.weights.has(name) => {
                Ok(sinusoids(positions, width))
            }
            [1, len] if name == BIAS && !self.weights.has(name) => Ok(vec![0.0; len]),
            [1, len] if name == BIAS => self.weights.row(name, len),
            [rows, columns] => self
                .weights
                .matrix(name, [rows, columns])
                .map(Matrix::into_floats),
            _ => self.weights.vector(name, shape.iter().product()),
        }
    }

    fn name_in_file(&self, name: &str) -> String {
        let rest = self
            .prefix
            .and_then(|(usual, found)| Some((name.strip_prefix(usual)?, found)));
        if let Some((rest, found)) = rest {
            return self.known(format!("{found}{rest}"));
        }
        let table = SHARED.iter().find(|other| self.weights.has(other));
        match table {
            Some(table) if name == SHARED[0] => (*table).to_owned(),
            _ => name.to_owned(),
        }
    }

    /// The name, or where the file lacks it the one that layer norms had when models came from TensorFlow.
    fn known(&self, name: String) -> String {
        let old = [("weight", "gamma"), ("bias", "beta")];
        let old = old
            .iter()
            .filter_map(|(new, old)| Some(format!("{}{old}", name.strip_suffix(new)?)))
            .find(|old| !self.weights.has(&name) && self.weights.has(old));
        old.unwrap_or(name)
    }
}

const BIAS: &str = "final_logits_bias";

const POSITIONS: [&str; 2] = [
    "model.encoder.embed_positions.weight",
    "model.decoder.embed_positions.weight",
];
