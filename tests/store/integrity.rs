//! Contents that are not what the hub says they are: refused, and the good ones kept.

use std::fs;

use crate::hub::{Hub, large, ner};
use crate::place::{Place, flip, names};
use crate::replies::Trouble;
use crate::{NER, WEIGHTS};

/// Nothing in the store can be taken for a model, and nothing unfinished is left.
#[track_caller]
fn assert_nothing_kept(here: &Place, file: &str) {
    assert!(!here.file(NER, file).exists());
    assert!(!here.repository(NER).join("diglot.lock").exists());
    let blobs = names(&here.repository(NER).join("blobs"));
    assert!(!blobs.iter().any(|name| name.contains("incomplete")), "{blobs:?}");
}

#[test]
fn weights_with_another_hash_are_refused() {
    let here = Place::new();
    here.hub.trouble("GET /blobs/", 1, Trouble::Flip(30_000));
    here.refused(
        &[NER],
        &[
            "`model.safetensors`: expected SHA-256 ",
            "found ",
            "nothing of it was kept",
        ],
    );
    assert_nothing_kept(&here, WEIGHTS);
    assert_eq!(here.hub.gets("/blobs/").len(), 1);
    here.pulled(NER);
}

#[test]
fn small_files_are_checked_by_the_hash_of_git() {
    let here = Place::new();
    here.hub
        .trouble("GET /cache/newsroom/tiny-ner/resolve", 1, Trouble::Flip(5));
    here.refused(
        &[NER],
        &["`config.json`: expected Git's SHA-1 ", "nothing of it was kept"],
    );
    assert_nothing_kept(&here, "config.json");
}

#[test]
fn a_content_that_is_too_long_is_refused() {
    let here = Place::new();
    here.hub.trouble("GET /blobs/", 1, Trouble::Longer);
    here.refused(&[NER], &["`model.safetensors`: expected 60578 bytes, found more"]);
    assert_nothing_kept(&here, WEIGHTS);
}

#[test]
fn a_file_without_a_hash_is_refused() {
    let here = Place::new();
    here.hub.trouble("HEAD /cache/", 1, Trouble::Header("ETag", None));
    here.refused(
        &[NER],
        &["`config.json`: expected an `ETag` with a hash to check the file against, found none"],
    );
    here.hub.trouble(
        "HEAD /cache/",
        1,
        Trouble::Header("ETag", Some("\"../../x\"".to_owned())),
    );
    here.refused(&[NER], &["found `\\\"../../x\\\"`"]);
    assert_nothing_kept(&here, "config.json");
}

#[test]
fn a_file_of_another_commit_is_refused() {
    let here = Place::new();
    here.hub.trouble(
        "HEAD /cache/",
        1,
        Trouble::Header("X-Repo-Commit", Some("0".repeat(40))),
    );
    here.refused(
        &[NER],
        &["`config.json`: expected a file of commit ", "found one of 0000"],
    );
}

#[test]
fn a_file_that_changes_during_the_pull_is_refused() {
    let here = Place::new();
    let other = format!("\"{}\"", "0".repeat(64));
    here.hub.trouble(
        "GET /newsroom/tiny-ner/resolve/",
        9,
        Trouble::Header("X-Linked-Etag", Some(other)),
    );
    here.refused(&[NER], &["changed on the hub while it was pulled; pull again"]);
}

#[test]
fn what_was_left_and_is_damaged_is_fetched_again() {
    let here = Place::new();
    here.hub.trouble("GET /blobs/", 1, Trouble::CutAfter(30_000));
    here.refused(&[NER, "--retries", "0"], &["was cut off"]);
    let blobs = here.repository(NER).join("blobs");
    let left = names(&blobs)
        .into_iter()
        .find(|name| name.ends_with(".incomplete"))
        .unwrap();
    flip(&blobs.join(left));
    let ran = here.pulled(NER);
    assert!(
        ran.stderr.contains("nothing of it was kept; trying again"),
        "{}",
        ran.stderr
    );
    let asked: Vec<bool> = here
        .hub
        .gets("/blobs/")
        .iter()
        .map(|get| get.header("range").is_some())
        .collect();
    assert_eq!(asked, [false, true, false]);
    assert_eq!(here.run(&["models", "verify"]).code, 0);
}

