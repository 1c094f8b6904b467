//! chrF: how many character n-grams two texts of one language share.

use std::collections::HashMap;

/// The longest n-gram, as in the usual chrF (Popović 2015).
const LONGEST: usize = 6;

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

fn letters(text: &str) -> Vec<char> {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The Dice coefficient of the two multisets of n-grams.
fn overlap(one: &[char], other: &[char], n: usize) -> f32 {
    let mut counts: HashMap<&[char], usize> = HashMap::new();
    for gram in one.windows(n) {
        *counts.entry(gram).or_default() += 1;
    }
    let mut shared = 0;
    for gram in other.windows(n) {
        if let Some(left) = counts.get_mut(gram).filter(|left| **left > 0) {
            *left -= 1;
            shared += 1;
        }
    }
    let grams = one.len() + other.len() + 2 - 2 * n;
    2.0 * shared as f32 / grams as f32
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
    }
}
