//! The letter to the kansli: everybody's last days that are near, what lapsed, and how they lie by organ.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::occasions::{About, WEEK_DAYS};
use super::{Job, capitalized, worth_text, yrkanden};
use crate::calendar::{Day, Month, day_text, end_of_day_ms, month_text};
use crate::domain::{Fault, OrganCode};
use crate::jobs::deadlines::{Due, Found};
use crate::jobs::letters::Draft;
use crate::law::Flag;
use crate::money::{Ore, swedish};
use crate::ports::{Cell, Column, LetterKind, Office, Press, Receiver, Report, Section, Table};

/// Longer lists stand in the workbook only.
const ROWS_IN_LETTER: usize = 40;

/// `since` is the day of the last month's letter: what has lapsed since then is listed.
pub(super) fn draft<P: Press>(job: &Job<'_, P>, about: About, all: &Found, since: Day) -> Result<Draft, Fault> {
    let is_monthly = about.month.is_some();
    let near: Vec<&Due> = all.dues.iter().filter(|due| is_listed(job, about, due)).collect();
    let lapsed: Vec<&Due> =
        if is_monthly { all.dues.iter().filter(|due| lapsed_since(due, since)).collect() } else { Vec::new() };
    let unread: Vec<Value> = if is_monthly { unread(job, all) } else { Vec::new() };
    let in_week = near.iter().filter(|due| due.days_left <= WEEK_DAYS).count();
    let rows = |dues: &[&Due]| dues.iter().take(ROWS_IN_LETTER).map(|due| row(job, due)).collect::<Vec<Value>>();
    let first = near.iter().map(|due| due.deadline.last_day).find(|day| *day >= job.today);
    let content = json!({
        "manad": about.month.map(month_text),
        "antal": near.len(),
        "antal_text": yrkanden(near.len()),
        "forsta_dag": first.map(day_text),
        "i_veckan": in_week,
        "rader": rows(&near),
        "fler": near.len().saturating_sub(ROWS_IN_LETTER),
        "varde": swedish(worth(job, &near)),
        "okanda": near.iter().filter(|due| shown_worth(job, due).is_none()).count(),
        "har_mojliga": near.iter().any(|due| due.deadline.flag == Flag::Possible),
        "organ": by_organ(job, &near).into_iter().map(organ_row).collect::<Vec<Value>>(),
        "sedan": day_text(since),
        "forfallna": rows(&lapsed),
        "forfallna_fler": lapsed.len().saturating_sub(ROWS_IN_LETTER),
        "forfallna_varde": swedish(worth(job, &lapsed)),
        "olasta": unread,
    });
    let has_rows = !near.is_empty() || !lapsed.is_empty();
    let files = if is_monthly && has_rows {
        let name = format!("sista-dagar-{}", Month::of(job.today));
        job.desk.files(&report(job, &near, &lapsed, since), &name)?
    } else {
        Vec::new()
    };
    // The next month's letter says all anew, and the next day's week is another.
    let useless_after = about.month.map_or_else(|| about.week.unwrap_or(job.today), Month::last);
    Ok(Draft {
        kind: LetterKind::DeadlineSummary,
        receiver: Receiver::Office(Office::Kansli),
        occasion: about.to_string(),
        content,
        files,
        useless_after_ms: Some(end_of_day_ms(useless_after)),
    })
}

/// What is near; with the month's also what is granted and still unpaid though its last day has passed.
fn is_listed<P: Press>(job: &Job<'_, P>, about: About, due: &Due) -> bool {
    if about.month.is_none() {
        return (0..=WEEK_DAYS).contains(&due.days_left);
    }
    job.is_near(due) || (due.has_lapsed() && due.deadline.flag == Flag::Granted)
}

fn lapsed_since(due: &Due, since: Day) -> bool {
    due.has_lapsed() && due.deadline.last_day >= since && due.deadline.flag.is_for_person()
}

/// Nobody is to guess by organ, day or amount who is protected.
fn is_protected<P>(job: &Job<'_, P>, due: &Due) -> bool {
    job.people.of(due.person).is_some_and(|contact| contact.is_protected)
}

fn shown_worth<P>(job: &Job<'_, P>, due: &Due) -> Option<Ore> {
    due.deadline.worth.filter(|_| !is_protected(job, due))
}

fn worth<P>(job: &Job<'_, P>, dues: &[&Due]) -> Ore {
    dues.iter().filter_map(|due| shown_worth(job, due)).sum()
}

fn whom<P>(job: &Job<'_, P>, due: &Due) -> String {
    job.people.shown(due.person).to_owned()
}

fn row<P: Press>(job: &Job<'_, P>, due: &Due) -> Value {
    let deadline = &due.deadline;
    json!({
        "sista_dag": deadline.last_day.to_string(),
        "kvar": left(due),
        "bradskar": (0..=WEEK_DAYS).contains(&due.days_left),
        "vem": whom(job, due),
        "vad": capitalized(deadline.kind.full_word()),
        "paragraf": deadline.kind.paragraph(),
        "mote": meeting(job, due),
        "saknas": capitalized(&deadline.missing),
        "varde": worth_text(shown_worth(job, due), deadline.is_estimate),
    })
}

fn meeting<P: Press>(job: &Job<'_, P>, due: &Due) -> String {
    if is_protected(job, due) {
        return "mötet visas av arvode deadlines".to_owned();
    }
    format!("{} {}", job.organ(&due.deadline.meeting.organ), due.deadline.meeting.day)
}

fn left(due: &Due) -> String {
    match due.days_left {
        0 => "i dag".to_owned(),
        1 => "1 dag".to_owned(),
        days if days < 0 => "har passerat".to_owned(),
        days => format!("{days} dagar"),
    }
}

