//! The engine against transformers, on tiny models with random weights that `scripts/fixtures` makes.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod families;
mod fixtures;
mod refused;
#[path = "../../src/testing.rs"]
mod testing;

use diglot::Language;
use diglot::engine::{BertTagger, EngineOptions, MarianTranslator, Precision};
use diglot::translate::{Flag, LanguagePair, Translator};
use proptest::prelude::*;

use crate::fixtures::{
    MAX_NEW_TOKENS, Model, bert, borrowed, marian, options, read, sentences, tagged, texts, translated,
};

/// How far log probabilities and logits in f32 may be from those of transformers.
const TOLERANCE: f32 = 1e-4;

#[test]
fn f32_greedy_search_equals_transformers() {
    for weights in ["model", "int8"] {
        let cases = translated(if weights == "model" { "expected" } else { "int8" });
        let found = marian(weights, &options(Precision::F32))
            .translate(&texts(&cases))
            .unwrap();
        for (case, found) in cases.iter().zip(found) {
            assert_eq!(found.text, case.greedy_text, "{}", case.text);
            assert!(
                (found.score - case.greedy_score).abs() < TOLERANCE,
                "{found:?} {}",
                case.greedy_score
            );
            assert_eq!(
                found.finished,
                case.greedy.len() + 1 < MAX_NEW_TOKENS,
                "{found:?}"
            );
        }
    }
}

#[test]
fn f32_beam_search_equals_transformers() {
    let cases = translated("expected");
    for length_penalty in [1.0, 0.4] {
        let options = EngineOptions {
            beam: Some(4),
            length_penalty: Some(length_penalty),
            ..options(Precision::F32)
        };
        let found = marian("model", &options).translate(&texts(&cases)).unwrap();
        for (case, found) in cases.iter().zip(found) {
            let expected = if length_penalty == 1.0 {
                &case.beam_text
            } else {
                &case.short_text
            };
            assert_eq!(&found.text, expected, "penalty {length_penalty}: {}", case.text);
        }
    }
}

#[test]
fn tokens_are_counted_as_transformers_does() {
    let model = marian("model", &options(Precision::F32));
    for case in translated("expected") {
        assert_eq!(model.count_tokens(&case.text), case.ids.len(), "{}", case.text);
    }
}

/// Random weights are far more sensitive than trained ones, so this is a loose bound: what is compared
/// is the mean log probability of the greedy output.
#[test]
fn int8_translation_is_close_to_f32() {
    let cases = translated("int8");
    for weights in ["model", "int8"] {
        let found = marian(weights, &options(Precision::Int8))
            .translate(&texts(&cases))
            .unwrap();
        let distances = cases
            .iter()
            .zip(&found)
            .map(|(case, found)| (case.greedy_score - found.score).abs());
        let mean = distances.sum::<f32>() / cases.len() as f32;
        assert!(mean < 0.1, "{weights}: mean distance {mean}");
    }
}

#[test]
fn f32_logits_of_tokens_equal_transformers() {
    for (weights, file) in [("model", "expected"), ("int8", "int8")] {
        let model = bert(weights, Precision::F32);
        for case in tagged(file) {
            let logits = model.logits(&[&case.text]).unwrap().remove(0);
            assert_eq!(logits.len(), case.logits.len(), "{}", case.text);
            for (found, expected) in logits.iter().flatten().zip(case.logits.iter().flatten()) {
                assert!(
                    (found - expected).abs() < TOLERANCE,
                    "{found} {expected} {}",
                    case.text
                );
            }
        }
    }
}

