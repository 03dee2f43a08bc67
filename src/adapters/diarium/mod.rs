//! Sources of meetings, persons and attendance.

pub mod oparl;
pub mod played;
