//! The forms as data: which sheets there are, their columns, what else people call them, and what a sheet cannot do without.

mod payments;

use std::collections::BTreeMap;

use payments::{AVSTAENDE, UTBETALT};

use crate::domain::{folded, without_brackets};
use crate::ports::SheetKind;

/// A column of any of our sheets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Field {
    Mote,
    Datum,
    Organ,
    Personnummer,
    Namn,
    Slag,
    From,
    To,
    Plats,
    Beslut,
    Kommentar,
    Km,
    Roll,
    UtomKommunen,
    KallatAv,
    UtskottetsBeslut,
    Start,
    Slut,
    Ajournering,
    Tjanstgorande,
    OwnFrom,
    OwnTo,
    Paragrafer,
    Paragraf,
    Jav,
    Ersatter,
    Distans,
    Justerare,
    Narvaroratt,
    Loneavdrag,
    Forlorad,
    FlyttatFrom,
    Inkom,
    TidFrom,
    TidTo,
    Timmar,
    Restid,
    Forberedelse,
    Ledighet,
    Belopp,
    ResaFrom,
    ResaTo,
    Avresa,
    Hemkomst,
    Maltider,
    BarnFott,
    VardgivareNarstaende,
    Barnomsorg,
    Pensionstillfalle,
    Underlag,
    Styrkt,
    Atertagen,
    Motivering,
    Efternamn,
    Fornamn,
    Anstid,
    Epost,
    Avstand,
    TjanstestalleHemmet,
    Kl413,
    BrukarYrka,
    Skyddad,
    Genomgang,
    Timlon,
    Manadslon,
    Dagavdrag,
    Sgi,
    Intyg,
    Grad,
    Nyckel,
    Platser,
    Omfattning,
    SemesterProcent,
    PensionProcent,
    EgenLogi,
    For,
    AktivFrom,
    AktivTo,
    Diarienummer,
    Galler,
    Innebord,
    Avstar,
    Handling,
    Utbetalningsmanad,
    Lonart,
    Antal,
    Apris,
    Status,
    Orsak,
    Korning,
    Rad,
    Id,
    Diarium,
    DiarieId,
    Bekraftas,
    /// What the program tells in a workbook of its own, and does not read back.
    Upplysning,
}

impl Field {
    /// How many there are.
    pub const COUNT: usize = Field::Upplysning as usize + 1;

    /// A row of attendance tells of its meeting by it.
    pub fn is_of_meeting(self) -> bool {
        matches!(
            self,
            Field::Mote
                | Field::Datum
                | Field::Organ
                | Field::Start
                | Field::Slut
                | Field::Slag
                | Field::Plats
                | Field::UtomKommunen
                | Field::KallatAv
                | Field::UtskottetsBeslut
                | Field::Ajournering
                | Field::FlyttatFrom
        )
    }
}

/// How a fill-in workbook formats a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text: leading zeros stay.
    Text,
    /// A date.
    Day,
    /// A clock time; text, so that intervals and `13.00` stay as written.
    Clock,
    /// A number.
    Number,
}

/// A column as people see it.
#[derive(Debug)]
pub struct Column {
    /// Which.
    pub field: Field,
    /// Our name for it.
    pub name: &'static str,
    /// What else it is called, the surest first.
    pub also: &'static [&'static str],
    /// How it is formatted in a fill-in workbook.
    pub format: Format,
    /// What to write in it.
    pub guidance: &'static str,
}

/// A sheet of our own.
#[derive(Debug)]
pub struct Form {
    /// Which.
    pub kind: SheetKind,
    /// Its name.
    pub name: &'static str,
    /// Its columns, in the order of a fill-in workbook.
    pub columns: &'static [Column],
    /// One column of each group must be there.
    pub needs: &'static [&'static [Field]],
    /// Without any of these it is not this form at all.
    pub marks: &'static [Field],
}

impl Form {
    /// Our name for a column of this form.
    pub fn name_of(&self, field: Field) -> &'static str {
        self.columns.iter().find(|column| column.field == field).map_or("", |column| column.name)
    }
}

