//! Language pairs and how people write them.

use std::fmt;
use std::str::FromStr;

use crate::{Language, ParseLanguageError};

/// From which language into which a model translates; written `fr-en`.
///
/// ```
/// use diglot::translate::LanguagePair;
///
/// let pair: LanguagePair = "fra-en".parse()?;
/// assert_eq!(pair.to_string(), "fr-en");
/// # Ok::<(), diglot::translate::ParsePairError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LanguagePair {
    /// The language read.
    pub source: Language,
    /// The language written.
    pub target: Language,
}

impl fmt::Display for LanguagePair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.source, self.target)
    }
}

impl FromStr for LanguagePair {
    type Err = ParsePairError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named: NamedPair = text.parse()?;
        match named.variant {
            None => Ok(named.pair),
            Some(_) => Err(ParsePairError::form(text)),
        }
    }
}

/// A pair as a user names it for a model: `en-de`, or `en-srp_Latn` where the model writes the language in
/// more ways than one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NamedPair {
    /// The pair.
    pub pair: LanguagePair,
    /// The way in which the target language is written, as models name it in a token such as
    /// `>>srp_Latn<<`: a language, `_`, and a script or country.
    pub variant: Option<String>,
}

impl From<LanguagePair> for NamedPair {
    fn from(pair: LanguagePair) -> Self {
        Self { pair, variant: None }
    }
}

impl fmt::Display for NamedPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.variant {
            None => self.pair.fmt(f),
            Some(variant) => write!(f, "{}-{variant}", self.pair.source),
        }
    }
}

impl FromStr for NamedPair {
    type Err = ParsePairError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (source, written) = text.split_once('-').ok_or_else(|| ParsePairError::form(text))?;
        let (target, variant) = match written.split_once('_') {
            Some((target, _)) => (target, Some(written.to_owned())),
            None => (written, None),
        };
        let language = |code: &str| -> Result<Language, ParsePairError> {
            let language: Language = code.parse().map_err(|source| ParsePairError {
                text: text.to_owned(),
                source: Some(source),
            })?;
            if language.is_und() {
                return Err(ParsePairError::form(text));
            }
            Ok(language)
        };
        let pair = LanguagePair {
            source: language(source)?,
            target: language(target)?,
        };
        if pair.source == pair.target {
            return Err(ParsePairError::form(text));
        }
        Ok(Self { pair, variant })
    }
}

/// A text that is no language pair.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected two languages such as `fr-en`, found `{text}`")]
pub struct ParsePairError {
    text: String,
    source: Option<ParseLanguageError>,
}

impl ParsePairError {
    fn form(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            source: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_written_as_they_are_read() {
        for (text, expected) in [
            ("fr-en", "fr-en"),
            ("fra-eng", "fr-en"),
            ("en-srp_Latn", "en-srp_Latn"),
        ] {
            let named: NamedPair = text.parse().unwrap();
            assert_eq!(named.to_string(), expected);
        }
        let named: NamedPair = "en-pt_BR".parse().unwrap();
        assert_eq!(named.pair.target.as_str(), "pt");
        assert_eq!(named.variant.as_deref(), Some("pt_BR"));
    }

    #[test]
    fn what_is_no_pair_is_refused() {
        for text in [
            "", "fr", "fr-", "-en", "fr_en", "fr-xx", "fr-fr", "und-en", "fr-en-de",
        ] {
            let message = text.parse::<NamedPair>().unwrap_err().to_string();
            let expected = format!("expected two languages such as `fr-en`, found `{text}`");
            assert_eq!(message, expected);
        }
        assert!("en-srp_Latn".parse::<LanguagePair>().is_err());
    }
}
