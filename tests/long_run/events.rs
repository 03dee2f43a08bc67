//! What may happen in a month, besides meetings.

use std::collections::BTreeMap;

use arvode::calendar::days_later;
use arvode::domain::{
    AbsenceKind, Avstaende, Avstar, Betalning, ClaimKind, Closing, Fact, LineKind, Link, Merge, PersonId, Utbetalt,
    Utfall,
};
use arvode::money::Ore;
use arvode::ports::{AbsenceRow, BeslutPart, BeslutRow, Given, IncomeRow, PersonRow, RowContent, SheetKind};

use super::book::{Book, number};
use super::life::{FIRST_WITHOUT_FEE, Holding, Life, personnummer};
use super::meetings::Yrkande;

/// What was done and can be undone or answered.
#[derive(Default)]
pub struct Past {
    pub links: Vec<Link>,
    pub merges: Vec<Merge>,
    pub claims: Vec<Yrkande>,
    pub elsewhere: Vec<Utbetalt>,
    pub refused: Vec<Utbetalt>,
    pub waivers: Vec<Avstaende>,
    /// How often each thing has happened.
    pub happened: BTreeMap<String, u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    LateList,
    CorrectedTime,
    WholeList,
    MovedMeeting,
    WithdrawnMeeting,
    WithdrawnFile,
    Claim,
    ClaimTakenBack,
    Decision,
    Handover,
    Absence,
    Income,
    Waiver,
    WaiverEnded,
    PaidElsewhere,
    PaidElsewhereTakenBack,
    Refused,
    RefusalTakenBack,
    Merge,
    Split,
    Link,
    Unlink,
    NewNumber,
    Recalculation,
    Closing,
}

pub fn all() -> Vec<Kind> {
    use Kind::*;
    vec![
        LateList,
        LateList,
        CorrectedTime,
        CorrectedTime,
        WholeList,
        MovedMeeting,
        WithdrawnMeeting,
        WithdrawnFile,
        Claim,
        Claim,
        ClaimTakenBack,
        Decision,
        Handover,
        Absence,
        Income,
        Waiver,
        WaiverEnded,
        PaidElsewhere,
        PaidElsewhereTakenBack,
        Refused,
        Refused,
        RefusalTakenBack,
        Merge,
        Split,
        Link,
        Unlink,
        NewNumber,
        Recalculation,
        Closing,
    ]
}

/// Lets something happen, if it can: what did, in words.
pub async fn happen(life: &mut Life, kind: Kind, month: i32) -> Option<String> {
    let what = happen_by_kind(life, kind, month).await?;
    life.past.count(format!("{kind:?}"));
    Some(what)
}

async fn happen_by_kind(life: &mut Life, kind: Kind, month: i32) -> Option<String> {
    match kind {
        Kind::LateList => life.late_list().await,
        Kind::CorrectedTime => life.corrected_time().await,
        Kind::WholeList => life.whole_list().await,
        Kind::MovedMeeting => life.move_meeting().await,
        Kind::WithdrawnMeeting => life.withdraw_meeting().await,
        Kind::WithdrawnFile => life.withdraw_file().await,
        Kind::Claim => life.claim().await,
        Kind::ClaimTakenBack => life.take_claim_back().await,
        Kind::Decision => life.decision().await,
        Kind::Handover => life.handover().await,
        Kind::Absence => life.absence().await,
        Kind::Income => life.income().await,
        Kind::Waiver => life.waiver().await,
        Kind::WaiverEnded => life.waiver_ended().await,
        Kind::PaidElsewhere => life.paid_elsewhere().await,
        Kind::PaidElsewhereTakenBack => life.paid_elsewhere_taken_back().await,
        Kind::Refused => life.refused().await,
        Kind::RefusalTakenBack => life.refusal_taken_back().await,
        Kind::Merge => life.merge().await,
        Kind::Split => life.split().await,
        Kind::Link => life.link_meetings().await,
        Kind::Unlink => life.unlink_meetings().await,
        Kind::NewNumber => life.new_number().await,
        Kind::Recalculation => life.new_riksdagsarvode().await,
        Kind::Closing => life.close(month).await,
    }
}

impl Past {
    pub fn count(&mut self, what: impl Into<String>) {
        *self.happened.entry(what.into()).or_default() += 1;
    }
}