/// Every form, those first that win where headers say the same of two.
pub const FORMS: [Form; 13] = [
    Form {
        kind: SheetKind::Narvaro,
        name: "Närvaro",
        columns: NARVARO,
        needs: &[&[Field::Mote, Field::Datum], &[Field::Mote, Field::Organ], &[Field::Personnummer, Field::Namn]],
        marks: &[
            Field::Mote,
            Field::Datum,
            Field::Start,
            Field::Tjanstgorande,
            Field::OwnFrom,
            Field::Paragrafer,
            Field::Ajournering,
        ],
    },
    Form {
        kind: SheetKind::Paragrafer,
        name: "Paragrafer",
        columns: PARAGRAFER,
        needs: &[&[Field::Mote, Field::Datum], &[Field::Mote, Field::Organ], &[Field::Paragraf], &[Field::Start]],
        marks: &[Field::Paragraf],
    },
    Form {
        kind: SheetKind::Yrkanden,
        name: "Yrkanden",
        columns: YRKANDEN,
        needs: &[
            &[Field::Mote, Field::Datum],
            &[Field::Mote, Field::Organ],
            &[Field::Personnummer, Field::Namn],
            &[Field::Slag],
        ],
        marks: &[
            Field::Slag,
            Field::Belopp,
            Field::Timmar,
            Field::TidFrom,
            Field::Restid,
            Field::ResaFrom,
            Field::Styrkt,
            Field::Underlag,
            Field::Atertagen,
        ],
    },
    Form {
        kind: SheetKind::Uppdrag,
        name: "Uppdrag",
        columns: UPPDRAG,
        needs: &[&[Field::Personnummer, Field::Namn], &[Field::Organ], &[Field::Roll], &[Field::From]],
        marks: &[Field::Roll, Field::Nyckel, Field::Grad],
    },
    Form {
        kind: SheetKind::Franvaro,
        name: "Frånvaro",
        columns: FRANVARO,
        needs: &[&[Field::Personnummer], &[Field::From], &[Field::Slag]],
        marks: &[Field::Slag, Field::Omfattning],
    },
    Form {
        kind: SheetKind::Diariepersoner,
        name: "Diariepersoner",
        columns: DIARIEPERSONER,
        needs: &[&[Field::Diarium], &[Field::DiarieId], &[Field::Bekraftas]],
        marks: &[Field::DiarieId],
    },
    Form {
        kind: SheetKind::Inkomstuppgifter,
        name: "Inkomstuppgifter",
        columns: INKOMSTUPPGIFTER,
        needs: &[&[Field::Personnummer]],
        marks: &[
            Field::Timlon,
            Field::Manadslon,
            Field::Dagavdrag,
            Field::Sgi,
            Field::SemesterProcent,
            Field::PensionProcent,
            Field::Intyg,
        ],
    },
    Form {
        kind: SheetKind::Personer,
        name: "Personer",
        columns: PERSONER,
        needs: &[&[Field::Personnummer]],
        marks: &[
            Field::Efternamn,
            Field::Fornamn,
            Field::Anstid,
            Field::Epost,
            Field::Avstand,
            Field::TjanstestalleHemmet,
            Field::Kl413,
            Field::BrukarYrka,
            Field::Skyddad,
            Field::Genomgang,
        ],
    },
    Form {
        kind: SheetKind::Jour,
        name: "Jour",
        columns: JOUR,
        needs: &[&[Field::Personnummer, Field::Namn], &[Field::From], &[Field::For]],
        marks: &[Field::For, Field::AktivFrom],
    },
    Form {
        kind: SheetKind::Beslut,
        name: "Beslut",
        columns: BESLUT,
        needs: &[&[Field::Diarienummer], &[Field::Datum], &[Field::Galler], &[Field::Innebord]],
        marks: &[Field::Galler, Field::Innebord],
    },
    Form {
        kind: SheetKind::Avstaende,
        name: "Avstående",
        columns: AVSTAENDE,
        needs: &[&[Field::Personnummer, Field::Namn], &[Field::Avstar], &[Field::From], &[Field::Handling]],
        marks: &[Field::Avstar],
    },
    Form {
        kind: SheetKind::Utbetalt,
        name: "Utbetalt",
        columns: UTBETALT,
        needs: &[
            &[Field::Utbetalningsmanad],
            &[Field::Anstid, Field::Personnummer, Field::Namn],
            &[Field::Lonart],
            &[Field::Status],
        ],
        marks: &[Field::Utbetalningsmanad, Field::Lonart, Field::Status],
    },
    Form {
        kind: SheetKind::Anmarkningar,
        name: "Anmärkningar",
        columns: ANMARKNINGAR,
        needs: &[&[Field::Id], &[Field::Beslut], &[Field::Diarienummer], &[Field::Datum], &[Field::Motivering]],
        marks: &[Field::Id],
    },
];

/// Forms that other parts of a kommun's workbook hold; they share so many columns with ours that a list of costs
/// would otherwise pass for a list of attendance.
pub const OTHER_FORMS: [(&str, &[&str]); 3] = [
    ("Anslag", &["År", "Post", "Belopp"]),
    ("Sekreterare", &["Personnummer", "Parti-obunden roll", "Anställd från", "Anställd till", "Lön", "Grad"]),
    ("Kostnader", &["Datum", "Post", "Belopp", "Syfte", "Inköpare", "Avtal", "Person", "Utrustning", "Kommentar"]),
];

