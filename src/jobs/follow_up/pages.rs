//! The follow-up as a report: its parts in the order in which a utskott asks.

mod activity;
mod appendix;
mod cost;
mod right;

pub(super) use right::held_today;

use std::collections::BTreeSet;

use super::budget::rows_of;
use super::figures::Figures;
use super::secrets::{Secrets, Spot};
use super::{FollowUp, Wanted, sentences};
use crate::domain::OrganCode;
use crate::money::Ore;
use crate::ports::{Report, Section};
use crate::regelverk::{BudgetRow, Loaded};

/// A time's figures with what is hidden of them.
#[derive(Clone, Copy)]
pub(super) struct Time<'a> {
    pub(super) figures: &'a Figures,
    pub(super) secrets: &'a Secrets,
}

impl Time<'_> {
    /// Earned in all; none if it is hidden.
    pub(super) fn earned(&self) -> Option<Ore> {
        (!self.secrets.hides(&Spot::Whole)).then_some(self.figures.total.earned)
    }

    /// Paid in all; none if it is hidden.
    pub(super) fn paid(&self) -> Option<Ore> {
        (!self.secrets.hides(&Spot::Whole)).then_some(self.figures.total.paid)
    }

    /// An organ's earned and paid; none if they are hidden.
    pub(super) fn organ(&self, organ: &OrganCode) -> Option<[Ore; 2]> {
        let is_shown = !self.secrets.hides(&Spot::Organ(organ.clone()));
        is_shown.then(|| self.figures.sum(|of, _| of == organ))
    }

    /// How its columns are headed.
    pub(super) fn heading(&self) -> String {
        self.figures.period.short()
    }
}

/// All that the parts of the report need.
pub(super) struct Pages<'a> {
    pub(super) found: &'a FollowUp,
    pub(super) wanted: &'a Wanted,
    pub(super) loaded: &'a Loaded,
    pub(super) now: Time<'a>,
    pub(super) earlier: Vec<Time<'a>>,
    pub(super) budget: Vec<&'a BudgetRow>,
}

/// The follow-up as a report.
pub fn report(found: &FollowUp, wanted: &Wanted, loaded: &Loaded, kommun: &str) -> Report {
    let budget = rows_of(loaded, wanted.period);
    let hidden = Secrets::of(&found.now, &budget, wanted.smallest_group);
    let of_earlier: Vec<Secrets> =
        found.earlier.iter().map(|figures| Secrets::of(figures, &[], wanted.smallest_group)).collect();
    let earlier = found.earlier.iter().zip(&of_earlier).map(|(figures, secrets)| Time { figures, secrets }).collect();
    let now = Time { figures: &found.now, secrets: &hidden };
    let pages = Pages { found, wanted, loaded, now, earlier, budget };
    let mut sections = pages.cost();
    sections.extend(pages.activity());
    sections.extend(pages.budget_section());
    sections.extend(pages.corrections());
    sections.push(pages.remarks());
    sections.push(pages.method());
    if wanted.persons {
        sections.push(pages.persons());
    }
    let period = wanted.period;
    Report {
        kommun: kommun.to_owned(),
        title: format!("Uppföljning av ersättningar till förtroendevalda {period}"),
        subtitle: "Till allmänna utskottet enligt § 19 i bestämmelserna om ekonomiska förmåner".to_owned(),
        made_on: Some(wanted.today),
        is_example: loaded.example,
        summary: sentences::summary(&pages),
        sections,
        sources: pages.sources(),
    }
}

