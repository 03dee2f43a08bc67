//! What a line rests on, for an explanation: the facts that were used, each with its file, sheet and row, and the readings
//! of open points that its kind depends on.

use super::Finding;
use crate::calendar::{Day, Month, clock_text};
use crate::domain::{
    AbsenceKind, Attendance, Behind, Beslut, Claim, FactUsed, LineKind, Meeting, MeetingId, Occasion, Provenance,
    ReadingUsed,
};
use crate::law::bestammelserna::{p02_sammantraden as p02, p17_tolkning as p17};
use crate::law::facts::{in_force, is_held};

/// Readings of the class in § 1, which shuts out most other rights.
const CLASS: [(&str, &str); 2] = [("grans_procent", "§ 1"), ("klass_raknar", "§ 1")];

impl Finding<'_> {
    /// Everything that a line of a kind for an occasion rests on.
    pub(super) fn behind(&self, occasion: &Occasion, kind: LineKind, day: Day) -> Behind {
        let mut facts = match occasion {
            Occasion::UppdragMonth(uppdrag, month) => {
                let mut facts = self.uppdrag_facts(|held| held.uppdrag == *uppdrag);
                facts.extend(self.absence_facts(*month));
                facts
            }
            Occasion::Meeting(meeting) => self.meeting_facts(*meeting, day),
            Occasion::Claim(claim) => {
                let of_claim = self.facts.claims.iter().find(|one| one.claim.claim == *claim);
                let mut facts: Vec<FactUsed> = Vec::new();
                if let Some(one) = of_claim {
                    facts.push(used(claim_text(&one.claim, &one.meeting), &one.source));
                    facts.extend(self.decision_facts(&one.claim, &one.meeting));
                    facts.extend(self.meeting_facts(one.meeting.meeting, day));
                }
                facts
            }
            Occasion::Jour(organ, day) => {
                let rows = self.facts.jour.iter();
                let of_day = rows.filter(|(jour, _)| jour.organ == *organ && (jour.from..=jour.to).contains(day));
                of_day.map(|(jour, at)| used(format!("jour för {organ} {}–{}", jour.from, jour.to), at)).collect()
            }
            Occasion::Absence(day) => self.absence_facts(Month::of(*day)),
            Occasion::Debt(_) => Vec::new(),
        };
        if matches!(
            kind,
            LineKind::ForloradArbetsinkomst
                | LineKind::ForloradArbetsinkomstSchablon
                | LineKind::Pensionsforman
                | LineKind::Semesterforman
        ) {
            facts.extend(self.income_facts(day));
        }
        if matches!(kind, LineKind::BilersattningSkattefri | LineKind::BilersattningSkattepliktig) {
            facts.extend(self.home_facts(day));
        }
        Behind { facts, readings: self.readings(kind, day) }
    }

    fn uppdrag_facts(&self, wanted: impl Fn(&crate::domain::Uppdrag) -> bool) -> Vec<FactUsed> {
        let rows = self.facts.uppdrag.iter().filter(|(uppdrag, _)| wanted(uppdrag));
        let text = |uppdrag: &crate::domain::Uppdrag| {
            let until = uppdrag.to.map_or_else(|| "tills vidare".to_owned(), |to| format!("till {to}"));
            format!("uppdrag {} i {} från {} {until}", uppdrag.roll, uppdrag.organ, uppdrag.from)
        };
        rows.map(|(uppdrag, at)| used(text(uppdrag), at)).collect()
    }

    fn absence_facts(&self, month: Month) -> Vec<FactUsed> {
        let rows = self.facts.absences.iter();
        let in_month =
            rows.filter(|(absence, _)| absence.from <= month.last() && absence.to.is_none_or(|to| to >= month.first()));
        let word = |slag| match slag {
            AbsenceKind::Hindrad => "hindrad",
            AbsenceKind::SomSemester => "ledighet motsvarande semester",
            AbsenceKind::Annan => "annan ledighet",
        };
        let text = |absence: &crate::domain::Absence| {
            let until = absence.to.map_or_else(|| "tills vidare".to_owned(), |to| format!("till {to}"));
            format!("{} {} % från {} {until}", word(absence.slag), absence.omfattning.normalize(), absence.from)
        };
        in_month.map(|(absence, at)| used(text(absence), at)).collect()
    }

    /// The attendance, and the uppdrag held that day: they decide the class and what § 9 shuts out.
    fn meeting_facts(&self, meeting: MeetingId, day: Day) -> Vec<FactUsed> {
        let attended = self.facts.attended.iter().filter(|one| one.meeting.meeting == meeting);
        let mut facts: Vec<FactUsed> =
            attended.clone().map(|one| used(attendance_text(&one.attendance, &one.meeting), &one.source)).collect();
        let cited: Vec<&Beslut> = attended.flat_map(|one| p02::decisions(self.common, one)).collect();
        facts.extend(self.cited_facts(&cited));
        facts.extend(self.uppdrag_facts(|uppdrag| is_held(uppdrag, day)));
        facts
    }

    fn decision_facts(&self, claim: &Claim, meeting: &Meeting) -> Vec<FactUsed> {
        self.cited_facts(&p17::ruling(self.common, claim, meeting).cited())
    }

    fn cited_facts(&self, cited: &[&Beslut]) -> Vec<FactUsed> {
        let all = self.common.decisions.about(self.facts.person);
        let of_these = all.into_iter().filter(|(beslut, _)| cited.iter().any(|one| std::ptr::eq(*one, beslut)));
        of_these.map(|(beslut, at)| used(p17::cited(beslut), at)).collect()
    }

    fn income_facts(&self, day: Day) -> Vec<FactUsed> {
        let rows = self.facts.incomes.iter().filter(|(income, _)| in_force(income.from, income.to, day));
        let text = |income: &crate::domain::Income| {
            let slag = income.slag.as_deref().unwrap_or("inkomst");
            let intyg = income.intyg.as_deref().map(|intyg| format!(", intyg {intyg}")).unwrap_or_default();
            format!("inkomstuppgift: {slag}{intyg}")
        };
        rows.map(|(income, at)| used(text(income), at)).collect()
    }

    fn home_facts(&self, day: Day) -> Vec<FactUsed> {
        let rows = self.facts.profiles.iter().filter(|(row, _)| in_force(row.from, row.to, day));
        let home = rows.map(|(row, at)| {
            let text = match row.tjanstestalle_hemmet {
                Some(true) => "tjänsteställe i hemmet: ja",
                Some(false) => "tjänsteställe i hemmet: nej",
                None => "tjänsteställe i hemmet: inte angivet",
            };
            used(text.to_owned(), at)
        });
        let distances = self.facts.distances.iter().map(|(row, at)| {
            let plats = row.plats.as_deref().map(|plats| format!(" till {plats}")).unwrap_or_default();
            used(format!("avstånd hemifrån{plats}: {} km enkel väg", row.km.normalize()), at)
        });
        home.chain(distances).collect()
    }

    fn readings(&self, kind: LineKind, day: Day) -> Vec<ReadingUsed> {
        let rules = if crate::law::group_of(kind) == crate::law::Group::Monthly {
            self.monthly(day)
        } else {
            self.occasional(day)
        };
        let used = |(parameter, paragraph): (&'static str, &'static str)| {
            let (value, authority) = rules.reading(parameter, day);
            ReadingUsed { parameter, value: value.to_owned(), paragraph, authority: authority.to_owned() }
        };
        open_points(kind).into_iter().map(used).collect()
    }
}