/// The form of a kind of sheet.
pub fn form(kind: SheetKind) -> &'static Form {
    FORMS.iter().find(|form| form.kind == kind).unwrap_or(&FORMS[0])
}

/// Whether a form has a column of this name: what a synonym in the configuration may stand for.
pub fn is_column_name(name: &str) -> bool {
    let wanted = folded(&without_brackets(name));
    FORMS.iter().flat_map(|form| form.columns).any(|column| folded(&without_brackets(column.name)) == wanted)
}

/// The folded words for a column, with the configured ones right after our own name.
pub fn words(column: &Column, synonyms: &BTreeMap<String, String>) -> Vec<String> {
    let own = folded(&without_brackets(column.name));
    let configured =
        synonyms.iter().filter(|(_, name)| folded(&without_brackets(name)) == own).map(|(header, _)| folded(header));
    let mut words = vec![own.clone()];
    words.extend(configured);
    words.extend(column.also.iter().map(|word| folded(word)));
    words
}

const fn column(
    field: Field,
    name: &'static str,
    also: &'static [&'static str],
    format: Format,
    guidance: &'static str,
) -> Column {
    Column { field, name, also, format, guidance }
}

const PERSONNUMMER: Column = column(
    Field::Personnummer,
    "Personnummer",
    &["pnr", "persnr", "pers nr", "personnr", "person nr", "personnummer/samordningsnummer", "samordningsnummer"],
    Format::Text,
    "ÅÅÅÅMMDD-NNNN; även samordningsnummer.",
);
const NAMN: Column = column(
    Field::Namn,
    "Namn",
    &["förtroendevald", "namn på förtroendevald", "förtroendevalds namn", "för- och efternamn", "ledamotens namn"],
    Format::Text,
    "För- och efternamn. Behövs bara om personnummer saknas.",
);
const DATUM: Column = column(
    Field::Datum,
    "Datum",
    &[
        "sammanträdesdatum",
        "mötesdatum",
        "sammanträdesdag",
        "mötesdag",
        "datum för möte",
        "datum för sammanträde",
        "dag",
    ],
    Format::Day,
    "Mötets dag, som 2026-10-14.",
);
const ORGAN: Column = column(
    Field::Organ,
    "Organ",
    &["nämnd", "styrelse", "utskott", "nämnd/styrelse", "styrelse/nämnd", "nämnd/utskott", "organ/nämnd"],
    Format::Text,
    "Fullmäktige, styrelse, nämnd eller utskott, med namn eller förkortning.",
);
const MOTE: Column = column(
    Field::Mote,
    "Möte",
    &["mötes-id", "möte-id", "dnr", "mötets id", "mötesnummer", "sammanträdes-id"],
    Format::Text,
    "Mötets id eller diarienummer, om det finns.",
);
const ANSTID: Column = column(
    Field::Anstid,
    "Anställningsnummer",
    &["anstid", "anst-id", "anst.nr", "anställningsnr", "anställnings-id", "löne-id"],
    Format::Text,
    "Numret i lönesystemet.",
);
const FROM: Column = column(
    Field::From,
    "Från",
    &["fr.o.m.", "from", "från och med", "från datum", "från och med datum", "startdatum", "gäller från", "tillträde"],
    Format::Day,
    "Första dagen, som 2026-10-14.",
);
const TO: Column = column(
    Field::To,
    "Till",
    &["t.o.m.", "till och med", "till datum", "till och med datum", "slutdatum", "gäller till"],
    Format::Day,
    "Sista dagen; tomt så länge det gäller.",
);
const KOMMENTAR: Column = column(
    Field::Kommentar,
    "Kommentar",
    &["kommentarer", "anmärkning", "anmärkningar", "anteckning", "notering", "övrig information"],
    Format::Text,
    "Fritt; läses inte av programmet.",
);
const KM: Column = column(
    Field::Km,
    "Körda km",
    &[
        "km",
        "mil",
        "körda mil",
        "körsträcka",
        "kilometer",
        "antal km",
        "antal mil",
        "körd sträcka",
        "bilersättning km",
        "bilersättning mil",
        "bilersättning",
    ],
    Format::Number,
    "Egen bil, fram och tillbaka, i kilometer.",
);

