//! Runs diglot's engine alone for `scripts/bench/bench.py`, which times it from outside.
//!
//! usage: driver translate|tag MODEL LINES OUTPUT THREADS BATCH_TOKENS LONGEST [no-shortlist] [f32] [rust-bert]
//!
//! An output has at most LONGEST tokens. With `f32` the engine runs in floating point instead of int8. With `rust-bert`
//! the same model runs on that backend, if it is built in.
//!
//! Writes `ready` when the model is loaded and has seen the first line. For each line on standard input
//! it works through LINES and writes `done`; at the end of the input it writes the last results to
//! OUTPUT, one line a line, and ends.

use std::error::Error;
use std::io::{BufRead, Write};

use diglot::backend::{self, Backend, Device};
use diglot::engine::{BertTagger, EngineOptions, Marian, Precision};
use diglot::model::ModelFiles;

type Work = Box<dyn Fn(&[&str]) -> Result<Vec<String>, Box<dyn Error>>>;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [task, model, lines, output, threads, batch, longest, rest @ ..] = arguments.as_slice() else {
        return Err(
            "usage: driver translate|tag MODEL LINES OUTPUT THREADS BATCH_TOKENS LONGEST [no-shortlist] [f32] \
             [rust-bert]"
                .into(),
        );
    };
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.parse()?)
        .build_global()?;
    let asked = |word: &str| rest.iter().any(|given| given == word);
    let options = EngineOptions {
        precision: if asked("f32") {
            Precision::F32
        } else {
            Precision::Int8
        },
        batch_tokens: batch.parse()?,
        max_length_factor: 0.0,
        max_length_extra: longest.parse()?,
        shortlist: !asked("no-shortlist"),
        beam: Some(1),
        ..EngineOptions::default()
    };
    let files = ModelFiles::Directory(model.into());
    let backend = if asked("rust-bert") {
        Backend::RustBert
    } else {
        Backend::Engine
    };
    let work = match task.as_str() {
        "translate" => translate(backend::load_marian(backend, Device::Cpu, &files, &options)?),
        _ => tag(backend::load_tagger(backend, Device::Cpu, &files, &options)?),
    };
    let text = std::fs::read_to_string(lines)?;
    serve(&work, &text.lines().collect::<Vec<_>>(), output)
}

fn serve(work: &Work, lines: &[&str], output: &str) -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout();
    let mut results = work(&lines[..lines.len().min(1)])?;
    writeln!(out, "ready")?;
    for order in std::io::stdin().lock().lines() {
        order?;
        results = work(lines)?;
        writeln!(out, "done")?;
    }
    results.push(String::new());
    Ok(std::fs::write(output, results.join("\n"))?)
}

fn translate(model: Marian) -> Work {
    Box::new(move |lines| {
        let hypotheses = model.translate(lines)?;
        Ok(hypotheses.into_iter().map(|hypothesis| hypothesis.text).collect())
    })
}

fn tag(model: BertTagger) -> Work {
    Box::new(move |lines| {
        let best = |probabilities: &[f32]| {
            let best =
                (0..probabilities.len()).max_by(|&a, &b| probabilities[a].total_cmp(&probabilities[b]));
            best.map_or("", |label| model.labels()[label].as_str())
        };
        let tags = model.tag(lines)?.into_iter();
        Ok(tags
            .map(|tokens| {
                let labels: Vec<&str> = tokens.iter().map(|token| best(&token.probabilities)).collect();
                labels.join(" ")
            })
            .collect())
    })
}
