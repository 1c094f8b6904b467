//! The first layers of a document: segments, sentences and their languages.

use std::collections::BTreeMap;

use super::Stages;
use crate::Span;
use crate::document::{Segment, SegmentKind, Sentence};
use crate::language::{Detection, Language, LanguageDetector, is_latin};
use crate::segment::{Piece, names_french_month};

/// Below this confidence a sentence follows the segment around it, when that one is clearer: a short
/// sentence full of names says less about its language than the post or paragraph that it stands in,
/// and a real change of language is told with more confidence than this.
const UNSURE: f32 = 0.95;

/// Below this confidence a sentence of a segment in no known language is in none either.
const LONE: f32 = 0.7;
/// Below this confidence a post of at most so many letters follows what is known of its author.
const DOUBTFUL: f32 = 0.9;
const FEW_LETTERS: usize = 16;
/// Below this confidence a quoted word follows its paragraph.
const UNSURE_WORD: f32 = 0.8;
/// The confidence in a post's language that only its author or date tells.
const BY_AUTHOR: f32 = 0.75;

mod quoted;

/// Letters of a paragraph outside its quotations that tell its language.
const ENOUGH_LETTERS: usize = 16;

/// Segments and sentences of a document, with languages.
pub(super) struct Layers {
    pub(super) language: Language,
    pub(super) segments: Vec<Segment>,
    pub(super) sentences: Vec<Sentence>,
}

impl Layers {
    /// `plain` is `text` as the stages after the segmenter read it.
    pub(super) fn of(text: &str, plain: &str, stages: &Stages) -> Self {
        let pieces = stages.segmenter.segment(text);
        let text = plain;
        let spans = sentence_spans(text, &pieces, stages);
        let Languages {
            mut of_pieces,
            of_prose,
            of_sentences,
        } = languages(text, &pieces, &spans, stages.detector.as_ref());
        let mut sentences = Vec::with_capacity(spans.len());
        let mut foreign = BTreeMap::new();
        for (&(segment, span), own) in spans.iter().zip(of_sentences) {
            let whole = span.of(text).unwrap_or_default();
            if is_tags(whole) || is_label(whole) {
                continue;
            }
            let prose = of_prose.get(&segment);
            if let Some(prose) = prose {
                let foreign = foreign
                    .entry(segment)
                    .or_insert_with(|| quoted::foreign(text, &pieces, &of_pieces, segment, *prose));
                if let Some(parts) = quoted::parted(text, span, *prose, foreign) {
                    sentences.extend(
                        parts.into_iter().map(|(span, detection)| {
                            sentence(holder(&pieces, segment, span), span, detection)
                        }),
                    );
                    continue;
                }
            }
            let around = prose
                .filter(|_| outside_quotations(&pieces, segment, span))
                .unwrap_or(&of_pieces[segment]);
            let detection = if is_latin(whole) {
                settled(own, *around)
            } else {
                own
            };
            for (part, detection) in stages.detector.switches(whole, detection) {
                if let Some(span) = trimmed(text, part.shifted(span.start())) {
                    sentences.push(sentence(segment, span, detection));
                }
            }
        }
        for (index, detection) in of_prose {
            of_pieces[index] = detection;
        }
        let language = main_language(&sentences);
        let segments = pieces
            .into_iter()
            .zip(of_pieces)
            .map(|(piece, detection)| segment(piece, detection))
            .collect();
        Self {
            language,
            segments,
            sentences,
        }
    }
}

fn sentence(segment: usize, span: Span, Detection { language, confidence }: Detection) -> Sentence {
    Sentence {
        segment,
        span,
        language,
        confidence,
    }
}

fn segment(piece: Piece, detection: Detection) -> Segment {
    Segment {
        parent: piece.parent,
        kind: piece.kind,
        span: piece.span,
        language: detection.language,
        confidence: detection.confidence,
        author: piece.author,
        handle: piece.handle,
        date: piece.date,
        url: piece.url,
    }
}

/// Whether text of this kind is split into sentences. What is not is metadata, or is inside one that is.
fn holds_sentences(kind: SegmentKind) -> bool {
    matches!(
        kind,
        SegmentKind::Title | SegmentKind::Paragraph | SegmentKind::PostBody
    )
}

/// The sentences, each with the innermost piece that holds it whole.
fn sentence_spans(text: &str, pieces: &[Piece], stages: &Stages) -> Vec<(usize, Span)> {
    let mut spans = Vec::new();
    for (index, piece) in pieces
        .iter()
        .enumerate()
        .filter(|(_, piece)| holds_sentences(piece.kind))
    {
        for sentence in stages.splitter.split(piece.span.of(text).unwrap_or_default()) {
            let span = sentence.shifted(piece.span.start());
            spans.push((holder(pieces, index, span), span));
        }
    }
    spans
}

