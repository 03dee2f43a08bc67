//! What is read first: a few sentences, each a figure and what it is set beside.

use super::budget::{compared, total};
use super::pages::{Pages, held_today};
use super::secrets::Spot;
use super::words::{by_how_much, count, decimal, hours, kr, listed};
use crate::domain::CostGroup;
use crate::jobs::calculate::Outcome;
use crate::jobs::follow_up::figures::Fate;
use crate::money::Ore;

/// The sentences, the most important first.
pub(super) fn summary(pages: &Pages<'_>) -> Vec<String> {
    let parts =
        [cost(pages), change(pages), budget(pages), meetings(pages), lost_income(pages), held(pages), hidden(pages)];
    parts.into_iter().flatten().collect()
}

fn cost(pages: &Pages<'_>) -> Option<String> {
    let (period, figures) = (pages.wanted.period, pages.now.figures);
    if figures.is_empty() {
        return Some(format!("För {period} finns inga ersättningar."));
    }
    Some(match pages.now.earned().zip(pages.now.paid()) {
        Some((earned, paid)) => format!(
            "Ersättningarna till de förtroendevalda kostade {} under {period}, räknat på det som intjänades. {} betalades ut under samma tid.",
            kr(earned),
            kr(paid)
        ),
        None => {
            let [arvoden, _] = figures.sum(|_, kind| CostGroup::of(kind).is_some_and(|group| !group.is_personal()));
            format!(
                "Arvodena till de förtroendevalda kostade {} under {period}. Övriga ersättningar visas inte: för få personer står bakom dem.",
                kr(arvoden)
            )
        }
    })
}

/// More or less than before, and which groups moved most.
fn change(pages: &Pages<'_>) -> Option<String> {
    let before = pages.before()?;
    let (now, then) = pages.now.earned().zip(before.earned())?;
    let period = before.figures.period;
    if now == then {
        return Some(format!("Det är lika mycket som {period}."));
    }
    let word = if now > then { "mer" } else { "mindre" };
    let mut sentence = format!("Det är {} {word} än {period}.", by_how_much(now - then, then));
    let mut moved: Vec<(Ore, &str)> = CostGroup::all()
        .filter(|group| {
            let spot = Spot::Group(*group);
            !pages.now.secrets.hides(&spot) && !before.secrets.hides(&spot)
        })
        .map(|group| {
            let of = |figures: &super::Figures| figures.sum(|_, kind| CostGroup::of(kind) == Some(group));
            let ([now, _], [then, _]) = (of(pages.now.figures), of(before.figures));
            (now - then, group.words())
        })
        .collect();
    moved.sort_by_key(|(change, _)| std::cmp::Reverse(change.abs()));
    // What moved by less than a hundredth of all is no reason.
    let is_much = |change: &Ore| change.abs().kronor() * rust_decimal::Decimal::ONE_HUNDRED >= then.abs().kronor();
    let told: Vec<String> = moved
        .iter()
        .filter(|(change, _)| is_much(change))
        .take(3)
        .map(|(change, words)| {
            let verb = if *change > Ore::ZERO { "ökade" } else { "minskade" };
            format!("{} {verb} med {}", words.to_lowercase(), kr(change.abs()))
        })
        .collect();
    if !told.is_empty() {
        let told = listed(&told);
        let mut letters = told.chars();
        let first: String = letters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
        sentence += &format!(" {first}{}.", letters.as_str());
    }
    Some(sentence)
}

