//! The `diglot` command.

mod align;
mod args;
mod batch;
mod convert;
mod detect;
mod entities;
mod formats;
mod lines;
mod models;
mod output;
mod progress;
mod report;
mod run;
mod show;
mod status;
mod stop;
mod summary;
mod translate;
mod verify;

use std::process::ExitCode;

use clap::Parser;
use diglot::Error;

use args::{Cli, Command};
use status::{ExitStatus, is_closed_pipe};

fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => status_of(dispatch(&cli.command)).into(),
        Err(message) => {
            // Help and version come this way too, with code 0. Nobody is left to tell if this fails.
            let _ = message.print();
            ExitCode::from(u8::try_from(message.exit_code()).unwrap_or(2))
        }
    }
}

fn dispatch(command: &Command) -> Result<ExitStatus, Error> {
    match command {
        Command::Run(args) => run::run(args),
        Command::Convert(args) => convert::run(args),
        Command::Show(args) => show::run(args),
        Command::Detect(args) => detect::run(args),
        Command::Translate(args) => translate::run(args),
        Command::Entities(args) => entities::run(args),
        Command::Align(args) => align::run(args),
        Command::Report(args) => report::run(args),
        Command::Verify(args) => verify::run(args),
        Command::Models(args) => models::run(args),
    }
}

fn status_of(result: Result<ExitStatus, Error>) -> ExitStatus {
    match result {
        Ok(status) => status,
        // Who closes the pipe (`| head`) has seen enough.
        Err(error) if is_closed_pipe(&error) => ExitStatus::Success,
        Err(error) => {
            status::report(&error);
            ExitStatus::CannotRun
        }
    }
}
