//! From what was named to the files that hold documents.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::Unreadable;

/// How a file holds documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// One document, the whole file.
    Text,
    /// One document a line: a JSON object with `text` and, optionally, `id`.
    JsonLines,
}

impl Format {
    /// The format that a file's extension says: `.txt` and `.jsonl`, in upper or lower case.
    pub fn of_extension(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "txt" => Some(Self::Text),
            "jsonl" => Some(Self::JsonLines),
            _ => None,
        }
    }
}

/// A file or standard input, to read documents from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its path relative to the input root, with `/` between the parts; `stdin` for standard input.
    pub id: String,
    /// The file; `None` for standard input.
    pub path: Option<PathBuf>,
    /// How it holds documents.
    pub format: Format,
    /// Its size in bytes, where it is known beforehand.
    pub bytes: Option<u64>,
}

/// The sources of a run in their order, and what was named but cannot be opened, in its place.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    entries: Vec<Result<Source, Unreadable>>,
}

/// The name that stands for standard input.
const STDIN: &str = "-";

impl Inputs {
    /// Finds the sources that `names` stand for: files, directories, and `-` for standard input.
    ///
    /// Directories are searched to the bottom, entries sorted by name, for files whose extension is
    /// known; links to files are followed, links to directories are not. `format` is how standard
    /// input and files named outright are read; without it the extension decides, and text is what
    /// is left. `output` is skipped when it turns up in a directory: it is what an earlier run wrote.
    pub fn find<P: AsRef<Path>>(names: &[P], format: Option<Format>, output: Option<&Path>) -> Self {
        let output = output.and_then(|path| path.canonicalize().ok());
        let mut search = Search {
            entries: Vec::new(),
            output,
        };
        for name in names.iter().map(AsRef::as_ref) {
            search.name(name, format);
        }
        Self {
            entries: search.entries,
        }
    }

    /// Whether nothing at all can be opened.
    pub fn is_empty(&self) -> bool {
        self.entries.iter().all(Result::is_err)
    }

