//! What stands in records, on the bundled models.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Workplace, example, list, slice, string};

/// The record of an example, with its text.
fn record(name: &str) -> (Value, String) {
    let here = Workplace::new(&[(name, &example(name))]);
    let record = here.run(&["run", name]).records().remove(0);
    let text = string(&record, "text").to_owned();
    assert_eq!(text.as_bytes(), example(name), "the text is what was read");
    (record, text)
}

#[test]
fn offsets_of_all_units_agree_and_ids_lead_somewhere() {
    for name in ["night-market.txt", "harbour-library.txt", "ferry-logs.txt"] {
        let (record, text) = record(name);
        let known = |list_name: &str| -> BTreeSet<&str> {
            list(&record, list_name)
                .iter()
                .map(|item| string(item, "id"))
                .collect()
        };
        for segment in list(&record, "segments") {
            assert!(!slice(&text, segment).is_empty());
            let parent = &segment["parent"];
            assert!(parent.is_null() || known("segments").contains(string(segment, "parent")));
        }
        for sentence in list(&record, "sentences") {
            let slice = slice(&text, sentence);
            assert_eq!(slice, slice.trim());
            assert!(known("segments").contains(string(sentence, "segment")));
        }
        for rendering in list(&record, "translations") {
            let rendered = list(rendering, "sentences");
            assert!(!rendered.is_empty());
            assert!(
                rendered
                    .iter()
                    .all(|id| known("sentences").contains(id.as_str().unwrap()))
            );
        }
    }
}

#[test]
fn posts_are_found_whose_authors_stand_before_them() {
    let (record, text) = record("ferry-logs.txt");
    let posts = list(&record, "segments")
        .iter()
        .filter(|segment| segment["kind"] == "post");
    let read: Vec<(&str, &str)> = posts
        .clone()
        .map(|post| {
            let who = post["author"].as_str().or(post["handle"].as_str()).unwrap();
            (who, string(post, "date"))
        })
        .collect();
    assert_eq!(
        read,
        [
            ("Tiburce Anselin", "2025-09-27"),
            ("Cap. Lormand", "2025-09-27"),
            ("Tiburce Anselin", "2025-09-27"),
            ("Compagnie des Îles Claires", "2025-10-01"),
            ("Comité des familles de la Belle Escale", "2025-10-01"),
            ("port_serane_news", "2025-10-02"),
            ("basile_oumarin", "2025-10-02"),
        ]
    );
    assert!(posts.clone().all(|post| post["language"] == "fr"));
    // What says who posted is no text to translate.
    for sentence in list(&record, "sentences") {
        let sentence = slice(&text, sentence);
        assert!(
            !sentence.contains("[27/09") && !sentence.contains("(2 Oct"),
            "{sentence}"
        );
    }
    let aligned = list(&record, "translations")
        .iter()
        .find(|rendering| rendering["origin"] == "aligned")
        .expect("the article renders a sentence of the committee");
    assert!(slice(&text, aligned).contains("We do not want thoughts"));
    let titles = list(&record, "segments")
        .iter()
        .filter(|segment| segment["kind"] == "title");
    let titles: Vec<&str> = titles.map(|title| slice(&text, title)).collect();
    assert_eq!(
        titles,
        ["Chat logs show crew knew of leak before the Anse Mirande ferry sank"]
    );
}

#[test]
fn entities_are_what_their_offsets_say() {
    // Names that a small model knows, so that they stand on both sides.
    let text = "The ministers met on Monday and signed the agreement on trade.\n\n\
        Le gouvernement de la France a accueilli à Paris les représentants de la Turquie.\n";
    let record = Workplace::new(&[]).pipe(&["run", "-"], text).records().remove(0);
    let mut on_translations = 0;
    for entity in list(&record, "entities") {
        let surface = match entity["translation"].as_str() {
            None => slice(text, entity),
            Some(id) => {
                let rendering = list(&record, "translations")
                    .iter()
                    .find(|item| item["id"] == id)
                    .unwrap();
                on_translations += 1;
                let stands_on = if rendering["origin"] == "aligned" {
                    text
                } else {
                    string(rendering, "text")
                };
                slice(stands_on, entity)
            }
        };
        assert_eq!(surface, string(entity, "text"));
        assert!(["PER", "ORG", "LOC", "MISC"].contains(&string(entity, "label")));
    }
    assert!(
        on_translations > 0,
        "names in French posts are marked on their English side too"
    );
}