const NARVARO: &[Column] = &[
    DATUM,
    ORGAN,
    MOTE,
    column(
        Field::Slag,
        "Slag",
        &["§ 2-slag", "slag enligt § 2", "typ", "mötestyp", "typ av möte", "slag av möte"],
        Format::Text,
        "Bokstav eller ord enligt § 2 a–k, till exempel a eller sammanträde; extern förrättning eller extern representation.",
    ),
    column(Field::Plats, "Plats", &["lokal", "mötesplats"], Format::Text, "Var mötet hålls."),
    column(Field::UtomKommunen, "Utom kommunen", &["utanför kommunen", "utom kommun"], Format::Text, "ja eller nej."),
    column(
        Field::KallatAv,
        "Kallat av",
        &["kallad av", "kallelse av", "sammankallande", "kallat av § 2 k"],
        Format::Text,
        "Bara vid § 2 k: vem som kallade, till exempel KS ordförande.",
    ),
    column(
        Field::UtskottetsBeslut,
        "Utskottets beslut",
        &["beslut av utskottet", "utskottets beslut § 2 c", "kursbeslut"],
        Format::Text,
        "Bara vid § 2 c: diarienummer eller paragraf för utskottets beslut.",
    ),
    column(
        Field::Start,
        "Start",
        &[
            "starttid",
            "börjar",
            "start kl",
            "mötet börjar",
            "mötets start",
            "kl",
            "klockan",
            "tid",
            "mötestid",
            "från",
            "från kl",
            "kl från",
            "fr.o.m.",
        ],
        Format::Clock,
        "När mötet börjar, som 13.00.",
    ),
    column(
        Field::Slut,
        "Slut",
        &["sluttid", "slutar", "slut kl", "mötet slutar", "mötets slut", "till", "till kl", "kl till", "t.o.m."],
        Format::Clock,
        "När mötet slutar, som 16.30.",
    ),
    column(
        Field::Ajournering,
        "Ajournering",
        &["ajourneringar", "ajournerat", "paus", "pauser", "uppehåll"],
        Format::Clock,
        "Avbrott, som 12.00-13.00, 14.10-14.25.",
    ),
    PERSONNUMMER,
    NAMN,
    column(
        Field::Roll,
        "Roll",
        &["uppdrag", "roll i organet", "funktion", "befattning"],
        Format::Text,
        "ledamot eller ersättare.",
    ),
    column(
        Field::Tjanstgorande,
        "Tjänstgörande",
        &["tjg", "tjänstgör", "tjänstgörande ersättare", "tj.gör", "tjänstg", "tjänstgjort"],
        Format::Text,
        "ja eller nej. Tomt betyder ja för ledamot.",
    ),
    column(
        Field::OwnFrom,
        "Närvarande från",
        &[
            "närvaro från",
            "närvarande fr.o.m.",
            "avvikande tjänstgöring",
            "avvikande tjänstgöring från",
            "närvarotid",
            "närvarande tid",
            "tjänstgör från",
            "tjänstgjort från",
        ],
        Format::Clock,
        "Bara om personen inte var med hela mötet, som 13.30.",
    ),
    column(
        Field::OwnTo,
        "Närvarande till",
        &["närvaro till", "närvarande t.o.m.", "avvikande tjänstgöring till", "tjänstgör till", "tjänstgjort till"],
        Format::Clock,
        "Bara om personen inte var med hela mötet, som 15.30.",
    ),
    column(
        Field::Paragrafer,
        "Paragrafer",
        &["paragraf", "§§", "närvarande paragrafer", "tjänstgör paragrafer"],
        Format::Text,
        "Vilka paragrafer närvaron gäller, som §§ 45-52, 55.",
    ),
    column(Field::Jav, "Jäv", &["jävig", "anmält jäv", "jäv tid eller paragraf"], Format::Text, "Tid eller paragraf."),
    column(
        Field::Ersatter,
        "Ersätter",
        &["tjänstgör för", "i stället för", "ersätter ledamot"],
        Format::Text,
        "Vem en ersättare tjänstgör för.",
    ),
    column(
        Field::Distans,
        "Distans",
        &["på distans", "distansdeltagande", "deltar på distans"],
        Format::Text,
        "ja eller nej.",
    ),
    column(
        Field::Justerare,
        "Justerare",
        &["justerar", "justeringsman", "justeringsperson", "protokollsjusterare"],
        Format::Text,
        "ja för den som justerar protokollet.",
    ),
    column(
        Field::Narvaroratt,
        "Närvarorätt",
        &["beslut om närvarorätt", "närvarorätt beslut"],
        Format::Text,
        "Diarienummer för beslutet.",
    ),
    column(
        Field::Loneavdrag,
        "Löneavdrag",
        &["löneavdrag annex", "avdrag på lön"],
        Format::Text,
        "ja om dagens lön minskats.",
    ),
    column(
        Field::Forlorad,
        "Förlorad arbetsinkomst (kr)",
        &["förlorad arbetsförtjänst", "förlorad inkomst", "förlorad arbetsinkomst belopp"],
        Format::Number,
        "Belopp i kronor.",
    ),
    KM,
    column(
        Field::FlyttatFrom,
        "Flyttat från",
        &["flyttat från datum", "flyttad från", "ursprungligt datum"],
        Format::Day,
        "Dagen som mötet flyttats från, som 2026-10-14.",
    ),
    KOMMENTAR,
];

