//! What happens to a kommun, month after month, by the dice: each thing that happens is one step, and after each the
//! books are laid beside what the program says.

use arvode::adapters::db::Db;
use arvode::calendar::{Day, Month, days_later};
use arvode::domain::{Betalning, Fact, LineKind, MeetingId, PersonId, Personnummer, SwitchOver, Utbetalt, Utfall};
use arvode::jobs::calculate::PersonResult;
use arvode::jobs::freeze_batch::Wanted;
use arvode::ledger::{BatchKind, BatchName, BatchState};
use arvode::money::Ore;
use arvode::ports::{Clock as _, Given, PersonRow, RowContent, SheetKind, Store, UppdragRow};
use rust_decimal::Decimal;

use super::book::{Book, number};
use super::books::Books;
use super::dice::Dice;
use super::events;
use super::kommun::{FIRST_MONTH, Kommun};
use super::meetings::Mote;

pub const MONTHS: i32 = 36;
/// Payout months that the routine before us paid.
pub const OLD_ROUTINE: i32 = 5;
pub const PERSONS: usize = 12;
/// The first persons hold uppdrag with fees; the others go to meetings.
pub const FIRST_WITHOUT_FEE: usize = 4;
pub const ORGAN: [&str; 3] = ["KS", "KF", "BSU"];

/// Nyckel, organ and roll of the uppdrag with fees.
const UPPDRAG: [(&str, &str, &str); 4] = [
    ("ks-ordforande", "KS", "ordförande"),
    ("oppositionsrad", "KS", "oppositionsråd"),
    ("kf-ordforande", "KF", "ordförande"),
    ("bsu-vice", "BSU", "vice ordförande"),
];

/// Somebody who is paid.
#[derive(Clone)]
pub struct Member {
    pub id: PersonId,
    pub number: Personnummer,
    pub anstid: String,
    pub fornamn: String,
}

/// Who holds an uppdrag now, and since when.
#[derive(Clone)]
pub struct Holding {
    pub uppdrag: usize,
    pub member: usize,
    pub from: Day,
}

pub struct Life {
    pub kommun: Kommun,
    books: Books,
    pub dice: Dice,
    /// Who signs: thrown apart, so that the rest of life stays as it was.
    pub cut_off_dice: Dice,
    pub members: Vec<Member>,
    pub holdings: Vec<Holding>,
    pub meetings: Vec<Mote>,
    pub payout: Month,
    /// What the last step showed.
    pub results: Vec<PersonResult>,
    pub past: events::Past,
    pub closed: Option<Month>,
    serial: u32,
    told: Told,
    /// Every row of every batch as it left or was voided, in order.
    pub transcript: Vec<String>,
}

/// The steps so far; told when a test fails.
struct Told {
    seed: u64,
    steps: Vec<String>,
}

impl Drop for Told {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let from = self.steps.len().saturating_sub(25);
            eprintln!("seed {}, step {}, after:\n  {}", self.seed, self.steps.len(), self.steps[from..].join("\n  "));
        }
    }
}

/// `YYYYMMDDNNN` with its check digit.
pub fn personnummer(eleven: &str) -> Personnummer {
    let weighed = eleven[2..].bytes().enumerate().map(|(place, digit)| {
        let doubled = u32::from(digit - b'0') * if place % 2 == 0 { 2 } else { 1 };
        doubled / 10 + doubled % 10
    });
    format!("{eleven}{}", (10 - weighed.sum::<u32>() % 10) % 10).parse().unwrap()
}

impl Life {
    pub async fn begin(db: Db, seed: u64) -> Life {
        let kommun = Kommun::new(db);
        let payout: Month = FIRST_MONTH.parse().unwrap();
        let mut life = Life {
            kommun,
            books: Books::default(),
            dice: Dice::new(seed),
            cut_off_dice: Dice::new(seed + 1_000_000),
            members: Vec::new(),
            holdings: Vec::new(),
            meetings: Vec::new(),
            payout,
            results: Vec::new(),
            past: events::Past::default(),
            closed: None,
            serial: 0,
            told: Told { seed, steps: Vec::new() },
            transcript: Vec::new(),
        };
        life.kommun.clock.set(payout.first());
        for place in 0..PERSONS {
            let number = personnummer(&format!("19{:02}0{}15{:03}", 50 + place, place % 9 + 1, 100 + place));
            life.register(number, &format!("{}", 1001 + place)).await;
        }
        life.elect().await;
        let switch = Fact::SwitchOver(SwitchOver { first_payout: Some(payout.plus(OLD_ROUTINE)) });
        life.kommun.record(&switch, true).await;
        life.step("the kommun begins").await;
        life
    }