struct OfOrgan {
    namn: String,
    count: usize,
    in_week: usize,
    worth: Ore,
}

fn by_organ<P: Press>(job: &Job<'_, P>, dues: &[&Due]) -> Vec<OfOrgan> {
    let mut organ: BTreeMap<Option<&OrganCode>, Vec<&Due>> = BTreeMap::new();
    for due in dues {
        let of = Some(&due.deadline.meeting.organ).filter(|_| !is_protected(job, due));
        organ.entry(of).or_default().push(due);
    }
    let of = |(organ, dues): (Option<&OrganCode>, Vec<&Due>)| OfOrgan {
        namn: organ.map_or_else(|| "Skyddade personuppgifter".to_owned(), |organ| job.organ(organ)),
        count: dues.len(),
        in_week: dues.iter().filter(|due| (0..=WEEK_DAYS).contains(&due.days_left)).count(),
        worth: worth(job, &dues),
    };
    organ.into_iter().map(of).collect()
}

fn organ_row(organ: OfOrgan) -> Value {
    json!({ "organ": organ.namn, "antal": organ.count, "i_veckan": organ.in_week, "varde": swedish(organ.worth) })
}

fn unread<P>(job: &Job<'_, P>, all: &Found) -> Vec<Value> {
    let told: BTreeSet<(String, String)> = all
        .unread
        .iter()
        .map(|(person, word)| (job.people.shown(*person).to_owned(), crate::domain::shown(word)))
        .collect();
    told.into_iter().map(|(vem, ord)| json!({ "vem": vem, "ord": ord })).collect()
}

fn report<P: Press>(job: &Job<'_, P>, near: &[&Due], lapsed: &[&Due], since: Day) -> Report {
    let flags = Section {
        heading: "Sista dagar som närmar sig".to_owned(),
        sheet: "Närmar sig".to_owned(),
        table: Some(table(job, near)),
        notes: vec![
            "”Omkring” i värdet betyder en uppskattning efter intyg, schablon eller avstånd som finns registrerat."
                .to_owned(),
        ],
        ..Section::default()
    };
    let gone = Section {
        heading: format!("Sista dagar som har passerat sedan {}", day_text(since)),
        sheet: "Har passerat".to_owned(),
        table: Some(table(job, lapsed)),
        ..Section::default()
    };
    let organ = Section {
        heading: "Per organ".to_owned(),
        sheet: "Per organ".to_owned(),
        table: Some(organ_table(by_organ(job, near))),
        ..Section::default()
    };
    let is_there = |section: &Section| section.table.as_ref().is_some_and(|table| !table.rows.is_empty());
    Report {
        kommun: job.desk.kommun.to_owned(),
        title: format!("Sista dagar för yrkanden, {}", month_text(Month::of(job.today))),
        subtitle: "Yrkanden och möjliga yrkanden efter sista dag (§ 16)".to_owned(),
        made_on: Some(job.today),
        is_example: job.desk.is_example,
        summary: vec![format!(
            "{} har sin sista dag inom {} dagar.",
            yrkanden(near.len()),
            job.loaded.flag_days.first()
        )],
        sections: [flags, gone, organ].into_iter().filter(is_there).collect(),
        sources: vec!["§ 16 i bestämmelserna; registret så som det stod den dag listan gjordes".to_owned()],
    }
}

fn table<P: Press>(job: &Job<'_, P>, dues: &[&Due]) -> Table {
    let texts = ["Organ", "Möte", "Vem", "Vad", "Vad saknas", "Så rättas det"];
    let mut columns = vec![Column::text("Sista dag"), Column::number("Dagar kvar")];
    columns.extend(texts.map(Column::text));
    columns.extend([Column::sum("Värde"), Column::text("Uppskattat")]);
    let rows = dues.iter().map(|due| {
        let deadline = &due.deadline;
        let (worth, is_protected) = (shown_worth(job, due), is_protected(job, due));
        let text = |text: &str| Cell::Text(text.to_owned());
        vec![
            Cell::Day(deadline.last_day),
            Cell::Count(due.days_left),
            if is_protected { Cell::Blank } else { Cell::Text(job.organ(&deadline.meeting.organ)) },
            if is_protected { Cell::Blank } else { Cell::Day(deadline.meeting.day) },
            Cell::Text(whom(job, due)),
            Cell::Text(format!("{} ({})", deadline.kind.full_word(), deadline.kind.paragraph())),
            text(&deadline.missing),
            text(&deadline.mend),
            worth.map_or(Cell::Blank, Cell::Belopp),
            if deadline.is_estimate && worth.is_some() { text("ja") } else { Cell::Blank },
        ]
    });
    let mut total = vec![Cell::Text("Summa".to_owned())];
    total.extend((0..7).map(|_| Cell::Blank));
    total.extend([Cell::Belopp(worth(job, dues)), Cell::Blank]);
    Table { columns, rows: rows.collect(), total: Some(total) }
}

fn organ_table(organ: Vec<OfOrgan>) -> Table {
    let columns = vec![Column::text("Organ"), Column::sum("Antal"), Column::sum("Sista veckan"), Column::sum("Värde")];
    let count = |number: usize| Cell::Count(i64::try_from(number).unwrap_or(i64::MAX));
    let sum = |of: fn(&OfOrgan) -> usize| organ.iter().map(of).sum::<usize>();
    let total = vec![
        Cell::Text("Summa".to_owned()),
        count(sum(|one| one.count)),
        count(sum(|one| one.in_week)),
        Cell::Belopp(organ.iter().map(|one| one.worth).sum()),
    ];
    let rows = organ
        .iter()
        .map(|one| vec![Cell::Text(one.namn.clone()), count(one.count), count(one.in_week), Cell::Belopp(one.worth)])
        .collect();
    Table { columns, rows, total: Some(total) }
}