const PARAGRAFER: &[Column] = &[
    DATUM,
    ORGAN,
    MOTE,
    column(
        Field::Paragraf,
        "Paragraf",
        &["§ nr", "paragrafnummer", "protokollsparagraf"],
        Format::Text,
        "Paragrafens nummer i protokollet, en rad för var och en, som 45.",
    ),
    column(
        Field::Start,
        "Start",
        &["starttid", "började", "börjar", "från", "kl"],
        Format::Clock,
        "När paragrafen började behandlas, som 13.00.",
    ),
    column(
        Field::Slut,
        "Slut",
        &["sluttid", "slutade", "slutar", "till"],
        Format::Clock,
        "Tomt: när nästa paragraf började. Behövs för mötets sista.",
    ),
    KOMMENTAR,
];

const YRKANDEN: &[Column] = &[
    column(
        Field::Inkom,
        "Inkom",
        &["inkommen", "inkom datum", "inkommet", "inkommen datum", "ankomstdag", "ankomstdatum", "inkom den"],
        Format::Day,
        "Dagen då yrkandet kom in, som 2026-11-03.",
    ),
    MOTE,
    DATUM,
    ORGAN,
    PERSONNUMMER,
    NAMN,
    column(
        Field::Slag,
        "Slag",
        &["ersättningsslag", "slag av ersättning", "typ av ersättning", "ersättning", "yrkande", "yrkandet avser"],
        Format::Text,
        "förlorad arbetsinkomst, pensionsförmån, semesterförmån, resa, traktamente, barntillsyn, vård, funktionshindrad, övrigt eller återtagen.",
    ),
    column(
        Field::TidFrom,
        "Tid från",
        &["från kl", "kl från", "förlorad tid från", "starttid", "tid", "från"],
        Format::Clock,
        "När inkomstförlusten eller kostnaden börjar, som 13.00.",
    ),
    column(
        Field::TidTo,
        "Tid till",
        &["till kl", "kl till", "förlorad tid till", "sluttid", "till"],
        Format::Clock,
        "När den slutar, som 16.30.",
    ),
    column(
        Field::Timmar,
        "Timmar",
        &["antal timmar", "timmar förlorad arbetsinkomst"],
        Format::Number,
        "Antal timmar, som 3,5 eller 3:30.",
    ),
    column(Field::Restid, "Restid min", &["restid", "restid minuter"], Format::Number, "Restid i minuter (§ 6)."),
    column(
        Field::Forberedelse,
        "Förberedelse min",
        &["förberedelse", "förberedelsetid", "praktiska förberedelser"],
        Format::Number,
        "Praktiska förberedelser i minuter (§ 6).",
    ),
    column(
        Field::Ledighet,
        "Särskild ledighet min",
        &["särskild ledighet", "ledighet min"],
        Format::Number,
        "Nödvändig ledighet vid särskilda arbetstider i minuter (§ 6), med motivering.",
    ),
    column(
        Field::Belopp,
        "Belopp",
        &["yrkat belopp", "begärt belopp", "summa kr"],
        Format::Number,
        "Kronor; tomt om beloppet inte kan visas.",
    ),
    column(
        Field::Km,
        "Km",
        &["mil", "körda km", "körda mil", "körsträcka", "kilometer", "antal km", "antal mil", "körd sträcka"],
        Format::Number,
        "Egen bil, fram och tillbaka, i kilometer.",
    ),
    column(Field::ResaFrom, "Resa från", &["reser från", "resa startade"], Format::Text, "Var resan började."),
    column(Field::ResaTo, "Resa till", &["reser till", "resmål"], Format::Text, "Vart resan gick."),
    column(
        Field::Avresa,
        "Avresa",
        &["avresa kl", "avresa klockan"],
        Format::Clock,
        "När resan började: 7.30, eller 2026-10-13 7.30 om det inte var mötets dag.",
    ),
    column(
        Field::Hemkomst,
        "Hemkomst",
        &["hemkomst kl", "hemkomst klockan", "återkomst"],
        Format::Clock,
        "När resan slutade: 18.10, eller 2026-10-15 18.10 om det inte var mötets dag.",
    ),
    column(
        Field::Maltider,
        "Måltider",
        &["fria måltider", "måltid"],
        Format::Text,
        "Måltider som någon annan betalat, som frukost, 2 lunch, middag.",
    ),
    column(
        Field::EgenLogi,
        "Egen logi",
        &["nätter egen logi", "egen logi nätter", "nattraktamente", "antal nätter"],
        Format::Number,
        "Antal nätter i logi som ingen betalat mot kvitto.",
    ),
    column(
        Field::BarnFott,
        "Barnets födelseår",
        &["barnets födelsedatum", "barn fött"],
        Format::Text,
        "Årtal, som 2016; bara vid barntillsyn.",
    ),
    column(
        Field::VardgivareNarstaende,
        "Vårdgivare närstående",
        &["vårdgivaren närstående", "närstående"],
        Format::Text,
        "ja om den som vårdade är närstående, annars nej.",
    ),
    column(
        Field::Barnomsorg,
        "Kommunal barnomsorg",
        &["barnomsorg"],
        Format::Text,
        "nej, ja (hela tiden), eller när barnet var i kommunal barnomsorg, som 08.00-15.30.",
    ),
    column(
        Field::Pensionstillfalle,
        "Pensionstillfälle",
        &["pensionstillfället", "datum för pension"],
        Format::Text,
        "Bara vid pensionsförmån: dag, månad eller år, som 2026-10-14, 2026-10 eller 2026.",
    ),
    column(
        Field::Underlag,
        "Underlag",
        &["underlag diarienummer", "bilaga", "intyg"],
        Format::Text,
        "Diarienummer för intyg eller kvitto.",
    ),
    column(Field::Styrkt, "Styrkt", &["styrkt med intyg", "verifierat"], Format::Text, "ja eller nej."),
    column(
        Field::Beslut,
        "Beslut",
        &["beslut diarienummer"],
        Format::Text,
        "Diarienummer, om yrkandet vilar på ett beslut.",
    ),
    column(Field::Atertagen, "Återtagen", &["återtaget", "återtas"], Format::Text, "ja tar tillbaka yrkandet."),
    column(
        Field::Motivering,
        "Motivering",
        &["motiv", "särskilda skäl", "skäl"],
        Format::Text,
        "Krävs vid särskild ledighet och övriga kostnader.",
    ),
    KOMMENTAR,
];

