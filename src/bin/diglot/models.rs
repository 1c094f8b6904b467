//! `diglot models`: what is loaded from where, and the store of models from a hub.

mod catalogue;
mod convert;
mod in_use;
mod pull;
mod store;
mod table;

use clap::Subcommand;
use diglot::Error;

use crate::status::ExitStatus;

const EXAMPLES: &str = "\
Examples:
  diglot models                                       the models in use
  diglot models list --catalogue                      models of the hub that are worth a look
  diglot models pull Helsinki-NLP/opus-mt-fr-en       fetch one
  diglot run corpus/ -o out/ --model translate=Helsinki-NLP/opus-mt-fr-en
  diglot models verify                                are all files what was pulled?

Only `pull` opens the network. Models are kept where Python's huggingface_hub keeps them: in \
HF_HUB_CACHE, else HF_HOME/hub, else ~/.cache/huggingface/hub.";

/// List the models in use; pull others from a hub, check and remove them
///
/// Without a subcommand: role, name, where from, licence and SHA-256 of the weights of the models that
/// `run` would use, which are loaded, so that one that cannot be used is found out here.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    in_use: in_use::InUseArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    Pull(pull::Args),
    List(store::ListArgs),
    Verify(store::VerifyArgs),
    Remove(store::RemoveArgs),
    Path(store::PathArgs),
    Convert(convert::ConvertArgs),
}

/// Runs the subcommand.
pub fn run(args: &Args) -> Result<ExitStatus, Error> {
    match &args.command {
        None => in_use::run(&args.in_use),
        Some(Command::Pull(args)) => pull::run(args),
        Some(Command::List(args)) => store::list(args),
        Some(Command::Verify(args)) => store::verify(args),
        Some(Command::Remove(args)) => store::remove(args),
        Some(Command::Path(args)) => store::path(args),
        Some(Command::Convert(args)) => convert::run(args),
    }
}
