//! Several translation models at once.

use serde_json::Value;

use crate::files;
use crate::support::{Workplace, list, string};

const MIXED: &str = "The council of the valley met on Monday and decided nothing about the old bridge.\n\n\
    El alcalde de la ciudad dijo que los trenes volverán a circular mañana por la mañana.\n\n\
    Der Bürgermeister sagte gestern, dass die Züge morgen früh wieder nach Hause fahren werden.\n\n\
    Le maire a dit hier que les trains vont rouler de nouveau demain matin dans toute la ville.\n";

/// A directory with a document and tiny models: Spanish and German to English, English to others.
fn workplace() -> Workplace {
    let here = Workplace::new(&[("mixed.txt", MIXED.as_bytes())]);
    files::copy("forced", &here.path("opus-mt-es-en"));
    files::copy("separate", &here.path("german"));
    files::copy("multilingual", &here.path("opus-mt-en-mul"));
    here
}

const SPANISH: [&str; 2] = ["--model", "translate=opus-mt-es-en"];
const GERMAN: [&str; 2] = ["--model", "translate=german"];
const MANY: [&str; 2] = ["--model", "translate=opus-mt-en-mul"];

/// The language of each translated sentence, that of the translation, and its model.
fn routes(record: &Value) -> Vec<[String; 3]> {
    let language_of = |id: &str| {
        let sentences = list(record, "sentences").iter();
        let found = sentences.clone().find(|sentence| string(sentence, "id") == id);
        string(found.unwrap(), "language").to_owned()
    };
    let route = |translation: &Value| {
        let source = list(translation, "sentences")[0].as_str().unwrap();
        let model = translation["model"].as_str().unwrap_or("none");
        [
            language_of(source),
            string(translation, "language").to_owned(),
            model.to_owned(),
        ]
    };
    list(record, "translations").iter().map(route).collect()
}

#[test]
fn each_passage_is_translated_by_the_model_of_its_language() {
    let here = workplace();
    let arguments = [&["run", "mixed.txt"][..], &SPANISH, &GERMAN].concat();
    let record = here.run(&arguments).records().remove(0);
    let expected = [
        ["es", "en", "opus-mt-es-en"],
        ["de", "en", "german"],
        ["fr", "en", "bundled/fr-en"],
    ];
    assert_eq!(routes(&record), expected);
    let names: Vec<&str> = list(&record["run"], "models")
        .iter()
        .map(|model| string(model, "name"))
        .collect();
    let entities = ["bundled/ner", "bundled/ner"];
    assert_eq!(
        names,
        [&["opus-mt-es-en", "german", "bundled/fr-en"][..], &entities].concat()
    );
}

#[test]
fn a_pivot_is_used_only_where_asked_and_both_models_are_named() {
    let here = workplace();
    let arguments = [&["run", "mixed.txt", "--to", "es"][..], &GERMAN, &MANY].concat();
    let record = here.run(&arguments).records().remove(0);
    assert_eq!(
        routes(&record),
        [
            ["en", "es", "opus-mt-en-mul"],
            ["de", "de", "none"],
            ["fr", "fr", "none"]
        ]
    );
    let arguments = [&arguments[..], &["--pivot", "en"]].concat();
    let record = here.run(&arguments).records().remove(0);
    assert_eq!(
        routes(&record),
        [
            ["en", "es", "opus-mt-en-mul"],
            ["de", "es", "german + opus-mt-en-mul"],
            ["fr", "es", "bundled/fr-en + opus-mt-en-mul"],
        ]
    );
    assert_eq!(string(&record["run"]["settings"], "pivot"), "en");
}

#[test]
fn the_filter_takes_the_model_of_the_pair() {
    let here = workplace();
    let translate = |from: &str, rest: &[&str]| {
        let arguments = [
            &["translate", "--json", "--from", from][..],
            &SPANISH,
            &GERMAN,
            rest,
        ]
        .concat();
        here.pipe(&arguments, "la gare\n\n")
    };
    let (spanish, german) = (translate("es", &[]).records(), translate("de", &[]).records());
    assert_eq!((spanish.len(), german.len()), (2, 2));
    assert_ne!(spanish[0]["text"], german[0]["text"]);
    assert_eq!(string(&spanish[1], "text"), "");
    let none = translate("it", &[]);
    assert_eq!(none.code, 2);
    assert!(
        none.stderr.contains("translates from `it` to `en`"),
        "{}",
        none.stderr
    );
    let said = [&["translate", "--from", "it", "--model", "translate:it-en=german"][..]].concat();
    assert_eq!(here.pipe(&said, "la gare\n").code, 0);
    let wide = translate("es", &["--beam", "1", "--length-penalty", "0.2"]);
    assert_eq!(wide.records().len(), 2);
}

