//! What a reader is told of the year: on a terminal in seven short parts, or as one JSON object.

use std::path::Path;

use serde_json::{Value, json};

use super::year::{Came, Delivered, Year};
use crate::app::outbox::{kind_word, state_word};
use crate::app::show::{amount, count, grouped, table};
use crate::calendar::Day;
use crate::domain::{Remark, RemarkKind};
use crate::jobs::sync_diarium::Synced;
use crate::money::{Ore, swedish};

pub(super) fn print(year: &Year, dir: &Path) {
    let (rows, sum) = totals(year);
    say!(
        "Demokommunens år 2025: {}, {}, {}, {}.\nBeloppen är exempelbilagans, och ingen i Demokommunen finns.",
        count(number(year.batches.len()), "lönekörning", "lönekörningar"),
        count(rows, "rad", "rader"),
        count(number(year.persons.len()), "person", "personer"),
        swedish(sum)
    );
    print_files(year);
    print_batches(year);
    print_spread(year);
    print_held(year);
    print_letters(year);
    print_mishaps(year);
    print_folders(dir);
    print_next(dir);
}

fn print_files(year: &Year) {
    say!("\n1. Det här kom in");
    let mut files = table(&["dag", "arbetsbok", "rader", "nya", "kända", "hållna", "utan uppgift"], &[2, 3, 4, 5, 6]);
    for came in &year.files {
        let mut cells = vec![came.on.to_string(), came.file.clone()];
        cells.extend(counts(came).map(|number| if number == 0 { "–".to_owned() } else { number.to_string() }));
        files.add_row(cells);
    }
    say!("{files}");
    let [rows, new, known, held, ignored] = all_counts(year);
    say!(
        "{}, {rows} rader = {new} nya + {known} kända + {held} hållna + {ignored} utan uppgift.",
        count(number(year.files.len()), "arbetsbok", "arbetsböcker")
    );
    for (on, synced) in &year.synced {
        let new = &synced.changed;
        say!(
            "{on}, diariet: {}, {}, {} närvarouppgifter; {} som saknar närvaro.",
            count(new.meetings, "nytt eller ändrat möte", "nya eller ändrade möten"),
            count(new.cancelled, "inställt", "inställda"),
            synced.attendances,
            count(number(synced.without_list.len()), "möte", "möten")
        );
    }
}

/// Rows, and what became of them: new, known, held, ignored by a rule.
fn counts(came: &Came) -> [u32; 5] {
    let report = &came.report;
    [report.rows, report.accepted, report.unchanged, report.held, report.ignored.values().sum()]
}

fn all_counts(year: &Year) -> [u32; 5] {
    year.files.iter().map(counts).fold([0; 5], |mut sums, counts| {
        sums.iter_mut().zip(counts).for_each(|(sum, number)| *sum += number);
        sums
    })
}

fn print_batches(year: &Year) {
    say!("\n2. Det här betalades: varje körning granskad av en, beslutad av en annan");
    let header = ["körning", "fryst", "utbetalas", "rader", "personer", "summa", "därav rättelser"];
    let mut batches = table(&header, &[3, 4, 5, 6]);
    for Delivered { name, frozen_on, pay_day, totals, reversals, .. } in &year.batches {
        let reversed = match reversals {
            (0, _) => "–".to_owned(),
            (rows, sum) => format!("{}, {}", count(*rows, "rad", "rader"), swedish(*sum)),
        };
        batches.add_row([
            name.to_string(),
            frozen_on.to_string(),
            pay_day.to_string(),
            totals.rows.to_string(),
            totals.persons.to_string(),
            swedish(totals.sum),
            reversed,
        ]);
    }
    let (rows, sum) = totals(year);
    let empty = String::new;
    batches.add_row(["året".to_owned(), empty(), empty(), rows.to_string(), empty(), swedish(sum), empty()]);
    say!("{batches}");
}

fn print_spread(year: &Year) {
    say!("\n3. Så fördelas det");
    let mut organs = table(&["organ", "rader", "summa"], &[1, 2]);
    for (organ, (rows, sum)) in organs_by_sum(year) {
        organs.add_row([organ.to_owned(), rows.to_string(), swedish(sum)]);
    }
    let mut kinds = table(&["slag", "rader", "summa"], &[1, 2]);
    for (kind, (rows, sum)) in &year.by_kind {
        kinds.add_row([format!("{} ({})", kind.word(), kind.paragraph()), rows.to_string(), swedish(*sum)]);
    }
    say!("{organs}\n{kinds}");
}

