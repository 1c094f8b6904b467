//! chrF: how many character n-grams two texts of one language share.

/// The longest n-gram, as in the usual chrF (Popović 2015).
const LONGEST: usize = 6;

/// Bits of a character in a packed n-gram: six of them make less than 128 bits.
const BITS: usize = 21;

/// The F score over character n-grams of 1 to 6 letters and digits, case ignored, averaged over
/// the lengths that both texts have; `0.0..=1.0`. Recall and precision count alike.
pub(super) fn chrf(one: &str, other: &str) -> f32 {
    let (one, other) = (letters(one), letters(other));
    let longest = LONGEST.min(one.len()).min(other.len());
    if longest == 0 {
        return 0.0;
    }
    let total: f32 = (1..=longest).map(|n| overlap(&one, &other, n)).sum();
    total / longest as f32
}

fn letters(text: &str) -> Vec<u32> {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .map(u32::from)
        .collect()
}

/// The Dice coefficient of the two multisets of n-grams.
fn overlap(one: &[u32], other: &[u32], n: usize) -> f32 {
    let (one, other) = (grams(one, n), grams(other, n));
    2.0 * shared(&one, &other) as f32 / (one.len() + other.len()) as f32
}

/// The n-grams, each packed into a number, in order: sorting them is several times faster than counting them in a map.
fn grams(letters: &[u32], n: usize) -> Vec<u128> {
    let pack = |gram: &[u32]| gram.iter().fold(0, |packed, &c| packed << BITS | u128::from(c));
    let mut grams: Vec<u128> = letters.windows(n).map(pack).collect();
    grams.sort_unstable();
    grams
}

/// How many members two sorted multisets share.
fn shared(one: &[u128], other: &[u128]) -> usize {
    let (mut count, mut at) = (0, 0);
    for gram in one {
        while other.get(at).is_some_and(|next| next < gram) {
            at += 1;
        }
        if other.get(at) == Some(gram) {
            count += 1;
            at += 1;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(one: &str, other: &str, expected: f32) {
        assert!(
            (chrf(one, other) - expected).abs() < 1e-3,
            "{one:?}, {other:?}: {}",
            chrf(one, other)
        );
    }

    #[test]
    fn shared_letters_count() {
        check("The bridge", "the BRIDGE!", 1.0);
        check("abc", "xyz", 0.0);
        check("", "abc", 0.0);
        // Letters 2 of 3, pairs 1 of 2, triples 0 of 1.
        check("abc", "abd", (2.0 / 3.0 + 0.5) / 3.0);
        // Repeated letters count as often as both have them: letters 2 of 2 and 3, pairs 1 of 1 and 2.
        check("aa", "aaa", (4.0 / 5.0 + 2.0 / 3.0) / 2.0);
        check("\u{10ffff}𝒜𝒜𝒜𝒜𝒜𝒜", "𝒜𝒜𝒜𝒜𝒜𝒜", 1.0);
    }
}
