//! Models in the forms that the hub has them in, against transformers; `scripts/fixtures/marian.py` makes
//! them.

use serde::Deserialize;

use super::*;

const MODELS: [&str; 4] = ["multilingual", "separate", "prenorm", "forced"];

#[derive(Deserialize)]
struct Expected {
    cases: Vec<Case>,
    tokens: Vec<Encoding>,
}

#[derive(Deserialize)]
struct Case {
    text: String,
    ids: Vec<u32>,
    greedy: Vec<u32>,
    beam: Vec<u32>,
    #[serde(default)]
    logits: Vec<Vec<f32>>,
}

#[derive(Deserialize)]
struct Encoding {
    text: String,
    ids: Vec<u32>,
}

fn expected(name: &str) -> Expected {
    let path = format!(
        "{}/tests/fixtures/marian/{name}/expected.json",
        env!("CARGO_MANIFEST_DIR")
    );
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn hub(name: &str, precision: Precision, beam: Option<usize>) -> Marian {
    let root = env!("CARGO_MANIFEST_DIR");
    let (directory, from) = (
        TempDir::new().unwrap(),
        format!("{root}/tests/fixtures/marian/{name}"),
    );
    for entry in std::fs::read_dir(&from).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, directory.path().join(path.file_name().unwrap())).unwrap();
    }
    let pieces = std::fs::read(format!("{from}/pieces.json")).unwrap();
    let pieces: std::collections::BTreeMap<String, String> = serde_json::from_slice(&pieces).unwrap();
    for (side, spm) in pieces {
        let to = directory.path().join(format!("{side}.spm"));
        std::fs::copy(format!("{root}/tests/fixtures/engine/spm/{spm}.spm"), to).unwrap();
    }
    let options = EngineOptions {
        precision,
        beam,
        // Only the models' own limits.
        max_length_extra: 100,
        ..EngineOptions::default()
    };
    Marian::load(&ModelFiles::Directory(directory.path().to_owned()), &options).unwrap()
}

/// The tokens of a text of the fixtures, in which a code may stand before the sentence.
fn encode(model: &Marian, text: &str) -> Encoded {
    let code = model.target_codes().iter().find_map(|(code, id)| {
        let rest = text.strip_prefix(&format!(">>{code}<< "))?;
        Some((rest, *id))
    });
    match code {
        Some((rest, id)) => model.tokens.encode(rest, Some(id)),
        None => model.tokens.encode(text, None),
    }
}

#[test]
fn tokens_equal_those_of_transformers() {
    for name in MODELS {
        let model = hub(name, Precision::F32, None);
        let Expected { cases, tokens } = expected(name);
        for case in cases {
            assert_eq!(encode(&model, &case.text).ids, case.ids, "{name}: {}", case.text);
        }
        for Encoding { text, ids } in tokens {
            let found = encode(&model, &text).ids;
            // Of an empty sentence nothing is translated, so no code is needed.
            let blank = found.len() == 1;
            let ids = if blank { &ids[ids.len() - 1..] } else { &ids[..] };
            assert_eq!(found, ids, "{name}: {text:?}");
        }
    }
}

#[test]
fn f32_logits_equal_those_of_transformers() {
    for name in MODELS {
        let model = hub(name, Precision::F32, None);
        for case in expected(name).cases.iter().filter(|case| !case.logits.is_empty()) {
            let found = logits::<f32>(&model, &case.ids, &with_start(&model, &case.greedy));
            for (found, expected) in found.iter().zip(&case.logits) {
                assert_eq!(found.len(), expected.len());
                for (found, expected) in found.iter().zip(expected) {
                    assert!((found - expected).abs() < 1e-4, "{name}: {found} {expected}");
                }
            }
        }
    }
}

/// The cosine of the angle between the logits of all tokens in int8 and in f32. The models are far
/// narrower than real ones, their weights random and their attention sharp, so that each rounding counts.
#[test]
fn int8_logits_point_where_those_of_transformers_point() {
    for name in MODELS {
        let model = hub(name, Precision::Int8, None);
        let (mut product, mut squares, mut expected_squares) = (0.0, 0.0, 0.0);
        for case in expected(name).cases.iter().filter(|case| !case.logits.is_empty()) {
            let found = logits::<f16>(&model, &case.ids, &with_start(&model, &case.greedy));
            let pairs = found.iter().flatten().zip(case.logits.iter().flatten());
            for (&found, &expected) in pairs {
                product += f64::from(found * expected);
                squares += f64::from(found * found);
                expected_squares += f64::from(expected * expected);
            }
        }
        let cosine = product / (squares * expected_squares).sqrt();
        assert!(cosine > 0.95, "{name}: cosine {cosine}");
    }
}

#[test]
fn greedy_and_beam_outputs_equal_those_of_transformers() {
    for name in MODELS {
        for beam in [Some(1), None] {
            let model = hub(name, Precision::F32, beam);
            assert_eq!(model.beam(), beam.unwrap_or(4), "{name} asks for a beam of 4");
            for case in expected(name).cases {
                let output = model
                    .decode::<f32>(&[&encode(&model, &case.text)])
                    .unwrap()
                    .remove(0);
                let expected = if beam.is_some() { &case.greedy } else { &case.beam };
                assert_eq!(&output.tokens, expected, "{name}, beam {beam:?}: {}", case.text);
            }
        }
    }
}

#[test]
fn a_batch_gives_what_single_sentences_give() {
    for name in MODELS {
        for precision in [Precision::F32, Precision::Int8] {
            let model = hub(name, precision, None);
            let cases = expected(name).cases;
            let encoded: Vec<Encoded> = cases.iter().map(|case| encode(&model, &case.text)).collect();
            let decode = |sentences: &[&Encoded]| match precision {
                Precision::F32 => model.decode::<f32>(sentences).unwrap(),
                Precision::Int8 => model.decode::<f16>(sentences).unwrap(),
            };
            let together = decode(&encoded.iter().collect::<Vec<_>>());
            for (sentence, together) in encoded.iter().zip(together) {
                assert_eq!(decode(&[sentence]), [together], "{name} {precision:?}");
            }
        }
    }
}

#[test]
fn nothing_in_a_sentence_is_taken_for_a_special_token() {
    let model = hub("multilingual", Precision::F32, None);
    let special: Vec<u32> = model.target_codes().iter().map(|&(_, id)| id).collect();
    for text in [">>fra<< hello", "a >>spa<< b", "the </s> end", "<pad><s>"] {
        let mut ids = model.tokens.encode(text, None).ids;
        assert_eq!(ids.pop(), Some(0), "{text}");
        assert!(
            !ids.iter().any(|id| special.contains(id) || *id == 0),
            "{text}: {ids:?}"
        );
    }
    let unknown = model.tokens.encode(">>fra<<", Some(special[1])).ids;
    assert_eq!(unknown[0], special[1], "the code of the caller is the only one");
}

#[test]
fn a_code_stands_before_sentences_that_have_words_alone() {
    let model = hub("multilingual", Precision::F32, None);
    let (code, id) = model.target_codes()[0].clone();
    assert_eq!(code, "fra");
    assert_eq!(model.tokens.encode(" \u{a0}", Some(id)).ids, [0]);
    let encoded = model.tokens.encode("the rain", Some(id));
    assert_eq!(encoded.ids.len(), encoded.spans.len() + 1);
    assert!(encoded.spans[0].is_empty(), "the code renders no word");
}
