//! `month`, `recalculate`, `export` and `void`.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::Ended;
use super::cli::CutOffWord;
use super::kommun::{Kommun, export_settings, freeze_settings};
use super::show::{ShownWaiver, amount, count, grouped, remark_json, row_json, table, totals_json};
use super::veil::veiled;
use crate::adapters::signature::SshSignatures;
use crate::calendar::{Day, Month};
use crate::domain::{Fault, PersonId, Remark, State};
use crate::jobs::attest_batch::{SheetView, sheets};
use crate::jobs::by_hand::ByHand;
use crate::jobs::calculate::{Calculation, Question, Waived, closed};
use crate::jobs::cut_off::Outcome as LeftOutNow;
use crate::jobs::export_batch::{CutOff, Outcome as Exported, export as export_batch};
use crate::jobs::freeze_batch::{Outcome, Sums, Wanted, freeze, preview};
use crate::jobs::gallra::gallrad_of;
use crate::jobs::remark_list::{Shown, shown};
use crate::jobs::void_batch::void as void_batch;
use crate::ledger::{Batch, BatchKind, BatchName, BatchRow, BatchState, Summed};
use crate::money::swedish;
use crate::ports::{Clock, Store};
use crate::regelverk::Loaded;

/// Rows read from the database together.
const ROWS_TOGETHER: u32 = 2_000;

/// A batch that stands, with its number and what it adds up to.
pub(super) type Standing = (i64, Batch, Summed);

pub(super) async fn month(
    kommun: &mut Kommun,
    month: Option<String>,
    is_freeze: bool,
    yes: bool,
    as_known_on: Option<Day>,
) -> Result<Ended, Fault> {
    let text = month.unwrap_or_else(|| Month::of(kommun.clock.today()).to_string());
    if let Ok(name) = text.parse::<BatchName>() {
        let batch = crate::jobs::attest_batch::find(&mut kommun.db, name).await?;
        return stored(kommun, &batch).await;
    }
    let month: Month = text.parse().map_err(Fault::Input)?;
    if is_freeze {
        if as_known_on.is_some() {
            let message =
                "--as-known-on only looks back; a batch is frozen with what is known now. Leave one of the two out";
            return Err(Fault::Input(message.to_owned()));
        }
        kommun.may_write()?;
        return freeze_and_show(kommun, &Wanted::Monthly(month), yes).await;
    }
    if as_known_on.is_none() {
        let standing = kommun.db.batches().await?.into_iter().rev().find(|(_, batch, _)| {
            batch.name.payout == month && batch.kind == BatchKind::Monthly && batch.state != BatchState::Void
        });
        if let Some(batch) = standing {
            return stored(kommun, &batch).await;
        }
    }
    show_preview(kommun, &Wanted::Monthly(month), as_known_on).await
}

pub(super) async fn recalculate(kommun: &mut Kommun, from: Month, because: String, yes: bool) -> Result<Ended, Fault> {
    kommun.may_write()?;
    if because.trim().is_empty() {
        return Err(Fault::Input("--because needs the decision, for example \"KF 2023-03-27 § 12\"".to_owned()));
    }
    let actor = kommun.actor();
    let ended = freeze_and_show(kommun, &Wanted::Recalculation { from, because, actor }, yes).await?;
    if !kommun.json {
        say!("En omräkning ångras genom att körningen tas tillbaka: arvode void KÖRNING --because \"…\"");
    }
    Ok(ended)
}

