//! Greedy and beam search.
//!
//! Beam search does what transformers' `generate` does with `early_stopping=False`: at each step the
//! best `2 * beam` continuations of a sentence's hypotheses are looked at; those among the best `beam`
//! that end the sentence are finished, and the best `beam` of the others go on. Finished hypotheses are
//! ranked by their log probability divided by their number of tokens to the power of the length penalty.
//! A sentence is done when `beam` hypotheses are finished and the best one still open, at its present
//! length, ranks below all of them; with `early_stopping`, when `beam` hypotheses are finished. A
//! hypothesis that reaches the limit is ended there at no cost.
//! With a beam of 1 the search is greedy: the likeliest token is taken at each step.

use super::decoder::Row;

/// What limits and ranks hypotheses.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) beam: usize,
    pub(super) length_penalty: f32,
    pub(super) early_stopping: bool,
    /// The tokens that end a sentence; at least one.
    pub(super) ends: Vec<u32>,
}

/// A finished output.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Output {
    /// The tokens, without the one that ends the sentence.
    pub(super) tokens: Vec<u32>,
    /// For each token, the source position that it renders.
    pub(super) aligned: Vec<u32>,
    /// The mean log probability of the tokens, the end among them.
    pub(super) score: f32,
    /// Whether the model ended the sentence, rather than the limit.
    pub(super) finished: bool,
}

/// The search for one sentence's output.
pub(super) struct Search {
    settings: Settings,
    /// The most tokens that the output may have, the end among them.
    limit: usize,
    /// Hypotheses that go on, the best first.
    open: Vec<Hypothesis>,
    /// The best finished ones, by rank, the best first.
    finished: Vec<Finished>,
}

#[derive(Clone, Debug, Default)]
struct Hypothesis {
    tokens: Vec<u32>,
    aligned: Vec<u32>,
    log_probability: f32,
}

struct Finished {
    output: Output,
    rank: f32,
}

/// A token that a hypothesis may go on with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Candidate {
    /// The token.
    pub(super) token: u32,
    /// The log probability of the token.
    pub(super) log_probability: f32,
}

/// A candidate and the hypothesis it continues, with the log probability of the whole.
struct Continuation {
    parent: usize,
    token: u32,
    log_probability: f32,
}

impl Search {
    /// The search for an output of at most `limit` tokens, at least 1.
    pub(super) fn new(settings: Settings, limit: usize) -> Self {
        Self {
            settings,
            limit: limit.max(1),
            open: vec![Hypothesis::default()],
            finished: Vec::new(),
        }
    }

    /// The last token of each open hypothesis; `start` where there is none yet.
    pub(super) fn last_tokens(&self, start: u32) -> impl Iterator<Item = u32> {
        self.open
            .iter()
            .map(move |hypothesis| hypothesis.tokens.last().copied().unwrap_or(start))
    }

    /// The tokens of an open hypothesis.
    pub(super) fn written(&self, hypothesis: usize) -> &[u32] {
        &self.open[hypothesis].tokens
    }

    /// How many open hypotheses there are: none when the search is done.
    pub(super) fn open(&self) -> usize {
        self.open.len()
    }

    /// How many candidates are wanted for each hypothesis.
    pub(super) fn wanted(&self) -> usize {
        match self.settings.beam {
            0 | 1 => 1,
            // So many that `beam` are left when each hypothesis ends in every way.
            beam => beam.saturating_mul(1 + self.settings.ends.len().max(1)),
        }
    }

    /// Whether the next token can only be the end.
    pub(super) fn at_limit(&self) -> bool {
        self.open
            .first()
            .is_some_and(|hypothesis| hypothesis.tokens.len() + 1 >= self.limit)
    }

    /// Goes on by one token. `candidates` are those of each open hypothesis, the best first, and
    /// `aligned` the source position that each of them attends to. Returns, for each hypothesis that
    /// is open now, the index of the one that it continues.
    pub(super) fn advance(&mut self, candidates: &[Vec<Candidate>], aligned: &[u32]) -> Vec<usize> {
        let forced = self.at_limit();
        let continuations = self.continuations(candidates, forced);
        let beam = self.settings.beam.max(1);
        let mut open = Vec::with_capacity(beam);
        let mut parents = Vec::with_capacity(beam);
        for (rank, next) in continuations.into_iter().enumerate() {
            let parent = &self.open[next.parent];
            if self.settings.ends.contains(&next.token) {
                if rank < beam {
                    let finished = parent.finish(next.log_probability, !forced, self.settings.length_penalty);
                    self.finished.push(finished);
                }
            } else if open.len() < beam {
                open.push(parent.extend(next.token, aligned[next.parent], next.log_probability));
                parents.push(next.parent);
            }
        }
        self.finished
            .sort_by(|left, right| right.rank.total_cmp(&left.rank));
        self.finished.truncate(beam);
        self.open = open;
        if self.is_done() {
            self.open.clear();
            parents.clear();
        }
        parents
    }

