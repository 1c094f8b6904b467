//! Where converted files go.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use diglot::Error;
use diglot::format::{DirectoryFiles, Files, OutputFormat};

use crate::output::Output;
use crate::status::stdout_error;

/// A directory for any number of files, or one file or standard output for one.
pub enum Target {
    Directory(DirectoryFiles, PathBuf),
    Single(Single),
}

/// What files in a directory are called before their extensions.
const STEM: &str = "records";

impl Target {
    pub fn new(path: &Path, formats: &[OutputFormat]) -> Result<Self, Error> {
        let several = formats.len() > 1 || formats.iter().any(|format| format.needs_directory());
        if !is_file(path) {
            let files = DirectoryFiles::new(path, STEM).map_err(|error| Error::io("create", path, error))?;
            return Ok(Self::Directory(files, path.to_owned()));
        }
        if several {
            let names: Vec<&str> = formats.iter().map(|format| format.as_str()).collect();
            return Err(Error::Config(format!(
                "expected a directory for `--output`, since `{}` makes several files, found `{}`",
                names.join(","),
                path.display()
            )));
        }
        let output = Output::create(Some(path))?;
        Ok(Self::Single(Single(Arc::new(Mutex::new(State {
            output: Some(output),
            taken: None,
        })))))
    }

    pub fn files(&self) -> Box<dyn Files> {
        match self {
            Self::Directory(files, _) => Box::new(files.clone()),
            Self::Single(single) => Box::new(single.clone()),
        }
    }

    /// Gives what was written its names.
    pub fn commit(&self) -> Result<(), Error> {
        match self {
            Self::Directory(files, path) => {
                files.commit().map_err(|error| Error::io("write", path, error))?;
                Ok(())
            }
            Self::Single(single) => {
                let mut state = single.state();
                // Where nothing was to be written, an empty file would be taken for a broken one.
                match state.output.take().filter(|_| state.taken.is_some()) {
                    Some(output) => output.finish(),
                    None => Ok(()),
                }
            }
        }
    }

    /// The error of creating or writing a format's files.
    pub fn error(&self, error: io::Error) -> Error {
        match self {
            Self::Directory(_, path) => Error::io("write", path, error),
            Self::Single(single) => match &single.state().output {
                Some(Output::Stdout(_)) | None => stdout_error(error),
                Some(output) => Error::io("write", output.name(), error),
            },
        }
    }
}

/// Whether an output is one file rather than a directory.
fn is_file(path: &Path) -> bool {
    let slash = path.as_os_str().as_encoded_bytes().ends_with(b"/");
    path == Path::new("-") || !(slash || path.is_dir() || (path.extension().is_none() && !path.exists()))
}

/// One output that the first file asked for is written to; a second one is refused.
#[derive(Clone)]
pub struct Single(Arc<Mutex<State>>);

struct State {
    output: Option<Output>,
    taken: Option<String>,
}

impl Single {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Files for Single {
    fn create(&mut self, suffix: &str) -> io::Result<Box<dyn Write + Send>> {
        let mut state = self.state();
        if let Some(first) = &state.taken {
            let message = format!(
                "there are two files to write, `{first}` and `{suffix}`: give a directory with `--output`"
            );
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        state.taken = Some(suffix.to_owned());
        Ok(Box::new(self.clone()))
    }
}

impl Write for Single {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.state().output {
            Some(output) => output.write(bytes),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.state().output.as_mut().map_or(Ok(()), Write::flush)
    }
}