async fn freeze_and_show(kommun: &mut Kommun, wanted: &Wanted, yes: bool) -> Result<Ended, Fault> {
    let bar = progress("personer räknade");
    let settings = freeze_settings(&kommun.configured);
    let mut step = |persons: usize| bar.inc(persons as u64);
    let outcome = freeze(&mut kommun.db, &settings, &kommun.clock, wanted, yes, &mut step).await?;
    bar.finish_and_clear();
    if !outcome.stopped.is_empty() {
        let payout = outcome.name.payout;
        let look = match wanted {
            Wanted::Monthly(_) => format!("Look at `arvode month {payout}`"),
            Wanted::Recalculation { .. } => format!("`arvode month {payout}` shows what the rules would change"),
        };
        return Err(Fault::Refused(format!(
            "spärr: {}; nothing was frozen. {look}. If it is right, say the same with --yes; if not, `arvode changes` lists what was changed by hand and `arvode undo` undoes it, and `arvode withdraw FILE` takes a wrong file back",
            outcome.stopped.join("; "),
        )));
    }
    if outcome.is_empty {
        return show_empty(kommun, &outcome).await;
    }
    super::attest::write_open_texts(kommun).await?;
    let batch = crate::jobs::attest_batch::find(&mut kommun.db, outcome.name).await?;
    stored_with(kommun, &batch, outcome).await
}

async fn show_empty(kommun: &mut Kommun, outcome: &Outcome) -> Result<Ended, Fault> {
    let facts_up_to = kommun.db.last_fact().await?;
    let anstids = anstids(kommun, facts_up_to).await?;
    let remarks = shown_of(outcome, |person| anstids.get(&person).cloned());
    let waived = waived_of(outcome, &anstids);
    if kommun.json {
        let list: Vec<Value> =
            remarks.iter().map(|found| remark_json(&found.id, found.anstid.as_deref(), &found.remark)).collect();
        say!(
            "{}",
            json!({
                "batch": null,
                "state": "empty",
                "rows": [],
                "totals": totals_json(&outcome.totals),
                "remarks": list,
                "waived": waived.iter().map(ShownWaiver::json).collect::<Vec<_>>(),
            })
        );
    } else {
        say!("Inget är att betala ut: ingen körning gjordes.");
        print_waived(&waived);
        print_remarks(&remarks);
    }
    Ok(ended(&remarks))
}

/// A batch as it stands in the database.
async fn stored(kommun: &mut Kommun, batch: &Standing) -> Result<Ended, Fault> {
    let (id, frozen, totals) = batch;
    let mut outcome = Outcome {
        name: frozen.name,
        totals: totals.clone(),
        sums: None,
        waiting_persons: 0,
        left_at_rest: 0,
        remarks: Vec::new(),
        waived: Vec::new(),
        rule_differences: BTreeMap::new(),
        stopped: Vec::new(),
        is_empty: false,
    };
    if gallrad_of(&mut kommun.db, *id).await?.is_some() {
        return stored_with(kommun, batch, outcome).await;
    }
    let question = Question {
        payout: frozen.name.payout,
        horizon: frozen.name.payout,
        facts_up_to: frozen.facts_up_to,
        claims_until: frozen.frozen_on,
        pins_up_to: *id,
        booked_up_to: *id - 1,
        repinned_from: None,
        explain: false,
        only: None,
    };
    let mut calculation = Calculation::start(&mut kommun.db, &kommun.configured.loaded, question).await?;
    while let Some(results) = calculation.next(&mut kommun.db).await? {
        for result in results {
            let waived = result.waived_in(frozen.name.payout);
            outcome.waived.extend(waived.into_iter().map(|waived| (result.person, waived)));
            for (month, (lines, sum)) in result.rule_differences {
                let entry = outcome.rule_differences.entry(month).or_default();
                entry.0 += lines;
                entry.1 += sum;
            }
            outcome.remarks.extend(result.remarks.into_iter().map(|remark| (result.person, remark)));
        }
    }
    stored_with(kommun, batch, outcome).await
}

