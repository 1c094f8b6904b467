//! Tables on standard output.

use std::io::Write;

use diglot::Error;
use serde::Serialize;

use crate::lines::json;
use crate::status::stdout_error;

/// A row of a table.
pub trait Row: Serialize {
    /// The names of the columns.
    const HEAD: &'static [&'static str];

    /// The cells, one a column.
    fn cells(&self) -> Vec<String>;
}

/// Writes rows as JSON lines or as a table.
pub fn write<R: Row>(rows: &[R], as_json: bool) -> Result<(), Error> {
    let written = if as_json {
        rows.iter().map(|row| json(row) + "\n").collect()
    } else {
        table(rows)
    };
    std::io::stdout()
        .write_all(written.as_bytes())
        .map_err(stdout_error)
}

fn table<R: Row>(rows: &[R]) -> String {
    let head = R::HEAD.iter().map(|&name| name.to_owned()).collect();
    let lines: Vec<Vec<String>> = std::iter::once(head).chain(rows.iter().map(Row::cells)).collect();
    let width = |column: usize| lines.iter().map(|cells| cells[column].chars().count()).max();
    let widths: Vec<usize> = (0..R::HEAD.len())
        .map(|column| width(column).unwrap_or(0))
        .collect();
    let line = |cells: &Vec<String>| {
        let padded = cells.iter().zip(&widths);
        let padded: Vec<String> = padded.map(|(cell, width)| format!("{cell:width$}")).collect();
        padded.join("  ").trim_end().to_owned() + "\n"
    };
    lines.iter().map(line).collect()
}

/// A number of bytes for people.
pub fn size(bytes: u64) -> String {
    indicatif::DecimalBytes(bytes).to_string()
}
