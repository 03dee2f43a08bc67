//! The names and rules of SVK-MOTE v1, as its schema has them: which element may hold what, how often and in which order.

/// The namespace that all elements are in.
pub(super) const NAMESPACE: &str = "https://earkiv.svenskakyrkan.se/schemas/SVK-MOTE/v1";
/// The element that a file is.
pub(super) const ROOT: &str = "boardMeeting";

/// What may stand in an element or attribute without elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Simple {
    /// Anything.
    Text,
    /// `2026-11-23`
    Date,
    /// `18:30:00`
    Time,
    /// `2026-11-23T18:30:00`
    Moment,
    /// `true`, `false`, `1` or `0`
    Boolean,
    /// A whole number above zero.
    Positive,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

/// What an element is.
#[derive(Debug)]
pub(super) struct Kind {
    pub attributes: &'static [Attribute],
    pub content: Content,
}

/// An attribute that an element may have.
#[derive(Debug)]
pub(super) struct Attribute {
    pub name: &'static str,
    pub value: Simple,
    pub required: bool,
}

/// What is in an element.
#[derive(Debug)]
pub(super) enum Content {
    Value(Simple),
    Parts(&'static [Part]),
}

/// What follows in an element.
#[derive(Debug)]
pub(super) enum Part {
    Element {
        name: &'static str,
        kind: &'static Kind,
        required: bool,
        many: bool,
    },
    /// One of these sequences; each begins with an element that it must have.
    Choice(&'static [&'static [Part]]),
}

const fn one(name: &'static str, kind: &'static Kind) -> Part {
    Part::Element { name, kind, required: true, many: false }
}

const fn maybe(name: &'static str, kind: &'static Kind) -> Part {
    Part::Element { name, kind, required: false, many: false }
}

const fn some(name: &'static str, kind: &'static Kind) -> Part {
    Part::Element { name, kind, required: true, many: true }
}

const fn any(name: &'static str, kind: &'static Kind) -> Part {
    Part::Element { name, kind, required: false, many: true }
}

const fn must(name: &'static str, value: Simple) -> Attribute {
    Attribute { name, value, required: true }
}

const fn may(name: &'static str, value: Simple) -> Attribute {
    Attribute { name, value, required: false }
}

const fn of(parts: &'static [Part]) -> Kind {
    Kind { attributes: &[], content: Content::Parts(parts) }
}

const fn with(attributes: &'static [Attribute], parts: &'static [Part]) -> Kind {
    Kind { attributes, content: Content::Parts(parts) }
}

const fn value(value: Simple) -> Kind {
    Kind { attributes: &[], content: Content::Value(value) }
}

static TEXT: Kind = value(Simple::Text);
static DATE: Kind = value(Simple::Date);
static TIME: Kind = value(Simple::Time);
static MOMENT: Kind = value(Simple::Moment);
static BOOLEAN: Kind = value(Simple::Boolean);

const ATTENDEE_ROLE: Simple =
    Simple::OneOf(&["chair", "member", "deputy", "secretary", "adjunct", "observer", "other"]);
const SIGNER_ROLE: Simple = Simple::OneOf(&["chair", "adjuster", "secretary", "other"]);
const ABSENCE_REASON: Simple = Simple::OneOf(&["conflict-of-interest", "left-meeting", "not-yet-arrived", "other"]);

pub(super) static BOARD_MEETING: Kind = of(&[
    one("meetingHeader", &MEETING_HEADER),
    maybe("notice", &NOTICE),
    maybe("agenda", &AGENDA),
    maybe("matters", &MATTERS),
    maybe("minutes", &MINUTES),
]);

