//! The aligner of diglot: candidates by shared words, decided on the margin over the runners-up.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Range;

use super::spot::{Cut, Sides, Spot};
use super::{Aligner, Lexicon, Link, SourceSentence, TargetSentence};
use crate::Span;

/// Target sentences that are looked at for one source sentence.
const MOST_CANDIDATES: usize = 12;

/// Candidates of one source sentence that are joined with their neighbours, and the least score
/// for it: joining multiplies the work.
const MOST_ANCHORS: usize = 3;
const LEAST_ANCHOR: f32 = 0.1;

/// Runners-up that the margin is taken over.
const RUNNERS_UP: usize = 5;

/// The runners-up are taken to score at least this: in a short text all of them may score nothing.
const LEAST_RUNNER_UP: f32 = 0.08;

/// Most sentences on one side of a link.
const MOST_JOINED: usize = 3;

/// Most sentences on both sides of a link.
const MOST_JOINED_BOTH: usize = 4;

/// What a larger or a partial match must score more than the plain one to be preferred: per
/// sentence joined, and for taking a part of a sentence.
const JOIN_COST: f32 = 0.04;
const PART_COST: f32 = 0.06;

/// What the words around a quote or a report cost that the source lacks: as much as makes the words
/// inside preferred where both match.
const FRAME_COST: f32 = 0.08;

/// What a part of a sentence must score more than a whole one to be believed: it was chosen among
/// many.
const PART_SURCHARGE: f32 = 0.1;
const UNFRAMED_SURCHARGE: f32 = 0.02;

/// What a match must reach to be believed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// Lowest score.
    pub score: f32,
    /// Lowest score over the mean of the five next best places.
    pub margin: f32,
    /// Lowest score over the best other source sentence's score at the same place.
    pub lead: f32,
    /// Lowest weight of matched words; a word that says something weighs up to 1.
    pub mass: f32,
}

impl Thresholds {
    /// What a match must reach that goes on where a believed one ends, in the same two passages.
    const BESIDE: Self = Self {
        score: 0.25,
        margin: 1.6,
        lead: 1.0,
        mass: 0.4,
    };

    fn met_by(&self, proposal: &Proposal) -> bool {
        proposal.score >= self.score + proposal.surcharge
            && proposal.margin >= self.margin
            && proposal.lead >= self.lead
            && proposal.mass >= self.mass
    }
}

/// Tuned on newstest2012 cut into documents of 3 to 20 French sentences, nine tenths to half of
/// whose partners were taken away: precision .96 to .99.
impl Default for Thresholds {
    fn default() -> Self {
        Self {
            score: 0.4,
            margin: 2.5,
            lead: 1.2,
            mass: 1.0,
        }
    }
}

/// Aligns by a bilingual lexicon, identical and similar words, numbers, the author's name and,
/// where given, machine translations.
///
/// Every source sentence, and every short run of them in one passage, is scored at the places of
/// the target side that share words with it: sentences, short runs of sentences, and what is
/// quoted or reported inside one. The best place is believed where it is clearly better than the
/// next ones, and where no other source sentence fits it as well. Scores alone cannot decide:
/// sentences on the same topic score high too.
#[derive(Clone, Debug, Default)]
pub struct PassageAligner {
    lexicon: Lexicon,
    thresholds: Thresholds,
}

/// A possible link.
#[derive(Clone, Debug)]
struct Proposal {
    source: Range<usize>,
    spot: Spot,
    score: f32,
    /// The score less what joining and cutting cost: what proposals are ranked by.
    rank: f32,
    margin: f32,
    lead: f32,
    mass: f32,
    /// What the score must exceed the lowest score by.
    surcharge: f32,
}

/// How one source sentence scores at a target sentence, at the best spot in it.
#[derive(Clone, Debug)]
struct Single {
    sentence: usize,
    spot: Spot,
    score: f32,
}

