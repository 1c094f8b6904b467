//! Filters: lines in, as many lines out, in the same order.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use diglot::{BackendError, Error};

use crate::status::{ExitStatus, say, stdout_error};

/// The input of a filter.
#[derive(Debug, clap::Args)]
pub struct LineArgs {
    /// The file whose lines to read; `-` is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,

    /// Write one JSON value a line, for empty lines too
    #[arg(long)]
    pub json: bool,
}

/// What a filter does with its lines.
pub trait Filter {
    /// The output lines of some lines that are not blank; one a line, without line ends.
    fn lines(&self, lines: &[&str]) -> Result<Vec<String>, BackendError>;

    /// The output line of a line that is blank or that could not be worked on, for which `error` says why.
    fn kept(&self, line: &str, error: Option<&str>) -> String;
}

/// Lines worked on together, when so many are waiting.
const BATCH: usize = 256;

impl LineArgs {
    /// Opens the file.
    pub fn open(&self) -> Result<BufReader<Box<dyn Read + Send>>, Error> {
        open(&self.file)
    }

    /// Puts every line of the file through a filter.
    pub fn filter(&self, filter: &impl Filter) -> Result<ExitStatus, Error> {
        let mut input = self.open()?;
        let mut output = io::stdout();
        let (mut number, mut failed) = (0, false);
        loop {
            let lines = next_lines(&mut input).map_err(|error| Error::io("read", &self.file, error))?;
            if lines.is_empty() {
                return Ok(ExitStatus::with_errors(failed));
            }
            let answers = answers(filter, &lines, number);
            number += lines.len();
            failed |= !answers.errors.is_empty();
            answers.errors.iter().for_each(say);
            let written: String = answers.lines.iter().map(|line| format!("{line}\n")).collect();
            output
                .write_all(written.as_bytes())
                .and_then(|()| output.flush())
                .map_err(stdout_error)?;
        }
    }
}

/// Opens a file, or standard input for `-`.
pub fn open(path: &Path) -> Result<BufReader<Box<dyn Read + Send>>, Error> {
    let input: Box<dyn Read + Send> = if path == Path::new("-") {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(path).map_err(|error| Error::io("read", path, error))?)
    };
    Ok(BufReader::with_capacity(1 << 16, input))
}

/// A line of input.
struct Line {
    /// The line; bytes that are not UTF-8 are replaced.
    text: String,
    /// What was expected and found where it was no UTF-8.
    error: Option<String>,
}

impl Line {
    fn new(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self { text, error: None },
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let bytes = error.as_bytes();
                let found = bytes.get(at).copied().unwrap_or_default();
                Self {
                    text: String::from_utf8_lossy(bytes).into_owned(),
                    error: Some(format!("expected UTF-8, found the byte {found:#04x} at {at}")),
                }
            }
        }
    }
}

/// Waits for one line, then takes what else has already come: a batch where lines are plenty, and
/// an answer to each where a program or a person waits for it. No lines are the end.
fn next_lines(input: &mut BufReader<impl Read>) -> io::Result<Vec<Line>> {
    let mut lines = Vec::new();
    while lines.is_empty() || (lines.len() < BATCH && input.buffer().contains(&b'\n')) {
        let mut bytes = Vec::new();
        if input.read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
            bytes.pop_if(|byte| *byte == b'\r');
        }
        lines.push(Line::new(bytes));
    }
    Ok(lines)
}

/// What comes out for a batch of lines.
struct Answers {
    /// One line for each that went in.
    lines: Vec<String>,
    /// What is wrong with some.
    errors: Vec<String>,
}

/// The answers to a batch, before which `before` lines came.
fn answers(filter: &impl Filter, lines: &[Line], before: usize) -> Answers {
    let asked = |line: &&Line| line.error.is_none() && !is_blank(&line.text);
    let mut errors: Vec<String> = (before + 1..)
        .zip(lines)
        .filter_map(|(number, line)| Some(format!("line {number}: {}", line.error.as_ref()?)))
        .collect();
    let texts: Vec<&str> = lines
        .iter()
        .filter(asked)
        .map(|line| line.text.as_str())
        .collect();
    let given = if texts.is_empty() {
        Ok(Vec::new())
    } else {
        filter.lines(&texts)
    };
    let mut failed = None;
    let given = given.unwrap_or_else(|error| {
        failed = Some(error.to_string());
        errors.push(format!(
            "lines {} to {}: {error}",
            before + 1,
            before + lines.len()
        ));
        Vec::new()
    });
    let mut given = given.into_iter();
    let answer = |line: &Line| {
        let answer = if asked(&line) { given.next() } else { None };
        let error = line
            .error
            .as_deref()
            .or(failed.as_deref().filter(|_| asked(&line)));
        answer.unwrap_or_else(|| filter.kept(&line.text, error))
    };
    Answers {
        lines: lines.iter().map(answer).collect(),
        errors,
    }
}

fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

/// A text on one line: an output line is never two.
pub fn on_one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

/// A score with four decimals, as records have it.
pub fn rounded(value: f32) -> f32 {
    (value * 1e4).round() / 1e4
}

/// A value as JSON on one line.
pub fn json(value: &impl serde::Serialize) -> String {
    // Only maps without string keys can fail; no filter has any.
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Shout;

    impl Filter for Shout {
        fn lines(&self, lines: &[&str]) -> Result<Vec<String>, BackendError> {
            if lines.contains(&"fail") {
                return Err(BackendError::new("no"));
            }
            Ok(lines.iter().map(|line| line.to_uppercase()).collect())
        }

        fn kept(&self, line: &str, error: Option<&str>) -> String {
            format!("({line}){}", error.unwrap_or_default())
        }
    }

    /// The output lines of an input, and the errors.
    fn filtered(input: impl AsRef<[u8]>) -> (Vec<String>, Vec<String>) {
        let mut input = BufReader::new(input.as_ref());
        let (mut written, mut errors) = (Vec::new(), Vec::new());
        loop {
            let lines = next_lines(&mut input).unwrap();
            if lines.is_empty() {
                return (written, errors);
            }
            let answers = answers(&Shout, &lines, written.len());
            written.extend(answers.lines);
            errors.extend(answers.errors);
        }
    }

    #[test]
    fn one_line_comes_out_for_each_that_goes_in() {
        let (lines, errors) = filtered("a\n\n \r\né\r\nlast");
        assert_eq!(lines, ["A", "()", "( )", "É", "LAST"]);
        assert!(errors.is_empty());
        assert!(filtered("").0.is_empty());
        assert_eq!(filtered("\n").0, ["()"]);
    }

    #[test]
    fn lines_that_fail_are_kept_in_their_place() {
        let (lines, errors) = filtered(b"a\nd\xe9j\xe0\nb\n");
        assert_eq!(
            lines,
            [
                "A",
                "(d\u{fffd}j\u{fffd})expected UTF-8, found the byte 0xe9 at 1",
                "B"
            ]
        );
        assert_eq!(errors, ["line 2: expected UTF-8, found the byte 0xe9 at 1"]);
        let (lines, errors) = filtered("a\n\nfail\n");
        assert_eq!(lines, ["(a)no", "()", "(fail)no"]);
        assert_eq!(errors, ["lines 1 to 3: no"]);
    }

    #[test]
    fn many_lines_are_none_lost() {
        let input = "x\n".repeat(3 * BATCH + 1);
        assert_eq!(filtered(input).0.len(), 3 * BATCH + 1);
    }
}
