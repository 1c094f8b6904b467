//! File names for pages, safe and unique whatever the documents' ids.

use crate::provenance::sha256;

/// Characters of the id that a name keeps: with the rest it stays under the 143 bytes that the strictest
/// common file system (eCryptfs) allows.
const KEPT: usize = 60;

/// The file name of the page of the document `id`: a readable part, then 16 hexadecimal digits of the
/// id's SHA-256, so that different ids have different names also where file systems ignore case or fold
/// Unicode forms, and in different shards.
///
/// ```
/// use diglot::format::page_name;
///
/// assert_eq!(page_name("news/Night market.txt"), "news-night-market.txt-bf6afdc23f56f44e.html");
/// assert!(page_name("../../etc/passwd").starts_with("etc-passwd-"));
/// ```
pub fn page_name(id: &str) -> String {
    let hash = sha256(id.as_bytes());
    let digits = hash.get(..16).unwrap_or(&hash);
    match readable(id).as_str() {
        "" => format!("document-{digits}.html"),
        name => format!("{name}-{digits}.html"),
    }
}

/// Lower-case ASCII letters, digits and single dots of the id, anything else as a hyphen. The end is the part that tells
/// documents of one folder apart.
fn readable(id: &str) -> String {
    let mut name = String::new();
    for character in id.chars() {
        let character = character.to_ascii_lowercase();
        let kept = match character {
            'a'..='z' | '0'..='9' | '_' => character,
            '.' if !name.is_empty() && !name.ends_with(['.', '-']) => '.',
            _ if name.is_empty() || name.ends_with(['.', '-']) => continue,
            _ => '-',
        };
        name.push(kept);
    }
    let from = name.len().saturating_sub(KEPT);
    name[from..].trim_matches(['.', '-', '_']).to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(id: &str, expected: &str) {
        let name = page_name(id);
        let readable = name.strip_suffix(".html").unwrap().rsplit_once('-').unwrap().0;
        assert_eq!(readable, expected, "{id:?}");
    }

    #[test]
    fn names_stay_readable() {
        check("night-market.txt", "night-market.txt");
        check("a/b/C d.txt", "a-b-c-d.txt");
        check("../../etc/passwd", "etc-passwd");
        check("..", "document");
        check("", "document");
        check("日本語", "document");
        check("file.jsonl:7", "file.jsonl-7");
        check("CON", "con");
        check("été.txt", "t-.txt".trim_matches('-').replace("-.", "-").as_str());
        check(&"x".repeat(5000), &"x".repeat(KEPT));
    }

    #[test]
    fn names_are_unique_also_where_case_and_unicode_forms_do_not_count() {
        let ids = [
            "a", "A", "a/", "/a", "a.", "é", "e\u{301}", "É", "a b", "a-b", "a\u{0}b",
        ];
        let names: HashSet<String> = ids.iter().map(|id| page_name(id).to_lowercase()).collect();
        assert_eq!(names.len(), ids.len(), "{names:?}");
    }

    proptest! {
        #[test]
        fn names_are_safe_for_any_id(id in any::<String>()) {
            let name = page_name(&id);
            prop_assert!(name.len() <= 100);
            prop_assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c)));
            prop_assert!(!name.contains("..") && !name.starts_with(['.', '-']));
            prop_assert!(name.ends_with(".html") && name != "index.html");
        }
    }
}
