//! Meetings: held, told in lists at once or late, corrected, moved, withdrawn, linked.

use std::collections::BTreeSet;

use arvode::calendar::{Clock, Day, days_later, is_day_off};
use arvode::domain::{ClaimKind, Fact, Link, PersonId};
use arvode::jobs::named::MeetingName;
use arvode::jobs::withdraw_facts::Target;
use arvode::money::Ore;
use arvode::ports::{ClaimRow, Given, NarvaroRow, RowContent, SheetKind};
use rust_decimal::Decimal;

use super::book::{Book, meeting, narvaro, number};
use super::life::{FIRST_WITHOUT_FEE, Life, ORGAN};

/// A meeting as its secretary knows it.
#[derive(Clone)]
pub struct Mote {
    pub external: String,
    pub organ: &'static str,
    pub day: Day,
    pub hours: (Clock, Clock),
    pub attended: Vec<usize>,
    /// A list has been taken in and stands.
    pub told: bool,
    /// The files that told of it.
    pub files: Vec<String>,
}

/// Yrkanden that somebody made.
#[derive(Clone)]
pub struct Yrkande {
    pub meeting: usize,
    pub member: usize,
    pub slag: ClaimKind,
}

fn clock(minute: i64) -> Clock {
    let minute = u32::try_from(minute).unwrap();
    Clock::from_hms_opt(minute / 60, minute % 60, 0).unwrap()
}

impl Life {
    /// The meetings of the month before; most lists come at once.
    pub async fn hold_meetings(&mut self) {
        let month = self.payout.plus(-1);
        if month < self.kommun.first_month() {
            return;
        }
        let mut new = Vec::new();
        for _ in 0..self.dice.between(4, 6) {
            let mut day = days_later(month.first(), self.dice.between(0, month.days() - 1));
            while is_day_off(day) {
                day = days_later(day, if day == month.last() { -3 } else { 1 });
            }
            if day < month.first() || day > month.last() {
                continue;
            }
            new.push(self.mote(day));
        }
        let mut rows = Vec::new();
        for place in new {
            if !self.dice.once_in(5) {
                rows.extend(self.list(place, None));
                self.meetings[place].told = true;
            }
        }
        if rows.is_empty() {
            return;
        }
        let file = self.kommun.import(&Book::of(SheetKind::Narvaro, rows)).await;
        for mote in self.meetings.iter_mut().filter(|mote| mote.told && mote.files.is_empty()) {
            mote.files.push(file.clone());
        }
        self.step(format!("lists of {month}")).await;
    }

    /// A meeting on a day, at an hour when few others are.
    fn mote(&mut self, day: Day) -> usize {
        let organ = ORGAN[self.dice.below(ORGAN.len())];
        let start = self.dice.between(16, 34) * 30;
        let hours = (clock(start), clock(start + self.dice.between(5, 20) * 10));
        let mut goers: Vec<usize> = (FIRST_WITHOUT_FEE - 2..self.members.len()).collect();
        self.dice.shuffle(&mut goers);
        goers.truncate(usize::try_from(self.dice.between(3, 5)).unwrap());
        let external = format!("{organ}-{}", self.serial());
        self.meetings.push(Mote { external, organ, day, hours, attended: goers, told: false, files: Vec::new() });
        self.meetings.len() - 1
    }

    fn row(&self, place: usize, member: usize) -> NarvaroRow {
        let mote = &self.meetings[place];
        let reference = meeting(&mote.external, mote.organ, mote.day);
        narvaro(reference, &self.members[member].number, mote.hours)
    }

    /// The list of a meeting: who is known to be one person stands in it once.
    fn list(&self, place: usize, moved_from: Option<Day>) -> Vec<RowContent> {
        let mut seen = BTreeSet::new();
        let attended = self.meetings[place].attended.iter().filter(|member| seen.insert(self.kept(**member)));
        let row = |member: &usize| NarvaroRow { moved_from, ..self.row(place, *member) };
        attended.map(|member| RowContent::Narvaro(Box::new(row(member)))).collect()
    }

    /// Who a member has turned out to be.
    fn kept(&self, member: usize) -> PersonId {
        let mut id = self.members[member].id;
        while let Some(merge) = self.past.merges.iter().find(|merge| merge.from == id) {
            id = merge.into;
        }
        id
    }

