use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use proptest::prelude::*;

use super::*;
use crate::format::fake;

/// Files in memory.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<BTreeMap<String, Vec<u8>>>>);

struct File(Memory, String);

impl Files for Memory {
    fn create(&mut self, suffix: &str) -> io::Result<Box<dyn Write + Send>> {
        let taken = self.0.lock().unwrap().insert(suffix.to_owned(), Vec::new());
        if let Some(contents) = taken {
            self.0.lock().unwrap().insert(suffix.to_owned(), contents);
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        Ok(Box::new(File(self.clone(), suffix.to_owned())))
    }
}

impl Write for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.0.lock().unwrap().get_mut(&self.1).unwrap().extend(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn written(records: &[Record]) -> (BTreeMap<String, String>, Counts) {
    let files = Memory::default();
    let mut sink = Box::new(HtmlSink::new(Box::new(files.clone())));
    for record in records {
        sink.write(record).unwrap();
    }
    let counts = sink.finish().unwrap();
    let files = files.0.lock().unwrap().clone();
    let text = |(name, bytes)| (name, String::from_utf8(bytes).unwrap());
    (files.into_iter().map(text).collect(), counts)
}

fn page_of(record: &Record) -> String {
    page::page(record, "index.html").into_string()
}

/// The tags of a page, in order, and its text without them; scripts and styles left out.
fn parsed(html: &str) -> (Vec<String>, String) {
    let (mut tags, mut text) = (Vec::new(), String::new());
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        text.push_str(&rest[..start]);
        let end = start + rest[start..].find('>').expect("a tag should end");
        let tag = &rest[start + 1..end];
        tags.push(tag.to_owned());
        rest = &rest[end + 1..];
        if tag == "style" || tag == "script" {
            rest = &rest[rest.find("</").expect("an element should end")..];
        }
    }
    (tags, text + rest)
}

/// Tags open and close in pairs, ids are unique, and links within the page lead somewhere.
#[track_caller]
fn check_well_formed(html: &str) {
    const VOID: [&str; 4] = ["meta", "link", "input", "!DOCTYPE"];
    let (tags, _) = parsed(html);
    let mut open: Vec<&str> = Vec::new();
    for tag in &tags {
        let name = tag.split(' ').next().unwrap();
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "in {html}"),
            None if VOID.contains(&name) => {}
            None => {
                assert!(
                    name != "a" || !open.contains(&"a"),
                    "a link stands in a link: {html}"
                );
                open.push(name);
            }
        }
    }
    assert!(open.is_empty(), "{open:?} should be closed");
    let values = |name: &str| -> Vec<String> {
        let pattern = format!(" {name}=\"");
        let value = |tag: &String| {
            let start = tag.find(&pattern)? + pattern.len();
            Some(tag[start..].split('"').next()?.to_owned())
        };
        tags.iter().filter_map(value).collect()
    };
    let mut ids = values("id");
    ids.sort();
    let count = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), count, "ids should be unique");
    for target in values("href").iter().filter_map(|href| href.strip_prefix('#')) {
        assert!(ids.contains(&target.to_owned()), "`#{target}` leads nowhere");
    }
}

#[test]
fn pages_of_any_record_are_well_formed() {
    for record in [fake::plain(), fake::nasty(), fake::unreadable()] {
        check_well_formed(&page_of(&record));
    }
    let mut without_text = fake::nasty();
    without_text.text = None;
    check_well_formed(&page_of(&without_text));
    for html in written(&[fake::plain(), fake::nasty(), fake::unreadable()])
        .0
        .values()
    {
        check_well_formed(html);
    }
}

#[test]
fn the_text_of_a_record_never_becomes_markup() {
    let record = fake::nasty();
    let html = page_of(&record);
    let (tags, _) = parsed(&html);
    for tag in &tags {
        let name = tag.split(' ').next().unwrap();
        assert!(!["img", "i", "!--", "/i"].contains(&name), "{tag}");
        assert!(
            !tag.contains("href=\"javascript"),
            "a link should lead to the web: {tag}"
        );
    }
    assert_eq!(tags.iter().filter(|tag| *tag == "script").count(), 1);
    assert!(!html.contains("onerror=alert(2)>") && !html.contains("\" onmouseover"));
}

#[test]
fn a_page_shows_what_is_known() {
    let html = page_of(&fake::plain());
    let (_, text) = parsed(&html);
    for part in [
        "news/bridge.txt",
        "8 segments · 4 sentences · 2 renderings (1 from the document itself, 1 flagged) · 6 mentions of 2 names",
        "In this document",
        "match 0.87",
        "Translated",
        "bundled/fr-en",
        "mean log probability −0.44",
        "number-mismatch",
        "@ansa_k",
        "2025-03-04",
        "97.1 %",
        "&quot;desk&quot;: &quot;culture&quot;",
    ] {
        assert!(text.contains(part), "expected `{part}` in {text}");
    }
    for part in [
        "href=\"https://pont.example.org/mai\"",
        "href=\"#p0\"",
        "id=\"p0\"",
        "<p dir=\"auto\" lang=\"fr\">",
        "Content-Security-Policy",
    ] {
        assert!(html.contains(part), "expected `{part}` in {html}");
    }
}

#[test]
fn mentions_of_one_thing_share_a_mark_on_both_sides() {
    let html = page_of(&fake::plain());
    let (source, rest) = html.split_once("id=\"t0\"").unwrap();
    assert!(source.contains("data-x=\"x0\""));
    let rendering = rest.split("class=\"origin\"").next().unwrap();
    assert!(rendering.contains("data-x=\"x0\""), "{rendering}");
}

