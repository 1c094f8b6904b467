//! How a model wants text to be generated: `generation_config.json`, or the same keys in `config.json`.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::Error;
use crate::model::ModelFiles;

const FILE: &str = "generation_config.json";
const MODEL_FILE: &str = "config.json";

/// The widest search that a model may ask for.
const MAX_BEAM: usize = 256;

/// How outputs are generated where the caller does not say otherwise.
///
/// Keys are read as transformers does: those of the search (`num_beams`, `length_penalty`,
/// `early_stopping`, `max_length`, `max_new_tokens`, `renormalize_logits`, `no_repeat_ngram_size`) are
/// those of `generation_config.json` where there is such a file, else those of `config.json`. Tokens that
/// the former lacks are looked up in the latter. Sampling and repetition penalties are not done.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Generation {
    /// How many hypotheses the search keeps.
    pub(super) beam: usize,
    /// The exponent of the length that hypotheses are ranked by.
    pub(super) length_penalty: f32,
    /// Whether the search ends as soon as it has as many finished hypotheses as it keeps.
    pub(super) early_stopping: bool,
    /// The most tokens of an output, its end among them.
    pub(super) max_new_tokens: usize,
    /// The token before the first one of every output.
    pub(super) start: u32,
    /// The tokens that end an output; at least one.
    pub(super) ends: Vec<u32>,
    /// What may come next.
    pub(super) rules: Rules,
}

/// What may come next in an output, whatever its scores.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Rules {
    /// Tokens that are never written, sorted.
    never: Vec<u32>,
    /// Tokens that do not come first; second, where the first is forced.
    never_first: Vec<u32>,
    /// Sequences of two or more tokens that are never written.
    phrases: Vec<Vec<u32>>,
    /// So many tokens in a row are not written twice; 0 for no such rule.
    no_repeat: usize,
    /// The first token.
    forced_first: Option<u32>,
    /// The token before the first one.
    start: u32,
    /// Whether probabilities are of the tokens that may be written, rather than of all.
    pub(super) renormalize: bool,
}

/// The keys of a file that matter here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Keys {
    num_beams: Option<usize>,
    length_penalty: Option<f32>,
    early_stopping: serde_json::Value,
    max_length: Option<usize>,
    max_new_tokens: Option<usize>,
    renormalize_logits: Option<bool>,
    no_repeat_ngram_size: Option<usize>,
    decoder_start_token_id: Option<u32>,
    pad_token_id: Option<u32>,
    eos_token_id: Option<OneOrMore>,
    forced_bos_token_id: Option<u32>,
    bad_words_ids: Option<Vec<Vec<u32>>>,
    suppress_tokens: Option<Vec<u32>>,
    begin_suppress_tokens: Option<Vec<u32>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(u32),
    More(Vec<u32>),
}

impl Generation {
    /// Reads what a model that writes `vocabulary` tokens says.
    ///
    /// # Errors
    ///
    /// When a file is not what it should be, no token starts or ends an output, or a token is not below
    /// `vocabulary`.
    pub(super) fn read(files: &ModelFiles, vocabulary: usize) -> Result<Self, Error> {
        let model: Keys = parse(files, MODEL_FILE)?.unwrap_or_default();
        let own: Option<Keys> = parse(files, FILE)?;
        let (search, file) = match &own {
            Some(own) => (own, FILE),
            None => (&model, MODEL_FILE),
        };
        let tokens = own.clone().unwrap_or_default().or(model.clone());
        Self::new(search, tokens, vocabulary)
            .map_err(|message| Error::model(files.name(), format!("`{file}`: {message}")))
    }

    fn new(search: &Keys, tokens: Keys, vocabulary: usize) -> Result<Self, String> {
        let start = tokens
            .decoder_start_token_id
            .ok_or("expected a `decoder_start_token_id`, found none")?;
        let ends = match tokens.eos_token_id {
            Some(OneOrMore::One(end)) => vec![end],
            Some(OneOrMore::More(ends)) => ends,
            None => Vec::new(),
        };
        if ends.is_empty() {
            return Err("expected an `eos_token_id`, found none".to_owned());
        }
        let beam = search.num_beams.unwrap_or(1).max(1);
        if beam > MAX_BEAM {
            return Err(format!(
                "expected `num_beams` to be at most {MAX_BEAM}, found {beam}"
            ));
        }
        let generation = Self {
            beam,
            length_penalty: search.length_penalty.unwrap_or(1.0),
            early_stopping: search.early_stopping == serde_json::Value::Bool(true),
            // `max_length` counts the token before the first one too.
            max_new_tokens: match (search.max_new_tokens, search.max_length) {
                (Some(tokens), _) => tokens,
                (None, Some(length)) => length.saturating_sub(1),
                (None, None) => usize::MAX,
            },
            start,
            rules: Rules {
                never_first: tokens.begin_suppress_tokens.unwrap_or_default(),
                forced_first: tokens.forced_bos_token_id,
                no_repeat: search.no_repeat_ngram_size.unwrap_or(0),
                renormalize: search.renormalize_logits.unwrap_or(false),
                start,
                ..Rules::banning(
                    tokens.bad_words_ids.unwrap_or_default(),
                    tokens
                        .suppress_tokens
                        .into_iter()
                        .flatten()
                        .chain(tokens.pad_token_id),
                    &ends,
                )
            },
            ends,
        };
        generation.check(vocabulary)?;
        Ok(generation)
    }