    /// A number for something that has never been.
    pub fn serial(&mut self) -> u32 {
        self.serial += 1;
        self.serial
    }

    pub fn today(&self) -> Day {
        self.kommun.clock.today()
    }

    /// A further person in the register, with an anställningsnummer of their own.
    pub async fn register(&mut self, of: Personnummer, anstid: &str) -> usize {
        let fornamn = format!("Förnamn{anstid}");
        let row = PersonRow {
            personnummer: Some(of.clone()),
            efternamn: Given::Is("Efternamn".to_owned()),
            fornamn: Given::Is(fornamn.clone()),
            anstid: Given::Is(anstid.to_owned()),
            avstand_km: Given::Is(Decimal::from(17)),
            kl_4_13: Given::Is(true),
            ..PersonRow::default()
        };
        self.kommun.import(&Book::of(SheetKind::Personer, vec![RowContent::Person(Box::new(row))])).await;
        let id = self.kommun.person(&of).await;
        self.members.push(Member { id, number: of, anstid: anstid.to_owned(), fornamn });
        self.members.len() - 1
    }

    async fn elect(&mut self) {
        let from = self.payout.plus(-12).first();
        let rows = (0..UPPDRAG.len()).map(|uppdrag| self.uppdrag_row(uppdrag, uppdrag, from, Given::Absent)).collect();
        self.kommun.import(&Book::of(SheetKind::Uppdrag, rows)).await;
        self.holdings = (0..UPPDRAG.len()).map(|uppdrag| Holding { uppdrag, member: uppdrag, from }).collect();
    }

    pub fn uppdrag_row(&self, uppdrag: usize, member: usize, from: Day, to: Given<Day>) -> RowContent {
        let (nyckel, organ, roll) = UPPDRAG[uppdrag];
        RowContent::Uppdrag(Box::new(UppdragRow {
            person: number(&self.members[member].number),
            organ: Some(organ.to_owned()),
            roll: Given::Is(roll.to_owned()),
            from: Some(from),
            to,
            nyckel: Given::Is(nyckel.to_owned()),
            ..UppdragRow::default()
        }))
    }

    /// Something has happened: the books are laid beside it.
    pub async fn step(&mut self, what: impl Into<String>) {
        self.told.steps.push(format!("{} {}: {}", self.payout, self.today(), what.into()));
        let twice = self.told.steps.len().is_multiple_of(5);
        self.results = self.books.check(&mut self.kommun, self.payout, twice).await;
    }

    /// Three years, then as many months as it takes until nothing is owed.
    pub async fn live(&mut self) {
        for month in 0..MONTHS {
            self.kommun.clock.set(self.payout.first());
            self.hold_meetings().await;
            self.happenings(month).await;
            self.kommun.clock.set(days_later(self.payout.first(), 14));
            if month < OLD_ROUTINE {
                self.old_routine_pays().await;
            } else {
                self.pay().await;
                self.kommun.clock.set(days_later(self.payout.first(), 20));
                self.decide_debts(2).await;
            }
            self.payout = self.payout.plus(1);
        }
        self.end().await;
    }

    async fn happenings(&mut self, month: i32) {
        let mut kinds = events::all();
        self.dice.shuffle(&mut kinds);
        let wanted = 2 + self.dice.below(3);
        let mut day = self.payout.first();
        let mut done = 0;
        for kind in kinds {
            if done == wanted {
                break;
            }
            day = days_later(day, 1);
            self.kommun.clock.set(day);
            if let Some(what) = events::happen(self, kind, month).await {
                self.step(what).await;
                done += 1;
            }
        }
    }

