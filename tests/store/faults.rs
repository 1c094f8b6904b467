//! Contents that stop, stall, crawl or are cut off: what came is kept, and the rest fetched.

use std::fs;
use std::time::Duration;

use crate::hub::{Hub, large};
use crate::place::{Place, names};
use crate::replies::Trouble;
use crate::{NER, WEIGHTS};

const SIZE: usize = 400_000;

/// A hub with a model whose weights are [`SIZE`] bytes.
fn place() -> Place {
    let hub = Hub::empty();
    hub.commit(NER, "main", large(SIZE, 1));
    Place::with(hub)
}

/// How many bytes of the weights were sent in each request, and from where on they were asked for.
fn weights_sent(here: &Place) -> Vec<(u64, Option<String>)> {
    let gets = here.hub.gets("/blobs/").into_iter();
    gets.map(|get| (get.sent, get.header("range").map(str::to_owned)))
        .collect()
}

#[track_caller]
fn assert_intact(here: &Place) {
    assert!(fs::read(here.file(NER, WEIGHTS)).unwrap() == large(SIZE, 1)[WEIGHTS]);
    assert_eq!(here.run(&["models", "verify"]).code, 0);
    let blobs = names(&here.repository(NER).join("blobs"));
    assert_eq!(blobs.len(), 4, "nothing unfinished is left: {blobs:?}");
}

#[test]
fn what_was_cut_off_goes_on_where_it_stopped() {
    let here = place();
    here.hub.trouble("GET /blobs/", 1, Trouble::CutAfter(150_000));
    let ran = here.pulled(NER);
    assert!(
        ran.stderr
            .contains("`model.safetensors` was cut off: expected 400000 bytes, found 150000; trying again"),
        "{}",
        ran.stderr
    );
    let expected = [(150_000, None), (250_000, Some("bytes=150000-".to_owned()))];
    assert_eq!(weights_sent(&here), expected);
    assert_intact(&here);
}

#[test]
fn a_pull_that_was_given_up_is_taken_up_by_the_next() {
    let here = place();
    here.hub.trouble("GET /blobs/", 2, Trouble::CutAfter(100_000));
    here.refused(
        &[NER, "--retries", "1"],
        &["was cut off: expected 400000 bytes, found 200000"],
    );
    assert!(!here.file(NER, WEIGHTS).exists());
    assert_eq!(here.run(&["models", "path", NER]).code, 2, "half a model is none");
    here.pulled(NER);
    let sent: u64 = weights_sent(&here).iter().map(|(sent, _)| sent).sum();
    assert_eq!(sent, SIZE as u64, "no byte is sent twice");
    assert_intact(&here);
}

#[test]
fn a_server_without_ranges_begins_again() {
    let here = place();
    here.hub.trouble("GET /blobs/", 1, Trouble::CutAfter(150_000));
    let all = large(SIZE, 1)[WEIGHTS].clone();
    here.hub.trouble("GET /blobs/", 1, Trouble::All(all));
    here.pulled(NER);
    assert_eq!(
        weights_sent(&here)[1],
        (SIZE as u64, Some("bytes=150000-".to_owned()))
    );
    assert_intact(&here);
}

#[test]
fn a_part_that_begins_elsewhere_is_not_taken() {
    let here = place();
    here.hub.trouble("GET /blobs/", 1, Trouble::CutAfter(150_000));
    here.hub.trouble("GET /blobs/", 1, Trouble::WrongRange);
    here.hub.trouble("GET /blobs/", 1, Trouble::CutAfter(1_000));
    here.hub.trouble("GET /blobs/", 1, Trouble::status(416));
    here.pulled(NER);
    let asked: Vec<Option<String>> = weights_sent(&here).into_iter().map(|(_, range)| range).collect();
    let range = |from: &str| Some(format!("bytes={from}-"));
    assert_eq!(asked, [None, range("150000"), None, range("1000"), None]);
    assert_intact(&here);
}

#[test]
fn a_server_that_falls_silent_is_asked_again() {
    let here = place();
    here.hub.trouble(
        "GET /blobs/",
        1,
        Trouble::StallAfter(150_000, Duration::from_secs(20)),
    );
    let ran = here.run_with(&["models", "pull", NER], &[("HF_HUB_DOWNLOAD_TIMEOUT", "1")]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("sent nothing for 1 s; trying again"),
        "{}",
        ran.stderr
    );
    assert_eq!(
        weights_sent(&here)[1],
        (250_000, Some("bytes=150000-".to_owned()))
    );
    assert_intact(&here);
}

#[test]
fn a_slow_server_is_waited_for() {
    let here = place();
    // Longer in all than the time limit, which is for silence alone.
    here.hub.trouble(
        "GET /blobs/",
        1,
        Trouble::Slow(SIZE / 8, Duration::from_millis(250)),
    );
    let ran = here.run_with(&["models", "pull", NER], &[("HF_HUB_DOWNLOAD_TIMEOUT", "1")]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(!ran.stderr.contains("trying again"), "{}", ran.stderr);
    assert_eq!(weights_sent(&here), [(SIZE as u64, None)]);
    assert_intact(&here);
}

#[test]
fn a_cut_after_much_progress_does_not_count_as_a_failure() {
    let hub = Hub::empty();
    hub.commit(NER, "main", large(5 << 20, 1));
    let here = Place::with(hub);
    here.hub.trouble("GET /blobs/", 4, Trouble::CutAfter(1 << 20));
    let ran = here.run(&["models", "pull", NER, "--retries", "1"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(here.hub.gets("/blobs/").len(), 5);
}
