//! What can be wrong with a translation.

use std::fmt;

/// A warning on a translation, so that a poor one is never passed silently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Flag {
    /// The output stopped before the sentence was done, or is far too short for it.
    Truncated,
    /// The output says the same again and again.
    Repetition,
    /// The output is the source.
    Copied,
    /// The output is not in the target language.
    WrongLanguage,
    /// The numbers of the two sides differ.
    NumberMismatch,
    /// A link, handle, hashtag or emoji was lost or moved to the end.
    ProtectedLost,
    /// There is no model for the language; the text is the source.
    NoModel,
}

impl Flag {
    /// The flag as records carry it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Truncated => "truncated",
            Self::Repetition => "repetition",
            Self::Copied => "copied",
            Self::WrongLanguage => "wrong-language",
            Self::NumberMismatch => "number-mismatch",
            Self::ProtectedLost => "protected-lost",
            Self::NoModel => "no-model",
        }
    }
}

impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
