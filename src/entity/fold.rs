//! Names reduced to what their spellings share.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::{Label, lexicon};

/// The words of `text` without case, accents, ligatures and punctuation; composed and decomposed spellings agree.
pub(crate) fn folded_words(text: &str) -> Vec<String> {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd().filter(|&c| !is_combining_mark(c) && !is_soft(c)) {
        match c {
            c if !c.is_alphanumeric() => folded.push(' '),
            'œ' | 'Œ' => folded.push_str("oe"),
            'æ' | 'Æ' => folded.push_str("ae"),
            'ß' | 'ẞ' => folded.push_str("ss"),
            'ø' | 'Ø' => folded.push('o'),
            'ł' | 'Ł' => folded.push('l'),
            'đ' | 'Đ' => folded.push('d'),
            'ı' => folded.push('i'),
            c => folded.extend(c.to_lowercase().filter(|&c| !is_combining_mark(c))),
        }
    }
    folded.split_whitespace().map(str::to_owned).collect()
}

/// The folded words of a name without a leading article, nor a title where it is a person's.
pub(crate) fn name_words(text: &str, label: Label) -> Vec<String> {
    let mut rest = text.trim_start();
    while let Some((first, after)) = rest.split_once(char::is_whitespace) {
        let loose = lexicon::is_article(first) || label == Label::Per && lexicon::is_title(first);
        if !loose || after.trim().is_empty() {
            break;
        }
        rest = after.trim_start();
    }
    folded_words(rest)
}

/// Soft hyphens and joiners, which are in a word without being letters of it.
fn is_soft(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200D}' | '\u{2060}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, label: Label, expected: &str) {
        assert_eq!(
            name_words(text, label).join(" "),
            expected,
            "the words of `{text}`"
        );
    }

    #[test]
    fn folds_case_accents_and_punctuation() {
        check("SÉGOU", Label::Loc, "segou");
        check("Se\u{301}gou", Label::Loc, "segou");
        check("Côte d’Ivoire", Label::Loc, "cote d ivoire");
        check("Guinée-Bissau", Label::Loc, "guinee bissau");
        check("Œuvre İzmir Straße", Label::Org, "oeuvre izmir strasse");
        check("Baro\u{AD}da", Label::Loc, "baroda");
        check("…", Label::Misc, "");
    }

    #[test]
    fn drops_titles_of_persons_and_articles() {
        check("Colonel Sidi Kane", Label::Per, "sidi kane");
        check("Dr. Awa Ba", Label::Per, "awa ba");
        check("General Motors", Label::Org, "general motors");
        check("The Hague", Label::Loc, "hague");
        check("President", Label::Per, "president");
    }
}
