//! The page of one document.

use anstyle::{AnsiColor, Style};
use diglot::Span;
use diglot::document::{Origin, Outcome, Rendering, Segment, SegmentKind};
use diglot::entity::Label;
use diglot::provenance::Run;
use unicode_width::UnicodeWidthStr;

use super::marks::{Marks, clean, painted, style};
use super::wrap::excerpt;

/// How pages look.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Whether there are colours.
    pub colour: bool,
    /// Columns of a line.
    pub width: usize,
}

/// What the marks mean.
pub fn legend(look: Look) -> String {
    let labels: Vec<String> = Label::ALL
        .iter()
        .map(|&label| look.paint(style(label), label.as_str()))
        .collect();
    let names = if look.colour {
        labels.join(" ")
    } else {
        "[name LABEL]".to_owned()
    };
    format!("{names}   = rendered in this document   → translated\n")
}

/// A document as it is shown.
pub fn page(outcome: &Outcome, run: &Run, look: Look) -> String {
    let mut page = Page {
        outcome,
        run,
        look,
        written: String::new(),
    };
    page.title();
    for index in 0..outcome.segments.len() {
        page.segment(index);
    }
    page.written
}

struct Page<'a> {
    outcome: &'a Outcome,
    run: &'a Run,
    look: Look,
    written: String,
}

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const WARNING: Style = AnsiColor::Red.on_default();

/// Columns that a level is moved in by.
const INDENT: usize = 2;

impl<'a> Page<'a> {
    fn title(&mut self) {
        let Outcome {
            document,
            language,
            sentences,
            renderings,
            entities,
            ..
        } = self.outcome;
        let aligned = renderings
            .iter()
            .filter(|rendering| is_aligned(rendering))
            .count();
        let counts = format!(
            "{} sentences, {aligned} aligned, {} translated, {} entities",
            sentences.len(),
            renderings.len() - aligned,
            entities.len()
        );
        let id = self.look.paint(BOLD, &clean(&document.id));
        self.line(
            0,
            &format!("\n{id}  {language}  {}", self.look.paint(DIM, &counts)),
        );
    }

    fn segment(&mut self, index: usize) {
        let outcome = self.outcome;
        let segment = &outcome.segments[index];
        let depth = self.depth(segment);
        if depth == 0 {
            self.written.push('\n');
        }
        self.line(depth, &self.head(segment));
        match segment.kind {
            // Its parts tell what it says.
            SegmentKind::Post => {}
            // It stands in its paragraph already.
            SegmentKind::Quote => {
                let room = self.look.width.saturating_sub((depth + 1) * INDENT);
                let text = excerpt(self.text(segment.span), room);
                self.line(depth + 1, &self.look.paint(DIM, &clean(&text)));
            }
            _ => self.paragraph(depth + 1, self.text(segment.span), self.names_in(segment.span)),
        }
        for (at, rendering) in outcome.renderings.iter().enumerate() {
            let first = rendering
                .sentences
                .first()
                .and_then(|&at| outcome.sentences.get(at));
            if first.is_some_and(|sentence| sentence.segment == index) {
                self.rendering(depth + 1, at, rendering, segment.span);
            }
        }
    }

    /// Kind, language, confidence, and what was read off the segment.
    fn head(&self, segment: &Segment) -> String {
        let mut head = format!(
            "{}  {} {:.2}",
            self.look.paint(DIM, segment.kind.as_str()),
            self.look.paint(BOLD, segment.language.as_str()),
            segment.confidence
        );
        let handle = segment.handle.as_ref().map(|handle| format!("@{handle}"));
        for field in [&segment.author, &handle, &segment.date].into_iter().flatten() {
            head.push_str("  ");
            head.push_str(&clean(field));
        }
        head
    }

