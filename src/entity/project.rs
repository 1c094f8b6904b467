//! Carrying mentions over to another text along a word alignment.

use std::collections::BTreeSet;
use std::ops::Range;

use super::trim::trim_mention;
use super::words::words;
use super::{Label, Mention, lexicon};
use crate::Span;

/// At most this many words without a partner may stand inside a projected name.
const MAX_UNALIGNED: usize = 1;

/// The names that `mentions` of `source` have in `target`, `None` where there is no safe one.
///
/// `alignment` holds pairs of indexes of white-space separated tokens, source then target, in any order; for
/// the way back, hand in the texts and the pairs swapped. The projection is the shortest run of tokens that
/// holds all partners of the mention's words, function words and marks apart, trimmed like a mention
/// ([`trim_mention`]). There is none if the run holds the partner of another word or two words without a
/// partner, is more than twice as long, lost all its capitals, or takes bytes of a better projection. The score
/// is the mention's, times the share of its words with a partner.
///
/// ```
/// use diglot::Span;
/// use diglot::entity::{Label, Mention, project_mentions};
///
/// let (source, target) = ("Le lac de Tambali monte", "Lake Tambali is rising");
/// let mention = Mention { span: Span::new(3, 17), label: Label::Loc, score: 0.9 };
/// let projected = project_mentions(source, target, &[(1, 0), (3, 1), (4, 3)], &[mention]);
/// assert_eq!(projected[0].and_then(|name| name.span.of(target)), Some("Lake Tambali"));
/// ```
pub fn project_mentions(
    source: &str,
    target: &str,
    alignment: &[(usize, usize)],
    mentions: &[Mention],
) -> Vec<Option<Mention>> {
    let projection = Projection {
        source,
        target,
        source_tokens: tokens(source),
        target_tokens: tokens(target),
        alignment,
    };
    let mut projected: Vec<_> = mentions
        .iter()
        .map(|mention| projection.project(mention))
        .collect();
    drop_overlaps(&mut projected);
    projected
}

/// The indexes of the white-space separated tokens of `text` that share a byte with `span`.
///
/// ```
/// use diglot::Span;
/// use diglot::entity::token_range;
///
/// assert_eq!(token_range("la gare, à Gao", Span::new(3, 7)), 1..2);
/// ```
pub fn token_range(text: &str, span: Span) -> Range<usize> {
    range_of(&tokens(text), span)
}

struct Projection<'a> {
    source: &'a str,
    target: &'a str,
    source_tokens: Vec<Span>,
    target_tokens: Vec<Span>,
    alignment: &'a [(usize, usize)],
}

