//! The year as it happens: files arrive, a month is frozen, two sign, the file leaves.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::failed;
use super::letters::{self, Life};
use super::officials::Officials;
use super::storm::{Mishap, Storm};
use crate::adapters::diarium::played::Played;
use crate::adapters::settings::DiariumSettings;
use crate::adapters::signature::SshSignatures;
use crate::app::batches::progress;
use crate::app::import::{Taken, take_in};
use crate::app::kommun::Kommun;
use crate::app::rejected::Place;
use crate::app::remarks;
use crate::app::sync::sync_source;
use crate::attest::Role;
use crate::calendar::{Clock as TimeOfDay, Day, Month, days_later, instant_minutes, is_day_off};
use crate::domain::{Fault, LineKind, PersonId, State};
use crate::jobs::attest_batch::{self, Signer, sign};
use crate::jobs::import_workbooks::Report;
use crate::jobs::schedule::Job;
use crate::jobs::sync_diarium::{Synced, Unlinked};
use crate::ledger::{Batch, BatchName, BatchState, Summed};
use crate::money::Ore;
use crate::ports::{Clock, OutboxStore, PayrollOut, Receipt, Store};

/// The first payout month; twelve more follow, for December's meetings are paid in January.
pub(super) const FIRST_PAYOUT: &str = "2025-01";
const PAYOUTS: i32 = 13;

const MINUTE_MS: i64 = 60_000;

/// Rows read from the database together.
const ROWS_TOGETHER: u32 = 2_000;

macro_rules! arrival {
    ($payout:literal, $file:literal) => {
        ($payout, $file, include_bytes!(concat!("../../../fixtures/demo/", $file)))
    };
}

/// In which payout month each workbook comes in. The month's own list first: corrections are of what stands.
const ARRIVALS: [(&str, &str, &[u8]); 20] = [
    arrival!("2025-01", "register.xlsx"),
    arrival!("2025-02", "2025-01.xlsx"),
    arrival!("2025-03", "2025-02.xlsx"),
    arrival!("2025-04", "2025-03.xlsx"),
    arrival!("2025-04", "lokala-radet-2025-01-30.xlsx"),
    arrival!("2025-05", "register-2025-05.xlsx"),
    arrival!("2025-05", "2025-04.xlsx"),
    arrival!("2025-06", "2025-05.xlsx"),
    arrival!("2025-06", "rattat/2025-04.xlsx"),
    arrival!("2025-07", "2025-06.xlsx"),
    arrival!("2025-07", "kommunstyrelsen-2025-05-13.xlsx"),
    arrival!("2025-08", "2025-07.xlsx"),
    arrival!("2025-08", "register-2025-07.xlsx"),
    arrival!("2025-09", "2025-08.xlsx"),
    arrival!("2025-10", "2025-09.xlsx"),
    arrival!("2025-10", "fullmaktige-2025-08-25.xlsx"),
    arrival!("2025-11", "register-2025-11.xlsx"),
    arrival!("2025-11", "2025-10.xlsx"),
    arrival!("2025-12", "2025-11.xlsx"),
    arrival!("2026-01", "2025-12.xlsx"),
];

macro_rules! played {
    ($file:literal) => {
        (concat!("oparl/", $file), include_bytes!(concat!("../../../fixtures/diarium/oparl/", $file)).as_slice())
    };
}

/// The kommun's diarium, played over loopback from the payout month on in which it is connected.
const DIARIUM: [(&str, &[u8]); 7] = [
    played!("system.json"),
    played!("body.json"),
    played!("organization.json"),
    played!("person.json"),
    played!("membership.json"),
    played!("meeting.json"),
    played!("paper.json"),
];
const CONNECTED: &str = "2025-12";
const SOURCE: &str = "Diariet";