/// The innermost of a piece and those inside it that holds `span` whole.
fn holder(pieces: &[Piece], index: usize, span: Span) -> usize {
    let inside = descendants(pieces, index);
    let begun = pieces[inside].partition_point(|piece| piece.span.start() <= span.start());
    let mut holder = index + begun;
    while holder > index && !pieces[holder].span.contains(span) {
        holder = pieces[holder].parent.map_or(index, |parent| parent.max(index));
    }
    holder
}

/// The pieces inside a piece: they follow it, until one starts behind its end.
fn descendants(pieces: &[Piece], index: usize) -> std::ops::Range<usize> {
    let end = pieces[index].span.end();
    let count = pieces[index + 1..].partition_point(|piece| piece.span.start() < end);
    index + 1..index + 1 + count
}

/// Whether a sentence of a piece holds nothing of its quotations.
fn outside_quotations(pieces: &[Piece], piece: usize, sentence: Span) -> bool {
    let inside = descendants(pieces, piece);
    let begun = pieces[inside].partition_point(|child| child.span.start() < sentence.end());
    let mut child = piece + begun;
    while child > piece {
        if pieces[child].span.overlaps(sentence) {
            return false;
        }
        child = pieces[child].parent.map_or(piece, |parent| parent.max(piece));
    }
    true
}

/// What was found out about pieces, by index, and sentences.
struct Languages {
    of_pieces: Vec<Detection>,
    /// Of paragraphs by what they say outside their quotations; sentences that hold none of these follow it.
    of_prose: BTreeMap<usize, Detection>,
    of_sentences: Vec<Detection>,
}

/// Languages of all pieces and sentences, decided together so that they share the document's inventory.
fn languages(
    text: &str,
    pieces: &[Piece],
    sentences: &[(usize, Span)],
    detector: &dyn LanguageDetector,
) -> Languages {
    let read = |kind| holds_sentences(kind) || kind == SegmentKind::Quote;
    let asked: Vec<usize> = (0..pieces.len())
        .filter(|&index| read(pieces[index].kind))
        .collect();
    let spans = asked
        .iter()
        .map(|&index| pieces[index].span)
        .chain(sentences.iter().map(|(_, span)| *span));
    let prose: Vec<(usize, String)> = asked
        .iter()
        .filter_map(|&index| Some((index, prose(text, pieces, index)?)))
        .collect();
    let texts = spans.map(|span| span.of(text).unwrap_or_default());
    let texts: Vec<&str> = texts
        .chain(prose.iter().map(|(_, prose)| prose.as_str()))
        .collect();
    let mut detections = detector.detect_together(&texts);
    let of_prose = detections.split_off((asked.len() + sentences.len()).min(detections.len()));
    let of_sentences = detections.split_off(asked.len().min(detections.len()));
    let mut of_pieces = vec![Detection::UND; pieces.len()];
    for (&index, detection) in asked.iter().zip(detections) {
        let is_empty = pieces[index].kind != SegmentKind::Title
            && is_tags(pieces[index].span.of(text).unwrap_or_default());
        let detection = if is_empty { Detection::UND } else { detection };
        of_pieces[index] = detection;
        // A post is in the language of its body; a second one is the network's translation.
        if let (SegmentKind::PostBody, Some(post)) = (pieces[index].kind, pieces[index].parent)
            && pieces[post..index]
                .iter()
                .all(|piece| piece.kind != SegmentKind::PostBody)
        {
            of_pieces[post] = detection;
        }
    }
    settle_posts(text, pieces, &mut of_pieces);
    settle_words(text, pieces, &mut of_pieces);
    let of_prose = prose.iter().map(|(index, _)| *index).zip(of_prose);
    Languages {
        of_pieces,
        of_prose: of_prose
            .filter(|(_, detection)| detection.confidence >= DOUBTFUL)
            .collect(),
        of_sentences,
    }
}

/// What a paragraph says outside its quotations, where that is enough to tell its language: an English
/// paragraph may quote more French than it has words of its own.
fn prose(text: &str, pieces: &[Piece], index: usize) -> Option<String> {
    let paragraph = pieces[index].span;
    let quotes = descendants(pieces, index).filter(|&child| pieces[child].parent == Some(index));
    let (mut prose, mut at) = (String::new(), paragraph.start());
    for quote in quotes.map(|child| pieces[child].span) {
        prose.push_str(text.get(at..quote.start())?);
        prose.push(' ');
        at = quote.end();
    }
    let has_quotes = at > paragraph.start() && pieces[index].kind == SegmentKind::Paragraph;
    prose.push_str(text.get(at..paragraph.end())?);
    let letters = prose.chars().filter(|c| c.is_alphabetic()).count();
    (has_quotes && letters >= ENOUGH_LETTERS).then_some(prose)
}

fn settled(sentence: Detection, segment: Detection) -> Detection {
    if segment.language.is_und() && sentence.confidence < LONE {
        return Detection::UND;
    }
    let follows = !sentence.language.is_und()
        && sentence.confidence < UNSURE
        && !segment.language.is_und()
        && segment.confidence > sentence.confidence;
    if follows { segment } else { sentence }
}

