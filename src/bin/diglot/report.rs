//! `diglot report`: what a corpus of records holds.

use std::io::Write;
use std::path::{Path, PathBuf};

use diglot::Error;
use diglot::format::RecordFiles;
use diglot::report::{Report, page};
use serde_json::Value;

use crate::output::Output;
use crate::status::{ExitStatus, say};

const EXAMPLES: &str = "\
Examples:
  diglot report out/ -o report.html          a page to open in a browser
  diglot report out/ --json | jq .languages  the same figures as JSON
  diglot report records.jsonl.zst -o report.html

Lines that are no records are named and counted, and the exit code is 1.";

/// Report on records: languages, origin of translations, names, flags, errors, lengths, scores
///
/// Reads the records themselves, one after the other, so it works on any file of records and its memory
/// does not grow with the corpus. The page is one HTML file that loads nothing from anywhere.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Directories that `diglot run` filled, files of records, or `-` for standard input
    ///
    /// Records are JSON lines, plain or in gzip or zstd, or Parquet; what a file begins with decides. Of a
    /// directory the shards `records-*` are read, else all its JSON lines.
    #[arg(value_name = "RECORDS", required = true)]
    inputs: Vec<PathBuf>,

    /// Write to this file, which appears when it is complete
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Write the figures as JSON instead of a page
    #[arg(long)]
    json: bool,

    /// List this many names of each label
    #[arg(long, value_name = "N", default_value_t = 30)]
    top: usize,
}

/// Runs the subcommand.
pub fn run(args: &Args) -> Result<ExitStatus, Error> {
    let (report, failed) = read(&args.inputs)?;
    let numbers = report.numbers(args.top);
    let mut output = Output::create(args.output.as_deref())?;
    let written = if args.json {
        let json = serde_json::to_string_pretty(&numbers);
        json.map_err(|error| Error::io("write", output.name(), error.into()))? + "\n"
    } else {
        let notes = notes(&args.inputs, numbers.documents);
        page(&numbers, &title(&args.inputs), &notes)
    };
    output
        .write_all(written.as_bytes())
        .map_err(|error| Error::io("write", output.name(), error))?;
    output.finish()?;
    Ok(ExitStatus::with_errors(failed))
}

fn read(inputs: &[PathBuf]) -> Result<(Report, bool), Error> {
    let mut report = Report::new();
    let mut failed = false;
    for next in RecordFiles::find(inputs)? {
        match next? {
            Ok(mut record) => report
                .add_stored(&mut record)
                .map_err(|error| Error::io("read", std::env::temp_dir(), error))?,
            Err(unread) => {
                let (path, line) = (unread.path.display(), unread.line);
                say(format_args!("{path}:{line}: {}", unread.message));
                report.add_unread();
                failed = true;
            }
        }
    }
    Ok((report, failed))
}

fn title(inputs: &[PathBuf]) -> String {
    let names: Vec<String> = inputs.iter().map(|path| path.display().to_string()).collect();
    names.join(", ")
}

/// What the manifests of the directories say, where there are any, and whether it fits the records.
fn notes(inputs: &[PathBuf], documents: u64) -> Vec<String> {
    let manifests: Vec<Value> = inputs.iter().filter_map(|path| manifest(path)).collect();
    let mut notes = Vec::new();
    if manifests.iter().any(|manifest| manifest["complete"] == false) {
        notes.push("The manifest says that the run is not complete.".to_owned());
    }
    let counted: Option<u64> = manifests
        .iter()
        .map(|manifest| manifest["totals"]["documents"].as_u64())
        .sum();
    match counted.filter(|_| !manifests.is_empty() && manifests.len() == inputs.len()) {
        Some(counted) if counted != documents => notes.push(format!(
            "The manifest counts {counted} documents, but {documents} records were read."
        )),
        _ => {}
    }
    notes
}

fn manifest(directory: &Path) -> Option<Value> {
    let text = std::fs::read(directory.join("manifest.json")).ok()?;
    serde_json::from_slice(&text).ok()
}
