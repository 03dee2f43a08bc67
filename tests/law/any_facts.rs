//! What holds for any facts.