#[test]
fn one_sentence_is_taken_from_the_article_and_the_others_are_translated() {
    let (record, text) = record("night-market.txt");
    let translations = list(&record, "translations");
    let (aligned, translated): (Vec<_>, Vec<_>) = translations
        .iter()
        .partition(|rendering| rendering["origin"] == "aligned");
    let [aligned] = aligned.as_slice() else {
        panic!("one sentence has an English rendering in the article, found {aligned:?}");
    };
    assert_eq!(slice(&text, aligned), string(aligned, "text"));
    assert!(string(aligned, "text").contains("those who feed it"));
    let sentence = list(&record, "sentences")
        .iter()
        .find(|item| item["id"] == aligned["sentences"][0])
        .unwrap();
    assert!(slice(&text, sentence).starts_with("Nous demandons seulement"));
    assert!(
        translated.len() >= 5,
        "three sentences of the first French post and two of the second"
    );
    for rendering in translated {
        assert_eq!(
            (string(rendering, "origin"), string(rendering, "model")),
            ("translated", "bundled/fr-en")
        );
        assert_eq!(
            rendering.get("start"),
            None,
            "a translation stands nowhere in the document"
        );
        assert!(!list(rendering, "flags").contains(&"no-model".into()));
    }
}

#[test]
fn every_foreign_sentence_is_rendered_once_and_no_other() {
    for name in ["night-market.txt", "harbour-library.txt", "ferry-logs.txt"] {
        let (record, _) = record(name);
        let foreign: Vec<&str> = list(&record, "sentences")
            .iter()
            .filter(|sentence| !["en", "und"].contains(&string(sentence, "language")))
            .map(|sentence| string(sentence, "id"))
            .collect();
        let rendered: Vec<&str> = list(&record, "translations")
            .iter()
            .flat_map(|rendering| list(rendering, "sentences"))
            .filter_map(Value::as_str)
            .collect();
        assert!(!foreign.is_empty());
        assert_eq!(rendered, foreign);
    }
}

#[test]
fn posts_are_read_with_author_handle_and_date() {
    let (record, _) = record("night-market.txt");
    let posts: Vec<_> = list(&record, "segments")
        .iter()
        .filter(|segment| segment["kind"] == "post")
        .map(|post| {
            [
                string(post, "author"),
                string(post, "handle"),
                string(post, "date"),
                string(post, "language"),
            ]
        })
        .collect();
    let expected = [
        ["Ilyes Tamberlan", "ilyes_tamb", "2024-05-17", "fr"],
        ["Odile Farssac", "filets_bleus", "2024-05-18", "fr"],
        ["Wren Adeyo-Lind", "wrenlooks", "2024-05-18", "en"],
    ];
    assert_eq!(posts, expected);
    assert_eq!(string(&record, "language"), "en");
}

#[test]
fn the_run_says_which_models_were_used() {
    let (record, _) = record("harbour-library.txt");
    let models = list(&record["run"], "models");
    for role in ["translate", "entities"] {
        let model = models.iter().find(|model| model["role"] == role).unwrap();
        assert_eq!(string(model, "sha256").len(), 64);
    }
    assert_eq!(string(&record["run"], "version"), env!("CARGO_PKG_VERSION"));
}

#[test]
fn stages_with_models_can_be_left_out() {
    let here = Workplace::new(&[("night.txt", &example("night-market.txt"))]);
    let records = here
        .run(&["run", "night.txt", "--no-translation", "--no-entities"])
        .records();
    let record = &records[0];
    assert!(list(record, "entities").is_empty() && list(&record["run"], "models").is_empty());
    let translations = list(record, "translations");
    let untouched = translations
        .iter()
        .filter(|one| one["flags"][0] == "no-model")
        .count();
    let aligned = translations
        .iter()
        .filter(|one| one["origin"] == "aligned")
        .count();
    assert!(
        untouched > 0 && untouched + aligned == translations.len(),
        "{translations:?}"
    );
}
