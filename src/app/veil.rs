//! Skyddade personuppgifter: the veil over everything that a command says. `arvode disclose` alone says more.

use std::cell::RefCell;
use std::collections::HashSet;

use super::kommun::Kommun;
use crate::domain::{Fact, Fault, Person, PersonId, without_numbers};
use crate::ports::{Clock, Store};
use crate::register::{Aliases, Veil};

thread_local! {
    // One for all that is said, so that no command can forget it. One thread runs the commands.
    static VEIL: RefCell<Veil> = RefCell::default();
}

tokio::task_local! {
    // Of one kommun among several: whatever it says while the others are at work too is said behind its own.
    static APART: RefCell<Veil>;
}

/// Does a kommun's work behind a veil of its own, which nobody else draws.
pub(super) async fn apart<T>(work: impl Future<Output = T>) -> T {
    // Until it is drawn, what another drew last hides nobody of this kommun: nothing is said of persons before.
    APART.scope(RefCell::default(), work).await
}

/// Draws the veil anew over those who are protected now, by every name and number that they have had.
pub(super) async fn draw(kommun: &mut Kommun) -> Result<(), Fault> {
    let protected = protected(kommun).await?;
    let veil = if protected.is_empty() { Veil::default() } else { over(kommun, |id| protected.contains(&id)).await? };
    if APART.try_with(|drawn| drawn.replace(veil.clone())).is_err() {
        VEIL.with_borrow_mut(|drawn| *drawn = veil);
    }
    Ok(())
}

/// Two veils for one who is told all about themselves: over everybody else, and over the person, by which a text shows
/// whether it names them.
pub(super) async fn over_others(kommun: &mut Kommun, themselves: &[PersonId]) -> Result<(Veil, Veil), Fault> {
    let rows = rows(kommun).await?;
    let (own, others): (Vec<&Person>, Vec<&Person>) = rows.iter().partition(|row| themselves.contains(&row.person));
    let names = Veil::over(&own, others.iter().copied());
    Ok((Veil::over(&others, own.iter().copied()).except(&own), names))
}

async fn over(kommun: &mut Kommun, is_hidden: impl Fn(PersonId) -> bool) -> Result<Veil, Fault> {
    let rows = rows(kommun).await?;
    let (hidden, others): (Vec<&Person>, Vec<&Person>) = rows.iter().partition(|row| is_hidden(row.person));
    Ok(Veil::over(&hidden, others))
}

/// Every revision of every row of Personer.
async fn rows(kommun: &mut Kommun) -> Result<Vec<Person>, Fault> {
    let revisions = kommun.db.every_revision("person").await?;
    let row = |fact| match fact {
        Fact::Person(row) => Some(row),
        _ => None,
    };
    Ok(revisions.into_iter().filter_map(row).collect())
}

/// Everybody with a row of Personer that says so and is not over; what is known now counts, also when a command looks back.
pub(super) async fn protected(kommun: &mut Kommun) -> Result<HashSet<PersonId>, Fault> {
    let today = kommun.clock.today();
    let (mut aliases, mut found) = (Aliases::default(), HashSet::new());
    for recorded in kommun.db.facts_of_kinds(&["person", "merge"], i64::MAX).await? {
        aliases.add(&recorded.fact);
        if let Fact::Person(row) = recorded.fact
            && row.skyddad == Some(true)
            && row.to.is_none_or(|last| today <= last)
        {
            found.insert(row.person);
        }
    }
    Ok(found.into_iter().flat_map(|person| aliases.persons_of(person)).collect())
}

/// What may be said of a text.
pub(super) fn veiled(text: &str) -> String {
    let hidden = |veil: &RefCell<Veil>| veil.borrow().text(text).into_owned();
    APART.try_with(hidden).unwrap_or_else(|_| VEIL.with(hidden))
}

/// What may be said of a text in an error, where nobody's number belongs.
pub(super) fn veiled_error(text: &str) -> String {
    veiled(&without_numbers(text, crate::calendar::Day::MAX))
}
