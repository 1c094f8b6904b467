//! `diglot models`.

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
        assert_eq!(string(model, "sha256").len(), 64);
        assert!(!string(model, "licence").is_empty());
        assert!(table.contains(string(model, "sha256")));
    }
}