static MEETING_HEADER: Kind = of(&[
    one("meetingId", &TEXT),
    one("fondsCreator", &FONDS_CREATOR),
    one("governingBody", &TEXT),
    one("meetingType", &MEETING_TYPE),
    Part::Choice(&[
        &[one("meetingDate", &DATE), maybe("meetingTime", &TIME)],
        &[one("meetingTimeFrom", &MOMENT), maybe("meetingTimeTo", &MOMENT)],
    ]),
    maybe("location", &TEXT),
]);
static FONDS_CREATOR: Kind = Kind {
    attributes: &[must("idType", Simple::Text), must("creatorId", Simple::Text)],
    content: Content::Value(Simple::Text),
};
static MEETING_TYPE: Kind = value(Simple::OneOf(&["ordinary", "extraordinary", "other"]));

static NOTICE: Kind = of(&[
    one("issuedDate", &DATE),
    maybe("issuedBy", &PERSON_ROLE),
    maybe("recipients", &RECIPIENTS),
    maybe("noticeDocument", &NOTICE_DOCUMENT),
]);
static PERSON_ROLE: Kind = of(&[one("name", &TEXT), maybe("role", &TEXT)]);
static RECIPIENTS: Kind = of(&[some("recipient", &RECIPIENT)]);
static RECIPIENT: Kind = with(&[must("role", ATTENDEE_ROLE)], &[one("name", &TEXT)]);
static NOTICE_DOCUMENT: Kind = of(&[one("title", &TEXT), maybe("file", &FILE), maybe("eSignature", &E_SIGNATURE)]);
static FILE: Kind = with(&[must("path", Simple::Text), may("fileFormat", Simple::Text)], &[]);

static AGENDA: Kind = of(&[some("agendaItem", &AGENDA_ITEM)]);
static AGENDA_ITEM: Kind = with(
    &[must("order", Simple::Positive)],
    &[one("itemNumber", &TEXT), one("itemTitle", &TEXT), maybe("itemType", &ITEM_TYPE), maybe("proposer", &TEXT)],
);
static ITEM_TYPE: Kind = value(Simple::OneOf(&[
    "opening",
    "procedural",
    "approval",
    "decision",
    "information",
    "report",
    "other",
    "closing",
]));

static MATTERS: Kind = of(&[some("matter", &MATTER)]);
static MATTER: Kind = of(&[
    one("matterNumber", &TEXT),
    maybe("agendaRef", &AGENDA_REF),
    one("matterTitle", &TEXT),
    maybe("matterCategory", &MATTER_CATEGORY),
    maybe("restriction", &RESTRICTION),
    any("rapporteur", &TEXT),
    any("responsible", &TEXT),
    maybe("diaryReferences", &DIARY_REFERENCES),
    maybe("decision", &TEXT),
    maybe("statements", &STATEMENTS),
    maybe("attachments", &ATTACHMENTS),
    maybe("subMatters", &SUB_MATTERS),
]);
static MATTER_CATEGORY: Kind = value(Simple::OneOf(&["decision", "information", "report", "other"]));
static AGENDA_REF: Kind = with(&[must("order", Simple::Positive)], &[]);
static SUB_MATTERS: Kind = of(&[some("subMatter", &SUB_MATTER)]);
static SUB_MATTER: Kind = of(&[
    one("subMatterNumber", &TEXT),
    one("subMatterTitle", &TEXT),
    maybe("matterCategory", &MATTER_CATEGORY),
    maybe("restriction", &RESTRICTION),
    maybe("diaryReferences", &DIARY_REFERENCES),
    maybe("decision", &TEXT),
    maybe("statements", &STATEMENTS),
    maybe("attachments", &ATTACHMENTS),
]);
static RESTRICTION: Kind =
    of(&[one("restrictionType", &RESTRICTION_TYPE), maybe("legalBasis", &TEXT), maybe("restrictionNote", &TEXT)]);