    /// A meeting of the last so many months that is told, or not.
    pub fn some_meeting(&mut self, months: i32, told: bool) -> Option<usize> {
        let since = self.payout.plus(-months).first();
        let fits = |(place, mote): (usize, &Mote)| (mote.day >= since && mote.told == told).then_some(place);
        let found: Vec<usize> = self.meetings.iter().enumerate().filter_map(fits).collect();
        self.dice.pick(&found)
    }

    pub async fn late_list(&mut self) -> Option<String> {
        let place = self.some_meeting(8, false)?;
        let rows = self.list(place, None);
        let file = self.kommun.import(&Book::of(SheetKind::Narvaro, rows)).await;
        self.meetings[place].files.push(file);
        self.meetings[place].told = true;
        Some(format!("a late list of {}", self.meetings[place].external))
    }

    /// One person came later, or the whole meeting was longer.
    pub async fn corrected_time(&mut self) -> Option<String> {
        let place = self.some_meeting(6, true)?;
        let member = self.dice.pick(&self.meetings[place].attended.clone())?;
        let rows = if self.dice.once_in(2) {
            let (start, end) = self.meetings[place].hours;
            let late = start + chrono::Duration::minutes(self.dice.between(1, 4) * 10);
            let own = Given::Is(vec![(Some(late.min(end)), None)]);
            vec![RowContent::Narvaro(Box::new(NarvaroRow { own, ..self.row(place, member) }))]
        } else {
            let longer = chrono::Duration::minutes(self.dice.between(-3, 6) * 10);
            let (start, end) = self.meetings[place].hours;
            self.meetings[place].hours = (start, (end + longer).max(start + chrono::Duration::minutes(40)));
            self.list(place, None)
        };
        self.kommun.import(&Book::of(SheetKind::Narvaro, rows)).await;
        Some(format!("corrected times of {}", self.meetings[place].external))
    }

    /// The whole list again, with one person more or fewer.
    pub async fn whole_list(&mut self) -> Option<String> {
        let place = self.some_meeting(6, true)?;
        let new = FIRST_WITHOUT_FEE + self.dice.below(self.members.len() - FIRST_WITHOUT_FEE);
        let attended = &mut self.meetings[place].attended;
        if attended.len() > 2 && (attended.contains(&new) || self.dice.once_in(2)) {
            attended.remove(0);
        } else if !attended.contains(&new) {
            attended.push(new);
        }
        let rows = self.list(place, None);
        let file = self.kommun.import(&Book::default().with(SheetKind::Narvaro, true, rows)).await;
        self.meetings[place].files.push(file);
        Some(format!("the whole list of {}", self.meetings[place].external))
    }

    pub async fn move_meeting(&mut self) -> Option<String> {
        let place = self.some_meeting(4, true)?;
        let before = self.meetings[place].day;
        let day = days_later(before, self.dice.between(-9, 9));
        if day >= self.payout.first() || day < self.kommun.first_month().first() || day == before {
            return None;
        }
        self.meetings[place].day = day;
        let rows = self.list(place, Some(before));
        self.kommun.import(&Book::of(SheetKind::Narvaro, rows)).await;
        Some(format!("{} is moved from {before} to {day}", self.meetings[place].external))
    }

    pub async fn withdraw_meeting(&mut self) -> Option<String> {
        let place = self.some_meeting(12, true)?;
        let external = self.meetings[place].external.clone();
        self.meetings[place].told = false;
        let done = self.kommun.withdraw(&Target::Meeting(MeetingName::External(external.clone()))).await;
        done.then(|| format!("{external} is withdrawn"))
    }

    pub async fn withdraw_file(&mut self) -> Option<String> {
        let place = self.some_meeting(3, true)?;
        let file = self.dice.pick(&self.meetings[place].files.clone())?;
        let done = self.kommun.withdraw(&Target::File(file.clone())).await;
        for mote in self.meetings.iter_mut().filter(|mote| mote.files.contains(&file)) {
            mote.files.retain(|other| *other != file);
            mote.told = !mote.files.is_empty();
        }
        done.then(|| format!("the file {} is withdrawn", file.trim_start_matches('0')))
    }