const PERSONER: &[Column] = &[
    PERSONNUMMER,
    column(Field::Efternamn, "Efternamn", &[], Format::Text, "Efternamn."),
    column(Field::Fornamn, "Förnamn", &["tilltalsnamn"], Format::Text, "Förnamn."),
    ANSTID,
    column(
        Field::Organ,
        "Organ",
        &["nämnd", "styrelse", "anställningsnummer gäller organ"],
        Format::Text,
        "Bara om anställningsnumret gäller ett enda organ.",
    ),
    column(
        Field::Epost,
        "E-post",
        &["epostadress", "e-postadress", "mejl", "mejladress", "e-mail"],
        Format::Text,
        "Dit brev skickas.",
    ),
    column(
        Field::Avstand,
        "Avstånd km",
        &["avstånd", "avstånd mil", "resväg", "resväg km", "resväg mil", "avstånd enkel väg"],
        Format::Number,
        "Från hemmet, enkel väg, i kilometer.",
    ),
    column(
        Field::Plats,
        "Plats",
        &["avstånd till plats", "avstånd till"],
        Format::Text,
        "Platsen som avståndet gäller.",
    ),
    column(
        Field::TjanstestalleHemmet,
        "Tjänsteställe i hemmet",
        &["tjänsteställe hemmet", "tjänsteställe hem", "bostaden är tjänsteställe"],
        Format::Text,
        "ja eller nej. Tomt betyder nej.",
    ),
    column(
        Field::Kl413,
        "KL 4:13",
        &["kommunallagen 4:13", "kl 4 kap 13 §"],
        Format::Text,
        "ja om personen omfattas av kommunallagen 4 kap. 13 §.",
    ),
    column(
        Field::BrukarYrka,
        "Brukar yrka",
        &["brukar yrka ersättning för", "vanliga yrkanden"],
        Format::Text,
        "Vad personen brukar yrka, till exempel förlorad arbetsinkomst.",
    ),
    column(
        Field::Skyddad,
        "Skyddade personuppgifter",
        &["skyddad identitet", "skyddade uppgifter", "sekretessmarkering", "skyddad"],
        Format::Text,
        "ja eller nej.",
    ),
    column(
        Field::Genomgang,
        "Genomgång",
        &["genomgång datum", "datum för genomgång", "utbildad"],
        Format::Day,
        "Dagen för genomgången av reglerna (§ 19).",
    ),
    FROM,
    TO,
    KOMMENTAR,
];