#[test]
fn tokens_stand_where_transformers_says() {
    let model = bert("model", Precision::F32);
    for case in tagged("expected") {
        let tokens = model.tag(&[&case.text]).unwrap().remove(0);
        let spans: Vec<_> = tokens
            .iter()
            .map(|token| (token.span.start(), token.span.end()))
            .collect();
        assert_eq!(spans, case.spans, "{}", case.text);
        let words: Vec<_> = tokens.iter().map(|token| token.word).collect();
        assert_eq!(words, case.words, "{}", case.text);
        for token in &tokens {
            assert_eq!(token.probabilities.len(), model.labels().len());
            assert!((token.probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        }
    }
}

/// The cosine of the angle between what was found and what was expected.
fn cosine(pairs: impl IntoIterator<Item = (f32, f32)>) -> f64 {
    let (mut product, mut squares, mut expected_squares) = (0.0, 0.0, 0.0);
    for (found, expected) in pairs {
        product += f64::from(found * expected);
        squares += f64::from(found * found);
        expected_squares += f64::from(expected * expected);
    }
    product / (squares * expected_squares).sqrt()
}

/// Over all tokens.
#[test]
fn int8_logits_are_close_to_f32() {
    for weights in ["model", "int8"] {
        let model = bert(weights, Precision::Int8);
        let pairs = tagged("int8").into_iter().flat_map(|case| {
            let found = model.logits(&[&case.text]).unwrap().remove(0);
            let expected = case.logits.into_iter().flatten();
            found.into_iter().flatten().zip(expected).collect::<Vec<_>>()
        });
        let cosine = cosine(pairs);
        assert!(cosine > 0.999, "{weights}: cosine {cosine}");
    }
}

#[test]
fn a_translation_does_not_depend_on_its_neighbours() {
    let sentences = sentences();
    for precision in [Precision::Int8, Precision::F32] {
        for (beam, shortlist) in [(1, false), (1, true), (3, true)] {
            let options = EngineOptions {
                beam: Some(beam),
                shortlist,
                ..options(precision)
            };
            let model = marian("int8", &options);
            let together = model.translate(&borrowed(&sentences)).unwrap();
            for (sentence, together) in sentences.iter().zip(together) {
                assert_eq!(
                    model.translate(&[sentence]).unwrap(),
                    [together],
                    "{options:?} {sentence:?}"
                );
            }
        }
    }
}

#[test]
fn a_tagged_sentence_does_not_depend_on_its_neighbours() {
    let sentences = sentences();
    for precision in [Precision::Int8, Precision::F32] {
        let model = bert("int8", precision);
        let together = model.tag(&borrowed(&sentences)).unwrap();
        for (sentence, together) in sentences.iter().zip(together) {
            assert_eq!(
                model.tag(&[sentence]).unwrap(),
                [together],
                "{precision:?} {sentence:?}"
            );
        }
    }
}

#[test]
fn results_do_not_depend_on_batches_or_threads() {
    let sentences = sentences();
    let run = |threads: usize, batch_tokens: usize| {
        let options = EngineOptions {
            batch_tokens,
            shortlist: true,
            ..options(Precision::Int8)
        };
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let translations = marian("int8", &options).translate(&borrowed(&sentences)).unwrap();
            let model = BertTagger::load(&Model::bert("int8").files(), &options).unwrap();
            (translations, model.tag(&borrowed(&sentences)).unwrap())
        })
    };
    let expected = run(1, 1);
    assert_eq!(run(1, 4096), expected);
    assert_eq!(run(3, 40), expected);
}

#[test]
fn a_shortlist_changes_what_may_be_said() {
    let cases = translated("expected");
    let options = |shortlist| EngineOptions {
        shortlist,
        ..options(Precision::F32)
    };
    let free = marian("model", &options(false))
        .translate(&texts(&cases))
        .unwrap();
    let listed = marian("model", &options(true)).translate(&texts(&cases)).unwrap();
    assert_ne!(free, listed);
    // The fixture's list holds the common tokens `</s>`, `<unk>`, 5 and 9, the source tokens, and
    // every token `t` with `(7 * t + 3 * s) % 20 == 0` for a source token `s`.
    let texts: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(&read("marian/vocab.json")).unwrap();
    let id = |piece: &str| texts.get(piece).and_then(serde_json::Value::as_u64);
    for (case, listed) in cases.iter().zip(&listed) {
        let allowed = |token: u64| {
            [0, 1, 5, 9].contains(&token)
                || case.ids.contains(&(token as u32))
                || case
                    .ids
                    .iter()
                    .any(|&source| (7 * token + 3 * u64::from(source)).is_multiple_of(20))
        };
        // Only words that are one token can be told from the text.
        let words = listed
            .text
            .split_whitespace()
            .filter_map(|word| id(&format!("▁{word}")));
        for token in words {
            assert!(allowed(token), "{token} in {:?}", listed.text);
        }
    }
}