    /// The sizes of all sources together, where all are known.
    pub fn total_bytes(&self) -> Option<u64> {
        self.entries.iter().flatten().map(|source| source.bytes).sum()
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

struct Search {
    entries: Vec<Result<Source, Unreadable>>,
    output: Option<PathBuf>,
}

impl Search {
    fn name(&mut self, name: &Path, format: Option<Format>) {
        if name == Path::new(STDIN) {
            self.entries.push(Ok(Source {
                id: "stdin".to_owned(),
                path: None,
                format: format.unwrap_or(Format::Text),
                bytes: None,
            }));
            return;
        }
        match fs::metadata(name) {
            Ok(metadata) if metadata.is_dir() => self.root(name),
            Ok(metadata) => {
                let id = name.file_name().unwrap_or(name.as_os_str());
                let format = format
                    .or_else(|| Format::of_extension(name))
                    .unwrap_or(Format::Text);
                self.file(name, id.to_string_lossy().into_owned(), format, metadata.len());
            }
            Err(error) => self.failed(name, name.to_string_lossy().into_owned(), &error),
        }
    }

    fn root(&mut self, root: &Path) {
        let before = self.entries.len();
        self.directory(root, "");
        if self.entries.len() == before {
            let message = "expected files that end in `.txt` or `.jsonl`, found none";
            let id = root.to_string_lossy();
            self.entries
                .push(Err(Unreadable::new(id, Some(root), "no-documents", message)));
        }
    }

    fn directory(&mut self, directory: &Path, id: &str) {
        let mut children = match fs::read_dir(directory).and_then(Iterator::collect::<io::Result<Vec<_>>>) {
            Ok(children) => children,
            Err(error) => {
                let id = if id.is_empty() {
                    directory.to_string_lossy().into_owned()
                } else {
                    id.to_owned()
                };
                return self.failed(directory, id, &error);
            }
        };
        children.sort_by_key(fs::DirEntry::file_name);
        for child in children {
            let name = child.file_name().to_string_lossy().into_owned();
            let id = if id.is_empty() {
                name
            } else {
                format!("{id}/{name}")
            };
            // The type of the entry itself, so that a link that leads back up is not followed.
            if child.file_type().is_ok_and(|kind| kind.is_dir()) {
                self.directory(&child.path(), &id);
            } else {
                self.child(&child.path(), id);
            }
        }
    }

    fn child(&mut self, path: &Path, id: String) {
        let Some(format) = Format::of_extension(path) else {
            return;
        };
        if self.output.is_some() && path.canonicalize().ok() == self.output {
            return;
        }
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(metadata) => self.file(path, id, format, metadata.len()),
            Err(error) => self.failed(path, id, &error),
        }
    }

    fn file(&mut self, path: &Path, id: String, format: Format, bytes: u64) {
        self.entries.push(Ok(Source {
            id,
            path: Some(path.to_owned()),
            format,
            bytes: Some(bytes),
        }));
    }

    fn failed(&mut self, path: &Path, id: String, error: &io::Error) {
        self.entries
            .push(Err(Unreadable::because_of(id, Some(path), error)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory with the given files.
    fn tree(files: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for file in files {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "text").unwrap();
        }
        root
    }

    fn ids(inputs: Inputs) -> Vec<String> {
        let id = |entry: Result<Source, Unreadable>| match entry {
            Ok(source) => source.id,
            Err(unreadable) => format!("{} ({})", unreadable.id, unreadable.code),
        };
        inputs.into_entries().into_iter().map(id).collect()
    }

    #[test]
    fn a_directory_is_searched_to_the_bottom_in_order_of_names() {
        let root = tree(&["b.txt", "a/z.txt", "a/b/c.JSONL", "notes.md", "a.txt", "a/.txt"]);
        let found = Inputs::find(&[root.path()], None, None);
        assert_eq!(ids(found), ["a/b/c.JSONL", "a/z.txt", "a.txt", "b.txt"]);
    }

    #[test]
    fn a_file_named_outright_is_read_whatever_its_extension() {
        let root = tree(&["notes.md", "lines.jsonl"]);
        let names = [root.path().join("notes.md"), root.path().join("lines.jsonl")];
        let formats = |format| -> Vec<Format> {
            let found = Inputs::find(&names, format, None);
            found
                .into_entries()
                .into_iter()
                .flatten()
                .map(|source| source.format)
                .collect()
        };
        assert_eq!(formats(None), [Format::Text, Format::JsonLines]);
        assert_eq!(
            formats(Some(Format::JsonLines)),
            [Format::JsonLines, Format::JsonLines]
        );
    }

    #[test]
    fn what_is_missing_or_empty_keeps_its_place() {
        let root = tree(&["a.txt"]);
        let empty = tempfile::tempdir().unwrap();
        let missing = root.path().join("gone.txt");
        let found = Inputs::find(&[empty.path(), &missing, &root.path().join("a.txt")], None, None);
        assert!(!found.is_empty());
        let expected = [
            format!("{} (no-documents)", empty.path().display()),
            format!("{} (unreadable)", missing.display()),
            "a.txt".to_owned(),
        ];
        assert_eq!(ids(found), expected);
        assert!(Inputs::find(&[empty.path(), &missing], None, None).is_empty());
    }

    #[test]
    fn the_output_of_an_earlier_run_is_not_an_input() {
        let root = tree(&["a.txt", "out.jsonl"]);
        let found = Inputs::find(&[root.path()], None, Some(&root.path().join("out.jsonl")));
        assert_eq!(ids(found), ["a.txt"]);
    }

    #[test]
    fn the_total_is_known_unless_standard_input_is_read() {
        let root = tree(&["a.txt", "b.txt"]);
        assert_eq!(Inputs::find(&[root.path()], None, None).total_bytes(), Some(8));
        assert_eq!(
            Inputs::find(&[root.path(), Path::new("-")], None, None).total_bytes(),
            None
        );
    }
}
