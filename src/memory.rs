//! What was made of texts that came before, so that identical ones are worked on once.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What was made of texts, shared between threads, in bounded memory: the oldest leave first.
///
/// What is made of a text must depend on the text alone, so that what is remembered or forgotten never shows in
/// the output. Two threads that meet the same new text at the same moment may both work on it: waiting for each
/// other could stop a thread pool for good.
#[derive(Debug)]
pub(crate) struct Memory<V> {
    limit: usize,
    /// What a value takes beside itself, in bytes.
    weigh: fn(&V) -> usize,
    entries: Mutex<Entries<V>>,
}

/// What the tables, counts and allocations of an entry take, about.
const BOOKKEEPING: usize = 200;

impl<V: Clone> Memory<V> {
    /// A memory of at most `limit` bytes; with 0 nothing is remembered between calls. `weigh` says what a value takes.
    pub(crate) fn new(limit: usize, weigh: fn(&V) -> usize) -> Self {
        Self {
            limit,
            weigh,
            entries: Mutex::default(),
        }
    }

    /// How many bytes are in use.
    pub(crate) fn used(&self) -> usize {
        self.lock().bytes
    }

    /// What an entry takes.
    pub(crate) fn size(&self, text: &str, value: &V) -> usize {
        text.len() + (self.weigh)(value) + BOOKKEEPING
    }

    /// The value of each text. Those that are not known are given to `make`, each once; it gives one value each, in
    /// order.
    ///
    /// # Errors
    ///
    /// What `make` returns; nothing is remembered then.
    pub(crate) fn of<E>(
        &self,
        texts: &[&str],
        make: impl FnOnce(&[&str]) -> Result<Vec<V>, E>,
    ) -> Result<Vec<V>, E> {
        let mut known = self.lock().look_up(texts);
        let mut missing: Vec<&str> = Vec::new();
        let mut index_of = HashMap::new();
        for (text, known) in texts.iter().zip(&known) {
            if known.is_none() {
                index_of.entry(*text).or_insert_with(|| {
                    missing.push(text);
                    missing.len() - 1
                });
            }
        }
        let made = if missing.is_empty() {
            Vec::new()
        } else {
            make(&missing)?
        };
        let made: Vec<Arc<V>> = made.into_iter().map(Arc::new).collect();
        self.add(&missing, &made);
        for (text, known) in texts.iter().zip(&mut known) {
            if let (None, Some(index)) = (&known, index_of.get(text)) {
                *known = made.get(*index).map(Arc::clone);
            }
        }
        Ok(known.into_iter().flatten().map(Arc::unwrap_or_clone).collect())
    }

    fn add(&self, texts: &[&str], values: &[Arc<V>]) {
        let mut entries = self.lock();
        for (text, value) in texts.iter().zip(values) {
            let size = self.size(text, value);
            if size > self.limit || entries.values.contains_key(*text) {
                continue;
            }
            while entries.bytes + size > self.limit && entries.forget_oldest() {}
            entries.add(text, Arc::clone(value), size);
        }
    }

    /// A panic in another thread leaves the entries whole: each change is made after what can panic.
    fn lock(&self) -> MutexGuard<'_, Entries<V>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
struct Entries<V> {
    values: HashMap<Arc<str>, Arc<V>>,
    /// Texts by age, the oldest first, and what their entries take.
    order: VecDeque<(Arc<str>, usize)>,
    bytes: usize,
}

impl<V> Default for Entries<V> {
    fn default() -> Self {
        Self {
            values: HashMap::new(),
            order: VecDeque::new(),
            bytes: 0,
        }
    }
}

impl<V> Entries<V> {
    fn look_up(&self, texts: &[&str]) -> Vec<Option<Arc<V>>> {
        texts.iter().map(|text| self.values.get(*text).cloned()).collect()
    }

    fn add(&mut self, text: &str, value: Arc<V>, size: usize) {
        let text: Arc<str> = text.into();
        self.order.push_back((Arc::clone(&text), size));
        self.values.insert(text, value);
        self.bytes += size;
    }

    /// Whether there was one.
    fn forget_oldest(&mut self) -> bool {
        let Some((text, size)) = self.order.pop_front() else {
            return false;
        };
        self.values.remove(&text);
        self.bytes -= size;
        true
    }
}
