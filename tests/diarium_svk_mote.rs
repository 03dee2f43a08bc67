//! Minutes in SVK-MOTE: what is read, what is refused with its line, and the same verdict as the schema's own.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

#[path = "support/outside.rs"]
mod outside;
#[path = "support/server.rs"]
mod server;

#[path = "support/source.rs"]
mod source;

use std::fs;
use std::path::{Path, PathBuf};

use arvode::adapters::diarium::svk_mote;
use arvode::domain::Fault;
use arvode::ports::{Changes, Content, MeetingRecord, ParticipantRecord};
use proptest::prelude::*;
use server::{Reply, Server, text, with};
use source::Kommun;

const BUN: &str = include_str!("../fixtures/diarium/svk-mote/namnd-2026-10-14.xml");
const KYRKORAD: &str = include_str!("../fixtures/diarium/svk-mote/kyrkorad-2026-09-16.xml");
const KALLELSE: &str = include_str!("../fixtures/diarium/svk-mote/kallelse-2026-12-09.xml");

fn meeting(text: &str) -> (String, MeetingRecord, Vec<String>) {
    let minutes = svk_mote::read(text.as_bytes()).unwrap();
    let Some(Content::Meeting(meeting)) = minutes.record.content else { panic!("no meeting") };
    (minutes.record.id, *meeting, minutes.notes)
}

/// A person in a line.
fn line(one: &ParticipantRecord) -> String {
    let mut words = vec![one.roll.clone().unwrap(), one.name.clone().unwrap()];
    words.extend(one.absent.then(|| "frånvarande".to_owned()));
    words.extend(one.tjanstgorande.map(|serves| format!("tjänstgör: {serves}")));
    words.extend(one.ersatter.as_ref().map(|name| format!("för {name}")));
    words.extend(one.paragrafer.as_ref().map(|text| format!("vid {text}")));
    words.extend(one.jav.as_ref().map(|text| format!("jäv {text}")));
    words.extend(one.justerare.then(|| "justerare".to_owned()));
    words.join(", ")
}

fn lines(meeting: &MeetingRecord) -> Vec<String> {
    meeting.participants.as_ref().unwrap().iter().map(line).collect()
}

#[test]
fn a_namnd_with_substitutes_jav_and_absence_per_paragraph() {
    let (id, meeting, notes) = meeting(BUN);
    assert_eq!(id, "2120009999/BUN 2026/8");
    assert_eq!(meeting.external.as_deref(), Some("BUN 2026/8"));
    assert_eq!(meeting.organ_name.as_deref(), Some("Barn- och utbildningsnämnden"));
    assert_eq!(meeting.slag.as_deref(), Some("sammanträde"));
    assert_eq!(meeting.plats.as_deref(), Some("Kommunhuset, sal A"));
    let times = (meeting.day.unwrap(), meeting.start.unwrap(), meeting.end.unwrap());
    assert_eq!(format!("{times:?}"), "(2026-10-14, 13:00:00, 16:40:00)");
    assert_eq!(
        lines(&meeting),
        [
            "Ordförande, Karin Sjögren",
            "Ledamot, Per Norén, jäv § 87, justerare",
            "Ledamot, Eva Stålhammar, vid §§ 85-87",
            "Ledamot, Nils Åkerlund, frånvarande",
            "Ersättare, Åsa Öberg, tjänstgör: true, för Nils Åkerlund, vid §§ 85-88, 89.1",
            "Ersättare, Jonas Wiklund, tjänstgör: false, vid §§ 86-89",
            "Sekreterare, Ulla Brandt",
        ]
    );
    assert!(notes.is_empty(), "{notes:?}");
}

#[test]
fn a_kyrkorad_whose_minutes_name_no_substitutes_and_a_member_twice() {
    let (_, meeting, notes) = meeting(KYRKORAD);
    assert_eq!((meeting.start.unwrap().to_string().as_str(), meeting.end), ("18:30:00", None));
    // Whether the deputy served is not said: the clerk is asked.
    assert_eq!(
        lines(&meeting),
        ["Ordförande, Bengt Ekdahl", "Ledamot, Siv Lindqvist, justerare", "Ersättare, Olle Hagström"]
    );
    assert!(notes.is_empty(), "{notes:?}");
}

