//! §§ 4, 5 and 12-15: lost benefits and costs. Each claim passes the same gates before its own paragraph is asked.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::losses::{Lost, granted_step};
use super::{Entitled, Finding, Rights, Says, place_text};
use crate::calendar::Day;
use crate::domain::{Beslut, ClaimKind, LineKind, MeetingId, Occasion, Provenance, RemarkKind, State, Step};
use crate::law::bestammelserna::p02_sammantraden::span;
use crate::law::bestammelserna::p17_tolkning::{self as p17, Ruling};
use crate::law::bestammelserna::{
    p01_vilka_som_omfattas as p01, p04_forlorad_pensionsforman as p04, p05_forlorad_semesterforman as p05,
    p12_barntillsyn as p12, p13_vard_av_annan as p13, p14_egna_kostnader as p14, p15_ovriga_kostnader as p15,
    p16_sista_dag as p16,
};
use crate::law::facts::Claimed;
use crate::money::{Ore, swedish};

/// What caps have let through so far.
#[derive(Default)]
struct Used {
    pension: p04::Used,
    semester: p05::Used,
    /// Whose schablon is paid: it is a percentage of all that § 3 gave for the meeting.
    by_schablon: BTreeSet<(ClaimKind, MeetingId)>,
    vard: p13::Used,
    funktionshindrad: p14::Used,
}

/// Why a claim waits: what is wrong, what to do.
type Hold = (String, String);

/// A claim that has passed the gates.
struct Open<'a, 'r> {
    claimed: &'a Claimed,
    entitled: &'r Entitled<'a>,
    ruling: Ruling<'a>,
}

/// An amount, how it came about, and what a rule took.
struct Amount {
    belopp: Ore,
    steps: Vec<Step>,
    cuts: Vec<(Ore, String)>,
}

impl<'a> Finding<'a> {
    /// §§ 4, 5, 12-15, claims in their order of arrival.
    pub(super) fn costs(&mut self, rights: &Rights<'a>, lost: &Lost) {
        let kinds = [
            ClaimKind::Pensionsforman,
            ClaimKind::Semesterforman,
            ClaimKind::Barntillsyn,
            ClaimKind::Vard,
            ClaimKind::Funktionshindrad,
            ClaimKind::Ovrigt,
        ];
        let mut claims = self.claims_of(&kinds);
        claims.sort_by_key(|claimed| (claimed.claim.inkom, claimed.claim.claim));
        let mut used = Used::default();
        for claimed in claims {
            let Some(ruling) = self.opened(rights, claimed) else { continue };
            let Some(Ok(entitled)) = rights.get(&claimed.meeting.meeting) else { continue };
            let open = Open { claimed, entitled, ruling };
            match self.amount(&open, lost, &mut used) {
                Ok(amount) => self.cost_line(&open, amount),
                Err((reason, proposed)) => self.hold_claim(claimed, claimed.claim.slag.paragraph(), reason, proposed),
            }
        }
    }

