//! Records as pages for people: one self-contained HTML file a document, and an index of the corpus.
//!
//! A page loads nothing from anywhere, and a policy in its head forbids it to. It works without its
//! script, which lights up the mentions of one name together. No text of a record can become markup:
//! `markup` is the only way to write one.

mod index;
mod layout;
mod markup;
mod name;
mod names;
mod nest;
mod page;
mod passage;
mod sheet;
mod side;

use std::collections::HashMap;
use std::io::{self, Write};

pub use index::Index;
pub(crate) use markup::Html;
pub use name::page_name;
pub(crate) use page::language;
pub(crate) use passage::class;
pub(crate) use sheet::{head, tail};
pub(crate) use side::meaning;

use super::{Counts, Files, Record, Sink};

/// Writes a page a record, and the index when it is finished: `html/<name>.html`, `html/index.html`.
///
/// Names are those of [`page_name`]. A further record of the same id gets a number behind it, also where
/// the page of the first was made by another sink and [`Files::create`] says so with
/// [`io::ErrorKind::AlreadyExists`].
pub struct HtmlSink {
    files: Box<dyn Files>,
    index: Option<Index>,
    /// How often a name was given, by the start of its hash: a few bytes a document.
    given: HashMap<u64, u32>,
    counts: Counts,
}

impl HtmlSink {
    /// A sink that creates its files among `files`.
    pub fn new(files: Box<dyn Files>) -> Self {
        Self {
            index: Some(Index::new()),
            ..Self::pages_only(files)
        }
    }

    /// A sink that writes no index, for one part of a corpus. Pages lead to an `index.html` all the
    /// same: make it with [`Index`] when all parts are there.
    pub fn pages_only(files: Box<dyn Files>) -> Self {
        Self {
            files,
            index: None,
            given: HashMap::new(),
            counts: Counts::default(),
        }
    }

    /// Creates the page of a document under the first of its names that is free.
    fn create(&mut self, id: &str) -> io::Result<(String, Box<dyn Write + Send>)> {
        loop {
            let name = self.name(id);
            match self.files.create(&format!("html/{name}")) {
                Ok(file) => return Ok((name, file)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn name(&mut self, id: &str) -> String {
        let name = page_name(id);
        let stem = name.trim_end_matches(".html");
        let digits = stem.rsplit('-').next().unwrap_or_default();
        let times = self
            .given
            .entry(u64::from_str_radix(digits, 16).unwrap_or_default())
            .or_default();
        *times += 1;
        match times {
            1 => name,
            times => format!("{stem}-{times}.html"),
        }
    }
}

impl Sink for HtmlSink {
    fn write(&mut self, record: &Record) -> io::Result<()> {
        let index = self
            .index
            .as_ref()
            .map_or("index.html".to_owned(), Index::next_page);
        let html = page::page(record, &index);
        self.counts.records += 1;
        self.counts.replaced += html.replaced();
        let (name, mut file) = self.create(&record.id)?;
        file.write_all(html.into_string().as_bytes())?;
        file.flush()?;
        match &mut self.index {
            Some(index) => index.add_as(record, name, self.files.as_mut()),
            None => Ok(()),
        }
    }

    fn finish(mut self: Box<Self>) -> io::Result<Counts> {
        if let Some(index) = self.index.take() {
            index.finish(self.files.as_mut())?;
        }
        Ok(self.counts)
    }
}

#[cfg(test)]
mod tests;