#[test]
fn a_notice_says_nothing_of_who_came_and_its_end_is_a_plan() {
    let (_, meeting, _) = meeting(KALLELSE);
    assert_eq!(meeting.participants, None);
    assert_eq!((meeting.start.unwrap().to_string().as_str(), meeting.end), ("13:00:00", None));
}

#[test]
fn times_in_every_form_of_the_schema() {
    let of = |from: &str, to: &str| {
        let text =
            BUN.replace("2026-10-14T13:00:00<", &format!("{from}<")).replace("2026-10-14T16:40:00<", &format!("{to}<"));
        match svk_mote::read(text.as_bytes()) {
            Err(why) => why.wrong,
            Ok(_) => {
                let (_, meeting, notes) = meeting(&text);
                format!("{:?} {:?} {:?} {}", meeting.day.unwrap(), meeting.start, meeting.end, notes.join(" "))
            }
        }
    };
    for (from, to, expect) in [
        ("2026-10-14T11:00:00Z", "2026-10-14T16:40:00+02:00", "2026-10-14 Some(13:00:00) Some(16:40:00) "),
        // After the clocks went back.
        ("2026-10-28T12:00:00Z", "2026-10-28T15:40:00Z", "2026-10-28 Some(13:00:00) Some(16:40:00) "),
        (" 2026-10-14T13:00:59.9 ", "2026-10-14T16:40:01", "2026-10-14 Some(13:00:00) Some(16:40:00) "),
        ("2026-10-14T18:00:00", "2026-10-15T00:40:00", "2026-10-14 Some(18:00:00) Some(00:40:00) "),
        (
            "2026-10-14T18:00:00",
            "2026-10-14T24:00:00",
            "2026-10-14 Some(18:00:00) None Sluttiden är midnatt och är läst som okänd.",
        ),
        // A place is held, and no time is meant.
        ("2026-10-14T18:00:00", "2026-10-14T18:00:00", "2026-10-14 Some(18:00:00) None "),
        (
            "2026-10-14T00:00:00",
            "2026-10-14T16:00:00",
            "2026-10-14 None None Starttiden är midnatt och är läst som okänd.",
        ),
    ] {
        assert_eq!(of(from, to), expect, "{from} {to}");
    }
    for wrong in [
        "2026-10-14T25:00:00",
        "2026-10-14T13:00",
        "2026-10-14 13:00:00",
        "26-10-14T13:00:00",
        "2026-10-14T13:00:00+15:00",
        "2026-10-14T24:00:01",
    ] {
        assert!(of(wrong, "2026-10-14T16:40:00").contains("där ska stå datum och klockslag"), "{wrong}");
    }
    let by_date = |date: &str, time: &str| {
        let text = KYRKORAD.replace(">2026-09-16<", &format!(">{date}<")).replace(">18:30:00<", &format!(">{time}<"));
        svk_mote::read(text.as_bytes()).map_or_else(|why| why.wrong, |_| format!("{:?}", meeting(&text).1.start))
    };
    assert_eq!(by_date("2026-09-16+02:00", "16:30:00Z"), "Some(18:30:00)");
    assert_eq!(by_date("2026-09-16", "00:00:00"), "None");
    assert_eq!(
        by_date("2026-09-16", "23:30:00Z"),
        "Rad 11: I <meetingTime> framgår inte vilken dag och tid det var i Sverige."
    );
    assert!(by_date("2026-09-31", "18:30:00").contains("där ska stå ett datum"));
}