    /// A meeting that two lists told of as two is one.
    pub async fn link_meetings(&mut self) -> Option<String> {
        let place = self.some_meeting(6, true)?;
        let kept = self.meeting_id(place).await?;
        let mut double = self.meetings[place].clone();
        double.external = format!("{}-dubbel-{}", double.organ, self.serial());
        double.files.clear();
        let day = days_later(double.day, i64::from(self.dice.once_in(2)));
        if day < self.payout.first() {
            double.day = day;
        }
        double.attended.truncate(2);
        self.meetings.push(double);
        let from = self.meetings.len() - 1;
        let rows = self.list(from, None);
        self.kommun.import(&Book::of(SheetKind::Narvaro, rows)).await;
        self.step(format!("{} is told twice", self.meetings[place].external)).await;
        let from_id = self.meeting_id(from).await?;
        // The double is nobody's list any more: what is said of it later would be said of the one that is kept.
        self.meetings[from].told = false;
        self.meetings[from].attended.clear();
        let link = Link { from: from_id, into: kept };
        self.past.links.push(link);
        self.kommun.record(&Fact::Link(link), true).await;
        Some(format!("{} and {} are one", self.meetings[from].external, self.meetings[place].external))
    }

    pub async fn unlink_meetings(&mut self) -> Option<String> {
        let link = self.dice.pick(&self.past.links.clone())?;
        self.past.links.retain(|other| *other != link);
        self.kommun.record(&Fact::Link(link), false).await;
        Some(format!("meetings {} and {} are two again", link.from.0, link.into.0))
    }

    pub async fn claim(&mut self) -> Option<String> {
        let months = if self.dice.once_in(6) { 15 } else { 5 };
        let place = self.some_meeting(months, true)?;
        let member = self.dice.pick(&self.meetings[place].attended.clone())?;
        let slag = [
            ClaimKind::ForloradArbetsinkomst,
            ClaimKind::Resa,
            ClaimKind::Barntillsyn,
            ClaimKind::Funktionshindrad,
            ClaimKind::Pensionsforman,
        ][self.dice.below(5)];
        self.make_claim(Yrkande { meeting: place, member, slag }).await;
        Some(format!("{} is claimed for {}", slag.word(), self.meetings[place].external))
    }

    async fn make_claim(&mut self, yrkande: Yrkande) {
        let Yrkande { meeting: place, member, slag } = yrkande;
        let mote = self.meetings[place].clone();
        let today = self.today();
        let belopp = Ore(self.dice.between(20, 90) * 1_000 * if slag == ClaimKind::Funktionshindrad { 8 } else { 1 });
        let row = ClaimRow {
            meeting: meeting(&mote.external, mote.organ, mote.day),
            person: number(&self.members[member].number),
            inkom: Given::Is(today),
            slag: Some(slag),
            tid: if matches!(slag, ClaimKind::ForloradArbetsinkomst | ClaimKind::Barntillsyn) {
                Given::Is(mote.hours)
            } else {
                Given::Absent
            },
            belopp: if slag == ClaimKind::Resa { Given::Absent } else { Given::Is(belopp) },
            km: if slag == ClaimKind::Resa { Given::Is(Decimal::from(30)) } else { Given::Absent },
            barn_fott: if slag == ClaimKind::Barntillsyn { Given::Is(2018) } else { Given::Absent },
            underlag: Given::Is("kvitto".to_owned()),
            styrkt: Given::Is(!self.dice.once_in(5)),
            ..ClaimRow::default()
        };
        self.kommun.import(&Book::of(SheetKind::Yrkanden, vec![RowContent::Claim(Box::new(row))])).await;
        self.past.claims.push(yrkande);
    }

    pub async fn take_claim_back(&mut self) -> Option<String> {
        let yrkande = self.dice.pick(&self.past.claims.clone())?;
        let mote = self.meetings[yrkande.meeting].clone();
        let row = ClaimRow {
            meeting: meeting(&mote.external, mote.organ, mote.day),
            person: number(&self.members[yrkande.member].number),
            slag: Some(yrkande.slag),
            atertagen: Given::Is(!self.dice.once_in(4)),
            ..ClaimRow::default()
        };
        self.kommun.import(&Book::of(SheetKind::Yrkanden, vec![RowContent::Claim(Box::new(row))])).await;
        Some(format!("{} for {} is taken back", yrkande.slag.word(), mote.external))
    }
}
