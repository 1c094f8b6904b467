//! Which pairs of a record are written.

use std::io;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use super::{KnownPairs, OutputOptions, Pair, Record};

/// Which pairs are written; by default all that are parallel text.
///
/// It holds for pairs alone: records, and entities on the source text, are written whole.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PairFilter {
    /// The least score.
    pub min_score: MinScore,
    /// Leave out renderings with flags.
    pub no_flagged: bool,
    /// Leave out pairs whose two texts came before, up to case, white space and compatibility forms
    /// of characters (NFKC). See [`KnownPairs`](super::KnownPairs).
    pub dedupe: bool,
}

/// The least score of a pair, on the scale of its origin.
///
/// Written `aligned=0.6,translated=-1.0` or, for one of the two, `aligned=0.6`. A number alone from
/// 0 to 1 holds for both: an aligner's score is on that scale, and of a translation's mean log
/// probability the exponential is taken, which is the geometric mean of its tokens' probabilities.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MinScore {
    /// Of passages of the document itself: the aligner's score, `0.0..=1.0`.
    pub aligned: Option<f32>,
    /// Of a model's translations: the mean log probability of its tokens, `<= 0.0`.
    pub translated: Option<f32>,
}

impl MinScore {
    fn admits(self, origin: &str, score: f32) -> bool {
        let least = match origin {
            "aligned" => self.aligned,
            _ => self.translated,
        };
        least.is_none_or(|least| score >= least)
    }
}

impl FromStr for MinScore {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if !text.contains('=') {
            let both = number(text)?;
            if !(0.0..=1.0).contains(&both) {
                return Err(format!(
                    "expected a number from 0 to 1, found `{text}`; a log probability is written `translated={text}`"
                ));
            }
            return Ok(Self {
                aligned: Some(both),
                translated: Some(both.ln()),
            });
        }
        let mut least = Self::default();
        for part in text.split(',') {
            let (origin, value) = part
                .split_once('=')
                .ok_or_else(|| format!("expected ORIGIN=NUMBER, found `{part}`"))?;
            match origin.trim() {
                "aligned" => least.aligned = Some(number(value)?),
                "translated" => least.translated = Some(number(value)?),
                other => {
                    return Err(format!("expected `aligned` or `translated`, found `{other}`"));
                }
            }
        }
        Ok(least)
    }
}

fn number(text: &str) -> Result<f32, String> {
    let number = text
        .trim()
        .parse::<f32>()
        .ok()
        .filter(|number| number.is_finite());
    number.ok_or_else(|| format!("expected a number, found `{text}`"))
}

/// A filter at work, with what it has seen.
#[derive(Debug)]
pub(super) struct Sieve {
    filter: PairFilter,
    known: KnownPairs,
    /// The number of the next pair, among all that the filter admits.
    number: u64,
    /// Pairs that were left out.
    pub(super) filtered: u64,
}

impl Sieve {
    pub(super) fn new(options: &OutputOptions) -> Self {
        let known = options.known.clone().unwrap_or_default();
        Self {
            filter: options.filter,
            number: known.count(),
            known,
            filtered: 0,
        }
    }

    /// The pairs of a record that are to be written.
    ///
    /// # Errors
    ///
    /// When pairs that came before cannot be looked up.
    pub(super) fn pairs<'a>(&mut self, record: &'a Record) -> io::Result<Vec<Pair<'a>>> {
        let mut kept = Vec::new();
        for pair in record.pairs() {
            if self.keeps(&pair)? {
                kept.push(pair);
            }
        }
        Ok(kept)
    }

    fn keeps(&mut self, pair: &Pair<'_>) -> io::Result<bool> {
        let mut kept = self.admits(pair);
        if kept && self.filter.dedupe {
            kept = self.known.is_first(key(pair), self.number)?;
            self.number += 1;
        }
        self.filtered += u64::from(!kept);
        Ok(kept)
    }

    fn admits(&self, pair: &Pair<'_>) -> bool {
        let translation = pair.translation;
        pair.is_parallel()
            && (translation.flags.is_empty() || !self.filter.no_flagged)
            && self
                .filter
                .min_score
                .admits(&translation.origin, translation.score)
    }
}

/// What two pairs have in common that count as the same: 128 bits of a SHA-256, so that a corpus of
/// billions loses none by accident.
fn key(pair: &Pair<'_>) -> u128 {
    let mut hasher = Sha256::new();
    let texts = [
        pair.language,
        pair.target_language,
        pair.source,
        &pair.translation.text,
    ];
    for text in texts {
        let folded: String = text.nfkc().flat_map(char::to_lowercase).collect();
        for word in folded.split_whitespace() {
            hasher.update(word.as_bytes());
            hasher.update(b" ");
        }
        hasher.update(b"\n");
    }
    let digest = hasher.finalize();
    digest
        .iter()
        .take(16)
        .fold(0, |key, byte| key << 8 | u128::from(*byte))
}

impl OutputOptions {
    /// Takes in the pairs of a record that earlier shards have, so that they are known.
    ///
    /// # Errors
    ///
    /// When pairs that came before cannot be looked up.
    pub fn learn(&self, record: &Record) -> io::Result<()> {
        if self.filter.dedupe {
            Sieve::new(self).pairs(record)?;
        }
        Ok(())
    }
}