const UPPDRAG: &[Column] = &[
    PERSONNUMMER,
    NAMN,
    ORGAN,
    column(
        Field::Roll,
        "Uppdrag",
        &["roll", "befattning", "funktion", "typ av uppdrag"],
        Format::Text,
        "Till exempel ordförande, ledamot eller ersättare.",
    ),
    FROM,
    TO,
    column(
        Field::Grad,
        "Sysselsättningsgrad",
        &["syssgrad", "tjänstgöringsgrad", "grad", "procent", "omfattning"],
        Format::Number,
        "Procent av heltid.",
    ),
    column(
        Field::Nyckel,
        "Arvodesnyckel",
        &["nyckel", "arvode nyckel", "arvodeskod"],
        Format::Text,
        "Raden i bilagan som ger arvodet, till exempel gruppledare. Tomt för ledamot och ersättare.",
    ),
    column(Field::Platser, "Platser", &["antal platser"], Format::Number, "Hur många som kan ha uppdraget samtidigt."),
    column(Field::Beslut, "Beslut", &["beslut diarienummer", "val", "vald"], Format::Text, "Diarienummer för valet."),
    KOMMENTAR,
];

const INKOMSTUPPGIFTER: &[Column] = &[
    PERSONNUMMER,
    FROM,
    TO,
    column(
        Field::Slag,
        "Slag",
        &["inkomstslag", "typ av inkomst"],
        Format::Text,
        "anställd, egen företagare eller sjukpenning.",
    ),
    column(Field::Timlon, "Timlön", &["lön per timme", "timavdrag"], Format::Number, "Kronor per timme."),
    column(Field::Manadslon, "Månadslön", &["lön per månad"], Format::Number, "Kronor per månad."),
    column(Field::Dagavdrag, "Dagavdrag", &["avdrag per dag"], Format::Number, "Kronor per dag."),
    column(
        Field::Sgi,
        "SGI",
        &["sjukpenninggrundande inkomst"],
        Format::Number,
        "Sjukpenninggrundande inkomst i kronor per år.",
    ),
    column(
        Field::SemesterProcent,
        "Semester %",
        &["semesterprocent", "semesterförmån procent", "semestertillägg procent"],
        Format::Number,
        "Semesterförmånen i procent av inkomsten, som 12 (§ 5).",
    ),
    column(
        Field::PensionProcent,
        "Pension %",
        &["pensionsprocent", "pensionsförmån procent", "tjänstepension procent"],
        Format::Number,
        "Pensionsförmånen i procent av inkomsten, som 4,5 (§ 4).",
    ),
    column(
        Field::Intyg,
        "Intyg",
        &["intyg diarienummer", "arbetsgivarintyg"],
        Format::Text,
        "Diarienummer för arbetsgivarens intyg.",
    ),
    KOMMENTAR,
];

const FRANVARO: &[Column] = &[
    PERSONNUMMER,
    FROM,
    TO,
    column(
        Field::Slag,
        "Slag",
        &["slag av frånvaro", "frånvaro", "typ av frånvaro", "frånvaroslag"],
        Format::Text,
        "hindrad, ledighet motsvarande semester eller annan. Skriv aldrig skäl som rör hälsa.",
    ),
    column(
        Field::Omfattning,
        "Omfattning",
        &["procent", "grad"],
        Format::Number,
        "Procent av uppdraget; tomt betyder hela.",
    ),
    KOMMENTAR,
];

const JOUR: &[Column] = &[
    PERSONNUMMER,
    NAMN,
    FROM,
    column(
        Field::To,
        "Till",
        &["t.o.m.", "till och med", "till datum", "slutdatum", "gäller till"],
        Format::Day,
        "Sista dagen; tomt betyder samma dag.",
    ),
    column(
        Field::For,
        "För",
        &["jour för", "i stället för", "ställföreträdare för"],
        Format::Text,
        "Vems ordförande jouren gäller, som BSU ordförande.",
    ),
    column(
        Field::AktivFrom,
        "Aktiv från",
        &["aktiv tjänst från", "aktiv fr.o.m.", "aktiv tid från", "aktiv tid", "aktiv tjänst"],
        Format::Clock,
        "Aktiv tjänst, en rad om dagen: 18.00, eller flera tider som 18.00-19.30, 22.00-23.15.",
    ),
    column(
        Field::AktivTo,
        "Aktiv till",
        &["aktiv tjänst till", "aktiv t.o.m.", "aktiv tid till"],
        Format::Clock,
        "När den aktiva tjänsten slutar, som 19.30.",
    ),
    KOMMENTAR,
];

