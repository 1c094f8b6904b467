//! The attributes of words that the field has weights for.
//!
//! They are the strings that `scripts/train/crf.py` makes (`attributes`), written straight into hashes. An attribute
//! has a name and a value; a number before the name counts words to the right (`-1w=the`: the word before is `the`).

use unicode_normalization::UnicodeNormalization;

use super::tables::{Facts, Hash, Tables};

/// The number of name lists.
const LISTS: u32 = 7;

/// The bits of the lists that hold a word as a whole name.
const WHOLE: u16 = (1 << LISTS) - 1;

/// The most words of a phrase that stands in a list.
const LONGEST_PHRASE: usize = 5;

/// The neighbours that are looked at.
const NEAR: [isize; 6] = [-3, -2, -1, 1, 2, 3];

/// Calls `take` with the attributes of each word in order.
pub(super) fn of_words(words: &[&str], tables: &Tables, mut take: impl FnMut(&[Hash])) {
    let profiles: Vec<Profile> = words.iter().map(|word| Profile::of(word, tables)).collect();
    let phrases = in_phrases(words, &profiles, tables);
    let mut found = Vec::with_capacity(100);
    for at in 0..words.len() {
        found.clear();
        found.push(Hash::EMPTY.then("b"));
        profiles[at].own(&mut found);
        if let Some((first, lists)) = phrases[at] {
            let name = if first { "q=B" } else { "q=I" };
            found.extend(bits(u16::from(lists)).map(|bit| Hash::EMPTY.then(name).then_number(bit)));
        }
        if words[at].starts_with(char::is_uppercase) {
            let begins = at == 0 || matches!(words[at - 1], "." | "!" | "?" | ":" | "\"" | "“" | "«");
            let name = Hash::EMPTY.then(if begins { "cap=1|" } else { "cap=0|" });
            found.push(profiles[at].then_capitals(name));
        }
        for step in NEAR {
            of_neighbour(&profiles, at, step, &mut found);
        }
        take(&found);
    }
}

/// What is known of one word.
struct Profile {
    /// Lower case, digits as 0, straight apostrophes; handles and links as their kind.
    key: String,
    shape: String,
    /// `None` for handles and links.
    facts: Option<Facts>,
}

impl Profile {
    fn of(word: &str, tables: &Tables) -> Self {
        let composed: String = word.nfc().collect();
        let key = normalised(&composed);
        let facts = !matches!(key.as_str(), "@" | "url");
        Self {
            facts: facts.then(|| tables.facts(Hash::EMPTY.then(&key))),
            shape: shape(&composed),
            key,
        }
    }

    /// The attributes of the word by itself.
    fn own(&self, found: &mut Vec<Hash>) {
        found.push(Hash::EMPTY.then("w=").then(&self.key));
        found.push(Hash::EMPTY.then("sh=").then(&self.shape));
        let Some(facts) = self.facts else {
            return;
        };
        for (n, (prefix, suffix)) in [("p1=", "s1="), ("p2=", "s2="), ("p3=", "s3="), ("p4=", "s4=")]
            .into_iter()
            .enumerate()
        {
            if let Some((head, tail)) = ends(&self.key, n + 1) {
                found.push(Hash::EMPTY.then(prefix).then(head));
                found.push(Hash::EMPTY.then(suffix).then(tail));
            }
        }
        found.push(self.then_capitals(Hash::EMPTY.then("cs=")));
        for (name, cluster) in ["k0=", "k1=", "k2="].into_iter().zip(facts.clusters) {
            found.extend(cluster.map(|cluster| Hash::EMPTY.then(name).then_number(cluster)));
        }
        found.extend(bits(facts.lists).map(|bit| Hash::EMPTY.then("g=").then_number(bit)));
    }

    fn then_capitals(&self, hash: Hash) -> Hash {
        match self.facts {
            Some(facts) => hash.then_number(facts.capitals.into()),
            None => hash,
        }
    }

    /// The last three characters, empty in shorter words.
    fn suffix(&self) -> &str {
        let suffix = ends(&self.key, 3).filter(|_| self.facts.is_some());
        suffix.map_or("", |(_, suffix)| suffix)
    }
}

