//! The table of the names of a document.

use std::collections::HashMap;

use super::layout::{Layout, Thing};
use super::markup::Html;
use super::passage;

/// Writes the table, a row a thing, with links to its mentions.
pub fn table(html: &mut Html, layout: &Layout<'_>) {
    if layout.things.is_empty() {
        return;
    }
    html.raw("<section class=\"names\" aria-labelledby=\"names\">\n<h2 id=\"names\">Names</h2>\n");
    html.raw("<table>\n<thead><tr><th scope=\"col\">Name</th><th scope=\"col\">Label</th><th scope=\"col\">In the text</th><th scope=\"col\">In translations</th><th scope=\"col\">Score</th></tr></thead>\n<tbody>\n");
    for (at, thing) in layout.things.iter().enumerate() {
        row(html, layout, at, thing);
    }
    html.raw("</tbody>\n</table>\n</section>\n");
}

fn row(html: &mut Html, layout: &Layout<'_>, at: usize, thing: &Thing) {
    let entities = &layout.record.entities;
    let id = format!("x{at}");
    let forms = forms(thing.mentions.iter().map(|&at| entities[at].text.as_str()));
    html.tag("tr").with("id", &id).with("data-x", &id).open();
    html.raw("<th scope=\"row\" dir=\"auto\">");
    for (place, form) in forms.iter().enumerate() {
        match place {
            0 => html.isolated(form),
            _ => {
                html.raw(" <span class=\"form\">");
                html.isolated(form);
                html.raw("</span>");
            }
        }
    }
    html.raw("</th><td>");
    for label in self::forms(thing.mentions.iter().map(|&at| entities[at].label.as_str())) {
        html.element("span", passage::class(label), label);
        html.raw(" ");
    }
    html.raw("</td><td>");
    mentions(html, layout, thing, false);
    html.raw("</td><td>");
    mentions(html, layout, thing, true);
    html.raw("</td><td>");
    html.text(&scores(thing.mentions.iter().map(|&at| entities[at].score)));
    html.raw("</td></tr>\n");
}

fn mentions(html: &mut Html, layout: &Layout<'_>, thing: &Thing, translated: bool) {
    let mut number = 0;
    for &at in &thing.mentions {
        let entity = &layout.record.entities[at];
        if entity.translation.is_some() != translated {
            continue;
        }
        number += 1;
        let shown = number.to_string();
        if layout.shown[at] {
            html.tag("a")
                .with("href", &format!("#e{at}"))
                .with("class", "mention")
                .with("aria-label", &format!("Mention {shown}: {}", entity.text))
                .open();
            html.text(&shown);
            html.close("a");
        } else {
            html.element("span", "mention", &shown);
        }
        html.raw(" ");
    }
}

/// Different forms, the most frequent first, then by first appearance.
fn forms<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut forms: Vec<(&str, usize)> = Vec::new();
    let mut index = HashMap::new();
    for text in texts {
        let at = *index.entry(text).or_insert(forms.len());
        if at == forms.len() {
            forms.push((text, 0));
        }
        forms[at].1 += 1;
    }
    forms.sort_by_key(|form| std::cmp::Reverse(form.1));
    forms.into_iter().map(|form| form.0).collect()
}

fn scores(scores: impl Iterator<Item = f32> + Clone) -> String {
    let least = scores.clone().fold(f32::INFINITY, f32::min);
    let most = scores.fold(f32::NEG_INFINITY, f32::max);
    let (least, most) = (format!("{least:.2}"), format!("{most:.2}"));
    if least == most {
        least
    } else {
        format!("{least}–{most}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_form_comes_first() {
        assert_eq!(
            forms(["FLK", "Fund", "Fund", "FLK", "Fund"].into_iter()),
            ["Fund", "FLK"]
        );
        assert_eq!(forms(["b", "a"].into_iter()), ["b", "a"]);
    }

    #[test]
    fn one_score_is_no_range() {
        assert_eq!(scores([0.5].into_iter()), "0.50");
        assert_eq!(scores([0.9, 0.5, 0.7].into_iter()), "0.50–0.90");
    }
}