/// What a reader is told of the year.
#[derive(Default)]
pub(super) struct Year {
    /// Files in the order in which they came in.
    pub files: Vec<Came>,
    /// What the diarium said, each time that it was asked.
    pub synced: Vec<(Day, Synced)>,
    /// Batches in the order in which they left.
    pub batches: Vec<Delivered>,
    /// What was paid, by organ: rows and sum.
    pub by_organ: BTreeMap<String, (u32, Ore)>,
    /// What was paid, by kind.
    pub by_kind: BTreeMap<LineKind, (u32, Ore)>,
    /// Who was paid.
    pub persons: BTreeSet<PersonId>,
    /// How many letters of each kind went out, and how many wait to be printed.
    pub letters: letters::Counted,
    /// What went wrong with the program, where that was asked for.
    pub mishaps: BTreeMap<Mishap, u32>,
    /// What a person must look at, as it stands at the end.
    pub held: Vec<crate::jobs::remark_list::Shown>,
}

/// A file that came in.
pub(super) struct Came {
    /// When.
    pub on: Day,
    /// Its name.
    pub file: String,
    /// What became of its rows.
    pub report: Report,
}

/// A batch that has left.
pub(super) struct Delivered {
    /// Its name.
    pub name: BatchName,
    /// When it was frozen.
    pub frozen_on: Day,
    /// When it is paid.
    pub pay_day: Day,
    /// Rows, persons and sum.
    pub totals: Summed,
    /// Rows that take back what was paid before, and their sum.
    pub reversals: (u32, Ore),
    /// Its file.
    pub receipt: Receipt,
}

/// Lives the year through, and on until the last of its letters is written.
pub(super) async fn live(dir: &Path, officials: &Officials, storm: Option<Storm>, json: bool) -> Result<Year, Fault> {
    let life = &Life { bar: progress("steg i Demokommunens år"), storm: RefCell::new(storm) };
    let first: Month = FIRST_PAYOUT.parse().map_err(Fault::Input)?;
    let mut year = Year::default();
    let diarium = play()?;
    let begins = instant(first.first(), 8)?;
    let mut kommun = Kommun::open(dir, None, json, Some(begins)).await?;
    letters::begin(&mut kommun).await?;
    for payout in (0..PAYOUTS).map(|later| first.plus(later)) {
        let on = bank_days_after(days_later(payout.first(), -1), 2);
        let begun = letters::live_until(&mut kommun, instant(on, 9)?, life).await;
        let lived = match begun {
            Ok(()) => live_month(&mut kommun, (officials, &diarium), payout, &mut year, life).await,
            Err(fault) => Err(fault),
        };
        if let Err(fault) = lived {
            return kommun.close().await.and(Err(fault));
        }
    }
    let ended = letters::live_until(&mut kommun, instant(letters::last_day(), 9)?, life).await;
    let counted = match ended {
        Ok(()) => letters::counted(&mut kommun).await,
        Err(fault) => Err(fault),
    };
    kommun.close().await?;
    year.letters = counted?;
    year.mishaps = life.storm.take().map(|storm| storm.happened).unwrap_or_default();
    life.bar.finish_and_clear();
    Ok(year)
}

async fn live_month(
    kommun: &mut Kommun,
    (officials, diarium): (&Officials, &Played),
    payout: Month,
    year: &mut Year,
    life: &Life,
) -> Result<(), Fault> {
    if payout >= CONNECTED.parse().map_err(Fault::Input)? {
        ask_diarium(kommun, diarium, year, life).await?;
    }
    year.files.extend(arrive(kommun, payout, life).await?);
    let frozen_on = freeze_month(kommun, payout, life).await?;
    let name = BatchName { payout, sequence: 1 };
    attest(kommun, officials, name, life).await?;
    let receipt = deliver(kommun, name, life).await?;
    let (id, _, totals) = attest_batch::find(&mut kommun.db, name).await?;
    let reversals = year.add_rows(kommun, id).await?;
    let pay_day = kommun.configured.loaded.lonekalender.pay_day(payout);
    year.batches.push(Delivered { name, frozen_on, pay_day, totals, reversals, receipt });
    year.held = remarks::found(kommun, Some(State::Held)).await?;
    Ok(())
}