#[test]
fn every_encoding_that_a_file_may_name() {
    let expect = svk_mote::parse(BUN.as_bytes()).unwrap();
    let named = |name: &str| BUN.replacen("UTF-8", name, 1);
    let utf_16 = |text: &str, mark: bool, little: bool| -> Vec<u8> {
        let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
        units.flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
    };
    let latin =
        |text: &str| -> Vec<u8> { text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect() };
    let right = [
        [b"\xef\xbb\xbf", BUN.as_bytes()].concat(),
        BUN.replacen("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", "", 1).into_bytes(),
        utf_16(&named("UTF-16"), true, true),
        utf_16(&named("UTF-16"), true, false),
        utf_16(&named("UTF-16LE"), false, true),
        latin(&named("ISO-8859-1")),
        BUN.replace('\n', "\r\n").into_bytes(),
    ];
    for (number, bytes) in right.iter().enumerate() {
        assert_eq!(svk_mote::parse(bytes).unwrap(), expect, "number {number}");
    }
    let wrong = [
        (latin(BUN), "Filen är inte skriven med teckenkodningen UTF-8."),
        (
            utf_16(BUN, true, true),
            "Rad 1: Filens första tecken visar en annan teckenkodning än den som står i XML-deklarationen.",
        ),
        (
            named("UTF-16").into_bytes(),
            "Rad 1: Filens första tecken visar en annan teckenkodning än den som står i XML-deklarationen.",
        ),
        (named("EBCDIC-37").into_bytes(), "Rad 1: Teckenkodningen ”EBCDIC-37” läses inte."),
    ];
    for (bytes, expect) in wrong {
        assert_eq!(svk_mote::parse(&bytes).unwrap_err().wrong, expect);
    }
}

#[test]
fn without_a_namespace_it_is_read_with_a_note() {
    let bare = BUN.replacen(" xmlns=\"https://earkiv.svenskakyrkan.se/schemas/SVK-MOTE/v1\"", "", 1);
    let (_, read, notes) = meeting(&bare);
    assert_eq!(read, meeting(BUN).1);
    assert_eq!(notes, ["Filen anger ingen namnrymd; den är läst som SVK-MOTE v1."]);
}

/// A change of the nämnd's file, and what is said of it.
const REFUSED: &[(&str, &str, &str)] = &[
    (
        ">present<",
        ">here<",
        "Rad 115: I <attendanceStatus> står ”here”; där ska stå något av present, absent, excused.",
    ),
    (
        "role=\"chair\"><name>",
        "role=\"boss\"><name>",
        "Rad 19: I attributet role i <recipient> står ”boss”; där ska stå något av chair, member, deputy, secretary, adjunct, observer, other.",
    ),
    ("<quorum>true</quorum>", "", "Rad 158: I <minutes> saknas <quorum> före <minutesDocument>."),
    (
        "<meetingTimeFrom>2026-10-14T13:00:00</meetingTimeFrom>",
        "",
        "Rad 9: I <meetingHeader> saknas <meetingDate> eller <meetingTimeFrom> före <meetingTimeTo>.",
    ),
    ("T16:40:00", "T12:40:00", "Rad 9: I <meetingTimeTo> slutar mötet innan det börjar i <meetingTimeFrom>."),
    (
        "2026-10-14T16:40:00",
        "2026-10-15T16:40:00",
        "Rad 9: I <meetingTimeTo> slutar mötet mer än ett dygn efter att det började; varje dag behöver ett eget möte.",
    ),
    (
        "2026-10-14T16:40:00",
        "2026-02-30T16:40:00",
        "Rad 9: I <meetingTimeTo> står ”2026-02-30T16:40:00”; där ska stå datum och klockslag som 2026-11-23T18:30:00.",
    ),
    ("BUN 2026/8</meetingId>", "</meetingId>", "Rad 4: Elementet <meetingId> är tomt."),
    (
        "matterRef=\"89.2\"",
        "matterRef=\"§ 99\"",
        "Rad 142: En frånvaro hänvisar till paragrafen ”§ 99”, som inte finns bland filens ärenden eller i dagordningen.",
    ),
    (
        "<name>Eva Stålhammar</name>",
        "<name>Per Norén (M)</name>",
        "Rad 125: Två deltagare har samma namn (den andra på rad 117) och går inte att skilja åt.",
    ),
    (
        ">excused<",
        ">present</attendanceStatus><substitutingFor>198001019804</substitutingFor><attendanceStatus>present<",
        "Rad 135: Elementet <attendanceStatus> hör inte hemma där det står i <attendee>.",
    ),
    (
        "creatorId=\"2120009999\"",
        "creatorId=\"2120009999\" nr=\"1\"",
        "Rad 5: Attributet nr hör inte hemma i <fondsCreator>.",
    ),
    ("idType=\"organisationsnummer\" ", "", "Rad 5: Elementet <fondsCreator> saknar attributet idType."),
    (
        "/v1\"",
        "/v2\"",
        "Rad 2: Filen följer en annan version av SVK-MOTE (namnrymden https://earkiv.svenskakyrkan.se/schemas/SVK-MOTE/v2).",
    ),
    ("</boardMeeting>", "", "Rad 175: Filen tar slut mitt i elementet <boardMeeting>, som börjar på rad 2."),
    ("</boardMeeting>", "</boardMeeting><boardMeeting/>", "Rad 174: Filen är inte välformad XML."),
    ("<quorum>", "<quorum x=\"&lol;\">", "Rad 157: Filen är inte välformad XML."),
    ("Delårsrapport", "&lol;", "Rad 36: Filen använder en egen entitet (&…;), vilket inte tillåts."),
    (
        "<boardMeeting ",
        "<!DOCTYPE boardMeeting [<!ENTITY lol \"lol\">]><boardMeeting ",
        "Rad 2: Filen har en dokumenttyp (<!DOCTYPE …>), vilket inte tillåts.",
    ),
    ("Delårsrapport", "Delårs\u{8}rapport", "Rad 36: Där står ett tecken som inte får finnas i XML."),
    ("Delårsrapport", "&#8;", "Rad 36: Filen är inte välformad XML."),
    ("<name>Jonas Wiklund</name>", "<name>(V)</name>", "Rad 146: I <name> står inget namn."),
];

