//! Beslut: decisions in single cases, each about a paragraph, a person, a meeting and a kind of yrkande, as far as it says.

use std::collections::HashSet;

use super::people::problem;
use super::{Seen, Work, claims, key_of, unreadable};
use crate::calendar::Day;
use crate::domain::{Beslut, ClaimKind, Fact, Fault, MeetingId, PersonId, shown};
use crate::ports::{BeslutPart, BeslutRow, Given, MeetingRef, PersonRef, Problem, RowContent, Store};
use crate::register::{MeetingMatch, PersonMatch};

pub(super) async fn take_in<S: Store>(work: &mut Work<'_, S>, place: usize) -> Result<(), Fault> {
    let workbook = work.file.workbook;
    let sheet = workbook.sheets()[place].name.clone();
    let (mut seen, mut told) = (Seen::new(), HashSet::new());
    for row in workbook.rows(place).map_err(|error| unreadable(&error))? {
        let row = row.map_err(|error| unreadable(&error))?;
        let Some((number, RowContent::Beslut(row))) = work.sound(&sheet, row) else {
            continue;
        };
        // Gäller as written is part of the row: two numbers of persons are told apart by it.
        if !seen.insert(format!("{row:?}")) {
            work.ignore((&sheet, number), "samma rad två gånger");
            continue;
        }
        let day = row.day;
        match beslut(work, &mut told, *row, (&sheet, number)) {
            Ok(is_new) => work.count((&sheet, number), is_new),
            Err(problem) => work.hold(&sheet, number, day, None, &problem),
        }
        work.flush_if_many().await?;
    }
    Ok(())
}

fn beslut<S: Store>(
    work: &mut Work<'_, S>,
    told: &mut HashSet<String>,
    row: BeslutRow,
    at: (&str, u32),
) -> Result<bool, Problem> {
    let (Some(diarienummer), Some(day), Some(utfall)) = (row.diarienummer, row.day, row.utfall) else {
        return Err(problem(
            "Diarienummer",
            "beslutet är inte helt",
            "fyll i Diarienummer, Datum, Gäller och Innebörd",
        ));
    };
    let organ = row.organ.as_ref().map(|text| work.organ(Some(text))).transpose()?;
    if row.from.as_ref().zip(row.to.as_ref()).is_some_and(|(from, to)| to < from) {
        return Err(backward());
    }
    let about = named(work, row.about)?;
    let meeting = about.meeting.map(|meeting| meeting.settle(work, at)).transpose()?;
    let blank = Beslut {
        diarienummer,
        day,
        organ: None,
        paragraph: about.paragraph,
        person: about.person,
        meeting,
        slag: about.slag,
        claim: None,
        remark: None,
        utfall,
        innebord: row.innebord.unwrap_or_default(),
        from: None,
        to: None,
    };
    let key = key_of(&Fact::Beslut(blank.clone()));
    let known =
        work.known.get(&key).and_then(|(_, fact)| if let Fact::Beslut(known) = fact { Some(known) } else { None });
    let fact = Beslut {
        organ: if row.organ == Given::Absent { known.and_then(|known| known.organ.clone()) } else { organ },
        from: row.from.over(known.and_then(|known| known.from)),
        to: row.to.over(known.and_then(|known| known.to)),
        remark: known.and_then(|known| known.remark.clone()),
        ..blank
    };
    if fact.from.zip(fact.to).is_some_and(|(from, to)| to < from) {
        return Err(backward());
    }
    if !told.insert(key) {
        let wrong = "en andra rad om samma beslut i samma sak, med annat innehåll";
        return Err(problem("Gäller", wrong, "behåll en av raderna, eller skriv i Gäller vad som skiljer dem"));
    }
    Ok(work.say(Fact::Beslut(fact), at))
}

fn backward() -> Problem {
    problem("Till", "sista dagen är före den första", "rätta Från eller Till")
}

/// What a decision is about, as far as it says.
#[derive(Default)]
struct Named {
    paragraph: Option<String>,
    person: Option<PersonId>,
    meeting: Option<NamedMeeting>,
    slag: Option<ClaimKind>,
}

/// A meeting that is known, or one to be made known when all else of the row is right.
#[derive(PartialEq)]
enum NamedMeeting {
    Known(MeetingId),
    Of(String, String, Day),
}

