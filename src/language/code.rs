//! Language codes.

use std::fmt;
use std::str::FromStr;

/// A language: an ISO 639-1 code where there is one, else ISO 639-3, or `und`.
///
/// ```
/// use diglot::Language;
///
/// assert_eq!("fra".parse(), Ok(Language::FRENCH));
/// assert_eq!(Language::FRENCH.as_str(), "fr");
/// assert_eq!("bam".parse::<Language>()?.as_str(), "bm");
/// # Ok::<(), diglot::ParseLanguageError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Language(&'static str);

impl Language {
    /// Undetermined: no language, or none that could be told.
    pub const UND: Self = Self("und");
    /// English.
    pub const ENGLISH: Self = Self("en");
    /// French.
    pub const FRENCH: Self = Self("fr");

    /// The code: two letters where ISO 639-1 has one, else three.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// Whether no language is known.
    pub fn is_und(self) -> bool {
        self == Self::UND
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A text that is no language code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an ISO 639 language code such as `fr`, found `{0}`")]
pub struct ParseLanguageError(String);

impl FromStr for Language {
    type Err = ParseLanguageError;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        if code == "und" {
            return Ok(Self::UND);
        }
        isolang::Language::from_639_1(code)
            .or_else(|| isolang::Language::from_639_3(code))
            .map(|known| Self(known.to_639_1().unwrap_or_else(|| known.to_639_3())))
            .ok_or_else(|| ParseLanguageError(code.to_owned()))
    }
}