impl Projection<'_> {
    fn project(&self, mention: &Mention) -> Option<Mention> {
        let sources = range_of(&self.source_tokens, mention.span);
        let partners = self.content_partners(&sources);
        let run = self.with_article(&sources, *partners.first()?..*partners.last()? + 1);
        if !self.is_contiguous(&run, &partners) || run.len() > 2 * sources.len() {
            return None;
        }
        let whole = Span::new(
            self.target_tokens[run.start].start(),
            self.target_tokens[run.end - 1].end(),
        );
        let span = trim_mention(self.target, whole, mention.label)?;
        let surface = mention.span.of(self.source)?;
        if lost_capitals(surface, span.of(self.target)?, mention.label) {
            return None;
        }
        Some(Mention {
            span,
            score: mention.score * self.share_aligned(&sources),
            ..*mention
        })
    }

    /// The partners of a range of source tokens that can be part of a name.
    fn content_partners(&self, sources: &Range<usize>) -> BTreeSet<usize> {
        let within = self.alignment.iter().filter(|(from, _)| sources.contains(from));
        within
            .map(|&(_, to)| to)
            .filter(|&to| self.is_content(to))
            .collect()
    }

    /// Widens `run` by an article in capitals that renders one: `La Haye` for `The Hague`.
    fn with_article(&self, sources: &Range<usize>, run: Range<usize>) -> Range<usize> {
        let is_capital_article = |text: Option<&str>| {
            text.is_some_and(|text| lexicon::is_article(text) && text.starts_with(char::is_uppercase))
        };
        let source = self
            .source_tokens
            .get(sources.start)
            .and_then(|token| token.of(self.source));
        let before = run.start.checked_sub(1);
        let target = before.and_then(|at| self.target_tokens[at].of(self.target));
        match before {
            Some(at)
                if is_capital_article(source)
                    && is_capital_article(target)
                    && self.alignment.contains(&(sources.start, at)) =>
            {
                at..run.end
            }
            _ => run,
        }
    }

    fn is_contiguous(&self, run: &Range<usize>, partners: &BTreeSet<usize>) -> bool {
        let strangers = || {
            run.clone()
                .filter(|at| !partners.contains(at) && self.is_content(*at))
        };
        let aligned = |at: usize| self.alignment.iter().any(|&(_, to)| to == at);
        strangers().count() <= MAX_UNALIGNED && !strangers().any(aligned)
    }

    fn is_content(&self, token: usize) -> bool {
        let text = self
            .target_tokens
            .get(token)
            .and_then(|token| token.of(self.target));
        text.is_some_and(|text| {
            words(text).iter().any(|word| {
                !lexicon::is_function_word(word.text(text)) && word.text(text).contains(char::is_alphanumeric)
            })
        })
    }

    fn share_aligned(&self, sources: &Range<usize>) -> f32 {
        let is_content = |at: &usize| {
            let text = self.source_tokens[*at].of(self.source).unwrap_or_default();
            !lexicon::is_function_word(text)
        };
        let content: Vec<_> = sources.clone().filter(is_content).collect();
        let has_partner = |at: &&usize| self.alignment.iter().any(|(from, _)| from == *at);
        let aligned = content.iter().filter(has_partner).count();
        aligned.max(1) as f32 / content.len().max(1) as f32
    }
}

/// White-space separated tokens.
fn tokens(text: &str) -> Vec<Span> {
    let start_of = |token: &str| token.as_ptr() as usize - text.as_ptr() as usize;
    text.split_whitespace()
        .map(|token| Span::new(start_of(token), start_of(token) + token.len()))
        .collect()
}

fn range_of(tokens: &[Span], span: Span) -> Range<usize> {
    let start = tokens.partition_point(|token| token.end() <= span.start());
    let end = tokens.partition_point(|token| token.start() < span.end());
    start..end.max(start)
}

/// Nationalities and the like lose their capital in French; other names do not.
fn lost_capitals(source: &str, target: &str, label: Label) -> bool {
    let has_capital = |text: &str| text.contains(char::is_uppercase);
    let has_case = target.contains(char::is_lowercase);
    label != Label::Misc && has_capital(source) && has_case && !has_capital(target)
}

