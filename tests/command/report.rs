//! `diglot report`.

use serde_json::Value;

use crate::support::Workplace;

const PLAIN: &[u8] = include_bytes!("../fixtures/records/plain.json");
const NASTY: &[u8] = include_bytes!("../fixtures/records/nasty.json");

fn figures(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_directory_gives_a_page_in_one_file() {
    let here = Workplace::new(&[
        ("out/records-00000.jsonl", PLAIN),
        ("out/records-00001.jsonl", NASTY),
        ("out/journal.jsonl", b"{}\n"),
        (
            "out/manifest.json",
            br#"{"complete": false, "totals": {"documents": 3}}"#,
        ),
    ]);
    let ran = here.run(&["report", "out", "-o", "report.html"]);
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""));
    let page = here.text("report.html");
    for part in [
        "<!DOCTYPE html>",
        "Vallombre",
        "number-mismatch",
        "the run is not complete",
        "The manifest counts 3 documents, but 2 records were read.",
    ] {
        assert!(page.contains(part), "expected `{part}` in {page}");
    }
    assert!(!page.contains("<script>alert"));
}

#[test]
fn figures_come_as_json_and_do_not_depend_on_the_compression() {
    let here = Workplace::new(&[
        ("a.jsonl", &[PLAIN, PLAIN].concat()),
        (
            "b.zst",
            &zstd::encode_all([PLAIN, PLAIN].concat().as_slice(), 1).unwrap(),
        ),
    ]);
    let plain = here.run(&["report", "a.jsonl", "--json"]);
    let figures = figures(&plain.stdout);
    assert_eq!(figures["documents"], 2);
    assert_eq!(figures["languages"]["fr"]["sentences"], 4);
    assert_eq!(figures["origins"]["aligned"]["translations"], 2);
    assert_eq!(figures["names"]["LOC"][0]["name"], "Vallombre");
    assert_eq!(figures["names"]["LOC"][0]["documents"], 2);
    for compressed in [
        here.run(&["report", "--json", "b.zst"]),
        here.pipe(&["report", "--json", "-"], [PLAIN, PLAIN].concat()),
    ] {
        assert_eq!((compressed.code, compressed.stdout), (0, plain.stdout.clone()));
    }
}

#[test]
fn lines_that_are_no_records_are_named_and_counted() {
    let here = Workplace::new(&[("a.jsonl", &[PLAIN, b"not a record\n"].concat())]);
    let ran = here.run(&["report", "a.jsonl", "--json"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains("a.jsonl:2: expected a record"),
        "{}",
        ran.stderr
    );
    let figures = figures(&ran.stdout);
    assert_eq!(
        (&figures["documents"], &figures["unread"]),
        (&1.into(), &1.into())
    );
}

#[test]
fn without_records_there_is_no_report() {
    let here = Workplace::new(&[("out/journal.jsonl", b"{}\n")]);
    for input in ["out", "none.jsonl"] {
        let ran = here.run(&["report", input, "-o", "report.html"]);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert_eq!(here.names(), ["out"], "nothing should be left behind");
    }
}
