//! The columns of Avstående and Utbetalt.

use super::{ANSTID, Column, FROM, Field, Format, KOMMENTAR, NAMN, PERSONNUMMER, TO, column};

/// Avstående: what a person waives in writing.
pub(super) const AVSTAENDE: &[Column] = &[
    PERSONNUMMER,
    NAMN,
    column(
        Field::Avstar,
        "Avstår",
        &["avstår från", "avser att avstå", "avstående", "avstår ersättning"],
        Format::Text,
        "allt, årsarvode, fast arvode, sammanträdesarvode eller ett slag av yrkande, med komma emellan.",
    ),
    FROM,
    TO,
    column(
        Field::Handling,
        "Handling",
        &["handlingens diarienummer", "skriftlig handling"],
        Format::Text,
        "Diarienummer för den skriftliga handlingen.",
    ),
    KOMMENTAR,
];

/// Utbetalt: what was paid outside the program, and what payroll says of the program's own rows.
pub(super) const UTBETALT: &[Column] = &[
    column(
        Field::Utbetalningsmanad,
        "Utbetalningsmånad",
        &["utbetald månad", "utbetalningsperiod", "löneperiod", "lönemånad"],
        Format::Text,
        "Månaden som pengarna betalades ut, som 2026-09.",
    ),
    ANSTID,
    PERSONNUMMER,
    NAMN,
    column(
        Field::Lonart,
        "Lönart",
        &["löneart", "löneartskod", "löneartsnummer"],
        Format::Text,
        "Lönesystemets kod, som 1647.",
    ),
    column(
        Field::Datum,
        "Datum",
        &["mötesdatum", "sammanträdesdatum", "dag"],
        Format::Day,
        "Dagen som ersättningen gäller, som 2026-09-09. Tomt för ett saldo som gäller flera dagar.",
    ),
    column(
        Field::Mote,
        "Möte",
        &["mötes-id", "möte-id", "dnr"],
        Format::Text,
        "Behövs om personen hade flera möten den dagen: mötets id, eller organ och dag som KS 2026-09-09.",
    ),
    column(Field::Antal, "Antal", &["kvantitet"], Format::Number, "Antal enheter; får vara tomt."),
    column(
        Field::Apris,
        "A-pris",
        &["à-pris", "pris per enhet", "styckpris"],
        Format::Number,
        "Kronor per enhet; får vara tomt.",
    ),
    column(
        Field::Belopp,
        "Belopp",
        &["summa", "utbetalt belopp", "belopp kr"],
        Format::Number,
        "Kronor; en rättelse är negativ. Får vara tomt om Antal och A-pris är ifyllda.",
    ),
    column(
        Field::Status,
        "Status",
        &["utfall", "resultat"],
        Format::Text,
        "utbetald, avvisad, utbetald på annat sätt eller ingående.",
    ),
    column(
        Field::Orsak,
        "Orsak",
        &["anledning", "felorsak", "felmeddelande", "kommentar"],
        Format::Text,
        "Varför lönesystemet avvisat raden.",
    ),
    column(
        Field::Korning,
        "Körning",
        &["lönekörning", "löneunderlag"],
        Format::Text,
        "Programmets lönekörning, som 2026-11/1, om lönesystemet lämnar den tillbaka.",
    ),
    column(Field::Rad, "Rad", &["postid", "radnummer"], Format::Text, "Radens nummer (postid) i körningen."),
];
