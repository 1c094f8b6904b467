//! What needs no network: a second pull, the lists, removal; and two pulls at a time.

use std::fs;
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::hub::{Hub, large, ner};
use crate::place::{Place, Ran, names};
use crate::{MARIAN, NER, WEIGHTS};

#[test]
fn a_second_pull_fetches_nothing() {
    let here = Place::new();
    here.pulled(NER);
    here.hub.forget();
    let ran = here.pulled(NER);
    assert!(ran.stderr.contains("0 B fetched now"), "{}", ran.stderr);
    assert_eq!(here.hub.requests().len(), 1, "which commit `main` is");
}

#[test]
fn without_the_hub_an_intact_model_is_kept() {
    let here = Place::new();
    let first = here.pulled(NER);
    here.hub.close();
    let ran = here.pulled(NER);
    assert_eq!(ran.stdout, first.stdout);
    assert!(ran.stderr.contains("cannot be reached"), "{}", ran.stderr);
    assert!(
        ran.stderr
            .contains("what was pulled before is intact, and is kept"),
        "{}",
        ran.stderr
    );
    fs::write(here.file(NER, WEIGHTS), "short").unwrap();
    here.refused(&[NER, "--retries", "0"], &["cannot be reached"]);
}

#[test]
fn a_commit_that_is_there_needs_no_hub() {
    let here = Place::new();
    here.pulled(NER);
    here.hub.forget();
    let exact = format!("{NER}@{}", here.hub.head(NER));
    here.pulled(&exact);
    assert!(here.hub.requests().is_empty());
}

#[test]
fn offline_the_hub_is_not_asked() {
    let here = Place::new();
    let offline = [("HF_HUB_OFFLINE", "1")];
    let ran = here.run_with(&["models", "pull", NER], &offline);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr
            .contains("`HF_HUB_OFFLINE` is set, and no intact copy is in the store"),
        "{}",
        ran.stderr
    );
    here.pulled(NER);
    here.hub.forget();
    assert_eq!(here.run_with(&["models", "pull", NER], &offline).code, 0);
    assert!(here.hub.requests().is_empty());
}

#[test]
fn two_pulls_at_a_time_fetch_once() {
    let hub = Hub::empty();
    hub.commit(NER, "main", large(2 << 20, 1));
    let here = Place::with(hub);
    let start = || -> Child {
        let mut command = here.command(&["models", "pull", NER]);
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let pulls: Vec<Child> = (0..4).map(|_| start()).collect();
    for pull in pulls {
        let ran = Ran::from(pull.wait_with_output().unwrap());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    let sent: u64 = here.hub.gets("/blobs/").iter().map(|get| get.sent).sum();
    assert_eq!(sent, 2 << 20);
    assert_eq!(here.run(&["models", "verify"]).code, 0);
}

#[test]
fn what_was_pulled_is_listed() {
    let here = Place::new();
    assert_eq!(
        here.run(&["models", "list"]).stdout.lines().count(),
        1,
        "an empty store has no rows"
    );
    here.pulled(NER);
    here.pulled(MARIAN);
    let ran = here.run(&["models", "list", "--json"]);
    let rows: Vec<Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let ids: Vec<&str> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [MARIAN, NER]);
    assert_eq!(rows[1]["commit"], here.hub.head(NER).as_str());
    assert_eq!(
        (&rows[1]["role"], &rows[1]["licence"]),
        (&"entities".into(), &"mit".into())
    );
    let sizes = ["README.md", "config.json", WEIGHTS, "tokenizer.json"].map(|name| ner()[name].len());
    assert_eq!(rows[1]["bytes"], sizes.iter().sum::<usize>());
    let table = here.run(&["models", "list"]).stdout;
    assert!(
        table.contains(NER) && table.contains("main") && table.contains("mit"),
        "{table}"
    );
}

#[test]
fn the_catalogue_needs_no_network() {
    let here = Place::new();
    let ran = here.run(&["models", "list", "--catalogue"]);
    for part in [
        "Helsinki-NLP/opus-mt-fr-en",
        "fr > en",
        "Davlan/xlm-roberta-base-ner-hrl",
        "apache-2.0",
    ] {
        assert!(ran.stdout.contains(part), "expected `{part}` in {}", ran.stdout);
    }
    let rows = here.run(&["models", "list", "--catalogue", "--json"]).stdout;
    assert_eq!(rows.lines().count() + 1, ran.stdout.lines().count());
    assert!(here.hub.requests().is_empty());
}

#[test]
fn a_removed_model_is_gone() {
    let here = Place::new();
    here.pulled(NER);
    let ran = here.run(&["models", "remove", NER]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(!here.repository(NER).exists());
    let again = here.run(&["models", "remove", NER]);
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("was not pulled"), "{}", again.stderr);
    assert_eq!(here.run(&["models", "path", NER]).code, 2);
}

#[test]
fn of_a_removed_revision_only_what_no_other_has_is_gone() {
    let here = Place::with(Hub::empty());
    let old = here.hub.commit(NER, "v1", large(100_000, 1));
    here.hub.commit(NER, "main", large(100_000, 2));
    here.pulled(NER);
    here.pulled(&format!("{NER}@v1"));
    let ran = here.run(&["models", "remove", &format!("{NER}@v1")]);
    assert!(
        ran.stderr.contains("100"),
        "one version of the weights is freed: {}",
        ran.stderr
    );
    let repository = here.repository(NER);
    assert_eq!(names(&repository.join("snapshots")), [here.hub.head(NER)]);
    assert_eq!(names(&repository.join("refs")), ["main"]);
    assert_eq!(names(&repository.join("blobs")).len(), 4);
    assert_eq!(here.run(&["models", "verify"]).code, 0);
    assert_eq!(here.run(&["models", "path", &format!("{NER}@{old}")]).code, 2);
    here.run(&["models", "remove", &format!("{NER}@main")]);
    assert!(!repository.exists(), "with the last revision the model goes");
}

#[test]
fn names_that_are_none_are_refused() {
    let here = Place::new();
    for id in ["../../etc", "a/b/c", "a//b", "--", "a/b@../c"] {
        for command in ["pull", "remove", "path"] {
            let ran = here.run(&["models", command, id]);
            assert_eq!(ran.code, 2, "{command} {id}");
        }
    }
    assert_eq!(here.run(&["models", "pull", NER, "--revision", "../x"]).code, 2);
    assert!(here.hub.requests().is_empty());
}
