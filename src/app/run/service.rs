//! What the service manager is told: ready, alive, stopping.

use crate::domain::Fault;

/// The service manager, where one started the program.
pub(super) struct Service;

impl Service {
    pub fn start() -> Result<Service, Fault> {
        Ok(Service)
    }

    /// All is open that must be.
    pub fn ready(&self) {}

    /// A round has been done: the program is not stuck.
    pub fn alive(&self) {}

    /// It was told to stop.
    pub fn stopping(&self) {}
}
