//! A linear-chain conditional random field over words, beside the network.
//!
//! A network small enough to compile in, trained on a processor, knows little of rare words. The field knows what
//! there is to learn from letters, neighbours and lists of names, and costs a few microseconds a word. Where a
//! model has a file `crf.bin`, the tags' probabilities are those of both, mixed as the file says.
//!
//! Lafferty, McCallum and Pereira 2001, *Conditional Random Fields*; the mixture is a logarithmic opinion pool
//! (Smith, Cohn and Osborne 2005).

mod attributes;
mod lattice;
mod tables;

use super::tags::{STATES, TagProbabilities};
use crate::Error;
use crate::model::ModelFiles;
use crate::provenance::sha256;
use tables::Tables;

/// Probabilities below this count as this in the mixture, so that neither side forbids what the other is sure of.
const FLOOR: f32 = 1e-6;

/// The field of a model.
pub struct RandomField {
    tables: Tables,
    sha256: String,
}

impl RandomField {
    /// Reads the field of a model (`crf.bin`), where it has one.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or is not a whole field.
    pub fn read(files: &ModelFiles) -> Result<Option<Self>, Error> {
        let Some(bytes) = files.read(tables::FILE)? else {
            return Ok(None);
        };
        let tables = Tables::parse(&bytes)
            .map_err(|message| Error::model(files.name(), format!("`{}`: {message}", tables::FILE)))?;
        Ok(Some(Self {
            tables,
            sha256: sha256(&bytes),
        }))
    }

    /// The SHA-256 of its file, in hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The probability of each tag of each word of a sentence, given all its words.
    pub fn marginals(&self, words: &[&str]) -> Vec<TagProbabilities> {
        let mut scores = Vec::with_capacity(words.len());
        attributes::of_words(words, &self.tables, |found| {
            let mut sum = [0.0; STATES];
            for &attribute in found {
                self.tables.add_weights(attribute, &mut sum);
            }
            scores.push(sum);
        });
        lattice::marginals(&scores, self.tables.transitions())
    }

    /// Mixes the field's probabilities into those of the network, word by word.
    pub fn mix(&self, words: &[&str], network: &mut [TagProbabilities]) {
        let share = self.tables.share();
        for (network, field) in network.iter_mut().zip(self.marginals(words)) {
            let mut sum = 0.0;
            for (state, p) in network.iter_mut().enumerate() {
                let mixed = (1.0 - share) * p.max(FLOOR).ln() + share * field[state].max(FLOOR).ln();
                let raised = if state == 0 { self.tables.outside() } else { 0.0 };
                *p = (mixed + raised).exp();
                sum += *p;
            }
            network.iter_mut().for_each(|p| *p /= sum);
        }
    }
}

#[cfg(test)]
mod tests;