impl Pages<'_> {
    /// The nearest earlier time, if it is whole.
    pub(super) fn before(&self) -> Option<Time<'_>> {
        self.earlier.first().copied().filter(|time| self.is_whole(time.figures))
    }

    /// The program has paid from a month on: a time that began before it is not all there.
    pub(super) fn is_whole(&self, figures: &Figures) -> bool {
        self.loaded.lonekalender.forsta_manad.is_none_or(|first| first <= figures.period.first)
    }

    /// An organ's name.
    pub(super) fn organ_name(&self, code: &OrganCode) -> String {
        self.loaded.regelverk.organ(code).map_or_else(|| code.0.clone(), |organ| organ.namn.clone())
    }

    /// Organ in the order of `organ.toml`; those that are not there last.
    pub(super) fn in_order<'o>(&self, organs: BTreeSet<&'o OrganCode>) -> Vec<&'o OrganCode> {
        let place = |code: &OrganCode| {
            let known = self.loaded.regelverk.organ.iter().position(|organ| organ.code == *code);
            known.unwrap_or(usize::MAX)
        };
        let mut organs: Vec<&OrganCode> = organs.into_iter().collect();
        organs.sort_by_key(|code| place(code));
        organs
    }

    /// Organ of all times that are shown.
    pub(super) fn organs(&self) -> Vec<&OrganCode> {
        let times = self.earlier.iter().chain([&self.now]);
        self.in_order(times.flat_map(|time| time.figures.organs()).collect())
    }

    /// Where it rests.
    fn sources(&self) -> Vec<String> {
        let mut sources =
            vec!["Bestämmelser om ekonomiska förmåner till förtroendevalda, § 19 (uppföljning)".to_owned()];
        sources.extend(self.found.last_batch.map(|batch| format!("Sista lönekörning i perioden: {batch}")));
        if !self.found.chain_head.is_empty() {
            sources.push(format!("Granskningskedjans sista led: {}", self.found.chain_head));
        }
        let mut decisions: Vec<&str> = self.budget.iter().map(|row| row.beslut.as_str()).collect();
        decisions.dedup();
        if !decisions.is_empty() {
            sources.push(format!("Budget: {}", decisions.join("; ")));
        }
        sources
    }

    /// How it is made, and what is hidden.
    fn method(&self) -> Section {
        let least = self.wanted.smallest_group;
        let mut text = vec![
            "Intjänat är vad bestämmelserna ger för periodens möten, uppdrag och kostnader, oavsett när det betalas. Betalt är vad som nått de förtroendevalda under perioden, räknat på utbetalningsdagen. Belopp är före skatt och utan sociala avgifter.".to_owned(),
            format!("Små grupper: förlorad inkomst och förmåner, resor, barntillsyn, vård, andra kostnader och kvittning rör den enskildes egna förhållanden. En siffra om dem visas inte när färre än {least} personer står bakom den, och inte heller de siffror som den annars kunde räknas fram ur. Där står ett streck (–). Summorna är ändå hela: det dolda ingår i dem."),
            "Årsarvoden, fasta arvoden och arvoden för sammanträden visas alltid. De följer av den beslutade bilagan och av protokollens uppgifter om vilka som deltog, och säger inget utöver det.".to_owned(),
            "Timmar är närvaro som ger rätt till ersättning (§ 2): ajourneringar är avdragna och samma timme räknas en gång för var och en. Ett möte räknas som hållet när dess dag har varit och det inte är inställt i diariet.".to_owned(),
        ];
        let partly: Vec<String> =
            self.earlier.iter().filter(|time| !self.is_whole(time.figures)).map(Time::heading).collect();
        if let Some(first) = self.loaded.lonekalender.forsta_manad.filter(|_| !partly.is_empty()) {
            text.push(format!(
                "Programmet räknar från och med {first}. {} är därför inte hela och jämförs inte i text.",
                partly.join(", ")
            ));
        }
        if !self.is_whole(self.now.figures)
            && let Some(first) = self.loaded.lonekalender.forsta_manad
        {
            text.push(format!("Programmet räknar från och med {first}: det som var före ingår inte."));
        }
        if self.wanted.period.last.last() >= self.wanted.today {
            text.push("Perioden var inte slut när uppföljningen gjordes.".to_owned());
        }
        let gone: Vec<String> =
            self.earlier.iter().chain([&self.now]).filter(|time| time.figures.is_gallrad).map(Time::heading).collect();
        if !gone.is_empty() {
            text.push(format!(
                "Gallring har tagit bort detaljerna för {}. Beloppen är de bevarade summorna per månad, organ och slag; möten, timmar, yrkanden och resor finns inte kvar, och det går inte att veta hur många personer som står bakom.",
                gone.join(", ")
            ));
        }
        Section {
            heading: "Så är uppföljningen gjord".to_owned(),
            sheet: "Metod".to_owned(),
            text,
            ..Section::default()
        }
    }
}