/// A decision about what a net negative person owes.
pub async fn decide_debt(life: &mut Life, person: PersonId, utfall: Utfall, words: &str) {
    let diarienummer = format!("AU {}", life.serial());
    let of = life.members.iter().find(|member| member.id == person).unwrap();
    let row = BeslutRow {
        diarienummer: Some(diarienummer),
        day: Some(life.today()),
        about: vec![BeslutPart::Number(of.number.clone())],
        utfall: Some(utfall),
        innebord: Some(words.to_owned()),
        ..BeslutRow::default()
    };
    life.kommun.import(&Book::of(SheetKind::Beslut, vec![RowContent::Beslut(Box::new(row))])).await;
}

impl Life {
    fn member(&mut self) -> usize {
        self.dice.below(self.members.len())
    }

    fn goer(&mut self) -> usize {
        FIRST_WITHOUT_FEE + self.dice.below(self.members.len() - FIRST_WITHOUT_FEE)
    }

    /// Grants or refuses a yrkande.
    async fn decision(&mut self) -> Option<String> {
        let yrkande = self.dice.pick(&self.past.claims.clone())?;
        self.meeting_id(yrkande.meeting).await?;
        let external = self.meetings[yrkande.meeting].external.clone();
        let utfall = if self.dice.once_in(2) { Utfall::Bifall } else { Utfall::Avslag };
        let diarienummer = format!("AU {}", self.serial());
        let person = self.members[yrkande.member].number.clone();
        let row = BeslutRow {
            diarienummer: Some(diarienummer),
            day: Some(self.today()),
            about: vec![
                BeslutPart::Number(person),
                BeslutPart::Named(external.clone()),
                BeslutPart::Slag(yrkande.slag),
            ],
            utfall: Some(utfall),
            innebord: Some("beslut i enskilt fall".to_owned()),
            ..BeslutRow::default()
        };
        self.kommun.import(&Book::of(SheetKind::Beslut, vec![RowContent::Beslut(Box::new(row))])).await;
        Some(format!("{utfall:?} of {} for {external}", yrkande.slag.word()))
    }

    /// An uppdrag ends some time back, and another holds it from the next day.
    async fn handover(&mut self) -> Option<String> {
        let place = self.dice.below(self.holdings.len());
        let held = self.holdings[place].clone();
        let last = days_later(self.today(), -self.dice.between(0, 100));
        let new = self.member();
        let is_merged = self.past.merges.iter().any(|merge| merge.from == self.members[new].id);
        let is_free = !is_merged && self.holdings.iter().all(|other| other.member != new);
        if last <= days_later(held.from, 20) || !is_free {
            return None;
        }
        let from = days_later(last, 1);
        let rows = vec![
            self.uppdrag_row(held.uppdrag, held.member, held.from, Given::Is(last)),
            self.uppdrag_row(held.uppdrag, new, from, Given::Absent),
        ];
        self.kommun.import(&Book::of(SheetKind::Uppdrag, rows)).await;
        self.holdings[place] = Holding { uppdrag: held.uppdrag, member: new, from };
        Some(format!("an uppdrag is handed over on {from}"))
    }

    async fn absence(&mut self) -> Option<String> {
        let held = self.dice.pick(&self.holdings.clone())?;
        let from = days_later(self.today(), -self.dice.between(30, 150));
        let to = days_later(from, self.dice.between(5, 110));
        let row = AbsenceRow {
            person: number(&self.members[held.member].number),
            from: Some(from),
            to: Given::Is(to),
            slag: Some(AbsenceKind::Hindrad),
            omfattning: Given::Absent,
        };
        self.kommun.import(&Book::of(SheetKind::Franvaro, vec![RowContent::Absence(Box::new(row))])).await;
        Some(format!("person {} was away from {from} to {to}", self.members[held.member].id.0))
    }

    async fn income(&mut self) -> Option<String> {
        let member = self.goer();
        let from = self.payout.plus(-i32::try_from(self.dice.below(12)).unwrap()).first();
        let sgi = Ore(self.dice.between(200, 500) * 100_000);
        let row = IncomeRow {
            person: number(&self.members[member].number),
            from: Given::Is(from),
            slag: Given::Is("sjukpenning".to_owned()),
            sgi: Given::Is(sgi),
            ..IncomeRow::default()
        };
        self.kommun.import(&Book::of(SheetKind::Inkomstuppgifter, vec![RowContent::Income(Box::new(row))])).await;
        Some(format!("another SGI of person {}", self.members[member].id.0))
    }

