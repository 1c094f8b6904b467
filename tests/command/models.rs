//! `diglot models`.

use crate::ENGLISH;
use crate::support::{Workplace, string};

#[test]
fn models_are_listed_with_their_source_and_licence() {
    let here = Workplace::new(&[]);
    let models = here.run(&["models", "--json"]).records();
    let table = here.run(&["models"]).stdout;
    assert_eq!(table.lines().count(), models.len() + 1);
    for (role, name) in [("translate", "bundled/fr-en"), ("entities", "bundled/ner")] {
        let model = models.iter().find(|model| model["role"] == role).unwrap();
        assert_eq!(
            (string(model, "name"), string(model, "source")),
            (name, "bundled")
        );
        assert_eq!(string(model, "backend"), "engine");
        assert_eq!(string(model, "sha256").len(), 64);
        assert!(!string(model, "licence").is_empty());
        assert!(table.contains(string(model, "sha256")));
    }
}

#[cfg(not(feature = "rust-bert"))]
#[test]
fn a_backend_that_is_not_built_in_is_an_error_that_says_how_to_get_it() {
    let here = Workplace::new(&[("a.txt", ENGLISH), ("c.toml", b"backend = \"rust-bert\"\n")]);
    for arguments in [
        &["run", "a.txt", "--backend", "rust-bert"][..],
        &["entities", "--config", "c.toml"],
        &["models", "--backend", "rust-bert", "--device", "cpu"],
    ] {
        let ran = here.run(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{arguments:?}");
        for part in ["`rust-bert`", "scripts/libtorch", "--features rust-bert"] {
            assert!(ran.stderr.contains(part), "expected {part} in {}", ran.stderr);
        }
    }
}

#[test]
fn the_backend_stands_in_the_record() {
    let here = Workplace::new(&[("a.txt", ENGLISH)]);
    let records = here.run(&["run", "a.txt"]).records();
    assert_eq!(string(&records[0]["run"]["settings"], "backend"), "engine");
}
