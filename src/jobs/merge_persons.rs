//! Two registered persons are one: one id is kept, and all that is known of the other is that person's.

use super::by_hand::{ByHand, Done, record, said};
use super::named::Persons;
use super::wholly::wholly;
use crate::calendar::Day;
use crate::domain::{Fact, Fault, Merge};
use crate::ports::{Clock, Store};

/// Merges the one whom `other` means into the one whom `keep` means.
///
/// # Errors
/// `Input`: nobody or several are meant. `Refused`: they are one already, or one of them was merged into somebody.
pub async fn merge(
    store: &mut impl Store,
    clock: &impl Clock,
    by: &ByHand<'_>,
    (keep, other): (&str, &str),
    today: Day,
) -> Result<Done, Fault> {
    wholly(store, async |store| {
        let persons = Persons::load(store).await?;
        let (into, from) = (persons.find(keep, today)?, persons.find(other, today)?);
        if into == from {
            let name = persons.name(into);
            return Err(Fault::Refused(format!("both name {name}, who is registered once; there is nothing to merge")));
        }
        for person in [from, into] {
            if let Some(known) = persons.aliases.merged_into(person) {
                let (name, into) = (persons.name(person), persons.name(persons.aliases.person(known)));
                return Err(Fault::Refused(format!(
                    "{name} was merged into {into} already (`arvode changes` tells when); name {into} by the number of their own registration"
                )));
            }
        }
        let revision = said(store, Fact::Merge(Merge { from, into }), true).await?;
        let detail = format!("person {} är person {}", from.0, into.0);
        let first = store.last_fact().await? + 1;
        record(store, clock, by, ("merge", &detail), vec![revision], (first, None)).await
    })
    .await
}
