//! How well words on two sides of a document match: the evidence that alignment decides on.

use std::collections::{BTreeMap, HashMap};

use super::Lexicon;
use super::words::{Token, TokenKind, fold, stem};

/// Bits of a word that the lexicon does not know: as rare as its rarest.
const UNKNOWN_BITS: u8 = 17;

/// Bits of a word that names something particular where it has a capital: months, peoples and
/// institutions are commoner.
const NAME_BITS: u8 = 14;

/// A number says more than a word: two texts that share one by chance are rare.
const NUMBER_WEIGHT: f32 = 1.3;

/// An unknown word with a small letter is mostly an inflection that the lexicon lacks: that it has
/// no partner means little.
const UNKNOWN_WORD_WEIGHT: f32 = 0.5;

/// Longest list of sentences that a word may bring up as candidates.
const MOST_POSTINGS: usize = 400;

/// The words of both sides, how much each weighs and which match.
pub(super) struct Evidence {
    /// Of each source sentence: word ids in order.
    pub source: Vec<Vec<usize>>,
    /// Of each target sentence: word ids in order.
    pub target: Vec<Vec<usize>>,
    /// Of each source and target word whether it is so rare that with a capital it is a name.
    rare_source: Vec<bool>,
    rare_target: Vec<bool>,
    source_weights: Vec<f32>,
    target_weights: Vec<f32>,
    /// Of each source word: the target words that match it, with the strength, by id.
    matches: Vec<Vec<(usize, f32)>>,
    /// Of each target word: the sentences that hold it, in order.
    postings: Vec<Vec<usize>>,
}

/// How much of either side the other one explains.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Coverage {
    /// The share of the source's weight, `0.0..=1.0`.
    pub source: f32,
    /// The share of the target's weight, `0.0..=1.0`.
    pub target: f32,
    /// The weight that matched, in words that say something.
    pub mass: f32,
}

/// One side's vocabulary.
#[derive(Default)]
struct Vocabulary {
    ids: HashMap<String, usize>,
    words: Vec<(String, TokenKind)>,
    postings: Vec<Vec<usize>>,
    sentences: usize,
}

impl Evidence {
    pub(super) fn new(lexicon: &Lexicon, source: &[Vec<Token>], target: &[Vec<Token>]) -> Self {
        let (source_words, source) = Vocabulary::build(source);
        let (target_words, target) = Vocabulary::build(target);
        let matches = Matcher::new(&target_words).all(lexicon, &source_words);
        let target_rarity: Vec<f32> = (0..target_words.words.len())
            .map(|word| target_words.rarity(word))
            .collect();
        let target_weights = target_words
            .words
            .iter()
            .zip(&target_rarity)
            .map(|((word, kind), rarity)| rarity * english_weight(lexicon, word, *kind))
            .collect();
        // A word that is rare in the few foreign sentences may be frequent in the article.
        let source_weights = (0..source_words.words.len())
            .map(|id| {
                let (word, kind) = &source_words.words[id];
                let strong = matches[id].iter().filter(|(_, strength)| *strength >= 0.3);
                let rarity = strong
                    .map(|(word, _)| target_rarity[*word])
                    .fold(source_words.rarity(id), f32::min);
                rarity * french_weight(lexicon, word, *kind)
            })
            .collect();
        let is_rare = |bits: Option<u8>| bits.is_none_or(|bits| bits >= NAME_BITS);
        let source_bits = |(word, _): &(String, TokenKind)| is_rare(lexicon.french_bits(word));
        let target_bits = |(word, _): &(String, TokenKind)| is_rare(lexicon.english_bits(word));
        Self {
            rare_source: source_words.words.iter().map(source_bits).collect(),
            rare_target: target_words.words.iter().map(target_bits).collect(),
            source,
            target,
            source_weights,
            target_weights,
            matches,
            postings: target_words.postings,
        }
    }

    /// Whether a source word matches a target word.
    pub(super) fn matches(&self, source: usize, target: usize) -> bool {
        let found = self.matches[source].binary_search_by_key(&target, |(id, _)| *id);
        found.is_ok()
    }

    /// Whether a source word is so rare that with a capital it is a name.
    pub(super) fn is_rare_source(&self, word: usize) -> bool {
        self.rare_source[word]
    }

    /// Whether a target word is so rare that with a capital it is a name.
    pub(super) fn is_rare_target(&self, word: usize) -> bool {
        self.rare_target[word]
    }

    /// The target sentences that share most with a source sentence, best first, at most `most`.
    pub(super) fn candidates(&self, sentence: &[usize], most: usize) -> Vec<usize> {
        let mut scores: BTreeMap<usize, f32> = BTreeMap::new();
        for word in sentence {
            for (other, strength) in &self.matches[*word] {
                let postings = &self.postings[*other];
                if postings.len() <= MOST_POSTINGS {
                    for found in postings {
                        *scores.entry(*found).or_default() += strength * self.source_weights[*word];
                    }
                }
            }
        }
        let mut found: Vec<(usize, f32)> = scores.into_iter().collect();
        found.sort_by(|(i, one), (j, other)| other.total_cmp(one).then(i.cmp(j)));
        found
            .into_iter()
            .take(most)
            .map(|(sentence, _)| sentence)
            .collect()
    }