/// The links chosen so far: sentences and spans in none or one of them.
#[derive(Default)]
struct Selection<'a> {
    /// By the first source sentence.
    by_source: BTreeMap<usize, &'a Proposal>,
    /// End of each linked span by its start.
    spans: BTreeMap<usize, usize>,
}

/// Which source sentences want a place: spans with the source sentence and its score there, by span.
struct Rivals {
    by_place: Vec<(Span, usize, f32)>,
    longest: usize,
}

impl PassageAligner {
    /// An aligner with a lexicon; with an empty one only names, numbers and similar words count.
    pub fn new(lexicon: Lexicon) -> Self {
        Self {
            lexicon,
            thresholds: Thresholds::default(),
        }
    }

    /// The same with other thresholds.
    #[must_use]
    pub fn with_thresholds(self, thresholds: Thresholds) -> Self {
        Self { thresholds, ..self }
    }
}

impl Aligner for PassageAligner {
    fn align(&self, source: &[SourceSentence<'_>], target: &[TargetSentence<'_>]) -> Vec<Link> {
        let sides = Sides::new(&self.lexicon, source, target);
        let singles = singles(&sides);
        let rivals = Rivals::new(&singles);
        let mut proposals: Vec<Proposal> = source_runs(source)
            .filter_map(|run| propose(&sides, &singles, &rivals, run))
            .collect();
        proposals.sort_by(Proposal::by_rank);
        let mut selection = Selection::default();
        for proposal in proposals
            .iter()
            .filter(|proposal| self.thresholds.met_by(proposal))
        {
            if selection.leaves_free(proposal) {
                selection.add(proposal);
            }
        }
        for proposal in proposals
            .iter()
            .filter(|proposal| Thresholds::BESIDE.met_by(proposal))
        {
            if selection.leaves_free(proposal) && selection.has_beside(&sides, proposal) {
                selection.add(proposal);
            }
        }
        selection
            .by_source
            .values()
            .map(|proposal| proposal.to_link())
            .collect()
    }
}

impl Proposal {
    /// Best first.
    fn by_rank(&self, other: &Self) -> Ordering {
        let order = (self.source.start, self.source.end).cmp(&(other.source.start, other.source.end));
        other.rank.total_cmp(&self.rank).then(order)
    }

    fn to_link(&self) -> Link {
        Link {
            source: self.source.clone(),
            target: self.spot.sentences.clone(),
            span: self.spot.span,
            score: self.score,
            margin: self.margin,
        }
    }
}

impl<'a> Selection<'a> {
    fn add(&mut self, proposal: &'a Proposal) {
        self.by_source.insert(proposal.source.start, proposal);
        self.spans
            .insert(proposal.spot.span.start(), proposal.spot.span.end());
    }

    /// Whether nothing that the proposal links is linked yet.
    fn leaves_free(&self, proposal: &Proposal) -> bool {
        let (source, span) = (&proposal.source, proposal.spot.span);
        let before = self.by_source.range(..source.end).next_back();
        let there = self.spans.range(..span.end()).next_back();
        before.is_none_or(|(_, other)| other.source.end <= source.start)
            && there.is_none_or(|(_, end)| *end <= span.start())
    }

    /// Whether the proposal goes on where a link ends, or ends where one begins.
    fn has_beside(&self, sides: &Sides<'_>, proposal: &Proposal) -> bool {
        let before = self.by_source.range(..proposal.source.start).next_back();
        let after = self.by_source.range(proposal.source.end..).next();
        before.is_some_and(|(_, before)| goes_on(sides, before, proposal))
            || after.is_some_and(|(_, after)| goes_on(sides, proposal, after))
    }
}

impl Rivals {
    fn new(singles: &[Vec<Single>]) -> Self {
        let mut by_place: Vec<(Span, usize, f32)> = Vec::new();
        for (index, found) in singles.iter().enumerate() {
            by_place.extend(found.iter().map(|single| (single.spot.span, index, single.score)));
        }
        by_place.sort_by_key(|(span, index, _)| (*span, *index));
        let longest = by_place
            .iter()
            .map(|(span, ..)| span.len())
            .max()
            .unwrap_or_default();
        Self { by_place, longest }
    }

