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
    index: Listing,
    /// How often a name was given, by the start of its hash: a few bytes a document.
    given: HashMap<u64, u32>,
    counts: Counts,
}

/// Where it is noted which pages there are.
enum Listing {
    /// In the index itself.
    Whole(Index),
    /// In a list that the index of all shards is made of.
    Shard {
        before: u64,
        list: Box<dyn Write + Send>,
    },
}

impl HtmlSink {
    /// A sink that creates its files among `files`.
    pub fn new(files: Box<dyn Files>) -> Self {
        Self {
            files,
            index: Listing::Whole(Index::new()),
            given: HashMap::new(),
            counts: Counts::default(),
        }
    }

    /// A sink for a shard of a corpus, which comes after `before` pages of other shards. It writes a list of
    /// its pages, `html/pages.jsonl`, instead of the index; pages lead to one in the folder above, which
    /// [`Index::add_list`] makes of the lists of all shards.
    ///
    /// # Errors
    ///
    /// When the list cannot be created.
    pub fn shard(mut files: Box<dyn Files>, before: u64) -> io::Result<Self> {
        let list = files.create("html/pages.jsonl")?;
        Ok(Self {
            index: Listing::Shard { before, list },
            ..Self::new(files)
        })
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
        let index = match &self.index {
            Listing::Whole(index) => index.next_page(),
            Listing::Shard { before, .. } => format!("../{}", index::page_of(before + self.counts.records)),
        };
        let html = page::page(record, &index);
        self.counts.records += 1;
        self.counts.replaced += html.replaced();
        let (name, mut file) = self.create(&record.id)?;
        file.write_all(html.into_string().as_bytes())?;
        file.flush()?;
        match &mut self.index {
            Listing::Whole(index) => index.add_as(record, name, self.files.as_mut()),
            Listing::Shard { list, .. } => index::write_entry(list, record, name),
        }
    }

    fn finish(mut self: Box<Self>) -> io::Result<Counts> {
        match self.index {
            Listing::Whole(index) => index.finish(self.files.as_mut())?,
            Listing::Shard { mut list, .. } => list.flush()?,
        }
        Ok(self.counts)
    }
}

#[cfg(test)]
mod tests;
