//! The pipeline with stand-ins for its models, so that a run costs no inference.

use std::sync::OnceLock;

use diglot::entity::{EntityRecognizer, Label, Mention};
use diglot::language::Language;
use diglot::pipeline::Pipeline;
use diglot::provenance::ModelInfo;
use diglot::translate::{LanguagePair, Translation, Translator};
use diglot::{BackendError, Span};

/// A pipeline that is made once.
pub fn stand_ins() -> &'static Pipeline {
    static PIPELINE: OnceLock<Pipeline> = OnceLock::new();
    PIPELINE.get_or_init(|| {
        let info = |role| ModelInfo {
            role,
            name: format!("fuzz/{role}"),
            sha256: String::new(),
            licence: None,
        };
        Pipeline::builder()
            .without_translation()
            .translator(Echo, info("translate"))
            .entity_recognizer(Capitals, info("entities"))
            .build()
            .expect("a pipeline without models should be made")
    })
}

/// Repeats what it is to translate, between marks.
struct Echo;

impl Translator for Echo {
    fn pair(&self) -> LanguagePair {
        LanguagePair {
            source: Language::FRENCH,
            target: Language::ENGLISH,
        }
    }

    fn translate(&self, sentences: &[&str]) -> Result<Vec<Translation>, BackendError> {
        let one = |sentence: &&str| {
            let words = sentence.split_whitespace().count();
            Translation {
                text: format!("<{sentence}>"),
                alignment: (0..words).map(|at| (at, at)).collect(),
                ..Translation::default()
            }
        };
        Ok(sentences.iter().map(one).collect())
    }

    fn count_tokens(&self, sentence: &str) -> usize {
        sentence.split_whitespace().count()
    }

    fn max_tokens(&self) -> usize {
        100
    }
}

/// Takes words that begin with a capital for names, of every label in turn.
struct Capitals;

impl EntityRecognizer for Capitals {
    fn recognize(&self, sentences: &[&str]) -> Result<Vec<Vec<Mention>>, BackendError> {
        let labels = [Label::Per, Label::Org, Label::Loc, Label::Misc];
        let names = |sentence: &&str| {
            let words = sentence
                .split(|c: char| !c.is_alphanumeric())
                .filter(|word| word.starts_with(char::is_uppercase));
            let start = |word: &str| word.as_ptr() as usize - sentence.as_ptr() as usize;
            words
                .zip(labels.iter().cycle())
                .map(|(word, label)| Mention {
                    span: Span::new(start(word), start(word) + word.len()),
                    label: *label,
                    score: 0.9,
                })
                .collect()
        };
        Ok(sentences.iter().map(names).collect())
    }
}
