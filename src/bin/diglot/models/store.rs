//! `diglot models list`, `verify`, `remove` and `path`: what the store holds.

use std::io::Write;

use diglot::Error;
use diglot::model::{ModelFiles, Reference, Store, StoredModel};
use serde::Serialize;

use super::{catalogue, table};
use crate::status::{ExitStatus, say, stdout_error};

/// List the models that were pulled, or a catalogue of good ones on the hub
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// List models of the hub, per language pair and language, with about their size and their licence
    #[arg(long)]
    catalogue: bool,

    /// Write one JSON object a model
    #[arg(long)]
    json: bool,
}

/// Check that pulled models are what was pulled, to the byte
///
/// Each file is compared with the SHA-256 in `diglot.lock`. The exit code is 0 when all is well and 1
/// when there are problems (each is named on standard error; `pull` mends them).
#[derive(Debug, clap::Args)]
pub struct VerifyArgs {
    /// The models to check, `ID` or `ID@REVISION` [default: all that were pulled]
    #[arg(value_name = "ID")]
    models: Vec<Reference>,

    /// Name problems only
    #[arg(long, short)]
    quiet: bool,
}

/// Remove a pulled model, or one revision of it
#[derive(Debug, clap::Args)]
pub struct RemoveArgs {
    /// `ID` for all that is there of the model, whoever put it there; `ID@REVISION` for one revision
    #[arg(value_name = "ID")]
    model: Reference,
}

/// Print the directory of a pulled model
#[derive(Debug, clap::Args)]
pub struct PathArgs {
    /// `ID`, or `ID@REVISION`
    #[arg(value_name = "ID")]
    model: Reference,
}

/// Runs `diglot models list`.
pub fn list(args: &ListArgs) -> Result<ExitStatus, Error> {
    if args.catalogue {
        catalogue::write(args.json)?;
        return Ok(ExitStatus::Success);
    }
    let rows: Result<Vec<Row>, Error> = Store::from_env()?.list()?.into_iter().map(Row::new).collect();
    table::write(&rows?, args.json)?;
    Ok(ExitStatus::Success)
}

#[derive(Serialize)]
struct Row {
    id: String,
    revisions: Vec<String>,
    commit: String,
    role: &'static str,
    bytes: u64,
    licence: Option<String>,
    path: String,
}

impl Row {
    fn new(model: StoredModel) -> Result<Self, Error> {
        Ok(Self {
            id: model.id.to_string(),
            revisions: model.names.clone(),
            commit: model.commit.clone(),
            role: model.role.as_str(),
            bytes: model.bytes(),
            path: model.directory.display().to_string(),
            // A card that is damaged states nothing; `verify` is for finding out.
            licence: ModelFiles::from(model).licence().unwrap_or(None),
        })
    }
}

impl table::Row for Row {
    const HEAD: &'static [&'static str] = &["model", "revision", "commit", "role", "size", "licence"];

    fn cells(&self) -> Vec<String> {
        let licence = self.licence.as_deref().unwrap_or("not stated");
        vec![
            self.id.clone(),
            self.revisions.join(","),
            self.commit.clone(),
            self.role.to_owned(),
            table::size(self.bytes),
            licence.to_owned(),
        ]
    }
}

/// Runs `diglot models verify`.
pub fn verify(args: &VerifyArgs) -> Result<ExitStatus, Error> {
    let store = Store::from_env()?;
    let models = if args.models.is_empty() {
        store.list()?
    } else {
        let chosen: Result<Vec<_>, Error> = args.models.iter().map(|one| chosen(&store, one)).collect();
        chosen?.into_iter().flatten().collect()
    };
    let mut damaged = 0;
    for model in &models {
        let problems = model.problems();
        for (path, message) in &problems {
            say(format_args!("{}: `{}`: {message}", model.name(), path.display()));
        }
        if !problems.is_empty() {
            damaged += 1;
            say(format_args!(
                "`diglot models pull {}{}` mends it",
                model.id,
                revision(model)
            ));
        } else if !args.quiet {
            say(format_args!(
                "{}: {} files, intact",
                model.name(),
                model.files.len()
            ));
        }
    }
    if !args.quiet {
        let count = models.len();
        let plural = if count == 1 { "model" } else { "models" };
        say(format_args!("{count} {plural}, {damaged} damaged"));
    }
    Ok(ExitStatus::with_errors(damaged > 0))
}

/// The revision of a model for `pull`.
fn revision(model: &StoredModel) -> String {
    match model.names.first() {
        Some(name) if name == "main" => String::new(),
        Some(name) => format!(" --revision {name}"),
        None => format!(" --revision {}", model.commit),
    }
}

/// What was pulled of a model; of one revision of it, where that is said.
fn chosen(store: &Store, reference: &Reference) -> Result<Vec<StoredModel>, Error> {
    let all = store.revisions(&reference.id)?;
    let meant = |model: &StoredModel| {
        let named = |revision: &String| model.names.contains(revision) || model.commit.starts_with(revision);
        reference.revision.as_ref().is_none_or(named)
    };
    let chosen: Vec<StoredModel> = all.into_iter().filter(meant).collect();
    if chosen.is_empty() {
        // Says what is there instead.
        return store.find(reference).map(|model| vec![model]);
    }
    Ok(chosen)
}

/// Runs `diglot models remove`.
pub fn remove(args: &RemoveArgs) -> Result<ExitStatus, Error> {
    let freed = Store::from_env()?.remove(&args.model)?;
    say(format_args!(
        "removed {}: {} are free",
        args.model,
        table::size(freed)
    ));
    Ok(ExitStatus::Success)
}

/// Runs `diglot models path`.
pub fn path(args: &PathArgs) -> Result<ExitStatus, Error> {
    let model = Store::from_env()?.find(&args.model)?;
    let path = model.directory.display();
    writeln!(std::io::stdout(), "{path}").map_err(stdout_error)?;
    Ok(ExitStatus::Success)
}
