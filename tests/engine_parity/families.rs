//! Token classifiers of every family, each in another of the formats of the hub, against transformers.

use diglot::engine::{BertTagger, Precision};
use diglot::model::ModelFiles;
use serde::Deserialize;

use crate::fixtures::{Model, borrowed, fixtures, options, read, sentences};
use crate::{TOLERANCE, cosine};

/// The families with the file that their fixture keeps elsewhere.
const FAMILIES: [(&str, Option<&str>); 6] = [
    ("bert", None),
    ("distilbert", None),
    ("roberta", None),
    ("xlm-roberta", Some("spm/unigram.spm")),
    ("camembert", Some("spm/target.spm")),
    ("electra", None),
];

#[derive(Deserialize)]
struct Case {
    text: String,
    spans: Vec<(usize, usize)>,
    words: Vec<usize>,
    logits: Vec<Vec<f32>>,
    /// Of byte-level tokens with a space before the text.
    #[serde(default)]
    prefixed_spans: Vec<(usize, usize)>,
}

fn cases(family: &str) -> Vec<Case> {
    serde_json::from_slice(&read(&format!("families/{family}/expected.json"))).unwrap()
}

fn model(family: &str) -> Model {
    let model = Model(tempfile::TempDir::new().unwrap());
    for entry in std::fs::read_dir(fixtures().join("families").join(family)).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name() != "expected.json" {
            model.write(
                entry.file_name().to_str().unwrap(),
                &std::fs::read(entry.path()).unwrap(),
            );
        }
    }
    let elsewhere = FAMILIES.iter().find(|(name, _)| *name == family);
    if let Some((_, Some(file))) = elsewhere {
        model.write("sentencepiece.bpe.model", &read(file));
    }
    model
}

fn load(model: &Model, precision: Precision) -> BertTagger {
    BertTagger::load(&model.files(), &options(precision)).unwrap()
}

fn spans(tagger: &BertTagger, text: &str) -> Vec<(usize, usize)> {
    let tokens = tagger.tag(&[text]).unwrap().remove(0);
    tokens
        .iter()
        .map(|token| (token.span.start(), token.span.end()))
        .collect()
}

#[track_caller]
fn check_refused(model: &Model, parts: &[&str]) {
    let message = BertTagger::load(&model.files(), &options(Precision::F32))
        .expect_err("the model is broken")
        .to_string();
    for part in parts {
        assert!(message.contains(part), "expected `{part}` in `{message}`");
    }
}

/// The longest text of each family takes several windows, whose logits the script puts together from those
/// that transformers gives for each.
#[test]
fn logits_of_every_family_equal_transformers() {
    for (family, _) in FAMILIES {
        let tagger = load(&model(family), Precision::F32);
        for case in cases(family) {
            let logits = tagger.logits(&[&case.text]).unwrap().remove(0);
            assert_eq!(logits.len(), case.logits.len(), "{family}: {}", case.text);
            for (found, expected) in logits.iter().flatten().zip(case.logits.iter().flatten()) {
                let distance = (found - expected).abs();
                assert!(
                    distance < TOLERANCE,
                    "{family}: {found} {expected} in {}",
                    case.text
                );
            }
        }
    }
}

#[test]
fn tokens_of_every_family_stand_where_transformers_says() {
    for (family, _) in FAMILIES {
        let tagger = load(&model(family), Precision::F32);
        for case in cases(family) {
            let tokens = tagger.tag(&[&case.text]).unwrap().remove(0);
            let spans: Vec<_> = tokens
                .iter()
                .map(|token| (token.span.start(), token.span.end()))
                .collect();
            assert_eq!(spans, case.spans, "{family}: {}", case.text);
            let words: Vec<_> = tokens.iter().map(|token| token.word).collect();
            assert_eq!(words, case.words, "{family}: {}", case.text);
        }
    }
}

/// These models are so narrow that rounding tells more than in a real one.
#[test]
fn int8_logits_of_every_family_are_close_to_f32() {
    for (family, _) in FAMILIES {
        let tagger = load(&model(family), Precision::Int8);
        let pairs = cases(family).into_iter().flat_map(|case| {
            let found = tagger.logits(&[&case.text]).unwrap().remove(0);
            let expected = case.logits.into_iter().flatten();
            found.into_iter().flatten().zip(expected).collect::<Vec<_>>()
        });
        let cosine = cosine(pairs);
        assert!(cosine > 0.995, "{family}: cosine {cosine}");
    }
}