async fn stored_with(kommun: &mut Kommun, (id, batch, totals): &Standing, outcome: Outcome) -> Result<Ended, Fault> {
    let anstids = anstids(kommun, batch.facts_up_to).await?;
    let remarks = shown_of(&outcome, |person| anstids.get(&person).cloned());
    let mut page = Page::start(kommun.json, &batch.name.to_string(), batch.state.name());
    let (mut next, mut left) = (1, if kommun.json || outcome.sums.is_none() { u32::MAX } else { ROWS_SHOWN });
    while left > 0 {
        let rows = kommun.db.rows(*id, next, ROWS_TOGETHER.min(left)).await?;
        let Some(last) = rows.last() else { break };
        next = last.row.postid + 1;
        left = left.saturating_sub(u32::try_from(rows.len()).unwrap_or(u32::MAX));
        rows.iter().try_for_each(|stored| page.row(&stored.row))?;
    }
    // Whoever froze it has seen all rows go by; a person is shown the first of them.
    if let Some(sums) = &outcome.sums {
        page.sums = sums.clone();
    }
    let outcome = Outcome { totals: totals.clone(), ..outcome };
    let past = Past {
        closed_through: closed(&mut kommun.db, i64::MAX).await?.through,
        gallrad: gallrad_of(&mut kommun.db, *id).await?,
        left_out: left_out_sheets(kommun, batch.name).await?,
    };
    page.finish(&kommun.configured.loaded, &outcome, &remarks, &waived_of(&outcome, &anstids), &past)?;
    Ok(ended(&remarks))
}

async fn left_out_sheets(kommun: &mut Kommun, name: BatchName) -> Result<Vec<SheetView>, Fault> {
    let mut views = sheets(&mut kommun.db, name).await?;
    views.retain(|view| view.left_out.is_some());
    Ok(views)
}

async fn show_preview(kommun: &mut Kommun, wanted: &Wanted, as_known_on: Option<Day>) -> Result<Ended, Fault> {
    let (loaded, known) = kommun.as_known_on(as_known_on).await?;
    let settings = crate::jobs::freeze_batch::Settings { loaded: &loaded, ..freeze_settings(&kommun.configured) };
    let mut page = Page::start(kommun.json, "", "preview");
    let mut each = |row: &BatchRow| page.row(row);
    let outcome = preview(&mut kommun.db, &settings, &kommun.clock, wanted, known, &mut each).await?;
    let facts_up_to = kommun.db.last_fact().await?;
    let anstids = anstids(kommun, facts_up_to).await?;
    let remarks = shown_of(&outcome, |person| anstids.get(&person).cloned());
    let known = known.map_or(facts_up_to, |(_, number)| number);
    let closed_through = closed(&mut kommun.db, known).await?.through;
    let past = Past { closed_through, gallrad: None, left_out: Vec::new() };
    page.finish(&loaded, &outcome, &remarks, &waived_of(&outcome, &anstids), &past)?;
    Ok(ended(&remarks))
}

async fn anstids(kommun: &mut Kommun, facts_up_to: i64) -> Result<BTreeMap<PersonId, String>, Fault> {
    let mut found = BTreeMap::new();
    for recorded in kommun.db.facts_of_kinds(&["anstid"], facts_up_to).await? {
        if let crate::domain::Fact::Anstid(anstid) = recorded.fact
            && (anstid.organ.is_none() || !found.contains_key(&anstid.person))
        {
            found.insert(anstid.person, anstid.anstid);
        }
    }
    Ok(found)
}

/// What waits, and what there is to know of the months that the batch is about; older notes are `arvode remarks`' to tell.
fn shown_of(outcome: &Outcome, anstid: impl Fn(PersonId) -> Option<String>) -> Vec<Shown> {
    let since = outcome.name.payout.plus(-1).first();
    let is_current =
        |(_, remark): &&(PersonId, Remark)| remark.state == State::Held || remark.day.is_none_or(|day| day >= since);
    outcome
        .remarks
        .iter()
        .filter(is_current)
        .map(|(person, remark)| shown(*person, anstid(*person), remark.clone()))
        .collect()
}