#[test]
fn all_models_are_listed_with_their_pairs() {
    let here = workplace();
    let arguments = [
        &["models", "--json", "--to", "es", "--pivot", "en"][..],
        &SPANISH,
        &GERMAN,
        &MANY,
    ]
    .concat();
    let models = here.run(&arguments).records();
    let pairs = |name: &str| -> Vec<&str> {
        let model = models.iter().find(|model| string(model, "name") == name);
        let model = model.unwrap_or_else(|| panic!("`{name}` should be listed"));
        list(model, "pairs").iter().filter_map(Value::as_str).collect()
    };
    assert_eq!(pairs("opus-mt-es-en"), ["es-en"]);
    assert_eq!(pairs("german"), ["de-en"]);
    assert_eq!(pairs("opus-mt-en-mul"), ["en-es"]);
    assert_eq!(pairs("bundled/fr-en"), ["fr-en"]);
    assert_eq!(pairs("german + opus-mt-en-mul"), ["de-es"]);
    let table = here.run(&[&["models"][..], &SPANISH, &GERMAN].concat()).stdout;
    assert!(
        table.lines().any(|line| line
            .split_whitespace()
            .take(3)
            .eq(["translate", "es-en", "opus-mt-es-en"])),
        "{table}"
    );
}

#[test]
fn two_models_of_a_pair_are_refused() {
    let here = workplace();
    let arguments = [
        &["run", "mixed.txt", "--model", "translate:de-en=opus-mt-es-en"][..],
        &GERMAN,
    ]
    .concat();
    let ran = here.run(&arguments);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    for part in ["two for `de-en`", "`opus-mt-es-en`", "`german`"] {
        assert!(ran.stderr.contains(part), "expected {part} in {}", ran.stderr);
    }
}

#[test]
fn a_target_that_no_model_writes_lists_those_there_are() {
    let here = workplace();
    let ran = here.run(&[&["run", "mixed.txt", "--to", "de"][..], &MANY].concat());
    assert_eq!(ran.code, 2);
    for part in ["`de`", "`>>fra<<`", "`>>spa<<`"] {
        assert!(ran.stderr.contains(part), "expected {part} in {}", ran.stderr);
    }
}

#[test]
fn what_is_no_pair_or_no_model_is_refused() {
    let here = workplace();
    for (choice, expected) in [
        (
            "translate:german=german",
            "two languages such as `fr-en`, found `german`",
        ),
        (
            "translates=german",
            "the role `translate`, `translate:FROM-TO` or `entities`",
        ),
        (
            "entities:en=german",
            "the role `translate`, `translate:FROM-TO` or `entities`",
        ),
        (
            "translate=nowhere",
            "`nowhere`: is no directory, and was not pulled",
        ),
    ] {
        let ran = here.run(&["run", "mixed.txt", "--model", choice]);
        assert_eq!(ran.code, 2, "{choice}");
        assert!(
            ran.stderr.contains(expected),
            "expected `{expected}` in {}",
            ran.stderr
        );
    }
}

#[test]
fn pairs_in_a_configuration_file_are_read_and_dumped() {
    let here = workplace();
    let text = "to = \"es\"\npivot = \"en\"\nlength-penalty = 0.5\n[models]\n\
        translate = [\"opus-mt-en-mul\", { pair = \"it-en\", model = \"german\" }]\n";
    std::fs::write(here.path("c.toml"), text).unwrap();
    let dumped = here.run(&["run", "--dump-config", "--config", "c.toml"]);
    std::fs::write(here.path("d.toml"), &dumped.stdout).unwrap();
    assert_eq!(
        here.run(&["run", "--dump-config", "--config", "d.toml"]).stdout,
        dumped.stdout
    );
    let listed = here.run(&["models", "--json", "--config", "d.toml"]).records();
    let names: Vec<&str> = listed.iter().map(|model| string(model, "name")).collect();
    assert!(names.contains(&"german + opus-mt-en-mul"), "{names:?}");
}