static RESTRICTION_TYPE: Kind = value(Simple::OneOf(&["confidential", "gdpr", "integrity", "other"]));
static STATEMENTS: Kind = of(&[some("statement", &STATEMENT)]);
static STATEMENT: Kind = with(
    &[must("type", Simple::OneOf(&["reservation", "sarskild-mening", "sarskilt-yttrande", "other"]))],
    &[maybe("name", &TEXT), maybe("statementText", &TEXT)],
);
static DIARY_REFERENCES: Kind = of(&[some("diaryReference", &DIARY_REFERENCE)]);
static DIARY_REFERENCE: Kind = of(&[
    one("diaryId", &TEXT),
    maybe("diarySystem", &TEXT),
    maybe("documentTitle", &TEXT),
    maybe("caseHandler", &TEXT),
]);
static ATTACHMENTS: Kind = of(&[some("attachment", &ATTACHMENT)]);
static ATTACHMENT: Kind = of(&[
    one("attachmentId", &TEXT),
    one("attachmentTitle", &TEXT),
    one("attachmentType", &ATTACHMENT_TYPE),
    maybe("restriction", &RESTRICTION),
    Part::Choice(&[&[one("diaryRef", &DIARY_REFERENCE)], &[one("file", &FILE)]]),
]);
static ATTACHMENT_TYPE: Kind = value(Simple::OneOf(&["appendix", "supporting-document", "other"]));

static MINUTES: Kind = of(&[
    one("minutesHeader", &MINUTES_HEADER),
    one("attendees", &ATTENDEES),
    one("quorum", &BOOLEAN),
    one("minutesDocument", &MINUTES_DOCUMENT),
]);
static MINUTES_HEADER: Kind = of(&[
    one("minutesNumber", &TEXT),
    maybe("meetingRef", &TEXT),
    maybe("adjustmentDate", &DATE),
    maybe("signingDate", &DATE),
    maybe("signatories", &SIGNATORIES),
    maybe("posting", &POSTING),
]);
static SIGNATORIES: Kind = of(&[some("signatory", &SIGNATORY)]);
static SIGNATORY: Kind = Kind { attributes: &[must("role", SIGNER_ROLE)], content: Content::Value(Simple::Text) };
static POSTING: Kind = of(&[
    maybe("postedDate", &DATE),
    maybe("removedDate", &DATE),
    maybe("postingLocation", &TEXT),
    maybe("appealDeadline", &DATE),
]);
static ATTENDEES: Kind = of(&[some("attendee", &ATTENDEE)]);
static ATTENDEE: Kind = with(
    &[must("role", ATTENDEE_ROLE)],
    &[
        one("name", &TEXT),
        maybe("group", &TEXT),
        one("attendanceStatus", &ATTENDANCE_STATUS),
        maybe("substitutingFor", &TEXT),
        maybe("itemAbsences", &ITEM_ABSENCES),
    ],
);
static ATTENDANCE_STATUS: Kind = value(Simple::OneOf(&["present", "absent", "excused"]));
static ITEM_ABSENCES: Kind = of(&[some("itemAbsence", &ITEM_ABSENCE)]);
static ITEM_ABSENCE: Kind = with(&[must("matterRef", Simple::Text), may("reason", ABSENCE_REASON)], &[]);
static MINUTES_DOCUMENT: Kind = of(&[
    one("title", &TEXT),
    one("originalFormat", &ORIGINAL_FORMAT),
    one("file", &FILE),
    maybe("eSignatures", &E_SIGNATURES),
    maybe("scanning", &SCANNING),
]);
static ORIGINAL_FORMAT: Kind = value(Simple::OneOf(&["digital", "paper"]));
static E_SIGNATURES: Kind = of(&[some("eSignature", &E_SIGNATURE)]);
static E_SIGNATURE: Kind = with(
    &[
        must("present", Simple::Boolean),
        may("dateSignatureIsVerified", Simple::Moment),
        may("eSignatureHasExisted", Simple::Boolean),
    ],
    &[
        maybe("signerName", &TEXT),
        maybe("signerRole", &SIGNER),
        maybe("signatureType", &TEXT),
        maybe("signatureServiceProvider", &TEXT),
    ],
);
static SIGNER: Kind = value(SIGNER_ROLE);
static SCANNING: Kind = of(&[
    maybe("scannedDate", &DATE),
    maybe("scannedBy", &TEXT),
    maybe("resolution", &TEXT),
    maybe("scanningSystem", &TEXT),
]);
