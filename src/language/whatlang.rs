//! The first detector: trigrams and alphabets, many languages, very fast.

use unicode_normalization::UnicodeNormalization;
use whatlang::{Detector, Lang, Script};

use super::strip::strip;
use super::{Detection, Language, LanguageDetector};

/// Detects a language with the crate `whatlang`.
///
/// It knows scripts and many languages, but is weak below some 50 letters. Twelve of its languages are left
/// out (`DENIED`). Its confidence, which measures the distance to the runner-up, is passed on as it is.
#[derive(Debug)]
pub struct WhatlangDetector {
    detector: Detector,
    cyrillic: Detector,
}

impl WhatlangDetector {
    /// A detector of some sixty languages.
    pub fn new() -> Self {
        Self {
            detector: Detector::with_denylist(DENIED.to_vec()),
            cyrillic: Detector::with_allowlist(vec![Lang::Rus, Lang::Ukr]),
        }
    }

    /// The language of words that come from [`strip`].
    pub(super) fn guess(&self, words: &str) -> Detection {
        let Some(info) = self.detector.detect(words) else {
            return Detection::UND;
        };
        let confidence = (info.confidence() as f32).clamp(0.0, 1.0);
        let lang = if info.script() == Script::Cyrillic && confidence < HESITANT {
            self.cyrillic.detect_lang(words).unwrap_or(info.lang())
        } else {
            info.lang()
        };
        match language(lang) {
            Some(language) if confidence > 0.0 && !is_false_vietnamese(language, words) => {
                Detection { language, confidence }
            }
            _ => Detection::UND,
        }
    }
}

impl Default for WhatlangDetector {
    fn default() -> Self {
        Self::new()
    }
}

impl LanguageDetector for WhatlangDetector {
    fn detect(&self, text: &str) -> Detection {
        self.guess(&strip(text))
    }
}

/// Languages that draw short texts away from the commoner ones, and texts in languages that
/// `whatlang` does not know: it takes Bambara for Akan, Hausa for Javanese or Indonesian, Wolof for
/// Tagalog.
const DENIED: [Lang; 12] = [
    Lang::Afr,
    Lang::Aka,
    Lang::Cym,
    Lang::Epo,
    Lang::Ind,
    Lang::Jav,
    Lang::Lat,
    Lang::Sna,
    Lang::Tgl,
    Lang::Tuk,
    Lang::Uzb,
    Lang::Zul,
];

/// Below which confidence a text in Cyrillic script is taken for one of the two languages that news
/// has most: a few words hardly tell Russian from Bulgarian or Macedonian.
const HESITANT: f32 = 0.5;

/// Vietnamese has `ơ` or `ư` in nearly every sentence; Yoruba, Igbo and Fon, which have neither,
/// come back as Vietnamese for their accents.
fn is_false_vietnamese(language: Language, words: &str) -> bool {
    const HORN: char = '\u{031B}';
    language.as_str() == "vi" && !words.nfd().any(|character| character == HORN)
}

/// Our code for a language of `whatlang`, which names some by their part of a macrolanguage.
fn language(lang: Lang) -> Option<Language> {
    match lang {
        Lang::Cmn => "zh",
        Lang::Pes => "fa",
        other => other.code(),
    }
    .parse()
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = WhatlangDetector::new().detect(text).language;
        assert_eq!(found.as_str(), expected, "language of {text:?}");
    }

    #[test]
    fn tells_languages_of_long_texts() {
        check(
            "Les habitants du quartier attendent toujours que la route soit réparée.",
            "fr",
        );
        check(
            "The people who live in this street are still waiting for the road to be repaired.",
            "en",
        );
        check(
            "Жители этой улицы всё ещё ждут, когда отремонтируют дорогу.",
            "ru",
        );
        check(
            "Жителі цієї вулиці досі чекають, коли відремонтують дорогу.",
            "uk",
        );
        check(
            "Жителите на тази улица все още чакат пътят да бъде ремонтиран.",
            "bg",
        );
        check("Дорога закрыта", "ru");
        check("Người dân vẫn đang chờ con đường được sửa chữa.", "vi");
    }

    #[test]
    fn names_languages_by_their_own_code() {
        check("居民们仍在等待道路修好。", "zh");
        check(
            "ساکنان این خیابان هنوز منتظر تعمیر جاده هستند و می‌گویند که چاره‌ای نیست.",
            "fa",
        );
        check("道路はまだ直っていません。", "ja");
    }

    #[test]
    fn accents_alone_do_not_make_vietnamese() {
        check("Bàbá náà ní ọmọ mẹ́ta, wọ́n sì ń gbé ní ìlú wa.", "und");
    }

    #[test]
    fn no_words_have_no_language() {
        check("", "und");
        check("https://exemple.test 12 🎉 @lina", "und");
    }

    #[test]
    fn every_language_has_a_code() {
        for lang in Lang::all() {
            assert!(
                language(*lang).is_some(),
                "no code for {lang:?}: add it to `language`"
            );
        }
    }
}