    /// In writing, from a day back in time or to come.
    async fn waiver(&mut self) -> Option<String> {
        let member = self.member();
        let what = [
            Avstar::Allt,
            Avstar::Arsarvode,
            Avstar::FastArvode,
            Avstar::Sammantradesarvode,
            Avstar::Yrkande(ClaimKind::Resa),
        ][self.dice.below(5)];
        let from = days_later(self.today(), self.dice.between(-120, 40));
        let to = self.dice.once_in(2).then(|| days_later(from, 90));
        let handling = format!("KS {}", self.serial());
        let waiver = Avstaende { person: self.members[member].id, what, from, to, handling };
        self.kommun.record(&Fact::Avstaende(waiver.clone()), true).await;
        self.past.waivers.push(waiver.clone());
        Some(format!("person {} waives {} from {from}", waiver.person.0, what.word()))
    }

    async fn waiver_ended(&mut self) -> Option<String> {
        let waiver = self.dice.pick(&self.past.waivers.clone())?;
        self.past.waivers.retain(|other| *other != waiver);
        let stands = self.dice.once_in(2);
        let ended = Avstaende { to: Some(days_later(waiver.from, 45)), ..waiver };
        self.kommun.record(&Fact::Avstaende(ended), stands).await;
        Some("a waiver ends".to_owned())
    }

    /// By hand, for a meeting that is paid, not paid yet, or not even told yet; the right sum or another.
    async fn paid_elsewhere(&mut self) -> Option<String> {
        let told = !self.dice.once_in(3);
        let place = self.some_meeting(6, told)?;
        let mote = self.meetings[place].clone();
        let member = self.dice.pick(&mote.attended)?;
        let person = self.members[member].id;
        let named = if self.dice.once_in(2) { self.meeting_id(place).await } else { None };
        let is_due = |line: &&arvode::domain::Line| line.day == mote.day && line.kind == LineKind::Grundarvode;
        let lines = self.results.iter().filter(|result| result.person == person).flat_map(|result| &result.entitled);
        let right = lines.clone().find(is_due).map_or(Ore(38_000), |line| line.belopp);
        let belopp = if self.dice.once_in(2) { right } else { Ore(self.dice.between(10, 60) * 1_000) };
        let (lonart, payout) = (self.lonart(LineKind::Grundarvode), self.payout.plus(-1));
        let external = Utbetalt {
            person,
            payout,
            anstid: Some(self.members[member].anstid.clone()),
            kinds: self.kommun.kinds_of(&lonart, payout),
            lonart,
            day: Some(mote.day),
            meeting: named,
            antal: None,
            apris: None,
            belopp,
            status: Betalning::PaAnnatSatt,
            row: None,
            orsak: None,
            nummer: self.serial(),
        };
        self.kommun.record(&Fact::Utbetalt(external.clone()), true).await;
        self.past.elsewhere.push(external);
        Some(format!("person {} has got {belopp} for {} elsewhere", person.0, mote.external))
    }

    async fn paid_elsewhere_taken_back(&mut self) -> Option<String> {
        let paid = self.dice.pick(&self.past.elsewhere.clone())?;
        self.past.elsewhere.retain(|other| *other != paid);
        self.kommun.record(&Fact::Utbetalt(paid.clone()), false).await;
        Some(format!("person {} has not got {} elsewhere", paid.person.0, paid.belopp))
    }

    /// Payroll refuses some rows of the latest file, whatever they are.
    async fn refused(&mut self) -> Option<String> {
        let mut rows = self.latest_rows().await;
        self.dice.shuffle(&mut rows);
        rows.truncate(1 + self.dice.below(3));
        let mut told = Vec::new();
        for stored in rows {
            if self.past.refused.iter().any(|paid| paid.row == Some(stored.id)) {
                continue;
            }
            let row = stored.row;
            let refused = Utbetalt {
                person: row.person,
                payout: stored.batch.payout,
                anstid: Some(row.anstid.to_string()),
                kinds: self.kommun.kinds_of(&row.lonart, stored.batch.payout),
                lonart: row.lonart.to_string(),
                day: Some(row.day),
                meeting: None,
                antal: Some(row.antal),
                apris: Some(row.apris),
                belopp: row.belopp,
                status: Betalning::Avvisad,
                row: Some(stored.id),
                orsak: Some("okänt anställningsnummer".to_owned()),
                nummer: self.serial(),
            };
            self.kommun.record(&Fact::Utbetalt(refused.clone()), true).await;
            self.past.refused.push(refused);
            if row.reverses.is_some() {
                self.past.count("a refused reversal");
            }
            told.push(format!("{}:{} {:?} {}", stored.batch, row.postid, row.kind, row.belopp));
        }
        (!told.is_empty()).then(|| format!("payroll refuses {}", told.join(", ")))
    }

