//! Who does a kommun's work without being asked: one at a time. Where the database is a file, whoever holds the lock on the
//! data folder; on a server, whoever has the lease, for the others may be on other machines.

use std::time::Duration;

use super::Kommun;
use crate::adapters::db::lease::Claim;
use crate::adapters::lock::{FolderLock, lock_drop};
use crate::adapters::tenure::{Keeper, Seat, Tenure};
use crate::app::kommun::server;
use crate::domain::{Fault, shown};

/// Whether this process works for the kommun.
pub(super) enum Turn {
    Ours,
    /// Another does, who calls themselves so.
    Others(String),
}

/// The right to work for one kommun, as far as this process has it.
#[derive(Default)]
pub(super) struct Office {
    lock: Option<FolderLock>,
    tenure: Option<Tenure>,
}

impl Office {
    /// Takes the work, or keeps it; what the kommun's settings say now counts. The database is guarded from then on.
    ///
    /// # Errors
    /// `Temporary`: another process has the data folder, or the database is away.
    pub async fn enter(&mut self, kommun: &mut Kommun, keeper: &Keeper) -> Result<Turn, Fault> {
        let settings = &kommun.configured.settings;
        let Some(url) = server(settings, &kommun.folder)? else {
            self.tenure = None;
            if self.lock.is_none() {
                self.lock = Some(lock_drop(&kommun.folder)?);
            }
            return Ok(Turn::Ours);
        };
        self.lock = None;
        let length = settings.lease;
        if let Some(tenure) = self.tenure.take() {
            // Had it run out unseen, it is ours all the same as long as nobody has taken it.
            if kommun.db.renew(tenure.lease(), length).await? {
                tenure.moves();
                kommun.db.guard(Some(tenure.lease())).await?;
                self.tenure = Some(tenure);
                return Ok(Turn::Ours);
            }
        }
        match kommun.db.claim(&holder(), length).await? {
            Claim::Others { holder } => Ok(Turn::Others(shown(&holder))),
            Claim::Ours(lease) => {
                kommun.db.guard(Some(&lease)).await?;
                let patience = kommun.longest_round().saturating_add(length);
                let schema = settings.database_schema.clone();
                self.tenure = Some(keeper.keep(lease, Seat { url, schema, length, patience }));
                Ok(Turn::Ours)
            }
        }
    }

    /// Where another works: how soon to ask again.
    pub fn asks_again(kommun: &Kommun) -> Duration {
        kommun.configured.settings.lease / 4
    }

    /// Lets others have the work.
    pub async fn leave(&mut self) {
        self.lock = None;
        if let Some(tenure) = self.tenure.take() {
            tenure.give_back().await;
        }
    }
}

/// This process as others are told of it.
fn holder() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = host.trim();
    let host = if host.is_empty() { "unknown host" } else { host };
    format!("{host}, process {}", std::process::id())
}