#[test]
fn what_cannot_be_understood_is_refused_with_its_line() {
    for (from, to, expect) in REFUSED {
        assert!(BUN.contains(from), "{from}");
        let said = svk_mote::parse(BUN.replacen(from, to, 1).as_bytes()).map_err(|why| why.wrong);
        assert_eq!(said.unwrap_err(), *expect, "{from} -> {to}");
    }
}

#[test]
fn bombs_cost_nothing() {
    let depth = format!("{}{}", "<boardMeeting>".repeat(100_000), "</boardMeeting>".repeat(100_000));
    let many = format!("<boardMeeting>{}</boardMeeting>", "<a/>".repeat(300_000));
    let wide = format!("<boardMeeting {}/>", (0..1_000).map(|n| format!("a{n}=\"\" ")).collect::<String>());
    let spaces = format!("<boardMeeting {}/>", (0..1_000).map(|n| format!("xmlns:a{n}=\"x\" ")).collect::<String>());
    let large = format!("<boardMeeting>{}</boardMeeting>", " ".repeat(30 << 20));
    for (bomb, expect) in [
        (&depth, "Rad 1: Filen har fler än 200000 element, eller element i fler än 24 nivåer."),
        (&many, "Rad 1: Filen har fler än 200000 element, eller element i fler än 24 nivåer."),
        (&wide, "Rad 1: Filen är inte välformad XML."),
        (&spaces, "Rad 1: Filen är inte välformad XML."),
        (&large, "Filen är större än 16 MiB."),
        (
            &"<html><body/></html>".to_owned(),
            "Rad 1: Filen är ingen SVK-MOTE-fil: den börjar med <html> i stället för <boardMeeting>.",
        ),
        (&String::new(), "Rad 1: Filen är inte XML."),
        (&"PK\u{3}\u{4}".to_owned(), "Rad 1: Där står ett tecken som inte får finnas i XML."),
        (&"{\"a\": 1}".to_owned(), "Rad 1: Filen är inte XML."),
    ] {
        assert_eq!(svk_mote::parse(bomb.as_bytes()).unwrap_err().wrong, expect);
    }
}

#[test]
fn a_file_that_was_cut_off_is_never_read() {
    let whole = BUN.trim_end();
    for end in (0..whole.len()).step_by(7).filter(|end| whole.is_char_boundary(*end)) {
        assert!(svk_mote::parse(&whole.as_bytes()[..end]).is_err(), "cut at {end}");
    }
}

proptest! {
    /// Whatever is damaged, nobody is there who was not, and nothing ends the program.
    #[test]
    fn damage_is_refused_or_harmless(place in 0..BUN.len(), bytes in proptest::collection::vec(any::<u8>(), 0..4)) {
        let mut damaged = BUN.as_bytes().to_vec();
        damaged.splice(place..(place + bytes.len()).min(BUN.len()), bytes);
        if let Ok(minutes) = svk_mote::read(&damaged) {
            let Some(Content::Meeting(meeting)) = minutes.record.content else { panic!("no meeting") };
            prop_assert_eq!(meeting.participants.map(|participants| participants.len()), Some(7));
        }
    }

    #[test]
    fn anything_at_all_is_no_surprise(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(svk_mote::parse(&bytes).is_err());
    }
}

