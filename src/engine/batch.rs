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
