//! What holds for every format, whatever the texts.

use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;

use super::testing::{pair, written};
use super::{MinScore, OutputFormat, OutputOptions, PairFilter, Record};

const DONE: [OutputFormat; 9] = [
    OutputFormat::Jsonl,
    OutputFormat::Tmx,
    OutputFormat::Xliff,
    OutputFormat::Moses,
    OutputFormat::Tsv,
    OutputFormat::Hf,
    OutputFormat::Conll,
    OutputFormat::Webanno,
    OutputFormat::Brat,
];

/// The texts of the elements called `name` in a well-formed document, markers left out.
fn texts(xml: &str, name: &str) -> Vec<String> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let (mut found, mut inside) = (Vec::new(), false);
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) if tag.name().as_ref() == name => {
                found.push(String::new());
                inside = true;
            }
            Event::End(tag) if tag.name().as_ref() == name => inside = false,
            Event::Text(text) if inside => found.last_mut().unwrap().push_str(&text.into_inner()),
            Event::GeneralRef(reference) if inside => {
                let character = reference.resolve_char_ref().unwrap().map(String::from);
                let name = reference.into_inner();
                let resolved =
                    character.or_else(|| quick_xml::escape::resolve_xml_entity(&name).map(str::to_owned));
                found.last_mut().unwrap().push_str(&resolved.unwrap());
            }
            Event::Eof => return found,
            _ => {}
        }
    }
}

fn xml_of(text: &str) -> String {
    super::text::xml(text, &mut 0).into_owned()
}

fn lines(text: &str) -> usize {
    // As Python does, which has more line ends than anybody else.
    text.split(super::text::breaks_line).count() - 1
}

fn default(format: OutputFormat, records: &[Record]) -> std::collections::BTreeMap<String, String> {
    written(format, records, &OutputOptions::default()).0
}

/// Texts that are not blank, with all that formats choke on.
fn any_text() -> impl Strategy<Value = String> {
    let nasty = "[a-zé<>&\"'\\]\\[\t\n\r\u{b}\u{c}\u{85}\u{2028}\u{2029}\u{0}\u{1}\u{1c}\u{1f}\u{7f}\u{9b}\u{a0}\u{202f}\u{feff}\u{fffe}\u{ffff}\u{10ffff}#@🎉\u{200d}\u{301}\u{202e}]{0,30}x";
    prop_oneof![nasty, "(?s).{0,20}x", "\\PC{0,20}x"]
}

proptest! {
    #![proptest_config(crate::testing::cases(96))]

    #[test]
    fn xml_is_well_formed_and_reads_as_the_texts(source in any_text(), target in any_text(), id in any_text()) {
        let records = [pair(&id, &source, &target), pair("b", &target, &source)];
        let expected = [&source, &target, &target, &source].map(|text| xml_of(text));
        prop_assert_eq!(texts(&default(OutputFormat::Tmx, &records)["tmx"], "seg"), expected.to_vec());
        let xliff = &default(OutputFormat::Xliff, &records)["fr-en.xlf"];
        prop_assert_eq!(texts(xliff, "source"), vec![expected[0].clone(), expected[2].clone()]);
        prop_assert_eq!(texts(xliff, "target"), vec![expected[1].clone(), expected[3].clone()]);
    }

    #[test]
    fn a_pair_is_a_line_in_every_format_of_lines(source in any_text(), target in any_text(), id in any_text()) {
        let records = [pair(&id, &source, &target), pair("b", &target, &source)];
        let moses = default(OutputFormat::Moses, &records);
        prop_assert_eq!(moses.len(), 4);
        for (name, text) in &moses {
            prop_assert_eq!(lines(text), 2, "{}", name);
        }
        let tsv = &default(OutputFormat::Tsv, &records)["fr-en.tsv"];
        prop_assert_eq!(lines(tsv), 3);
        prop_assert!(tsv.lines().all(|line| line.matches('\t').count() == 13));
        for row in default(OutputFormat::Hf, &records)["fr-en.jsonl"].lines() {
            let row: serde_json::Value = serde_json::from_str(row).unwrap();
            prop_assert!(row["translation"]["fr"].is_string() && row["translation"]["en"].is_string());
        }
    }

    #[test]
    fn tokens_of_moses_are_those_that_alignments_count(source in any_text()) {
        let moses = default(OutputFormat::Moses, &[pair("a", &source, "x")]);
        let line = moses["fr-en.fr"].strip_suffix('\n').unwrap();
        prop_assert_eq!(line.split(' ').count(), source.split_whitespace().count());
    }
}

