//! Which language a text is in.

mod code;
mod context;
mod ngram;
mod strip;
mod switch;
mod whatlang;

pub use code::{Language, ParseLanguageError};
pub use context::ContextDetector;
pub use ngram::NgramDetector;
pub use whatlang::WhatlangDetector;

use crate::Span;

/// A language and how sure the detector is of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Detection {
    /// The language, [`Language::UND`] where there is too little to tell.
    pub language: Language,
    /// Estimated probability that `language` is right, `0.0..=1.0`; 0 for [`Language::UND`].
    pub confidence: f32,
}

impl Detection {
    /// No language: a link, a number, an emoji, a signature.
    pub const UND: Self = Self {
        language: Language::UND,
        confidence: 0.0,
    };
}

/// Says which language a text is in.
pub trait LanguageDetector: Send + Sync {
    /// Detects the language of one text on its own.
    fn detect(&self, text: &str) -> Detection;

    /// Detects the languages of texts that stand in one document, so that what the clear ones say
    /// helps with the short ones. One detection a text, in order.
    fn detect_together(&self, texts: &[&str]) -> Vec<Detection> {
        texts.iter().map(|text| self.detect(text)).collect()
    }

    /// Splits a text where its language changes. The spans tile the text; a text in one language
    /// comes back whole, with `whole` as its detection.
    fn switches(&self, text: &str, whole: Detection) -> Vec<(Span, Detection)> {
        vec![(Span::new(0, text.len()), whole)]
    }
}
