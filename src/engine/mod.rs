//! Transformer inference in pure Rust: Marian translation models and the BERT family for tagging.
