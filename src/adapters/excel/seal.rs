//! Locks the child in: from here on the kernel lets it read its one file, write its one answer, use memory and end.
//!
//! A workbook is written by anybody. Were there a fault in the parser that lets a file take over the child, there must be
//! nothing to win: no file to open, no network, no process to start, no descriptor that somebody left open. The rest of
//! the calls fail with "not permitted" instead of killing the child, so that a C library that asks for something new and
//! can do without it goes on.

use std::collections::BTreeMap;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};

use libc::c_long;
use seccompiler::SeccompCmpArgLen::Dword;
use seccompiler::SeccompCmpOp::{Eq, MaskedEq};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, TargetArch, apply_filter,
};

/// Says on the child's standard error that the kernel cannot lock it in.
pub const UNSEALED: &[u8] = b"unsealed\n";

const STDERR: RawFd = 2;

/// Locks this thread in: it reads `input`, writes `output` and standard error, and there is no way back. `false` where
/// the kernel or the machine cannot do it; the limits hold all the same.
pub fn seal(input: BorrowedFd<'_>, output: BorrowedFd<'_>) -> bool {
    program(input.as_raw_fd(), output.as_raw_fd()).is_some_and(|program| apply_filter(&program).is_ok())
}

fn program(input: RawFd, output: RawFd) -> Option<BpfProgram> {
    let arch = TargetArch::try_from(std::env::consts::ARCH).ok()?;
    let refused = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let filter = SeccompFilter::new(rules(input, output)?, refused, SeccompAction::Allow, arch).ok()?;
    filter.try_into().ok()
}

/// Calls that take no file, path, address or other process.
const HARMLESS: [c_long; 16] = [
    libc::SYS_brk,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_futex,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_rt_sigreturn,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_getrandom,
    libc::SYS_close,
];

/// System call -> any of its rules allows it; none means always.
fn rules(input: RawFd, output: RawFd) -> Option<BTreeMap<i64, Vec<SeccompRule>>> {
    let of_file = |file: RawFd| rule(&[(0, Eq, number(file)?)]);
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = HARMLESS.iter().map(|call| (*call, Vec::new())).collect();
    for call in [libc::SYS_read, libc::SYS_readv, libc::SYS_pread64, libc::SYS_lseek, libc::SYS_fstat] {
        rules.insert(call, vec![of_file(input)?]);
    }
    for call in [libc::SYS_write, libc::SYS_writev] {
        rules.insert(call, vec![of_file(output)?, of_file(STDERR)?]);
    }
    let anonymous = number(libc::MAP_ANONYMOUS)?;
    let code = number(libc::PROT_EXEC)?;
    // Memory of its own, and none of it code.
    rules.insert(libc::SYS_mmap, vec![rule(&[(2, MaskedEq(code), 0), (3, MaskedEq(anonymous), anonymous)])?]);
    rules.insert(libc::SYS_mprotect, vec![rule(&[(2, MaskedEq(code), 0)])?]);
    // Whether a descriptor is open may be asked: builds with assertions do before they close one.
    rules.insert(libc::SYS_fcntl, vec![rule(&[(1, Eq, number(libc::F_GETFD)?)])?]);
    // An abort is a signal to oneself.
    let own_number = u64::from(std::process::id());
    rules.insert(libc::SYS_tgkill, vec![rule(&[(0, Eq, own_number)])?]);
    Some(rules)
}

fn number(of: i32) -> Option<u64> {
    u64::try_from(of).ok()
}

