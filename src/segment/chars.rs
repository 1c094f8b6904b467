//! Classes of characters that several readers of running text share.

/// Whether `c` may stand between pieces: white space, or a byte order mark.
pub(super) fn is_gap(c: char) -> bool {
    c.is_whitespace() || c == '\u{FEFF}'
}

/// Whether `c` ends a line. A carriage return with its line feed counts as one line end where
/// lines are counted.
pub(super) fn is_line_end(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Whether `c` is an emoji or one of the joiners, selectors and tags that emoji are made of.
///
/// The ranges are the blocks that hold emoji (Unicode 16, `emoji-data.txt`) without those that are
/// mostly letters or arrows of running text.
pub(super) fn is_emoji(c: char) -> bool {
    matches!(
        c,
        '\u{1F000}'..='\u{1FAFF}'
            | '\u{2600}'..='\u{27BF}'
            | '\u{2B00}'..='\u{2BFF}'
            | '\u{E0020}'..='\u{E007F}'
            | '\u{200D}'
            | '\u{20E3}'
            | '\u{FE0E}'
            | '\u{FE0F}'
    )
}

/// Whether `c` is invisible: a zero-width or bidirectional control.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// Whether `c` is a dash that may set off a clause or a signature.
pub(super) fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// Whether `c` ends a sentence, alone or in a run.
pub(super) fn is_end_mark(c: char) -> bool {
    matches!(c, '.' | '…' | '!' | '?' | '‼' | '‽' | '⁇'..='⁉' | '؟' | '۔' | '।') || is_wide_end_mark(c)
}

/// Whether `c` is an end mark of a script that puts no space between sentences.
pub(super) fn is_wide_end_mark(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '｡' | '．')
}

/// Whether `c` only closes: a bracket or a quotation mark that cannot open in English or French.
pub(super) fn is_closer(c: char) -> bool {
    matches!(c, '”' | '’' | '»' | '›' | ')' | ']' | '}')
}

/// Whether `c` may open a bracket or a quotation.
pub(super) fn is_opener(c: char) -> bool {
    matches!(
        c,
        '“' | '„' | '‘' | '‚' | '«' | '‹' | '(' | '[' | '{' | '"' | '\'' | '¿' | '¡'
    )
}

/// Whether `c` marks an item of a list.
pub(super) fn is_bullet(c: char) -> bool {
    matches!(c, '•' | '‣' | '⁃' | '▪' | '●' | '◦' | '■')
}

/// Whether a text that ends with `c` may be a finished sentence.
pub(super) fn may_end_sentence(c: char) -> bool {
    is_end_mark(c) || is_closer(c) || c == '"' || is_emoji(c)
}

/// Whether `token` is a link, with or without its scheme.
pub(super) fn is_link(token: &str) -> bool {
    const PREFIXES: [&str; 6] = [
        "http://",
        "https://",
        "www.",
        "pic.twitter.com/",
        "pic.x.com/",
        "t.co/",
    ];
    PREFIXES.iter().any(|prefix| {
        token.len() > prefix.len() && token.is_char_boundary(prefix.len()) && {
            token[..prefix.len()].eq_ignore_ascii_case(prefix)
        }
    })
}

/// Whether `c` is a combining accent, as text in NFD has them.
pub(super) fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}')
}

/// Whether `word` is one of `list`, words between spaces.
pub(super) fn lists(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|listed| listed == word)
}

/// The longest start of `text` of at most `max` bytes.
pub(super) fn head(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

/// The longest end of `text` of at most `max` bytes.
pub(super) fn tail(text: &str, max: usize) -> &str {
    &text[text.ceil_char_boundary(text.len().saturating_sub(max))..]
}

/// `text` in lower case without accents, for comparing with the word lists, which are so written.
pub(super) fn fold(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .filter(|c| !is_accent(*c))
        .map(|c| match c {
            'à' | 'â' | 'ä' => 'a',
            'é' | 'è' | 'ê' | 'ë' => 'e',
            'î' | 'ï' => 'i',
            'ô' | 'ö' => 'o',
            'û' | 'ù' | 'ü' => 'u',
            'ç' => 'c',
            _ => c,
        })
        .collect()
}
