//! § 17 Tolkning av bestämmelserna.
//!
//! 1. Questions of interpretation and application are decided by kommunstyrelsen: `config/regelverk/tolkningar.toml`,
//!    each reading with its first day and its decision.
//! 2. Questions in single cases are decided by kommunstyrelsens allmänna utskott: the sheet Beslut.
//!
//! A decision concerns a yrkande if it is about its person (or everybody), its meeting's day lies within the decision's
//! days, nothing that the decision names is another than the yrkande's, and it names the kind of yrkande or its
//! paragraph, or the yrkande itself refers to it by diarienummer. If it also names the meeting, or is referred to, it is
//! a decision about that very yrkande: granted, it stands in for evidence, for a day that has passed, for the § 1 class
//! and for particular reasons; refused, nothing is paid. A decision for a time gives particular reasons only. The latest
//! decision counts. The program proposes; a person decides.

use crate::domain::{Beslut, Claim, Meeting, Utfall};
use crate::law::facts::{Common, in_force};

/// What has been decided of a yrkande.
#[derive(Clone, Copy, Debug)]
pub enum Ruling<'a> {
    /// Nothing.
    None,
    /// Particular reasons for a time.
    Reasons(&'a Beslut),
    /// Granted itself.
    Granted(&'a Beslut),
    /// Refused.
    Refused(&'a Beslut),
}

impl<'a> Ruling<'a> {
    /// The decision that grants the very claim.
    pub fn granted(self) -> Option<&'a Beslut> {
        match self {
            Ruling::Granted(beslut) => Some(beslut),
            _ => None,
        }
    }

    /// The decision that gives particular reasons.
    pub fn reasons(self) -> Option<&'a Beslut> {
        match self {
            Ruling::Granted(beslut) | Ruling::Reasons(beslut) => Some(beslut),
            _ => None,
        }
    }
}

/// Clause 2, for a yrkande.
pub fn ruling<'a>(common: &Common<'a>, claim: &Claim, meeting: &Meeting) -> Ruling<'a> {
    for (beslut, _) in common.decisions.about(claim.person) {
        let is_referred_to = claim.beslut.as_deref().is_some_and(|number| same_number(number, &beslut.diarienummer));
        let of_kind = beslut.slag == Some(claim.slag)
            || beslut.paragraph.as_deref().is_some_and(|named| root(named) == claim.slag.paragraph());
        let names_other = beslut.slag.is_some_and(|slag| slag != claim.slag)
            || beslut.meeting.is_some_and(|of| of != meeting.meeting)
            || !in_force(beslut.from, beslut.to, meeting.day);
        if names_other || !(is_referred_to || of_kind) {
            continue;
        }
        let is_about_it = is_referred_to || beslut.meeting.is_some();
        match (beslut.utfall, is_about_it) {
            (Utfall::Bifall, true) => return Ruling::Granted(beslut),
            (Utfall::Bifall, false) => return Ruling::Reasons(beslut),
            (Utfall::Avslag, _) => return Ruling::Refused(beslut),
            _ => {}
        }
    }
    Ruling::None
}

/// Clause 2, for § 2: a granted decision about a paragraph (`§ 2`, `§ 2 c`) for a person at a meeting.
pub fn granted_under<'a>(
    common: &Common<'a>,
    person: crate::domain::PersonId,
    paragraph: &str,
    meeting: &Meeting,
) -> Option<&'a Beslut> {
    let found = common.decisions.about(person).into_iter().map(|(beslut, _)| beslut);
    let mut about_it = found.filter(|beslut| {
        beslut.paragraph.as_deref() == Some(paragraph)
            && beslut.meeting.is_none_or(|of| of == meeting.meeting)
            && in_force(beslut.from, beslut.to, meeting.day)
    });
    about_it.next().filter(|beslut| beslut.utfall == Utfall::Bifall)
}

/// A decision as an explanation cites it.
pub fn cited(beslut: &Beslut) -> String {
    let who = beslut.organ.as_ref().map(|organ| format!("{organ} ")).unwrap_or_default();
    format!("§ 17: {who}{} {} {}", beslut.day, beslut.diarienummer, beslut.innebord)
}


/// `§ 2` of `§ 2 c`.
fn root(paragraph: &str) -> String {
    paragraph.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}

fn same_number(one: &str, other: &str) -> bool {
    crate::domain::folded(one) == crate::domain::folded(other)
}