impl NamedMeeting {
    fn settle<S: Store>(self, work: &mut Work<'_, S>, at: (&str, u32)) -> Result<MeetingId, Problem> {
        match self {
            NamedMeeting::Known(meeting) => Ok(meeting),
            NamedMeeting::Of(text, organ, day) => {
                let reference = MeetingRef { external: None, organ: Some(organ), day: Some(day) };
                let ambiguous = |_: Problem| {
                    let wrong = format!("flera möten kan vara ”{}”", shown(&text));
                    problem("Gäller", &wrong, "skriv mötets id eller diarienummer i stället för organ och dag")
                };
                claims::meeting(work, &reference, &[], at).map_err(ambiguous)
            }
        }
    }
}

fn named<S: Store>(work: &Work<'_, S>, parts: Vec<BeslutPart>) -> Result<Named, Problem> {
    let mut named = Named::default();
    for part in parts {
        match part {
            BeslutPart::Paragraph(paragraph) => put(&mut named.paragraph, paragraph, "paragrafer")?,
            BeslutPart::Slag(slag) => put(&mut named.slag, slag, "slag av yrkande")?,
            BeslutPart::Number(number) => {
                let person = work.person(&PersonRef { personnummer: Some(number), namn: None });
                put(
                    &mut named.person,
                    person.map_err(|wrong| Problem { cell: "Gäller".to_owned(), ..wrong })?,
                    "personer",
                )?;
            }
            BeslutPart::Dated(text, organ, day) => match by_id(work, &text)? {
                Some(meeting) => put(&mut named.meeting, NamedMeeting::Known(meeting), "möten")?,
                None if work.organ(Some(&organ)).is_ok() => {
                    put(&mut named.meeting, NamedMeeting::Of(text, organ, day), "möten")?;
                }
                None => return Err(unknown(&text)),
            },
            BeslutPart::Named(text) => match (by_id(work, &text)?, by_name(work, &text)?) {
                (Some(meeting), None) => put(&mut named.meeting, NamedMeeting::Known(meeting), "möten")?,
                (None, Some(person)) => put(&mut named.person, person, "personer")?,
                (None, None) => return Err(unknown(&text)),
                (Some(_), Some(_)) => return Err(several(&text, "både en person och ett möte")),
            },
        }
    }
    Ok(named)
}

/// A decision has one of each; the same said twice is no other.
fn put<T: PartialEq>(place: &mut Option<T>, value: T, what: &str) -> Result<(), Problem> {
    if place.as_ref().is_some_and(|known| *known != value) {
        return Err(problem("Gäller", &format!("beslutet gäller flera {what}"), "skriv en rad för var och en"));
    }
    *place = Some(value);
    Ok(())
}

fn by_id<S: Store>(work: &Work<'_, S>, text: &str) -> Result<Option<MeetingId>, Problem> {
    match work.meeting_called(text) {
        MeetingMatch::One(meeting) => Ok(Some(work.aliases.meeting(meeting))),
        MeetingMatch::Unknown => Ok(None),
        MeetingMatch::Several(found) => Err(several(text, &format!("{} möten", found.len()))),
    }
}

fn by_name<S: Store>(work: &Work<'_, S>, text: &str) -> Result<Option<PersonId>, Problem> {
    match work.persons.find(None, Some(text)) {
        PersonMatch::One(person) => Ok(Some(person)),
        PersonMatch::Unknown => Ok(None),
        PersonMatch::Several(count) => Err(several(text, &format!("{count} personer"))),
    }
}

fn several(text: &str, what: &str) -> Problem {
    let instead = "skriv personens personnummer, eller mötets organ och dag, som KS 2026-03-04";
    problem("Gäller", &format!("”{}” kan vara {what}", shown(text)), instead)
}

fn unknown(text: &str) -> Problem {
    let kinds: Vec<&str> = ClaimKind::all().map(ClaimKind::word).collect();
    let instead = format!(
        "skriv en paragraf (§ 15), ett personnummer eller namn som i Personer, ett möte (KS 2026-03-04 eller dess id), närvarorätt, särskilda skäl eller ett slag av yrkande ({}), med komma emellan",
        kinds.join(", ")
    );
    problem("Gäller", &format!("okänt i vad beslutet gäller: {}", shown(text)), &instead)
}