    /// The best output.
    pub(super) fn into_best(self) -> Output {
        self.finished
            .into_iter()
            .next()
            .map(|finished| finished.output)
            .unwrap_or_default()
    }

    fn continuations(&self, candidates: &[Vec<Candidate>], forced: bool) -> Vec<Continuation> {
        let continued = |parent: usize, candidate: &Candidate| Continuation {
            parent,
            token: candidate.token,
            log_probability: self.open[parent].log_probability + candidate.log_probability,
        };
        let end = self.settings.ends.first().map(|&token| Candidate {
            token,
            log_probability: 0.0,
        });
        let mut continuations: Vec<Continuation> = (0..self.open.len())
            .flat_map(|parent| {
                let candidates = if forced {
                    end.as_slice()
                } else {
                    &candidates[parent]
                };
                candidates
                    .iter()
                    .map(move |candidate| continued(parent, candidate))
            })
            .collect();
        // Stable: of equals, those of the better hypothesis come first.
        continuations.sort_by(|left, right| right.log_probability.total_cmp(&left.log_probability));
        continuations.truncate(self.wanted());
        continuations
    }

    fn is_done(&self) -> bool {
        let Some(best) = self.open.first() else {
            return true;
        };
        let Some(worst) = self.finished.last() else {
            return false;
        };
        let possible = rank(
            best.log_probability,
            best.tokens.len(),
            self.settings.length_penalty,
        );
        self.finished.len() == self.settings.beam.max(1)
            && (self.settings.early_stopping || possible <= worst.rank)
    }
}

impl Hypothesis {
    fn extend(&self, token: u32, aligned: u32, log_probability: f32) -> Self {
        let mut longer = self.clone();
        longer.tokens.push(token);
        longer.aligned.push(aligned);
        longer.log_probability = log_probability;
        longer
    }

    fn finish(&self, log_probability: f32, finished: bool, length_penalty: f32) -> Finished {
        let len = self.tokens.len() + 1;
        Finished {
            output: Output {
                tokens: self.tokens.clone(),
                aligned: self.aligned.clone(),
                score: log_probability / len as f32,
                finished,
            },
            rank: rank(log_probability, len, length_penalty),
        }
    }
}

fn rank(log_probability: f32, len: usize, length_penalty: f32) -> f32 {
    log_probability / (len as f32).powf(length_penalty)
}

/// The `count` largest scores as candidates, the best first, of equals the first. `token_of` says
/// which token a score is of, and `total` is the logarithm of what the scores' exponentials sum to.
pub(super) fn best_candidates(
    scores: &[f32],
    count: usize,
    total: f32,
    token_of: impl Fn(usize) -> u32,
) -> Vec<Candidate> {
    let mut best: Vec<(usize, f32)> = Vec::with_capacity(count + 1);
    for (index, &score) in scores.iter().enumerate() {
        let full = best.len() == count;
        if full && best.last().is_some_and(|&(_, worst)| score <= worst) || score == f32::NEG_INFINITY {
            continue;
        }
        let place = best.partition_point(|&(_, other)| other >= score);
        best.insert(place, (index, score));
        best.truncate(count);
    }
    let candidates = best.into_iter().map(|(index, score)| Candidate {
        token: token_of(index),
        log_probability: score - total,
    });
    candidates.collect()
}

