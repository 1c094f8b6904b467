//! Which languages a model is found to translate.

use diglot::engine::{Marian, MarianTranslator, Precision};
use diglot::translate::Translator;

use crate::models::{Model, options};

fn pair(model: &Model) -> Option<String> {
    let pair = Marian::stated_pair(&model.files()).unwrap();
    pair.map(|pair| pair.to_string())
}

#[test]
fn the_tokenizer_s_configuration_says_the_pair() {
    assert_eq!(pair(&Model::new("separate")).as_deref(), Some("de-en"));
    assert_eq!(pair(&Model::new("prenorm")).as_deref(), Some("fr-en"));
    assert_eq!(pair(&Model::new("multilingual")), None, "`mul` is no language");
}

#[test]
fn the_name_says_the_pair_where_no_file_does() {
    assert_eq!(
        pair(&Model::called("forced", "opus-mt-es-en")).as_deref(),
        Some("es-en")
    );
    assert_eq!(
        pair(&Model::called("forced", "opus-mt-tc-big-spa-eng")).as_deref(),
        Some("es-en")
    );
    let cached = Model::called("forced", "models--Some-Org--opus-mt-es-en/snapshots/12ab");
    assert_eq!(pair(&cached).as_deref(), Some("es-en"));
    assert_eq!(pair(&Model::called("forced", "forced")), None);
    let named = Model::called("separate", "opus-mt-es-fr");
    assert_eq!(pair(&named).as_deref(), Some("de-en"), "files go before the name");
}

#[test]
fn what_is_said_outright_goes_before_the_files() {
    let model = Model::new("separate");
    let said = Some("nl-en".parse().unwrap());
    let translator = MarianTranslator::load(&model.files(), &options(Precision::Int8), said).unwrap();
    assert_eq!(translator.pair().to_string(), "nl-en");
}

#[test]
fn a_target_that_a_multilingual_model_does_not_write_lists_those_that_it_does() {
    let model = Model::new("multilingual");
    let load = |pair: &str| {
        let pair = Some(pair.parse().unwrap());
        MarianTranslator::load(&model.files(), &options(Precision::Int8), pair)
    };
    assert!(load("en-fr").is_ok());
    let message = load("en-de").expect_err("there is no such token").to_string();
    for part in ["`de`", "`>>fra<<`, `>>spa<<`, `>>srp_Cyrl<<`, `>>srp_Latn<<`"] {
        assert!(message.contains(part), "expected `{part}` in `{message}`");
    }
    let message = load("en-sr").expect_err("there are two such tokens").to_string();
    for part in ["one way to write `sr`", "`>>srp_Cyrl<<`, `>>srp_Latn<<`"] {
        assert!(message.contains(part), "expected `{part}` in `{message}`");
    }
}
