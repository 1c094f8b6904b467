//! Links and e-mail addresses in running text.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use super::ProtectedKind;
use crate::Span;

/// Links and e-mail addresses of a text: those with a scheme first, then addresses, then bare hosts.
pub(super) fn links(text: &str) -> Vec<(Span, ProtectedKind)> {
    let mut found = Vec::new();
    if text.contains("://") {
        found.extend(SCHEME.find_iter(text).filter_map(|link| {
            let span = Span::new(link.start(), trimmed_end(text, link.start(), link.end()));
            let has_host = span.of(text).is_some_and(|link| !link.ends_with("://"));
            (has_host && !text[..span.start()].ends_with(char::is_alphanumeric))
                .then_some((span, ProtectedKind::Link))
        }));
    }
    if text.contains('@') {
        found.extend(
            EMAIL
                .find_iter(text)
                .filter(|found| !follows_word(text, found.start()))
                .map(|found| (Span::new(found.start(), found.end()), ProtectedKind::Email)),
        );
    }
    if text.contains('.') {
        found.extend(BARE.captures_iter(text).filter_map(|captures| {
            let host = captures.name("host")?;
            let path = captures.name("path").map_or("", |path| path.as_str());
            let whole = captures.get(0)?;
            let accepted = is_host(host.as_str(), !path.is_empty()) && !follows_word(text, whole.start());
            let end = trimmed_end(text, whole.start(), whole.end());
            accepted.then(|| (Span::new(whole.start(), end), ProtectedKind::Link))
        }));
    }
    found
}

static SCHEME: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"(?i)(?:https?|ftp)://[^\s<>"«»“”]+"#).expect("the pattern is valid"));

static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[\p{L}\p{Nd}_%+][\p{L}\p{Nd}_.%+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
        .expect("the pattern is valid")
});

static BARE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?P<host>[\p{L}\p{Nd}][\p{L}\p{Nd}-]*(?:\.[\p{L}\p{Nd}-]+)*\.[A-Za-z]{2,})(?:\b|$)(?P<path>(?::[0-9]{2,5})?[/?#][^\s<>"«»“”]*)?"#,
    )
    .expect("the pattern is valid")
});

/// Whether what begins at `start` goes on from a word or an address.
fn follows_word(text: &str, start: usize) -> bool {
    let before = text[..start].chars().next_back();
    before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '@' | '.' | '-' | '/' | '#'))
}

/// The end of a link without the punctuation of the sentence around it. A closing bracket stays
/// where the link holds its opening one.
fn trimmed_end(text: &str, start: usize, end: usize) -> usize {
    let mut link = &text[start..end];
    let count = |sign: char| link.matches(sign).count();
    let mut unopened = ["()", "[]", "{}"].map(|pair| {
        let mut signs = pair.chars().map(count);
        (pair, signs.next().unwrap_or(0), signs.next().unwrap_or(0))
    });
    while let Some(last) = link.chars().next_back() {
        if let Some((_, opened, closed)) = unopened.iter_mut().find(|(pair, ..)| pair.ends_with(last)) {
            if *opened >= *closed {
                break;
            }
            *closed -= 1;
        } else if !".,;:!?…'’‘*".contains(last) {
            // A possessive: the link is the word's stem.
            match link.strip_suffix("'s").or_else(|| link.strip_suffix("’s")) {
                Some(stem) => link = stem,
                None => break,
            }
            continue;
        }
        link = &link[..link.len() - last.len_utf8()];
    }
    start + link.len()
}

/// Whether `host` is one that people write without a scheme, and not two sentences without a
/// space between them (`fini.La suite`).
fn is_host(host: &str, has_path: bool) -> bool {
    let Some((name, tld)) = host.rsplit_once('.') else {
        return false;
    };
    let is_generic = GENERIC_TLDS.contains(&tld.to_ascii_lowercase().as_str());
    let is_upper = !host.chars().any(char::is_lowercase);
    let cased_well = tld.chars().all(|c| c.is_ascii_lowercase()) || (is_upper && is_generic);
    if !cased_well {
        return false;
    }
    let is_certain = has_path || name.contains('.') || is_generic;
    let is_short = name.chars().count() < 2 && name.chars().all(char::is_uppercase);
    is_generic || COUNTRY_TLDS.contains(tld) && (is_certain || !is_short && !WORD_TLDS.contains(&tld))
}

/// Top-level domains that are no word or abbreviation after a full stop in English or French.
const GENERIC_TLDS: &[&str] = &[
    "com", "org", "net", "edu", "gov", "mil", "info", "biz", "io", "app", "dev", "tv", "eu", "social",
    "online", "site", "blog", "media", "press", "africa", "museum", "xyz", "paris", "bzh", "ngo", "coop",
    "gouv",
];

/// Country codes that are also English or French words: taken for a link only with a path or a
/// further label.
const WORD_TLDS: &[&str] = &[
    "ai", "am", "as", "at", "au", "be", "by", "do", "es", "et", "il", "in", "is", "it", "la", "ma", "me",
    "my", "ne", "no", "se", "so", "to", "us",
];

/// The country-code top-level domains in use (IANA root zone database).
static COUNTRY_TLDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz \
     ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk \
     fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir \
     is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk \
     ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl \
     pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc \
     td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw"
        .split_ascii_whitespace()
        .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found: Vec<_> = links(text)
            .into_iter()
            .map(|(span, _)| span.of(text).unwrap())
            .collect();
        assert_eq!(found, expected, "in `{text}`");
    }

    #[test]
    fn punctuation_after_a_link_is_not_part_of_it() {
        check(
            "Lire https://example.org/a?b=c#d.",
            &["https://example.org/a?b=c#d"],
        );
        check("(voir http://example.org/x_(y))", &["http://example.org/x_(y)"]);
        check("« https://example.org/é », dit-il", &["https://example.org/é"]);
        check("https://example.org/abc…", &["https://example.org/abc"]);
        check(
            "example.org's, http://example.org/a’s",
            &["http://example.org/a", "example.org"],
        );
        check("#https://example.org", &["https://example.org"]);
        check("HTTPS://EXAMPLE.ORG/A !", &["HTTPS://EXAMPLE.ORG/A"]);
        check("http://", &[]);
    }

    #[test]
    fn links_without_a_scheme_need_a_known_domain() {
        check("photo pic.twitter.com/aB3 ici", &["pic.twitter.com/aB3"]);
        check(
            "sur example.org/a, ou example.fr.",
            &["example.org/a", "example.fr"],
        );
        check("t.co/x, t.co et x.com", &["t.co/x", "t.co", "x.com"]);
        check("www.exemple.ml", &["www.exemple.ml"]);
        check("port exemple.org:8080/a", &["exemple.org:8080/a"]);
        check("EXEMPLE.COM", &["EXEMPLE.COM"]);
    }

    #[test]
    fn two_sentences_without_a_space_are_no_link() {
        check("C'est fini.La suite demain", &[]);
        check("c'est fini.la suite demain", &[]);
        check("oui.il vient. M.de La Tour", &[]);
        check("le v1.2 du prog.rust", &[]);
        check("etc... p.ex. A.B.C.", &[]);
    }

    #[test]
    fn addresses_are_found_whole() {
        check("à anne.b+x@mail.example.org.", &["anne.b+x@mail.example.org"]);
    }
}
