//! Entities in a text: coloured, or in brackets.

use anstyle::{AnsiColor, Style};
use diglot::Span;
use diglot::entity::Label;

use super::wrap::wrap;

/// A text with the entities that are to be coloured in it.
pub struct Marks {
    text: String,
    coloured: Vec<(Span, Label)>,
}

impl Marks {
    /// Marks entities of `text`, ordered by start: for colours, or else in brackets in the text
    /// itself. One that overlaps the one before, or does not lie in the text, is left out.
    pub fn new(text: &str, entities: impl Iterator<Item = (Span, Label)>, colour: bool) -> Self {
        if colour {
            Self {
                text: text.to_owned(),
                coloured: apart(text, entities).collect(),
            }
        } else {
            Self {
                text: marked(text, entities),
                coloured: Vec::new(),
            }
        }
    }

    /// The text in lines of at most `width` columns, coloured, without line ends.
    pub fn lines(&self, width: usize) -> Vec<String> {
        wrap(&self.text, width)
            .into_iter()
            .map(|line| self.line(line))
            .collect()
    }

    fn line(&self, line: Span) -> String {
        let mut written = String::new();
        let mut at = line.start();
        for &(span, label) in &self.coloured {
            let (start, end) = (span.start().max(line.start()), span.end().min(line.end()));
            if start < end {
                written.push_str(&clean(&self.text[at..start]));
                let inside = clean(&self.text[start..end]);
                written.push_str(&painted(style(label), &inside));
                at = end;
            }
        }
        written.push_str(&clean(&self.text[at..line.end()]));
        written
    }
}

/// A text with its entities in brackets, each with its label: `[Awa Diongue PER] sings`.
pub fn marked(text: &str, entities: impl IntoIterator<Item = (Span, Label)>) -> String {
    let mut written = String::new();
    let mut at = 0;
    for (span, label) in apart(text, entities.into_iter()) {
        written.push_str(&text[at..span.start()]);
        written.push_str(&format!("[{} {label}]", &text[span.range()]));
        at = span.end();
    }
    written.push_str(&text[at..]);
    written
}

/// A text in a style.
pub fn painted(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// The style of a label.
pub fn style(label: Label) -> Style {
    let colour = match label {
        Label::Per => AnsiColor::Green,
        Label::Org => AnsiColor::Blue,
        Label::Loc => AnsiColor::Magenta,
        Label::Misc => AnsiColor::Yellow,
    };
    colour.on_default().bold()
}

/// A text that cannot steer the terminal: white space becomes blanks, control characters are replaced.
pub fn clean(text: &str) -> String {
    let safe = |character: char| match character {
        '\n' | '\r' | '\t' => ' ',
        control if control.is_control() => '\u{fffd}',
        other => other,
    };
    text.chars().map(safe).collect()
}

fn apart(text: &str, entities: impl Iterator<Item = (Span, Label)>) -> impl Iterator<Item = (Span, Label)> {
    let mut at = 0;
    entities.filter(move |(span, _)| {
        let kept = span.start() >= at && span.of(text).is_some();
        if kept {
            at = span.end();
        }
        kept
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Née à Thiès, Awa\nsings";

    fn entities() -> impl Iterator<Item = (Span, Label)> {
        let at = |name: &str, label| {
            let start = TEXT.find(name).unwrap();
            (Span::new(start, start + name.len()), label)
        };
        [
            at("Thiès", Label::Loc),
            at("ès, Awa", Label::Misc),
            at("Awa", Label::Per),
            (Span::new(20, 99), Label::Org),
        ]
        .into_iter()
    }

    #[test]
    fn names_are_put_in_brackets_and_overlaps_left_out() {
        assert_eq!(marked(TEXT, entities()), "Née à [Thiès LOC], [Awa PER]\nsings");
    }

    #[test]
    fn colours_leave_the_text_as_it_is() {
        let lines = Marks::new(TEXT, entities(), true).lines(80);
        assert_eq!(
            anstream::adapter::strip_str(&lines[0]).to_string(),
            "Née à Thiès, Awa sings"
        );
        let awa = painted(style(Label::Per), "Awa");
        assert!(lines[0].contains(&awa), "{lines:?}");
    }

    #[test]
    fn a_name_that_is_broken_over_lines_is_coloured_on_both() {
        let name = [(Span::new(0, 11), Label::Per)];
        let lines = Marks::new("Awa Diongue", name.into_iter(), true).lines(5);
        let expected = [
            painted(style(Label::Per), "Awa"),
            painted(style(Label::Per), "Diongue"),
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_text_cannot_steer_the_terminal() {
        assert_eq!(clean("a\u{1b}[31mb\u{9b}\tc"), "a\u{fffd}[31mb\u{fffd} c");
    }
}