fn schema() -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/diarium/SVK-MOTE.xsd");
    let has_xmllint = std::process::Command::new("xmllint").arg("--version").output().is_ok();
    (has_xmllint && found.exists()).then_some(found)
}

fn is_valid(schema: &Path, text: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.xml");
    std::fs::write(&path, text).unwrap();
    let done = std::process::Command::new("xmllint").arg("--noout").arg("--schema").arg(schema).arg(&path).output();
    done.unwrap().status.success()
}

#[test]
fn our_files_are_valid_by_the_schema_and_the_schemas_example_is_read() {
    let Some(schema) = schema() else { return };
    for text in [BUN, KYRKORAD, KALLELSE] {
        assert!(is_valid(&schema, text));
    }
    let example = std::fs::read_to_string(schema.with_file_name("svk-mote-exempel.xml")).unwrap();
    let (_, meeting, notes) = meeting(&example);
    let lines = lines(&meeting);
    assert_eq!(lines[1], "Ledamot, Maria Svensson, jäv § 4, justerare");
    assert_eq!(lines[2], "Ersättare, Lars Pettersson, tjänstgör: true, för Anna Karlsson");
    // Its two ids look alike and are not.
    assert!(notes.len() == 1 && notes[0].starts_with("Protokollet hänvisar till mötet"), "{notes:?}");
}

#[test]
fn line_by_line_the_reader_and_the_schema_say_the_same() {
    let Some(schema) = schema() else { return };
    let lines: Vec<&str> = BUN.lines().collect();
    // Each element that is a line of its own goes, and comes twice.
    let whole = (2..lines.len()).filter(|at| lines[*at].trim_start().starts_with('<') && has_end(lines[*at]));
    for at in whole {
        for copies in [0, 2] {
            let mut changed = lines.clone();
            changed.splice(at..=at, std::iter::repeat_n(lines[at], copies));
            let text = changed.join("\n");
            let read = svk_mote::parse(text.as_bytes());
            // Names, times and references mean something to us beyond the schema.
            if is_valid(&schema, &text) != read.is_ok() {
                let why = read.unwrap_err().wrong;
                let is_beyond = ["samma namn", "hänvisar till paragrafen"].iter().any(|part| why.contains(part));
                assert!(is_beyond, "line {}, {copies} times: {why}", at + 1);
            }
        }
    }
}

fn has_end(line: &str) -> bool {
    line.contains("</") && !line.trim_start().starts_with("</") || line.trim_end().ends_with("/>")
}

fn in_folder() -> Kommun {
    let kommun = Kommun::new("[[diarium]]\nname = \"Kyrkan\"\nadapter = \"svk-mote\"\nfolder = \"svk\"\n");
    fs::create_dir(kommun.path("svk")).unwrap();
    kommun
}

fn ids(changes: &Changes) -> Vec<&str> {
    changes.records.iter().map(|record| record.id.as_str()).collect()
}

const BOTH: [&str; 2] = ["2120009999/BUN 2026/8", "2520000001/KR-2026-06"];

#[test]
fn a_folder_is_read_as_it_lies_and_known_by_its_content() {
    let kommun = in_folder();
    fs::write(kommun.path("svk/bun.xml"), BUN).unwrap();
    fs::write(kommun.path("svk/kr.XML"), KYRKORAD).unwrap();
    fs::write(kommun.path("svk/protokoll.pdf"), "%PDF").unwrap();
    fs::write(kommun.path("svk/.kr.xml"), "half").unwrap();
    let first = kommun.changes(None).unwrap();
    assert_eq!(ids(&first), BOTH);
    assert!(first.unread.is_empty() && first.complete.is_empty(), "{first:?}");
    // Each look waits once for files that are on their way.
    assert_eq!(kommun.still.waits(), [2.0]);
    // The same content under another name is nothing new.
    fs::rename(kommun.path("svk/bun.xml"), kommun.path("svk/bun-2.xml")).unwrap();
    let again = kommun.changes(Some(&first.cursor)).unwrap();
    assert_eq!((again.records.len(), &again.cursor), (0, &first.cursor));
    // A corrected file is; and who asks without a cursor gets everything.
    fs::write(kommun.path("svk/bun-2.xml"), BUN.replace("excused", "absent")).unwrap();
    let changed = kommun.changes(Some(&first.cursor)).unwrap();
    assert_eq!(ids(&changed), BOTH);
    assert_ne!(changed.cursor, first.cursor);
    assert_eq!(ids(&kommun.changes(None).unwrap()), BOTH);
    assert_eq!(fs::read_dir(kommun.path("svk")).unwrap().count(), 4);
}

