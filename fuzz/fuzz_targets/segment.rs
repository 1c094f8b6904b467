//! Segments of any text: top-level ones tile it but for white space, children lie in their parents.

#![no_main]

use diglot::segment::{ArticleSegmenter, RuleSentenceSplitter, Segmenter, SentenceSplitter};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let pieces = ArticleSegmenter.segment(text);
    let mut end = 0;
    for piece in &pieces {
        let surface = piece.span.of(text).expect("a span should be on character boundaries");
        match piece.parent {
            Some(parent) => {
                let parent = pieces[parent].span;
                assert!(parent.start() <= piece.span.start() && piece.span.end() <= parent.end());
            }
            None => {
                let gap = &text[end..piece.span.start()];
                assert!(gap.chars().all(|c| c.is_whitespace() || c == '\u{feff}'), "{gap:?}");
                end = piece.span.end();
            }
        }
        for sentence in RuleSentenceSplitter.split(surface) {
            assert!(sentence.of(surface).is_some());
        }
    }
    assert!(text[end..].chars().all(|c| c.is_whitespace() || c == '\u{feff}'));
});