#[test]
fn another_version_of_a_file_is_not_put_behind_the_first_half_of_the_old() {
    let here = Place::with(Hub::empty());
    here.hub.commit(NER, "main", large(100_000, 1));
    here.hub.trouble("GET /blobs/", 1, Trouble::CutAfter(50_000));
    here.refused(&[NER, "--retries", "0"], &["was cut off"]);
    let new = large(100_000, 2);
    here.hub.commit(NER, "main", new.clone());
    here.hub.forget();
    here.pulled(NER);
    let gets = here.hub.gets("/blobs/");
    assert_eq!(
        (gets.len(), gets[0].sent, gets[0].header("range")),
        (1, 100_000, None)
    );
    assert!(fs::read(here.file(NER, WEIGHTS)).unwrap() == new[WEIGHTS]);
    let blobs = names(&here.repository(NER).join("blobs"));
    assert_eq!(
        blobs.len(),
        4,
        "what was left of the old version is gone: {blobs:?}"
    );
}

#[test]
fn a_good_model_stays_when_its_successor_is_refused() {
    let here = Place::with(Hub::empty());
    let old = here.hub.commit(NER, "main", ner());
    here.pulled(NER);
    here.hub.commit(NER, "main", large(100_000, 1));
    here.hub.trouble("GET /blobs/", 1, Trouble::Flip(70));
    here.refused(&[NER], &["nothing of it was kept"]);
    let path = here.run(&["models", "path", NER]);
    assert!(path.stdout.trim_end().ends_with(&old), "{path:?}");
    assert_eq!(here.run(&["models", "verify"]).code, 0);
}

#[test]
fn a_changed_byte_is_found_refused_and_mended() {
    let here = Place::new();
    here.pulled(NER);
    let weights = here.file(NER, WEIGHTS);
    flip(&weights);
    let verified = here.run(&["models", "verify"]);
    assert_eq!(verified.code, 1);
    for part in [
        &*weights.display().to_string(),
        "with SHA-256",
        "1 damaged",
        &format!("`diglot models pull {NER}` mends it"),
    ] {
        assert!(
            verified.stderr.contains(part),
            "expected `{part}` in {}",
            verified.stderr
        );
    }
    let model = format!("entities={NER}");
    let used = here.run(&["entities", "--model", &model]);
    assert_eq!(used.code, 2);
    assert!(
        used.stderr.contains("`model.safetensors` is not what was pulled"),
        "{}",
        used.stderr
    );
    here.hub.forget();
    let mended = here.pulled(NER);
    assert!(
        mended
            .stderr
            .contains("`model.safetensors` in the store is damaged; fetching it again"),
        "{}",
        mended.stderr
    );
    assert_eq!(
        here.hub
            .requests()
            .iter()
            .filter(|get| get.method == "GET" && get.sent > 1000)
            .count(),
        1
    );
    assert_eq!(here.run(&["models", "verify"]).code, 0);
    let used = here.run(&["entities", "--model", &model]);
    assert_eq!(used.code, 0, "{}", used.stderr);
}

#[test]
fn a_file_that_is_cut_or_missing_is_found() {
    let here = Place::new();
    here.pulled(NER);
    fs::write(here.file(NER, WEIGHTS), "short").unwrap();
    fs::remove_file(here.file(NER, "tokenizer.json")).unwrap();
    let verified = here.run(&["models", "verify", "--quiet", NER]);
    assert_eq!(verified.code, 1);
    for part in ["found 5 bytes", "tokenizer.json`: expected", "found no file"] {
        assert!(
            verified.stderr.contains(part),
            "expected `{part}` in {}",
            verified.stderr
        );
    }
    let used = here.run(&["entities", "--model", &format!("entities={NER}")]);
    assert!(used.stderr.contains("mends it"), "{}", used.stderr);
    here.pulled(NER);
    assert_eq!(here.run(&["models", "verify"]).code, 0);
}
