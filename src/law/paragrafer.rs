//! From paragraphs of the minutes to clock times (§ 2): presence is time, so paragraphs count only where it is known when
//! each was dealt with.

use crate::calendar::Clock;
use crate::domain::{ParagrafTid, shown};

/// What is wrong, and what to write.
type Unclear = (String, String);

/// The clock times during which these paragraphs were dealt with. A paragraph lasts until its Slut, else until the next
/// one begins; the times are of a meeting that began at `day_start`.
///
/// # Errors
/// The text names no paragraphs, or a time is missing; what to write.
pub fn times(text: &str, known: &[ParagrafTid], day_start: Clock) -> Result<Vec<(Clock, Clock)>, Unclear> {
    let ranges = numbers(text).ok_or_else(|| {
        let wrong = format!("paragraferna ”{}” går inte att läsa", shown(text));
        (wrong, "skriv dem som §§ 45-52, 55, eller skriv klockslag".to_owned())
    })?;
    ranges.into_iter().map(|range| span(range, known, day_start)).collect()
}

/// Whether a text speaks of paragraphs.
pub fn names_paragraphs(text: &str) -> bool {
    text.contains('§') || text.to_lowercase().contains("paragraf")
}

fn span((first, last): (u32, u32), known: &[ParagrafTid], day_start: Clock) -> Result<(Clock, Clock), Unclear> {
    let of = |number: u32| known.iter().find(|item| item.paragraf == number);
    let missing = |number: u32, what: &str| {
        let wrong = format!("det framgår inte när § {number} {what}");
        (
            wrong,
            format!(
                "för in tiden för § {number} i bladet Paragrafer, eller skriv klockslag i Närvarande från och till"
            ),
        )
    };
    let start = of(first).map(|item| item.start).ok_or_else(|| missing(first, "började"))?;
    let next = || of(last.checked_add(1)?).map(|item| item.start);
    let end = of(last).and_then(|item| item.slut).or_else(next).ok_or_else(|| missing(last, "slutade"))?;
    // After midnight is later than before it.
    let order = |clock: Clock| (clock < day_start, clock);
    let within = |item: &ParagrafTid| order(start) <= order(item.start) && order(item.start) <= order(end);
    let in_order = known.iter().filter(|item| (first..=last).contains(&item.paragraf)).all(within);
    if order(start) > order(end) || !in_order {
        let wrong = format!("§§ {first}-{last} togs inte i nummerordning: närvaron är inte en sammanhängande tid");
        return Err((wrong, "skriv klockslag i Närvarande från och Närvarande till".to_owned()));
    }
    Ok((start, end))
}

/// `§§ 45-52, 55` as first and last of each range; none if anything else stands there.
fn numbers(text: &str) -> Option<Vec<(u32, u32)>> {
    let lower = text.to_lowercase();
    let plain =
        ["paragraferna", "paragrafer", "paragraf", "§"].iter().fold(lower, |text, word| text.replace(word, " "));
    let plain = [" och ", " samt ", ";", "&"].iter().fold(plain, |text, word| text.replace(word, ","));
    let plain = plain.replace(" till ", "-").replace(['–', '—', '−'], "-");
    let number = |text: &str| text.trim().parse::<u32>().ok().filter(|number| (1..=99_999).contains(number));
    let range = |part: &str| match part.split_once('-') {
        Some((first, last)) => number(first).zip(number(last)).filter(|(first, last)| first <= last),
        None => number(part).map(|only| (only, only)),
    };
    let parts: Vec<&str> = plain.split(',').filter(|part| !part.trim().is_empty()).collect();
    (!parts.is_empty()).then(|| parts.into_iter().map(range).collect())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Clock {
        Clock::parse_from_str(text, "%H.%M").unwrap_or_default()
    }

    fn check(text: &str, known: &[(u32, &str, &str)], expect: &str) {
        let known: Vec<ParagrafTid> = known
            .iter()
            .map(|(paragraf, start, slut)| ParagrafTid {
                paragraf: *paragraf,
                start: at(start),
                slut: (!slut.is_empty()).then(|| at(slut)),
            })
            .collect();
        let said = match times(text, &known, at("13.00")) {
            Ok(spans) => {
                let spans = spans.iter().map(|(from, to)| format!("{}-{}", from.format("%H.%M"), to.format("%H.%M")));
                spans.collect::<Vec<_>>().join(", ")
            }
            Err((wrong, _)) => wrong,
        };
        assert_eq!(said, expect, "{text}");
    }

    #[test]
    fn paragraphs_are_clock_times_where_the_times_are_known() {
        let known = [(45, "13.00", ""), (46, "13.20", ""), (53, "14.10", ""), (55, "15.00", "15.20")];
        check("§§ 45-52", &known, "13.00-14.10");
        check("§ 45–52, 55", &known, "13.00-14.10, 15.00-15.20");
        check("paragraf 45 och 55", &known, "13.00-13.20, 15.00-15.20");
        check("45", &known, "13.00-13.20");
        check("§§ 45-55", &known, "13.00-15.20");
        check("§§ 47-52", &known, "det framgår inte när § 47 började");
        check("§ 53", &known, "det framgår inte när § 53 slutade");
        check("§ 45", &[(45, "13.00", "")], "det framgår inte när § 45 slutade");
        check(
            "§§ 45-47",
            &[(45, "14.00", ""), (46, "13.00", ""), (48, "15.00", "")],
            "§§ 45-47 togs inte i nummerordning: närvaron är inte en sammanhängande tid",
        );
        check("§§ 45-46", &[(45, "23.30", ""), (46, "00.10", "00.40")], "23.30-00.40");
        for text in ["alla", "§ 45 a", "§§ 52-45", "§", "45-", "§ 0"] {
            check(text, &known, &format!("paragraferna ”{text}” går inte att läsa"));
        }
    }
}