#[test]
fn a_sentence_does_not_depend_on_its_neighbours_in_any_family() {
    let mut sentences = sentences();
    sentences.push("Odile parle à la gare. ".repeat(20));
    for (family, _) in FAMILIES {
        for precision in [Precision::Int8, Precision::F32] {
            let tagger = load(&model(family), precision);
            let together = tagger.tag(&borrowed(&sentences)).unwrap();
            for (sentence, together) in sentences.iter().zip(together) {
                assert_eq!(
                    tagger.tag(&[sentence]).unwrap(),
                    [together],
                    "{family} {precision:?} {sentence:?}"
                );
            }
        }
    }
}

#[test]
fn texts_that_tokenizers_get_wrong_are_covered_in_place() {
    let texts = [
        "e\u{301}te\u{301} E\u{301}TE\u{301} İSTANBUL ǅ ﬁn",
        "👩🏽‍🚀👍🏿🇫🇷 日本 مرحبا",
        "\u{0}nul\u{ad}\u{200b}x\u{feff}",
        "<s> </s> <pad> <mask> [CLS] [PAD] [MASK] ⟦1⟧",
        "\u{10ffff}\u{e000}\u{fffd}",
    ];
    for (family, _) in FAMILIES {
        let tagger = load(&model(family), Precision::F32);
        for text in texts {
            let tokens = tagger.tag(&[text]).unwrap().remove(0);
            assert!(!tokens.is_empty(), "{family} {text:?}");
            let starts: Vec<_> = tokens.iter().map(|token| token.span.start()).collect();
            assert!(starts.is_sorted(), "{family} {text:?}: {starts:?}");
            for token in &tokens {
                assert!(token.span.of(text).is_some(), "{family} {text:?}: {token:?}");
            }
        }
    }
}

#[test]
fn a_space_before_the_text_is_added_where_the_settings_say_so() {
    let model = model("roberta");
    let cases = cases("roberta");
    let plain = load(&model, Precision::F32);
    model.write("tokenizer_config.json", b"{\"add_prefix_space\":true}");
    let prefixed = load(&model, Precision::F32);
    assert!(cases.iter().any(|case| case.spans != case.prefixed_spans));
    for case in cases {
        assert_eq!(spans(&plain, &case.text), case.spans, "{}", case.text);
        assert_eq!(spans(&prefixed, &case.text), case.prefixed_spans, "{}", case.text);
    }
}

#[test]
fn settings_go_before_what_a_whole_tokenizer_says() {
    let model = Model::bert("model");
    let logits = |text| load(&model, Precision::F32).logits(&[text]).unwrap();
    assert_ne!(logits("ODILE"), logits("odile"));
    model.write("tokenizer_config.json", b"{\"do_lower_case\":true}");
    assert_eq!(logits("ODILE"), logits("odile"));
}

#[test]
fn labels_come_from_the_configuration() {
    let labels = |family| load(&model(family), Precision::F32).labels().to_vec();
    assert_eq!(labels("electra"), ["O", "PER-B", "PER-I", "ORG-B", "ORG-I"]);
    let nameless = model("electra");
    nameless.edit("config.json", "\"id2label\"", "\"ignored\"");
    check_refused(
        &nameless,
        &["tensor `classifier.weight`: expected shape [2, 16], found [5, 16]"],
    );
    let gaps = model("electra");
    gaps.edit("config.json", "\"4\":\"ORG-I\"", "\"5\":\"ORG-I\"");
    check_refused(&gaps, &["expected `id2label` to name labels 0, 1 and so on"]);
}

#[test]
fn a_model_without_an_architecture_is_known_by_its_type() {
    let nameless = model("camembert");
    nameless.edit(
        "config.json",
        "\"architectures\":[\"CamembertForTokenClassification\"],",
        "",
    );
    load(&nameless, Precision::F32);
    nameless.edit("config.json", "\"camembert\"", "\"longformer\"");
    check_refused(
        &nameless,
        &[
            "expected the architecture `BertForTokenClassification` or `DistilBertForTokenClassification`",
            "`ElectraForTokenClassification`, found a model of type `longformer`",
        ],
    );
}