/// The most first.
fn organs_by_sum(year: &Year) -> Vec<(&str, (u32, Ore))> {
    let mut organs: Vec<(&str, (u32, Ore))> =
        year.by_organ.iter().map(|(organ, paid)| (organ.as_str(), *paid)).collect();
    organs.sort_by_key(|(_, (_, sum))| std::cmp::Reverse(*sum));
    organs
}

fn print_held(year: &Year) {
    let worth: Ore = year.held.iter().filter_map(|held| held.remark.worth).sum();
    say!("\n4. Det här väntar på en människa, och det är meningen: inget av det stoppade en körning");
    let mut held = table(&["antal", "varför", "paragraf", "kan vara värt"], &[0, 3]);
    for (reason, paragraph, number, worth) in groups(year) {
        held.add_row([number.to_string(), reason, paragraph.to_owned(), amount(worth)]);
    }
    say!("{held}");
    let things = count(number(year.held.len()), "uppgift", "uppgifter");
    say!("{things}, så långt det går att säga värda {}.", swedish(worth));
}

/// Held things by reason, the most worth first. Where in a sheet it was does not matter here.
fn groups(year: &Year) -> Vec<(String, &'static str, u32, Ore)> {
    let told: Vec<Remark> = year.held.iter().map(|held| without_cell(&held.remark)).collect();
    let pairs: Vec<(String, &Remark)> = told.iter().map(|remark| (String::new(), remark)).collect();
    let paragraph = |reason: &str| told.iter().find(|remark| remark.reason == reason).map_or("", |told| told.paragraph);
    grouped(&pairs)
        .into_iter()
        .map(|(reason, number, worth)| (reason.clone(), paragraph(&reason), number, worth))
        .collect()
}

fn without_cell(remark: &Remark) -> Remark {
    let mut remark = remark.clone();
    if let (RemarkKind::Row, Some((_, reason))) = (remark.kind, remark.reason.split_once(": ")) {
        remark.reason = reason.to_owned();
    }
    remark
}

fn print_letters(year: &Year) {
    say!("\n5. De här breven gick ut: till personer, nämnder, lönekontor, kommunstyrelse");
    let mut letters = table(&["brev", "antal"], &[1]);
    for (kind, number) in &year.letters.sent {
        letters.add_row([kind_word(*kind).to_owned(), number.to_string()]);
    }
    say!("{letters}");
    let others = year.letters.others.iter().map(|(state, number)| format!("{} {number}", state_word(*state)));
    let others: Vec<String> = others.collect();
    if !others.is_empty() {
        say!("Därtill: {}.", others.join(", "));
    }
}

fn print_mishaps(year: &Year) {
    let happened: Vec<String> =
        year.mishaps.iter().map(|(mishap, times)| format!("{} {times} gånger", mishap.words())).collect();
    if !happened.is_empty() {
        say!("\nUnder året gick detta fel, och ändå blev allt detsamma: {}.", happened.join(", "));
    }
}

fn print_folders(dir: &Path) {
    let dir = dir.display();
    say!("\n6. Här ligger filerna");
    for (folder, holds) in [
        ("in", "arbetsböckerna som de skickades"),
        ("deliver", "lönefilerna (PAXml) som lönesystemet hämtar"),
        ("out", "samma filer med kvitton: rader, summa, sha256, vem som attesterade"),
        ("mail", "breven som .eml, med sina bilagor; arvode outbox show N visar ett"),
        ("config", "inställningar, regelverk och attestförteckning: läs och ändra"),
        ("nycklar", "de tre tjänstemännens nycklar"),
        ("arvode.db", "allt annat: uppgifter, körningar, attester"),
    ] {
        say!("   {:<24} {holds}", format!("{dir}/{folder}"));
    }
}

fn print_next(dir: &Path) {
    say!("\n7. Prova nu");
    for (why, command) in next(&dir.display().to_string()) {
        say!("   # {why}\n   {command}");
    }
}

