//! The index of a corpus: a table of its documents.

use std::io::{self, BufRead, Write};

use serde::{Deserialize, Serialize};

use super::markup::Html;
use super::page::{counted, language};
use super::{page_name, sheet};
use crate::format::{Files, Record};

/// What the index does beyond what HTML does by itself: it filters and sorts.
pub const SCRIPT: &str = include_str!("assets/index.js");

/// Documents on one page of the index: what a browser sorts without a pause, and what bounds memory.
const PAGE: usize = 5_000;

/// Makes the index of a corpus from its records: `index.html`, and `index-2.html` and so on from 5,000
/// documents a page.
///
/// A page is written when it is full, so memory does not grow with the corpus. Links lead to the files
/// that [`page_name`](super::page_name) names, beside the index.
#[derive(Debug)]
pub struct Index {
    folder: &'static str,
    entries: Vec<Entry>,
    pages: usize,
}

/// A document as the index shows it.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    id: String,
    file: String,
    language: String,
    bytes: usize,
    sentences: usize,
    aligned: usize,
    translated: usize,
    names: usize,
    flags: Vec<String>,
    errors: Vec<String>,
}

impl Default for Index {
    fn default() -> Self {
        Self::new()
    }
}

impl Index {
    /// An index in the folder `html`.
    pub fn new() -> Self {
        Self {
            folder: "html",
            entries: Vec::new(),
            pages: 0,
        }
    }

    /// Adds a document, after writing the page that was full.
    ///
    /// # Errors
    ///
    /// When a page of the index cannot be written.
    pub fn add(&mut self, record: &Record, files: &mut dyn Files) -> io::Result<()> {
        self.add_as(record, page_name(&record.id), files)
    }

    pub(super) fn add_as(&mut self, record: &Record, file: String, files: &mut dyn Files) -> io::Result<()> {
        self.push(Entry::new(record, file), files)
    }

    /// Adds the documents of a shard, from the list of its pages, which lie in `folder` below the index.
    ///
    /// # Errors
    ///
    /// When the list cannot be read, or a page of the index cannot be written.
    pub fn add_list(&mut self, list: impl BufRead, folder: &str, files: &mut dyn Files) -> io::Result<()> {
        for line in list.lines() {
            let mut entry: Entry = serde_json::from_str(&line?)?;
            entry.file = format!("{folder}/{}", entry.file);
            self.push(entry, files)?;
        }
        Ok(())
    }

    fn push(&mut self, entry: Entry, files: &mut dyn Files) -> io::Result<()> {
        if self.entries.len() == PAGE {
            self.write(files, true)?;
        }
        self.entries.push(entry);
        Ok(())
    }

    /// The file of the index page that the next document comes to stand on.
    pub(super) fn next_page(&self) -> String {
        file_name(self.pages + usize::from(self.entries.len() == PAGE))
    }

    /// Writes the last page.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn finish(mut self, files: &mut dyn Files) -> io::Result<()> {
        self.write(files, false)
    }

    fn write(&mut self, files: &mut dyn Files, more: bool) -> io::Result<()> {
        let html = page(&self.entries, self.pages, more).into_string();
        let mut file = files.create(&format!("{}/{}", self.folder, file_name(self.pages)))?;
        file.write_all(html.as_bytes())?;
        file.flush()?;
        self.entries.clear();
        self.pages += 1;
        Ok(())
    }
}

/// The index page on which the document of this number, from 0, stands.
pub(super) fn page_of(document: u64) -> String {
    file_name(usize::try_from(document).unwrap_or(usize::MAX) / PAGE)
}

/// Writes a line of a shard's list of pages.
pub(super) fn write_entry(list: &mut dyn Write, record: &Record, file: String) -> io::Result<()> {
    let mut line = serde_json::to_vec(&Entry::new(record, file))?;
    line.push(b'\n');
    list.write_all(&line)
}

impl Entry {
    fn new(record: &Record, file: String) -> Self {
        let aligned = record
            .translations
            .iter()
            .filter(|translation| translation.origin == "aligned")
            .count();
        let mut flags: Vec<String> = record
            .translations
            .iter()
            .flat_map(|one| one.flags.iter().cloned())
            .collect();
        flags.sort();
        let mut things: Vec<&str> = record
            .entities
            .iter()
            .map(|entity| entity.entity.as_str())
            .collect();
        things.sort_unstable();
        things.dedup();
        Self {
            id: record.id.clone(),
            file,
            language: record.language.clone(),
            bytes: record.source.bytes,
            sentences: record.sentences.len(),
            aligned,
            translated: record.translations.len() - aligned,
            names: things.len(),
            flags,
            errors: record.errors.iter().map(|error| error.code.clone()).collect(),
        }
    }
}