    fn rendering(&mut self, depth: usize, at: usize, rendering: &Rendering, segment: Span) {
        let origin = self.origin(rendering);
        let flags: Vec<&str> = rendering.flags.iter().map(|flag| flag.as_str()).collect();
        let flags = if flags.is_empty() {
            String::new()
        } else {
            format!("  [{}]", flags.join(" "))
        };
        let taken = depth * INDENT + origin.width() + flags.width() + 2;
        let source = self
            .rendered(rendering)
            .filter(|span| *span != segment)
            .map(|span| excerpt(self.text(span), self.look.width.saturating_sub(taken)))
            .map_or(String::new(), |source| format!(": {}", clean(&source)));
        let head = [
            origin,
            self.look.paint(WARNING, &flags),
            self.look.paint(DIM, &source),
        ];
        self.line(depth, &head.concat());
        let names = match rendering.origin {
            Origin::Aligned(span) => self.names_in(span),
            Origin::Translated(_) => self.names_on(at),
        };
        self.paragraph(depth + 1, &rendering.text, names);
    }

    /// Where a rendering comes from, with its score.
    fn origin(&self, rendering: &Rendering) -> String {
        let Rendering {
            language,
            score,
            origin,
            ..
        } = rendering;
        let model = match origin {
            Origin::Aligned(_) => return format!("= {language}, in this document, {score:.2}"),
            Origin::Translated(model) => model.and_then(|model| self.run.models.get(model)),
        };
        model.map_or_else(
            || format!("→ {language}"),
            |model| format!("→ {language}, {}, {score:.2}", model.name),
        )
    }

    /// The part of the document that a rendering renders.
    fn rendered(&self, rendering: &Rendering) -> Option<Span> {
        let span = |at: Option<&usize>| at.and_then(|&at| self.outcome.sentences.get(at)).map(|s| s.span);
        let (first, last) = (
            span(rendering.sentences.first())?,
            span(rendering.sentences.last())?,
        );
        Some(Span::new(first.start(), last.end().max(first.start())))
    }

    /// The names in a part of the document, counted from its start.
    fn names_in(&self, part: Span) -> Vec<(Span, Label)> {
        let in_document = |at: usize| self.outcome.renderings.get(at).is_some_and(is_aligned);
        let mut names: Vec<(Span, Label)> = self
            .outcome
            .entities
            .iter()
            .filter(|entity| entity.rendering.is_none_or(in_document) && part.contains(entity.span))
            .map(|entity| {
                let (start, end) = (
                    entity.span.start() - part.start(),
                    entity.span.end() - part.start(),
                );
                (Span::new(start, end), entity.label)
            })
            .collect();
        names.sort();
        names
    }

    /// The names on the text of a translation.
    fn names_on(&self, rendering: usize) -> Vec<(Span, Label)> {
        let on_it = self
            .outcome
            .entities
            .iter()
            .filter(|entity| entity.rendering == Some(rendering));
        let mut names: Vec<(Span, Label)> = on_it.map(|entity| (entity.span, entity.label)).collect();
        names.sort();
        names
    }

    fn depth(&self, segment: &Segment) -> usize {
        let parents = std::iter::successors(segment.parent, |&parent| {
            // A parent comes before its children, so this ends.
            self.outcome
                .segments
                .get(parent)?
                .parent
                .filter(|&above| above < parent)
        });
        parents.count()
    }

    fn text(&self, span: Span) -> &'a str {
        span.of(&self.outcome.document.text).unwrap_or_default()
    }

    fn paragraph(&mut self, depth: usize, text: &str, names: Vec<(Span, Label)>) {
        let marks = Marks::new(text, names.into_iter(), self.look.colour);
        for line in marks.lines(self.look.width.saturating_sub(depth * INDENT)) {
            self.line(depth, &line);
        }
    }

    fn line(&mut self, depth: usize, line: &str) {
        self.written.extend(std::iter::repeat_n(' ', depth * INDENT));
        self.written.push_str(line);
        self.written.push('\n');
    }
}

impl Look {
    fn paint(self, style: Style, text: &str) -> String {
        if self.colour && !text.is_empty() {
            painted(style, text)
        } else {
            text.to_owned()
        }
    }
}

fn is_aligned(rendering: &Rendering) -> bool {
    matches!(rendering.origin, Origin::Aligned(_))
}

#[cfg(test)]
mod tests {
    use diglot::Language;
    use diglot::document::{Document, Entity, Sentence};
    use diglot::provenance::ModelInfo;
    use diglot::translate::Flag;

    use super::*;