fn waived_of(outcome: &Outcome, anstids: &BTreeMap<PersonId, String>) -> Vec<ShownWaiver> {
    let shown = |(person, waived): &(PersonId, Waived)| ShownWaiver::new(anstids.get(person).cloned(), waived.clone());
    outcome.waived.iter().map(shown).collect()
}

fn ended(remarks: &[Shown]) -> Ended {
    if remarks.iter().any(|found| found.remark.state == State::Held) { Ended::Look } else { Ended::Done }
}

/// A batch on its way to the reader: rows one by one, then what they add up to.
pub(super) struct Page {
    json: bool,
    sums: Sums,
    title: String,
    state: String,
}

/// What time has done to a batch: which months are closed, and how many of its rows are gone by which decision.
struct Past {
    closed_through: Option<Month>,
    gallrad: Option<(u32, String)>,
    /// Sheets that were left out of it.
    left_out: Vec<SheetView>,
}

/// Says that rows are gone, and why.
pub(super) fn gallrade_text(rows: u32, decision: &str) -> String {
    format!(
        "{} gallrade enligt {decision}; summor, attestblad och underskrifter finns kvar.",
        count(rows, "rad", "rader")
    )
}

/// Reasons shown to a person; the rest is counted.
const GROUPS_SHOWN: usize = 20;

/// Rows shown to a person; the rest is counted.
const ROWS_SHOWN: u32 = 40;

impl Page {
    fn start(json: bool, batch: &str, state: &str) -> Page {
        if json {
            let batch = if batch.is_empty() { Value::Null } else { json!(batch) };
            let _ = write!(std::io::stdout().lock(), "{{\"batch\":{batch},\"state\":\"{state}\",\"rows\":[");
        }
        Page { json, sums: Sums::default(), title: batch.to_owned(), state: state.to_owned() }
    }

    fn row(&mut self, row: &BatchRow) -> Result<(), Fault> {
        if self.json {
            let comma = if self.sums.rows > 0 { "," } else { "" };
            write!(std::io::stdout().lock(), "{comma}{}", veiled(&row_json(row).to_string())).map_err(gone)?;
        } else if self.sums.rows < ROWS_SHOWN {
            let mark = row.reverses.as_ref().map(|row| format!("  rättar {row}")).unwrap_or_default();
            say!(
                "{:>5}  {:<8} {}  {:<4} {:<28} {:>8} x {:>10}  {:>14}{mark}",
                row.postid,
                row.anstid,
                row.day,
                row.organ.0,
                row.kind.word(),
                row.antal.normalize(),
                super::show::price(row.apris),
                swedish(row.belopp),
            );
        }
        self.sums.add(row);
        Ok(())
    }

