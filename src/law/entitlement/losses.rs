//! §§ 3 and 6: lost income, claims in their order of arrival.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{Finding, Rights, Says, place_text};
use crate::calendar::{Clock, Day, Minutes};
use crate::domain::{Claim, ClaimKind, LineKind, Meeting, MeetingId, Occasion, Provenance, RemarkKind, State, Step};
use crate::law::bestammelserna::p02_sammantraden::span;
use crate::law::bestammelserna::p03_forlorad_arbetsinkomst::{self as p03, Loss};
use crate::law::bestammelserna::p17_tolkning::{self as p17, Ruling};
use crate::law::bestammelserna::{
    bilaga_loneavdrag, p01_vilka_som_omfattas as p01, p06_sarskilda_arbetsforhallanden as p06, p16_sista_dag as p16,
};
use crate::money::Ore;

/// What § 3 gave.
#[derive(Default)]
pub(super) struct Lost {
    /// Time that was paid for.
    pub used: p03::Used,
    /// Amounts by meeting.
    pub by_meeting: BTreeMap<MeetingId, Ore>,
}

struct LossClaim<'a> {
    order: (Day, i64),
    occasion: Occasion,
    meeting: &'a Meeting,
    source: &'a Provenance,
    /// The row of Yrkanden; none for an amount in an attendance list.
    claim: Option<&'a Claim>,
    is_late: bool,
    belopp: Option<Ore>,
    tid: Option<(Clock, Clock)>,
    timmar: Option<Decimal>,
    extra_minutes: i64,
    styrkt: bool,
}

impl<'a> Finding<'a> {
    /// § 3: claims of the sheet Yrkanden and amounts in attendance lists, in their order of arrival.
    pub(super) fn losses(&mut self, rights: &Rights<'a>) -> Lost {
        let mut claims = self.loss_claims();
        claims.sort_by(|one, other| (one.order, &one.occasion).cmp(&(other.order, &other.occasion)));
        let (mut lost, mut attended) = (Lost::default(), Minutes::default());
        rights.values().flatten().for_each(|entitled| attended.add(&entitled.compensated));
        for claim in claims {
            self.loss(rights, &attended, claim, &mut lost);
        }
        lost
    }

