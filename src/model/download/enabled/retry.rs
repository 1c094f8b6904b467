//! What failed, and whether it is tried again.

use std::thread::sleep;
use std::time::Duration;

use super::super::{DownloadError, Event};
use crate::Error;

/// The longest time that is waited because a server asks for it.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// The first and the longest wait where the server asks for none.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Why something failed.
#[derive(Debug)]
pub(super) enum Fault {
    /// It may pass.
    Passing {
        error: DownloadError,
        /// How long the server wants us to wait.
        wait: Option<Duration>,
    },
    /// It will not pass.
    Lasting(DownloadError),
    /// It has nothing to do with the network.
    Local(Error),
}

impl Fault {
    pub(super) fn passing(error: DownloadError) -> Self {
        Self::Passing { error, wait: None }
    }

    /// The error of the pull of a model.
    pub(super) fn into_error(self, name: &str) -> Error {
        match self {
            Self::Passing { error, .. } | Self::Lasting(error) => Error::Download {
                name: name.to_owned(),
                source: error,
            },
            Self::Local(error) => error,
        }
    }
}

impl From<DownloadError> for Fault {
    fn from(error: DownloadError) -> Self {
        Self::Lasting(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Local(error)
    }
}

/// How many times in a row something was tried again.
pub(super) struct Retries {
    most: u32,
    used: u32,
}

impl Retries {
    pub(super) fn new(most: u32) -> Self {
        Self { most, used: 0 }
    }

    /// Something has come: what failed before does not count any more.
    pub(super) fn progressed(&mut self) {
        self.used = 0;
    }

    /// Waits, if it makes sense to try again; else gives the fault back.
    pub(super) fn after(&mut self, fault: Fault, observe: &mut dyn FnMut(Event<'_>)) -> Result<(), Fault> {
        let Fault::Passing { error, wait } = fault else {
            return Err(fault);
        };
        let wait = wait.unwrap_or_else(|| pause(self.used));
        if self.used >= self.most || wait > LONGEST_WAIT {
            return Err(Fault::Lasting(error));
        }
        self.used += 1;
        observe(Event::Retrying { error: &error, wait });
        sleep(wait);
        Ok(())
    }
}

/// Tries until it succeeds, fails for good, or has failed too often.
pub(super) fn retry<T>(
    most: u32,
    observe: &mut dyn FnMut(Event<'_>),
    mut attempt: impl FnMut() -> Result<T, Fault>,
) -> Result<T, Fault> {
    let mut retries = Retries::new(most);
    loop {
        match attempt() {
            Ok(done) => return Ok(done),
            Err(fault) => retries.after(fault, observe)?,
        }
    }
}

/// The wait before the retry of this number, counted from 0.
fn pause(number: u32) -> Duration {
    let doubled = 2u32
        .checked_pow(number)
        .map(|factor| FIRST_PAUSE.saturating_mul(factor));
    doubled.unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit() {
        let seconds: Vec<f32> = (0..8).map(|number| pause(number).as_secs_f32()).collect();
        assert_eq!(seconds, [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]);
        assert_eq!(pause(200), LONGEST_PAUSE);
    }

    #[test]
    fn what_takes_too_long_or_will_not_pass_is_given_up() {
        let mut observe = |_: Event<'_>| {};
        let fault = |wait| Fault::Passing {
            error: DownloadError::Offline,
            wait: Some(wait),
        };
        let mut retries = Retries::new(1);
        assert!(
            retries
                .after(fault(Duration::from_secs(3600)), &mut observe)
                .is_err()
        );
        assert!(
            retries
                .after(Fault::Lasting(DownloadError::Offline), &mut observe)
                .is_err()
        );
        assert!(retries.after(fault(Duration::ZERO), &mut observe).is_ok());
        assert!(retries.after(fault(Duration::ZERO), &mut observe).is_err());
        retries.progressed();
        assert!(retries.after(fault(Duration::ZERO), &mut observe).is_ok());
    }
}