    /// Matches words one to one, the strongest first, and says how much of either side is covered.
    pub(super) fn coverage(&self, source: &[usize], target: &[usize]) -> Coverage {
        let mut edges = Vec::new();
        for (i, word) in source.iter().enumerate() {
            let matches = &self.matches[*word];
            for (j, other) in target.iter().enumerate() {
                if let Ok(found) = matches.binary_search_by_key(other, |(id, _)| *id) {
                    let weight = self.source_weights[*word] + self.target_weights[*other];
                    edges.push((matches[found].1, weight, i, j));
                }
            }
        }
        edges.sort_by(|a, b| {
            (b.0 * b.1)
                .total_cmp(&(a.0 * a.1))
                .then((a.2, a.3).cmp(&(b.2, b.3)))
        });
        let (mut used_source, mut used_target) = (vec![false; source.len()], vec![false; target.len()]);
        let (mut matched_source, mut matched_target) = (0.0, 0.0);
        for (strength, _, i, j) in edges {
            if !used_source[i] && !used_target[j] {
                (used_source[i], used_target[j]) = (true, true);
                matched_source += strength * self.source_weights[source[i]];
                matched_target += strength * self.target_weights[target[j]];
            }
        }
        Coverage {
            source: share(matched_source, source, &self.source_weights),
            target: share(matched_target, target, &self.target_weights),
            mass: f32::min(matched_source, matched_target),
        }
    }
}

fn share(matched: f32, words: &[usize], weights: &[f32]) -> f32 {
    let total: f32 = words.iter().map(|word| weights[*word]).sum();
    if total > 0.0 { matched / total } else { 0.0 }
}

impl Vocabulary {
    /// The vocabulary of sentences, and the sentences as word ids.
    fn build(sentences: &[Vec<Token>]) -> (Self, Vec<Vec<usize>>) {
        let mut vocabulary = Self {
            sentences: sentences.len(),
            ..Self::default()
        };
        let ids = sentences
            .iter()
            .enumerate()
            .map(|(index, tokens)| tokens.iter().map(|token| vocabulary.add(token, index)).collect())
            .collect();
        (vocabulary, ids)
    }

    fn add(&mut self, token: &Token, sentence: usize) -> usize {
        let next = self.words.len();
        let id = *self.ids.entry(token.key.clone()).or_insert(next);
        if id == next {
            self.words.push((token.key.clone(), token.kind));
            self.postings.push(Vec::new());
        }
        if self.postings[id].last() != Some(&sentence) {
            self.postings[id].push(sentence);
        }
        id
    }

    /// 1 for a word of one sentence, towards 0 for a word of all: what the document is about
    /// tells its sentences least apart.
    fn rarity(&self, word: usize) -> f32 {
        let (all, holding) = (self.sentences as f32, self.postings[word].len() as f32);
        (1.0 + all / holding).ln() / (1.0 + all).ln()
    }
}

/// Finds the target words that match a source word.
struct Matcher<'a> {
    target: &'a Vocabulary,
    by_stem: HashMap<&'a str, Vec<usize>>,
    /// Words by the first four letters of their folded form, with that form.
    by_head: HashMap<String, Vec<(usize, String)>>,
}

impl<'a> Matcher<'a> {
    fn new(target: &'a Vocabulary) -> Self {
        let mut by_stem: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut by_head: HashMap<String, Vec<(usize, String)>> = HashMap::new();
        for (id, (word, kind)) in target.words.iter().enumerate() {
            if *kind != TokenKind::Number {
                by_stem.entry(stem(word)).or_default().push(id);
                let folded = fold(word);
                if let Some(head) = head(&folded) {
                    by_head.entry(head.to_owned()).or_default().push((id, folded));
                }
            }
        }
        Self {
            target,
            by_stem,
            by_head,
        }
    }

    fn all(&self, lexicon: &Lexicon, source: &Vocabulary) -> Vec<Vec<(usize, f32)>> {
        source
            .words
            .iter()
            .map(|(word, kind)| self.matches(lexicon, word, *kind))
            .collect()
    }

    fn matches(&self, lexicon: &Lexicon, word: &str, kind: TokenKind) -> Vec<(usize, f32)> {
        let mut found: BTreeMap<usize, f32> = BTreeMap::new();
        let mut add = |id: usize, strength: f32| {
            let best = found.entry(id).or_default();
            *best = best.max(strength);
        };
        if kind == TokenKind::Number {
            self.target.ids.get(word).into_iter().for_each(|id| add(*id, 1.0));
            return found.into_iter().collect();
        }
        for translation in lexicon.translations(word) {
            let strength = (1.2 * translation.forward.max(translation.backward).sqrt()).min(1.0);
            if let Some(id) = self.target.ids.get(translation.word) {
                add(*id, strength);
            }
            for id in self.by_stem.get(stem(translation.word)).into_iter().flatten() {
                add(*id, 0.9 * strength);
            }
        }
        let folded = fold(word);
        let known = lexicon.french_bits(word);
        for (id, other) in head(&folded)
            .and_then(|head| self.by_head.get(head))
            .into_iter()
            .flatten()
        {
            add(*id, cognate(&folded, other, known.is_some()));
        }
        // Short names (`Gao`, `ONU`) are not looked up by their head.
        if let Some(id) = self.target.ids.get(word).filter(|_| known.is_none()) {
            add(*id, 1.0);
        }
        found
            .into_iter()
            .filter(|(_, strength)| *strength > 0.0)
            .collect()
    }
}

