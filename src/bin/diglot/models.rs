//! `diglot models`: what is loaded from where.

use std::io::Write;

use diglot::Error;
use diglot::config::Config;
use diglot::provenance::ModelInfo;
use serde::Serialize;

use crate::args::{ModelArgs, thread_pool};
use crate::lines::json;
use crate::status::{ExitStatus, stdout_error};

/// List the models in use: role, name, where from, what runs them, licence, SHA-256 of the weights
///
/// The models are loaded, as `run` would, so that one that cannot be used is found out here.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write one JSON object a model
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    models: ModelArgs,
}

/// Runs the subcommand.
pub fn run(args: &Args) -> Result<ExitStatus, Error> {
    let config = args.models.config()?;
    let pipeline = thread_pool(&config)?.install(|| config.builder()?.build())?;
    let rows: Vec<Row<'_>> = pipeline
        .run()
        .models
        .iter()
        .map(|info| Row::new(info, &config))
        .collect();
    let written = if args.json {
        rows.iter().map(|row| json(row) + "\n").collect()
    } else {
        table(&rows)
    };
    std::io::stdout()
        .write_all(written.as_bytes())
        .map_err(stdout_error)?;
    Ok(ExitStatus::Success)
}

#[derive(Serialize)]
struct Row<'a> {
    role: &'a str,
    name: &'a str,
    source: &'static str,
    backend: &'static str,
    licence: Option<&'a str>,
    sha256: &'a str,
}

impl<'a> Row<'a> {
    fn new(info: &'a ModelInfo, config: &Config) -> Self {
        let models = &config.models;
        let given = models.translate.iter().chain(&models.entities);
        let source = if given.clone().any(|path| path.display().to_string() == info.name) {
            "directory"
        } else if info.sha256.is_empty() {
            "library"
        } else {
            "bundled"
        };
        Self {
            role: info.role,
            name: &info.name,
            source,
            backend: config.backend.as_str(),
            licence: info.licence.as_deref(),
            sha256: &info.sha256,
        }
    }

    fn cells(&self) -> [&str; 6] {
        let licence = self.licence.unwrap_or("not stated");
        [
            self.role,
            self.name,
            self.source,
            self.backend,
            licence,
            self.sha256,
        ]
    }
}

fn table(rows: &[Row<'_>]) -> String {
    let head = ["role", "name", "source", "backend", "licence", "sha256"];
    let lines: Vec<[&str; 6]> = std::iter::once(head).chain(rows.iter().map(Row::cells)).collect();
    let width = |column: usize| lines.iter().map(|cells| cells[column].chars().count()).max();
    let widths: Vec<usize> = (0..6).map(|column| width(column).unwrap_or(0)).collect();
    let line = |cells: &[&str; 6]| {
        let padded = cells.iter().zip(&widths);
        let padded: Vec<String> = padded.map(|(cell, width)| format!("{cell:width$}")).collect();
        padded.join("  ").trim_end().to_owned() + "\n"
    };
    lines.iter().map(line).collect()
}