fn file_name(page: usize) -> String {
    match page {
        0 => "index.html".to_owned(),
        _ => format!("index-{}.html", page + 1),
    }
}

/// The columns: what they are called, and their class.
const COLUMNS: [(&str, &str); 9] = [
    ("Document", ""),
    ("Language", ""),
    ("Bytes", "number"),
    ("Sentences", "number"),
    ("Aligned", "number"),
    ("Translated", "number"),
    ("Names", "number"),
    ("Flags", "number tally"),
    ("Errors", "number tally"),
];

fn page(entries: &[Entry], number: usize, more: bool) -> Html {
    let mut html = Html::default();
    sheet::head(&mut html, "Documents", SCRIPT);
    html.raw("<header class=\"banner\">\n<h1>Documents</h1>\n<p class=\"facts\">");
    html.text(&totals(entries, number, more));
    html.raw("</p>\n");
    pages(&mut html, number, more);
    html.raw("</header>\n<main id=\"main\" tabindex=\"-1\">\n");
    html.raw("<p class=\"filter\" hidden><label for=\"filter\">Filter</label> <input id=\"filter\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\"> <output for=\"filter\" id=\"found\"></output></p>\n");
    html.raw("<div class=\"wide\" role=\"region\" aria-label=\"Documents\" tabindex=\"0\">\n<table class=\"index\" id=\"documents\">\n<thead><tr>");
    for (name, class) in COLUMNS {
        html.tag("th")
            .with("scope", "col")
            .with_some("class", (!class.is_empty()).then_some(class))
            .open();
        html.text(name);
        html.raw("</th>");
    }
    html.raw("</tr></thead>\n<tbody>\n");
    for entry in entries {
        row(&mut html, entry);
    }
    html.raw("</tbody>\n</table>\n</div>\n</main>\n");
    sheet::tail(&mut html, SCRIPT);
    html
}

fn totals(entries: &[Entry], number: usize, more: bool) -> String {
    let first = number * PAGE;
    let count = if number > 0 || more {
        format!("documents {} to {}", first + 1, first + entries.len())
    } else {
        counted(entries.len(), "document", "documents")
    };
    let flags: usize = entries.iter().map(|entry| entry.flags.len()).sum();
    let failed = entries.iter().filter(|entry| !entry.errors.is_empty()).count();
    format!(
        "{count} · {} · {failed} with errors",
        counted(flags, "flag", "flags")
    )
}

fn pages(html: &mut Html, number: usize, more: bool) {
    if number == 0 && !more {
        return;
    }
    html.raw("<nav aria-label=\"Pages of the index\">");
    if number > 0 {
        html.tag("a")
            .with("rel", "prev")
            .with("href", &file_name(number - 1))
            .open();
        html.raw("Previous</a> ");
    }
    if more {
        html.tag("a")
            .with("rel", "next")
            .with("href", &file_name(number + 1))
            .open();
        html.raw("Next</a>");
    }
    html.raw("</nav>\n");
}

fn row(html: &mut Html, entry: &Entry) {
    html.raw("<tr><th scope=\"row\">");
    html.tag("a").with("href", &entry.file).open();
    html.isolated(&entry.id);
    html.raw("</a></th><td>");
    language(html, &entry.language, None);
    html.raw("</td>");
    for number in [
        entry.bytes,
        entry.sentences,
        entry.aligned,
        entry.translated,
        entry.names,
    ] {
        html.element("td", "number", &number.to_string());
    }
    tally(html, &entry.flags, "flagged");
    tally(html, &entry.errors, "failed");
    html.raw("</tr>\n");
}

/// A number of things, with what they are.
fn tally(html: &mut Html, things: &[String], class: &'static str) {
    html.open("td", "number tally");
    html.text(&things.len().to_string());
    let mut different: Vec<&String> = things.iter().collect();
    different.dedup();
    for thing in different {
        html.raw(" ");
        html.open("span", class);
        html.isolated(thing);
        html.close("span");
    }
    html.raw("</td>");
}