    const TEXT: &str = "“We sing,” said Awa.\n\nNous chantons. Il pleut à Thiès. — Awa (@awa)";

    fn at(part: &str) -> Span {
        let start = TEXT.find(part).unwrap();
        Span::new(start, start + part.len())
    }

    fn segment(kind: SegmentKind, parent: Option<usize>, part: &str, language: Language) -> Segment {
        let signed = kind == SegmentKind::PostSignature;
        Segment {
            parent,
            kind,
            span: at(part),
            language,
            confidence: 0.98,
            author: signed.then(|| "Awa".to_owned()),
            handle: signed.then(|| "awa".to_owned()),
            date: None,
            url: None,
        }
    }

    fn rendering(sentence: usize, text: &str, origin: Origin, flags: &[Flag]) -> Rendering {
        Rendering {
            sentences: vec![sentence],
            language: Language::ENGLISH,
            text: text.to_owned(),
            origin,
            score: 0.75,
            alignment: Vec::new(),
            flags: flags.to_vec(),
        }
    }

    fn outcome() -> Outcome {
        use SegmentKind::{Paragraph, Post, PostBody, PostSignature, Quote};
        let (en, fr) = (Language::ENGLISH, Language::FRENCH);
        let sentence = |segment, part, language| Sentence {
            segment,
            span: at(part),
            language,
            confidence: 0.9,
        };
        let entity = |rendering, span, label| Entity {
            rendering,
            span,
            label,
            score: 0.9,
            entity: 0,
        };
        Outcome {
            document: Document::new("a.txt", TEXT),
            language: en,
            segments: vec![
                segment(Paragraph, None, "“We sing,” said Awa.", en),
                segment(Quote, Some(0), "We sing,", en),
                segment(Post, None, &TEXT[at("Nous").start()..], fr),
                segment(PostBody, Some(2), "Nous chantons. Il pleut à Thiès.", fr),
                segment(PostSignature, Some(2), "— Awa (@awa)", Language::UND),
            ],
            sentences: vec![
                sentence(0, "“We sing,” said Awa.", en),
                sentence(3, "Nous chantons.", fr),
                sentence(3, "Il pleut à Thiès.", fr),
            ],
            renderings: vec![
                rendering(1, "We sing,", Origin::Aligned(at("We sing,")), &[]),
                rendering(
                    2,
                    "It rains in Thies.",
                    Origin::Translated(Some(0)),
                    &[Flag::Truncated],
                ),
            ],
            entities: vec![
                entity(None, at("Awa"), Label::Per),
                entity(None, at("Thiès"), Label::Loc),
                entity(Some(1), Span::new(12, 17), Label::Loc),
            ],
            failures: Vec::new(),
        }
    }

    fn run() -> Run {
        Run {
            models: vec![ModelInfo {
                role: "translate",
                name: "tiny".to_owned(),
                sha256: String::new(),
                licence: None,
            }],
            ..Run::default()
        }
    }

    #[test]
    fn a_page_says_what_renders_what() {
        let look = Look {
            colour: false,
            width: 60,
        };
        let expected = "
a.txt  en  3 sentences, 1 aligned, 1 translated, 3 entities

paragraph  en 0.98
  “We sing,” said [Awa PER].
  quote  en 0.98
    We sing,

post  fr 0.98
  post-body  fr 0.98
    Nous chantons. Il pleut à [Thiès LOC].
    = en, in this document, 0.75: Nous chantons.
      We sing,
    → en, tiny, 0.75  [truncated]: Il pleut à Thiès.
      It rains in [Thies LOC].
  post-signature  und 0.98  Awa  @awa
    — Awa (@awa)
";
        assert_eq!(page(&outcome(), &run(), look), expected);
    }

    #[test]
    fn colours_take_no_room() {
        let page_of = |colour| page(&outcome(), &run(), Look { colour, width: 60 });
        let bare = anstream::adapter::strip_str(&page_of(true)).to_string();
        assert_ne!(bare, page_of(true));
        let without_brackets = page_of(false)
            .replace("[Awa PER]", "Awa")
            .replace("[Thiès LOC]", "Thiès")
            .replace("[Thies LOC]", "Thies");
        assert_eq!(bare, without_brackets);
    }
}
