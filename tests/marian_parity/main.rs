//! Marian models in the forms that the hub has them in, as users of the library meet them, against
//! transformers. `scripts/fixtures/marian.py` makes the models; that tokens and logits are the same is
//! tested beside the engine.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod files;
mod models;
mod pairs;
mod pipelines;
mod refused;

use std::sync::Arc;

use diglot::engine::{EngineOptions, Marian, MarianTranslator, Precision};
use diglot::translate::{LanguagePair, NamedPair, Translator};

use crate::models::{Model, expected, options};

/// The translator of a fixture for a case of it, in which a target token may stand before the sentence.
fn translator(model: &Model, text: &str, options: &EngineOptions) -> (MarianTranslator, String) {
    let marian = Arc::new(Marian::load(&model.files(), options).unwrap());
    let (pair, rest) = match text.strip_prefix(">>").and_then(|text| text.split_once("<< ")) {
        Some((code, rest)) => (format!("en-{code}"), rest),
        None => (model.pair().to_owned(), text),
    };
    let pair: NamedPair = pair.parse().unwrap();
    let translator = MarianTranslator::new(&model.files(), marian, &pair).unwrap();
    (translator, rest.to_owned())
}

#[test]
fn translations_are_those_of_transformers() {
    for name in models::NAMES {
        let model = Model::new(name);
        for (beam, greedy) in [(Some(1), true), (None, false)] {
            let options = EngineOptions {
                beam,
                ..options(Precision::F32)
            };
            for case in expected(name) {
                let (translator, text) = translator(&model, &case.text, &options);
                let found = translator.translate(&[&text]).unwrap().remove(0);
                let expected = if greedy {
                    &case.greedy_text
                } else {
                    &case.beam_text
                };
                assert_eq!(&found.text, expected, "{name}, beam {beam:?}: {}", case.text);
                assert!(found.score <= 0.0, "{found:?}");
            }
        }
    }
}

#[test]
fn a_token_for_the_language_counts_as_one() {
    let model = Model::new("multilingual");
    for case in expected("multilingual").iter().take(2) {
        let (translator, text) = translator(&model, &case.text, &options(Precision::Int8));
        assert_eq!(translator.count_tokens(&text), case.ids.len(), "{}", case.text);
    }
}

#[test]
fn one_model_serves_several_pairs() {
    let model = Model::new("multilingual");
    let marian = Arc::new(Marian::load(&model.files(), &options(Precision::Int8)).unwrap());
    let outputs: Vec<String> = ["en-fr", "en-es", "en-srp_Latn"]
        .iter()
        .map(|pair| {
            let named: NamedPair = pair.parse().unwrap();
            let translator = MarianTranslator::new(&model.files(), Arc::clone(&marian), &named).unwrap();
            assert_eq!(translator.pair(), named.pair);
            let text = "The children play in the yard.";
            translator.translate(&[text]).unwrap().remove(0).text
        })
        .collect();
    assert_ne!(
        outputs[0], outputs[1],
        "the target token should change the output"
    );
    assert_ne!(
        outputs[1], outputs[2],
        "the target token should change the output"
    );
}

#[test]
fn an_empty_sentence_gives_an_empty_translation() {
    for name in models::NAMES {
        let model = Model::new(name);
        let pair = model.pair().parse().unwrap();
        let translator =
            MarianTranslator::load(&model.files(), &options(Precision::Int8), Some(pair)).unwrap();
        for translation in translator.translate(&["", " ", "\u{a0}\t"]).unwrap() {
            assert_eq!(
                (translation.text.as_str(), translation.score),
                ("", 0.0),
                "{name}"
            );
            assert!(translation.flags.is_empty());
        }
    }
}

#[test]
fn surrounding_white_space_changes_nothing() {
    for name in models::NAMES {
        let model = Model::new(name);
        let pair: LanguagePair = model.pair().parse().unwrap();
        let translator =
            MarianTranslator::load(&model.files(), &options(Precision::Int8), Some(pair)).unwrap();
        let found = translator.translate(&["la gare", "  la gare "]).unwrap();
        assert_eq!(found[1].text, found[0].text, "{name}");
    }
}
