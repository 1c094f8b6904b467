//! The renderings beside a segment.

use super::layout::Layout;
use super::markup::Html;
use super::passage;
use crate::format::TranslationRecord;

/// Writes the cell with the renderings of a row.
pub fn renderings(html: &mut Html, layout: &Layout<'_>, translations: &[usize]) {
    html.raw("<div role=\"cell\" class=\"target\">");
    for &at in translations {
        if let Some(translation) = layout.record.translations.get(at) {
            rendering(html, layout, at, translation);
        }
    }
    html.raw("</div>\n");
}

fn rendering(html: &mut Html, layout: &Layout<'_>, at: usize, translation: &TranslationRecord) {
    let id = format!("t{at}");
    html.tag("div")
        .with("class", "rendering")
        .with("id", &id)
        .with("data-t", &id)
        .open();
    back(html, layout, at);
    html.tag("p")
        .with("dir", "auto")
        .lang(&translation.language)
        .open();
    passage::rendering(html, layout, at, translation);
    html.raw("</p>\n");
    origin(html, layout, at, translation);
    flags(html, translation);
    html.raw("</div>\n");
}

/// The number of the rendering, which leads back to its source.
fn back(html: &mut Html, layout: &Layout<'_>, at: usize) {
    let shown = (at + 1).to_string();
    // A sentence that is not shown has no place to lead to.
    match layout.first[at].filter(|_| layout.loose.binary_search(&at).is_err()) {
        Some(sentence) => {
            html.tag("a")
                .with("class", "n")
                .with("href", &format!("#s{sentence}"))
                .with("aria-label", &format!("Source of translation {shown}"))
                .open();
            html.text(&shown);
            html.close("a");
        }
        None => html.element("span", "n", &shown),
    }
}

fn origin(html: &mut Html, layout: &Layout<'_>, at: usize, translation: &TranslationRecord) {
    html.raw("<p class=\"origin\">");
    match translation.origin.as_str() {
        "aligned" => aligned(html, layout, at, translation),
        "translated" if translation.model.is_some() => {
            html.raw("<b>Translated</b> by ");
            html.isolated(translation.model.as_deref().unwrap_or_default());
            html.text(&format!(" · mean log probability {}", score(translation.score)));
        }
        "translated" => html.raw("<b>Not translated</b>: no model"),
        other => {
            html.raw("Origin ");
            html.isolated(other);
        }
    }
    html.raw("</p>\n");
}

fn aligned(html: &mut Html, layout: &Layout<'_>, at: usize, translation: &TranslationRecord) {
    html.raw("<b>In this document</b>");
    if layout.passage(translation).is_some() {
        html.raw(": ");
        html.tag("a").with("href", &format!("#p{at}")).open();
        html.raw("see the passage</a>");
    }
    html.text(&format!(" · match {}", score(translation.score)));
}

/// A score with a minus sign rather than a hyphen.
fn score(score: f32) -> String {
    format!("{score:.2}").replace('-', "−")
}

fn flags(html: &mut Html, translation: &TranslationRecord) {
    if translation.flags.is_empty() {
        return;
    }
    html.raw("<ul class=\"flags\" aria-label=\"Flags\">");
    for flag in &translation.flags {
        html.raw("<li><b>");
        html.isolated(flag);
        html.raw("</b>");
        html.text(meaning(flag));
        html.raw("</li>");
    }
    html.raw("</ul>\n");
}

/// What a flag says.
pub fn meaning(flag: &str) -> &'static str {
    match flag {
        "truncated" => " the end is missing",
        "repetition" => " it repeats itself",
        "copied" => " the source came back untranslated",
        "wrong-language" => " it is in another language",
        "number-mismatch" => " numbers differ from the source",
        "protected-lost" => " a link, handle or hashtag is lost",
        "no-model" => " there is no model for this language",
        _ => "",
    }
}
