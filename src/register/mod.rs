//! Who a row is about, and which meeting: matched by what identifies them, never guessed.

mod alias;
mod claims;
mod matching;
mod meetings;
mod names;
mod persons;
mod twins;
mod veil;

pub use alias::Aliases;
pub use claims::{KnownClaim, same_claim};
pub use matching::{Meant, Roles, Whereabouts, meant};
pub use meetings::{KnownMeeting, MeetingMatch, MeetingRegister};
pub use names::distance;
pub use persons::{PersonMatch, PersonRegister};
pub use twins::{Origins, Twins, is_twin};
pub use veil::{SKYDDAD, Veil};
