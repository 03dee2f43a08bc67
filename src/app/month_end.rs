//! The month by itself: its batch, its cut-off, and its way out.

use super::attest::write_open_texts;
use super::kommun::{Kommun, addresses, desk, export_settings, freeze_settings};
use super::show::count;
use super::veil::veiled_error;
use super::{complain, sync};
use crate::adapters::lock::lock;
use crate::adapters::signature::SshSignatures;
use crate::calendar::{Day, Month, day_of_instant, local_text};
use crate::domain::Fault;
use crate::jobs::attest_batch::find;
use crate::jobs::calculate_month::{Calculated, Step, calculate, step, told_of, waits_text};
use crate::jobs::export_attested::{is_overdue, leaving};
use crate::jobs::export_batch::export;
use crate::jobs::freeze_batch::Outcome;
use crate::jobs::operator_alarm::{Alarm, alarm_to};
use crate::jobs::schedule::Job;
use crate::jobs::tell_events::open_sheets;
use crate::ledger::{Batch, BatchName};
use crate::money::swedish;
use crate::ports::{Clock, Office, OutboxStore, ScheduledRun};

/// Takes in what has changed in every diarium.
pub(super) async fn sync_diarium(kommun: &mut Kommun, _due: Day) -> Result<String, Fault> {
    sync::sync_all(kommun).await
}

/// Whether a due time must wait for the month before it or for another batch to leave, and what is told of it. So that months
/// which were missed go out in order; nothing has failed, and nothing is tried.
pub(super) async fn must_wait(kommun: &mut Kommun, run: &ScheduledRun) -> Result<Option<String>, Fault> {
    if run.job != Job::CalculateMonth.name() {
        return Ok(None);
    }
    let Some(payout) = kommun.configured.loaded.lonekalender.last_calculated(day_of_instant(run.due_ms)) else {
        return Ok(None);
    };
    // A later month would take an earlier one's money along, and might leave with it by itself.
    if let Some(before) = earlier_run(kommun, run).await? {
        return Ok(Some(format!("{payout} väntar på körningen som skulle ha gjorts {}", local_text(before))));
    }
    let Step::Waits(open) = step(&mut kommun.db, payout).await? else { return Ok(None) };
    let told = waits_text(payout, &open);
    // Of a batch that leaves in this very round nobody need hear; of one that was missed everybody has heard.
    if run.told == told && !is_overdue(&open, &kommun.configured.loaded.lonekalender) {
        tell_waiting(kommun, payout, &open, &told).await?;
    }
    Ok(Some(told))
}

/// When an earlier month was due that is not done.
async fn earlier_run(kommun: &mut Kommun, run: &ScheduledRun) -> Result<Option<i64>, Fault> {
    let open = kommun.db.open_runs().await?;
    Ok(open.iter().filter(|other| other.job == run.job && other.due_ms < run.due_ms).map(|other| other.due_ms).min())
}

/// Freezes the month's batch and makes its sheets.
pub(super) async fn calculate_month(kommun: &mut Kommun, due: Day) -> Result<String, Fault> {
    let Some(payout) = kommun.configured.loaded.lonekalender.last_calculated(due) else { return Ok(String::new()) };
    match step(&mut kommun.db, payout).await? {
        // After a crash between the freeze and what follows it, too.
        Step::Nothing(told) => follow_up(kommun).await.map(|_| told),
        Step::Waits(open) => Err(Fault::Temporary(waits_text(payout, &open))),
        Step::Freeze => freeze_month(kommun, payout).await,
    }
}

/// With what the diaries know; one that does not answer is told of, and its answer goes with the next month.
async fn freeze_month(kommun: &mut Kommun, payout: Month) -> Result<String, Fault> {
    let unasked =
        sync::sync_all(kommun).await.err().map(|fault| format!("; diariet: {}", veiled_error(&fault.to_string())));
    let settings = freeze_settings(&kommun.configured);
    let calculated = calculate(&mut kommun.db, &settings, &kommun.clock, payout).await?;
    let told = match calculated {
        Calculated::Empty => format!("{payout}: inget är att betala ut, ingen körning gjordes"),
        Calculated::Tripped(reasons) => tell_tripped(kommun, payout, &reasons).await?,
        Calculated::Frozen(outcome) => frozen(kommun, &outcome).await?,
    };
    Ok(told + &unasked.unwrap_or_default())
}

async fn frozen(kommun: &mut Kommun, outcome: &Outcome) -> Result<String, Fault> {
    let by_hand = match follow_up(kommun).await? {
        Some(name) => format!("; månaden är räknad i efterhand och lämnas när någon säger arvode export {name}"),
        None => String::new(),
    };
    Ok(told_of(outcome) + &by_hand)
}