    /// The best score of a source sentence outside `source` at a place that shares text with `span`.
    fn best(&self, source: &Range<usize>, span: Span) -> f32 {
        let first = self
            .by_place
            .partition_point(|(other, ..)| other.start() + self.longest <= span.start());
        let near = self.by_place[first..]
            .iter()
            .take_while(|(other, ..)| other.start() < span.end());
        near.filter(|(other, index, _)| other.overlaps(span) && !source.contains(index))
            .map(|(.., score)| *score)
            .fold(0.0, f32::max)
    }
}

/// For each source sentence its candidates, best first.
fn singles(sides: &Sides<'_>) -> Vec<Vec<Single>> {
    let of = |index: usize| {
        let candidates = sides
            .evidence
            .candidates(&sides.evidence.source[index], MOST_CANDIDATES);
        let mut found: Vec<Single> = candidates
            .into_iter()
            .filter_map(|sentence| best_in(sides, index..index + 1, sentence))
            .collect();
        found.sort_by(by_score);
        found
    };
    (0..sides.source.len()).map(of).collect()
}

fn by_score(one: &Single, other: &Single) -> Ordering {
    other
        .score
        .total_cmp(&one.score)
        .then(one.sentence.cmp(&other.sentence))
}

/// The best spot in one target sentence, `None` where nothing matches.
fn best_in(sides: &Sides<'_>, source: Range<usize>, sentence: usize) -> Option<Single> {
    let mut best: Option<(f32, Single)> = None;
    for spot in sides.spots(sentence) {
        let score = sides.score(source.clone(), spot).0;
        let rank = score - cut_cost(sides, source.clone(), spot).0;
        if score > 0.0 && best.as_ref().is_none_or(|(before, _)| rank > *before) {
            let spot = spot.clone();
            best = Some((
                rank,
                Single {
                    sentence,
                    spot,
                    score,
                },
            ));
        }
    }
    best.map(|(_, single)| single)
}

/// What a place costs for what was cut away or is too much: in its rank, and in the score to reach.
fn cut_cost(sides: &Sides<'_>, source: Range<usize>, spot: &Spot) -> (f32, f32) {
    match spot.cut {
        Cut::Nothing if sides.is_framed_alone(source.clone(), spot) => (FRAME_COST, 0.0),
        Cut::Nothing => (0.0, 0.0),
        // Several sentences reported in one may have a part of it each.
        _ if sides.is_unframed(source.clone(), spot) && (source.len() == 1 || spot.sentences.len() > 1) => {
            (0.0, UNFRAMED_SURCHARGE)
        }
        _ => (PART_COST, PART_SURCHARGE),
    }
}

