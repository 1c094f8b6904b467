//! Where records go.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Stdout, Write};
use std::path::{Path, PathBuf};

use diglot::Error;

/// Standard output, or a file that appears under its name when it is complete.
pub enum Output {
    /// Standard output.
    Stdout(Stdout),
    /// What is already there and is no regular file: a pipe, a device.
    Special(File, PathBuf),
    /// A new file, beside the one that it will replace.
    Temporary(Temporary),
}

/// A file under a temporary name; dropped, it is removed.
pub struct Temporary {
    file: File,
    name: PathBuf,
    target: PathBuf,
    kept: bool,
}

/// Refuses an output file that is also an input: it would be replaced by what is made of it.
pub fn refuse_input(output: Option<&Path>, inputs: &[PathBuf]) -> Result<(), Error> {
    let file = |path: &Path| path.canonicalize().ok().filter(|path| path.is_file());
    let Some(target) = output.and_then(file) else {
        return Ok(());
    };
    match inputs.iter().find(|input| file(input).as_ref() == Some(&target)) {
        Some(input) => Err(Error::Config(format!(
            "expected an output that is no input, found `{}`",
            input.display()
        ))),
        None => Ok(()),
    }
}

impl Output {
    /// Opens the output: standard output without a path or for `-`.
    pub fn create(path: Option<&Path>) -> Result<Self, Error> {
        let Some(path) = path.filter(|path| *path != Path::new("-")) else {
            return Ok(Self::Stdout(io::stdout()));
        };
        let created = match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
            Ok(metadata) if !metadata.is_file() => OpenOptions::new()
                .write(true)
                .open(path)
                .map(|file| Self::Special(file, path.to_owned())),
            // A link stays, and what it leads to is replaced.
            Ok(_) => path
                .canonicalize()
                .and_then(|target| Temporary::create(&target))
                .map(Self::Temporary),
            Err(_) => Temporary::create(path).map(Self::Temporary),
        };
        created.map_err(|error| Error::io("create", path, error))
    }

    /// The name for messages.
    pub fn name(&self) -> &Path {
        match self {
            Self::Stdout(_) => Path::new("standard output"),
            Self::Special(_, path) => path,
            Self::Temporary(temporary) => &temporary.target,
        }
    }

    /// Makes what was written last, under its name.
    pub fn finish(self) -> Result<(), Error> {
        match self {
            Self::Stdout(mut stdout) => stdout.flush().map_err(crate::status::stdout_error),
            Self::Special(..) => Ok(()),
            Self::Temporary(temporary) => {
                let target = temporary.target.clone();
                temporary
                    .keep()
                    .map_err(|error| Error::io("write", target, error))
            }
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(stdout) => stdout.write(bytes),
            Self::Special(file, _) => file.write(bytes),
            Self::Temporary(temporary) => temporary.file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(stdout) => stdout.flush(),
            Self::Special(file, _) => file.flush(),
            Self::Temporary(temporary) => temporary.file.flush(),
        }
    }
}

impl Temporary {
    fn create(target: &Path) -> io::Result<Self> {
        let base = target.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
        // The process number keeps two runs to the same file apart; the extension keeps the file out of inputs.
        let mut name = std::ffi::OsString::from(".");
        name.push(base);
        name.push(format!(".{}.tmp", std::process::id()));
        let name = target.with_file_name(name);
        let file = File::create(&name)?;
        Ok(Self {
            file,
            name,
            target: target.to_owned(),
            kept: false,
        })
    }

    fn keep(mut self) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.name, &self.target)?;
        self.kept = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.kept {
            let _ = fs::remove_file(&self.name);
        }
    }
}