/// What to try, each with its reason.
fn next(dir: &str) -> [(&'static str, String); 9] {
    let program = std::env::args().next().unwrap_or_else(|| "arvode".to_owned());
    let arvode = format!("{program} --data {dir}");
    let rate = "\\n[[riksdagsarvode]]\\nfrom = 2025-07-01\\ndecided_on = 2026-01-14\\nvalue = 80000\\n\
                unit = \"kr/månad\"\\nreference = \"påhittat beslut\"\\n";
    let sign = |role: &str, id: &str| format!("{arvode} attest sign 2026-02/1 --role {role} --key {dir}/nycklar/{id}");
    let signs = [
        sign("granskning", "granskare-1"),
        sign("granskning", "ersattare-1"),
        sign("beslut", "beslutare-1"),
        format!("{arvode} export 2026-02/1"),
    ];
    [
        ("En månad: rader, summor och det som väntar.", format!("{arvode} month 2025-10")),
        (
            "Varje krona: han blev ordförande i kommunstyrelsen den 12 maj.",
            format!("{arvode} explain 2025-05 --person \"Anders Vikmark\""),
        ),
        (
            "Hon var avprickad i augusti men inte där: den rättade listan tar tillbaka det som betalades.",
            format!("{arvode} explain 2025-10 --person \"Anna-Karin Sundlid\""),
        ),
        ("Allt som väntar, var det står och hur det rättas.", format!("{arvode} remarks --state held")),
        (
            "Attestbladen: granskaren är själv förtroendevald, så bladet med hennes rader granskas av ersättaren.",
            format!("{arvode} attest show 2025-10/1"),
        ),
        ("Samma arbetsbok en gång till ändrar ingenting.", format!("{arvode} import {dir}/in/2025-12.xlsx")),
        (
            "Ett högre riksdagsarvode från juli, beslutat i efterhand,",
            format!("printf '{rate}' >> {dir}/config/regelverk/riksdagsarvode.toml"),
        ),
        (
            "betalas inte av sig självt, utan som en egen körning med sitt beslut,",
            format!("{arvode} recalculate --from 2025-07 --because \"KF 2026-01-26 § 8\""),
        ),
        ("som attesteras och lämnas som alla andra.", signs.join("\n   ")),
    ]
}

/// The same facts for a script; amounts are decimal strings in kronor.
pub(super) fn json(year: &Year, dir: &Path) -> Value {
    let (rows, sum) = totals(year);
    let organ =
        |(organ, (rows, sum)): (&str, (u32, Ore))| json!({ "organ": organ, "rows": rows, "belopp": sum.to_string() });
    let kind = |(kind, (rows, sum)): (&crate::domain::LineKind, &(u32, Ore))| json!({ "kind": kind.name(), "paragraph": kind.paragraph(), "rows": rows, "belopp": sum.to_string() });
    let held = groups(year).into_iter().map(|(reason, paragraph, count, worth)| {
        json!({ "reason": reason, "paragraph": paragraph, "count": count, "worth": worth.to_string() })
    });
    json!({
        "folder": dir.display().to_string(),
        "files": year.files.iter().map(file_json).collect::<Vec<_>>(),
        "synced": year.synced.iter().map(synced_json).collect::<Vec<_>>(),
        "batches": year.batches.iter().map(batch_json).collect::<Vec<_>>(),
        "totals": { "batches": year.batches.len(), "rows": rows, "persons": year.persons.len(), "belopp": sum.to_string() },
        "by_organ": organs_by_sum(year).into_iter().map(organ).collect::<Vec<_>>(),
        "by_kind": year.by_kind.iter().map(kind).collect::<Vec<_>>(),
        "held": held.collect::<Vec<_>>(),
        "letters": year.letters.sent.iter().map(|(kind, number)| (kind.name().to_owned(), json!(number))).collect::<serde_json::Map<_, _>>(),
        "mishaps": year.mishaps.iter().map(|(mishap, times)| (mishap.name().to_owned(), json!(times))).collect::<serde_json::Map<_, _>>(),
        "next": next(&dir.display().to_string()).iter().flat_map(|(_, command)| command.split("\n   ").map(str::to_owned).collect::<Vec<_>>()).collect::<Vec<_>>(),
    })
}

fn synced_json((on, synced): &(Day, Synced)) -> Value {
    let new = &synced.changed;
    json!({
        "on": on.to_string(),
        "meetings": new.meetings,
        "cancelled": new.cancelled,
        "attendances": synced.attendances,
        "without_list": synced.without_list.len(),
    })
}

fn file_json(came: &Came) -> Value {
    let [rows, accepted, unchanged, held, ignored] = counts(came);
    json!({
        "file": came.file, "date": came.on.to_string(),
        "rows": rows, "accepted": accepted, "unchanged": unchanged, "held": held, "ignored": ignored,
    })
}

fn batch_json(batch: &Delivered) -> Value {
    let (reversed_rows, reversed) = batch.reversals;
    json!({
        "batch": batch.name,
        "frozen_on": batch.frozen_on.to_string(),
        "pay_day": batch.pay_day.to_string(),
        "rows": batch.totals.rows,
        "persons": batch.totals.persons,
        "belopp": batch.totals.sum.to_string(),
        "reversals": { "rows": reversed_rows, "belopp": reversed.to_string() },
        "file": batch.receipt.file,
        "sha256": batch.receipt.sha256,
    })
}

fn totals(year: &Year) -> (u32, Ore) {
    (year.batches.iter().map(|batch| batch.totals.rows).sum(), year.batches.iter().map(|batch| batch.totals.sum).sum())
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
