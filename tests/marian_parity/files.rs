//! Making whole models of the fixtures, which share SentencePiece models.

use std::collections::BTreeMap;
use std::path::Path;

/// Puts a whole model into a directory.
pub fn copy(name: &str, to: &Path) {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let from = fixtures.join("marian").join(name);
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(&from).unwrap() {
        let file = entry.unwrap().file_name();
        if !["pieces.json", "expected.json"]
            .iter()
            .any(|other| file == *other)
        {
            std::fs::copy(from.join(&file), to.join(&file)).unwrap();
        }
    }
    let pieces = std::fs::read(from.join("pieces.json")).unwrap();
    let pieces: BTreeMap<String, String> = serde_json::from_slice(&pieces).unwrap();
    for (side, spm) in pieces {
        let spm = fixtures.join(format!("engine/spm/{spm}.spm"));
        std::fs::copy(spm, to.join(format!("{side}.spm"))).unwrap();
    }
}