fn play() -> Result<Played, Fault> {
    let files = DIARIUM.iter().map(|(name, content)| ((*name).to_owned(), content.to_vec()));
    Played::of_files(files)
        .map_err(|error| Fault::Temporary(format!("the demo's diarium cannot be played on loopback: {error}")))
}

/// Before the lists are taken in, as by the timetable. Whoever is named for the first time is confirmed by the clerk, in the
/// workbook that the sync writes, where it proposes somebody; then the diarium is asked once more.
async fn ask_diarium(kommun: &mut Kommun, diarium: &Played, year: &mut Year, life: &Life) -> Result<(), Fault> {
    life.bar.inc(1);
    let source = DiariumSettings::oparl(SOURCE, &format!("{}/oparl", diarium.base()));
    let mut done = sync_source(kommun, &source).await?;
    if !done.unlinked.is_empty() {
        let on = kommun.clock.today();
        let path = confirmed(kommun, &done.unlinked)?;
        for taken in take_in(kommun, &[path], false, Place::Folder, &mut |_| ()).await? {
            if let Taken::In { file, report, .. } = taken {
                year.files.push(Came { on, file, report: *report });
            }
        }
        let again = sync_source(kommun, &source).await?;
        done.attendances += again.attendances;
    }
    year.synced.push((kommun.clock.today(), done));
    Ok(())
}

/// The clerk has looked, and says yes to whoever has the same name as one person of the register.
fn confirmed(kommun: &Kommun, unlinked: &[Unlinked]) -> Result<PathBuf, Fault> {
    let mut rows = "Diarium;Id i diariet;Namn;Bekräftas\r\n".to_owned();
    for one in unlinked {
        let is_clear = one.candidates.len() == 1;
        let answer = if is_clear { "ja" } else { "nej" };
        rows.push_str(&format!("{SOURCE};{};{};{answer}\r\n", one.id, if is_clear { &one.name } else { "" }));
    }
    put(&kommun.path(Path::new("in")), "kopplingar.csv", rows.as_bytes())
}

/// The second bank day: what has come since last month is taken in.
async fn arrive(kommun: &mut Kommun, payout: Month, life: &Life) -> Result<Vec<Came>, Fault> {
    let on = kommun.clock.today();
    let folder = kommun.path(Path::new("in"));
    let mut came = Vec::new();
    for (_, name, content) in ARRIVALS.iter().filter(|(month, _, _)| *month == payout.to_string()) {
        life.bar.inc(1);
        let path = put(&folder, name, content)?;
        for taken in take_in(kommun, &[path], false, Place::Folder, &mut |_| ()).await? {
            match taken {
                Taken::In { file, report, .. } => came.push(Came { on, file, report: *report }),
                Taken::Rejected { file, why, .. } => {
                    return Err(Fault::Temporary(format!("{file} of the demo cannot be read: {why}")));
                }
            }
        }
    }
    Ok(came)
}

/// A file that is sent again under its old name replaces the one before; the archive has both.
fn put(folder: &Path, name: &str, content: &[u8]) -> Result<PathBuf, Fault> {
    let path = folder.join(name.rsplit('/').next().unwrap_or(name));
    fs::write(&path, content).map_err(|error| failed(&path, &error))?;
    Ok(path)
}

/// Five bank days before the cut-off, at six, the timetable freezes the month.
async fn freeze_month(kommun: &mut Kommun, payout: Month, life: &Life) -> Result<Day, Fault> {
    life.bar.inc(1);
    let day = kommun.configured.loaded.lonekalender.calculation(payout);
    letters::live_until(kommun, instant(day, 6)?, life).await?;
    life.look_now(kommun).await?;
    let is_it =
        |batch: &Batch| batch.name == BatchName { payout, sequence: 1 } && batch.state == BatchState::Calculated;
    if kommun.db.batches().await?.iter().any(|(_, batch, _)| is_it(batch)) {
        return Ok(day);
    }
    let why = kommun.db.last_run(Job::CalculateMonth.name()).await?.map(|run| run.told).unwrap_or_default();
    Err(Fault::Refused(format!(
        "{payout} of the demo is not frozen ({why}): the program pays otherwise than its fixtures foresee"
    )))
}

