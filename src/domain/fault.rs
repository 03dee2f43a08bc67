use thiserror::Error;

/// Why a command could not do what it was asked, by what a person can do about it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// Input or settings are wrong; nothing was changed. Exit code 2.
    #[error("{0}")]
    Input(String),
    /// Something outside failed for now; try again. Exit code 3.
    #[error("{0}")]
    Temporary(String),
    /// It must not be done: attest, integrity or a duplicate forbids it. Exit code 4.
    #[error("{0}")]
    Refused(String),
}

impl Fault {
    /// The exit code that tells a script which of the three it was.
    pub fn exit_code(&self) -> u8 {
        match self {
            Fault::Input(_) => 2,
            Fault::Temporary(_) => 3,
            Fault::Refused(_) => 4,
        }
    }
}