    /// The routine before us pays what it thinks is owed: mostly what we would pay, at times another sum, at times late.
    async fn old_routine_pays(&mut self) {
        let rows: Vec<_> = self.results.iter().flat_map(|result| result.rows.clone()).collect();
        let mut paid = Vec::new();
        for row in rows.into_iter().filter(|row| row.belopp > Ore::ZERO) {
            if self.dice.once_in(10) {
                continue;
            }
            let kinds = self.kommun.kinds_of(&row.lonart, self.payout);
            let is_other = self.dice.once_in(12);
            let meeting = match row.occasion {
                arvode::domain::Occasion::Meeting(meeting) if !self.dice.once_in(4) => Some(meeting),
                _ => None,
            };
            let external = Utbetalt {
                person: row.person,
                payout: self.payout,
                anstid: Some(row.anstid.to_string()),
                lonart: row.lonart.to_string(),
                kinds,
                day: Some(row.day),
                meeting,
                antal: (!is_other).then_some(row.antal),
                apris: (!is_other).then_some(row.apris),
                // Never below zero: a correction of nothing known is a question for a person.
                belopp: if is_other {
                    (row.belopp + Ore(self.dice.between(-20, 20) * 500)).max(Ore(500))
                } else {
                    row.belopp
                },
                status: if self.dice.once_in(2) { Betalning::Ingaende } else { Betalning::Utbetald },
                row: None,
                orsak: None,
                nummer: self.serial(),
            };
            self.past.elsewhere.push(external.clone());
            paid.push(Fact::Utbetalt(external));
        }
        self.kommun.record_all(&paid, true).await;
        self.step(format!("the old routine pays {} rows", paid.len())).await;
    }

    /// The month's batch is frozen, now and then taken back, and delivered.
    async fn pay(&mut self) {
        let wanted = Wanted::Monthly(self.payout);
        if let Some(name) = self.freeze(&wanted).await
            && self.dice.once_in(8)
        {
            self.void(name, "a calculated batch").await;
            self.freeze(&wanted).await;
        }
        self.deliver().await;
        let latest = self.kommun.latest().await.filter(|(_, batch)| batch.name.payout == self.payout);
        if let Some((_, batch)) = latest.filter(|_| self.dice.once_in(12)) {
            self.void(batch.name, "a delivered batch that payroll threw away").await;
            self.freeze(&wanted).await;
            self.deliver().await;
        }
    }

    pub async fn freeze(&mut self, wanted: &Wanted) -> Option<BatchName> {
        let name = self.kommun.freeze(wanted).await?;
        self.step(format!("{name} is frozen")).await;
        if matches!(wanted, Wanted::Monthly(_)) {
            for result in &self.results {
                let left = (result.rows.len(), result.settled.len(), result.waits_anew);
                assert_eq!(left, (0, 0, false), "{name} has left something of person {}", result.person.0);
            }
        }
        Some(name)
    }

    pub async fn deliver(&mut self) {
        let Some((id, batch)) = self.kommun.latest().await.filter(|(_, batch)| batch.state == BatchState::Calculated)
        else {
            return;
        };
        if self.cut_off_dice.once_in(3) && self.cut_off(id, batch.name).await {
            return;
        }
        self.kommun.deliver(batch.name).await;
        self.note(id, "delivered").await;
        self.step(format!("{} is delivered", batch.name)).await;
    }

    /// The cut-off of a batch; `true` if nothing of it was signed.
    async fn cut_off(&mut self, id: i64, name: BatchName) -> bool {
        let left = self.kommun.cut_off(name, &mut self.cut_off_dice).await;
        if left.left_out.is_empty() {
            return false;
        }
        self.past.count(if left.is_void { "taken back at the cut-off" } else { "left out at the cut-off" });
        self.note(id, "kept").await;
        self.books.look_again();
        let sheets: Vec<String> = left.left_out.iter().map(|one| format!("{} {:?}", one.sheet, one.why)).collect();
        self.step(format!("the cut-off of {name} leaves out {}", sheets.join(", "))).await;
        left.is_void
    }

    async fn void(&mut self, name: BatchName, what: &str) {
        let (id, _) = self.kommun.batch(name).await;
        self.note(id, "void").await;
        self.kommun.void(name).await;
        self.past.count(what);
        self.books.forget(name);
        self.step(format!("{name}, {what}, is void")).await;
    }

