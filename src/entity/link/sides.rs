//! Links between the mentions of a text and those of its rendering.

use std::collections::HashMap;

use super::clusters::Clusters;
use super::{LinkMention, Side};
use crate::entity::Label;
use crate::entity::fold::name_words;

/// The mentions of one label on the two sides of a rendering, as indexes.
#[derive(Default)]
struct Pairing {
    source: Vec<usize>,
    rendering: Vec<usize>,
}

/// Joins mentions of one label across each rendering: by aligned words, then by order.
pub(super) fn join_across(
    mentions: &[LinkMention<'_>],
    alignments: &[&[(usize, usize)]],
    clusters: &mut Clusters,
) {
    for (rendering, label, pairing) in pairings(mentions) {
        let alignment = alignments.get(rendering).copied().unwrap_or_default();
        let open = pairing.open(clusters);
        for (source, target) in best_partners(mentions, alignment, &open) {
            join_if_new(mentions, clusters, source, target);
        }
        let open = pairing.open(clusters);
        if same_order_is_enough(alignment, &open) {
            for (&source, &target) in open.source.iter().zip(&open.rendering) {
                if label != Label::Per || begin_alike(&mentions[source], &mentions[target]) {
                    join_if_new(mentions, clusters, source, target);
                }
            }
        }
    }
}

/// Renderings by number, and in each the labels by rank.
fn pairings(mentions: &[LinkMention<'_>]) -> Vec<(usize, Label, Pairing)> {
    let mut found: HashMap<(usize, Label), Pairing> = HashMap::new();
    for (at, mention) in mentions.iter().enumerate() {
        let Some(rendering) = mention.rendering else {
            continue;
        };
        let pairing = found.entry((rendering, mention.label)).or_default();
        match mention.side {
            Side::Source => pairing.source.push(at),
            Side::Rendering => pairing.rendering.push(at),
        }
    }
    let mut sorted: Vec<_> = found
        .into_iter()
        .map(|((rendering, label), pairing)| (rendering, label, pairing))
        .collect();
    sorted.sort_by_key(|&(rendering, label, _)| (rendering, label));
    sorted
}

impl Pairing {
    /// The mentions whose thing is not named on the other side yet.
    fn open(&self, clusters: &Clusters) -> Self {
        let without = |these: &[usize], others: &[usize]| {
            let named = |at: usize| {
                others
                    .iter()
                    .any(|&other| clusters.root(other) == clusters.root(at))
            };
            these.iter().copied().filter(|&at| !named(at)).collect()
        };
        Self {
            source: without(&self.source, &self.rendering),
            rendering: without(&self.rendering, &self.source),
        }
    }
}

/// Pairs of mentions that have more aligned words with each other than with any other.
fn best_partners(
    mentions: &[LinkMention<'_>],
    alignment: &[(usize, usize)],
    open: &Pairing,
) -> Vec<(usize, usize)> {
    let shared = |source: usize, target: usize| {
        let (source, target) = (&mentions[source].tokens, &mentions[target].tokens);
        alignment
            .iter()
            .filter(|(i, j)| source.contains(i) && target.contains(j))
            .count()
    };
    let best_target = |source: usize| first_max(&open.rendering, |target| shared(source, target));
    let best_source = |target: usize| first_max(&open.source, |source| shared(source, target));
    let pairs = open
        .source
        .iter()
        .filter_map(|&source| Some((source, best_target(source)?)));
    pairs
        .filter(|&(source, target)| best_source(target) == Some(source))
        .collect()
}

/// The first candidate with the highest count above 0.
fn first_max(candidates: &[usize], count: impl Fn(usize) -> usize) -> Option<usize> {
    let counted = candidates.iter().map(|&candidate| (candidate, count(candidate)));
    counted
        .filter(|&(_, count)| count > 0)
        .rev()
        .max_by_key(|&(_, count)| count)
        .map(|(candidate, _)| candidate)
}

/// Where words are aligned, mentions that found no partner are only paired if there is one on each side.
fn same_order_is_enough(alignment: &[(usize, usize)], open: &Pairing) -> bool {
    open.source.len() == open.rendering.len() && (alignment.is_empty() || open.source.len() == 1)
}

/// Names of persons keep their first letter in another language of the same script, in some word.
fn begin_alike(a: &LinkMention<'_>, b: &LinkMention<'_>) -> bool {
    let initials = |mention: &LinkMention<'_>| -> Vec<char> {
        name_words(mention.text, mention.label)
            .iter()
            .filter_map(|word| word.chars().next())
            .collect()
    };
    let others = initials(b);
    initials(a).iter().any(|initial| others.contains(initial))
}

/// Joins two mentions unless both sides name both things: then they are two.
fn join_if_new(mentions: &[LinkMention<'_>], clusters: &mut Clusters, source: usize, target: usize) {
    if is_part_of_other(&mentions[source], &mentions[target]) {
        return;
    }
    if !(is_on_both_sides(mentions, clusters, source) && is_on_both_sides(mentions, clusters, target)) {
        clusters.join(source, target);
    }
}

/// Whether all words of one name are among the other's, which has more: `école de Gao` is not `Gao`.
///
/// Persons and bearers of acronyms are named shorter without being others.
fn is_part_of_other(a: &LinkMention<'_>, b: &LinkMention<'_>) -> bool {
    let (a_words, b_words) = (name_words(a.text, a.label), name_words(b.text, b.label));
    let (short, long) = if a_words.len() < b_words.len() {
        (&a_words, &b_words)
    } else {
        (&b_words, &a_words)
    };
    let inside =
        !short.is_empty() && short.len() < long.len() && short.iter().all(|word| long.contains(word));
    a.label != Label::Per && inside
}

/// Whether a thing is named in rendered text and in text of the target language.
fn is_on_both_sides(mentions: &[LinkMention<'_>], clusters: &Clusters, at: usize) -> bool {
    let root = clusters.root(at);
    let is_rendered = |mention: &LinkMention<'_>| mention.side == Side::Source && mention.rendering.is_some();
    let sides = mentions
        .iter()
        .enumerate()
        .filter(|(other, _)| clusters.root(*other) == root);
    let (mut here, mut there) = (false, false);
    for (_, mention) in sides {
        here |= is_rendered(mention);
        there |= !is_rendered(mention);
    }
    here && there
}
