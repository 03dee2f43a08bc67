//! `shadow` and `switch-over`: beside the old routine, and from it.

use std::path::Path;

use serde_json::{Value, json};

use super::Ended;
use super::changes::tell_undo;
use super::import::{Read, read_alone};
use super::kommun::{Kommun, freeze_settings};
use super::show::{count, place, remark_json, table};
use crate::calendar::Month;
use crate::domain::Fault;
use crate::jobs::by_hand::ByHand;
use crate::jobs::import_workbooks::{ReadFile, Settings};
use crate::jobs::shadow::{Difference, Outcome, shadow as compare};
use crate::jobs::switch_over::{Counted, Plan, plan, switch};
use crate::money::{Ore, swedish};
use crate::ports::Clock;

pub(super) async fn shadow(kommun: &mut Kommun, month: Month, file: &Path, keep: bool) -> Result<Ended, Fault> {
    if keep {
        kommun.may_write()?;
    }
    let Read { name, sha256, workbook } = read_alone(kommun, file, !keep).await?;
    let actor = kommun.actor();
    let configured = &kommun.configured;
    let import = Settings {
        rules: &configured.loaded.regelverk,
        loaded: &configured.loaded,
        actor: &actor,
        sha256: &configured.sha256,
        now_ms: kommun.clock.now_ms(),
        today: kommun.clock.today(),
        dry_run: false,
    };
    let read = ReadFile { name: &name, sha256: &sha256, workbook: &workbook };
    let keep = keep.then_some(actor.as_str());
    let loaded = &configured.loaded;
    let outcome = compare(&mut kommun.db, &read, &import, loaded, &kommun.clock, month, keep).await?;
    if kommun.json {
        say!("{}", shadow_json(month, &outcome));
    } else {
        print_shadow(month, &name, &outcome);
    }
    let is_alike = outcome.differs.is_empty() && outcome.report.held == 0;
    Ok(if is_alike { Ended::Done } else { Ended::Look })
}

fn shadow_json(month: Month, outcome: &Outcome) -> Value {
    let rows = |(rows, sum): (u32, Ore)| json!({ "rows": rows, "belopp": sum.to_string() });
    let differs = outcome.differs.iter().map(|difference| {
        let what = &difference.what;
        let why = difference.why.iter().map(|(text, basis)| json!({ "text": text, "basis": basis }));
        json!({
            "anstid": difference.anstid,
            "kind": what.kind.name(),
            "what": what.kind.word(),
            "date": what.day.map(|day| day.to_string()),
            "ours": what.ours.to_string(),
            "theirs": what.theirs.to_string(),
            "difference": (what.ours - what.theirs).to_string(),
            "earlier": difference.is_earlier,
            "paragraph": difference.paragraph,
            "why": why.collect::<Vec<_>>(),
        })
    });
    let held = outcome.report.remarks.iter().map(|remark| remark_json("", None, remark));
    json!({
        "month": month.to_string(),
        "ours": rows(outcome.ours),
        "theirs": rows(outcome.theirs),
        "agrees": rows(outcome.agrees),
        "before_first_month": rows(outcome.before),
        "differs": differs.collect::<Vec<_>>(),
        "held": held.collect::<Vec<_>>(),
        "kept": outcome.kept.is_some(),
        "change": outcome.kept,
    })
}

fn print_shadow(month: Month, file: &str, outcome: &Outcome) {
    let rows = |(rows, sum): (u32, Ore)| format!("{}, {}", count(rows, "rad", "rader"), swedish(sum));
    say!("{month} enligt programmet bredvid {file}. Inget lämnas till lönesystemet.");
    say!("  programmet:   {}", rows(outcome.ours));
    say!("  utbetalt:     {}", rows(outcome.theirs));
    say!("  stämmer:      {}", rows(outcome.agrees));
    if outcome.before.0 > 0 {
        say!("  för tid före första månaden: {}", rows(outcome.before));
    }
    say!("  skiljer sig:  {}", outcome.differs.len());
    for remark in &outcome.report.remarks {
        say!("  {}: {}", place(&remark.place), remark.reason);
        say!("      så rättar du: {}", remark.proposed);
    }
    if !outcome.differs.is_empty() {
        let header = ["anst.nr", "vad", "datum", "programmet", "utbetalt", "skillnad", "enligt"];
        let mut lines = table(&header, &[3, 4, 5]);
        for difference in &outcome.differs {
            let what = &difference.what;
            lines.add_row([
                difference.anstid.clone().unwrap_or_default(),
                what.kind.word().to_owned(),
                what.day.map(|day| day.to_string()).unwrap_or_default(),
                swedish(what.ours),
                swedish(what.theirs),
                swedish(what.ours - what.theirs),
                difference.paragraph.to_owned(),
            ]);
        }
        say!("{lines}");
        outcome.differs.iter().for_each(print_why);
    }
    if let Some(change) = outcome.kept {
        say!("Utbetalningarna är noterade som gjorda på annat sätt; nästa månad räknar från dem.");
        tell_undo(change);
    }
}