#[test]
fn the_same_records_give_the_same_bytes_and_are_all_counted() {
    let mut flagged = pair("b/ç", "Le port\nest ouvert.", "The harbour is open.");
    flagged.translations[0].flags.push("truncated".to_owned());
    let records = [pair("a", "Bonjour.", "Hello."), flagged];
    for format in DONE {
        let (files, counts) = written(format, &records, &OutputOptions::default());
        assert!(!files.is_empty(), "{format}");
        assert_eq!(counts.records, 2, "{format}");
        assert_eq!(default(format, &records), files, "{format}");
    }
}

#[test]
fn formats_without_records_are_whole() {
    let tmx = default(OutputFormat::Tmx, &[]).remove("tmx").unwrap();
    assert!(tmx.ends_with("<body>\n</body>\n</tmx>\n"), "{tmx}");
    for format in DONE {
        let (_, counts) = written(format, &[], &OutputOptions::default());
        assert_eq!(counts, super::Counts::default(), "{format}");
    }
}

#[test]
fn a_record_without_its_text_is_counted_rather_than_passed_over_in_silence() {
    let mut record = pair("a", "Bonjour.", "Hello.");
    record.text = None;
    for format in DONE.into_iter().filter(|format| *format != OutputFormat::Jsonl) {
        let (_, counts) = written(format, std::slice::from_ref(&record), &OutputOptions::default());
        assert_eq!((counts.textless, counts.pairs), (1, 0), "{format}");
    }
}

#[test]
fn records_that_do_not_fit_their_text_do_no_harm() {
    let mut record = pair("../../a\n", "Ça va, Zoé ?", "Fine, Zoé?");
    record.mark("Zoé", "PER", None);
    record.mark("Zoé", "../x", Some("t0"));
    record.sentences[0].language = "../../fr".to_owned();
    record.entities[0].span.start = 1;
    record.segments[0].parent = Some("g0".to_owned());
    for end in [2, 900] {
        record.entities[1].span.end = end;
        for format in DONE {
            let files = default(format, std::slice::from_ref(&record));
            assert!(
                files.keys().all(|name| name.split('/').all(|part| part != "..")),
                "{format}: {files:?}"
            );
        }
    }
}

/// Records whose pairs the filters tell apart, and the ids of those that are left.
fn check(filter: PairFilter, expected: &[&str]) {
    let mut aligned = pair("aligned", "Le port est ouvert.", "The harbour is open.");
    aligned.translations[0].origin = "aligned".to_owned();
    aligned.translations[0].score = 0.7;
    let mut flagged = pair("flagged", "La mer est haute.", "The sea is high.");
    flagged.translations[0].flags.push("truncated".to_owned());
    let mut untouched = pair("untouched", "Mɛni ye?", "Mɛni ye?");
    untouched.translations[0].flags.push("no-model".to_owned());
    let mut poor = pair("poor", "Bonne nuit.", "Good nit.");
    poor.translations[0].score = -2.0;
    let again = pair("again", "LE PORT  est\nouvert.", "The harbour is ｏpen.");
    let records = [aligned, flagged, untouched, poor, pair("empty", " ", "x"), again];
    let options = OutputOptions {
        filter,
        ..OutputOptions::default()
    };
    let (files, counts) = written(OutputFormat::Moses, &records, &options);
    let found: Vec<&str> = files["fr-en.ids"]
        .lines()
        .map(|line| line.split('\t').next().unwrap())
        .collect();
    assert_eq!(found, expected);
    assert_eq!(
        (counts.pairs, counts.filtered),
        (found.len() as u64, 6 - found.len() as u64)
    );
}