fn of_neighbour(profiles: &[Profile], at: usize, step: isize, found: &mut Vec<Hash>) {
    let sign = if step < 0 {
        Hash::EMPTY.then("-")
    } else {
        Hash::EMPTY
    };
    let place = sign.then_number(step.unsigned_abs() as u16);
    let other = at.checked_add_signed(step);
    let Some((near, other)) = other.and_then(|other| Some((profiles.get(other)?, other))) else {
        found.push(place.then("w="));
        return;
    };
    found.push(place.then("w=").then(&near.key));
    if step.abs() <= 2 {
        found.push(place.then("sh=").then(&near.shape));
        if let Some(facts) = near.facts {
            for (name, cluster) in ["k0=", "k1="].into_iter().zip(facts.clusters) {
                found.extend(cluster.map(|cluster| place.then(name).then_number(cluster)));
            }
            found.extend(bits(facts.lists).map(|bit| place.then("g=").then_number(bit)));
        }
    }
    if step.abs() == 1 {
        let (left, right) = (&profiles[at.min(other)], &profiles[at.max(other)]);
        found.push(place.then("s3=").then(near.suffix()));
        found.push(near.then_capitals(place.then("cs=")));
        found.push(place.then("ww=").then(&left.key).then("|").then(&right.key));
        found.push(place.then("shsh=").then(&left.shape).then("|").then(&right.shape));
    }
}

/// For each word the longest listed phrase that it belongs to, phrases taken from the left: whether it is the
/// first word, and the lists.
fn in_phrases(words: &[&str], profiles: &[Profile], tables: &Tables) -> Vec<Option<(bool, u8)>> {
    let mut found = vec![None; words.len()];
    let mut at = 0;
    while at < words.len() {
        let least = if words[at].starts_with(char::is_uppercase) {
            1
        } else {
            2
        };
        let most = LONGEST_PHRASE.min(words.len() - at);
        let phrase = (least..=most).rev().find_map(|length| {
            let lists = match &profiles[at..at + length] {
                [word] => word.facts.map_or(0, |facts| (facts.lists & WHOLE) as u8),
                words => tables.phrase_lists(joined(words)),
            };
            (lists != 0).then_some((length, lists))
        });
        let (length, lists) = phrase.unwrap_or((1, 0));
        if lists != 0 {
            for (i, slot) in found[at..at + length].iter_mut().enumerate() {
                *slot = Some((i == 0, lists));
            }
        }
        at += length;
    }
    found
}

fn joined(words: &[Profile]) -> Hash {
    words.iter().enumerate().fold(Hash::EMPTY, |hash, (at, word)| {
        let before = if at > 0 { hash.then(" ") } else { hash };
        before.then(&word.key)
    })
}

fn normalised(word: &str) -> String {
    if word.starts_with('@') {
        return "@".to_owned();
    }
    if ["http:", "https:", "www.", "pic.twitter"]
        .iter()
        .any(|start| word.starts_with(start))
    {
        return "url".to_owned();
    }
    let simple = |c: char| match c {
        '0'..='9' => '0',
        '’' => '\'',
        c => c,
    };
    word.to_lowercase().chars().map(simple).collect()
}

/// `X` for capitals, `x` for other letters, `0` for digits, other characters as they are; at most two of the same in
/// a row, eight in all.
fn shape(word: &str) -> String {
    let mut shape: Vec<char> = Vec::with_capacity(8);
    for c in word.chars() {
        let c = match c {
            '0'..='9' => '0',
            c if c.is_uppercase() => 'X',
            c if c.is_alphabetic() => 'x',
            c => c,
        };
        if !shape.ends_with(&[c, c]) {
            shape.push(c);
        }
    }
    shape.iter().take(8).collect()
}

/// The first and the last `n` characters of a longer word.
fn ends(word: &str, n: usize) -> Option<(&str, &str)> {
    let (head, _) = word.char_indices().nth(n)?;
    let (tail, _) = word.char_indices().rev().nth(n - 1)?;
    Some((&word[..head], &word[tail..]))
}

/// The bits that are set, from the lowest.
fn bits(set: u16) -> impl Iterator<Item = u16> {
    (0..2 * LISTS as u16).filter(move |&bit| set >> bit & 1 == 1)
}
