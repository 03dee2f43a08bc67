//! `statement`: a person's arvodesbesked for a year or a month, as it could be sent: what was paid, when, by which
//! paragraph and how it was worked out, and what was not paid and why.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde_json::{Value, json};

use super::Ended;
use super::explain::{cause_of, occasion_text, question_of, stored_rows, whom};
use super::explained::{ExplainedRow, comma};
use super::kommun::Kommun;
use super::reversal::{Reversal, reversals};
use super::show::{ShownWaiver, price, remark_json, table};
use crate::calendar::{Day, Month};
use crate::domain::{Fault, Line, LineKind, PersonId, Remark, State};
use crate::jobs::calculate::{Calculation, Question, Refusal};
use crate::jobs::gallra::gallrad_of;
use crate::jobs::remark_list::{Shown, shown};
use crate::jobs::trace_reversal::Tracer;
use crate::law::bestammelserna::innehall::heading;
use crate::ledger::{Batch, BatchRow, BatchState};
use crate::money::{Ore, swedish};
use crate::ports::{Clock, Store};

/// A year or a month of payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Period {
    first: Month,
    last: Month,
}

impl std::str::FromStr for Period {
    type Err = String;

    fn from_str(text: &str) -> Result<Period, String> {
        if let Ok(month) = text.parse::<Month>() {
            return Ok(Period { first: month, last: month });
        }
        let year = text.parse::<i32>().ok().filter(|year| (1900..=9999).contains(year));
        let months = year.and_then(|year| Month::new(year, 1).zip(Month::new(year, 12)));
        let (first, last) =
            months.ok_or_else(|| format!("\"{text}\" is neither a year nor a month; write 2026 or 2026-11"))?;
        Ok(Period { first, last })
    }
}

impl Period {
    /// What still waits, and what was not paid of the months whose occasions are paid in the period.
    fn concerns(self, remark: &Remark) -> bool {
        let earned = self.first.plus(-1).first()..=self.last.last();
        remark.state == State::Held || remark.day.is_none_or(|day| earned.contains(&day))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last { write!(out, "{}", self.first) } else { write!(out, "{}", self.first.year()) }
    }
}

/// One row that was paid, with how it came about.
struct Paid {
    pay_day: Day,
    payout: Month,
    row: BatchRow,
    line: Option<Line>,
    occasion: String,
    cause: String,
    reversal: Option<Reversal>,
    refused: Option<Refusal>,
}

pub(super) async fn statement(
    kommun: &mut Kommun,
    person: &str,
    period: Period,
    as_known_on: Option<Day>,
) -> Result<Ended, Fault> {
    let batches = delivered(kommun, period, as_known_on).await?;
    let today = kommun.clock.today();
    let (loaded, _) = kommun.as_known_on(as_known_on).await?;
    let facts_up_to = kommun.db.last_fact().await?;
    let everybody = Question {
        payout: period.last,
        horizon: period.last,
        facts_up_to,
        claims_until: today,
        pins_up_to: i64::MAX,
        booked_up_to: i64::MAX,
        repinned_from: None,
        explain: false,
        only: None,
    };
    let calculation = Calculation::start(&mut kommun.db, &loaded, everybody.clone()).await?;
    let who = whom(&calculation, person, kommun)?;
    let name = calculation.shown_name(who).to_owned();
    let anstid = calculation.persons.main_anstid(who).map(str::to_owned);
    let (mut paid, mut open) = (Vec::new(), Vec::new());
    let mut gallrade = Vec::new();
    for (id, batch) in &batches {
        if let Some((_, decision)) = gallrad_of(&mut kommun.db, *id).await? {
            gallrade.push(format!("rader i körning {} är gallrade enligt {decision}", batch.name));
        }
        let rows = stored_rows(kommun, *id, None).await?;
        let mine = calculation.rows_of(who, &rows);
        let mut question = question_of(*id, batch);
        question.only = Some(who);
        let mut calculation = Calculation::start(&mut kommun.db, &loaded, question).await?;
        let (mut lines, mut remarks, mut refused) = (HashMap::new(), Vec::new(), Vec::new());
        while let Some(results) = calculation.next(&mut kommun.db).await? {
            for result in results {
                lines.extend(
                    result.entitled.into_iter().map(|line| ((line.occasion.clone(), line.kind, line.apris), line)),
                );
                remarks.extend(result.remarks);
                refused.extend(result.refused);
            }
        }
        remarks.retain(|remark: &Remark| period.concerns(remark));
        remarks.sort_by_key(|remark| remark.day);
        open = remarks.into_iter().map(|remark| shown(who, anstid.clone(), remark)).collect();
        let mut tracer = Tracer::start(&mut kommun.db, &calculation.question, batch.because.clone()).await?;
        let mut behind = reversals(kommun, &loaded, &mut tracer, &calculation, who, &mine).await?;
        for (place, row) in mine.into_iter().enumerate() {
            let reversal = behind.remove(&place);
            let line: Option<Line> = lines.get(&(row.occasion.clone(), row.kind, row.apris)).cloned();
            let occasion = occasion_text(&row, &calculation.meetings);
            let pay_day = loaded.lonekalender.pay_day(batch.name.payout);
            let refused = refused.iter().find(|refusal: &&Refusal| refusal.is_of(&row)).cloned();
            paid.push(Paid {
                pay_day,
                payout: batch.name.payout,
                row,
                line,
                occasion,
                cause: cause_of(batch),
                reversal,
                refused,
            });
        }
    }
    let mut waived = Vec::new();
    let mut calculation =
        Calculation::start(&mut kommun.db, &loaded, Question { only: Some(who), ..everybody }).await?;
    while let Some(results) = calculation.next(&mut kommun.db).await? {
        let of_period = results.into_iter().flat_map(|result| result.waived);
        let of_period = of_period.filter(|one| (period.first..=period.last).contains(&one.line.payable_from));
        waived.extend(of_period.map(|one| ShownWaiver::new(anstid.clone(), one)));
    }
    let besked = Besked {
        kommun: kommun.configured.settings.kommun.clone(),
        name,
        anstid,
        period,
        paid,
        open,
        waived,
        gallrade,
    };
    if kommun.json {
        say!("{}", besked.json(who));
    } else {
        besked.tell();
    }
    Ok(Ended::Done)
}