/// The bank day after: both officials sign what they may, and the deputy what they may not.
async fn attest(kommun: &mut Kommun, officials: &Officials, name: BatchName, life: &Life) -> Result<(), Fault> {
    let day = bank_days_after(kommun.clock.today(), 1);
    letters::live_until(kommun, instant(day, 9)?, life).await?;
    sign_as(kommun, name, Role::Granskning, &officials.granskare).await?;
    letters::live_until(kommun, instant(day, 13)?, life).await?;
    sign_as(kommun, name, Role::Beslut, &officials.beslutare).await?;
    for role in Role::ALL {
        let views = attest_batch::sheets(&mut kommun.db, name).await?;
        let is_signed = |view: &attest_batch::SheetView| view.attests.iter().any(|attest| attest.role == role.name());
        if !views.iter().all(is_signed) {
            sign_as(kommun, name, role, &officials.ersattare).await?;
        }
    }
    Ok(())
}

async fn sign_as(kommun: &mut Kommun, name: BatchName, role: Role, key: &Path) -> Result<(), Fault> {
    let by = Signer { role, key, as_id: None, passphrase: None };
    let list = &kommun.configured.forteckning;
    let outcome = sign(&mut kommun.db, &SshSignatures, list, &kommun.clock, name, &by).await;
    outcome.map(drop)
}

/// A minute after the last signature the timetable sends the batch.
async fn deliver(kommun: &mut Kommun, name: BatchName, life: &Life) -> Result<Receipt, Fault> {
    let after = kommun.clock.now_ms() + MINUTE_MS;
    kommun.set_now(after)?;
    life.look_now(kommun).await?;
    let (_, batch, _) = attest_batch::find(&mut kommun.db, name).await?;
    let receipt = kommun.out().receipt(name)?.filter(|_| batch.state == BatchState::Delivered);
    receipt.ok_or_else(|| {
        Fault::Refused(format!("{name} of the demo did not leave after both signatures; it is {}", batch.state.name()))
    })
}

pub(super) fn instant(day: Day, hour: u32) -> Result<i64, Fault> {
    let clock = TimeOfDay::from_hms_opt(hour, 0, 0).unwrap_or_default();
    let minutes = instant_minutes(day, clock);
    minutes.map(|minutes| minutes * 60_000).map_err(|_| Fault::Input(format!("{day} has no {hour} o'clock")))
}

fn bank_days_after(mut day: Day, count: u32) -> Day {
    for _ in 0..count {
        day = days_later(day, 1);
        while is_day_off(day) {
            day = days_later(day, 1);
        }
    }
    day
}

impl Year {
    /// Takes in a batch's rows; gives its reversals.
    async fn add_rows(&mut self, kommun: &mut Kommun, id: i64) -> Result<(u32, Ore), Fault> {
        let (mut next, mut reversals) = (1, (0, Ore::ZERO));
        loop {
            let rows = kommun.db.rows(id, next, ROWS_TOGETHER).await?;
            let Some(last) = rows.last() else { return Ok(reversals) };
            next = last.row.postid + 1;
            for row in rows.into_iter().map(|stored| stored.row) {
                let rules = &kommun.configured.loaded.regelverk;
                let organ = rules.organ(&row.organ).map_or_else(|| row.organ.to_string(), |organ| organ.namn.clone());
                count(self.by_organ.entry(organ).or_default(), row.belopp, true);
                count(self.by_kind.entry(row.kind).or_default(), row.belopp, true);
                count(&mut reversals, row.belopp, row.reverses.is_some());
                self.persons.insert(row.person);
            }
        }
    }
}

fn count((rows, sum): &mut (u32, Ore), belopp: Ore, does_count: bool) {
    if does_count {
        *rows += 1;
        *sum += belopp;
    }
}
