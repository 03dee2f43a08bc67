//! What is odd about a source's objects, in Swedish: kinds and counts, never a name.

use crate::ports::RecordKind;

/// Something that a person should know, told once for all the objects that it holds for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Concern {
    /// The object cannot be told from others.
    NoId(RecordKind),
    /// It has no name, or a membership lacks its person or organ.
    SaysTooLittle(RecordKind),
    /// An object of another class in a list.
    OtherClass(RecordKind),
    /// A membership that a person names cannot be fetched.
    NotFetched,
    /// A meeting whose day cannot be read.
    NoDay,
    /// A meeting that ends on another day.
    EndsOtherDay,
    /// A meeting to come that has participants: they are invited.
    OnlyInvited,
    /// A party's group, its meetings and its members' places.
    Party,
}

impl Concern {
    /// The kind of which not all is here because of it.
    pub(super) fn leaves_out(self) -> Option<RecordKind> {
        match self {
            Concern::NoId(kind) | Concern::SaysTooLittle(kind) => Some(kind),
            Concern::NotFetched => Some(RecordKind::Membership),
            _ => None,
        }
    }

    pub(super) fn text(self, count: usize) -> String {
        let what = match self {
            Concern::NoId(kind) => format!("Utan id och därför inte inläst, i listan över {}", plural(kind)),
            Concern::SaysTooLittle(RecordKind::Membership) => {
                "Uppdrag utan person eller organ, därför inte inläst".to_owned()
            }
            Concern::SaysTooLittle(kind) => format!("Utan namn och därför inte inläst, i listan över {}", plural(kind)),
            Concern::OtherClass(kind) => format!("Något annat, i listan över {}", plural(kind)),
            Concern::NotFetched => "Uppdrag som en person hänvisar till, men som inte gick att hämta".to_owned(),
            Concern::NoDay => "Sammanträde utan dag som går att läsa".to_owned(),
            Concern::EndsOtherDay => "Sammanträde som slutar en annan dag; sluttiden används inte".to_owned(),
            Concern::OnlyInvited => "Kommande sammanträde med deltagare; de är kallade, inte närvarande".to_owned(),
            Concern::Party => "Parti eller partigrupp; lagras inte, och inte heller dess uppdrag och möten".to_owned(),
        };
        format!("{what}: {count}")
    }
}

/// The plural of a kind in Swedish.
pub(super) fn plural(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Organization => "organ",
        RecordKind::Person => "personer",
        RecordKind::Membership => "uppdrag",
        RecordKind::Meeting => "sammanträden",
    }
}
