//! Looking for sources in the file system.

use std::fs::{self, FileType};
use std::io;
use std::path::{Component, Path, PathBuf};

use glob::MatchOptions;

use super::{Format, Source, Unreadable};

/// A search, with what it found so far.
pub(super) struct Search {
    pub(super) entries: Vec<Result<Source, Unreadable>>,
    /// Files of directories that are passed over because of their extensions.
    pub(super) passed_over: usize,
    format: Option<Format>,
    output: Option<PathBuf>,
}

/// The name that stands for standard input.
const STDIN: &str = "-";

/// What makes a name a pattern.
const PATTERN_SIGNS: [char; 3] = ['*', '?', '['];

/// Patterns work as in a shell: `*` stays in its directory and does not find hidden files.
const MATCHING: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};

impl Search {
    /// A search for which files named outright are of `format`, and `output` is nothing to read.
    pub(super) fn new(format: Option<Format>, output: Option<&Path>) -> Self {
        Self {
            entries: Vec::new(),
            passed_over: 0,
            format,
            output: output.and_then(|path| path.canonicalize().ok()),
        }
    }

    /// Adds what a name stands for.
    pub(super) fn name(&mut self, name: &Path) {
        if name == Path::new(STDIN) {
            self.entries.push(Ok(Source {
                id: "stdin".to_owned(),
                path: None,
                format: self.format,
                bytes: None,
            }));
            return;
        }
        match fs::metadata(name) {
            Ok(metadata) if metadata.is_dir() => self.root(name),
            Ok(_) => {
                let id = name.file_name().unwrap_or(name.as_os_str());
                self.named(name, id.to_string_lossy().into_owned());
            }
            Err(error) => match name.to_str().filter(|name| name.contains(PATTERN_SIGNS)) {
                Some(pattern) if error.kind() == io::ErrorKind::NotFound => self.pattern(pattern),
                _ => self.failed(name, name.to_string_lossy().into_owned(), &error),
            },
        }
    }

    /// A file named outright; it may be a pipe.
    fn named(&mut self, path: &Path, id: String) {
        let format = self.format.or_else(|| Format::of_extension(path));
        match fs::metadata(path) {
            Ok(metadata) => {
                let bytes = metadata.is_file().then_some(metadata.len());
                self.file(path, id, format, bytes);
            }
            Err(error) => self.failed(path, id, &error),
        }
    }

    fn root(&mut self, root: &Path) {
        let before = self.entries.len();
        self.directory(root, "");
        if self.entries.len() == before {
            let message = "expected files that end in `.txt`, `.jsonl`, `.ndjson`, `.html`, `.htm` or `.parquet`, \
                           found none";
            let id = root.to_string_lossy();
            self.entries
                .push(Err(Unreadable::new(id, Some(root), "no-documents", message)));
        }
    }

    fn pattern(&mut self, pattern: &str) {
        let before = self.entries.len();
        // `**` alone finds only directories.
        let whole = match pattern.ends_with("**") {
            true => format!("{pattern}/*"),
            false => pattern.to_owned(),
        };
        let failed = match glob::glob_with(&whole, MATCHING) {
            Ok(paths) => {
                let base = literal_base(Path::new(pattern));
                for path in paths {
                    match path {
                        Ok(path) => self.matched(&path, &base, pattern.contains("**")),
                        Err(error) => {
                            let path = error.path().to_owned();
                            self.failed(&path, path.to_string_lossy().into_owned(), &error.into());
                        }
                    }
                }
                (
                    "no-documents",
                    "expected files that match this, found none".to_owned(),
                )
            }
            Err(error) => (
                "invalid-pattern",
                format!("expected a pattern, found at {}: {}", error.pos, error.msg),
            ),
        };
        if self.entries.len() == before {
            let (code, message) = failed;
            self.entries
                .push(Err(Unreadable::new(pattern, None, code, message)));
        }
    }

    /// What a pattern matches. Where it reaches into all directories itself, those are not searched again.
    fn matched(&mut self, path: &Path, base: &Path, is_recursive: bool) {
        if self.is_output(path) {
            return;
        }
        let id = path.strip_prefix(base).unwrap_or(path);
        let id = joined(id);
        if !path.is_dir() {
            self.named(path, id);
        } else if !is_recursive {
            self.directory(path, &id);
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
            let path = child.path();
            if self.is_output(&path) {
                continue;
            }
            // The type of the entry itself, so that a link that leads back up is not followed.
            if child.file_type().is_ok_and(|kind| kind.is_dir()) {
                self.directory(&path, &id);
            } else {
                self.child(&path, id);
            }
        }
    }

    fn child(&mut self, path: &Path, id: String) {
        let Some(format) = Format::of_extension(path) else {
            self.passed_over += 1;
            return;
        };
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(metadata) if metadata.is_file() => self.file(path, id, Some(format), Some(metadata.len())),
            Ok(metadata) => {
                // Opening a pipe that nobody writes to would wait for ever.
                let message = format!("expected a file, found {}", kind(metadata.file_type()));
                self.entries
                    .push(Err(Unreadable::new(id, Some(path), "not-a-file", message)));
            }
            Err(error) => self.failed(path, id, &error),
        }
    }

    fn is_output(&self, path: &Path) -> bool {
        self.output.is_some() && path.canonicalize().ok() == self.output
    }

    fn file(&mut self, path: &Path, id: String, format: Option<Format>, bytes: Option<u64>) {
        self.entries.push(Ok(Source {
            id,
            path: Some(path.to_owned()),
            format,
            bytes,
        }));
    }

    fn failed(&mut self, path: &Path, id: String, error: &io::Error) {
        self.entries
            .push(Err(Unreadable::because_of(id, Some(path), error)));
    }
}

/// The directories of a pattern before the first part with a sign.
fn literal_base(pattern: &Path) -> PathBuf {
    let is_literal = |part: &Component<'_>| !part.as_os_str().to_string_lossy().contains(PATTERN_SIGNS);
    let base: PathBuf = pattern.components().take_while(is_literal).collect();
    // What is found under `./` has lost it.
    base.strip_prefix(".").map(Path::to_owned).unwrap_or(base)
}

/// A relative path with `/` between its parts.
fn joined(path: &Path) -> String {
    let parts: Vec<_> = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/")
}

#[cfg(unix)]
fn kind(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    match () {
        () if kind.is_fifo() => "a named pipe",
        () if kind.is_socket() => "a socket",
        () => "a device",
    }
}

#[cfg(not(unix))]
fn kind(_: FileType) -> &'static str {
    "something else"
}
