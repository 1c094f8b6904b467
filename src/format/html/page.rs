//! The page of one document.

use super::layout::{Layout, Row};
use super::markup::{Html, link};
use super::names;
use super::passage;
use super::sheet;
use super::side;
use crate::format::{Record, SegmentRecord, TranslationRecord};

/// What the page does beyond what HTML does by itself.
pub const SCRIPT: &str = include_str!("assets/page.js");

/// Writes the page of `record`, with a link to the index it belongs to.
pub fn page(record: &Record, index: &str) -> Html {
    let layout = Layout::new(record);
    let mut html = Html::default();
    sheet::head(&mut html, &record.id, SCRIPT);
    banner(&mut html, &layout, index);
    html.raw("<main id=\"main\" tabindex=\"-1\">\n");
    problems(&mut html, &layout);
    rows(&mut html, &layout);
    names::table(&mut html, &layout);
    provenance(&mut html, record);
    html.raw("</main>\n");
    sheet::tail(&mut html, SCRIPT);
    html
}

fn banner(html: &mut Html, layout: &Layout<'_>, index: &str) {
    let record = layout.record;
    html.raw("<header class=\"banner\">\n<nav aria-label=\"Corpus\">");
    html.tag("a").with("href", index).open();
    html.raw("All documents</a></nav>\n<h1>");
    html.isolated(&record.id);
    html.raw("</h1>\n<p class=\"facts\">");
    language(html, &record.language, None);
    html.text(&format!(" {}", counts(layout)));
    first_flag(html, record);
    html.raw("</p>\n");
    if !record.entities.is_empty() {
        html.raw("<p class=\"legend\" id=\"legend\"><span>Names:</span> ");
        for (label, meaning) in [
            ("PER", "person"),
            ("ORG", "organisation"),
            ("LOC", "place"),
            ("MISC", "other"),
        ] {
            html.tag("span")
                .with("class", passage::class(label))
                .with("data-l", label)
                .open();
            html.text(meaning);
            html.close("span");
            html.raw(" ");
        }
        html.raw("</p>\n");
    }
    html.raw("</header>\n");
}

/// Leads to the first rendering with a flag.
fn first_flag(html: &mut Html, record: &Record) {
    let first = record
        .translations
        .iter()
        .position(|translation| !translation.flags.is_empty());
    if let Some(first) = first {
        html.raw(" · ");
        html.tag("a").with("href", &format!("#t{first}")).open();
        html.raw("first flag</a>");
    }
}

fn counts(layout: &Layout<'_>) -> String {
    let record = layout.record;
    let count = |is_so: fn(&TranslationRecord) -> bool| {
        record
            .translations
            .iter()
            .filter(|translation| is_so(translation))
            .count()
    };
    let aligned = count(|translation| translation.origin == "aligned");
    let flagged = count(|translation| !translation.flags.is_empty());
    let mut parts = vec![
        counted(record.segments.len(), "segment", "segments"),
        counted(record.sentences.len(), "sentence", "sentences"),
        format!(
            "{} ({aligned} from the document itself, {flagged} flagged)",
            counted(record.translations.len(), "rendering", "renderings")
        ),
        format!(
            "{} of {}",
            counted(record.entities.len(), "mention", "mentions"),
            counted(layout.things.len(), "name", "names")
        ),
    ];
    if !record.errors.is_empty() {
        parts.push(counted(record.errors.len(), "error", "errors"));
    }
    parts.join(" · ")
}

/// A count with its noun.
pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn problems(html: &mut Html, layout: &Layout<'_>) {
    let record = layout.record;
    if !record.errors.is_empty() {
        html.raw(
            "<section class=\"errors\" aria-labelledby=\"errors\">\n<h2 id=\"errors\">Errors</h2>\n<ul>\n",
        );
        for error in &record.errors {
            html.raw("<li>");
            html.element("code", "", &error.code);
            html.raw(" while doing ");
            html.isolated(&error.stage);
            html.raw(": ");
            html.isolated(&error.message);
            html.raw("</li>\n");
        }
        html.raw("</ul>\n</section>\n");
    }
    if layout.misfits > 0 {
        html.open("p", "notice");
        html.text(&format!(
            "{} of this record do not fit its text and are not shown there.",
            counted(layout.misfits, "span", "spans")
        ));
        html.raw("</p>\n");
    }
    if record.text.is_none() {
        html.element("p", "notice", "The record holds no text.");
    }
}