/// The texts of the batch that waits, and a word about one that leaves by a person's word alone: then its name. Done again it
/// changes nothing.
async fn follow_up(kommun: &mut Kommun) -> Result<Option<BatchName>, Fault> {
    write_open_texts(kommun).await?;
    let Some((batch, _)) = open_sheets(&mut kommun.db).await? else { return Ok(None) };
    if !is_overdue(&batch, &kommun.configured.loaded.lonekalender) {
        return Ok(None);
    }
    tell_overdue(kommun, batch.name).await?;
    Ok(Some(batch.name))
}

/// The cut-off: what is signed leaves, what is not is left out and owed again.
pub(super) async fn close_month(kommun: &mut Kommun, due: Day) -> Result<String, Fault> {
    super::cut_off::close_month(kommun, due).await
}

/// Exports the open batch as soon as it may leave.
pub(super) async fn export_attested(kommun: &mut Kommun, _due: Day) -> Result<String, Fault> {
    let kalender = &kommun.configured.loaded.lonekalender;
    let by_payroll = kommun.configured.settings.attested_by_payroll.is_some();
    let Some(name) = leaving(&mut kommun.db, kalender, by_payroll).await? else { return Ok(String::new()) };
    let _alone = lock(&kommun.folder)?;
    let (out, settings) = (kommun.out(), export_settings(&kommun.configured));
    let done = export(&mut kommun.db, &SshSignatures, &out, &kommun.clock, &settings, name, None).await?;
    if done.was_done {
        return Ok(String::new());
    }
    let (_, _, totals) = find(&mut kommun.db, name).await?;
    let (rows, sum) = (count(totals.rows, "rad", "rader"), swedish(totals.sum));
    let file = done.receipt.map(|receipt| format!(", {}", receipt.file)).unwrap_or_default();
    Ok(format!("körning {name} är lämnad: {rows}, {sum}{file}"))
}

async fn tell_tripped(kommun: &mut Kommun, payout: Month, reasons: &[String]) -> Result<String, Fault> {
    let why = reasons.join("; ");
    let told = Alarm {
        occasion: format!("tripwire {payout} {}", kommun.clock.today()),
        what: &format!("Månaden {payout} är stoppad av en spärr"),
        why: &format!("{}. Inget är fryst, och ingenting lämnas förrän en människa har sett efter.", upper_first(&why)),
        to_do: &format!(
            "Se vad körningen skulle bli: arvode month {payout}. Stämmer det: arvode month {payout} --freeze --yes. \
             Är något fel: arvode changes visar vad som är ändrat för hand, arvode undo ångrar det, och \
             arvode withdraw FIL tar tillbaka en fil. Görs inget kommer allt med i nästa månads körning."
        ),
        when: &local_text(kommun.clock.now_ms()),
    };
    raise(kommun, told).await?;
    Ok(format!("{payout} är inte fryst, en människa måste se efter: {why}"))
}

async fn tell_overdue(kommun: &mut Kommun, name: BatchName) -> Result<(), Fault> {
    let told = Alarm {
        occasion: format!("overdue {name}"),
        what: &format!("Körning {name} är räknad i efterhand och lämnas inte av sig själv"),
        why: "När den räknades var det redan dags för nästa månad. Något kan ha betalats på annat sätt under tiden, så en \
              människa ska se efter innan något lämnas. Senare månader väntar på den.",
        to_do: &format!(
            "Se raderna: arvode explain {name}. Stämmer de, och är bladen attesterade: arvode export {name}. Är något av det \
             redan betalt: läs in det med arbetsboken Utbetalt och ta tillbaka körningen, arvode void {name} --because \"…\". \
             Det som fortfarande är obetalt kommer med nästa körning."
        ),
        when: &local_text(kommun.clock.now_ms()),
    };
    raise(kommun, told).await
}

async fn tell_waiting(kommun: &mut Kommun, payout: Month, open: &Batch, told: &str) -> Result<(), Fault> {
    let name = open.name;
    let alarm = Alarm {
        occasion: format!("waits for {name}"),
        what: &format!("Månaden {payout} väntar på körning {name}"),
        why: &format!("{told}. Bara en körning i taget kan vara öppen."),
        to_do: &format!(
            "Attestera den och låt den lämnas (arvode attest show {name}, arvode export {name}), eller ta tillbaka den: \
             arvode void {name} --because \"…\". Sedan räknas {payout} av sig själv."
        ),
        when: &local_text(kommun.clock.now_ms()),
    };
    raise(kommun, alarm).await
}

/// To those who keep the lists and to those who run the program, once.
async fn raise(kommun: &mut Kommun, alarm: Alarm<'_>) -> Result<(), Fault> {
    let (printer, addresses) = (kommun.printer(), addresses(&kommun.configured));
    let desk = desk(&kommun.configured, &printer, &addresses);
    let offices = [Office::Operator, Office::Kansli];
    match alarm_to(&mut kommun.db, &desk, &offices, alarm, kommun.clock.now_ms()).await {
        Ok(_) => Ok(()),
        // The alarm's own template is broken: the month goes on, and the log says so.
        Err(Fault::Input(text)) => {
            complain(&text);
            Ok(())
        }
        Err(fault) => Err(fault),
    }
}

fn upper_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
