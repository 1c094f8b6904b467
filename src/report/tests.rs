use super::*;
use crate::format::fake;

fn report(records: &[Record]) -> Report {
    let mut report = Report::new();
    records.iter().for_each(|record| report.add(record));
    report
}

#[test]
fn counts_are_those_of_the_records() {
    let numbers = report(&[fake::plain(), fake::plain(), fake::unreadable()]).numbers(10);
    assert_eq!((numbers.documents, numbers.failed, numbers.flagged), (3, 1, 2));
    assert_eq!(
        (numbers.segments, numbers.sentences, numbers.translations),
        (16, 8, 4)
    );
    let french = &numbers.languages["fr"];
    // The post itself does not count, its body does; the signature and the media link are in no language.
    assert_eq!(
        (
            french.documents,
            french.segments,
            french.sentences,
            french.rendered
        ),
        (0, 2, 4, 4)
    );
    assert_eq!(numbers.languages["en"].documents, 2);
    assert_eq!(numbers.languages["und"].documents, 1);
    assert_eq!(
        numbers.words,
        numbers.languages.values().map(|one| one.words).sum::<u64>()
    );
    assert_eq!(numbers.origins["aligned"].translations, 2);
    assert_eq!(numbers.origins["translated"].flagged, 2);
    assert_eq!(numbers.flags["number-mismatch"], 2);
    assert_eq!(
        numbers.errors["invalid-utf8"],
        ErrorCount {
            documents: 1,
            errors: 1
        }
    );
    assert_eq!(numbers.kinds["post"], 2);
    assert_eq!(numbers.made_with["diglot 0.1.0"], 3);
    let places = &numbers.names["LOC"];
    assert_eq!(
        (places[0].name.as_str(), places[0].documents, places[0].mentions),
        ("Vallombre", 2, 8)
    );
    assert_eq!((numbers.lengths.count(), numbers.aligned_scores.count()), (2, 2));
}

#[test]
fn what_has_no_model_is_an_origin_of_its_own() {
    let numbers = report(&[fake::nasty()]).numbers(10);
    assert_eq!(numbers.origins["no model"].translations, 1);
    assert_eq!(
        numbers.translated_scores.count(),
        2,
        "what was not translated has no score"
    );
}

#[test]
fn any_order_gives_the_same_figures() {
    let one = report(&[fake::plain(), fake::nasty(), fake::unreadable()]).numbers(5);
    let other = report(&[fake::unreadable(), fake::plain(), fake::nasty()]).numbers(5);
    assert_eq!(
        serde_json::to_string(&one).unwrap(),
        serde_json::to_string(&other).unwrap()
    );
}

#[test]
fn the_page_holds_the_figures_and_no_markup_of_records() {
    let mut report = report(&[fake::plain(), fake::nasty()]);
    report.add_unread();
    let html = page(
        &report.numbers(10),
        "<script>alert(1)</script>",
        &["<b>note</b>".to_owned()],
    );
    for part in [
        "Vallombre",
        "number-mismatch",
        "Corpus report",
        "1 lines were no records",
        "&lt;b&gt;note&lt;/b&gt;",
        "role=\"img\"",
    ] {
        assert!(html.contains(part), "expected `{part}` in {html}");
    }
    assert_eq!(html.matches("<script").count(), 1);
    assert!(!html.contains("<b>x") && !html.contains("style="));
    assert_eq!(html.matches("<table").count(), html.matches("</table>").count());
    assert_eq!(
        html.matches("<section").count(),
        html.matches("</section>").count()
    );
}

#[test]
fn a_report_of_nothing_is_a_page_too() {
    let html = page(&Report::new().numbers(10), "empty", &[]);
    assert!(html.contains("No document has errors."));
}