fn rows(html: &mut Html, layout: &Layout<'_>) {
    if layout.rows.is_empty() && layout.loose.is_empty() {
        return;
    }
    html.raw("<h2 class=\"hidden\" id=\"parallel\">Text</h2>\n");
    html.raw("<div role=\"table\" class=\"parallel\" aria-labelledby=\"parallel\">\n");
    html.raw("<div role=\"row\" class=\"row heads\"><div role=\"columnheader\">Segment</div><div role=\"columnheader\">Source</div><div role=\"columnheader\">Rendering in ");
    html.isolated(target(layout.record));
    html.raw("</div></div>\n");
    for row in &layout.rows {
        write_row(html, layout, row);
    }
    if !layout.loose.is_empty() {
        html.raw("<div role=\"row\" class=\"row\"><div role=\"rowheader\" class=\"kind\"><b>Without a place</b></div><div role=\"cell\" class=\"source\"></div>\n");
        side::renderings(html, layout, &layout.loose);
        html.raw("</div>\n");
    }
    html.raw("</div>\n");
}

fn target(record: &Record) -> &str {
    record
        .translations
        .first()
        .map(|translation| translation.language.as_str())
        .or_else(|| record.run.settings.get("to").map(String::as_str))
        .unwrap_or("the target language")
}

fn write_row(html: &mut Html, layout: &Layout<'_>, row: &Row) {
    let segments = &layout.record.segments;
    let segment = row.segment.and_then(|at| segments.get(at));
    let kind = segment.map_or("text", |segment| segment.kind.as_str());
    let id = row.segment.map(|at| format!("g{at}"));
    html.tag("div")
        .with("role", "row")
        .with("class", class(kind))
        .with_some("id", id.as_deref())
        .open();
    html.raw("<div role=\"rowheader\" class=\"kind\">");
    html.element("b", "", name(kind));
    if let Some(segment) = segment {
        html.raw(" ");
        language(html, &segment.language, Some(segment.confidence));
    }
    for quote in row.quotes.iter().filter_map(|&at| Some((at, segments.get(at)?))) {
        quoted(html, quote.0, quote.1);
    }
    html.raw("</div>\n");
    html.raw("<div role=\"cell\" class=\"source\">");
    match segment {
        Some(segment) if !row.parts.is_empty() => post(html, layout, row, segment),
        _ => paragraph(
            html,
            layout,
            row.range.clone(),
            segment.map_or("und", |segment| segment.language.as_str()),
            "",
        ),
    }
    html.raw("</div>\n");
    side::renderings(html, layout, &row.translations);
    html.raw("</div>\n");
}

/// A quote as it is named beside its paragraph.
fn quoted(html: &mut Html, at: usize, quote: &SegmentRecord) {
    html.raw("<span class=\"sub\">");
    html.tag("a").with("href", &format!("#q{at}")).open();
    html.raw("Quote</a> ");
    language(html, &quote.language, Some(quote.confidence));
    if let Some(author) = &quote.author {
        html.raw(" <span class=\"who\">");
        html.isolated(author);
        html.raw("</span>");
    }
    html.raw("</span>");
}

fn post(html: &mut Html, layout: &Layout<'_>, row: &Row, segment: &SegmentRecord) {
    byline(html, segment);
    let mut cursor = row.range.start;
    let rest = |html: &mut Html, range: std::ops::Range<usize>| {
        // What stands between the parts of a post is blank, unless the record comes from elsewhere.
        if layout
            .text
            .get(range.clone())
            .is_some_and(|gap| !gap.trim().is_empty())
        {
            paragraph(html, layout, range, &segment.language, "");
        }
    };
    for (at, range) in &row.parts {
        rest(html, cursor..range.start);
        let part = &layout.record.segments[*at];
        let class = if part.kind == "post-body" { "" } else { "aside" };
        paragraph(html, layout, range.clone(), &part.language, class);
        cursor = range.end;
    }
    rest(html, cursor..row.range.end);
}

