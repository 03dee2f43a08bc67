//! Everybody's lines under several sets of rules in one pass: what a change of levels costs.

use super::known::Known;
use super::{Calculation, PinnedRules};
use crate::calendar::Month;
use crate::domain::{Fault, Line, PersonId, Uppdrag};
use crate::law::{entitlement, waived};
use crate::ports::Store;
use crate::regelverk::{Loaded, Regelverk};

/// One person's lines, but those that the person waives.
#[derive(Clone, Debug)]
pub struct UnderRules {
    /// Who.
    pub person: PersonId,
    /// What the person holds or held.
    pub uppdrag: Vec<Uppdrag>,
    /// By the question's own rules, which are those that paid the months that are booked.
    pub own: Vec<Line>,
    /// By each of the others, in their order.
    pub others: Vec<Vec<Line>>,
}

impl Calculation<'_> {
    /// Other rules from a month on, and what was pinned before it; from ever, where no month is given.
    ///
    /// # Errors
    /// The database.
    pub async fn rules_from(
        &self,
        store: &mut impl Store,
        rules: Regelverk,
        from: Option<Month>,
    ) -> Result<PinnedRules, Fault> {
        let pins = match from {
            Some(_) => store.pins(self.question.pins_up_to).await?,
            None => Vec::new(),
        };
        let loaded = Loaded { regelverk: rules, ..self.loaded.clone() };
        PinnedRules::new(&loaded, &pins, from)
    }

    /// The next persons' lines by the question's rules and by others; none at the end.
    ///
    /// # Errors
    /// The database.
    pub async fn next_under(
        &mut self,
        store: &mut impl Store,
        others: &[PinnedRules],
    ) -> Result<Option<Vec<UnderRules>>, Fault> {
        let Some(known) = self.take(store).await? else { return Ok(None) };
        Ok(Some(known.into_iter().map(|of| self.under(&of, others)).collect()))
    }

    fn under(&self, of: &Known, others: &[PinnedRules]) -> UnderRules {
        let facts = &of.facts;
        let lines = |rules: &PinnedRules| {
            let mut lines = entitlement(facts, &self.common(rules)).lines;
            lines.retain(|line| waived(facts, line).is_none());
            lines
        };
        UnderRules {
            person: facts.person,
            uppdrag: facts.uppdrag.iter().map(|(uppdrag, _)| uppdrag.clone()).collect(),
            own: lines(&self.pinned),
            others: others.iter().map(lines).collect(),
        }
    }
}
