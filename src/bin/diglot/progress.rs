//! The progress bar.

use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over the bytes of the input, on standard error; nothing where that is no terminal.
pub struct Progress {
    bar: ProgressBar,
    documents: u64,
}

impl Progress {
    /// A bar up to `total` bytes; a spinner where the total is not known.
    pub fn new(shown: bool, total: Option<u64>) -> Self {
        let bar = match total {
            _ if !shown || !io::stderr().is_terminal() => ProgressBar::hidden(),
            Some(total) => styled(
                ProgressBar::new(total),
                "{bar:30} {percent}% {msg} {elapsed} (left: {eta})",
            ),
            None => styled(ProgressBar::new_spinner(), "{spinner} {bytes} {msg} {elapsed}"),
        };
        Self { bar, documents: 0 }
    }

    /// One more document is done, and so many bytes of input.
    pub fn advance(&mut self, bytes: u64) {
        self.documents += 1;
        self.bar.set_position(bytes);
        self.bar.set_message(format!("{} documents", self.documents));
    }

    /// Does something on standard error without tearing the bar.
    pub fn suspend<T>(&self, act: impl FnOnce() -> T) -> T {
        self.bar.suspend(act)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
