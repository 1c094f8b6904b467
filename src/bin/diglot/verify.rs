//! `diglot verify`: is an output directory what it says it is?

use std::path::PathBuf;

use diglot::Error;
use diglot::config::Config;
use diglot::corpus::{Manifest, Plan, Problem, Verified, remake, verify};

use crate::args::thread_pool;
use crate::status::{ExitStatus, say};
use crate::summary::Summary;

const EXAMPLES: &str = "\
Examples:
  diglot verify out/                check all files, records and offsets; make 3 records again
  diglot verify out/ --sample 50    make 50 again, spread over the corpus
  diglot verify out/ --sample 0     run no model

The exit code is 0 when all is well, 1 when there are problems (each is named on standard error), and \
2 when the directory cannot be verified.";

/// Check an output directory: hashes, counts, every offset, and a sample made again
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The output directory of a batch run
    #[arg(value_name = "DIR")]
    directory: PathBuf,

    /// Make this many records again, and compare them byte for byte
    ///
    /// They are spread evenly over the corpus. Where version, models or settings are not those that
    /// made the records, nothing is compared, and the report says so.
    #[arg(long, value_name = "N", default_value_t = 3)]
    sample: u64,

    /// Name problems only
    #[arg(long, short)]
    quiet: bool,
}

/// Runs the subcommand.
pub fn run(args: &Args) -> Result<ExitStatus, Error> {
    let mut name = |problem: Problem| say(format_args!("{}: {}", problem.place, problem.message));
    let verified = verify(&args.directory, args.sample, &mut name)?;
    let mut problems = verified.problems;
    let remade = match remade(&verified, &mut |problem| {
        problems += 1;
        name(problem);
    }) {
        Ok(count) => format!("{count} made again"),
        Err(reason) => format!("none made again: {reason}"),
    };
    if !args.quiet {
        let shards = verified.shards;
        let plural = if shards == 1 { "shard" } else { "shards" };
        say(format_args!(
            "{shards} {plural}: {}; {remade}",
            Summary(&verified.totals)
        ));
        say(format_args!(
            "{problems} {}",
            if problems == 1 { "problem" } else { "problems" }
        ));
    }
    Ok(ExitStatus::with_errors(problems > 0))
}

/// How many sampled records were made again; or why none were.
fn remade(verified: &Verified, found: &mut (dyn FnMut(Problem) + Send)) -> Result<u64, String> {
    if verified.samples.is_empty() {
        return Ok(0);
    }
    let config = config(&verified.manifest)?;
    let pipeline = config.builder().and_then(|builder| builder.build());
    let pipeline = pipeline.map_err(|error| format!("the pipeline cannot be put together: {error}"))?;
    let pool = thread_pool(&config).map_err(|error| error.to_string())?;
    pool.install(|| remake(&pipeline, config.record_options(), &verified.samples, found))
}

fn config(manifest: &Manifest) -> Result<Config, String> {
    let config = manifest.plan.options.get(Plan::CONFIG).map_or("", String::as_str);
    config.parse().map_err(|error: Error| error.to_string())
}