fn print_why(difference: &Difference) {
    let what = &difference.what;
    let day = what.day.map(|day| day.to_string()).unwrap_or_default();
    let anstid = difference.anstid.as_deref().unwrap_or("anställningsnummer saknas");
    let earlier = if difference.is_earlier { ", för en tidigare månad" } else { "" };
    say!("  {anstid} {} {day}{earlier}:", what.kind.word());
    for (text, basis) in &difference.why {
        let basis = if basis.is_empty() { String::new() } else { format!("   [{basis}]") };
        say!("      {text}{basis}");
    }
}

pub(super) async fn switch_over(
    kommun: &mut Kommun,
    month: Month,
    yes: bool,
    because: Option<String>,
) -> Result<Ended, Fault> {
    let settings = freeze_settings(&kommun.configured);
    let plan = plan(&mut kommun.db, &settings, &kommun.clock, month).await?;
    let mut change = None;
    if yes {
        kommun.may_write()?;
        let because = because.filter(|because| !because.trim().is_empty());
        let because = because.ok_or_else(|| {
            Fault::Input("--because needs the decision, for example \"KS 2026-09-30 § 120\"".to_owned())
        })?;
        let actor = kommun.actor();
        let by = ByHand { actor: &actor, because: &because };
        change = Some(switch(&mut kommun.db, &kommun.clock, month, &by).await?);
    }
    if kommun.json {
        say!("{}", plan_json(&plan, change));
    } else {
        print_plan(&plan, change);
    }
    let is_plain = plan.unknown.is_empty() && plan.waiting_persons == 0 && plan.tripped.is_empty();
    Ok(if yes || is_plain { Ended::Done } else { Ended::Look })
}

fn plan_json(plan: &Plan, change: Option<i64>) -> Value {
    let counted = |counted: &Counted| json!({ "rows": counted.rows, "persons": counted.persons.len(), "belopp": counted.sum.to_string() });
    let known = plan.known.iter().map(|(month, paid)| {
        let mut object = counted(paid);
        object["month"] = json!(month.to_string());
        object
    });
    json!({
        "first_accrual_month": plan.first_month.to_string(),
        "first_payout": plan.first_payout.to_string(),
        "known": known.collect::<Vec<_>>(),
        "unknown": plan.unknown.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "own": counted(&plan.own),
        "earlier": counted(&plan.earlier),
        "waiting_persons": plan.waiting_persons,
        "held": plan.held,
        "tripped": plan.tripped,
        "switched": change.is_some(),
        "change": change,
    })
}

fn print_plan(plan: &Plan, change: Option<i64>) {
    let first = plan.first_payout;
    let text = |counted: &Counted| {
        let persons = u32::try_from(counted.persons.len()).unwrap_or(u32::MAX);
        let (rows, persons) = (count(counted.rows, "rad", "rader"), count(persons, "person", "personer"));
        format!("{rows}, {persons}, {}", swedish(counted.sum))
    };
    say!(
        "Övergång: {first} blir den första månad som programmet betalar ut. Det som tjänats in från {} räknas.",
        plan.first_month
    );
    for (month, paid) in &plan.known {
        say!("  betalt av den gamla rutinen {month}: {}", text(paid));
    }
    for month in &plan.unknown {
        say!("  {month}: inga utbetalningar är kända. Allt som hör dit skulle betalas ut igen; importera dem först");
    }
    say!("  körningen {first} för den egna månaden: {}", text(&plan.own));
    say!("  … och för tidigare månader (skillnader mot den gamla rutinen): {}", text(&plan.earlier));
    if plan.waiting_persons > 0 {
        say!("  {} skulle bli skyldiga pengar och väntar på beslut", count(plan.waiting_persons, "person", "personer"));
    }
    if plan.held > 0 {
        say!("  {} anmärkningar väntar; `arvode remarks --state held` visar dem", plan.held);
    }
    for reason in &plan.tripped {
        say!("  spärr: {reason}");
    }
    if let Some(change) = change {
        say!("Övergången är gjord. Nästa steg: arvode month {first} --freeze. Så länge inget är fryst kan den ångras.");
        tell_undo(change);
    } else {
        say!("Inget har ändrats. Gör övergången: arvode switch-over {first} --yes --because \"BESLUT\"");
        say!("Ska tidigare månader stå som den gamla rutinen betalade dem: stäng dem först (arvode close).");
    }
}
