//! Records into other formats.

use std::io::Write;

use serde_json::Value;

use crate::support::{Ran, Workplace, example, json_lines, list, string};

/// A directory with the records of an example.
fn records() -> Workplace {
    let here = Workplace::new(&[("night.txt", &example("night-market.txt"))]);
    let ran = here.run(&[
        "run",
        "night.txt",
        "-q",
        "--word-alignment",
        "-o",
        "records.jsonl",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    here
}

/// The line of the summary that counts a format.
#[track_caller]
fn counted<'a>(ran: &'a Ran, format: &str) -> &'a str {
    let begin = format!("diglot: {format}: ");
    ran.stderr
        .lines()
        .find_map(|line| line.strip_prefix(&begin))
        .unwrap_or_else(|| panic!("no summary of {format} in {}", ran.stderr))
}

#[test]
fn parquet_holds_the_records_and_is_read_back() {
    let here = records();
    let ran = here.run(&["convert", "records.jsonl", "-f", "parquet", "-o", "r.parquet"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let back = here.run(&["convert", "r.parquet", "-f", "jsonl", "-o", "back.jsonl"]);
    assert_eq!(back.code, 0, "{}", back.stderr);
    assert_eq!(here.text("back.jsonl"), here.text("records.jsonl"));
}

#[test]
fn several_formats_go_to_a_directory_and_are_the_same_again() {
    let here = records();
    let formats = "jsonl,tmx,xliff,moses,tsv,hf,conll,webanno,brat";
    let ran = here.run(&["convert", "records.jsonl", "--format", formats, "-o", "out/"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(
        counted(&ran, "tmx"),
        "1 records, 6 pairs, 0 left out, 0 characters replaced"
    );
    assert_eq!(here.text("out/records.jsonl"), here.text("records.jsonl"));
    for (file, lines) in [
        ("fr", 6),
        ("en", 6),
        ("align", 6),
        ("ids", 6),
        ("tsv", 7),
        ("jsonl", 6),
    ] {
        let text = here.text(&format!("out/records.fr-en.{file}"));
        assert_eq!(text.lines().count(), lines, "{file}");
    }
    assert!(
        here.text("out/records.tmx")
            .contains("<prop type=\"x-origin\">aligned</prop>")
    );
    assert_eq!(
        here.text("out/brat/night.txt.txt").as_bytes(),
        example("night-market.txt")
    );
    let again = here.run(&["convert", "records.jsonl", "-f", formats, "-o", "again"]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    for file in [
        "records.tmx",
        "records.fr-en.xlf",
        "records.source.fr.conll",
        "records.webanno.jsonl",
    ] {
        assert_eq!(
            here.text(&format!("again/{file}")),
            here.text(&format!("out/{file}"))
        );
    }
}

#[test]
fn word_alignments_of_moses_point_into_their_lines() {
    let here = records();
    assert_eq!(
        here.run(&["convert", "records.jsonl", "-f", "moses", "-o", "out"])
            .code,
        0
    );
    let read = |extension: &str| here.text(&format!("out/records.fr-en.{extension}"));
    let (source, target, links) = (read("fr"), read("en"), read("align"));
    let mut count = 0;
    for ((source, target), links) in source.lines().zip(target.lines()).zip(links.lines()) {
        for link in links.split_whitespace() {
            let (from, to) = link.split_once('-').unwrap();
            assert!(
                from.parse::<usize>().unwrap() < source.split(' ').count(),
                "{link} {source}"
            );
            assert!(
                to.parse::<usize>().unwrap() < target.split(' ').count(),
                "{link} {target}"
            );
            count += 1;
        }
    }
    assert!(
        count > 30,
        "translated pairs have word alignments, found {count} links"
    );
}

#[test]
fn word_alignments_are_written_where_asked_for() {
    let here = Workplace::new(&[("night.txt", &example("night-market.txt"))]);
    let aligned = |arguments: &[&str]| {
        let ran = here.run(&[&["run", "night.txt", "-q"], arguments].concat());
        let records = ran.records();
        let translations = list(&records[0], "translations");
        translations.iter().any(|one| one["alignment"].is_string())
    };
    assert!(!aligned(&[]));
    assert!(aligned(&["--word-alignment"]));
    assert_eq!(here.run(&["run", "night.txt", "-q", "-o", "plain.jsonl"]).code, 0);
    let ran = here.run(&["convert", "plain.jsonl", "-f", "moses", "-o", "pairs/"]);
    assert_eq!(ran.code, 0);
    assert!(ran.stderr.contains("--word-alignment"), "{}", ran.stderr);
    // A batch run that is to write Pharaoh files needs no asking.
    assert_eq!(
        here.run(&["run", "night.txt", "-q", "-f", "moses", "-o", "out/"])
            .code,
        0
    );
    assert!(here.text("out/records-00000.fr-en.align").contains("0-0"));
}

#[test]
fn one_format_goes_to_a_file_or_standard_output() {
    let here = records();
    let rows = here.run(&["convert", "records.jsonl", "-f", "hf", "-q"]);
    assert_eq!((rows.code, rows.stderr.as_str()), (0, ""));
    let rows = json_lines(&rows.stdout);
    assert_eq!(rows.len(), 6);
    assert!(rows.iter().all(|row| row["translation"]["fr"].is_string()));
    assert_eq!(
        here.run(&["convert", "records.jsonl", "-f", "tmx", "-o", "a.tmx"])
            .code,
        0
    );
    assert!(here.text("a.tmx").ends_with("</tmx>\n"));
    let before = here.names();
    let ran = here.run(&["convert", "records.jsonl", "-f", "tmx,tsv", "-o", "b.tmx"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("expected a directory"), "{}", ran.stderr);
    assert_eq!(here.run(&["convert", "records.jsonl", "-f", "moses"]).code, 2);
    assert_eq!(here.names(), before);
}

#[test]
fn filters_leave_pairs_out_and_count_them() {
    let here = records();
    let convert = |arguments: &[&str]| {
        let base = ["convert", "records.jsonl", "records.jsonl", "-f", "hf"];
        let ran = here.run(&[&base, arguments].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let origins: Vec<Value> = json_lines(&ran.stdout);
        assert!(counted(&ran, "hf").contains(&format!("{} left out", 12 - origins.len())));
        origins
    };
    assert_eq!(convert(&[]).len(), 12);
    assert_eq!(convert(&["--dedupe"]).len(), 6);
    let aligned = convert(&["--min-score", "translated=0,aligned=0.1"]);
    assert!(aligned.len() == 2 && aligned.iter().all(|row| string(row, "origin") == "aligned"));
    let refused = here.run(&["convert", "records.jsonl", "-f", "hf", "--min-score", "-1"]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("translated=-1"), "{}", refused.stderr);
}

#[test]
fn shards_compressed_or_not_are_read_in_order() {
    let here = records();
    let record = here.text("records.jsonl");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(record.replace("night.txt", "b").as_bytes())
        .unwrap();
    let shards = Workplace::new(&[
        ("out/records-00002.jsonl", &gzip.finish().unwrap()),
        (
            "out/records-00001.jsonl",
            record.replace("night.txt", "a").as_bytes(),
        ),
        ("out/records-00001.fr-en.jsonl", b"no record"),
    ]);
    let ran = shards.run(&["convert", "out", "-f", "jsonl", "-q"]);
    let read = ran.records();
    assert_eq!([string(&read[0], "id"), string(&read[1], "id")], ["a", "b"]);
    let empty = Workplace::new(&[("out/a.txt", b"x")]).run(&["convert", "out", "-f", "tmx"]);
    assert_eq!(empty.code, 2);
    assert!(empty.stderr.contains("records-*.jsonl"), "{}", empty.stderr);
}

#[test]
fn what_is_no_record_is_named_and_the_rest_converted() {
    let here = records();
    let good = here.text("records.jsonl");
    let lines = format!("{{\"schema\": \"diglot/9\"}}\nnonsense\n{good}");
    let ran = here.pipe(&["convert", "-", "-f", "hf"], &lines);
    assert_eq!((ran.code, ran.stdout.lines().count()), (1, 6));
    assert!(
        ran.stderr
            .contains("line 1: expected a record of the schema `diglot/1`, found `diglot/9`")
    );
    assert!(
        ran.stderr.contains("line 2: expected a record of `diglot/1`"),
        "{}",
        ran.stderr
    );
    let missing = here.run(&["convert", "gone.jsonl", "-f", "tmx", "-o", "a.tmx"]);
    assert_eq!(missing.code, 2);
    assert!(missing.stderr.contains("gone.jsonl"), "{}", missing.stderr);
    assert!(!here.names().contains(&"a.tmx".to_owned()));
}

#[test]
fn records_without_text_are_said_to_have_no_source_side() {
    let here = records();
    assert_eq!(
        here.run(&["run", "night.txt", "--no-text", "-q", "-o", "bare.jsonl"])
            .code,
        0
    );
    let ran = here.run(&["convert", "bare.jsonl", "-f", "tmx", "-o", "bare.tmx"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("--no-text"), "{}", ran.stderr);
}

#[test]
fn a_format_that_is_unknown_or_missing_is_exit_code_2() {
    let here = Workplace::new(&[]);
    let ran = here.run(&["convert", "records.jsonl", "--format", "docx"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("xliff"), "{}", ran.stderr);
    assert_eq!(here.run(&["convert", "records.jsonl"]).code, 2);
}

#[test]
fn a_part_of_a_run_is_said_to_be_one() {
    let here = Workplace::new(&[("a.txt", b"Le bac est parti.\n"), ("empty.jsonl", b"")]);
    let ran = here.run(&["run", "a.txt", "-q", "-o", "out/"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let manifest = here.text("out/manifest.json");
    let cut = manifest.replace("\"complete\": true", "\"complete\": false");
    assert_ne!(cut, manifest);
    std::fs::write(here.path("out/manifest.json"), cut).unwrap();
    let ran = here.run(&["convert", "out", "-f", "tsv", "-o", "part.tsv"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("out: the run is not complete"),
        "{}",
        ran.stderr
    );
    // A run over nothing is whole.
    let ran = here.run(&["run", "empty.jsonl", "-q", "-o", "none/"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let ran = here.run(&["convert", "none", "-f", "jsonl", "-o", "none.jsonl"]);
    assert_eq!(
        (ran.code, here.text("none.jsonl").as_str()),
        (0, ""),
        "{}",
        ran.stderr
    );
}

#[test]
fn an_output_that_is_an_input_is_refused() {
    let here = records();
    let records = here.text("records.jsonl");
    for arguments in [
        ["convert", "records.jsonl", "-f", "tsv", "-o", "./records.jsonl"],
        ["run", "night.txt", "records.jsonl", "-q", "-o", "records.jsonl"],
    ] {
        let ran = here.run(&arguments);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(
            ran.stderr.contains("expected an output that is no input"),
            "{}",
            ran.stderr
        );
    }
    assert_eq!(here.text("records.jsonl"), records);
}