    /// The gates that are the same for every claim: decided, in time, and the meeting gives a right.
    pub(super) fn opened(&mut self, rights: &Rights<'a>, claimed: &'a Claimed) -> Option<Ruling<'a>> {
        let (claim, meeting) = (&claimed.claim, &claimed.meeting);
        let rules = self.occasional(meeting.day);
        let ruling = p17::ruling(self.common, claim, meeting);
        if let Some(beslut) = ruling.refused {
            self.refused(beslut, meeting.day, &claimed.source, claim.belopp);
            return None;
        }
        let is_benefit = matches!(claim.slag, ClaimKind::Pensionsforman | ClaimKind::Semesterforman);
        if is_benefit && p01::is_in_class(self.facts, rules, meeting.day) && ruling.despite_class.is_none() {
            let reason = format!("hör till klassen i § 1, som inte har rätt till {}", claim.slag.word());
            self.hold_claim(claimed, "§ 1", reason, "avslag enligt § 1".to_owned());
            return None;
        }
        if p16::is_late(rules, claim, meeting.day) && ruling.in_time.is_none() {
            self.late(p16::counted_from(claim, meeting.day), claim.slag, &claimed.source, claim.belopp);
            return None;
        }
        match rights.get(&meeting.meeting) {
            Some(Ok(_)) => Some(ruling),
            Some(Err(none)) => {
                let proposed = none.proposed("avslag enligt § 2");
                self.hold_claim(claimed, "§ 2", none.reason.clone(), proposed);
                None
            }
            None => {
                let reason = "personen finns inte på mötets närvarolista".to_owned();
                let proposed = "komplettera närvarolistan, eller avslag enligt § 2".to_owned();
                self.hold_claim(claimed, "§ 2", reason, proposed);
                None
            }
        }
    }

    fn amount(&self, open: &Open<'a, '_>, lost: &Lost, used: &mut Used) -> Result<Amount, Hold> {
        let (claim, meeting) = (&open.claimed.claim, &open.claimed.meeting);
        let (day, rules) = (meeting.day, self.occasional(meeting.day));
        let granted = open.ruling.granted;
        if claim.styrkt != Some(true) && open.ruling.proven.is_none() {
            let reason = format!("yrkandet om {} är inte styrkt", claim.slag.word());
            return Err((reason, "begär underlag, eller avslag enligt § 16".to_owned()));
        }
        let refusal = |reason: String| (reason, format!("avslag enligt {}", claim.slag.paragraph()));
        let mend = |reason: String| (reason, "rätta bilagan i config/regelverk".to_owned());
        let asked = || {
            let wanted = claim.belopp.filter(|belopp| *belopp > Ore::ZERO);
            wanted.ok_or(("beloppet saknas".to_owned(), "skriv kostnaden i kolumnen Belopp".to_owned()))
        };
        let capped = |capped: p14::Capped| Amount {
            belopp: capped.belopp,
            steps: capped.steps,
            cuts: capped.cut.into_iter().collect(),
        };
        match claim.slag {
            ClaimKind::Pensionsforman | ClaimKind::Semesterforman => {
                let lost_income = lost.by_meeting.get(&meeting.meeting).copied();
                let is_schablon = claim.belopp.is_none();
                let of_meeting = (claim.slag, meeting.meeting);
                if is_schablon && used.by_schablon.contains(&of_meeting) {
                    return Err(refusal(format!("schablonen för mötets {} är redan ersatt", claim.slag.word())));
                }
                let counted = p16::counted_from(claim, day);
                let loss = p05::Loss { day, counted, belopp: claim.belopp, lost_income };
                let found = if claim.slag == ClaimKind::Pensionsforman {
                    p04::grant(self.facts, rules, &loss, &mut used.pension)
                } else {
                    p05::grant(self.facts, rules, &loss, &mut used.semester)
                };
                let write = "skriv beloppet, eller komplettera yrkandet om förlorad arbetsinkomst".to_owned();
                let found = found.map_err(|reason| (reason, write))?;
                if is_schablon {
                    used.by_schablon.insert(of_meeting);
                }
                Ok(Amount { belopp: found.belopp, steps: found.steps, cuts: found.cut.into_iter().collect() })
            }
            ClaimKind::Barntillsyn => {
                let is_granted = open.ruling.reasons.is_some();
                p12::may_be_paid(claim, day, is_granted).map_err(|(reason, is_unclear)| {
                    let write = "fyll i kolumnen Barnets födelseår".to_owned();
                    if is_unclear { (reason, write) } else { refusal(reason) }
                })?;
                self.barntillsyn(open, asked()?, lost)
            }
            ClaimKind::Vard => {
                p13::may_be_paid(claim).map_err(refusal)?;
                p13::grant(rules, day, asked()?, &mut used.vard).map(capped).map_err(mend)
            }
            ClaimKind::Funktionshindrad => {
                p14::grant(rules, day, asked()?, &mut used.funktionshindrad).map(capped).map_err(mend)
            }
            _ => {
                let wait = |reason: String| {
                    (reason, "för in allmänna utskottets beslut i bladet Beslut, eller avslag enligt § 15".to_owned())
                };
                let (belopp, step) = p15::grant(asked()?, granted).map_err(wait)?;
                Ok(Amount { belopp, steps: vec![step], cuts: Vec::new() })
            }
        }
    }

    /// § 12: the time of the cost, less what § 3 and municipal child care take.
    fn barntillsyn(&self, open: &Open<'a, '_>, asked: Ore, lost: &Lost) -> Result<Amount, Hold> {
        let (claim, day) = (&open.claimed.claim, open.claimed.meeting.day);
        let rules = self.occasional(day);
        let time = cost_time(open, day)?;
        let lost_income = lost.used.placed();
        let in_care = p12::in_barnomsorg(claim, day, &time)?;
        let found = p12::grant(rules, day, asked, &time, lost_income, &in_care);
        let found = found.map_err(|reason| (reason, "rätta bilagan i config/regelverk".to_owned()))?;
        let same_time = "tid som också ersätts enligt § 3 ersätts inte (§ 12); KL 4 kap. 14 § ger en egen rätt till skälig \
                         ersättning för barntillsyn: pröva";
        let cuts = [
            (found.cut_for_barnomsorg, "tid då barnet var i kommunal barnomsorg (§ 12)".to_owned()),
            (found.cut_for_lost_income, same_time.to_owned()),
            (found.cut_by_cap, "över bilagans belopp per timme (§ 12)".to_owned()),
        ];
        let cuts = cuts.into_iter().filter(|(cut, _)| *cut != Ore::ZERO).collect();
        Ok(Amount { belopp: found.belopp, steps: found.steps, cuts })
    }

    fn cost_line(&mut self, open: &Open<'a, '_>, amount: Amount) {
        let (claimed, claim, day) = (open.claimed, &open.claimed.claim, open.claimed.meeting.day);
        let paragraph = claim.slag.paragraph();
        for (cut, reason) in amount.cuts {
            let says = Says { reason, paragraph, proposed: String::new(), worth: Some(cut) };
            self.remark(RemarkKind::Claim, State::Noted, day, &claimed.source, says);
        }
        if amount.belopp == Ore::ZERO {
            return;
        }
        let steps = self.common.steps(|| {
            let text = format!("yrkande om {} {} {day}", claim.slag.word(), claimed.meeting.organ);
            let mut steps = vec![Step { text, basis: place_text(&claimed.source) }];
            steps.extend(open.ruling.cited().into_iter().map(granted_step));
            steps.extend(amount.steps);
            steps.push(Step { text: format!("betalas {}", swedish(amount.belopp)), basis: paragraph.to_owned() });
            steps
        });
        let kind = match claim.slag {
            ClaimKind::Pensionsforman => LineKind::Pensionsforman,
            ClaimKind::Semesterforman => LineKind::Semesterforman,
            ClaimKind::Barntillsyn => LineKind::Barntillsyn,
            ClaimKind::Vard => LineKind::Vard,
            ClaimKind::Funktionshindrad => LineKind::Funktionshindrad,
            _ => LineKind::Ovrigt,
        };
        let units = (Decimal::ONE, amount.belopp.kronor().normalize(), amount.belopp);
        let line = self.line(Occasion::Claim(claim.claim), kind, day, &claimed.meeting.organ, units, steps);
        self.push(line);
    }

    /// A claim waits, with what to do.
    pub(super) fn hold_claim(&mut self, claimed: &Claimed, paragraph: &'static str, reason: String, proposed: String) {
        let says = Says { reason, paragraph, proposed, worth: claimed.claim.belopp };
        self.remark(RemarkKind::Claim, State::Held, claimed.meeting.day, &claimed.source, says);
    }

    /// A claim that somebody has decided not to pay.
    pub(super) fn refused(&mut self, beslut: &Beslut, day: Day, source: &Provenance, worth: Option<Ore>) {
        let says =
            Says { reason: format!("avslag: {}", p17::cited(beslut)), paragraph: "§ 17", worth, ..Says::default() };
        self.remark(RemarkKind::Claim, State::Noted, day, source, says);
    }
}

/// The time of a cost: its clock times, its hours, or the person's presence.
fn cost_time(open: &Open<'_, '_>, day: Day) -> Result<p12::Time, Hold> {
    let claim = &open.claimed.claim;
    if let Some((from, to)) = claim.tid {
        let minutes = span(day, from, to)?;
        return Ok(p12::Time { count: minutes.count(), minutes });
    }
    if let Some(hours) = claim.timmar {
        let count = i64::try_from(hours.saturating_mul(Decimal::from(60)).round()).unwrap_or(0).clamp(0, 24 * 60);
        return Ok(p12::Time { minutes: open.entitled.presence.minutes.first(count), count });
    }
    let minutes = open.entitled.presence.minutes.clone();
    Ok(p12::Time { count: minutes.count(), minutes })
}
