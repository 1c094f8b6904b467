use proptest::prelude::*;
use serde::Deserialize;

use super::SentencePiece;

/// What the sentencepiece library makes of a text; `scripts/fixtures` writes it.
#[derive(Deserialize)]
struct Case {
    text: String,
    pieces: Vec<String>,
    surfaces: Vec<String>,
    decoded: String,
}

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/engine/spm/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).unwrap()
}

fn model(name: &str) -> SentencePiece {
    SentencePiece::parse(&fixture(&format!("{name}.spm"))).unwrap()
}

fn cases(name: &str) -> Vec<Case> {
    serde_json::from_slice(&fixture(&format!("{name}.json"))).unwrap()
}

fn check_pieces(name: &str) {
    let model = model(name);
    for case in cases(name) {
        let pieces = model.encode(&case.text);
        let texts: Vec<&str> = pieces.iter().map(|piece| piece.text.as_str()).collect();
        assert_eq!(texts, case.pieces, "{name}: {:?}", case.text);
    }
}

#[test]
fn unigram_pieces_equal_the_library_s() {
    check_pieces("unigram");
    check_pieces("target");
}

#[test]
fn byte_fallback_pieces_equal_the_library_s() {
    check_pieces("bytes");
}

#[test]
fn bpe_pieces_equal_the_library_s() {
    check_pieces("bpe");
}

#[test]
fn spans_cover_what_the_library_says_without_white_space() {
    for name in ["unigram", "target", "bpe"] {
        let model = model(name);
        for case in cases(name) {
            for (piece, surface) in model.encode(&case.text).iter().zip(&case.surfaces) {
                let covered = piece.span.of(&case.text);
                assert_eq!(
                    covered,
                    Some(surface.trim()),
                    "{name}: {piece:?} of {:?}",
                    case.text
                );
            }
        }
    }
}

#[test]
fn byte_pieces_span_their_character() {
    let text = "un 日本";
    let spans: Vec<_> = model("bytes")
        .encode(text)
        .iter()
        .map(|piece| piece.span.of(text))
        .collect();
    assert_eq!(spans[spans.len() - 3..], [Some("本"); 3]);
}

#[test]
fn decoded_text_equals_the_library_s_without_white_space_at_its_ends() {
    for name in ["unigram", "target", "bytes", "bpe"] {
        let model = model(name);
        for case in cases(name) {
            let decoded = model.decode(case.pieces.iter().map(String::as_str));
            // The library shows the unknown piece as U+2047; here it gives nothing.
            if !case.pieces.iter().any(|piece| piece == "<unk>") {
                assert_eq!(decoded.text, case.decoded.trim(), "{name}: {:?}", case.pieces);
            }
        }
    }
}

#[test]
fn decoded_pieces_know_where_they_stand() {
    let decoded = model("target").decode(["▁The", "▁ma", "y", "or", "</s>", "▁", "⟦1⟧", "."]);
    assert_eq!(decoded.text, "The mayor ⟦1⟧.");
    let parts: Vec<_> = decoded.spans.iter().map(|span| span.of(&decoded.text)).collect();
    assert_eq!(parts, ["The", "ma", "y", "or", "", "", "⟦1⟧", "."].map(Some));
}

#[test]
fn a_space_by_itself_before_a_word_counts_once() {
    let decoded = model("target").decode(["▁The", "▁", "▁ma", "y", "or"]);
    assert_eq!(decoded.text, "The mayor");
    let parts: Vec<_> = decoded.spans.iter().map(|span| span.of(&decoded.text)).collect();
    assert_eq!(parts, ["The", "", "ma", "y", "or"].map(Some));
}

#[test]
fn bytes_are_put_together_to_characters() {
    let model = model("bytes");
    let check =
        |pieces: &[&str], expected: &str| assert_eq!(model.decode(pieces.iter().copied()).text, expected);
    check(&["<0xC3>", "<0xA9>"], "é");
    check(&["a", "<0xC3>", "b"], "a\u{fffd}b");
    check(&["<0xFF>", "<0xFE>", "<0x41>"], "\u{fffd}\u{fffd}A");
}

#[test]
fn broken_models_are_refused() {
    let check = |bytes: &[u8], expected: &str| {
        let message = SentencePiece::parse(bytes).err().unwrap_or_default();
        assert!(
            message.contains(expected),
            "expected a message with `{expected}`, found `{message}`"
        );
    };
    let whole = fixture("bpe.spm");
    check(&whole[..whole.len() - 3], "is the file whole?");
    check(b"", "expected a piece for the unknown, found none");
    check(b"\x0b", "expected wire type 0, 1, 2 or 5, found 3");
}

proptest! {
    #![proptest_config(crate::testing::cases(200))]

    #[test]
    fn any_text_is_cut_into_pieces_in_order(text in "(\\PC|[ \u{301}\u{200d}⟦⟧12\n\0])*") {
        for name in ["unigram", "bytes", "bpe"] {
            let mut end = 0;
            for piece in model(name).encode(&text) {
                prop_assert!(piece.span.of(&text).is_some());
                prop_assert!(piece.span.is_empty() || piece.span.end() >= end);
                end = end.max(piece.span.end());
            }
        }
    }

    #[test]
    fn any_bytes_are_a_model_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..64), cut in 0..1700usize) {
        let _ = SentencePiece::parse(&bytes);
        let mut model = fixture("bpe.spm");
        model.truncate(cut);
        model.extend(bytes);
        if let Ok(model) = SentencePiece::parse(&model) {
            model.encode("Le maire ⟦1⟧ 日本");
        }
    }
}