#[test]
fn filters_leave_out_what_they_say() {
    let all = PairFilter::default();
    check(all, &["aligned", "flagged", "poor", "again"]);
    check(
        PairFilter {
            no_flagged: true,
            ..all
        },
        &["aligned", "poor", "again"],
    );
    check(
        PairFilter { dedupe: true, ..all },
        &["aligned", "flagged", "poor"],
    );
    for (least, expected) in [
        ("aligned=0.8", vec!["flagged", "poor", "again"]),
        ("translated=-1", vec!["aligned", "flagged", "again"]),
        ("aligned=0.8,translated=-1", vec!["flagged", "again"]),
        ("0.65", vec!["aligned"]),
        ("0.6", vec!["aligned", "flagged", "again"]),
        ("0", vec!["aligned", "flagged", "poor", "again"]),
    ] {
        let min_score: MinScore = least.parse().unwrap();
        check(PairFilter { min_score, ..all }, &expected);
    }
}

#[test]
fn scores_that_mean_nothing_are_refused() {
    for text in [
        "",
        "-1",
        "1.5",
        "nan",
        "x=1",
        "aligned",
        "aligned=x",
        "translated=inf",
    ] {
        assert!(text.parse::<MinScore>().is_err(), "{text}");
    }
}

#[test]
fn what_is_replaced_is_counted() {
    let record = pair("a", "Le\u{1} port\u{b}est\tlà.", "The harbour.");
    for (format, expected) in [
        (OutputFormat::Tmx, 2),
        (OutputFormat::Xliff, 2),
        (OutputFormat::Moses, 3),
        (OutputFormat::Tsv, 3),
        (OutputFormat::Conll, 1),
        (OutputFormat::Jsonl, 0),
        (OutputFormat::Hf, 0),
    ] {
        let (_, counts) = written(format, std::slice::from_ref(&record), &OutputOptions::default());
        assert_eq!(counts.replaced, expected, "{format}");
    }
}

#[test]
fn formats_are_known_by_their_names() {
    for format in OutputFormat::ALL {
        assert_eq!(format.as_str().parse(), Ok(format));
    }
    assert!(
        "TMX"
            .parse::<OutputFormat>()
            .unwrap_err()
            .contains("jsonl, parquet, tmx")
    );
}

#[test]
fn moses_keeps_lines_apart_and_says_where_they_come_from() {
    let mut record = pair("a", "Le\u{a0}port\n\nest là.", "The harbour is there.");
    record.translations[0].alignment = Some("0-0 1-1 2-2 3-3".to_owned());
    let files = default(OutputFormat::Moses, &[record]);
    assert_eq!(files["fr-en.fr"], "Le port est là.\n");
    assert_eq!(files["fr-en.en"], "The harbour is there.\n");
    assert_eq!(files["fr-en.align"], "0-0 1-1 2-2 3-3\n");
    assert_eq!(files["fr-en.ids"], "a\ts0\tt0\ttranslated\t-0.5\ttest/fr-en\t\n");
}

#[test]
fn xliff_marks_entities_on_both_sides() {
    let mut record = pair("a", "Awa & Bo vont à Oran.", "Awa & Bo go to Oran.");
    record.mark("Awa & Bo", "PER", None);
    record.mark("Oran", "LOC", Some("t0"));
    record.entities[1].entity = "x1".to_owned();
    let xliff = default(OutputFormat::Xliff, &[record])
        .remove("fr-en.xlf")
        .unwrap();
    for expected in [
        "<source><mrk id=\"m1\" type=\"diglot:entity\" value=\"PER\" ref=\"urn:x-diglot:entity:x0\">Awa &amp; Bo</mrk> vont à Oran.</source>",
        "<target>Awa &amp; Bo go to <mrk id=\"m2\" type=\"diglot:entity\" value=\"LOC\" ref=\"urn:x-diglot:entity:x1\">Oran</mrk>.</target>",
        "<mda:meta type=\"author\">Odile Farssac</mda:meta>",
    ] {
        assert!(xliff.contains(expected), "{expected} in {xliff}");
    }
}

