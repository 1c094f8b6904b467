//! The page of a report.

use std::collections::BTreeMap;

use super::plot;
use super::{Histogram, NameCount, Numbers};
use crate::format::html::{Html, class, head, language, meaning, tail};

/// What the page does beyond what HTML does by itself: nothing.
const SCRIPT: &str = "";

/// A self-contained page of the figures. `title` says what they are of; `notes` are shown on top.
pub fn page(numbers: &Numbers, title: &str, notes: &[String]) -> String {
    let mut html = Html::default();
    head(&mut html, &format!("Report: {title}"), SCRIPT);
    html.raw("<header class=\"banner\">\n<p class=\"facts\">Corpus report</p>\n<h1>");
    html.isolated(title);
    html.raw("</h1>\n</header>\n<main id=\"main\" class=\"report\" tabindex=\"-1\">\n");
    for note in notes {
        html.element("p", "notice", note);
    }
    overview(&mut html, numbers);
    languages(&mut html, numbers);
    origins(&mut html, numbers);
    flags(&mut html, numbers);
    errors(&mut html, numbers);
    names(&mut html, numbers);
    spreads(&mut html, numbers);
    kinds(&mut html, numbers);
    made_with(&mut html, numbers);
    html.raw("</main>\n");
    tail(&mut html, SCRIPT);
    html.into_string()
}

fn overview(html: &mut Html, numbers: &Numbers) {
    html.raw("<dl class=\"figures\">\n");
    for (name, value) in [
        ("Documents", numbers.documents),
        ("Words", numbers.words),
        ("Sentences", numbers.sentences),
        ("Renderings", numbers.translations),
        ("Mentions of names", numbers.mentions),
        ("Documents with a flag", numbers.flagged),
        ("Documents with errors", numbers.failed),
    ] {
        html.raw("<div><dt>");
        html.text(name);
        html.raw("</dt><dd>");
        html.text(&grouped(value));
        html.raw("</dd></div>\n");
    }
    html.raw("</dl>\n");
    for (count, what) in [
        (numbers.unread, "lines were no records and are not counted below."),
        (
            numbers.without_text,
            "documents came without their text; their words are not counted.",
        ),
    ] {
        if count > 0 {
            html.element("p", "notice", &format!("{} {what}", grouped(count)));
        }
    }
}

fn languages(html: &mut Html, numbers: &Numbers) {
    let mut rows: Vec<_> = numbers.languages.iter().collect();
    rows.sort_by_key(|row| std::cmp::Reverse((row.1.words, row.1.segments)));
    let largest = rows.iter().map(|row| row.1.words).max().unwrap_or(0);
    section(
        html,
        "Languages",
        "Segments leave out posts, whose parts count. Words are those of sentences.",
    );
    table(
        html,
        &[
            "Language",
            "Words",
            "",
            "Segments",
            "Sentences",
            "Rendered",
            "Main language of",
        ],
    );
    for (code, count) in rows {
        html.raw("<tr><th scope=\"row\">");
        language(html, code, None);
        html.raw("</th>");
        with_bar(html, count.words, largest);
        for figure in [count.segments, count.sentences, count.rendered, count.documents] {
            cell(html, figure);
        }
        html.raw("</tr>\n");
    }
    end(html);
}

fn origins(html: &mut Html, numbers: &Numbers) {
    let largest = most(numbers.origins.values().map(|count| count.translations));
    section(
        html,
        "Where renderings come from",
        "Aligned ones stand in the document itself; the others were translated by a model, or could not be because there was none.",
    );
    table(html, &["Origin", "Renderings", "", "Words", "With a flag"]);
    for (origin, count) in &numbers.origins {
        row_head(html, origin);
        with_bar(html, count.translations, largest);
        cell(html, count.words);
        cell(html, count.flagged);
        html.raw("</tr>\n");
    }
    end(html);
}

fn flags(html: &mut Html, numbers: &Numbers) {
    let note = if numbers.flags.is_empty() {
        "No rendering has a flag."
    } else {
        "A rendering can have several."
    };
    section(html, "Flags", note);
    if !numbers.flags.is_empty() {
        let largest = most(numbers.flags.values().copied());
        table(html, &["Flag", "Renderings", "", "What it says"]);
        for (flag, &count) in &numbers.flags {
            row_head(html, flag);
            with_bar(html, count, largest);
            html.element("td", "", meaning(flag).trim());
            html.raw("</tr>\n");
        }
        html.raw("</tbody></table></div>\n");
    }
    html.raw("</section>\n");
}

fn errors(html: &mut Html, numbers: &Numbers) {
    let note = if numbers.errors.is_empty() {
        "No document has errors."
    } else {
        "By the code in the record."
    };
    section(html, "Errors", note);
    if !numbers.errors.is_empty() {
        let largest = most(numbers.errors.values().map(|count| count.documents));
        table(html, &["Code", "Documents", "", "Errors"]);
        for (code, count) in &numbers.errors {
            row_head(html, code);
            with_bar(html, count.documents, largest);
            cell(html, count.errors);
            html.raw("</tr>\n");
        }
        html.raw("</tbody></table></div>\n");
    }
    html.raw("</section>\n");
}

fn names(html: &mut Html, numbers: &Numbers) {
    let exact = "A thing counts once a document, under the name that the document uses most.";
    let note = match numbers.names_missed {
        0 => exact.to_owned(),
        missed => format!(
            "{exact} There were more different names than are kept at a time: a count may be too low by up to {}, and no name in more documents than that is missing.",
            grouped(missed)
        ),
    };
    section(html, "Most frequent names", &note);
    html.raw("<div class=\"columns\">\n");
    for (label, names) in &numbers.names {
        label_table(html, label, names);
    }
    html.raw("</div>\n</section>\n");
}

