//! `statement`: a person's arvodesbesked for a year or a month, as it could be sent: what was paid, when, by which
//! paragraph and how it was worked out, and what was not paid and why.

use std::path::Path;

use serde_json::{Value, json};

use super::explain::whom;
use super::kommun::Kommun;
use super::report::write;
use super::show::{ShownWaiver, price, remark_json, table};
use super::veil::over_others;
use super::{Ended, complain};
use crate::calendar::Day;
use crate::domain::Fault;
use crate::jobs::calculate::Calculation;
use crate::jobs::explained::comma;
use crate::jobs::letters::People;
use crate::jobs::statement::{Period, Statement, Wanted, everything_known, statement as of_person};
use crate::jobs::statement_report::Besked as Page;
use crate::law::bestammelserna::innehall::heading;
use crate::money::swedish;
use crate::ports::{Clock, Store};

pub(super) async fn statement(
    kommun: &mut Kommun,
    person: &str,
    period: Period,
    to: Option<&Path>,
    as_known_on: Option<Day>,
) -> Result<Ended, Fault> {
    let wanted = Wanted { period, as_known_on, today: kommun.clock.today() };
    let (loaded, _) = kommun.as_known_on(as_known_on).await?;
    let question = everything_known(&wanted, kommun.db.last_fact().await?);
    let calculation = Calculation::start(&mut kommun.db, &loaded, question).await?;
    let who = whom(&calculation, person, kommun)?;
    let found = of_person(&mut kommun.db, &loaded, &wanted, who).await?;
    let Some(found) = found else { return Err(Fault::Input("nobody is known by that name or number".to_owned())) };
    if let Some(file) = to {
        write_report(kommun, &found, file).await?;
    }
    let besked = Besked { kommun: &kommun.configured.settings.kommun, of: &found };
    if kommun.json {
        say!("{}", besked.json());
    } else {
        besked.tell();
    }
    Ok(Ended::Done)
}

/// The besked as the person gets it: it names nobody else.
async fn write_report(kommun: &mut Kommun, found: &Statement, file: &Path) -> Result<(), Fault> {
    let today = kommun.clock.today();
    let people = People::load(&mut kommun.db, today).await?;
    if people.of(found.person).is_some_and(|contact| contact.is_protected) {
        complain("skyddade personuppgifter: lämna beskedet bara till personen själv, på ett säkert sätt");
    }
    let (others, _) = over_others(kommun, &found.ids).await?;
    let report = Page {
        of: found,
        namn: people.of(found.person).map_or("", |contact| contact.namn.as_str()),
        kommun: &kommun.configured.settings.kommun,
        is_example: kommun.configured.loaded.example,
        others: &others,
        today,
    }
    .report();
    write(&kommun.printer(), &report, file)
}

/// An arvodesbesked.
struct Besked<'a> {
    kommun: &'a str,
    of: &'a Statement,
}

impl Besked<'_> {
    fn waived(&self) -> impl Iterator<Item = ShownWaiver> {
        self.of.waived.iter().map(|one| ShownWaiver::new(self.of.anstid.clone(), one.clone()))
    }

    fn json(&self) -> Value {
        let rows = self.of.paid.iter().map(|paid| {
            let mut row = paid.explained().json();
            row["payout"] = json!(paid.payout.to_string());
            row["pay_day"] = json!(paid.pay_day.to_string());
            row
        });
        let kinds = self.of.by_kind().into_iter().map(|(kind, sum)| {
            json!({ "kind": kind.name(), "what": kind.word(), "paragraph": kind.paragraph(), "belopp": sum.to_string() })
        });
        let open = self.of.open.iter().map(|one| remark_json(&one.id, one.anstid.as_deref(), &one.remark));
        json!({
            "person": { "id": self.of.person.0, "name": self.of.name, "anstid": self.of.anstid },
            "period": self.of.period.to_string(),
            "total": self.of.sum().to_string(),
            "tax_free": self.of.tax_free().to_string(),
            "kinds": kinds.collect::<Vec<_>>(),
            "rows": rows.collect::<Vec<_>>(),
            "not_paid": open.collect::<Vec<_>>(),
            "gallrade": self.of.gallrade,
            "waived": self.waived().map(|one| one.json()).collect::<Vec<_>>(),
        })
    }

    fn tell(&self) {
        let (kommun, name, period) = (self.kommun, &self.of.name, self.of.period);
        say!(
            "{kommun}\n\nArvodesbesked {period}\n{name}, anställningsnummer {}\n",
            self.of.anstid.as_deref().unwrap_or("saknas")
        );
        if self.of.paid.is_empty() {
            say!("Inget har betalats ut under perioden.");
        } else {
            self.tell_rows();
            self.tell_sums();
            self.tell_corrections();
            self.tell_how();
        }
        for gone in &self.of.gallrade {
            say!("Obs: {gone}. Beskedet är därför inte helt.\n");
        }
        if !self.of.waived.is_empty() {
            say!("Avstått");
            self.waived().for_each(|one| say!("  {}", one.text()));
            say!("");
        }
        if !self.of.open.is_empty() {
            say!("Inte betalt, och varför");
            for one in &self.of.open {
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
        for paid in &self.of.paid {
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
        for (kind, sum) in self.of.by_kind() {
            let paragraph = kind.paragraph();
            sums.add_row([kind.word().to_owned(), format!("{paragraph} {}", heading(paragraph)), swedish(sum)]);
        }
        sums.add_row(["tillsammans".to_owned(), String::new(), swedish(self.of.sum())]);
        sums.add_row(["därav skattefritt".to_owned(), String::new(), swedish(self.of.tax_free())]);
        say!("{sums}\n");
    }

    /// What was taken back: what it was, and what has changed since.
    fn tell_corrections(&self) {
        let corrections = self.of.corrections();
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
        for paid in self.of.latest().into_values() {
            say!("{}", paid.explained().text().trim_end_matches('\n'));
        }
        say!("");
    }
}
