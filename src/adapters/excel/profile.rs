//! A kommun's own forms: how they are recognised, and what their columns and words mean.

/// What a kommun has said of its own forms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnForms {
    /// Hidden and filtered rows are held; otherwise they are read as the others, and named.
    pub holds_hidden_rows: bool,
}
