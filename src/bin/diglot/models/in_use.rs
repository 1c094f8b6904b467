//! `diglot models` alone: what is loaded from where.

use std::collections::BTreeMap;
use std::path::Path;

use diglot::Error;
use diglot::backend::Backend;
use diglot::config::Config;
use diglot::model::Reference;
use diglot::provenance::ModelInfo;
use serde::Serialize;

use super::table;
use crate::args::{ModelArgs, TargetArgs, thread_pool};
use crate::status::ExitStatus;

#[derive(Debug, clap::Args)]
pub struct InUseArgs {
    /// Write one JSON object a model
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    target: TargetArgs,

    #[command(flatten)]
    models: ModelArgs,
}

pub fn run(args: &InUseArgs) -> Result<ExitStatus, Error> {
    let mut config = args.models.config()?;
    args.target.over(&mut config);
    let pipeline = thread_pool(&config)?.install(|| config.builder()?.all_models().build())?;
    let mut pairs: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (pair, model) in pipeline.pairs() {
        pairs.entry(model).or_default().push(pair.to_string());
    }
    let models = pipeline.run().models.iter().enumerate();
    let rows: Vec<Row<'_>> = models
        .map(|(index, info)| Row::new(info, pairs.remove(&index).unwrap_or_default(), &config))
        .collect();
    table::write(&rows, args.json)?;
    Ok(ExitStatus::Success)
}

#[derive(Serialize)]
struct Row<'a> {
    role: &'a str,
    pairs: Vec<String>,
    name: &'a str,
    source: &'static str,
    backend: &'static str,
    licence: Option<&'a str>,
    sha256: &'a str,
}

impl<'a> Row<'a> {
    fn new(info: &'a ModelInfo, pairs: Vec<String>, config: &Config) -> Self {
        let models = &config.models;
        let given = models.translate.iter().map(|given| &given.model);
        let mut given = given.chain(&models.entities);
        let source = if info.role == "pivot" {
            "two steps"
        } else if given.clone().any(|path| path.display().to_string() == info.name) {
            "directory"
        } else if given.any(|reference| is_pulled(&info.name, reference)) {
            "store"
        } else if info.sha256.is_empty() {
            "library"
        } else {
            "bundled"
        };
        Self {
            role: info.role,
            pairs,
            name: &info.name,
            source,
            // The field is no network.
            backend: match info.role {
                "entities-field" => Backend::Engine.as_str(),
                _ => config.backend.as_str(),
            },
            licence: info.licence.as_deref(),
            sha256: &info.sha256,
        }
    }
}

/// Whether a name, `ID@COMMIT`, is that of the model that a reference means.
fn is_pulled(name: &str, reference: &Path) -> bool {
    let reference = reference.to_str().and_then(|text| text.parse::<Reference>().ok());
    let id = name.split_once('@').map(|(id, _)| id);
    reference.is_some_and(|reference| Some(reference.id.as_str()) == id)
}

impl table::Row for Row<'_> {
    const HEAD: &'static [&'static str] =
        &["role", "pairs", "name", "source", "backend", "licence", "sha256"];

    fn cells(&self) -> Vec<String> {
        let licence = self.licence.unwrap_or("not stated");
        let pairs = self.pairs.join(",");
        [
            self.role,
            &pairs,
            self.name,
            self.source,
            self.backend,
            licence,
            self.sha256,
        ]
        .map(str::to_owned)
        .to_vec()
    }
}