#[test]
fn two_files_that_tell_a_meeting_differently_are_both_left() {
    let kommun = in_folder();
    fs::write(kommun.path("svk/a.xml"), BUN).unwrap();
    fs::write(kommun.path("svk/b.xml"), BUN.replace("excused", "absent")).unwrap();
    let same_meaning = kommun.changes(None).unwrap();
    assert_eq!((ids(&same_meaning), same_meaning.unread.len()), (vec![BOTH[0]], 0));
    fs::write(kommun.path("svk/b.xml"), BUN.replace("excused", "present")).unwrap();
    let changes = kommun.changes(None).unwrap();
    assert!(changes.records.is_empty());
    assert_eq!(
        changes.unread,
        [
            "Mötet BUN 2026/8 står i 2 filer som inte säger samma sak (a.xml, b.xml). Ingen av dem är använd: ta bort den som inte gäller."
        ]
    );
}

#[test]
fn what_is_no_file_of_its_own_is_refused_and_the_rest_is_read() {
    let kommun = in_folder();
    fs::write(kommun.path("bun.xml"), BUN).unwrap();
    std::os::unix::fs::symlink(kommun.path("bun.xml"), kommun.path("svk/link.xml")).unwrap();
    fs::hard_link(kommun.path("bun.xml"), kommun.path("svk/hard.xml")).unwrap();
    fs::create_dir(kommun.path("svk/folder.xml")).unwrap();
    let fifo = std::process::Command::new("mkfifo").arg(kommun.path("svk/pipe.xml")).status().unwrap();
    assert!(fifo.success());
    fs::write(kommun.path("svk/half.xml"), &BUN[..BUN.len() / 2]).unwrap();
    fs::write(kommun.path("svk/large.xml"), vec![b' '; 30 << 20]).unwrap();
    fs::write(kommun.path("svk/19800101-9804.xml"), "Anna").unwrap();
    fs::write(kommun.path("svk/kr.xml"), KYRKORAD).unwrap();
    let changes = kommun.changes(None).unwrap();
    assert_eq!(ids(&changes), [BOTH[1]]);
    let no_file = "Det är ingen vanlig fil, utan en länk, mapp eller något annat. Lägg själva filen i mappen, läsbar för programmet. Ingenting i filen är använt.";
    assert_eq!(
        changes.unread[0],
        "….xml: Rad 1: Filen är inte XML. Skicka den fil som diariet exporterar enligt SVK-MOTE v1. Ingenting i filen är använt."
    );
    assert_eq!(changes.unread[1], format!("folder.xml: {no_file}"));
    assert!(changes.unread[2].starts_with("half.xml: Rad "), "{}", changes.unread[2]);
    assert!(changes.unread[3].starts_with("hard.xml: Filen har ett namn till på disken"), "{}", changes.unread[3]);
    assert!(changes.unread[4].starts_with("large.xml: Filen är större än 16 MiB."), "{}", changes.unread[4]);
    assert_eq!(changes.unread[5..], [format!("link.xml: {no_file}"), format!("pipe.xml: {no_file}")]);
}

#[test]
fn an_empty_folder_is_told_and_a_missing_one_is_a_setting() {
    let kommun = in_folder();
    assert_eq!(kommun.changes(None).unwrap().notes, ["Mappen har inga XML-filer."]);
    fs::remove_dir(kommun.path("svk")).unwrap();
    let Err(Fault::Input(said)) = kommun.changes(None) else { panic!() };
    assert!(
        said.starts_with("diarium \"Kyrkan\": the folder ") && said.ends_with("name another in `folder`"),
        "{said}"
    );
}

fn at_address(server: &Server, path: &str) -> Kommun {
    let kommun = Kommun::new(&format!(
        "[[diarium]]\nname = \"Kyrkan\"\nadapter = \"svk-mote\"\nurl = \"{}{path}\"\nbearer_file = \"token\"\ntries = 2\n",
        server.url
    ));
    fs::write(kommun.path("token"), "kanariefagel\n").unwrap();
    kommun
}