#[test]
fn errors_are_shown() {
    let (_, text) = parsed(&page_of(&fake::unreadable()));
    for part in [
        "invalid-utf8",
        "expected UTF-8, found &lt;b&gt;UTF-16&lt;/b&gt;",
        "holds no text",
    ] {
        assert!(text.contains(part), "expected `{part}` in {text}");
    }
}

#[test]
fn each_record_has_a_page_and_the_index_leads_to_it() {
    let records = [fake::plain(), fake::nasty(), fake::plain(), fake::unreadable()];
    let (files, counts) = written(&records);
    assert_eq!(files.len(), 5, "{:?}", files.keys());
    assert_eq!(counts.records, 4);
    assert!(counts.replaced > 0, "control characters should be counted");
    let index = &files["html/index.html"];
    for name in files.keys().filter(|name| *name != "html/index.html") {
        let file = name.strip_prefix("html/").unwrap();
        assert!(index.contains(&format!("href=\"{file}\"")), "{file}");
        assert!(files[name].contains("href=\"index.html\""));
    }
}

#[test]
fn shards_of_a_corpus_share_an_index() {
    let mut index = Index::new();
    let whole = Memory::default();
    for (shard, before) in [("00000", 4_998), ("00001", 5_001)] {
        let files = Memory::default();
        let mut sink = Box::new(HtmlSink::shard(Box::new(files.clone()), before).unwrap());
        for record in [fake::plain(), fake::plain(), fake::unreadable()] {
            sink.write(&record).unwrap();
        }
        sink.finish().unwrap();
        let files = files.0.lock().unwrap();
        assert_eq!(files.len(), 4, "{:?}", files.keys());
        let list = files["html/pages.jsonl"].as_slice();
        index.add_list(list, shard, &mut whole.clone()).unwrap();
        let pages = files.iter().filter(|(name, _)| name.ends_with(".html"));
        let to_second =
            pages.filter(|(_, page)| String::from_utf8_lossy(page).contains("\"../index-2.html\""));
        assert_eq!(to_second.count(), if before < 5_000 { 1 } else { 3 });
    }
    index.finish(&mut whole.clone()).unwrap();
    let files = whole.0.lock().unwrap();
    let text = String::from_utf8(files["html/index.html"].clone()).unwrap();
    for shard in ["00000", "00001"] {
        assert_eq!(text.matches(&format!("href=\"{shard}/")).count(), 3);
    }
}

#[test]
fn a_long_index_has_pages() {
    let files = Memory::default();
    let mut index = Index::new();
    let record = fake::unreadable();
    for _ in 0..5_001 {
        index.add(&record, &mut files.clone()).unwrap();
    }
    assert_eq!(index.next_page(), "index-2.html");
    index.finish(&mut files.clone()).unwrap();
    let files = files.0.lock().unwrap();
    let text = |name: &str| String::from_utf8(files[name].clone()).unwrap();
    assert!(text("html/index.html").contains("href=\"index-2.html\""));
    assert!(text("html/index-2.html").contains("documents 5001 to 5001"));
}

#[test]
fn the_same_records_give_the_same_pages() {
    let records = [fake::plain(), fake::nasty()];
    assert_eq!(written(&records).0, written(&records).0);
}

/// What the cells of the source side hold, without numbers, languages and bylines, which are ours.
fn source_side(html: &str) -> String {
    let mut text = String::new();
    for cell in html.split("class=\"source\">").skip(1) {
        let mut cell = cell.split("</div>").next().unwrap().to_owned();
        for (start, end) in [
            ("<a class=\"n\"", "</a>"),
            ("<span class=\"n\"", "</span>"),
            ("<span class=\"switch\"", "</span>"),
            ("<p class=\"byline\"", "</p>"),
        ] {
            while let Some(from) = cell.find(start) {
                let to = from + cell[from..].find(end).unwrap() + end.len();
                cell.replace_range(from..to, "");
            }
        }
        text.push_str(&parsed(&cell).1);
    }
    for (escaped, character) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ] {
        text = text.replace(escaped, character);
    }
    text
}

/// A text without white space, and with what HTML forbids replaced.
fn bare(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_whitespace())
        .map(|character| {
            if character.is_control() {
                '\u{fffd}'
            } else {
                character
            }
        })
        .collect()
}

proptest! {
    #![proptest_config(crate::testing::cases(64))]
    #[test]
    fn any_text_and_any_offsets_give_a_page_that_holds_the_text(
        text in any::<String>(),
        spans in prop::collection::vec((0_usize..60, 0_usize..60), 20),
        fields in prop::collection::vec(any::<String>(), 8),
    ) {
        let mut record = fake::nasty();
        let mut spans = spans.into_iter().cycle();
        let mut place = |span: &mut crate::format::SpanRecord| {
            (span.start, span.end) = spans.next().unwrap_or_default();
        };
        record.segments.iter_mut().for_each(|one| place(&mut one.span));
        record.sentences.iter_mut().for_each(|one| place(&mut one.span));
        record.entities.iter_mut().for_each(|one| place(&mut one.span));
        record.translations.iter_mut().filter_map(|one| one.span.as_mut()).for_each(place);
        record.id.clone_from(&fields[0]);
        record.language.clone_from(&fields[1]);
        record.segments[0].kind.clone_from(&fields[2]);
        record.segments[4].url = Some(fields[3].clone());
        record.segments[4].author = Some(fields[4].clone());
        record.entities[0].label.clone_from(&fields[5]);
        record.translations[0].flags.push(fields[6].clone());
        record.translations[0].text.clone_from(&fields[7]);
        record.text = Some(text.clone());
        let html = page_of(&record);
        check_well_formed(&html);
        prop_assert_eq!(bare(&source_side(&html)), bare(&text));
    }
}
