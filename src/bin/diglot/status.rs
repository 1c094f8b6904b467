//! How the command ends, and what it says on standard error.

use std::error::Error as _;
use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use diglot::Error;

/// How the command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// All good.
    Success,
    /// It ran to the end; some documents or lines have errors.
    WithErrors,
    /// It could not run, or had to stop.
    CannotRun,
    /// It was asked to stop, and did.
    Interrupted,
}

/// The exit code of a run that was asked to stop: what shells give for Ctrl-C.
pub const INTERRUPTED: u8 = 130;

impl ExitStatus {
    /// [`Self::WithErrors`] if there were any.
    pub fn with_errors(any: bool) -> Self {
        if any { Self::WithErrors } else { Self::Success }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(match status {
            ExitStatus::Success => 0,
            ExitStatus::WithErrors => 1,
            ExitStatus::CannotRun => 2,
            ExitStatus::Interrupted => INTERRUPTED,
        })
    }
}

/// Says something on standard error. Nobody is left to tell if that fails.
pub fn say(message: impl Display) {
    let _ = writeln!(io::stderr(), "diglot: {message}");
}

/// Says what stopped the command, with the causes.
pub fn report(error: &Error) {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        message.push_str(": ");
        message.push_str(&error.to_string());
        cause = error.source();
    }
    say(message);
}

/// Whether the command was stopped because nobody reads its output any more.
pub fn is_closed_pipe(error: &Error) -> bool {
    matches!(error, Error::Io { source, .. } if source.kind() == io::ErrorKind::BrokenPipe)
}

/// The error of writing standard output.
pub fn stdout_error(error: io::Error) -> Error {
    Error::io("write", "standard output", error)
}
