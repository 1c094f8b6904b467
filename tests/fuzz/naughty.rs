//! Strings that break software, on every place where a document may have them.

use diglot::document::Document;
use proptest::prelude::*;
use serde_json::json;

use crate::targets::{document_of, segment};

/// Strings by what they break.
const NAUGHTY: &[&str] = &[
    // Nothing, or nearly nothing.
    "",
    " ",
    "\n",
    "\r",
    "\r\n\r\n",
    "\t\u{b}\u{c}",
    "\u{0}",
    "a\u{0}b",
    "\u{1}\u{2}\u{7}\u{8}\u{e}\u{1b}[31m\u{7f}",
    "\u{80}\u{85}\u{9b}\u{9f}",
    // White space of all widths, and what looks like it.
    "\u{a0}\u{1680}\u{2000}\u{2007}\u{202f}\u{205f}\u{3000}",
    "a\u{2028}b\u{2029}c",
    "\u{feff}au milieu\u{feff}",
    "co\u{ad}opé\u{200b}ra\u{2060}tion",
    // Characters that are none, or nobody's.
    "\u{fffd}\u{fffe}\u{ffff}\u{1fffe}\u{10ffff}",
    "\u{e000}\u{f8ff}\u{100000}",
    "\u{e0001}\u{e0065}\u{e007f}",
    // Marks on marks, and marks on nothing.
    "\u{301}\u{301}Le\u{300}\u{316}\u{317}\u{330}\u{342}\u{35c} bac",
    "e\u{301} é \u{212b} \u{1e9b}\u{323}",
    "\u{1112}\u{1161}\u{11ab} 한 각\u{11a8}",
    "क्षि நி กำ",
    // Case that changes the length.
    "İstanbul ıI ẞß ǅ ŉ ﬁﬂ ΐ ᾳ Ω",
    "STRASSE straße STRAẞE",
    // Directions.
    "\u{202e}sdrawkcab\u{202c} שלום عربي 123 \u{2066}x\u{2069}",
    "\u{200f}\u{200e}\u{061c}مرحبا Le bac 12:30",
    // Emoji in sequence.
    "👩🏽‍🚀👨‍👩‍👧‍👦🏳️‍🌈🇫🇷🇬🇧1️⃣❤️\u{fe0e}",
    "🇫🇷🇫 🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
    // Digits and letters that are others in disguise.
    "１２３ ٤٥٦ Ⅷ ② ½ 𝟗 𝔏𝔢 𝒷𝒶𝒸 ｆｕｌｌ",
    "раураl.example xn--caf-dma.example",
    // Markup and its ends.
    "<script>alert('é')</script>",
    "</seg></tuv></tu></body></tmx>",
    "<![CDATA[ ]]> ]]&gt; <!-- -- --> <?pi ?>",
    "&amp; &lt; &#0; &#x1F600; &nbsp; &unknown; &",
    "<mrk id=\"m1\" type='x'>Awa</mrk><ph/>",
    "javascript:alert(1) data:text/html;base64,PGI+",
    "\" onmouseover=\"x' --><svg/onload=x>",
    // Quoting of tables, shells and queries.
    "a,b;c\td|e\"\"f'g\\h\\n",
    "=1+1;@SUM(A1)+cmd|' /C x'!A0",
    "'; DROP TABLE documents; -- `id` $(id) ${id} %s %n %00 {{7*7}}",
    "../../../etc/passwd\\..\\C:\\con\\nul.",
    "null NULL undefined true NaN -inf 1e309 0x10 -0",
    // Brackets that never close, and quotation marks that do not match.
    "((((((((((((((((((((((((((((((((((((((((((((",
    "« “ ‘ \" ' › ‹ » ” ’ „ ‚",
    "— – ― - ‐ ‑ −",
    "... … .. . ? !? !!! ?!. ; :",
    // Posts and dates that nearly are.
    "— Awa (@awa) May 99, 20244",
    "— (@) — (@@a) – Zoé (@z",
    "- Name (@handle) Month 1, 2024 - Name (@handle) 1er mars 2024",
    "date 0000-00-00 date 9999-99-99 date",
    "@ # @@ ## #é @é_1 RT @a: # pic.twitter.com/ https:// http://[::1]/ www.",
    "https://exemple.test/é?q=«x»&y=%ZZ#😀",
    // Abbreviations, initials and numbers that end no sentence.
    "M. J.-P. S. et al. cf. p. 3. No. 5. 3,14. 1.000.000,00 U.S.A. a.m. etc.",
    "1. 2) iii. A. • ‣ * -",
    // Placeholders that a translator might use itself.
    "⟦0⟧ {0} __0__ XQ0X <0> ▁ ▁▁ </s> <pad> <unk> ##ing [CLS] [SEP] @-@",
    // Long without a place to break.
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "ааааааааааааааааааааааааааааааааааааааааааааааааааааааааааааааааааааааааааааааа",
];

/// Texts with a string in a place that a document has.
fn places(naughty: &str) -> [String; 6] {
    [
        naughty.to_owned(),
        format!("Le bac de {naughty} est en retard, et personne ne sait pourquoi. {naughty} Nous attendons."),
        format!("{naughty}\n\nThe ferry is late.\n\n{naughty}\n\nLe bac est en retard."),
        format!("Nous attendons {naughty} — {naughty} (@{naughty}) 4 mars 2025"),
        format!("Il a dit : « {naughty} Nous ne savons rien. » Puis “{naughty}” encore."),
        format!("date {naughty} The harbour\n\n{naughty}Nous attendons la mairie depuis lundi{naughty}"),
    ]
}

#[test]
fn each_goes_all_the_way_in_every_place() {
    for naughty in NAUGHTY {
        for text in places(naughty) {
            let mut document = Document::new(*naughty, text);
            document.path = Some((*naughty).to_owned());
            document.meta = json!({*naughty: naughty, "list": [naughty, null, 1.50]})
                .as_object()
                .cloned();
            document_of(document);
        }
    }
}

proptest! {
    #![proptest_config(crate::testing::cases(128))]

    #[test]
    fn some_together_go_all_the_way(
        parts in prop::collection::vec((prop::sample::select(NAUGHTY), "[ .\n«]{0,2}|Le bac attend\\. "), 1..8),
    ) {
        let text: String = parts.iter().flat_map(|(naughty, between)| [*naughty, between]).collect();
        segment(&text);
        document_of(Document::new("a", text));
    }
}