/// A web server's page of a folder, or a list, with these files below it.
fn files(page: &'static str) -> impl Fn(&server::Asked, usize) -> Reply {
    move |asked, _| match asked.path() {
        "/moten/" | "/lista.txt" => text(200, page),
        "/moten/bun.xml" => text(200, BUN),
        "/moten/k%20r.xml" => text(200, KYRKORAD),
        _ => text(404, "no"),
    }
}

#[test]
fn an_address_is_a_file_a_page_of_a_folder_or_a_list() {
    let server = Server::start(files(""));
    assert_eq!(ids(&at_address(&server, "/moten/bun.xml").changes(None).unwrap()), [BOTH[0]]);
    assert_eq!(server.asked()[0].header("authorization"), Some("Bearer kanariefagel"));

    let page = "<!DOCTYPE html><html><body><h1>Index of /moten</h1><pre><a href=\"?C=N;O=D\">Name</a> <a href=\"/\">Up</a>\n\
        <a href=\"bun.xml\">bun.xml</a> <A HREF='k%20r.xml'>k r.xml</A> <a href=protokoll.pdf>x</a> <a href=\"bun.xml\">igen</a></pre>";
    let server = Server::start(files(page));
    let changes = at_address(&server, "/moten/").changes(None).unwrap();
    assert_eq!((ids(&changes), server.asked().len()), (BOTH.to_vec(), 3));
    assert!(changes.unread.is_empty());

    let server = Server::start(files("/moten/bun.xml\r\nmoten/k%20r.xml\nmoten/borta.xml\n"));
    let changes = at_address(&server, "/lista.txt").changes(None).unwrap();
    assert_eq!(ids(&changes), BOTH);
    assert_eq!(changes.unread, ["borta.xml: filen finns i listan, men inte på servern."]);
    let again = at_address(&server, "/lista.txt").changes(Some(&changes.cursor)).unwrap();
    assert!(again.records.is_empty());
}

#[test]
fn what_an_address_must_not_say_is_refused() {
    let foreign = Server::start(|_, _| text(200, BUN));
    let page = format!("<html><a href=\"{}/bun.xml\">x</a></html>", foreign.url);
    let server = Server::start(move |_, _| text(200, &page));
    let said = at_address(&server, "/").changes(None).unwrap_err();
    assert!(matches!(said, Fault::Refused(_)), "{said}");
    assert!(foreign.asked().is_empty() && !said.to_string().contains("kanariefagel"), "{said}");

    // A page that begins anew for ever.
    let server = Server::start(|_, _| Reply::Whole {
        status: 200,
        headers: vec![("link".to_owned(), "</p>; rel=\"next\"".to_owned())],
        body: b"<html></html>".to_vec(),
    });
    assert!(matches!(at_address(&server, "/p").changes(None), Err(Fault::Refused(_))));

    // A list that goes on with something else is not half read.
    let server = Server::start(|asked, _| match asked.path() {
        "/p" => Reply::Whole {
            status: 200,
            headers: vec![("link".to_owned(), "</q>; rel=\"next\"".to_owned())],
            body: b"/bun.xml\n".to_vec(),
        },
        _ => text(200, BUN),
    });
    assert!(matches!(at_address(&server, "/p").changes(None), Err(Fault::Temporary(_))));

    let server = Server::start(|_, _| text(404, "no"));
    let Err(Fault::Input(said)) = at_address(&server, "/x").changes(None) else { panic!() };
    assert!(said.contains("answered 404; see `url`"), "{said}");
    let server = Server::start(|_, _| with(503, "x", "y"));
    assert!(matches!(at_address(&server, "/x").changes(None), Err(Fault::Temporary(_))));
    // A page to log in at is no folder.
    let server = Server::start(|_, _| text(200, "<html><form>Logga in</form></html>"));
    assert_eq!(at_address(&server, "/x").changes(None).unwrap().notes, ["Sidan har inga länkar till XML-filer."]);
    let server = Server::start(|_, _| text(200, "Logga in"));
    assert!(at_address(&server, "/x").changes(None).unwrap().unread[0].contains("Filen är inte XML."));
}