/// Keeps the better of two projections onto the same bytes, the first of equal ones.
fn drop_overlaps(projected: &mut [Option<Mention>]) {
    let mut order: Vec<_> = (0..projected.len()).collect();
    let score = |at: usize| projected[at].map_or(f32::NEG_INFINITY, |mention| mention.score);
    order.sort_by(|&a, &b| score(b).total_cmp(&score(a)));
    let mut kept: Vec<Span> = Vec::new();
    for at in order {
        let Some(mention) = projected[at] else { continue };
        if kept.iter().any(|other| other.overlaps(mention.span)) {
            projected[at] = None;
        } else {
            kept.push(mention.span);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Label::{Loc, Misc, Org, Per};
    use proptest::prelude::*;

    fn mention(text: &str, name: &str, label: Label) -> Mention {
        let start = text.find(name).unwrap();
        Mention {
            span: Span::new(start, start + name.len()),
            label,
            score: 0.8,
        }
    }

    /// `alignment` is written as records have it: `0-0 1-2`.
    #[track_caller]
    fn check(source: &str, target: &str, alignment: &str, names: &[(&str, Label)], expected: &[&str]) {
        let pair = |pair: &str| {
            pair.split_once('-')
                .map(|(i, j)| (i.parse().unwrap(), j.parse().unwrap()))
                .unwrap()
        };
        let alignment: Vec<_> = alignment.split_whitespace().map(pair).collect();
        let mentions: Vec<_> = names
            .iter()
            .map(|&(name, label)| mention(source, name, label))
            .collect();
        let projected = project_mentions(source, target, &alignment, &mentions);
        let found: Vec<_> = projected
            .iter()
            .map(|name| name.map_or("", |name| name.span.of(target).unwrap()))
            .collect();
        assert_eq!(found, expected, "the names in `{target}`");
    }

    #[test]
    fn follows_the_alignment() {
        check(
            "Ségou dort",
            "Segou sleeps",
            "0-0 1-1",
            &[("Ségou", Loc)],
            &["Segou"],
        );
        let (source, target) = ("les Forces maliennes, dit-il", "the Malian Forces, he said");
        check(
            source,
            target,
            "0-0 1-2 2-1 3-4",
            &[("Forces maliennes", Org)],
            &["Malian Forces"],
        );
        check(
            "la mission de l’ONU ici",
            "the UN’s mission here",
            "1-2 3-1 4-3",
            &[("ONU", Org)],
            &["UN"],
        );
    }

    #[test]
    fn function_words_and_marks_do_not_stretch_a_name() {
        let (source, target) = ("la Banque du Fleuve", "of the River Bank,");
        check(
            source,
            target,
            "0-1 1-3 2-0 3-2",
            &[("Banque du Fleuve", Org)],
            &["River Bank"],
        );
        check(
            "à La Haye",
            "in The Hague",
            "0-0 1-1 2-2",
            &[("La Haye", Loc)],
            &["The Hague"],
        );
        check("le Mali", "Mali", "0-0 1-0", &[("Mali", Loc)], &["Mali"]);
    }

    #[test]
    fn gaps_are_bridged_only_over_words_without_partner() {
        let (source, target) = ("Banque Fleuve ouverte", "Bank Open River");
        check(source, target, "0-0 1-2 2-1", &[("Banque Fleuve", Org)], &[""]);
        check(
            source,
            target,
            "0-0 1-2",
            &[("Banque Fleuve", Org)],
            &["Bank Open River"],
        );
        check(
            "Banque Fleuve",
            "Bank is very near River",
            "0-0 1-4",
            &[("Banque Fleuve", Org)],
            &[""],
        );
    }

    #[test]
    fn unsafe_projections_are_left_out() {
        check("Awa dort", "she sleeps", "0-0 1-1", &[("Awa", Per)], &[""]);
        check("Awa dort", "Somebody sleeps", "1-1", &[("Awa", Per)], &[""]);
        check("Awa dort", "Awa", "7-0 0-9", &[("Awa", Per)], &[""]);
        check("Fleuve haut", "river high", "0-0", &[("Fleuve", Loc)], &[""]);
        check(
            "Malian food",
            "repas malien",
            "0-1 1-0",
            &[("Malian", Misc)],
            &["malien"],
        );
        check(
            "Awa Sow",
            "Awa-Sow",
            "0-0 1-0",
            &[("Awa", Per), ("Sow", Per)],
            &["Awa-Sow", ""],
        );
    }

    #[test]
    fn scores_fall_with_words_that_have_no_partner() {
        let projected = project_mentions("Awa Sow", "Awa", &[(0, 0)], &[mention("Awa Sow", "Awa Sow", Per)]);
        assert!((projected[0].unwrap().score - 0.4).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn projections_lie_on_character_boundaries_and_apart(
            source in r"(\PC|Awa |Gao |l’){0,12}",
            target in r"(\PC|Awa |Gao |l’){0,12}",
            alignment in prop::collection::vec((0usize..6, 0usize..6), 0..8),
            cuts in prop::collection::vec((0usize..20, 0usize..20), 0..4),
        ) {
            let mentions: Vec<_> = cuts
                .iter()
                .map(|&(a, b)| Mention { span: Span::new(a.min(b), a.max(b)), label: Loc, score: 0.5 })
                .collect();
            let projected = project_mentions(&source, &target, &alignment, &mentions);
            prop_assert_eq!(projected.len(), mentions.len());
            let mut found: Vec<_> = projected.into_iter().flatten().collect();
            found.sort_by_key(|mention| mention.span);
            prop_assert!(found.iter().all(|mention| mention.span.of(&target).is_some_and(|name| !name.is_empty())));
            prop_assert!(found.windows(2).all(|pair| pair[0].span.end() <= pair[1].span.start()));
        }
    }
}