#[test]
fn positions_that_are_not_absolute_are_refused() {
    let relative = model("bert");
    relative.edit(
        "config.json",
        "\"type_vocab_size\"",
        "\"position_embedding_type\":\"relative_key\",\"type_vocab_size\"",
    );
    check_refused(
        &relative,
        &["expected `position_embedding_type` to be `absolute`, found `relative_key`"],
    );
    let few = model("roberta");
    few.edit(
        "config.json",
        "\"max_position_embeddings\":42",
        "\"max_position_embeddings\":4",
    );
    check_refused(
        &few,
        &["to leave room beside the 2 special tokens, found 2 positions"],
    );
}

#[test]
fn tensors_are_found_under_the_name_of_another_family() {
    let renamed = model("camembert");
    let path = renamed.0.path().join("model.safetensors");
    let expected = load(&renamed, Precision::F32).logits(&["Odile"]).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let text = String::from_utf8_lossy(&bytes[8..8 + bytes[0] as usize + 256 * bytes[1] as usize])
        .replace("roberta.", "electra.");
    let bytes = [&bytes[..8], text.as_bytes(), &bytes[8 + text.len()..]].concat();
    std::fs::write(&path, bytes).unwrap();
    assert_eq!(
        load(&renamed, Precision::F32).logits(&["Odile"]).unwrap(),
        expected
    );
}

#[test]
fn a_tokenizer_that_is_missing_or_of_another_kind_is_named() {
    for (family, file) in [
        ("bert", "vocab.txt"),
        ("roberta", "vocab.json"),
        ("camembert", "sentencepiece.bpe.model"),
    ] {
        let model = model(family);
        std::fs::remove_file(model.0.path().join(file)).unwrap();
        check_refused(
            &model,
            &[&format!(
                "expected a file `tokenizer.json` or `{file}`, found neither"
            )],
        );
    }
    let merges = model("roberta");
    std::fs::remove_file(merges.0.path().join("merges.txt")).unwrap();
    check_refused(&merges, &["expected a file `merges.txt`, found none"]);
    let japanese = model("bert");
    japanese.write(
        "tokenizer_config.json",
        b"{\"tokenizer_class\":\"BertJapaneseTokenizer\"}",
    );
    check_refused(
        &japanese,
        &["`tokenizer.json`", "found none and `BertJapaneseTokenizer`"],
    );
    let lacking = model("electra");
    lacking.write("vocab.txt", b"[PAD]\n[UNK]\n[SEP]\n");
    check_refused(&lacking, &["`vocab.txt`: expected a token `[CLS]`, found none"]);
    let wrong = model("camembert");
    wrong.write("sentencepiece.bpe.model", &read("spm/bpe.spm"));
    check_refused(
        &wrong,
        &["`sentencepiece.bpe.model`: expected a unigram model (1), found type 2"],
    );
}

#[test]
fn tokens_that_were_added_to_a_vocabulary_are_whole() {
    let model = model("bert");
    let plain = load(&model, Precision::F32);
    let text = "a [ville] b";
    assert!(!spans(&plain, text).contains(&(2, 9)));
    let size = String::from_utf8(read("families/bert/vocab.txt"))
        .unwrap()
        .lines()
        .count();
    model.write("added_tokens.json", format!("{{\"[ville]\":{size}}}").as_bytes());
    // The model has no row for it, so only the tokenizer can be asked.
    let tagger = load(&model, Precision::F32);
    let message = tagger.tag(&[text]).unwrap_err().to_string();
    assert!(message.contains(&size.to_string()), "{message}");
    model.write("added_tokens.json", b"{\"[ville]\":9000}");
    check_refused(&model, &["expected the id 9000 for `[ville]`"]);
}

#[test]
fn a_run_names_the_weights_that_were_read() {
    let hash = |family: &str| model(family).files().info("entities").unwrap().sha256;
    let sum = |family: &str, name: &str| {
        let files = ModelFiles::Directory(fixtures().join("families").join(family));
        diglot::provenance::sha256(&files.require(name).unwrap())
    };
    assert_eq!(hash("distilbert"), sum("distilbert", "pytorch_model.bin"));
    assert_eq!(hash("electra"), sum("electra", "model.safetensors"));
    let names = [
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
        "model.safetensors.index.json",
    ];
    let lines: String = names
        .iter()
        .map(|name| format!("{}  {name}\n", sum("roberta", name)))
        .collect();
    assert_eq!(hash("roberta"), diglot::provenance::sha256(lines.as_bytes()));
}