/// Runs of up to [`MOST_JOINED`] source sentences of one passage.
fn source_runs(source: &[SourceSentence<'_>]) -> impl Iterator<Item = Range<usize>> {
    (0..source.len()).flat_map(move |start| {
        let ends = start + 1..=(start + MOST_JOINED).min(source.len());
        ends.map(move |end| start..end)
            .take_while(move |run| source[run.end - 1].passage == source[run.start].passage)
    })
}

/// The best place of a run of source sentences, with what the decision needs.
fn propose(
    sides: &Sides<'_>,
    singles: &[Vec<Single>],
    rivals: &Rivals,
    source: Range<usize>,
) -> Option<Proposal> {
    let mut best: Option<Proposal> = None;
    let mut consider = |spot: Spot| {
        let (score, coverage) = sides.score(source.clone(), &spot);
        let joined = source.len() + spot.sentences.len() - 2;
        let (cost, surcharge) = cut_cost(sides, source.clone(), &spot);
        let rank = score - JOIN_COST * joined as f32 - cost;
        let better = score > 0.0 && best.as_ref().is_none_or(|before| rank > before.rank);
        if better && sides.all_contribute(source.clone(), &spot) {
            best = Some(Proposal {
                source: source.clone(),
                spot,
                score,
                rank,
                margin: 0.0,
                lead: 0.0,
                mass: coverage.mass,
                surcharge,
            });
        }
    };
    for sentence in anchors(singles, source.clone()) {
        if source.len() == 1 {
            sides.spots(sentence).iter().cloned().for_each(&mut consider);
        } else {
            sides
                .wholes(sentence..sentence + 1)
                .into_iter()
                .for_each(&mut consider);
        }
        target_runs(sides.target, sentence, MOST_JOINED_BOTH - source.len())
            .for_each(|run| sides.wholes(run).into_iter().for_each(&mut consider));
    }
    let mut best = best?;
    best.margin = margin(sides, singles, &best);
    best.lead = best.score / rivals.best(&best.source, best.spot.span).max(LEAST_RUNNER_UP);
    Some(best)
}

/// The best few target sentences of any of the source sentences, without those that hardly match.
fn anchors(singles: &[Vec<Single>], source: Range<usize>) -> Vec<usize> {
    let best = singles[source]
        .iter()
        .flat_map(|found| found.iter().take(MOST_ANCHORS));
    let mut anchors: Vec<usize> = best
        .filter(|single| single.score >= LEAST_ANCHOR)
        .map(|single| single.sentence)
        .collect();
    anchors.sort_unstable();
    anchors.dedup();
    anchors
}

/// Runs of two to `most` target sentences of one passage that hold `sentence`.
fn target_runs(
    target: &[TargetSentence<'_>],
    sentence: usize,
    most: usize,
) -> impl Iterator<Item = Range<usize>> {
    let most = most.min(MOST_JOINED);
    let starts = (sentence + 1).saturating_sub(most)..=sentence;
    starts.flat_map(move |start| {
        let ends = (sentence + 1).max(start + 2)..=(start + most).min(target.len());
        ends.map(move |end| start..end).filter(move |run| {
            target[run.clone()]
                .iter()
                .all(|other| other.passage == target[sentence].passage)
                && target[run.clone()]
                    .windows(2)
                    .all(|pair| pair[0].span.end() <= pair[1].span.start())
        })
    })
}

/// The score over the mean of the next best places elsewhere.
fn margin(sides: &Sides<'_>, singles: &[Vec<Single>], best: &Proposal) -> f32 {
    let elsewhere = |single: &&Single| !sides.target[single.sentence].span.overlaps(best.spot.span);
    let mut others: Vec<f32> = if best.source.len() == 1 {
        singles[best.source.start]
            .iter()
            .filter(elsewhere)
            .map(|single| single.score)
            .collect()
    } else {
        let all = singles[best.source.clone()].iter().flatten().filter(elsewhere);
        let mut sentences: Vec<usize> = all.map(|single| single.sentence).collect();
        sentences.sort_unstable();
        sentences.dedup();
        sentences
            .into_iter()
            .filter_map(|sentence| best_in(sides, best.source.clone(), sentence))
            .map(|single| single.score)
            .collect()
    };
    others.sort_by(|one, other| other.total_cmp(one));
    others.truncate(RUNNERS_UP);
    let elsewhere = sides.target.len().saturating_sub(best.spot.sentences.len());
    let count = RUNNERS_UP.min(elsewhere).max(1);
    let mean = others.iter().sum::<f32>() / count as f32;
    best.score / mean.max(LEAST_RUNNER_UP)
}

/// Whether `next` begins on both sides where `before` ends, in the same passages.
fn goes_on(sides: &Sides<'_>, before: &Proposal, next: &Proposal) -> bool {
    let (source, target) = (next.source.start, next.spot.sentences.start);
    before.source.end == source
        && before.spot.sentences.end == target
        && sides.source[source - 1].passage == sides.source[source].passage
        && sides.target[target - 1].passage == sides.target[target].passage
}

#[cfg(test)]
mod tests;
