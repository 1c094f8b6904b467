//! `diglot models pull`: the one command that opens the network.

use std::error::Error as _;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use clap::ValueEnum;
use diglot::Error;
use diglot::model::download::{DownloadError, Event, PullOptions, pull};
use diglot::model::{ModelFiles, Reference, Role, Store, StoredModel};
use indicatif::{ProgressBar, ProgressStyle};

use super::table::size;
use crate::status::{ExitStatus, say, stdout_error};

const EXAMPLES: &str = "\
Examples:
  diglot models pull Helsinki-NLP/opus-mt-fr-en
  diglot models pull Davlan/xlm-roberta-base-ner-hrl --role entities
  diglot models pull some-lab/model --revision v2     a branch, a tag or a commit

Only what is needed is fetched: the configuration, the tokenizer, the card, and the weights as \
safetensors or, where there are none, as pytorch_model.bin. Every file is checked against the hub's \
hash while it is written. `diglot.lock`, beside the snapshot, keeps the commit and the SHA-256 of each \
file; records of a run name the model as ID@COMMIT. A pull that was cut off goes on where it stopped; \
what was there before stays until the new is whole.

The environment is that of huggingface_hub: HF_ENDPOINT, HF_TOKEN, HF_HOME, HF_HUB_CACHE, HF_HUB_OFFLINE, \
HF_HUB_ETAG_TIMEOUT, HF_HUB_DOWNLOAD_TIMEOUT; HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY; SSL_CERT_FILE.

The directory of the model goes to standard output.";

/// Fetch a model from the hub, or check and mend one that is there
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The model's ID on the hub: `ORGANISATION/NAME`, or with a revision `ORGANISATION/NAME@REVISION`
    #[arg(value_name = "ID")]
    model: Reference,

    /// A branch, a tag or a commit [default: main]
    #[arg(long, value_name = "REVISION")]
    revision: Option<String>,

    /// Refuse the model unless this is what it does
    #[arg(long, value_name = "ROLE")]
    role: Option<RoleName>,

    /// Try so many times again, in a row, what fails in a way that may pass
    #[arg(long, value_name = "N", default_value_t = PullOptions::RETRIES)]
    retries: u32,

    /// No progress bar and no summary; problems are still named
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleName {
    /// It translates.
    Translate,
    /// It finds names.
    #[value(alias = "ner")]
    Entities,
}

/// Runs the subcommand.
pub fn run(args: &Args) -> Result<ExitStatus, Error> {
    let mut options = PullOptions::new(args.model.clone());
    if let Some(revision) = &args.revision {
        options = options.revision(revision)?;
    }
    options.retries = args.retries;
    options.role = args.role.map(|role| match role {
        RoleName::Translate => Role::Translate,
        RoleName::Entities => Role::Entities,
    });
    let mut show = Show::new(args.quiet);
    let pulled = pull(&Store::from_env()?, &options, &mut |event| show.event(&event));
    show.bar.finish_and_clear();
    let model = pulled?;
    if !args.quiet {
        show.summary(&model);
    }
    let path = model.directory.display();
    writeln!(io::stdout(), "{path}").map_err(stdout_error)?;
    Ok(ExitStatus::Success)
}

/// What is told of a pull.
struct Show {
    bar: ProgressBar,
    received: u64,
    quiet: bool,
}

impl Show {
    fn new(quiet: bool) -> Self {
        let bar = if quiet || !io::stderr().is_terminal() {
            ProgressBar::hidden()
        } else {
            ProgressBar::new(0)
        };
        let template = "{bar:30} {percent}% {decimal_bytes} of {decimal_total_bytes}, {decimal_bytes_per_sec} {msg} (left: {eta})";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self {
            bar,
            received: 0,
            quiet,
        }
    }

    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Planned { bytes, .. } => self.bar.set_length(*bytes),
            Event::File { name } => self.bar.set_message((*name).to_owned()),
            Event::Kept(bytes) => self.bar.inc(*bytes),
            Event::Received(bytes) => {
                self.received += bytes;
                self.bar.inc(*bytes);
            }
            Event::Discarded(bytes) => self.bar.dec(*bytes),
            Event::Waiting => self.note("another process works on this model; waiting for it"),
            Event::Damaged { name } => {
                self.tell(&format!("`{name}` in the store is damaged; fetching it again"))
            }
            Event::Retrying { error, wait } => self.tell(&retrying(error, *wait)),
            Event::Offline { error } => {
                self.tell(&format!(
                    "{}; what was pulled before is intact, and is kept",
                    chain(error)
                ));
            }
            _ => {}
        }
    }

    /// Says what is good to know.
    fn note(&self, message: &str) {
        if !self.quiet {
            self.tell(message);
        }
    }

    fn tell(&self, message: &str) {
        self.bar.suspend(|| say(message));
    }

    fn summary(&self, model: &StoredModel) {
        let files = model.files.len();
        let licence = ModelFiles::from(model.clone()).licence();
        let licence = licence.ok().flatten().unwrap_or("not stated".to_owned());
        say(format_args!(
            "{}: {files} files, {}, {} fetched now; role {}; licence {licence}",
            model.name(),
            size(model.bytes()),
            size(self.received),
            model.role,
        ));
    }
}

fn retrying(error: &DownloadError, wait: Duration) -> String {
    format!("{}; trying again in {:.1} s", chain(error), wait.as_secs_f32())
}

/// An error with its causes.
fn chain(error: &DownloadError) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        message.push_str(": ");
        message.push_str(&error.to_string());
        cause = error.source();
    }
    message
}
