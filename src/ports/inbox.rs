//! The drop folder: what lies in it, what may be taken, and where it goes.

use std::ffi::OsString;

use super::{Unreadable, Workbook};
use crate::domain::Fault;

/// A name in the drop folder, as it was looked at.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The name as it is on the disk.
    pub raw: OsString,
    /// The name as it is shown and stored: text without control characters.
    pub name: String,
    /// What lay under the name.
    pub stamp: Stamp,
    /// Whether it may be taken.
    pub state: Ready,
}

impl Arrival {
    /// It is a signature, as `ssh-keygen -Y sign` names it, and no list.
    pub fn is_signature(&self) -> bool {
        self.name.to_lowercase().ends_with(".sig")
    }
}

/// By what a file is known again; a change of its content or its place changes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Of the filesystem.
    pub device: u64,
    /// Of the file.
    pub inode: u64,
    /// Bytes.
    pub size: u64,
    /// When the content changed: seconds and nanoseconds.
    pub modified: (i64, u64),
    /// When anything about it changed.
    pub changed: (i64, u64),
}

/// Whether something in the drop folder may be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ready {
    /// It is a file that has lain still for long enough.
    Yes,
    /// It has not lain still for long enough.
    Settling,
    /// It is never taken as it is; it stays where it lies.
    Never(Unreadable),
}

/// Why a file was not copied from the drop folder.
#[derive(Debug)]
pub enum NotKept {
    /// It is gone, or another than the one that was looked at: it is looked at anew.
    Changed,
    /// Its end is missing, and somebody may still be copying it.
    Unfinished(Unreadable),
    /// It cannot be read; it stays where it lies.
    Never(Unreadable),
    /// It is refused unread.
    Refused(Unreadable),
    /// The archive cannot be written.
    Fault(Fault),
}

/// The drop folder, and the two places where its files end.
#[allow(async_fn_in_trait, reason = "one task awaits one inbox; nothing is sent between threads")]
pub trait Inbox {
    /// A copy of a file, ours alone; dropped before it is archived, it is gone.
    type Kept;

    /// What lies in the folder, in order of arrival. What is no matter of ours (lock files, temporary names) is left out.
    ///
    /// # Errors
    /// The folder cannot be read.
    fn look(&mut self) -> Result<Vec<Arrival>, Fault>;

    /// Copies a file: the copy is what was read, and nothing changed meanwhile.
    ///
    /// # Errors
    /// Why there is no copy.
    fn keep(&mut self, arrival: &Arrival) -> Result<Self::Kept, NotKept>;

    /// sha256 of the copy.
    fn sha256<'a>(&self, kept: &'a Self::Kept) -> &'a str;

    /// Reads the copy.
    ///
    /// # Errors
    /// The file as a whole cannot be used.
    async fn read(&self, arrival: &Arrival, kept: &Self::Kept) -> Result<Box<dyn Workbook>, Unreadable>;

    /// The copy as a text, where it is a signature and no workbook.
    ///
    /// # Errors
    /// It is none.
    fn text(&self, kept: &Self::Kept) -> Result<String, Unreadable>;

    /// How often a file has been tried in vain, with this time; it is remembered as long as the folder is watched.
    fn tried(&mut self, arrival: &Arrival) -> u32;

    /// Gives the copy its place in the archive.
    ///
    /// # Errors
    /// The archive cannot be written.
    fn archive(&self, kept: Self::Kept) -> Result<(), Fault>;

    /// Puts what cannot be used aside, with a text that says why. Gives its name there. Without a copy the file itself is
    /// moved.
    ///
    /// # Errors
    /// There is no room for it: it stays.
    fn reject(&mut self, arrival: &Arrival, kept: Option<Self::Kept>, why: &Unreadable) -> Result<String, Fault>;

    /// Removes the original, if it is still what was looked at; `false` if something else lies there now, which stays.
    ///
    /// # Errors
    /// It may not be removed.
    fn remove(&mut self, arrival: &Arrival) -> Result<bool, Fault>;
}
