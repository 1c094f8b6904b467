//! Runs batches side by side, each on one thread.
//!
//! `rten-gemm` splits a product over the rayon pool that it is called from, which wastes time when
//! other batches keep the cores busy. So batches run in pools of one thread each, which are made once
//! and shared by all models of the process.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::BackendError;

/// Pools of one thread that are not in use.
static IDLE: Mutex<Vec<ThreadPool>> = Mutex::new(Vec::new());

/// How many pools are in use.
static BUSY: AtomicUsize = AtomicUsize::new(0);

/// Applies `work` to each task, with as many threads as the current rayon pool has, and returns the
/// results in the order of the tasks.
///
/// # Errors
///
/// The first error in the order of the tasks, or when no thread could be started.
pub(super) fn run<T, R>(
    tasks: &[T],
    work: impl Fn(&T) -> Result<R, BackendError> + Sync,
) -> Result<Vec<R>, BackendError>
where
    T: Sync,
    R: Send,
{
    if tasks.is_empty() {
        return Ok(Vec::new());
    }
    let workers = Workers::take(tasks.len().min(rayon::current_num_threads()))?;
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(tasks.len()));
    let work_off = || {
        while let Some((index, task)) = take_next(tasks, &next) {
            let result = work(task);
            results
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push((index, result));
        }
    };
    // Plain threads wait for the pools: a rayon thread would start other work while it waits.
    std::thread::scope(|scope| {
        for pool in &workers.0 {
            scope.spawn(|| pool.install(work_off));
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_unstable_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

fn take_next<'a, T>(tasks: &'a [T], next: &AtomicUsize) -> Option<(usize, &'a T)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    tasks.get(index).map(|task| (index, task))
}

/// Pools that go back to the idle ones when dropped.
struct Workers(Vec<ThreadPool>);

impl Workers {
    /// Takes up to `wanted` pools: fewer, but at least one, where other calls hold some already.
    fn take(wanted: usize) -> Result<Self, BackendError> {
        let held = BUSY.load(Ordering::Relaxed);
        let count = wanted.saturating_sub(held).max(1);
        let mut taken = Self(Vec::with_capacity(count));
        for _ in 0..count {
            taken.0.push(take_pool()?);
            BUSY.fetch_add(1, Ordering::Relaxed);
        }
        Ok(taken)
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        BUSY.fetch_sub(self.0.len(), Ordering::Relaxed);
        IDLE.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .append(&mut self.0);
    }
}

fn take_pool() -> Result<ThreadPool, BackendError> {
    if let Some(pool) = IDLE.lock().unwrap_or_else(PoisonError::into_inner).pop() {
        return Ok(pool);
    }
    ThreadPoolBuilder::new()
        .num_threads(1)
        .thread_name(|_| "diglot-engine".to_owned())
        .build()
        .map_err(|error| BackendError::with_source("cannot start a thread", error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_tasks() {
        let tasks: Vec<usize> = (0..100).collect();
        let pool = ThreadPoolBuilder::new().num_threads(4).build().unwrap();
        let results = pool.install(|| run(&tasks, |task| Ok(task * 2))).unwrap();
        assert!(results.iter().copied().eq((0..200).step_by(2)));
    }

    #[test]
    fn work_runs_in_pools_of_one_thread() {
        let threads = run(&[(); 3], |()| Ok(rayon::current_num_threads())).unwrap();
        assert_eq!(threads, [1, 1, 1]);
    }

    #[test]
    fn calls_from_a_pool_do_not_wait_for_each_other_for_ever() {
        use rayon::prelude::*;
        let pool = ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        let sums: Vec<usize> = pool.install(|| {
            let calls = (0..20usize).into_par_iter();
            calls
                .map(|call| run(&[call; 5], |task| Ok(*task)).unwrap().into_iter().sum())
                .collect()
        });
        assert!(sums.into_iter().eq((0..20).map(|call| call * 5)));
    }

    #[test]
    fn the_first_error_is_returned() {
        let tasks = [1, 2, 3];
        let result = run(&tasks, |&task| match task {
            1 => Ok(()),
            _ => Err(BackendError::new(format!("task {task}"))),
        });
        assert_eq!(result.unwrap_err().to_string(), "task 2");
    }
}