/// Whether a sentence holds no words: only what hangs at the end of posts, hashtags, mentions and links,
/// or marks and emoji.
fn is_tags(sentence: &str) -> bool {
    let tag = |token: &str| {
        token.starts_with(['#', '@'])
            || token.contains("://")
            || token.starts_with("www.")
            || !token.contains(char::is_alphanumeric)
    };
    sentence.split_whitespace().all(tag)
}

/// Whether a sentence is only the letter that stands for who speaks in an interview: `Q:`, `R :`.
fn is_label(sentence: &str) -> bool {
    let letter = sentence.strip_suffix(':').unwrap_or_default().trim_end();
    letter.len() == 1 && letter.starts_with(|c: char| c.is_ascii_uppercase())
}

/// Gives short posts whose language is in doubt that of their author's other posts, else French where
/// the date of the signature is written in French.
fn settle_posts(text: &str, pieces: &[Piece], detections: &mut [Detection]) {
    let before = detections.to_vec();
    let bodies = || (0..pieces.len()).filter(|&index| pieces[index].kind == SegmentKind::PostBody);
    for body in bodies() {
        let words = pieces[body].span.of(text).unwrap_or_default();
        let letters = words.chars().filter(|c| c.is_alphabetic()).count();
        if letters == 0 || letters > FEW_LETTERS || before[body].confidence >= DOUBTFUL || !is_latin(words) {
            continue;
        }
        let Some(post) = pieces[body].parent else {
            continue;
        };
        let others = bodies().filter(|&other| before[other].confidence >= DOUBTFUL);
        let by_author = others
            .filter(|&other| {
                let handle =
                    |index: usize| pieces[index].parent.and_then(|post| pieces[post].handle.as_ref());
                handle(other).is_some() && handle(other) == handle(body)
            })
            .map(|other| before[other].language)
            .next();
        let by_date = has_french_date(text, pieces, post).then_some(Language::FRENCH);
        if let Some(language) = by_author.or(by_date) {
            let same = language == before[body].language;
            let confidence = BY_AUTHOR.max(if same { before[body].confidence } else { 0.0 });
            detections[body] = Detection { language, confidence };
            detections[post] = detections[body];
        }
    }
}

/// Gives a quoted word whose language is in doubt that of the paragraph around it: `spoke of “hordes”`.
fn settle_words(text: &str, pieces: &[Piece], detections: &mut [Detection]) {
    for index in 0..pieces.len() {
        let words = pieces[index].span.of(text).unwrap_or_default();
        let is_word = pieces[index].kind == SegmentKind::Quote && !words.contains(char::is_whitespace);
        let around = pieces[index].parent.map(|parent| detections[parent]);
        if let Some(around) = around
            && is_word
            && detections[index].confidence < UNSURE_WORD
            && is_latin(words)
        {
            detections[index] = around;
        }
    }
}

fn has_french_date(text: &str, pieces: &[Piece], post: usize) -> bool {
    let signature = pieces[post..]
        .iter()
        .find(|piece| piece.kind == SegmentKind::PostSignature && piece.parent == Some(post));
    signature
        .and_then(|signature| signature.span.of(text))
        .is_some_and(names_french_month)
}

fn trimmed(text: &str, span: Span) -> Option<Span> {
    let inner = span.of(text)?;
    let start = span.start() + (inner.len() - inner.trim_start().len());
    let kept = inner.trim();
    (!kept.is_empty()).then(|| Span::new(start, start + kept.len()))
}

/// The language of most of the text, by bytes of its sentences.
fn main_language(sentences: &[Sentence]) -> Language {
    let mut bytes: BTreeMap<Language, usize> = BTreeMap::new();
    for sentence in sentences.iter().filter(|sentence| !sentence.language.is_und()) {
        *bytes.entry(sentence.language).or_default() += sentence.span.len();
    }
    let most = bytes
        .into_iter()
        .max_by_key(|&(language, bytes)| (bytes, std::cmp::Reverse(language)));
    most.map_or(Language::UND, |(language, _)| language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_no_words_is_tags() {
        for tags in [
            "🥁🥁🥁",
            "*",
            "___",
            "\u{200b}",
            "#Lac @lina https://exemple.test/a 🎉",
            "www.exemple.test",
        ] {
            assert!(is_tags(tags), "{tags:?}");
        }
        for words in ["Vive #Lac", "14 12 2021", "Bravo 🎉"] {
            assert!(!is_tags(words), "{words:?}");
        }
        assert!(is_label("Q:") && is_label("R :"));
        assert!(!is_label("Q") && !is_label("Oui :") && !is_label(":"));
    }

    #[test]
    fn a_doubtful_sentence_follows_a_clear_segment() {
        let found = |language, confidence| Detection { language, confidence };
        let (english, french) = (Language::ENGLISH, Language::FRENCH);
        assert_eq!(settled(found(english, 0.6), found(french, 0.9)).language, french);
        assert_eq!(
            settled(found(english, 0.97), found(french, 0.99)).language,
            english
        );
        assert_eq!(settled(found(english, 0.6), Detection::UND), Detection::UND);
    }
}
