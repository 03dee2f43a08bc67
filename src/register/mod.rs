//! Who a row is about, and which meeting: matched by what identifies them, never guessed.

mod alias;
mod claims;
mod meetings;
mod persons;
mod twins;
mod veil;

pub use alias::Aliases;
pub use claims::{KnownClaim, same_claim};
pub use meetings::{KnownMeeting, MeetingMatch, MeetingRegister};
pub use persons::{PersonMatch, PersonRegister};
pub use twins::{Origins, Twins, is_twin};
pub use veil::{SKYDDAD, Veil};
