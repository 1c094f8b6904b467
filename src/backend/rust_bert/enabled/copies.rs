//! Copies of a model, each in a thread of its own.
//!
//! What libtorch makes may be sent to another thread but not be shared between threads. So each copy stays in the
//! thread that made it, and work is sent there. Copies are made when work comes that all others are too busy for. They
//! share their weights.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crate::{BackendError, Error};

/// Copies of a model `M`.
pub(super) struct Copies<M> {
    make: Arc<dyn Fn() -> M + Send + Sync>,
    most: usize,
    /// `None` when the copies are told to end.
    work: Option<Sender<Job<M>>>,
    taken: Arc<Mutex<Receiver<Job<M>>>>,
    state: Arc<Mutex<State>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// Something to do with a copy; with an error in its place if it could not be made.
type Job<M> = Box<dyn FnOnce(Result<&mut M, &str>) + Send>;

/// How busy the copies are.
#[derive(Default)]
struct State {
    started: usize,
    idle: usize,
    waiting: usize,
}

impl<M: 'static> Copies<M> {
    /// Up to `most` copies that `make` makes.
    pub(super) fn new(most: usize, make: impl Fn() -> M + Send + Sync + 'static) -> Self {
        let (work, taken) = channel();
        Self {
            make: Arc::new(make),
            most: most.max(1),
            work: Some(work),
            taken: Arc::new(Mutex::new(taken)),
            state: Arc::default(),
            threads: Mutex::default(),
        }
    }

    /// As many copies as the current rayon pool has threads; on a GPU one, which keeps it busy.
    pub(super) fn for_device(device: tch::Device, make: impl Fn() -> M + Send + Sync + 'static) -> Self {
        let most = if device.is_cuda() {
            1
        } else {
            rayon::current_num_threads()
        };
        Self::new(most, make)
    }

    /// Does something with a copy, and waits for the result.
    ///
    /// # Errors
    ///
    /// Those of `work`, or when it panics, as libtorch's wrappers do on any failure.
    pub(super) fn run<R: Send + 'static>(
        &self,
        work: impl FnOnce(&mut M) -> Result<R, BackendError> + Send + 'static,
    ) -> Result<R, BackendError> {
        let (answer, answered) = channel();
        let job: Job<M> = Box::new(move |copy| {
            let result = match copy {
                Ok(copy) => caught(|| work(copy)).and_then(|result| result),
                Err(message) => Err(BackendError::new(message)),
            };
            // Whoever waited may have gone.
            let _ = answer.send(result);
        });
        self.start_if_all_are_busy()?;
        let gone = || failed("a thread ended");
        let sent = self.work.as_ref().map(|sender| sender.send(job));
        sent.and_then(Result::ok).ok_or_else(gone)?;
        answered.recv().map_err(|_| gone())?
    }

    fn start_if_all_are_busy(&self) -> Result<(), BackendError> {
        let mut state = locked(&self.state);
        if state.idle > 0 {
            state.idle -= 1;
        } else if state.started < self.most {
            locked(&self.threads).push(self.start()?);
            state.started += 1;
        } else {
            state.waiting += 1;
        }
        Ok(())
    }

    fn start(&self) -> Result<JoinHandle<()>, BackendError> {
        let (make, taken, state) = (
            Arc::clone(&self.make),
            Arc::clone(&self.taken),
            Arc::clone(&self.state),
        );
        let live = move || {
            // There are as many copies as cores; that each of them took all cores would only make them wait.
            tch::set_num_threads(1);
            let mut copy = caught(&*make);
            while let Some(job) = next(&taken) {
                match &mut copy {
                    Ok(copy) => job(Ok(copy)),
                    Err(error) => job(Err(&error.to_string())),
                }
                let mut state = locked(&state);
                match state.waiting {
                    0 => state.idle += 1,
                    _ => state.waiting -= 1,
                }
            }
        };
        std::thread::Builder::new()
            .name("diglot-torch".to_owned())
            .spawn(live)
            .map_err(|error| BackendError::with_source("cannot start a thread", error))
    }
}

impl<M> Drop for Copies<M> {
    fn drop(&mut self) {
        self.work = None;
        for thread in locked(&self.threads).drain(..) {
            // What it panicked with, its last job has reported.
            let _ = thread.join();
        }
    }
}

/// Does something with libtorch that can panic, on this thread.
///
/// # Errors
///
/// When it panics.
pub(super) fn caught<R>(work: impl FnOnce() -> R) -> Result<R, BackendError> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| failed(&message(panic.as_ref())))
}

/// The same while a model is loaded.
///
/// # Errors
///
/// When it panics, with the model's name.
pub(super) fn caught_loading<R>(model: &str, work: impl FnOnce() -> Result<R, Error>) -> Result<R, Error> {
    caught(work).map_err(|error| Error::model(model, error.to_string()))?
}

fn failed(message: &str) -> BackendError {
    BackendError::new(format!("rust-bert failed: {message}"))
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("unknown");
    // libtorch puts a trace of its own calls below the first line.
    text.lines().next().unwrap_or_default().to_owned()
}

fn next<M>(taken: &Mutex<Receiver<Job<M>>>) -> Option<Job<M>> {
    locked(taken).recv().ok()
}

fn locked<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_done_by_up_to_as_many_copies_as_allowed() {
        let made = Arc::new(Mutex::new(0));
        let count = Arc::clone(&made);
        let copies = Copies::new(2, move || *locked(&count) += 1);
        std::thread::scope(|scope| {
            let results: Vec<_> = (0..20)
                .map(|n| {
                    scope.spawn({
                        let copies = &copies;
                        move || copies.run(move |_| Ok(n)).unwrap()
                    })
                })
                .collect();
            assert!(results.into_iter().map(|result| result.join().unwrap()).eq(0..20));
        });
        drop(copies);
        assert!((1..=2).contains(&*locked(&made)));
    }

    #[test]
    fn a_panic_is_an_error_and_the_copy_goes_on() {
        let copies = Copies::new(1, || 7);
        let error = copies
            .run(|_| -> Result<(), _> { panic!("no memory\nat line 3") })
            .unwrap_err();
        assert_eq!(error.to_string(), "rust-bert failed: no memory");
        assert_eq!(copies.run(|copy| Ok(*copy)).unwrap(), 7);
    }

    #[test]
    fn a_copy_that_cannot_be_made_is_an_error() {
        let copies = Copies::new(1, || -> u8 { panic!("no device") });
        let error = copies.run(|copy| Ok(*copy)).unwrap_err();
        assert!(error.to_string().contains("no device"), "{error}");
    }
}