/// All of the conditions: argument, comparison, value.
fn rule(conditions: &[(u8, SeccompCmpOp, u64)]) -> Option<SeccompRule> {
    let conditions = conditions.iter().map(|(at, how, value)| SeccompCondition::new(*at, Dword, how.clone(), *value));
    SeccompRule::new(conditions.collect::<Result<_, _>>().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, File};
    use std::io::{self, ErrorKind, Read, Seek, Write};
    use std::net::{TcpListener, TcpStream, UdpSocket};
    use std::os::fd::AsFd;
    use std::os::unix::net::UnixStream;
    use std::process::Command;
    use std::thread;

    /// What a thread that is locked in gets to do; only the thread that asks for it is.
    fn inside<T: Send + 'static>(act: impl FnOnce(File, File) -> T + Send + 'static) -> (T, File) {
        let mut input = tempfile::tempfile().unwrap();
        input.write_all(b"Datum;Organ\n").unwrap();
        input.rewind().unwrap();
        let output = tempfile::tempfile().unwrap();
        let written = output.try_clone().unwrap();
        let thread = thread::spawn(move || {
            assert!(seal(input.as_fd(), output.as_fd()), "this kernel cannot lock the child in");
            act(input, output)
        });
        (thread.join().unwrap(), written)
    }

    #[test]
    fn inside_the_file_is_read_and_the_answer_written() {
        let (read, mut written) = inside(|mut input, mut output| {
            let mut text = String::new();
            input.read_to_string(&mut text).unwrap();
            let numbers: Vec<u64> = (0..100_000).collect();
            writeln!(output, "{text}{}", numbers.iter().sum::<u64>()).unwrap();
            eprint!("");
            text
        });
        assert_eq!(read, "Datum;Organ\n");
        let mut text = String::new();
        written.rewind().unwrap();
        written.read_to_string(&mut text).unwrap();
        assert_eq!(text, "Datum;Organ\n4999950000\n");
    }

    #[test]
    fn inside_nothing_is_opened_connected_to_or_started() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (there, new) = (folder.path().join("finns"), folder.path().join("ny"));
        fs::write(&there, "hemligt").unwrap();
        let left_open = File::open(&there).unwrap();
        let (outcomes, _) = inside(move |mut input, mut output| {
            let kind = |error: io::Error| error.kind();
            let mut byte = [0_u8];
            let outcomes: Vec<(&str, Result<(), ErrorKind>)> = vec![
                ("a file is opened", File::open(&there).map(drop).map_err(kind)),
                ("a file is made", File::create(&new).map(drop).map_err(kind)),
                ("a file is removed", fs::remove_file(&there).map_err(kind)),
                ("a file is renamed", fs::rename(&there, &new).map_err(kind)),
                ("a folder is listed", fs::read_dir("/").map(drop).map_err(kind)),
                ("a link is made", std::os::unix::fs::symlink(&there, &new).map_err(kind)),
                ("a connection is made", TcpStream::connect(address).map(drop).map_err(kind)),
                ("a port is taken", UdpSocket::bind("127.0.0.1:0").map(drop).map_err(kind)),
                ("a local connection is made", UnixStream::connect("/run/x").map(drop).map_err(kind)),
                ("a pair of sockets is made", UnixStream::pair().map(drop).map_err(kind)),
                ("a program is started", Command::new("/bin/true").status().map(drop).map_err(kind)),
                ("a thread is started", thread::Builder::new().spawn(|| ()).map(drop).map_err(kind)),
                ("a descriptor that was left open is read", (&left_open).read(&mut byte).map(drop).map_err(kind)),
                ("the input is written", input.write(b"x").map(drop).map_err(kind)),
                ("the output is read", output.read(&mut byte).map(drop).map_err(kind)),
            ];
            outcomes
        });
        for (what, outcome) in outcomes {
            assert_eq!(outcome, Err(ErrorKind::PermissionDenied), "{what}");
        }
        listener.set_nonblocking(true).unwrap();
        assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "nobody came");
    }

    #[test]
    fn memory_is_neither_code_nor_a_file() {
        let rules = rules(0, 1).unwrap();
        assert_eq!((rules[&libc::SYS_mmap].len(), rules[&libc::SYS_mprotect].len()), (1, 1), "all conditions at once");
        for call in [libc::SYS_openat, libc::SYS_socket, libc::SYS_execve, libc::SYS_clone, libc::SYS_ptrace] {
            assert!(!rules.contains_key(&call), "{call}");
        }
    }
}