/// What has left for payroll in the period, in order.
async fn delivered(kommun: &mut Kommun, period: Period, as_known_on: Option<Day>) -> Result<Vec<(i64, Batch)>, Fault> {
    let all = kommun.db.batches().await?;
    let is_meant = |batch: &Batch| {
        batch.state == BatchState::Delivered
            && (period.first..=period.last).contains(&batch.name.payout)
            && as_known_on.is_none_or(|day| batch.frozen_on <= day)
    };
    let mut found: Vec<(i64, Batch)> =
        all.into_iter().filter(|(_, batch, _)| is_meant(batch)).map(|(id, batch, _)| (id, batch)).collect();
    found.sort_by_key(|(id, batch)| (batch.name, *id));
    Ok(found)
}

/// An arvodesbesked.
struct Besked {
    kommun: String,
    name: String,
    anstid: Option<String>,
    period: Period,
    paid: Vec<Paid>,
    open: Vec<Shown>,
    /// Which batches of the period lack rows, and by which decision.
    gallrade: Vec<String>,
    waived: Vec<ShownWaiver>,
}

impl Besked {
    fn sum(&self) -> Ore {
        self.paid.iter().map(|paid| paid.row.belopp).sum()
    }

    fn by_kind(&self) -> BTreeMap<LineKind, Ore> {
        let mut sums = BTreeMap::new();
        for paid in &self.paid {
            *sums.entry(paid.row.kind).or_insert(Ore::ZERO) += paid.row.belopp;
        }
        sums
    }

    fn tax_free(&self) -> Ore {
        let free = self.paid.iter().filter(|paid| is_tax_free(paid.row.kind));
        free.map(|paid| paid.row.belopp).sum()
    }

    fn json(&self, who: PersonId) -> Value {
        let rows = self.paid.iter().map(|paid| {
            let mut row = paid.explained().json();
            row["payout"] = json!(paid.payout.to_string());
            row["pay_day"] = json!(paid.pay_day.to_string());
            row
        });
        let kinds = self.by_kind().into_iter().map(|(kind, sum)| {
            json!({ "kind": kind.name(), "what": kind.word(), "paragraph": kind.paragraph(), "belopp": sum.to_string() })
        });
        let open = self.open.iter().map(|one| remark_json(&one.id, one.anstid.as_deref(), &one.remark));
        json!({
            "person": { "id": who.0, "name": self.name, "anstid": self.anstid },
            "period": self.period.to_string(),
            "total": self.sum().to_string(),
            "tax_free": self.tax_free().to_string(),
            "kinds": kinds.collect::<Vec<_>>(),
            "rows": rows.collect::<Vec<_>>(),
            "not_paid": open.collect::<Vec<_>>(),
            "gallrade": self.gallrade,
            "waived": self.waived.iter().map(ShownWaiver::json).collect::<Vec<_>>(),
        })
    }

