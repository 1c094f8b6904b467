//! What tests of several modules need.

use proptest::prelude::ProptestConfig;

/// A property test of `count` cases, or of as many as `PROPTEST_CASES` says: `with_cases` alone does not ask it.
pub(crate) fn cases(count: u32) -> ProptestConfig {
    let config = ProptestConfig::default();
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => config,
        None => ProptestConfig {
            cases: count,
            ..config
        },
    }
}
