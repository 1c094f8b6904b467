//! What the letters of a word say, remembered from one text to the next.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Remembers a value for each of the words that came up last.
///
/// A few thousand words make up most of any text, and looking one up is some hundred times faster than
/// following its letters through every model. The value of a word must depend on the word alone, so
/// that it does not matter which words are still known. Threads share what they find.
pub(super) struct WordCache<V> {
    shards: Box<[Mutex<Shard<V>>]>,
    /// Chooses the shard of a word.
    hasher: RandomState,
}

impl<V: Copy> WordCache<V> {
    /// An empty cache.
    pub(super) fn new() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::new(Shard::default())).collect(),
            hasher: RandomState::new(),
        }
    }

    /// The value of a word, from `make` where it is not known.
    pub(super) fn get(&self, word: &str, make: impl FnOnce() -> V) -> V {
        if word.len() > LONGEST {
            return make();
        }
        let shard = &self.shards[self.hasher.hash_one(word) as usize % SHARDS];
        if let Some(known) = lock(shard).get(word) {
            return known;
        }
        // Not under the lock: other threads may ask for other words meanwhile.
        let value = make();
        lock(shard).insert(word, value);
        value
    }
}

/// A panic elsewhere cannot leave a shard half changed in a way that matters: what it holds is right.
fn lock<V>(shard: &Mutex<Shard<V>>) -> MutexGuard<'_, Shard<V>> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// So many that threads seldom want the same one.
const SHARDS: usize = 32;
/// Words of one generation of a shard. Both generations of all shards are 65,536 words.
const GENERATION: usize = 1024;
/// Bytes of the longest word that is kept: longer ones are rarely words.
const LONGEST: usize = 40;

/// Two generations of words: when the young one is full it becomes the old one, which is forgotten.
/// A word that is asked for again moves to the young one, so that common words are never forgotten.
struct Shard<V> {
    young: HashMap<Box<str>, V>,
    old: HashMap<Box<str>, V>,
}

impl<V> Default for Shard<V> {
    fn default() -> Self {
        Self {
            young: HashMap::new(),
            old: HashMap::new(),
        }
    }
}

impl<V: Copy> Shard<V> {
    fn get(&mut self, word: &str) -> Option<V> {
        if let Some(known) = self.young.get(word) {
            return Some(*known);
        }
        let known = *self.old.get(word)?;
        self.insert(word, known);
        Some(known)
    }

    fn insert(&mut self, word: &str, value: V) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(word.into(), value);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// A cache with a count of how often a value had to be made.
    struct Counted {
        cache: WordCache<usize>,
        made: Cell<usize>,
    }

    impl Counted {
        fn new() -> Self {
            Self {
                cache: WordCache::new(),
                made: Cell::new(0),
            }
        }

        #[track_caller]
        fn check(&self, word: &str, made: usize) {
            let value = self.cache.get(word, || {
                self.made.set(self.made.get() + 1);
                word.len()
            });
            assert_eq!(value, word.len(), "value of {word:?}");
            assert_eq!(self.made.get(), made, "how many values were made up to {word:?}");
        }
    }

    #[test]
    fn makes_the_value_of_a_word_once() {
        let counted = Counted::new();
        counted.check("pont", 1);
        counted.check("route", 2);
        counted.check("pont", 2);
        counted.check("", 3);
        counted.check("", 3);
    }

    #[test]
    fn does_not_keep_what_is_too_long_for_a_word() {
        let counted = Counted::new();
        let long = "é".repeat(LONGEST);
        counted.check(&long, 1);
        counted.check(&long, 2);
    }

    #[test]
    fn forgets_rare_words_and_keeps_common_ones() {
        let mut shard = Shard::default();
        shard.insert("pont", 0);
        for n in 0..4 * GENERATION {
            shard.insert(&n.to_string(), n);
            assert_eq!(
                shard.get("pont"),
                Some(0),
                "asked for all the time, forgotten at {n}"
            );
        }
        assert_eq!(shard.get("0"), None, "asked for once");
        let kept = shard.young.len() + shard.old.len();
        assert!(kept <= 2 * GENERATION, "{kept} words are kept");
    }

    #[test]
    fn threads_may_share_it() {
        let cache = WordCache::new();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for n in 0..2000 {
                        assert_eq!(cache.get(&n.to_string(), || n), n);
                    }
                });
            }
        });
    }
}
