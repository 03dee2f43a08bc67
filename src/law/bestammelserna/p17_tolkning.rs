//! § 17 Tolkning av bestämmelserna.
//!
//! 1. Questions of interpretation and application are decided by kommunstyrelsen: `config/regelverk/tolkningar.toml`,
//!    each reading with its first day and its decision.
//! 2. Questions in single cases are decided by kommunstyrelsens allmänna utskott: the sheet Beslut.
//!
//! A decision concerns a yrkande if it is about its person (or everybody), the meeting's day lies within the decision's
//! days, and it names no other meeting and no other kind of yrkande. It speaks of the paragraph that it names, or of all
//! if it names none (or § 17). It is about that very yrkande if it also names the meeting, or the yrkande refers to it by
//! diarienummer. Then, granted: by § 16 it lifts a day that has passed, by § 1 the class, by the yrkande's own paragraph it
//! gives particular reasons; one that names no paragraph grants the yrkande whole and stands in for evidence too. A
//! decision for a time gives particular reasons only (§ 12). Refused by its own paragraph or by § 16, nothing is paid. Of
//! several the latest counts. The program proposes; a person decides.

use crate::domain::{Beslut, Claim, Meeting, PersonId, Utfall};
use crate::law::facts::{Common, in_force};

/// What a decision that grants a yrkande whole speaks of: no paragraph by name.
const WHOLE: &str = "";

/// The paragraph of a decision about närvarorätt: of a person, it may be without end.
const NARVARORATT: &str = "§ 2";

/// What has been decided of a yrkande.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ruling<'a> {
    /// Nothing is paid.
    pub refused: Option<&'a Beslut>,
    /// The last day (§ 16) does not count.
    pub in_time: Option<&'a Beslut>,
    /// The class (§ 1) does not count.
    pub despite_class: Option<&'a Beslut>,
    /// It needs no further evidence.
    pub proven: Option<&'a Beslut>,
    /// Its own paragraph's conditions are met.
    pub granted: Option<&'a Beslut>,
    /// There are particular reasons.
    pub reasons: Option<&'a Beslut>,
}

/// Clause 2, for a yrkande.
pub fn ruling<'a>(common: &Common<'a>, claim: &Claim, meeting: &Meeting) -> Ruling<'a> {
    let own = claim.slag.paragraph();
    let refers = |beslut: &Beslut| claim.beslut.as_deref().is_some_and(|text| same_number(text, &beslut.diarienummer));
    let concerns = |beslut: &&Beslut| {
        beslut.meeting.is_none_or(|of| of == meeting.meeting)
            && beslut.slag.is_none_or(|slag| slag == claim.slag)
            && beslut.claim.is_none_or(|of| of == claim.claim)
            && in_force(beslut.from, beslut.to, meeting.day)
    };
    let all = common.decisions.about(claim.person).into_iter().map(|(beslut, _)| beslut);
    let found: Vec<&Beslut> = all.filter(concerns).collect();
    let is_about_it = |beslut: &Beslut| refers(beslut) || beslut.meeting.is_some();
    let latest_on = |paragraph: &str, must_be_about_it: bool| {
        let speaks = |beslut: &&&Beslut| {
            let named = beslut.paragraph.as_deref().map(root);
            let of_it = match named.as_deref() {
                Some("§ 17") | None => refers(beslut) || beslut.slag.is_some(),
                Some(named) => named == paragraph,
            };
            of_it && (!must_be_about_it || is_about_it(beslut))
        };
        found.iter().find(speaks).copied()
    };
    let granted = |beslut: Option<&'a Beslut>| beslut.filter(|beslut| beslut.utfall == Utfall::Bifall);
    let refused = |beslut: Option<&'a Beslut>| beslut.filter(|beslut| beslut.utfall == Utfall::Avslag);
    Ruling {
        refused: refused(latest_on(own, false)).or(refused(latest_on("§ 16", true))),
        in_time: granted(latest_on("§ 16", true)),
        despite_class: granted(latest_on("§ 1", true)),
        proven: granted(latest_on(WHOLE, true)),
        granted: granted(latest_on(own, true)),
        reasons: granted(latest_on(own, false)),
    }
}

impl<'a> Ruling<'a> {
    /// The decisions that a payment rests on, each once.
    pub fn cited(&self) -> Vec<&'a Beslut> {
        let mut all: Vec<&Beslut> = Vec::new();
        for beslut in [self.in_time, self.despite_class, self.proven, self.granted, self.reasons].into_iter().flatten()
        {
            if !all.iter().any(|known| std::ptr::eq(*known, beslut)) {
                all.push(beslut);
            }
        }
        all
    }
}

/// Clause 2, for § 2: a granted decision about a paragraph (`§ 2`, `§ 2 c`) for a person at a meeting. It names the
/// meeting or its days; a person's närvarorätt may be without either.
pub fn granted_under<'a>(
    common: &Common<'a>,
    person: PersonId,
    paragraph: &str,
    meeting: &Meeting,
) -> Option<&'a Beslut> {
    let found = common.decisions.about(person).into_iter().map(|(beslut, _)| beslut);
    let mut about_it = found.filter(|beslut| {
        let is_bounded = beslut.meeting.is_some() || beslut.from.is_some() || beslut.to.is_some();
        beslut.paragraph.as_deref() == Some(paragraph)
            && (is_bounded || (beslut.person.is_some() && paragraph == NARVARORATT))
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