/// Puts the rows into the order of `parents`, copying those that several continue.
pub(super) fn reorder<T: Clone>(rows: Vec<Row<T>>, parents: &[usize]) -> Vec<Row<T>> {
    let mut uses = vec![0; rows.len()];
    parents.iter().for_each(|&parent| uses[parent] += 1);
    let mut rows: Vec<Option<Row<T>>> = rows.into_iter().map(Some).collect();
    let ordered = parents.iter().filter_map(|&parent| {
        uses[parent] -= 1;
        if uses[parent] == 0 {
            rows[parent].take()
        } else {
            rows[parent].clone()
        }
    });
    ordered.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: u32 = 0;

    fn settings(beam: usize) -> Settings {
        Settings {
            beam,
            length_penalty: 1.0,
            early_stopping: false,
            ends: vec![END],
        }
    }

    /// Runs a search over a model that says what may come next by the last token alone.
    fn run(beam: usize, limit: usize, next: impl Fn(u32) -> Vec<(u32, f32)>) -> Output {
        run_with(settings(beam), limit, next)
    }

    fn run_with(settings: Settings, limit: usize, next: impl Fn(u32) -> Vec<(u32, f32)>) -> Output {
        let mut search = Search::new(settings, limit);
        while search.open() > 0 {
            let candidates: Vec<Vec<Candidate>> = search
                .last_tokens(u32::MAX)
                .map(|token| {
                    let next = next(token).into_iter();
                    next.map(|(token, log_probability)| Candidate {
                        token,
                        log_probability,
                    })
                    .collect()
                })
                .collect();
            let aligned: Vec<u32> = (0..search.open() as u32).collect();
            search.advance(&candidates, &aligned);
        }
        search.into_best()
    }

    #[test]
    fn a_beam_finds_what_greedy_search_misses() {
        // 1 looks better than 2 at first, but nothing good comes after it.
        let next = |token| match token {
            u32::MAX => vec![(1, -0.5), (2, -1.0)],
            1 => vec![(3, -2.0), (END, -3.0)],
            _ => vec![(END, -0.1), (3, -3.0)],
        };
        assert_eq!(run(1, 9, next).tokens, [1, 3]);
        let best = run(2, 9, next);
        assert_eq!(best.tokens, [2]);
        assert_eq!(best.score, (-1.0 - 0.1) / 2.0);
        assert!(best.finished);
    }

    #[test]
    fn early_stopping_takes_what_is_finished_first() {
        // What ends at once is finished first; what goes on is better, by its length.
        let next = |token| match token {
            u32::MAX => vec![(END, -0.6), (1, -0.7)],
            1 => vec![(2, -0.01), (END, -1.0)],
            _ => vec![(END, -0.01), (2, -9.0)],
        };
        let early = |early_stopping| Settings {
            early_stopping,
            length_penalty: 3.0,
            ..settings(2)
        };
        assert_eq!(run_with(early(false), 9, next).tokens, [1, 2]);
        assert_eq!(run_with(early(true), 9, next).tokens, [1]);
    }

    #[test]
    fn each_of_several_ends_ends() {
        let next = |token| match token {
            u32::MAX => vec![(1, -0.5), (5, -1.0)],
            _ => vec![(5, -0.1), (END, -3.0)],
        };
        let two = Settings {
            ends: vec![END, 5],
            ..settings(1)
        };
        let output = run_with(two, 9, next);
        assert_eq!((output.tokens.as_slice(), output.finished), (&[1][..], true));
    }

    #[test]
    fn the_limit_ends_a_hypothesis_at_no_cost() {
        for beam in [1, 3] {
            let output = run(beam, 4, |_| vec![(7, -1.0), (8, -2.0)]);
            assert_eq!(output.tokens, [7, 7, 7]);
            assert_eq!((output.score, output.finished), (-0.75, false));
        }
        assert_eq!(run(1, 0, |_| vec![(7, -1.0)]), run(1, 1, |_| vec![(7, -1.0)]));
    }

    #[test]
    fn a_search_without_candidates_ends() {
        for beam in [1, 2] {
            assert_eq!(run(beam, 9, |_| Vec::new()), Output::default());
        }
    }

    #[test]
    fn the_best_candidates_are_sorted_and_the_first_of_equals_win() {
        let check = |scores: &[f32], count, expected: &[(u32, f32)]| {
            let found = best_candidates(scores, count, 1.0, |index| index as u32 * 10);
            let found: Vec<_> = found
                .iter()
                .map(|found| (found.token, found.log_probability))
                .collect();
            assert_eq!(found, expected, "{scores:?}");
        };
        check(&[1.0, 5.0, 3.0, 5.0], 3, &[(10, 4.0), (30, 4.0), (20, 2.0)]);
        check(&[2.0, 2.0, 2.0], 2, &[(0, 1.0), (10, 1.0)]);
        check(&[f32::NEG_INFINITY, 1.0], 4, &[(10, 0.0)]);
        check(&[], 4, &[]);
    }
}
