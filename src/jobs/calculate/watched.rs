//! One person's last days (§ 16) beside what the ledger knows of their money.

use std::collections::BTreeSet;

use super::Calculation;
use super::known::Known;
use crate::domain::{Fault, Line, PersonId};
use crate::law::{Watched, deadlines, entitlement, waived};
use crate::ledger::{BatchName, Booked, Reversed};
use crate::money::Ore;
use crate::ports::Store;

impl Calculation<'_> {
    /// The next persons' last days; none at the end. What batches that have not been handed over carry is not paid yet.
    ///
    /// # Errors
    /// The database.
    pub async fn next_watched(
        &mut self,
        store: &mut impl Store,
        not_delivered: &BTreeSet<BatchName>,
    ) -> Result<Option<Vec<(PersonId, Watched)>>, Fault> {
        let Some(known) = self.take(store).await? else { return Ok(None) };
        Ok(Some(known.into_iter().map(|of| (of.facts.person, self.watched(of, not_delivered))).collect()))
    }

    fn watched(&self, of: Known, not_delivered: &BTreeSet<BatchName>) -> Watched {
        let Known { facts, money, .. } = of;
        let common = self.common(&self.pinned);
        let found = entitlement(&facts, &common);
        let booked = self.booked(&facts, &found.lines, &found.remarks, money).0;
        let has_left = |line: &Booked| !matches!(&line.at, Reversed::Row(row) if not_delivered.contains(&row.batch));
        let unpaid = |line: &Line| {
            // What a closed month lacks is not paid by any batch: its own remark says so.
            if waived(&facts, line).is_some() || self.closed.is_closed(line.accrued_in) {
                return Ore::ZERO;
            }
            let same = |one: &&Booked| (&one.occasion, one.kind) == (&line.occasion, line.kind);
            line.belopp - booked.iter().filter(same).filter(|one| has_left(one)).map(|one| one.belopp).sum()
        };
        deadlines(&facts, &common, &found, &unpaid)
    }
}
