//! Cutting work into batches.

use super::workers;
use crate::BackendError;

/// Sentences that one task tokenizes.
const CHUNK: usize = 64;

/// Applies `work` to each sentence, in parallel, and returns the results in order.
pub(super) fn map_chunks<R: Send>(
    sentences: &[&str],
    work: impl Fn(&str) -> Result<R, BackendError> + Sync,
) -> Result<Vec<R>, BackendError> {
    if sentences.len() <= CHUNK {
        return sentences.iter().map(|sentence| work(sentence)).collect();
    }
    let chunks: Vec<&[&str]> = sentences.chunks(CHUNK).collect();
    let done = workers::run(&chunks, |chunk| {
        chunk
            .iter()
            .map(|sentence| work(sentence))
            .collect::<Result<Vec<R>, _>>()
    })?;
    Ok(done.into_iter().flatten().collect())
}

/// Groups sequences of the given lengths into batches of at most `max_tokens` tokens, each of
/// sequences of similar length, the longest first so that no long one is left for the end. A longer
/// sequence is a batch of its own. The batches hold the indexes of the sequences.
pub(super) fn cut(lengths: &[usize], max_tokens: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(lengths[index]));
    let mut batches: Vec<Vec<usize>> = Vec::new();
    let mut room = 0;
    for index in order {
        let length = lengths[index].max(1);
        match batches.last_mut() {
            Some(batch) if length <= room => {
                batch.push(index);
                room -= length;
            }
            _ => {
                batches.push(vec![index]);
                room = max_tokens.saturating_sub(length);
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lengths: &[usize], max_tokens: usize, expected: &[&[usize]]) {
        assert_eq!(cut(lengths, max_tokens), expected, "{lengths:?} {max_tokens}");
    }

    #[test]
    fn batches_hold_similar_lengths_up_to_the_limit() {
        check(&[], 10, &[]);
        check(&[3, 9, 4, 1], 10, &[&[1], &[2, 0, 3]]);
        check(&[5, 5, 5], 10, &[&[0, 1], &[2]]);
    }

    #[test]
    fn an_overlong_sequence_is_a_batch_of_its_own() {
        check(&[2, 50, 2], 10, &[&[1], &[0, 2]]);
        check(&[2, 2], 0, &[&[0], &[1]]);
    }

    #[test]
    fn results_are_in_order() {
        let sentences: Vec<String> = (0..500).map(|index| index.to_string()).collect();
        let sentences: Vec<&str> = sentences.iter().map(String::as_str).collect();
        let lengths = map_chunks(&sentences, |sentence| Ok(sentence.to_owned())).unwrap();
        assert_eq!(lengths, sentences);
        let failed = map_chunks(&sentences, |sentence| match sentence {
            "77" => Err(BackendError::new("no")),
            _ => Ok(()),
        });
        assert_eq!(failed.unwrap_err().to_string(), "no");
    }
}
