//! Pipelines with models of several pairs.

use diglot::document::{Document, Origin, Outcome, Rendering};
use diglot::engine::EngineOptions;
use diglot::pipeline::PipelineBuilder;
use diglot::translate::LanguagePair;
use diglot::{Error, Language, Pipeline};

use crate::models::Model;

const MIXED: &str = "The council of the valley met on Monday and decided nothing about the old bridge.\n\n\
    El alcalde de la ciudad dijo que los trenes volverán a circular mañana por la mañana.\n\n\
    Der Bürgermeister sagte gestern, dass die Züge morgen früh wieder nach Hause fahren werden.\n\n\
    Le maire a dit hier que les trains vont rouler de nouveau demain matin dans toute la ville.";

/// The models under names as the hub has them, without a pair in their files.
fn named(name: &'static str, directory: &str) -> Model {
    let model = Model::called(name, directory);
    if name != "forced" {
        model.remove("tokenizer_config.json");
    }
    model
}

fn builder() -> PipelineBuilder {
    Pipeline::builder().without_entities()
}

fn pair(text: &str) -> LanguagePair {
    text.parse().unwrap()
}

fn process(pipeline: &Pipeline) -> Outcome {
    pipeline.process(&Document::new("mixed", MIXED))
}

/// For each rendered sentence its language, that of the rendering, and the directory of the model.
fn routes(pipeline: &Pipeline) -> Vec<String> {
    let outcome = process(pipeline);
    let of = |rendering: &Rendering| {
        let source = outcome.sentences[rendering.sentences[0]].language;
        let model = match rendering.origin {
            Origin::Translated(Some(index)) => pipeline.run().models[index].name.as_str(),
            _ => "none",
        };
        let names: Vec<&str> = model.split(" + ").map(last_part).collect();
        format!("{source} {} {}", rendering.language, names.join(" + "))
    };
    outcome.renderings.iter().map(of).collect()
}

fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[test]
fn each_passage_goes_to_the_model_of_its_language() {
    let (spanish, german) = (named("forced", "opus-mt-es-en"), Model::new("separate"));
    let pipeline = builder()
        .translation_model(spanish.files())
        .translation_model(german.files())
        .build()
        .unwrap();
    let french = if cfg!(feature = "bundled-models") {
        "fr en fr-en"
    } else {
        "fr fr none"
    };
    assert_eq!(
        routes(&pipeline),
        ["es en opus-mt-es-en", "de en separate", french]
    );
}

#[test]
fn the_bundled_model_gives_way_to_one_of_its_pair_alone() {
    let model = named("prenorm", "opus-mt-fr-en");
    let pipeline = builder().translation_model(model.files()).build().unwrap();
    let names: Vec<&str> = pipeline
        .run()
        .models
        .iter()
        .map(|model| last_part(&model.name))
        .collect();
    assert_eq!(names, ["opus-mt-fr-en"]);
    assert!(routes(&pipeline).contains(&"fr en opus-mt-fr-en".to_owned()));
}

#[test]
fn the_pair_can_be_said_and_a_model_serve_two() {
    let model = Model::called("forced", "weights");
    let pipeline = builder()
        .translation_model_for(pair("es-en"), model.files())
        .translation_model_for(pair("de-en"), model.files())
        .build()
        .unwrap();
    let routes = routes(&pipeline);
    assert_eq!(routes[..2], ["es en weights", "de en weights"]);
    let weights = pipeline
        .run()
        .models
        .iter()
        .filter(|model| model.name.ends_with("weights"));
    assert_eq!(weights.count(), 1, "the model is loaded and listed once");
}

#[test]
fn two_models_of_a_pair_are_an_error_that_names_both() {
    let (one, other) = (
        named("forced", "opus-mt-es-en"),
        named("prenorm", "opus-mt-tc-big-es-en"),
    );
    let built = builder()
        .translation_model(one.files())
        .translation_model(other.files())
        .build();
    let message = match built {
        Err(Error::Config(message)) => message,
        _ => panic!("expected an error of the configuration"),
    };
    for part in ["two for `es-en`", "/opus-mt-es-en`", "/opus-mt-tc-big-es-en`"] {
        assert!(message.contains(part), "expected `{part}` in `{message}`");
    }
}

#[test]
fn other_targets_than_english_are_translated_into() {
    let (german, english) = (named("prenorm", "opus-mt-de-es"), Model::new("multilingual"));
    let spanish: Language = "es".parse().unwrap();
    let pipeline = builder()
        .target(spanish)
        .translation_model(german.files())
        .translation_model(english.files())
        .build()
        .unwrap();
    let routes = routes(&pipeline);
    assert!(routes.contains(&"en es multilingual".to_owned()), "{routes:?}");
    assert!(routes.contains(&"de es opus-mt-de-es".to_owned()), "{routes:?}");
    assert!(
        routes.contains(&"fr fr none".to_owned()),
        "nothing goes through English unasked: {routes:?}"
    );
}

#[test]
fn what_has_no_direct_model_goes_through_the_pivot_where_asked() {
    let spanish: Language = "es".parse().unwrap();
    let (german, multilingual) = (Model::new("separate"), Model::new("multilingual"));
    let pipeline = builder()
        .target(spanish)
        .pivot(Language::ENGLISH)
        .translation_model(german.files())
        .translation_model(multilingual.files())
        .build()
        .unwrap();
    let routes = routes(&pipeline);
    assert!(
        routes.contains(&"de es separate + multilingual".to_owned()),
        "{routes:?}"
    );
    assert_eq!(
        pipeline.run().settings.get("pivot").map(String::as_str),
        Some("en")
    );
    let pivot = pipeline
        .run()
        .models
        .iter()
        .find(|model| model.role == "pivot")
        .unwrap();
    assert_eq!(pivot.sha256.len(), 64);

    let translate = |pair, text: &str| {
        pipeline
            .translator(pair)
            .unwrap()
            .translate(&[text])
            .unwrap()
            .remove(0)
    };
    let (first, both) = (
        translate(pair("de-en"), "Der Zug fährt."),
        translate(pair("de-es"), "Der Zug fährt."),
    );
    let second = translate(pair("en-es"), &first.text);
    assert_eq!((both.text, both.score), (second.text, first.score + second.score));
    assert!(
        first
            .flags
            .iter()
            .chain(&second.flags)
            .all(|flag| both.flags.contains(flag))
    );
}

#[test]
fn models_that_serve_nothing_are_an_error_when_there_are_no_others() {
    let model = Model::new("separate");
    let french = builder()
        .target(Language::FRENCH)
        .translation_model(model.files());
    let message = match french.build() {
        Err(Error::Config(message)) => message,
        _ => panic!("expected an error of the configuration"),
    };
    assert_eq!(
        message,
        "expected a model that translates to `fr`, found models for `de-en` alone"
    );
    let all = builder()
        .target(Language::FRENCH)
        .translation_model(model.files())
        .all_models()
        .build()
        .unwrap();
    assert!(all.pairs().any(|(pair, _)| pair.to_string() == "de-en"));
}

#[test]
fn records_say_how_wide_the_search_was() {
    let model = Model::new("separate");
    let beam = |engine: EngineOptions| {
        let pipeline = builder()
            .engine(engine)
            .translation_model_for(pair("fr-en"), model.files())
            .build()
            .unwrap();
        pipeline.run().settings["beam"].clone()
    };
    assert_eq!(beam(EngineOptions::default()), "4", "as the model asks");
    let said = EngineOptions {
        beam: Some(2),
        ..EngineOptions::default()
    };
    assert_eq!(beam(said), "2");
}