    /// It was paid after all: by taking the word back, or by saying so.
    async fn refusal_taken_back(&mut self) -> Option<String> {
        let refused = self.dice.pick(&self.past.refused.clone())?;
        self.past.refused.retain(|other| *other != refused);
        let stands = self.dice.once_in(2);
        let paid = Utbetalt { status: Betalning::Utbetald, orsak: None, ..refused.clone() };
        self.kommun.record(&Fact::Utbetalt(paid), stands).await;
        Some(format!("row {} was paid after all", refused.row.unwrap_or_default()))
    }

    /// Somebody was registered twice, went to meetings as two, and is one.
    async fn merge(&mut self) -> Option<String> {
        if self.members.len() > super::life::PERSONS + 3 {
            return None;
        }
        let into = self.goer();
        if self.past.merges.iter().any(|merge| merge.from == self.members[into].id) {
            return None;
        }
        let serial = self.serial();
        let double = personnummer(&format!("19700101{:03}", serial % 1000));
        let from = self.register(double, &format!("{}", 9_000 + serial)).await;
        let told = self.some_meeting(3, true)?;
        let untold = self.some_meeting(3, false);
        for place in [Some(told), untold].into_iter().flatten() {
            self.meetings[place].attended.push(from);
        }
        self.step(format!("person {} is registered", self.members[from].id.0)).await;
        self.late_list().await;
        self.corrected_time().await;
        self.step("and has been to meetings").await;
        let merge = Merge { from: self.members[from].id, into: self.members[into].id };
        self.kommun.record(&Fact::Merge(merge), true).await;
        self.past.merges.push(merge);
        Some(format!("person {} is person {}", merge.from.0, merge.into.0))
    }

    async fn split(&mut self) -> Option<String> {
        let merge = self.dice.pick(&self.past.merges.clone())?;
        self.past.merges.retain(|other| *other != merge);
        self.kommun.record(&Fact::Merge(merge), false).await;
        Some(format!("person {} is not person {}", merge.from.0, merge.into.0))
    }

    /// The same person, by anställningsnummer, with another personnummer.
    async fn new_number(&mut self) -> Option<String> {
        let member = self.goer();
        if self.past.merges.iter().any(|merge| merge.from == self.members[member].id) {
            return None;
        }
        let serial = self.serial();
        let new = personnummer(&format!("19850505{:03}", serial % 1000));
        let row = PersonRow {
            personnummer: Some(new.clone()),
            efternamn: Given::Is("Efternamn".to_owned()),
            fornamn: Given::Is(self.members[member].fornamn.clone()),
            anstid: Given::Is(self.members[member].anstid.clone()),
            kl_4_13: Given::Is(true),
            ..PersonRow::default()
        };
        self.kommun.import(&Book::of(SheetKind::Personer, vec![RowContent::Person(Box::new(row))])).await;
        self.members[member].number = new;
        Some(format!("person {} has a new personnummer", self.members[member].id.0))
    }

    /// A riksdagsarvode from some months back; whether it is worked out again is decided at once or later.
    async fn new_riksdagsarvode(&mut self) -> Option<String> {
        if self.dice.once_in(2) {
            let from = self.payout.plus(-i32::try_from(self.dice.below(10)).unwrap()).first();
            let kronor = 70_000 + self.dice.between(0, 150) * 100;
            if from > self.past_decided() {
                self.kommun.decide_riksdagsarvode(from, kronor);
                self.step(format!("riksdagsarvodet is {kronor} from {from}")).await;
            }
        }
        let from = self.payout.plus(-i32::try_from(self.dice.below(14)).unwrap()).max(self.kommun.first_month());
        self.recalculate(from).await.then(|| format!("worked out again from {from}"))
    }

    fn past_decided(&self) -> arvode::calendar::Day {
        let all = self.kommun.loaded.regelverk.riksdagsarvode.iter();
        let today = self.today();
        all.map(|dated| dated.from).filter(|from| *from <= today).max().unwrap_or(today)
    }

    async fn close(&mut self, month: i32) -> Option<String> {
        if month < 26 {
            return None;
        }
        let through = self.payout.plus(-24);
        self.closed = Some(through);
        self.kommun.record(&Fact::Closing(Closing { through }), true).await;
        Some(format!("{through} is closed"))
    }
}
