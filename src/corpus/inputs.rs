//! From what was named to the files that hold documents.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::search::Search;
use super::{ReadOptions, Unreadable};

/// How a file holds documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// One document, the whole file.
    Text,
    /// One document a line: a JSON object with `text` and, optionally, `id`.
    JsonLines,
    /// One document, the article of a web page.
    Html,
    /// One document a row, with the columns `text` and, optionally, `id`.
    Parquet,
}

/// Extensions of compressed files, which stand behind another.
const COMPRESSED: [&str; 4] = ["gz", "gzip", "zst", "zstd"];

impl Format {
    /// The format that a file's extension says, in upper or lower case: `.txt`, `.jsonl` or `.ndjson`,
    /// `.html` or `.htm`, `.parquet`, each also with `.gz` or `.zst` after it.
    pub fn of_extension(path: &Path) -> Option<Self> {
        let extension = |path: &Path| Some(path.extension()?.to_str()?.to_ascii_lowercase());
        let mut last = extension(path)?;
        if COMPRESSED.contains(&last.as_str()) {
            last = extension(Path::new(path.file_stem()?))?;
        }
        match last.as_str() {
            "txt" => Some(Self::Text),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            "html" | "htm" => Some(Self::Html),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }
}

/// A file or standard input, to read documents from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its path relative to the input root, with `/` between the parts; `stdin` for standard input.
    /// No two sources of a run have the same: the second `a.txt` is `a.txt#2`.
    pub id: String,
    /// The file; `None` for standard input.
    pub path: Option<PathBuf>,
    /// How it holds documents; `None` where its beginning has to tell.
    pub format: Option<Format>,
    /// Its size in bytes, where it is known beforehand.
    pub bytes: Option<u64>,
}

/// The sources of a run in their order, and what was named but cannot be opened, in its place.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    entries: Vec<Result<Source, Unreadable>>,
    options: ReadOptions,
    passed_over: usize,
}

impl Inputs {
    /// Finds the sources that `names` stand for: files, directories, patterns, and `-` for standard input.
    ///
    /// Directories are searched to the bottom, entries sorted by name, for files whose extension is
    /// known ([`Format::of_extension`]); links to files are followed, links to directories are not.
    /// A name that is no file and holds `*`, `?` or `[` is a pattern, in which `**` stands for any
    /// directories; what it matches is treated as if named, with ids that begin after the last part
    /// of the pattern before such a sign.
    ///
    /// `format` is how standard input and files named outright are read; without it the extension
    /// decides, then the beginning of the file. `output`, a file or a directory, is skipped when it
    /// turns up: it is what an earlier run wrote.
    pub fn find<P: AsRef<Path>>(names: &[P], format: Option<Format>, output: Option<&Path>) -> Self {
        let mut search = Search::new(format, output);
        for name in names.iter().map(AsRef::as_ref) {
            search.name(name);
        }
        let mut entries = search.entries;
        tell_apart(&mut entries);
        Self {
            entries,
            options: ReadOptions::default(),
            passed_over: search.passed_over,
        }
    }

    /// The same, to be read in another way than by default.
    pub fn with_options(mut self, options: ReadOptions) -> Self {
        self.options = options;
        self
    }

    /// How the sources are read.
    pub fn options(&self) -> &ReadOptions {
        &self.options
    }

    /// Whether nothing at all can be opened.
    pub fn is_empty(&self) -> bool {
        self.entries.iter().all(Result::is_err)
    }

    /// The sizes of all sources together, where all are known.
    pub fn total_bytes(&self) -> Option<u64> {
        self.entries.iter().flatten().map(|source| source.bytes).sum()
    }

    /// How many files of the directories were passed over because of their extensions.
    pub fn passed_over(&self) -> usize {
        self.passed_over
    }

    /// What was named and cannot be opened.
    pub fn unreadable(&self) -> impl Iterator<Item = &Unreadable> {
        self.entries.iter().filter_map(|entry| entry.as_ref().err())
    }

    /// The sources, and what cannot be opened in its place.
    pub fn into_entries(self) -> Vec<Result<Source, Unreadable>> {
        self.entries
    }
}

/// Gives sources of the same id, from different roots or named twice, numbers from the second on.
fn tell_apart(entries: &mut [Result<Source, Unreadable>]) {
    let mut seen = HashSet::new();
    for entry in entries {
        let id = match entry {
            Ok(source) => &mut source.id,
            Err(unreadable) => &mut unreadable.id,
        };
        if seen.insert(id.clone()) {
            continue;
        }
        let distinct = (2u64..)
            .map(|number| format!("{id}#{number}"))
            .find(|id| seen.insert(id.clone()));
        *id = distinct.unwrap_or_default();
    }
}

#[cfg(test)]
mod tests;