    fn finish(
        self,
        loaded: &Loaded,
        outcome: &Outcome,
        remarks: &[Shown],
        waived: &[ShownWaiver],
        past: &Past,
    ) -> Result<(), Fault> {
        if self.json {
            let list: Vec<Value> =
                remarks.iter().map(|found| remark_json(&found.id, found.anstid.as_deref(), &found.remark)).collect();
            let differences: Vec<Value> = outcome
                .rule_differences
                .iter()
                .map(|(month, (lines, sum))| json!({ "month": month, "lines": lines, "belopp": sum.to_string() }))
                .collect();
            let tail = json!({
                "totals": totals_json(&outcome.totals),
                "remarks": list,
                "waived": waived.iter().map(ShownWaiver::json).collect::<Vec<_>>(),
                "rule_differences": differences,
                "stopped": outcome.stopped,
                "closed_through": past.closed_through,
                "gallrad": past.gallrad.as_ref().map(|(rows, decision)| json!({ "rows": rows, "decision": decision })),
                "left_out": past.left_out.iter().filter_map(super::cut_off::sheet_json).collect::<Vec<_>>(),
                "example": loaded.example,
            });
            let tail = veiled(&tail.to_string());
            return writeln!(std::io::stdout().lock(), "],{}", &tail[1..]).map_err(gone);
        }
        if self.sums.rows > ROWS_SHOWN {
            say!("       … och {} rader till (--json visar alla)", self.sums.rows - ROWS_SHOWN);
        }
        let totals = &outcome.totals;
        let name = if self.title.is_empty() {
            format!("{} (så som den skulle bli)", outcome.name)
        } else {
            format!("{} ({})", self.title, self.state)
        };
        say!(
            "Körning {name}: {}, {}, {}",
            count(totals.rows, "rad", "rader"),
            count(totals.persons, "person", "personer"),
            swedish(totals.sum)
        );
        let payout = outcome.name.payout;
        say!("Bryts {}, utbetalas {}.", loaded.lonekalender.cut_off(payout), loaded.lonekalender.pay_day(payout));
        past.left_out.iter().filter_map(super::cut_off::sheet_text).for_each(|text| say!("{text}"));
        if let Some((rows, decision)) = &past.gallrad {
            say!("{}", gallrade_text(*rows, decision));
        }
        if let Some(through) = past.closed_through {
            say!("Intjänandemånader är stängda till och med {through}.");
        }
        let mut kinds = table(&["slag", "rader", "belopp"], &[1, 2]);
        for (kind, (rows, sum)) in &self.sums.by_kind {
            kinds.add_row([kind.word().to_owned(), rows.to_string(), swedish(*sum)]);
        }
        say!("{kinds}");
        if self.sums.reversals.0 > 0 {
            say!(
                "Därav rättelser av tidigare utbetalt: {}, {}.",
                count(self.sums.reversals.0, "rad", "rader"),
                swedish(self.sums.reversals.1)
            );
        }
        if !outcome.rule_differences.is_empty() {
            say!(
                "Ändrade regler skulle ge andra belopp i månader som redan är räknade. Det betalas inte av sig självt:"
            );
            for (month, (lines, sum)) in &outcome.rule_differences {
                say!("  {month}: {}, {}", count(*lines, "rad", "rader"), swedish(*sum));
            }
            let first = outcome.rule_differences.keys().next().copied().unwrap_or(payout);
            say!("  När det är beslutat: arvode recalculate --from {first} --because \"beslut\"");
        }
        for reason in &outcome.stopped {
            say!("Spärr: {reason}. `--freeze` stannar; `--freeze --yes` om det är rätt.");
        }
        if loaded.example {
            say!("Beloppen är exempelbilagans.");
        }
        print_waived(waived);
        print_remarks(remarks);
        Ok(())
    }
}

/// Waived lines shown to a person; the rest is counted.
const WAIVED_SHOWN: usize = 20;

fn print_waived(waived: &[ShownWaiver]) {
    for one in waived.iter().take(WAIVED_SHOWN) {
        say!("{}  {}", one.anstid(), one.text());
    }
    if waived.len() > WAIVED_SHOWN {
        say!("… och {} avstådda till (--json visar alla)", waived.len() - WAIVED_SHOWN);
    }
}

fn print_remarks(remarks: &[Shown]) {
    for (state, title) in [(State::Held, "Väntar på en människa"), (State::Noted, "Att veta")] {
        let of_state: Vec<(String, &Remark)> = remarks
            .iter()
            .filter(|found| found.remark.state == state)
            .map(|found| (found.id.clone(), &found.remark))
            .collect();
        if of_state.is_empty() {
            continue;
        }
        say!("{title} ({}; `arvode remarks` visar var och en):", of_state.len());
        let groups = grouped(&of_state);
        for (reason, number, worth) in groups.iter().take(GROUPS_SHOWN) {
            say!("  {number} x {reason} [{}]", amount(*worth));
        }
        if groups.len() > GROUPS_SHOWN {
            say!("  … och {} skäl till", groups.len() - GROUPS_SHOWN);
        }
    }
}

fn gone(error: std::io::Error) -> Fault {
    Fault::Temporary(format!("the output is closed: {error}"))
}

