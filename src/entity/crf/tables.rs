//! The file of a field, and its look-ups.
//!
//! # The file `crf.bin`
//!
//! All numbers are little-endian. Strings are known by the two halves of their 64-bit FNV-1a hash, folded together by
//! exclusive or: of 200,000 attributes one in 20,000 unknown ones meets another's weights. Tags are numbered: outside, then
//! the beginnings and then the insides of PER, ORG, LOC, MISC.
//!
//! | type | what |
//! |---|---|
//! | 4 bytes | `DGCF` |
//! | `u32` | version: 2 |
//! | `u32` x 5 | the numbers of attributes `A`, weights `E`, words seen in text `W`, words in lists `L`, phrases `P` |
//! | `f32` x 3 | what a weight's integer is multiplied by; the field's share in the mixture, 0 to 1; what is added to the score of outside |
//! | `f32` x 81 | transitions, a row for each tag before |
//! | `u32` x A | hashes of the attributes, rising |
//! | `u8` x A | how many weights each has |
//! | `u8` x E | the tags of the weights, attribute by attribute |
//! | `i8` x E | the weights |
//! | `u32` x W | hashes of the words seen, rising |
//! | `u8` x W | a bucket of how often each is written with a capital and how often it is seen; 0: not known |
//! | `u16` x 3W | its clusters, from coarse to fine; 65535: none |
//! | `u32` x L | hashes of the words in lists, rising |
//! | `u16` x L | a bit for each list that holds it, from bit 7 as a part of a longer name |
//! | `u32` x P | hashes of phrases of two words and more (with a space between), rising |
//! | `u8` x P | a bit for each list that holds it |

use std::ops::Range;

use crate::bytes::Reader;
use crate::entity::tags::STATES;

/// The name of the file.
pub(super) const FILE: &str = "crf.bin";

/// The number of sizes that words are clustered at.
pub(super) const CLUSTERINGS: usize = 3;

const NO_CLUSTER: u16 = u16::MAX;

/// A hash of a string that is still being written (FNV-1a, 64 bits).
#[derive(Clone, Copy)]
pub(super) struct Hash(u64);

impl Hash {
    pub(super) const EMPTY: Self = Self(0xcbf2_9ce4_8422_2325);

    /// The hash of what came so far and `text`.
    #[must_use]
    pub(super) fn then(self, text: &str) -> Self {
        let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        Self(text.bytes().fold(self.0, step))
    }

    /// The same with the digits of `number`.
    #[must_use]
    pub(super) fn then_number(self, number: u16) -> Self {
        let before = if number > 9 {
            self.then_number(number / 10)
        } else {
            self
        };
        let digit = [b'0' + (number % 10) as u8];
        before.then(std::str::from_utf8(&digit).unwrap_or_default())
    }

    pub(super) fn folded(self) -> u32 {
        (self.0 ^ self.0 >> 32) as u32
    }
}

/// What is known of a word besides its letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// The bucket of capitals and frequency, 0 where the word is not known.
    pub(super) capitals: u8,
    /// Its clusters.
    pub(super) clusters: [Option<u16>; CLUSTERINGS],
    /// A bit for each list.
    pub(super) lists: u16,
}

/// The numbers of a field.
pub(super) struct Tables {
    scale: f32,
    share: f32,
    outside: f32,
    transitions: [[f32; STATES]; STATES],
    attributes: HashTable,
    /// The weights of attribute `i` are those in `starts[i]..starts[i + 1]`.
    starts: Vec<u32>,
    /// Tags and weights.
    weights: Vec<(u8, i8)>,
    seen: HashTable,
    seen_facts: Vec<Facts>,
    listed: HashTable,
    lists: Vec<u16>,
    phrases: HashTable,
    phrase_lists: Vec<u8>,
}