    fn check(&self, vocabulary: usize) -> Result<(), String> {
        let rules = &self.rules;
        let tokens = [self.start].into_iter().chain(rules.forced_first);
        let tokens = tokens.chain(self.ends.iter().copied());
        let banned = rules.never.iter().chain(&rules.never_first);
        let mut tokens = tokens.chain(banned.chain(rules.phrases.iter().flatten()).copied());
        match tokens.find(|&token| token as usize >= vocabulary) {
            Some(token) => Err(format!(
                "expected special tokens below the vocabulary size {vocabulary}, found {token}"
            )),
            None => Ok(()),
        }
    }
}

impl Rules {
    /// Rules that forbid sequences and single tokens. A token that ends outputs cannot be a bad word.
    fn banning(bad_words: Vec<Vec<u32>>, tokens: impl Iterator<Item = u32>, ends: &[u32]) -> Self {
        let (single, phrases): (Vec<_>, Vec<_>) = bad_words
            .into_iter()
            .filter(|word| !word.is_empty())
            .partition(|word| word.len() == 1);
        let words = single.into_iter().flatten();
        let words = words.filter(|token| !ends.contains(token));
        let mut never: Vec<u32> = words.chain(tokens).collect();
        never.sort_unstable();
        never.dedup();
        Self {
            never,
            phrases,
            ..Self::default()
        }
    }

    /// The token that has to follow what is written, if only one may.
    pub(super) fn forced_after(&self, written: &[u32]) -> Option<u32> {
        self.forced_first.filter(|_| written.is_empty())
    }

    /// Tokens that are never written, sorted.
    pub(super) fn never(&self) -> &[u32] {
        &self.never
    }

    /// Calls `ban` with each token that may not follow what is written, but for those that are never
    /// written.
    pub(super) fn banned_after(&self, written: &[u32], mut ban: impl FnMut(u32)) {
        if written.len() == usize::from(self.forced_first.is_some()) {
            self.never_first.iter().copied().for_each(&mut ban);
        }
        for phrase in &self.phrases {
            if let Some((&last, before)) = phrase.split_last()
                && self.ends_with(written, before)
            {
                ban(last);
            }
        }
        if self.no_repeat > 0 {
            let context: Vec<u32> = [&[self.start], written].concat();
            let last = &context[(context.len() + 1).saturating_sub(self.no_repeat)..];
            if last.len() + 1 == self.no_repeat {
                let repeated = context.windows(self.no_repeat);
                repeated
                    .filter_map(|gram| gram.split_last().filter(|(_, before)| *before == last))
                    .for_each(|(&token, _)| ban(token));
            }
        }
    }

    /// Whether the start token and what is written after it end with `tokens`.
    fn ends_with(&self, written: &[u32], tokens: &[u32]) -> bool {
        match tokens.split_first() {
            Some((&first, rest)) if rest.len() == written.len() => first == self.start && rest == written,
            _ => written.ends_with(tokens),
        }
    }
}

impl Keys {
    /// These keys, and those of `other` for tokens that are not said here.
    fn or(self, other: Self) -> Self {
        Self {
            decoder_start_token_id: self.decoder_start_token_id.or(other.decoder_start_token_id),
            pad_token_id: self.pad_token_id.or(other.pad_token_id),
            eos_token_id: self.eos_token_id.or(other.eos_token_id),
            forced_bos_token_id: self.forced_bos_token_id.or(other.forced_bos_token_id),
            bad_words_ids: self.bad_words_ids.or(other.bad_words_ids),
            suppress_tokens: self.suppress_tokens.or(other.suppress_tokens),
            begin_suppress_tokens: self.begin_suppress_tokens.or(other.begin_suppress_tokens),
            ..self
        }
    }
}

