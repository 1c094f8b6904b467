//! Stopping on Ctrl-C and SIGTERM.

use std::sync::atomic::{AtomicUsize, Ordering};

use diglot::corpus::Stop;

use crate::status::say;

/// How many times the user asked to stop.
static ASKED: AtomicUsize = AtomicUsize::new(0);

/// From now on Ctrl-C and SIGTERM are counted, and `said` is what the first of them is answered with.
/// The third ends the process where it stands, which costs no more than the work in hand.
pub fn listen(said: &'static str) {
    let handler = move || match ASKED.fetch_add(1, Ordering::SeqCst) {
        0 => say(said),
        1 => {}
        _ => std::process::exit(crate::status::INTERRUPTED.into()),
    };
    // Without a handler, Ctrl-C ends the process, which is safe too.
    let _ = ctrlc::set_handler(handler);
}

/// How soon to stop: after the shard in hand when asked once, at once when asked again.
pub fn asked() -> Stop {
    match ASKED.load(Ordering::SeqCst) {
        0 => Stop::No,
        1 => Stop::AfterShard,
        _ => Stop::Now,
    }
}