    async fn note(&mut self, batch_id: i64, what: &str) {
        let rows = self.kommun.db.rows(batch_id, 0, 1_000_000).await.unwrap();
        let lines = rows
            .iter()
            .map(|stored| format!("{what} {} {:?} {}", stored.batch, stored.row.settled, stored.row.canonical()));
        self.transcript.extend(lines);
    }

    /// A batch of what a changed riksdagsarvode gives back to a month.
    pub async fn recalculate(&mut self, from: Month) -> bool {
        let (because, actor) = ("KF beslutade om nya belopp".to_owned(), "kansli".to_owned());
        let from = self.closed.map_or(from, |through| from.max(through.plus(1)));
        let is_any = self.kommun.latest().await.is_some();
        if !is_any || self.freeze(&Wanted::Recalculation { from, because, actor }).await.is_none() {
            return false;
        }
        self.deliver().await;
        true
    }

    /// Decisions about those who are net negative; of so many, one is left undecided.
    pub async fn decide_debts(&mut self, undecided: usize) {
        let negative: Vec<PersonId> =
            self.results.iter().filter(|result| !result.waiting.is_empty()).map(|result| result.person).collect();
        for person in negative {
            if undecided > 0 && self.dice.once_in(undecided) {
                continue;
            }
            let (utfall, words) = match self.dice.below(4) {
                0 => (Utfall::Aterkrav, "återkrävs"),
                1 => (Utfall::Kvittning, "kvittas"),
                2 => (Utfall::Kvittning, "kvittas med 700 kr per månad"),
                _ => (Utfall::Eftergift, "efterges"),
            };
            events::decide_debt(self, person, utfall, words).await;
            self.past.count(words);
            self.step(format!("the debt of person {} {words}", person.0)).await;
        }
    }

    /// Everybody leaves, all that is known is worked out by today's rules, and what is owed goes out.
    async fn end(&mut self) {
        self.kommun.clock.set(self.payout.first());
        let last = days_later(self.payout.first(), -1);
        let up_to = self.kommun.db.last_fact().await.unwrap();
        let mut rows = Vec::new();
        for recorded in self.kommun.db.facts_of_kinds(&["uppdrag"], up_to).await.unwrap() {
            let Fact::Uppdrag(held) = recorded.fact else { continue };
            let member = self.members.iter().position(|member| member.id == held.person).unwrap();
            let uppdrag = UPPDRAG.iter().position(|(nyckel, _, _)| held.nyckel.as_deref() == Some(nyckel)).unwrap();
            if held.to.is_none() {
                rows.push(self.uppdrag_row(uppdrag, member, held.from, Given::Is(last)));
            }
        }
        let book = Book::of(SheetKind::Uppdrag, rows);
        self.kommun.import(&book).await;
        self.step("everybody leaves").await;
        self.recalculate(self.kommun.first_month()).await;
        for _ in 0..12 {
            self.kommun.clock.set(days_later(self.payout.first(), 14));
            self.step("a month without meetings").await;
            self.decide_debts(3).await;
            let frozen = self.freeze(&Wanted::Monthly(self.payout)).await;
            self.deliver().await;
            let is_settled =
                self.results.iter().all(|result| result.debt.left() == Ore::ZERO || result.rows.is_empty());
            if frozen.is_none() && is_settled {
                return;
            }
            self.payout = self.payout.plus(1);
        }
        let rows = self.transcript[self.transcript.len().saturating_sub(12)..].concat();
        panic!("a year after the end something is still owed:\n{rows}");
    }

    /// The rows of the latest batch that stands and was delivered.
    pub async fn latest_rows(&mut self) -> Vec<arvode::ports::StoredRow> {
        let Some((id, batch)) = self.kommun.latest().await else { return Vec::new() };
        if batch.state != BatchState::Delivered || batch.kind == BatchKind::Recalculation && self.dice.once_in(2) {
            return Vec::new();
        }
        self.kommun.db.rows(id, 1, 1_000_000).await.unwrap()
    }

    pub async fn meeting_id(&mut self, place: usize) -> Option<MeetingId> {
        let external = self.meetings[place].external.clone();
        self.kommun.meeting(&external).await
    }

    pub fn lonart(&self, kind: LineKind) -> String {
        self.kommun.loaded.lonearter.of(kind, self.payout).unwrap().lonart.to_string()
    }
}