fn parse<T: DeserializeOwned>(files: &ModelFiles, file: &str) -> Result<Option<T>, Error> {
    let Some(bytes) = files.read(file)? else {
        return Ok(None);
    };
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|error| Error::model(files.name(), format!("`{file}`: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(config: &'static str, generation: Option<&'static str>) -> Result<Generation, String> {
        let directory = tempfile::TempDir::new().unwrap();
        std::fs::write(directory.path().join(MODEL_FILE), config).unwrap();
        if let Some(text) = generation {
            std::fs::write(directory.path().join(FILE), text).unwrap();
        }
        Generation::read(&ModelFiles::Directory(directory.path().to_owned()), 10)
            .map_err(|error| error.to_string())
    }

    fn banned(generation: &Generation, written: &[u32]) -> Vec<u32> {
        let mut banned = Vec::new();
        generation.rules.banned_after(written, |token| banned.push(token));
        banned
    }

    const TOKENS: &str = r#""decoder_start_token_id":9,"eos_token_id":0,"pad_token_id":9"#;

    #[test]
    fn the_generation_file_goes_before_the_configuration() {
        let text = r#"{"num_beams":6,"length_penalty":0.5,"max_length":512,"eos_token_id":0,"pad_token_id":9,
            "decoder_start_token_id":9}"#;
        let config = read(text, None).unwrap();
        assert_eq!(
            (config.beam, config.length_penalty, config.max_new_tokens),
            (6, 0.5, 511)
        );
        let own = read(
            text,
            Some(r#"{"num_beams":2,"max_new_tokens":7,"early_stopping":true}"#),
        )
        .unwrap();
        assert_eq!((own.beam, own.length_penalty, own.max_new_tokens), (2, 1.0, 7));
        assert_eq!((own.start, own.ends, own.early_stopping), (9, vec![0], true));
        assert_eq!(own.rules.never(), [9]);
    }

    #[test]
    fn bad_words_of_one_token_and_of_more_are_banned() {
        let text =
            format!(r#"{{{TOKENS},"bad_words_ids":[[5],[0],[],[1,2],[9,4],[3,1,2]],"suppress_tokens":[6]}}"#);
        let generation = read(Box::leak(text.into_boxed_str()), None).unwrap();
        assert_eq!(
            generation.rules.never(),
            [5, 6, 9],
            "the end cannot be a bad word"
        );
        assert_eq!(
            banned(&generation, &[]),
            [4],
            "a phrase may begin with the start token"
        );
        assert_eq!(banned(&generation, &[1]), [2]);
        assert_eq!(banned(&generation, &[7, 3, 1]), [2, 2]);
        assert_eq!(banned(&generation, &[7]), [0u32; 0]);
    }

    #[test]
    fn first_tokens_are_forced_and_suppressed() {
        let text = format!(r#"{{{TOKENS},"begin_suppress_tokens":[3]}}"#);
        let generation = read(Box::leak(text.into_boxed_str()), None).unwrap();
        assert_eq!(generation.rules.forced_after(&[]), None);
        assert_eq!(
            (banned(&generation, &[]), banned(&generation, &[1])),
            (vec![3], vec![])
        );
        let text = format!(r#"{{{TOKENS},"begin_suppress_tokens":[3],"forced_bos_token_id":4}}"#);
        let generation = read(Box::leak(text.into_boxed_str()), None).unwrap();
        assert_eq!(generation.rules.forced_after(&[]), Some(4));
        assert_eq!(generation.rules.forced_after(&[4]), None);
        assert_eq!(
            (banned(&generation, &[]), banned(&generation, &[4])),
            (vec![], vec![3])
        );
    }

    #[test]
    fn sequences_are_not_repeated() {
        let text = format!(r#"{{{TOKENS},"no_repeat_ngram_size":2}}"#);
        let generation = read(Box::leak(text.into_boxed_str()), None).unwrap();
        assert_eq!(banned(&generation, &[1, 2, 3, 1]), [2]);
        assert_eq!(banned(&generation, &[]), [0u32; 0]);
        let text = format!(r#"{{{TOKENS},"no_repeat_ngram_size":1}}"#);
        let generation = read(Box::leak(text.into_boxed_str()), None).unwrap();
        assert_eq!(banned(&generation, &[1, 2]), [9, 1, 2]);
    }

    #[test]
    fn impossible_settings_are_refused() {
        let check = |config: &'static str, expected: &str| {
            let message = read(config, None).unwrap_err();
            assert!(message.contains(expected), "expected `{expected}` in `{message}`");
        };
        check(r#"{"eos_token_id":0}"#, "expected a `decoder_start_token_id`");
        check(r#"{"decoder_start_token_id":1}"#, "expected an `eos_token_id`");
        check(
            r#"{"decoder_start_token_id":1,"eos_token_id":[]}"#,
            "expected an `eos_token_id`",
        );
        check(
            r#"{"decoder_start_token_id":1,"eos_token_id":0,"bad_words_ids":[[4,10]]}"#,
            "below the vocabulary size 10, found 10",
        );
        check(
            r#"{"decoder_start_token_id":1,"eos_token_id":0,"num_beams":9000000000000}"#,
            "`num_beams` to be at most 256",
        );
    }
}