#[test]
fn conll_tags_what_the_record_marks() {
    let mut record = pair("a", "Awa Diongue vit à Oran.", "Awa Diongue lives in Oran.");
    record.mark("Awa Diongue", "PER", None);
    record.mark("Oran", "LOC", Some("t0"));
    let files = default(OutputFormat::Conll, &[record]);
    let expected = "# doc = a\n# sent_id = s0\n# text = Awa Diongue vit à Oran.\n\
        Awa\tB-PER\nDiongue\tI-PER\nvit\tO\nà\tO\nOran\tO\n.\tO\n\n";
    assert_eq!(files["source.fr.conll"], expected);
    assert!(files["target.en.conll"].contains("in\tO\nOran\tB-LOC\n.\tO\n\n"));
}

#[test]
fn web_annotations_select_code_points() {
    let mut record = pair("a b", "🎣 Zoé est à Oran.", "🎣 Zoé is in Oran.");
    record.mark("Oran", "LOC", None);
    record.mark("Zoé", "PER", Some("t0"));
    let page = default(OutputFormat::Webanno, &[record])
        .remove("webanno.jsonl")
        .unwrap();
    let page: serde_json::Value = serde_json::from_str(&page).unwrap();
    let selectors = |at: usize| &page["items"][at]["target"]["selector"];
    assert_eq!(selectors(0)[0]["start"], 12);
    assert_eq!(selectors(0)[0]["end"], 16);
    assert_eq!(selectors(0)[1]["prefix"], "🎣 Zoé est à ");
    assert_eq!(selectors(0)[1]["suffix"], ".");
    assert_eq!(
        page["items"][1]["target"]["source"],
        "urn:x-diglot:document:a%20b#t0"
    );
    assert_eq!(selectors(1)[0]["start"], 2);
    assert_eq!(page["items"][2]["body"]["purpose"], "translating");
    assert_eq!(selectors(2)[0]["end"], 17);
}

#[test]
fn brat_offsets_slice_the_text() {
    let mut record = pair("a", "🎣 Awa\r\nDiongue, Oran. Oran!", "Awa Diongue,\u{2028}Oran.");
    record.mark("Awa\r\nDiongue", "PER", None);
    record.mark("Oran", "LOC", None);
    record.mark("Oran", "LOC", Some("t0"));
    record.entities[0].entity = "x1".to_owned();
    let files = default(OutputFormat::Brat, &[record]);
    assert_eq!(files["brat/a.txt"], "🎣 Awa\r\nDiongue, Oran. Oran!");
    assert_eq!(
        files["brat/a.ann"],
        "T1\tPER 2 5;7 14\tAwa Diongue\n#1\tAnnotatorNotes T1\tx1\nT2\tLOC 16 20\tOran\n#2\tAnnotatorNotes T2\tx0\n"
    );
    assert_eq!(files["brat/a.translations.txt"], "Awa Diongue,   Oran.\n");
    assert!(files["brat/a.translations.ann"].starts_with("T1\tLOC 15 19\tOran\n"));
    assert!(files["brat/annotation.conf"].contains("[entities]\nPER\n"));
}

#[test]
fn ids_that_differ_have_files_that_differ() {
    let records = ["a/b", "a_b", "a:b", "a/b", "", ".", "A_b"].map(|id| pair(id, "Oui.", "Yes."));
    let files = default(OutputFormat::Brat, &records);
    let texts = files.keys().filter(|name| name.ends_with(".txt")).count();
    assert_eq!(texts, 2 * records.len(), "{:?}", files.keys());
}