/// The open points that a kind of line depends on, with the paragraph that leaves each open.
fn open_points(kind: LineKind) -> Vec<(&'static str, &'static str)> {
    use LineKind as Kind;
    let claim = ("helgforskjutning", "§ 16");
    let (mut points, with_class): (Vec<(&str, &str)>, bool) = match kind {
        Kind::Arsarvode => (vec![("sammanlagd_grad", "§ 7"), ("sjuk_minskning", "§ 7")], false),
        Kind::FastArvode => (vec![("klass_utesluter_fast", "§ 1"), ("fast_som_arsarvode", "§ 8")], true),
        Kind::Grundarvode | Kind::Timarvode | Kind::Dagarvode | Kind::Justeringsarvode | Kind::Inlasningsarvode => {
            let points = vec![
                ("betala_ej_tjanstgorande_ersattare", "§ 2"),
                ("jav_avdrag", "§ 2"),
                ("fast_arvode_utesluter", "§ 9"),
                ("kurs_for_arvoderade", "§ 9"),
            ];
            (points, true)
        }
        Kind::TimarvodeForrattning => (vec![("jav_avdrag", "§ 2")], true),
        Kind::ForloradArbetsinkomst => (vec![claim], true),
        Kind::ForloradArbetsinkomstSchablon => (vec![("egenforetagare_timmar_per_ar", "§ 3"), claim], true),
        Kind::Pensionsforman => (vec![("pension_utbetalas_i", "§ 18"), claim], true),
        Kind::Semesterforman => (vec![claim], true),
        Kind::Barntillsyn => (vec![("barntillsyn_samtidigt", "§ 12"), ("barnomsorg", "§ 12"), claim], false),
        Kind::BilersattningSkattefri
        | Kind::BilersattningSkattepliktig
        | Kind::TraktamenteHelt
        | Kind::TraktamenteHalvt
        | Kind::TraktamenteNatt
        | Kind::TraktamenteDag
        | Kind::Vard
        | Kind::Funktionshindrad
        | Kind::Ovrigt => (vec![claim], false),
        Kind::Installningsarvode | Kind::FranvaroHindrad | Kind::FranvaroSemester | Kind::FranvaroAnnan => {
            (Vec::new(), false)
        }
        Kind::Kvittning => (Vec::new(), false),
    };
    if with_class {
        points.splice(0..0, CLASS);
    }
    points
}

fn used(what: String, place: &Provenance) -> FactUsed {
    FactUsed { what, place: place.clone() }
}

fn attendance_text(attendance: &Attendance, meeting: &Meeting) -> String {
    let hours = if attendance.hours.is_empty() { &meeting.hours } else { &attendance.hours };
    let times = hours.iter().map(|(from, to)| format!(" {}-{}", clock_text(*from), clock_text(*to)));
    let own = attendance.own.iter().map(|(from, to)| {
        let text = |clock: &Option<crate::calendar::Clock>| clock.map(clock_text).unwrap_or_default();
        format!(", närvarande {}-{}", text(from), text(to))
    });
    let slag = meeting.slag.map_or("sammanträde", crate::domain::Slag::word);
    format!(
        "närvaro vid {slag} {} {}{}{}",
        meeting.organ,
        meeting.day,
        times.collect::<String>(),
        own.collect::<String>()
    )
}

fn claim_text(claim: &Claim, meeting: &Meeting) -> String {
    let came = if claim.inkom_default { "utan ankomstdag" } else { "inkom" };
    format!("yrkande om {} för {} {}, {came} {}", claim.slag.word(), meeting.organ, meeting.day, claim.inkom)
}