/// Against the budget, and the organ that is furthest over it.
fn budget(pages: &Pages<'_>) -> Option<String> {
    let (figures, secrets) = (pages.now.figures, pages.now.secrets);
    let rows = compared(&pages.budget, figures, secrets);
    let (decided, outcome) = total(&rows, figures, secrets);
    if rows.is_empty() {
        return None;
    }
    let Some(outcome) = outcome else { return Some(format!("Budgeten är {}.", kr(decided))) };
    let deviation = outcome - decided;
    let told = match deviation {
        Ore::ZERO => "utfallet är precis lika stort".to_owned(),
        _ if deviation > Ore::ZERO => format!("utfallet är {} över", by_how_much(deviation, decided)),
        _ => format!("utfallet är {} under", by_how_much(deviation, decided)),
    };
    let over = rows.iter().filter_map(|row| Some((row.outcome? - row.budget, row))).filter(|(by, _)| *by > Ore::ZERO);
    let worst = over.max_by_key(|(by, _)| *by).map(|(by, row)| {
        let slag = row.row.group.map(|group| format!(", {}", group.words().to_lowercase())).unwrap_or_default();
        format!(" Mest över budget är {}{slag}: {}.", pages.organ_name(&row.row.organ), by_how_much(by, row.budget))
    });
    Some(format!("Budgeten är {}; {told}.{}", kr(decided), worst.unwrap_or_default()))
}

fn meetings(pages: &Pages<'_>) -> Option<String> {
    let now = pages.now.figures.all_meetings();
    if now == super::figures::Meetings::default() {
        return None;
    }
    let before = pages.before().filter(|time| !time.figures.is_gallrad).map(|time| {
        let then = time.figures.all_meetings();
        format!(" ({}: {} och {})", time.figures.period, then.held, decimal(hours(then.minutes), 0))
    });
    let mut sentence = format!(
        "{} hölls, med {} timmars närvaro{}.",
        count(now.held, "möte", "möten"),
        decimal(hours(now.minutes), 0),
        before.unwrap_or_default()
    );
    if now.without_list > 0 {
        sentence += &format!(" För {} saknas ännu närvarolista.", count(now.without_list, "möte", "möten"));
    }
    Some(sentence)
}

fn lost_income(pages: &Pages<'_>) -> Option<String> {
    let (lost, secrets) = (&pages.now.figures.lost, pages.now.secrets);
    let all: i64 = lost.claims.values().map(|claims| claims.count).sum();
    if all == 0 {
        return None;
    }
    let of = |outcome: Outcome, one: &str, many: &str| {
        let found = lost.claims.get(&outcome)?;
        let fate = Fate::As(outcome);
        let kronor = lost.kronor.get(&fate).filter(|_| !secrets.hides(&Spot::Lost(fate)));
        let worth = kronor.map(|(sum, _)| format!(" ({})", kr(*sum))).unwrap_or_default();
        Some(format!("{} {}{worth}", found.count, if found.count == 1 { one } else { many }))
    };
    let parts = [
        of(Outcome::Paid, "är betalt", "är betalda"),
        of(Outcome::Waiting, "väntar", "väntar"),
        of(Outcome::Refused, "avslogs", "avslogs"),
        of(Outcome::Lapsed, "kom in efter sista dagen (§ 16)", "kom in efter sista dagen (§ 16)"),
        of(Outcome::Waived, "avstod personen från", "avstod personerna från"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    Some(format!("Förlorad arbetsinkomst: {}; av dem {}.", count(all, "yrkande", "yrkanden"), listed(&parts)))
}

fn held(pages: &Pages<'_>) -> Option<String> {
    let (held, worth) = held_today(pages);
    if held == 0 {
        return Some("Inget väntar på svar.".to_owned());
    }
    let worth = match worth.filter(|worth| *worth != Ore::ZERO) {
        Some(worth) => format!(", tillsammans värda {} där värdet är känt", kr(worth)),
        None => String::new(),
    };
    Some(format!("{} väntar på svar eller beslut{worth}.", count(held, "anmärkning", "anmärkningar")))
}

fn hidden(pages: &Pages<'_>) -> Option<String> {
    let least = pages.wanted.smallest_group;
    let is_in_use = pages.now.secrets.is_in_use();
    is_in_use.then(|| format!("Ett streck (–) står för en siffra som skulle berätta om färre än {least} personer, eller ge en sådan siffra."))
}