/// A bar on a terminal, nothing in a pipe.
pub(super) fn progress(what: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} {msg}") {
        bar.set_style(style);
    }
    bar.set_message(what.to_owned());
    bar
}

pub(super) async fn export(
    kommun: &mut Kommun,
    name: BatchName,
    cut_off: Option<CutOffWord>,
    leave_out_unsigned: bool,
) -> Result<Ended, Fault> {
    kommun.may_write()?;
    let cut_off = cut_off.map(|word| match word {
        CutOffWord::Delivered => CutOff::Delivered,
        CutOffWord::NotDelivered => CutOff::NotDelivered,
    });
    let _alone = crate::adapters::lock::lock(&kommun.folder)?;
    let actor = kommun.actor();
    let left = match leave_out_unsigned {
        true => Some(super::cut_off::leave_out(kommun, name, Some(&actor)).await?),
        false => None,
    };
    let is_void = left.as_ref().is_some_and(|left| left.is_void);
    let done = if is_void { Exported::default() } else { let_out(kommun, name, cut_off).await? };
    print_export(kommun.json, name, &done, left.as_ref());
    Ok(if is_void { Ended::Look } else { Ended::Done })
}

/// Exports a batch with the kommun's keys, folders and settings.
pub(super) async fn let_out(kommun: &mut Kommun, name: BatchName, cut_off: Option<CutOff>) -> Result<Exported, Fault> {
    let (out, settings) = (kommun.out(), export_settings(&kommun.configured));
    export_batch(&mut kommun.db, &SshSignatures, &out, &kommun.clock, &settings, name, cut_off).await
}

fn print_export(json: bool, name: BatchName, done: &Exported, left: Option<&LeftOutNow>) {
    if json {
        let mut object = json!({
            "batch": name, "receipt": done.receipt, "delivered": done.delivered, "was_done": done.was_done
        });
        if let Some(left) = left {
            object["left_out"] = super::cut_off::json_of(left);
            object["is_void"] = json!(left.is_void);
        }
        say!("{object}");
        return;
    }
    for one in left.iter().flat_map(|left| &left.left_out) {
        say!("Blad {} av {name} är utelämnat: {}. Dess rader är att betala igen.", one.sheet, one.why.says());
    }
    if left.is_some_and(|left| left.is_void) {
        say!("Inget blad i {name} var attesterat: körningen är tagen tillbaka, och inget har lämnats.");
        say!("Betala ändå: frys månaden igen, arvode month {} --freeze; körningen får nästa nummer.", name.payout);
        return;
    }
    if let Some(receipt) = &done.receipt {
        say!(
            "{}: {}, {}, {}, sha256 {}",
            receipt.file,
            count(receipt.rows, "rad", "rader"),
            count(receipt.persons, "person", "personer"),
            receipt.total.parse().map_or_else(|_| receipt.total.clone(), swedish),
            receipt.sha256
        );
    }
    match (done.delivered, done.was_done) {
        (true, _) => say!("Körning {name} är lämnad till lönesystemet."),
        (_, true) => say!("Körning {name} lämnades förut; inget skrevs."),
        _ => say!("Körning {name}: lämnandet var redan gjort och är nu antecknat."),
    }
}

pub(super) async fn void(
    kommun: &mut Kommun,
    name: BatchName,
    because: &str,
    payroll_discarded: bool,
) -> Result<Ended, Fault> {
    kommun.may_write()?;
    let actor = kommun.actor();
    let by = ByHand { actor: &actor, because };
    void_batch(&mut kommun.db, &kommun.clock, name, &by, payroll_discarded).await?;
    if kommun.json {
        say!("{}", json!({ "batch": name, "state": "void" }));
    } else {
        say!("Körning {name} är tagen tillbaka: dess rader är att betala igen.");
        say!("Ångra: frys månaden igen, arvode month {} --freeze; körningen får nästa nummer.", name.payout);
    }
    Ok(Ended::Done)
}
