//! How far a run is, on standard error.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use clap::ValueEnum;
use diglot::corpus::Made;
use indicatif::{ProgressBar, ProgressStyle};

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Style {
    /// A bar, where standard error is a terminal.
    Bar,
    /// An object a second, a line each.
    Json,
    /// Nothing.
    None,
}

/// What a run has done so far, shown as it goes.
pub struct Progress {
    bar: ProgressBar,
    json: bool,
    total: Option<u64>,
    started: Instant,
    said: Instant,
    done: Done,
}

/// Counts of this process alone, without what an earlier run did.
#[derive(Clone, Copy, Debug, Default)]
struct Done {
    documents: u64,
    skipped: u64,
    sentences: u64,
    words: u64,
    errors: u64,
    position: u64,
    /// Bytes that an earlier run had done: they say nothing about the speed.
    passed: u64,
}

/// How often an object is written.
const SECOND: Duration = Duration::from_secs(1);

impl Progress {
    /// Progress over `total` bytes, where the total is known.
    pub fn new(style: Style, total: Option<u64>) -> Self {
        let bar = match total {
            _ if style != Style::Bar || !io::stderr().is_terminal() => ProgressBar::hidden(),
            Some(total) => styled(
                ProgressBar::new(total),
                "{bar:30} {percent}% {msg} {elapsed} (left: {prefix})",
            ),
            None => styled(ProgressBar::new_spinner(), "{spinner} {bytes} {msg} {elapsed}"),
        };
        let now = Instant::now();
        Self {
            bar,
            json: style == Style::Json,
            total,
            started: now,
            said: now,
            done: Done::default(),
        }
    }

    /// One more record is written.
    pub fn made(&mut self, made: &Made) {
        self.done.documents += 1;
        // Those of a long document were told part by part.
        if made.long.is_none() {
            self.done.sentences += made.totals.sentences;
        }
        self.done.words += made.words;
        self.done.errors += made.totals.failed;
        self.done.position = made.position;
        self.tick();
    }

    /// A part of a long document is done.
    pub fn part(&mut self, words: u64, sentences: u64) {
        self.done.words += words;
        self.done.sentences += sentences;
        self.tick();
    }

    /// One more document, which an earlier run has done, is passed over.
    pub fn skipped(&mut self, position: u64) {
        self.done.skipped += 1;
        self.done.position = position;
        self.done.passed = position;
        // Skipping is not the work whose speed is told.
        self.started = Instant::now();
        self.tick();
    }

    /// Shows what has changed, if it is time.
    pub fn tick(&mut self) {
        if self.said.elapsed() < SECOND / if self.json { 1 } else { 5 } {
            return;
        }
        self.said = Instant::now();
        let left = self.left().map(|left| left.as_secs());
        if self.json {
            let _ = writeln!(io::stderr(), "{}", self.object(left));
            return;
        }
        self.bar.set_position(self.done.position);
        self.bar.set_prefix(left.map_or("?".to_owned(), clock));
        self.bar.set_message(self.message());
    }

    /// Says the last state, where states are written out.
    pub fn finish(&mut self) {
        if self.json {
            let _ = writeln!(io::stderr(), "{}", self.object(Some(0)));
        }
        self.bar.finish_and_clear();
    }

    /// Does something on standard error without tearing the bar.
    pub fn suspend<T>(&self, act: impl FnOnce() -> T) -> T {
        self.bar.suspend(act)
    }

    /// Words a second, over the run.
    pub fn speed(&self) -> u64 {
        per_second(self.done.words, self.started.elapsed())
    }

    fn message(&self) -> String {
        let Done {
            documents,
            skipped,
            sentences,
            ..
        } = self.done;
        if documents == 0 && skipped > 0 {
            return format!("passing over {skipped} documents that are done");
        }
        format!(
            "{documents} documents, {sentences} sentences, {} words/s",
            self.speed()
        )
    }

    fn object(&self, left: Option<u64>) -> serde_json::Value {
        let done = self.done;
        serde_json::json!({
            "documents": done.documents,
            "skipped": done.skipped,
            "sentences": done.sentences,
            "words": done.words,
            "words_per_second": self.speed(),
            "errors": done.errors,
            "bytes": done.position,
            "total_bytes": self.total,
            "elapsed": self.started.elapsed().as_secs(),
            "left": left,
        })
    }

    /// The time that the rest takes at the speed so far.
    fn left(&self) -> Option<Duration> {
        let rest = self.total?.saturating_sub(self.done.position);
        let done = self.done.position.saturating_sub(self.done.passed);
        (done > 0).then(|| self.started.elapsed().mul_f64(rest as f64 / done as f64))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn per_second(count: u64, time: Duration) -> u64 {
    (count as f64 / time.as_secs_f64().max(0.001)) as u64
}

fn clock(seconds: u64) -> String {
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_speeds_are_written_plainly() {
        assert_eq!(clock(3 * 3600 + 62), "3:01:02");
        assert_eq!(per_second(100, Duration::from_secs(4)), 25);
        assert_eq!(per_second(0, Duration::ZERO), 0);
    }
}
