//! What every segmenter and every sentence splitter promises, checked on awkward text.

use proptest::prelude::*;

use super::chars::is_gap;
use super::{ArticleSegmenter, RuleSentenceSplitter, Segmenter, SentenceSplitter, without_marks};

/// Parts of text that mean something to a segmenter, or that are hard to cut.
const FRAGMENTS: &[&str] = &[
    "A",
    "a",
    "Il",
    " pleut",
    "é",
    "e\u{301}",
    "É",
    "Dr",
    "M.",
    "U.S.",
    "p.m.",
    "e.g.",
    "1",
    "2.",
    "b)",
    "1.5",
    ".",
    "…",
    "...",
    " . ",
    "!",
    " ?",
    "。",
    ",",
    ":",
    "—",
    " — ",
    " - ",
    "--",
    "“",
    "”",
    "« ",
    " »",
    "\"",
    "'",
    "’",
    "‘",
    "„",
    "(",
    ")",
    "[",
    "]",
    "[12]",
    " ",
    "  ",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "\t",
    "\u{a0}",
    "\u{202f}",
    "\u{feff}",
    "\u{200b}",
    "\u{200f}",
    "\u{2029}",
    "\0",
    "🎉",
    "👨\u{200d}👩\u{200d}👧",
    "🇸🇳",
    "❤\u{fe0f}",
    "•",
    "- ",
    "> ",
    "# ",
    "\n# ",
    "**",
    "\n---\n",
    "[27/09/2025, 21:14] Awa: ",
    "\n@awa (14 June, 10:30): ",
    "\nAwa @awa · 11 août\n",
    "\n11:42 PM · Nov 3, 2025\n",
    "\n@awa\n",
    "\n>",
    "\n> ",
    "⁃",
    "#Thiès",
    "@awa",
    "https://t.co/a",
    "pic.twitter.com/",
    "pic.x.com/b",
    "(@",
    "(@awa)",
    "(@awa) 2 mars 2024",
    " — Awa (@awa) March 2, 2024",
    "date 2024-03-02 ",
    "By Awa Sow",
    "said Awa",
    "2024-02-30",
    "سلام",
    "安",
    "İ",
    "ﬁ",
];

fn awkward() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        proptest::collection::vec(proptest::sample::select(FRAGMENTS), 0..40)
            .prop_map(|parts| parts.concat()),
    ]
}

/// Whether `text[gap]` may stand between pieces: white space, where marks around lines are blanks.
fn is_empty(text: &str, gap: std::ops::Range<usize>) -> bool {
    without_marks(text)[gap].chars().all(is_gap)
}

fn check_segmenter(segmenter: &dyn Segmenter, text: &str) {
    let pieces = segmenter.segment(text);
    let mut end = 0;
    for (i, piece) in pieces.iter().enumerate() {
        let content = piece
            .span
            .of(text)
            .expect("a span lies on character boundaries of its text");
        assert!(!content.is_empty(), "piece {i} holds nothing");
        assert_eq!(content.trim_matches(is_gap), content, "piece {i} is not trimmed");
        if i > 0 {
            assert!(
                pieces[i - 1].span.start() <= piece.span.start(),
                "piece {i} is out of order"
            );
        }
        match piece.parent {
            Some(parent) => {
                assert!(parent < i, "piece {i} comes before its parent");
                assert!(
                    pieces[parent].span.contains(piece.span),
                    "piece {i} leaves its parent"
                );
            }
            None => {
                assert!(piece.span.start() >= end, "piece {i} overlaps the one before");
                assert!(
                    is_empty(text, end..piece.span.start()),
                    "text is lost before piece {i}"
                );
                end = piece.span.end();
            }
        }
    }
    assert!(
        is_empty(text, end..text.len()),
        "text is lost after the last piece"
    );
}

fn check_splitter(splitter: &dyn SentenceSplitter, text: &str) {
    let mut end = 0;
    for span in splitter.split(text) {
        let content = span
            .of(text)
            .expect("a span lies on character boundaries of its text");
        assert!(
            !content.is_empty() && content.trim() == content,
            "{content:?} is not trimmed"
        );
        assert!(span.start() >= end, "{content:?} overlaps the sentence before");
        assert_eq!(
            text[end..span.start()].trim(),
            "",
            "text is lost before {content:?}"
        );
        end = span.end();
    }
    assert_eq!(text[end..].trim(), "", "text is lost after the last sentence");
}

proptest! {
    #![proptest_config(crate::testing::cases(400))]

    #[test]
    fn pieces_and_gaps_tile_any_text(text in awkward()) {
        check_segmenter(&ArticleSegmenter, &text);
    }

    #[test]
    fn sentences_cover_any_text(text in awkward()) {
        check_splitter(&RuleSentenceSplitter, &text);
    }
}

/// At this length a quadratic step would take minutes.
#[test]
fn repeated_fragments_take_linear_time() {
    for fragment in FRAGMENTS {
        let text = fragment.repeat(60_000 / fragment.len());
        check_splitter(&RuleSentenceSplitter, &text);
        check_segmenter(&ArticleSegmenter, &format!("{text} — Awa (@awa) March 2, 2024"));
    }
}