#[test]
fn alignments_name_words_of_both_sides() {
    let cases = translated("expected");
    let found = marian("model", &options(Precision::F32))
        .translate(&texts(&cases))
        .unwrap();
    for (case, found) in cases.iter().zip(&found) {
        let (source, target) = (
            case.text.split_whitespace().count(),
            found.text.split_whitespace().count(),
        );
        assert!(
            found.alignment.iter().all(|&(i, j)| i < source && j < target),
            "{found:?}"
        );
        assert!(
            found.alignment.is_sorted_by(|left, right| left < right),
            "{found:?}"
        );
    }
    assert!(found.iter().any(|found| !found.alignment.is_empty()));
}

#[test]
fn an_overlong_sentence_is_read_in_part_and_flagged() {
    let model =
        MarianTranslator::load(&Model::marian("int8").files(), &options(Precision::Int8), None).unwrap();
    let long = "le maire parle ".repeat(40);
    assert!(model.count_tokens(&long) > model.max_tokens());
    let translations = model.translate(&[&long, "la gare"]).unwrap();
    assert_eq!(translations[0].flags, [Flag::Truncated]);
}

#[test]
fn an_overlong_sentence_is_tagged_in_windows() {
    let model = bert("int8", Precision::F32);
    let long = "Odile parle à la gare. ".repeat(40);
    let tokens = model.tag(&[&long]).unwrap().remove(0);
    let covered: usize = tokens.iter().map(|token| token.span.len()).sum();
    assert_eq!(covered, long.split_whitespace().map(str::len).sum::<usize>());
    assert!(
        tokens
            .windows(2)
            .all(|pair| pair[0].span.end() <= pair[1].span.start())
    );
    assert!(
        tokens
            .iter()
            .all(|token| (token.probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-5)
    );
}

#[test]
fn a_translator_takes_its_languages_from_the_configuration_or_the_caller() {
    let model = Model::marian("int8");
    let load = |pair| MarianTranslator::load(&model.files(), &options(Precision::Int8), pair);
    let translator = load(None).unwrap();
    let named = LanguagePair {
        source: Language::FRENCH,
        target: Language::ENGLISH,
    };
    assert_eq!(translator.pair(), named);
    assert_eq!(translator.placeholders(), ["⟦1⟧", "⟦2⟧"]);
    let given = LanguagePair {
        source: Language::ENGLISH,
        target: Language::FRENCH,
    };
    assert_eq!(load(Some(given)).unwrap().pair(), given);
    model.edit("config.json", "\"source_lang\":\"fr\"", "\"source_lang\":\"xx\"");
    let message = load(None).unwrap_err().to_string();
    assert!(
        message.contains("expected a language code in `diglot.source_lang`, found `xx`"),
        "{message}"
    );
}

proptest! {
    #![proptest_config(testing::cases(12))]

    #[test]
    fn any_text_is_translated_and_tagged(sentences in proptest::collection::vec("(\\PC|[ \u{301}⟦1⟧\n\0]){0,40}", 1..4)) {
        let sentences = borrowed(&sentences);
        let options = EngineOptions { shortlist: true, ..options(Precision::Int8) };
        let translations = marian("int8", &options).translate(&sentences).unwrap();
        prop_assert_eq!(translations.len(), sentences.len());
        let tags = bert("int8", Precision::Int8).tag(&sentences).unwrap();
        for (tokens, sentence) in tags.iter().zip(&sentences) {
            prop_assert!(tokens.iter().all(|token| token.span.of(sentence).is_some()));
        }
    }
}