const BESLUT: &[Column] = &[
    column(
        Field::Diarienummer,
        "Diarienummer",
        &["dnr", "beslut diarienummer", "ärendenummer"],
        Format::Text,
        "Numret som beslutet finns under.",
    ),
    column(
        Field::Datum,
        "Datum",
        &["beslutsdatum", "beslutsdag", "datum för beslut", "beslutat den"],
        Format::Day,
        "Dagen för beslutet, som 2026-10-14.",
    ),
    column(
        Field::Organ,
        "Organ",
        &["beslutat av", "beslutande organ", "beslutsfattare", "nämnd", "utskott"],
        Format::Text,
        "Vem som beslutat, med namn eller förkortning.",
    ),
    column(
        Field::Galler,
        "Gäller",
        &["avser", "beslutet gäller", "beslutet avser"],
        Format::Text,
        "Paragraf, person, möte och slag av yrkande, med komma emellan, som § 15, Anna Öberg, KS 2026-03-04.",
    ),
    column(
        Field::Innebord,
        "Innebörd",
        &["beslutets innebörd", "utfall"],
        Format::Text,
        "Börjar med bifall, avslag, återkrav, kvittning eller eftergift.",
    ),
    FROM,
    TO,
    KOMMENTAR,
];

const DIARIEPERSONER: &[Column] = &[
    column(Field::Diarium, "Diarium", &["källa"], Format::Text, "Källans namn; ändra det inte."),
    column(
        Field::DiarieId,
        "Id i diariet",
        &["diarie-id", "id i källan"],
        Format::Text,
        "Personens id i diariet; ändra det inte.",
    ),
    told("Namn i diariet"),
    told("Organ i diariet"),
    told("Möten"),
    told("Kan vara"),
    PERSONNUMMER,
    NAMN,
    column(
        Field::Bekraftas,
        "Bekräftas",
        &["bekräftad", "samma person"],
        Format::Text,
        "ja: personen i diariet är den som står under Personnummer. nej: det är ingen i registret. Tomt: raden väntar.",
    ),
    KOMMENTAR,
];

const ANMARKNINGAR: &[Column] = &[
    column(Field::Id, "Id", &["anmärknings-id"], Format::Text, "Anmärkningens id; ändra det inte."),
    told("Anst.nr"),
    told("Namn"),
    told("Dag"),
    told("Vad"),
    told("Paragraf"),
    told("Värde (kr)"),
    told("Så rättar du"),
    told("Fil"),
    told("Blad"),
    told("Rad"),
    column(
        Field::Beslut,
        "Beslut",
        &[],
        Format::Text,
        "Ett av orden i listan; efter kvittning får en gräns stå, som kvittning 500 kr per månad. Tomt: raden väntar.",
    ),
    column(
        Field::Diarienummer,
        "Diarienummer",
        &["dnr"],
        Format::Text,
        "Numret som beslutet finns under. Behövs inte för stäng.",
    ),
    column(
        Field::Datum,
        "Beslutsdatum",
        &["beslutsdag"],
        Format::Day,
        "Dagen för beslutet, som 2026-10-14. Behövs inte för stäng.",
    ),
    column(Field::Motivering, "Motivering", &["skäl"], Format::Text, "Varför; krävs för stäng."),
];

/// A column that says what the remark is about.
const fn told(name: &'static str) -> Column {
    column(Field::Upplysning, name, &[], Format::Text, "Fylls i av programmet.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_form_uses_one_word_for_two_columns_first() {
        for form in &FORMS {
            let mut names: Vec<String> = form.columns.iter().map(|column| folded(column.name)).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), form.columns.len(), "{}", form.name);
        }
    }

    #[test]
    fn no_word_of_a_form_names_two_of_its_columns() {
        for form in &FORMS {
            let mut seen: BTreeMap<String, &str> = BTreeMap::new();
            for column in form.columns {
                for word in words(column, &BTreeMap::new()) {
                    if let Some(other) = seen.insert(word.clone(), column.name) {
                        assert_eq!(other, column.name, "{} in {}", word, form.name);
                    }
                }
            }
        }
    }

    #[test]
    fn configuration_may_name_our_columns_in_any_spelling() {
        assert!(is_column_name("Körda km"));
        assert!(is_column_name("korda km"));
        assert!(is_column_name("Förlorad arbetsinkomst"));
        assert!(!is_column_name("Fika"));
    }
}