fn byline(html: &mut Html, segment: &SegmentRecord) {
    html.raw("<p class=\"byline\">");
    if let Some(author) = &segment.author {
        html.raw("<b>");
        html.isolated(author);
        html.raw("</b> ");
    }
    if let Some(handle) = &segment.handle {
        html.raw("<span>");
        html.isolated(&format!("@{handle}"));
        html.raw("</span> ");
    }
    if let Some(date) = &segment.date {
        html.raw("<span>");
        html.isolated(date);
        html.raw("</span> ");
    }
    if let Some(url) = &segment.url {
        outward(html, url);
    }
    html.raw("</p>\n");
}

/// A link of the document, which is a link here only where it leads to the web.
fn outward(html: &mut Html, url: &str) {
    match link(url) {
        Some(address) => {
            html.tag("a")
                .with("href", &address)
                .with("rel", "noopener noreferrer nofollow external")
                .open();
            html.isolated(url);
            html.raw("</a>");
        }
        None => html.isolated(url),
    }
}

fn paragraph(
    html: &mut Html,
    layout: &Layout<'_>,
    range: std::ops::Range<usize>,
    language: &str,
    class: &'static str,
) {
    let tag = html.tag("p").with("dir", "auto").lang(language);
    tag.with_some("class", (!class.is_empty()).then_some(class))
        .open();
    passage::source(html, layout, range, language);
    html.raw("</p>\n");
}

/// A language with its confidence, where it has one.
pub fn language(html: &mut Html, language: &str, confidence: Option<f32>) {
    html.tag("span")
        .with("class", "lang")
        .with("data-lang", language)
        .open();
    html.isolated(language);
    html.raw("</span>");
    if let Some(confidence) = confidence.filter(|_| language != "und") {
        html.text(" ");
        html.element("span", "confidence", &percent(confidence));
    }
}

/// A probability as a percentage that is never rounded up to certainty.
fn percent(probability: f32) -> String {
    if probability >= 1.0 {
        return "100 %".to_owned();
    }
    let tenths = (f64::from(probability) * 1000.0).round().min(999.0);
    format!("{:.1} %", tenths / 10.0)
}

fn class(kind: &str) -> &'static str {
    match kind {
        "header" => "row header",
        "title" => "row title",
        "post" => "row post",
        _ => "row",
    }
}

fn name(kind: &str) -> &str {
    match kind {
        "header" => "Header",
        "title" => "Title",
        "paragraph" => "Paragraph",
        "quote" => "Quote",
        "post" => "Post",
        "post-body" => "Post body",
        "post-media" => "Media",
        "post-signature" => "Signature",
        "text" => "Text",
        other => other,
    }
}

fn provenance(html: &mut Html, record: &Record) {
    html.raw("<section class=\"provenance\" aria-labelledby=\"provenance\">\n<h2 id=\"provenance\">Provenance</h2>\n<dl>\n");
    let source = &record.source;
    fact(html, "Document", &record.id);
    if let Some(path) = &source.path {
        fact(html, "Read from", path);
    }
    fact(html, "Bytes", &source.bytes.to_string());
    fact(html, "SHA-256", &source.sha256);
    fact(html, "Encoding", source.encoding.as_deref().unwrap_or("utf-8"));
    if let Some(media_type) = &source.media_type {
        fact(html, "Extracted from", media_type);
    }
    fact(html, "diglot", &record.run.version);
    for model in &record.run.models {
        fact(
            html,
            &format!("Model: {}", model.role),
            &format!("{} {}", model.name, model.sha256),
        );
    }
    for (key, value) in &record.run.settings {
        fact(html, &format!("Setting: {key}"), value);
    }
    fact(html, "Schema", &record.schema);
    html.raw("</dl>\n");
    if let Some(meta) = &record.meta {
        html.raw("<details><summary>Fields that came with the document</summary>\n<pre tabindex=\"0\" dir=\"auto\">");
        html.text(&serde_json::to_string_pretty(meta).unwrap_or_default());
        html.raw("</pre></details>\n");
    }
    html.raw("</section>\n");
}

fn fact(html: &mut Html, name: &str, value: &str) {
    html.raw("<div><dt>");
    html.isolated(name);
    html.raw("</dt><dd>");
    html.isolated(value);
    html.raw("</dd></div>\n");
}
