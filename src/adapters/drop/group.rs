//! Who may put files into the drop folder: its group and rights.

use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

use rustix::fs::{Gid, Mode};

use super::disk::open_folder;
use crate::domain::Fault;

/// Rights of the folder: its owner and its group, and new files belong to the group.
pub const FOLDER_MODE: u32 = 0o2770;

/// Gives the folder its group and rights, where they are others.
///
/// # Errors
/// The group is unknown, or the folder is not ours to change: what to run instead.
pub fn give_to_group(folder: &Path, group: &str) -> Result<(), Fault> {
    let gid = gid_of(group)?;
    let Ok(opened) = open_folder(folder) else { return Ok(()) };
    let Some(status) = opened.metadata().ok().filter(|status| !is_given(status, gid)) else { return Ok(()) };
    let chown = if status.gid() == gid { Ok(()) } else { rustix::fs::fchown(&opened, None, Some(Gid::from_raw(gid))) };
    let chmod = chown.and_then(|()| rustix::fs::fchmod(&opened, Mode::from_raw_mode(FOLDER_MODE)));
    // Without CAP_FSETID a chmod by somebody outside the group succeeds, and drops the setgid bit.
    let is_done = opened.metadata().is_ok_and(|status| is_given(&status, gid));
    match chmod {
        Ok(()) if is_done => Ok(()),
        _ => Err(Fault::Input(format!(
            "{}: cannot be given to the group {group}; as root: chgrp {group} {0} && chmod 2770 {0}",
            folder.display()
        ))),
    }
}

/// What is wrong with the folder's rights, and what to do; nothing where it is right.
pub fn wrong_group(folder: &Path, group: &str) -> Option<String> {
    let gid = match gid_of(group) {
        Ok(gid) => gid,
        Err(fault) => return Some(fault.to_string()),
    };
    let status = File::open(folder).and_then(|opened| opened.metadata()).ok()?;
    (!is_given(&status, gid)).then(|| {
        format!(
            "{}: the group {group} may not put files there; `arvode run` mends it if it may, else as root: chgrp {group} {0} && chmod 2770 {0}",
            folder.display()
        )
    })
}

fn is_given(status: &std::fs::Metadata, gid: u32) -> bool {
    status.gid() == gid && status.mode() & 0o2070 == 0o2070
}

/// The number of a group, wherever the machine keeps its groups.
fn gid_of(group: &str) -> Result<u32, Fault> {
    let unknown = || {
        Fault::Input(format!(
            "[drop] group: the machine knows no group \"{group}\"; make it (groupadd {group}), or name another in arvode.toml"
        ))
    };
    // As in a line of /etc/group: name, password, number, members.
    let asked = Command::new("getent").args(["group", "--", group]).output().map_err(|_| unknown())?;
    let line = String::from_utf8_lossy(&asked.stdout).into_owned();
    line.split(':').nth(2).and_then(|number| number.parse().ok()).ok_or_else(unknown)
}
