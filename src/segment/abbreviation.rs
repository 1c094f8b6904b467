//! English and French abbreviations, and what a full stop after one means.

use super::chars::{fold, is_accent, lists};
use super::starter::first_word;

/// What is known of a word that a full stop follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Abbreviation {
    /// What it introduces always follows: `Dr.`, `Mme`, `cf.`; it ends no sentence.
    Introduces,
    /// A number follows: `p.`, `art.`, `Nov.`; before a word it is read as an ordinary word.
    BeforeNumber,
    /// It may end a sentence or not: `Inc.`, `U.S.`, `p.m.`; the next word decides.
    Either,
    /// `a.m.`, `p.m.`: a capital letter begins a sentence, but for a day or a time zone.
    Time,
    /// A capital letter alone: an initial, or a name such as in `Plan B`.
    Initial,
}

// The lists hold words between spaces, folded (lower case, without accents) and without final stop,
// unless they say otherwise.

/// Titles and words that introduce.
const INTRODUCES: &str = "\
    av bd bld c.-a-d cf dr drs e.g i.e messrs mlle mlles mm mme mmes mr mrs ms n.b p.ex p.s prof st \
    ste viz vs vve";

/// Titles that may be ordinary words when in lower case (`le col`, `dans ce sens`), as written.
const INTRODUCES_IF_CAPITAL: &str = "\
    Adj Adm Att Brig Capt Cdr Cdt Cmdr Col Comdr Cpl Fr Gen Gov Hon Insp Lieut Lt M Maj Me Mes Mgr \
    Mt Mtn NB PS Pdt Pr Pres Pte Pvt Rep Reps Rev Rt Sen Sens Sgt Sr Sra Supt Ven";

/// Words before a number.
const BEFORE_NUMBER: &str = "\
    al app approx apr apt arr art arts aug avr b c ca ch chap d dec ed eds env eq ex ext feb fevr ff \
    fig figs fol jan janv juil jul jun l mar n no nos nov nr num n° n°s oct op p para pg pp ref s \
    sec sect sep sept t tab tel v vol vols vv §";

/// Words that stand at the end of a sentence as well as within.
const EITHER: &str = "\
    assn ave blvd bros cie co corp dept dist esq est ets inc jr llc ltd md ph.d phd plc rd univ";

/// What `word`, without its final stop, is known as.
pub(super) fn abbreviation(word: &str) -> Option<Abbreviation> {
    let folded = fold(word);
    if lists(INTRODUCES_IF_CAPITAL, word) || lists(INTRODUCES, &folded) {
        Some(Abbreviation::Introduces)
    } else if is_capital(word) {
        Some(Abbreviation::Initial)
    } else if lists(BEFORE_NUMBER, &folded) {
        Some(Abbreviation::BeforeNumber)
    } else if matches!(folded.as_str(), "a.m" | "p.m") {
        Some(Abbreviation::Time)
    } else if lists(EITHER, &folded) || is_dotted(word) {
        Some(Abbreviation::Either)
    } else {
        None
    }
}

/// Whether `text` goes on a time of day: `p.m. Friday`, `p.m. GMT`.
pub(super) fn continues_time(text: &str) -> bool {
    let word = first_word(text).0;
    let is_zone = (2..=4).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_uppercase());
    is_zone || super::date::is_calendar_word(word)
}

/// A single capital letter.
fn is_capital(word: &str) -> bool {
    let mut chars = word.chars().filter(|c| !is_accent(*c));
    matches!((chars.next(), chars.next()), (Some(c), None) if c.is_uppercase())
}

/// Short parts with stops between: `U.S`, `a.m`, `J.-C`, `Ph.D`.
fn is_dotted(word: &str) -> bool {
    let part = |p: &str| {
        let letters = p.trim_start_matches('-');
        (1..=2).contains(&letters.chars().count()) && letters.chars().all(char::is_alphabetic)
    };
    word.contains('.') && word.split('.').all(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &str, expected: Option<Abbreviation>) {
        assert_eq!(abbreviation(word), expected, "{word:?}");
    }

    #[test]
    fn abbreviations_are_known_in_both_languages() {
        check("Dr", Some(Abbreviation::Introduces));
        check("Mme", Some(Abbreviation::Introduces));
        check("c.-à-d", Some(Abbreviation::Introduces));
        check("art", Some(Abbreviation::BeforeNumber));
        check("N°", Some(Abbreviation::BeforeNumber));
        check("fe\u{301}vr", Some(Abbreviation::BeforeNumber));
        check("p.m", Some(Abbreviation::Time));
        check("Ltd", Some(Abbreviation::Either));
        check("U.S.A", Some(Abbreviation::Either));
        check("J.-C", Some(Abbreviation::Either));
        check("E\u{301}", Some(Abbreviation::Initial));
    }

    #[test]
    fn ordinary_words_are_none() {
        for word in ["road", "Road", "me", "sens", "col", "example.org", "1.5", ""] {
            check(word, None);
        }
    }
}