fn label_table(html: &mut Html, label: &str, names: &[NameCount]) {
    let largest = most(names.iter().map(|name| name.documents));
    html.raw("<div>\n<h3>");
    html.element("span", class(label), label);
    html.raw("</h3>\n");
    table(html, &["Name", "Documents", "", "Mentions"]);
    for name in names {
        row_head(html, &name.name);
        with_bar(html, name.documents, largest);
        cell(html, name.mentions);
        html.raw("</tr>\n");
    }
    html.raw("</tbody></table></div>\n</div>\n");
}

fn spreads(html: &mut Html, numbers: &Numbers) {
    section(
        html,
        "Lengths and scores",
        "Columns count what lies between the marks below them.",
    );
    html.raw("<div class=\"columns\">\n");
    for (name, histogram) in [
        ("Words of a document", &numbers.lengths),
        ("Confidence in a sentence's language", &numbers.confidences),
        ("Score of aligned renderings", &numbers.aligned_scores),
        ("Mean log probability of translations", &numbers.translated_scores),
        ("Score of mentions", &numbers.entity_scores),
    ] {
        spread(html, name, histogram);
    }
    html.raw("</div>\n</section>\n");
}

fn spread(html: &mut Html, name: &str, histogram: &Histogram) {
    html.raw("<figure>\n<figcaption>");
    html.element("b", "", name);
    match histogram.range() {
        Some([least, mean, most]) => {
            let [least, mean, most] = [least, mean, most].map(plot::short);
            html.text(&format!(
                " · {} · {least} to {most}, mean {mean}",
                grouped(histogram.count())
            ));
            html.raw("</figcaption>\n");
            plot::histogram(html, name, histogram);
            figures(html, histogram);
        }
        None => html.raw(" · none</figcaption>\n"),
    }
    html.raw("</figure>\n");
}

/// The plot's figures, for who wants them exactly.
fn figures(html: &mut Html, histogram: &Histogram) {
    html.raw("<details><summary>Figures</summary>\n");
    table(html, &["From", "To", "Count"]);
    for bin in histogram.bins() {
        html.raw("<tr>");
        html.element("td", "number", &plot::short(bin.from));
        html.element("td", "number", &plot::short(bin.to));
        cell(html, bin.count);
        html.raw("</tr>\n");
    }
    html.raw("</tbody></table></div></details>\n");
}

fn kinds(html: &mut Html, numbers: &Numbers) {
    counts(html, "Kinds of segments", "Kind", &numbers.kinds);
}

fn made_with(html: &mut Html, numbers: &Numbers) {
    counts(html, "Made with", "Version or model", &numbers.made_with);
}

fn counts(html: &mut Html, title: &'static str, what: &'static str, counts: &BTreeMap<String, u64>) {
    let largest = most(counts.values().copied());
    section(html, title, "");
    table(html, &[what, "Count", ""]);
    for (name, &count) in counts {
        row_head(html, name);
        with_bar(html, count, largest);
        html.raw("</tr>\n");
    }
    end(html);
}

fn section(html: &mut Html, title: &'static str, note: &str) {
    html.raw("<section>\n");
    html.element("h2", "", title);
    html.raw("\n");
    if !note.is_empty() {
        html.element("p", "facts", note);
        html.raw("\n");
    }
}

/// A table's head; a column without a name holds the bars of the one before it.
fn table(html: &mut Html, columns: &[&'static str]) {
    // It scrolls sideways on a phone, so it has to take the focus.
    html.tag("div")
        .with("class", "wide")
        .with("role", "group")
        .with("aria-label", &format!("Table by {}", columns[0].to_lowercase()))
        .with("tabindex", "0")
        .open();
    html.raw("<table><thead><tr>");
    for (at, name) in columns.iter().enumerate() {
        if name.is_empty() {
            html.raw("<td></td>");
            continue;
        }
        let text = at == 0 || matches!(*name, "What it says");
        html.tag("th")
            .with("scope", "col")
            .with_some("class", (!text).then_some("number"))
            .open();
        html.raw(name);
        html.raw("</th>");
    }
    html.raw("</tr></thead><tbody>\n");
}

fn end(html: &mut Html) {
    html.raw("</tbody></table></div>\n</section>\n");
}

fn row_head(html: &mut Html, name: &str) {
    html.raw("<tr><th scope=\"row\">");
    html.isolated(name);
    html.raw("</th>");
}

fn cell(html: &mut Html, figure: u64) {
    html.element("td", "number", &grouped(figure));
}

fn with_bar(html: &mut Html, figure: u64, largest: u64) {
    cell(html, figure);
    html.raw("<td class=\"bars\">");
    plot::bar(html, figure, largest);
    html.raw("</td>");
}

fn most(figures: impl Iterator<Item = u64>) -> u64 {
    figures.max().unwrap_or(0)
}

/// Digits in groups of three, apart by a narrow space that does not break.
fn grouped(figure: u64) -> String {
    let digits = figure.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped() {
        for (figure, expected) in [
            (0, "0"),
            (999, "999"),
            (1000, "1\u{202f}000"),
            (1_234_567, "1\u{202f}234\u{202f}567"),
        ] {
            assert_eq!(grouped(figure), expected);
        }
    }
}
