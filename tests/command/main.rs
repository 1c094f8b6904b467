//! The command as users meet it: standard output, standard error and the exit code of the real binary.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod arguments;
mod batch;
mod configuration;
mod convert;
mod families;
#[path = "../marian_parity/files.rs"]
mod files;
mod filters;
mod inputs;
mod models;
mod outputs;
mod pages;
mod pairs;
mod records;
mod report;
mod support;
mod verify;

use serde_json::Value;
use support::{Workplace, example, string};

const ENGLISH: &[u8] = b"The council of Brenholt met on Tuesday. Nobody had read the report.\n";

/// Three documents in three kinds of place, and nothing else to find.
fn corpus() -> Workplace {
    Workplace::new(&[
        ("corpus/b.txt", ENGLISH),
        ("corpus/a/night.txt", &example("night-market.txt")),
        (
            "corpus/a/posts.jsonl",
            "{\"text\": \"Le port est ouvert depuis lundi.\"}\n\n{\"id\": \"own\", \"text\": \"The harbour is open again.\"}\n"
                .as_bytes(),
        ),
        ("corpus/notes.md", b"not a document"),
    ])
}

fn ids(records: &[Value]) -> Vec<&str> {
    records.iter().map(|record| string(record, "id")).collect()
}