    fn loss_claims(&self) -> Vec<LossClaim<'a>> {
        let mut claims: Vec<LossClaim<'a>> = Vec::new();
        for claimed in self.claims_of(&[ClaimKind::ForloradArbetsinkomst]) {
            let claim = &claimed.claim;
            claims.push(LossClaim {
                order: (claim.inkom, claim.claim.0),
                occasion: Occasion::Claim(claim.claim),
                meeting: &claimed.meeting,
                source: &claimed.source,
                claim: Some(claim),
                is_late: p16::is_late(self.occasional(claimed.meeting.day), claim, claimed.meeting.day),
                belopp: claim.belopp,
                tid: claim.tid,
                timmar: claim.timmar,
                extra_minutes: p06::extra_minutes(claim),
                styrkt: claim.styrkt == Some(true),
            });
        }
        for attended in &self.facts.attended {
            let (attendance, meeting) = (&attended.attendance, &attended.meeting);
            let Some(belopp) = attendance.forlorad.filter(|_| attendance.inkom <= self.common.claims_until) else {
                continue;
            };
            let last = p16::last_day(self.occasional(meeting.day), ClaimKind::ForloradArbetsinkomst, meeting.day);
            claims.push(LossClaim {
                order: (attendance.inkom, i64::MAX),
                occasion: Occasion::Meeting(meeting.meeting),
                meeting,
                source: &attended.source,
                claim: None,
                is_late: !attendance.inkom_default && last.is_some_and(|last| attendance.inkom > last),
                belopp: Some(belopp),
                tid: None,
                timmar: None,
                extra_minutes: 0,
                styrkt: false,
            });
        }
        claims
    }

    fn loss(&mut self, rights: &Rights<'a>, attended: &Minutes, claim: LossClaim<'a>, lost: &mut Lost) {
        let (day, rules) = (claim.meeting.day, self.occasional(claim.meeting.day));
        let worth = claim.belopp;
        let hold = |found: &mut Self, reason: String, proposed: &str, paragraph| {
            let says = Says { reason, paragraph, proposed: proposed.to_owned(), worth };
            found.remark(RemarkKind::Claim, State::Held, day, claim.source, says);
        };
        let ruling = claim.claim.map_or(Ruling::default(), |asked| p17::ruling(self.common, asked, claim.meeting));
        if let Some(beslut) = ruling.refused {
            return self.refused(beslut, day, claim.source, worth);
        }
        let loneavdrag = bilaga_loneavdrag::covers(self.facts, rules, claim.meeting);
        if p01::is_in_class(self.facts, rules, day) && !loneavdrag && ruling.despite_class.is_none() {
            let reason = "hör till klassen i § 1, som inte har rätt till förlorad arbetsinkomst".to_owned();
            return hold(self, reason, "avslag enligt § 1", "§ 1");
        }
        if claim.is_late && ruling.in_time.is_none() {
            return self.late(day, ClaimKind::ForloradArbetsinkomst, claim.source, worth);
        }
        let presence = match rights.get(&claim.meeting.meeting) {
            Some(Ok(entitled)) => &entitled.compensated,
            Some(Err(none)) => return hold(self, none.reason.clone(), &none.proposed("avslag enligt § 2"), "§ 2"),
            None => {
                let reason = "personen finns inte på mötets närvarolista".to_owned();
                return hold(self, reason, "komplettera närvarolistan, eller avslag enligt § 2", "§ 2");
            }
        };
        if let Some((wrong, instead)) = claim.tid.and_then(|(from, to)| span(day, from, to).err()) {
            return hold(self, wrong, &instead, "§ 3");
        }
        if claim.claim.is_some_and(p06::lacks_reason) {
            let reason = "särskild ledighet utan motivering räknas inte (§ 6)".to_owned();
            let proposed = "skriv skälet i kolumnen Motivering".to_owned();
            let says = Says { reason, paragraph: "§ 6", proposed, worth: None };
            self.remark(RemarkKind::Claim, State::Noted, day, claim.source, says);
        }
        let (tid, timmar, extra_minutes, belopp) = (claim.tid, claim.timmar, claim.extra_minutes, claim.belopp);
        let styrkt = claim.styrkt || ruling.proven.is_some();
        let in_list = matches!(claim.occasion, Occasion::Meeting(_));
        let explain = self.common.explain;
        let loss = Loss { day, belopp, tid, timmar, extra_minutes, styrkt, presence, attended, in_list, explain };
        let granted = match p03::grant(self.facts, rules, &loss, &mut lost.used) {
            Ok(granted) => granted,
            Err((reason, proposed)) => return hold(self, reason, proposed, "§ 3"),
        };
        for note in granted.notes {
            let state = if note.held { State::Held } else { State::Noted };
            let proposed = if note.held { "begär underlag för resten".to_owned() } else { String::new() };
            let says = Says { reason: note.reason, paragraph: "§ 3", proposed, worth: Some(note.worth) };
            self.remark(RemarkKind::Claim, state, day, claim.source, says);
        }
        if granted.belopp == Ore::ZERO {
            return;
        }
        *lost.by_meeting.entry(claim.meeting.meeting).or_default() += granted.belopp;
        let steps = self.common.steps(|| {
            let text = format!("yrkande om {} {day}", claim.meeting.organ);
            let mut steps = vec![Step { text, basis: place_text(claim.source) }];
            if loneavdrag {
                let text = "löneavdrag vid överläggning: ersätts fast § 1 annars utesluter".to_owned();
                steps.push(Step { text, basis: "villkorsbilagan".to_owned() });
            }
            steps.extend(ruling.cited().into_iter().map(granted_step));
            steps.extend(granted.steps);
            steps
        });
        let units = (granted.antal, granted.apris, granted.belopp);
        let kind =
            if granted.is_schablon { LineKind::ForloradArbetsinkomstSchablon } else { LineKind::ForloradArbetsinkomst };
        let line = self.line(claim.occasion, kind, day, &claim.meeting.organ, units, steps);
        self.push(line);
    }
}

/// The step that cites a decision.
pub(super) fn granted_step(beslut: &crate::domain::Beslut) -> Step {
    Step { text: "beviljat genom beslut i det enskilda fallet".to_owned(), basis: p17::cited(beslut) }
}
