//! What all pages share: the head with its policy, style and script.

use sha2::{Digest, Sha256};

use super::markup::Html;

/// The style of all pages.
const STYLE: &str = include_str!("assets/page.css");

/// Writes everything up to and with `<body>`.
///
/// The policy lets the page load nothing and run nothing but `script`, named by its hash: a text that
/// became markup all the same could not run either.
pub fn head(html: &mut Html, title: &str, script: &'static str) {
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; img-src data:; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(script)
    );
    html.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    html.tag("meta")
        .with("http-equiv", "Content-Security-Policy")
        .with("content", &policy)
        .open();
    html.raw("\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.raw("<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"color-scheme\" content=\"light dark\">\n");
    html.raw("<link rel=\"icon\" href=\"data:,\">\n");
    html.element("title", "", title);
    html.raw("\n<style>");
    html.raw(STYLE);
    html.raw("</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n");
}

/// Writes everything after the content of `<body>`.
pub fn tail(html: &mut Html, script: &'static str) {
    html.raw("<script>");
    html.raw(script);
    html.raw("</script>\n</body>\n</html>\n");
}

fn hash(inline: &str) -> String {
    format!("sha256-{}", base64(&Sha256::digest(inline.as_bytes())))
}

/// Base64 with padding, as policies want it.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut written = String::new();
    for group in bytes.chunks(3) {
        let value = group
            .iter()
            .chain([0, 0].iter())
            .take(3)
            .fold(0_usize, |value, &byte| value << 8 | usize::from(byte));
        for digit in 0..4 {
            let shown = digit <= group.len();
            let at = value >> (18 - 6 * digit) & 63;
            written.push(if shown { char::from(DIGITS[at]) } else { '=' });
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        // RFC 4648, section 10.
        for (bytes, expected) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), expected);
        }
    }

    #[test]
    fn style_and_scripts_cannot_end_their_element_early() {
        for inline in [STYLE, super::super::page::SCRIPT, super::super::index::SCRIPT] {
            assert!(!inline.to_lowercase().contains("</"));
        }
    }
}
