//! Which language a text is in.

mod cache;
mod code;
mod context;
mod names;
mod ngram;
mod strip;
mod switch;
mod whatlang;
mod word_set;
mod words;

pub use code::{Language, ParseLanguageError};
pub use context::ContextDetector;
pub(crate) use context::is_latin;
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What every detector must do, whatever the text.
    fn check_contract(detector: &dyn LanguageDetector, text: &str) {
        let whole = detector.detect(text);
        check_detection(whole, text);
        assert_eq!(
            detector.detect(text),
            whole,
            "the same text {text:?} must give the same detection"
        );
        let together = detector.detect_together(&[text, "", text]);
        assert_eq!(together.len(), 3, "one detection a text");
        assert_eq!(
            together[0], together[2],
            "position in the document must not matter"
        );
        assert_eq!(together[1], Detection::UND, "an empty text has no language");
        for whole in [whole, together[0], Detection::UND] {
            check_switches(detector, text, whole);
        }
    }

    fn check_detection(found: Detection, text: &str) {
        assert!(
            (0.0..=1.0).contains(&found.confidence),
            "confidence of {found:?} for {text:?}"
        );
        assert_eq!(
            found.language.is_und(),
            found.confidence == 0.0,
            "{found:?} for {text:?}"
        );
    }

    fn check_switches(detector: &dyn LanguageDetector, text: &str, whole: Detection) {
        let parts = detector.switches(text, whole);
        let joined: Option<String> = parts.iter().map(|(span, _)| span.of(text)).collect();
        assert_eq!(
            joined.as_deref(),
            Some(text),
            "parts {parts:?} must tile the text"
        );
        let ordered = parts.windows(2).all(|pair| pair[0].0.end() == pair[1].0.start());
        assert!(ordered, "parts {parts:?} must follow each other");
        if let [(_, only)] = parts[..] {
            assert_eq!(only, whole, "an undivided text keeps its detection");
        }
        for (_, found) in parts {
            check_detection(found, text);
        }
    }

    const TEXTS: [&str; 14] = [
        "",
        " \u{FEFF}\0\r\n",
        "!",
        "é",
        "Le marché rouvre lundi, a dit la maire, but nobody knows where the new stalls will stand.",
        "The market opens on Monday. Nous y serons dès sept heures du matin avec nos légumes.",
        "e\u{301}tait-ce l\u{2019}e\u{301}te\u{301} ?",
        "👩🏽‍🚒🇲🇱 #️⃣ @lina https://exemple.test 7 500",
        "\u{202E}مرحبا بكم\u{202C} في المدينة",
        "ⵜⴰⵎⴰⵣⵉⵖⵜ ⴷ ⵜⵓⵜⵍⴰⵢⵜ",
        "居民们仍在等待 the road 修好。",
        "Ǆ ß ﬁ İ ı ſ \u{1F88} 𝓑𝓸𝓷𝓳𝓸𝓾𝓻",
        "A\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}\u{306} \u{300} l'd'qu'",
        "ªº Ⅷ ①② ㎏ ﷺ",
    ];

    #[test]
    fn every_detector_keeps_the_contract() {
        for detector in detectors() {
            for text in TEXTS {
                check_contract(detector.as_ref(), text);
            }
        }
    }

    proptest! {
        #![proptest_config(crate::testing::cases(64))]
        #[test]
        fn every_detector_keeps_the_contract_on_any_text(
            text in prop_oneof![any::<String>(), "([a-zàéôü']{1,9}[ ,.’#@]{1,2}){1,20}", "\\PC{0,40}"]
        ) {
            for detector in detectors() {
                check_contract(detector.as_ref(), &text);
            }
        }
    }

    fn detectors() -> [Box<dyn LanguageDetector>; 3] {
        [
            Box::new(WhatlangDetector::new()),
            Box::new(NgramDetector::new()),
            Box::new(ContextDetector::new()),
        ]
    }
}
