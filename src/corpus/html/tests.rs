use super::*;
use crate::document::SegmentKind;
use crate::segment::{ArticleSegmenter, Segmenter};

const ARTICLE: &str = r#"<!DOCTYPE html><html lang="en"><head><title>Ferry returns to Brenholt | The Sound</title>
<meta property="og:title" content="Ferry returns to Brenholt"><meta property="og:site_name" content="The Sound">
<meta property="article:published_time" content="2024-03-02T08:00:00Z">
<style>p { color: red }</style><script>var secret = "script text";</script></head><body>
<nav><a href="/">Home</a> <a href="/news">All the news</a></nav>
<div class="sidebar"><ul><li><a href="/x">Most read stories of the week</a></li></ul></div>
<article><h1>Ferry returns to Brenholt</h1>
<p>The ferry to Brenholt sails again after eleven weeks in dock, the harbour master said on Saturday,
and the first crossing was full before the sun had risen over the breakwater.</p>
<p>Passengers queued for hours, some with bicycles, some with crates of fish, and nearly all of them with
stories of the weeks in which the only way across was a rowing boat&nbsp;&mdash; &laquo;&nbsp;une honte&nbsp;&raquo;, said one.</p>
<div class="social-embed"><blockquote class="twitter-tweet" data-lang="en"><p lang="fr" dir="ltr">Le bac est de retour
&amp; c’est la fête ! <a href="https://t.co/a">#Brenholt</a> <a href="https://t.co/b">pic.twitter.com/Ab12</a></p>&mdash; Awa N. (@awa_n)
<a href="https://twitter.com/awa_n/status/1">March 2, 2024</a></blockquote>
<script async src="https://platform.twitter.com/widgets.js"></script></div>
<p>The council has promised that the boat will be looked after better than before, with an engineer on board
at all times, and with a second vessel that is to be bought in the course of next year.</p>
</article><footer>All rights reserved by The Sound</footer></body></html>"#;

#[test]
fn the_article_comes_out_in_paragraphs_with_title_and_posts() {
    let page = page(ARTICLE);
    let paragraphs: Vec<&str> = page.text.split("\n\n").collect();
    assert_eq!(paragraphs.len(), 5, "{paragraphs:#?}");
    assert_eq!(paragraphs[0], "Ferry returns to Brenholt");
    assert!(paragraphs[1].ends_with(
        "said on Saturday, and the first crossing was full before the sun had risen over the breakwater."
    ));
    assert!(paragraphs[2].contains("boat\u{a0}— «\u{a0}une honte\u{a0}», said one."));
    assert_eq!(
        paragraphs[3],
        "Le bac est de retour & c’est la fête ! #Brenholt pic.twitter.com/Ab12 — Awa N. (@awa_n) March 2, 2024"
    );
    for noise in ["secret", "color", "Home", "Most read", "rights reserved"] {
        assert!(!page.text.contains(noise), "{noise} in {}", page.text);
    }
    assert_eq!(page.meta["published"], "2024-03-02T08:00:00Z");
    assert_eq!(page.meta["site"], "The Sound");
    assert_eq!(page.meta["language"], "en");
}

#[test]
fn the_segmenter_finds_the_posts_of_a_page() {
    let text = page(ARTICLE).text;
    let kinds: Vec<SegmentKind> = ArticleSegmenter
        .segment(&text)
        .iter()
        .filter(|piece| piece.parent.is_none())
        .map(|piece| piece.kind)
        .collect();
    use SegmentKind::{Paragraph, Post, Title};
    assert_eq!(kinds, [Title, Paragraph, Paragraph, Post, Paragraph], "{text}");
}

#[test]
fn a_post_of_several_lines_is_one_post() {
    let html = "<blockquote class='twitter-tweet'><p>Un.<br><br>Deux !</p>— Jo (@jo) <a>March 2, 2024</a></blockquote>";
    let text = page(html).text;
    assert_eq!(text, "Un.\nDeux !\n— Jo (@jo) March 2, 2024");
    assert_eq!(ArticleSegmenter.segment(&text)[0].kind, SegmentKind::Post);
    assert_eq!(
        ArticleSegmenter.segment(&text)[0].span.of(&text),
        Some(text.as_str())
    );
}

#[test]
fn a_page_without_an_article_gives_all_its_text() {
    let check = |html: &str, expected: &str| assert_eq!(page(html).text, expected, "{html}");
    check("<p>Un <b>mot</b>.</p>", "Un mot.");
    check("a<br>b<br><br>c<div>d</div>e", "a\nb\n\nc\n\nd\n\ne");
    check("<ul><li>un<li>deux</ul>", "un\n\ndeux");
    check("<table><tr><td>a<td>b<tr><td>c</table>", "a b\n\nc");
    check("<p>Il dit : <q>Non</q>.", "Il dit : “Non”.");
    check("<pre>a\n  b\n\nc</pre>", "a\nb\n\nc");
    check("<p>a<script>b()</script><style>c{}</style>&lt;d&gt;", "a<d>");
    check("plain text", "plain text");
    check("", "");
    check("<html><body><script>x</script></body></html>", "");
}

#[test]
fn deep_and_broken_pages_end() {
    assert_eq!(page(&format!("{}x", "<div>".repeat(5_000))).text, "x");
    assert_eq!(page(&format!("{}x", "<b><p>".repeat(300))).text, "x");
    assert_eq!(page("<a <b </ x=' <p>text").text, "");
}

#[test]
fn the_declared_encoding_is_found() {
    let check = |html: &str, expected: Option<&str>| {
        let found = declared_encoding(html.as_bytes()).map(Encoding::name);
        assert_eq!(found, expected, "{html}");
    };
    check("<meta charset=\"ISO-8859-15\">", Some("iso-8859-15"));
    check("<meta charset=koi8-r/>", Some("koi8-r"));
    check(
        "<META http-equiv='Content-Type' content='text/html; Charset = latin1'>",
        Some("windows-1252"),
    );
    check("<meta charset='nonsense'>", None);
    check("<p>charset", None);
    check(&format!("{}<meta charset=gbk>", " ".repeat(1024)), None);
}

proptest::proptest! {
    #![proptest_config(crate::testing::cases(64))]
    #[test]
    fn any_markup_gives_text_without_blank_ends(html in "(<(p|div|blockquote class=twitter-tweet|br|table|td|pre|a|/p|/div|script|/script)>|[ a-zé&;\n]{0,5}){0,30}") {
        let text = page(&html).text;
        proptest::prop_assert_eq!(text.trim_matches([' ', '\n']), text.as_str());
    }
}