impl Tables {
    /// Reads the file's bytes.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let mut reader = Reader::new(bytes, "DGCF", 2)?;
        let sizes: Vec<usize> = reader.u32s(5)?.into_iter().map(|size| size as usize).collect();
        let [attributes, weights, seen, listed, phrases] = sizes[..] else {
            return Err("expected five sizes".to_owned());
        };
        let numbers = reader.f32s(3)?;
        if !(0.0..=1.0).contains(&numbers[1]) {
            return Err(format!("expected a share from 0 to 1, found {}", numbers[1]));
        }
        let flat = reader.f32s(STATES * STATES)?;
        let transitions = std::array::from_fn(|from| std::array::from_fn(|to| flat[from * STATES + to]));
        let attributes = HashTable::new(reader.u32s(attributes)?)?;
        let starts = starts(reader.take(attributes.len())?, weights)?;
        let tags = reader.take(weights)?;
        if let Some(tag) = tags.iter().find(|&&tag| usize::from(tag) >= STATES) {
            return Err(format!("expected tags below {STATES}, found {tag}"));
        }
        let values = reader.take(weights)?.iter().map(|&byte| byte.cast_signed());
        let weights = tags.iter().copied().zip(values).collect();
        let seen = HashTable::new(reader.u32s(seen)?)?;
        let seen_facts = facts(&mut reader, seen.len())?;
        let listed = HashTable::new(reader.u32s(listed)?)?;
        let lists = reader.u16s(listed.len())?;
        let phrases = HashTable::new(reader.u32s(phrases)?)?;
        let phrase_lists = reader.take(phrases.len())?.to_vec();
        reader.end()?;
        Ok(Self {
            scale: numbers[0],
            share: numbers[1],
            outside: numbers[2],
            transitions,
            attributes,
            starts,
            weights,
            seen,
            seen_facts,
            listed,
            lists,
            phrases,
            phrase_lists,
        })
    }

    /// The field's share in the mixture with a network.
    pub(super) fn share(&self) -> f32 {
        self.share
    }

    /// What is added to the mixed score of the tag outside.
    pub(super) fn outside(&self) -> f32 {
        self.outside
    }

    /// Scores of a tag (column) after another (row).
    pub(super) fn transitions(&self) -> &[[f32; STATES]; STATES] {
        &self.transitions
    }

    /// Adds the weights of an attribute to a word's scores.
    pub(super) fn add_weights(&self, attribute: Hash, scores: &mut [f32; STATES]) {
        let Some(at) = self.attributes.find(attribute) else {
            return;
        };
        for &(tag, weight) in &self.weights[self.starts[at] as usize..self.starts[at + 1] as usize] {
            scores[usize::from(tag)] += f32::from(weight) * self.scale;
        }
    }

    /// What is known of a normalised word.
    pub(super) fn facts(&self, word: Hash) -> Facts {
        let seen = self.seen.find(word).map(|at| self.seen_facts[at]);
        Facts {
            lists: self.listed.find(word).map_or(0, |at| self.lists[at]),
            ..seen.unwrap_or_default()
        }
    }

    /// The lists that hold a phrase of two normalised words or more; 0 where none does.
    pub(super) fn phrase_lists(&self, phrase: Hash) -> u8 {
        self.phrases.find(phrase).map_or(0, |at| self.phrase_lists[at])
    }
}

fn starts(counts: &[u8], weights: usize) -> Result<Vec<u32>, String> {
    let mut starts = vec![0];
    let mut total = 0_u32;
    for &count in counts {
        total += u32::from(count);
        starts.push(total);
    }
    if total as usize == weights {
        Ok(starts)
    } else {
        Err(format!("expected {weights} weights, found {total}"))
    }
}

/// What is known of the words seen, without the lists.
fn facts(reader: &mut Reader, words: usize) -> Result<Vec<Facts>, String> {
    let capitals = reader.take(words)?;
    let clusters = reader.u16s(words.saturating_mul(CLUSTERINGS))?;
    let of_word = |(at, &capitals): (usize, &u8)| Facts {
        capitals,
        clusters: std::array::from_fn(|size| {
            Some(clusters[at * CLUSTERINGS + size]).filter(|&cluster| cluster != NO_CLUSTER)
        }),
        lists: 0,
    };
    Ok(capitals.iter().enumerate().map(of_word).collect())
}

/// Sorted hashes, found by their upper bits first: the hashes are even, so that few share them.
struct HashTable {
    hashes: Vec<u32>,
    /// Where the hashes with each value of the upper [`UPPER`] bits begin.
    ranges: Vec<u32>,
}

/// The number of upper bits.
const UPPER: u32 = 16;

impl HashTable {
    fn new(hashes: Vec<u32>) -> Result<Self, String> {
        if let Some(pair) = hashes.windows(2).find(|pair| pair[0] >= pair[1]) {
            return Err(format!(
                "expected rising hashes, found {} before {}",
                pair[0], pair[1]
            ));
        }
        let mut ranges = vec![0; (1 << UPPER) + 1];
        for &hash in &hashes {
            ranges[(hash >> (32 - UPPER)) as usize + 1] += 1;
        }
        for at in 1..ranges.len() {
            ranges[at] += ranges[at - 1];
        }
        Ok(Self { hashes, ranges })
    }

    fn len(&self) -> usize {
        self.hashes.len()
    }

    fn find(&self, hash: Hash) -> Option<usize> {
        let hash = hash.folded();
        let upper = (hash >> (32 - UPPER)) as usize;
        let range: Range<usize> = self.ranges[upper] as usize..self.ranges[upper + 1] as usize;
        let start = range.start;
        self.hashes[range]
            .iter()
            .position(|&other| other == hash)
            .map(|at| start + at)
    }
}