    fn tell(&self) {
        let (kommun, name, period) = (&self.kommun, &self.name, self.period);
        say!(
            "{kommun}\n\nArvodesbesked {period}\n{name}, anställningsnummer {}\n",
            self.anstid.as_deref().unwrap_or("saknas")
        );
        if self.paid.is_empty() {
            say!("Inget har betalats ut under perioden.");
        } else {
            self.tell_rows();
            self.tell_sums();
            self.tell_corrections();
            self.tell_how();
        }
        for gone in &self.gallrade {
            say!("Obs: {gone}. Beskedet är därför inte helt.\n");
        }
        if !self.waived.is_empty() {
            say!("Avstått");
            self.waived.iter().for_each(|one| say!("  {}", one.text()));
            say!("");
        }
        if !self.open.is_empty() {
            say!("Inte betalt, och varför");
            for one in &self.open {
                let remark = &one.remark;
                let day = remark.day.map(|day| format!("{day}: ")).unwrap_or_default();
                let proposed =
                    if remark.proposed.is_empty() { String::new() } else { format!(" ({})", remark.proposed) };
                say!("  {day}{} [{}]{proposed}", remark.reason, remark.paragraph);
            }
            say!("");
        }
        say!("Frågor om tolkning avgörs av kommunstyrelsen, enskilda fall av allmänna utskottet (§ 17).");
    }

    fn tell_rows(&self) {
        let mut rows = table(&["betalas", "datum", "vad", "för", "antal", "à-pris", "belopp", "enligt"], &[4, 5, 6]);
        for paid in &self.paid {
            let row = &paid.row;
            let what = if row.reverses.is_some() {
                format!("rättelse: {}", row.kind.word())
            } else {
                row.kind.word().to_owned()
            };
            rows.add_row([
                paid.pay_day.to_string(),
                row.day.to_string(),
                what,
                paid.occasion.clone(),
                comma(&row.antal.normalize().to_string()),
                comma(&price(row.apris)),
                swedish(row.belopp),
                row.kind.paragraph().to_owned(),
            ]);
        }
        say!("{rows}\n");
    }

    fn tell_sums(&self) {
        let mut sums = table(&["summa", "enligt", "belopp"], &[2]);
        for (kind, sum) in self.by_kind() {
            let paragraph = kind.paragraph();
            sums.add_row([kind.word().to_owned(), format!("{paragraph} {}", heading(paragraph)), swedish(sum)]);
        }
        sums.add_row(["tillsammans".to_owned(), String::new(), swedish(self.sum())]);
        sums.add_row(["därav skattefritt".to_owned(), String::new(), swedish(self.tax_free())]);
        say!("{sums}\n");
    }

    /// What was taken back: what it was, and what has changed since.
    fn tell_corrections(&self) {
        let corrections: Vec<&Paid> = self.paid.iter().filter(|paid| paid.row.reverses.is_some()).collect();
        if corrections.is_empty() {
            return;
        }
        say!("Rättelser, och varför");
        for paid in corrections {
            say!("{}", paid.explained().text().trim_end_matches('\n'));
        }
        say!("");
    }

    /// The latest payment of each kind, step by step.
    fn tell_how(&self) {
        say!("Så har det räknats (senaste raden av varje slag)");
        let mut latest: BTreeMap<LineKind, &Paid> = BTreeMap::new();
        for paid in self.paid.iter().filter(|paid| paid.row.reverses.is_none()) {
            latest.insert(paid.row.kind, paid);
        }
        for paid in latest.into_values() {
            say!("{}", paid.explained().text().trim_end_matches('\n'));
        }
        say!("");
    }
}

impl Paid {
    fn explained(&self) -> ExplainedRow<'_> {
        let (row, line) = (&self.row, self.line.as_ref());
        let (occasion, cause) = (self.occasion.clone(), &self.cause);
        let (reversal, refused) = (self.reversal.as_ref(), self.refused.as_ref());
        ExplainedRow { row, line, occasion, cause, reversal, refused }
    }
}

fn is_tax_free(kind: LineKind) -> bool {
    matches!(
        kind,
        LineKind::BilersattningSkattefri
            | LineKind::TraktamenteHelt
            | LineKind::TraktamenteHalvt
            | LineKind::TraktamenteNatt
    )
}