/// The first four letters, `None` of a shorter word.
fn head(word: &str) -> Option<&str> {
    let end = word.char_indices().nth(3).map(|(at, c)| at + c.len_utf8())?;
    Some(&word[..end])
}

/// How likely two words that begin alike are one: the same form, a long common beginning, or
/// little that differs inside (`mobilisation`, `mobilization`).
fn cognate(one: &str, other: &str, known: bool) -> f32 {
    if one == other {
        return if known { 0.7 } else { 1.0 };
    }
    let (shorter, longer) = {
        let (one, other) = (one.chars().count(), other.chars().count());
        (one.min(other), one.max(other))
    };
    let start = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let end = one
        .chars()
        .rev()
        .zip(other.chars().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let alike = 3 * start >= 2 * longer || 5 * (start + end.min(shorter - start)) >= 4 * longer;
    if alike { 0.6 } else { 0.0 }
}

fn french_weight(lexicon: &Lexicon, word: &str, kind: TokenKind) -> f32 {
    match (kind, lexicon.french_bits(word)) {
        (TokenKind::Number, _) => NUMBER_WEIGHT,
        (_, Some(bits)) => weight(bits),
        (TokenKind::Capital, None) => 1.0,
        (TokenKind::Word, None) => UNKNOWN_WORD_WEIGHT,
    }
}

fn english_weight(lexicon: &Lexicon, word: &str, kind: TokenKind) -> f32 {
    match kind {
        TokenKind::Number => NUMBER_WEIGHT,
        _ => weight(lexicon.english_bits(word).unwrap_or(UNKNOWN_BITS)),
    }
}

/// Words commoner than one in 32 tell nothing, those rarer than one in 32,000 all alike.
fn weight(bits: u8) -> f32 {
    ((f32::from(bits) - 5.0) / 10.0).clamp(0.02, 1.0)
}

#[cfg(test)]
mod tests {
    use super::super::words::tokens;
    use super::*;

    fn evidence(source: &[&str], target: &[&str]) -> Evidence {
        let file =
            "# diglot lexicon 1\n[english]\nthe\t4\n[french]\nle\t4\tthe 90 40\npont\t14\tbridge 90 90\n";
        let lexicon = Lexicon::from_bytes("tiny", file.as_bytes()).unwrap();
        let split = |texts: &[&str]| texts.iter().map(|text| tokens(text)).collect::<Vec<_>>();
        Evidence::new(&lexicon, &split(source), &split(target))
    }

    fn check(source: &str, target: &str, expected: bool) {
        let evidence = evidence(&[source], &[target, "Filler"]);
        let coverage = evidence.coverage(&evidence.source[0], &evidence.target[0]);
        assert_eq!(
            coverage.mass > 0.25,
            expected,
            "{source} | {target}: {coverage:?}"
        );
    }

    #[test]
    fn words_match_by_lexicon_form_number_and_likeness() {
        check("le pont", "the bridge", true);
        check("pont", "bridges", true);
        check("Zoubida", "Zoubida", true);
        check("Sékou", "Sekou", true);
        check("mobilisation", "mobilization", true);
        check("3 400", "3,400", true);
        check("3 400", "3,401", false);
        check("on", "on", true);
        check("le", "le", false);
        check("chaise", "bridge", false);
    }

    #[test]
    fn words_of_many_sentences_weigh_less() {
        let evidence = evidence(&["pont Zoubida"], &["bridge Zoubida", "bridge", "bridge"]);
        let both = evidence.coverage(&evidence.source[0], &evidence.target[0]);
        let frequent = evidence.coverage(&evidence.source[0], &evidence.target[1]);
        assert!(
            frequent.source < 0.5 && both.source > 0.9,
            "{frequent:?} {both:?}"
        );
    }

    #[test]
    fn a_word_is_matched_once() {
        let evidence = evidence(&["pont pont"], &["bridge"]);
        let coverage = evidence.coverage(&evidence.source[0], &evidence.target[0]);
        assert_eq!((coverage.source, coverage.target), (0.5, 1.0));
    }

    #[test]
    fn candidates_share_words_best_first() {
        let evidence = evidence(
            &["le pont Zoubida"],
            &["nothing here", "a bridge", "Zoubida's bridge"],
        );
        assert_eq!(evidence.candidates(&evidence.source[0], 5), [2, 1]);
        assert_eq!(evidence.candidates(&evidence.source[0], 1), [2]);
    }
}
