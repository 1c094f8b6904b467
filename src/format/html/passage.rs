//! A marked piece of text, and what stands beside it.

use std::ops::Range;

use super::layout::{Layout, What};
use super::markup::Html;
use super::nest::{Mark, Step, steps};
use crate::format::TranslationRecord;

/// Writes a piece of the document's text; `language` is that of what is around it.
pub fn source(html: &mut Html, layout: &Layout<'_>, range: Range<usize>, language: &str) {
    let passage = Passage {
        layout,
        text: layout.text,
        language,
        copy: false,
    };
    passage.write(html, range, &layout.marks);
}

/// Writes the text of a translation. Names of an aligned one have their anchors where they stand in the document.
pub fn rendering(html: &mut Html, layout: &Layout<'_>, at: usize, translation: &TranslationRecord) {
    let passage = Passage {
        layout,
        text: &translation.text,
        language: &translation.language,
        copy: true,
    };
    passage.write(html, 0..translation.text.len(), &layout.rendered[at]);
}

struct Passage<'a> {
    layout: &'a Layout<'a>,
    text: &'a str,
    language: &'a str,
    copy: bool,
}

impl Passage<'_> {
    fn write(&self, html: &mut Html, range: Range<usize>, marks: &[Mark<What>]) {
        // Links must not stand in links: a name that crosses another one is not a link.
        let mut linked: Option<usize> = None;
        for step in steps(range, marks) {
            match step {
                Step::Text(piece) => html.text(self.text.get(piece).unwrap_or_default()),
                Step::Open { mark, first } => self.open(html, mark.what, first, &mut linked),
                Step::Close(mark) => match mark.what {
                    What::Name(at) if linked == Some(at) => {
                        linked = None;
                        html.close("a");
                    }
                    What::Quote(_) => html.close("q"),
                    _ => html.close("span"),
                },
            }
        }
    }

    fn open(&self, html: &mut Html, what: What, first: bool, linked: &mut Option<usize>) {
        match what {
            What::Quote(at) => {
                let id = first.then(|| format!("q{at}"));
                html.tag("q").with_some("id", id.as_deref()).open();
            }
            What::Passage(at) => {
                let id = first.then(|| format!("p{at}"));
                let group = format!("t{at}");
                html.tag("span")
                    .with("class", "passage")
                    .with_some("id", id.as_deref())
                    .with("data-t", &group)
                    .open();
                if first {
                    let label = format!("Renders passage {}", at + 1);
                    number(html, at, &format!("↩{}", at + 1), &label, linked.is_some());
                }
            }
            What::Sentence(at) => self.sentence(html, at, first, linked.is_some()),
            What::Name(at) => self.name(html, at, first, linked),
        }
    }

    fn sentence(&self, html: &mut Html, at: usize, first: bool, in_link: bool) {
        let translations = &self.layout.renderings[at];
        let Some(sentence) = self.layout.record.sentences.get(at) else {
            return;
        };
        let id = first.then(|| format!("s{at}"));
        let groups: Vec<String> = translations.iter().map(|at| format!("t{at}")).collect();
        let groups = groups.join(" ");
        let foreign = sentence.language != self.language && sentence.language != "und";
        let tag = html.tag("span").with("class", "s").with_some("id", id.as_deref());
        let tag = tag.with_some("data-t", (!groups.is_empty()).then_some(groups.as_str()));
        if foreign {
            tag.lang(&sentence.language)
        } else {
            tag
        }
        .open();
        for &translation in translations.iter().filter(|_| first) {
            let shown = (translation + 1).to_string();
            let label = format!("Translation {shown}");
            number(html, translation, &shown, &label, in_link);
        }
        if foreign && first {
            html.element("span", "switch", &sentence.language);
        }
    }

    fn name(&self, html: &mut Html, at: usize, first: bool, linked: &mut Option<usize>) {
        let Some(entity) = self.layout.record.entities.get(at) else {
            return;
        };
        let thing = format!("x{}", self.layout.thing_of[at]);
        // The copy of an aligned passage must not repeat the id of the mention itself.
        let id = (first && (entity.translation.is_some() || !self.copy)).then(|| format!("e{at}"));
        let is_link = linked.is_none() && first;
        let tag = html
            .tag(if is_link { "a" } else { "span" })
            .with("class", class(&entity.label));
        let tag = tag.with_some("id", id.as_deref()).with("data-x", &thing);
        let tag = tag.with_some("data-l", first.then_some(entity.label.as_str()));
        if is_link {
            *linked = Some(at);
            tag.with("href", &format!("#{thing}")).open();
        } else {
            tag.open();
        }
    }
}

/// The small number that leads from a passage to its rendering.
fn number(html: &mut Html, translation: usize, shown: &str, label: &str, in_link: bool) {
    if in_link {
        html.element("span", "n", shown);
        return;
    }
    html.tag("a")
        .with("class", "n")
        .with("href", &format!("#t{translation}"))
        .with("aria-label", label)
        .open();
    html.text(shown);
    html.close("a");
}

/// The class of a label; those that are not ours share one.
pub fn class(label: &str) -> &'static str {
    match label {
        "PER" => "name PER",
        "ORG" => "name ORG",
        "LOC" => "name LOC",
        _ => "name MISC",
    }
}
