//! What an operator installs: the unit is narrow and the program works within it, the package holds all that it promises,
//! and the container file names nothing that is not there.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use support::books::written;
use support::daemon::{Daemon, until};
use support::{Kommun, PROGRAM};

const PACKAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/config/package");

fn text(name: &str) -> String {
    fs::read_to_string(Path::new(PACKAGE).join(name)).unwrap()
}

#[track_caller]
fn done(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let told = String::from_utf8_lossy(&stderr).into_owned();
    assert!(status.success(), "{command:?}: {told}{}", String::from_utf8_lossy(&stdout));
    assert_eq!(told, "", "{command:?}");
    String::from_utf8(stdout).unwrap()
}

/// The values of a setting of the unit, in order.
fn of_unit(setting: &str) -> Vec<String> {
    let unit = text("arvode.service");
    let found = unit.lines().filter_map(|line| line.strip_prefix(setting)?.strip_prefix('='));
    found.map(str::to_owned).collect()
}

// ---- the unit

#[test]
fn the_unit_is_narrow_and_systemd_finds_nothing_wrong_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let unit = folder.path().join("arvode.service");
    // The program lies elsewhere here, and its man page is not installed.
    fs::write(&unit, text("arvode.service").replace("/usr/bin/arvode", PROGRAM)).unwrap();
    let verified = Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&unit).output().unwrap();
    let told = String::from_utf8_lossy(&verified.stderr).into_owned();
    // What it finds in other units of the machine is not ours.
    let ours: Vec<&str> = told.lines().filter(|line| line.contains("arvode")).collect();
    assert_eq!(ours, [""; 0]);
    let told =
        Command::new("systemd-analyze").args(["security", "--offline=true", "--no-pager"]).arg(&unit).output().unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    let level = told.lines().find_map(|line| line.split("Overall exposure level for arvode.service: ").nth(1)).unwrap();
    let level: Vec<u32> = level.split([' ', '.']).take(2).map(|part| part.parse().unwrap()).collect();
    assert!(level[0] < 2, "{told}");
}

/// Names of calls that the unit allows, its groups unfolded.
fn allowed_calls() -> BTreeSet<String> {
    let mut allowed = BTreeSet::new();
    for line in of_unit("SystemCallFilter") {
        let (is_denied, names) = line.strip_prefix('~').map_or((false, line.as_str()), |names| (true, names));
        for call in names.split_whitespace().flat_map(calls_of) {
            if is_denied {
                allowed.remove(&call);
            } else {
                allowed.insert(call);
            }
        }
    }
    // Always allowed, whatever is said.
    allowed.extend(calls_of("@default"));
    allowed
}

fn calls_of(name: &str) -> Vec<String> {
    if !name.starts_with('@') {
        return vec![name.to_owned()];
    }
    let listed = Command::new("systemd-analyze").args(["syscall-filter", "--no-pager", name]).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let members = listed.lines().skip(1).map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    members.flat_map(calls_of).collect()
}

#[test]
fn what_the_program_and_its_reader_ask_of_the_kernel_is_what_the_unit_allows() {
    let kommun = kommun_with_a_list();
    let trace = kommun.root().join("trace");
    let program = for_nobody(&kommun);
    let mut tracer = vec!["strace", "-f", "-qq", "-o", trace.to_str().unwrap()];
    if is_root() {
        tracer.extend(["-u", "nobody"]);
    }
    // A list comes in while it runs, and it is told to stop.
    let daemon = Daemon::under(&kommun, &tracer, &program);
    until("the list is taken in", || !kommun.path("in/september.csv").exists());
    daemon.stops_child("TERM");
    let allowed = allowed_calls();
    assert!(allowed.contains("openat") && !allowed.contains("mount") && !allowed.contains("chown"), "{allowed:?}");
    let told = fs::read_to_string(trace).unwrap();
    // `1234  openat(AT_FDCWD, …`; a call that goes on later is named once.
    let calls: Vec<&str> = told.lines().filter_map(|line| line.split_once(' ').map(|(_, call)| call.trim())).collect();
    let name = |call: &&str| call.split_once('(').map(|(name, _)| name.to_owned());
    let is_call = |name: &String| name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    let asked: BTreeSet<String> = calls.iter().filter_map(name).filter(is_call).collect();
    assert!(asked.contains("seccomp") && asked.contains("prlimit64") && asked.len() > 40, "{asked:?}");
    let refused: Vec<&String> = asked.difference(&allowed).collect();
    assert_eq!(refused, [""; 0], "SystemCallFilter= refuses these");
    let families = of_unit("RestrictAddressFamilies").join(" ");
    for call in calls.iter().filter(|call| call.starts_with("socket(")) {
        let family = call.trim_start_matches("socket(").split(',').next().unwrap();
        assert!(families.split_whitespace().any(|known| known == family), "RestrictAddressFamilies= refuses {call}");
    }
    let is_code = |call: &&&str| {
        (call.starts_with("mprotect(") && call.contains("PROT_EXEC"))
            || (call.starts_with("mmap(") && call.contains("PROT_WRITE|PROT_EXEC"))
    };
    assert_eq!(calls.iter().filter(is_code).collect::<Vec<_>>(), [&""; 0], "MemoryDenyWriteExecute= refuses these");
    // A bit that RestrictSUIDSGID= refuses.
    let is_mode =
        |word: &str| word.len() == 5 && word.chars().all(|digit| digit.is_digit(8)) && !word.starts_with("00");
    let sets_bit = |call: &&&str| {
        ["chmod", "fchmod", "mkdir", "openat"].iter().any(|name| call.starts_with(name))
            && call.split([' ', ',', ')']).any(|word| word.starts_with('0') && is_mode(word))
    };
    assert_eq!(calls.iter().filter(sets_bit).collect::<Vec<_>>(), [&""; 0]);
}

fn kommun_with_a_list() -> Kommun {
    let kommun = Kommun::new("2026-09");
    kommun.edit("arvode.toml", |text| text.replacen("settle_seconds = 10", "settle_seconds = 0", 1));
    kommun.ledamoter(&["1001"]);
    let list = format!(
        "Datum;Organ;Start;Slut;Personnummer;Namn;Roll\n2026-09-09;KS;13.00;14.00;{};;ledamot\n",
        written("1001")
    );
    fs::write(kommun.path("in/september.csv"), list).unwrap();
    kommun
}

fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// The kommun becomes nobody's, who gets a program to run; where the test is not root's, both stay ours.
fn for_nobody(kommun: &Kommun) -> PathBuf {
    let program = kommun.root().join("arvode");
    fs::copy(PROGRAM, &program).unwrap();
    fs::set_permissions(kommun.root(), fs::Permissions::from_mode(0o755)).unwrap();
    if is_root() {
        done(Command::new("chown").args(["-R", "nobody:nogroup"]).arg(kommun.data()));
    }
    program
}

#[test]
fn it_works_as_a_user_without_rights_on_a_machine_that_it_may_only_read() {
    let kommun = kommun_with_a_list();
    let program = for_nobody(&kommun);
    // Only the data folder may be written, as by ProtectSystem=strict and StateDirectory=.
    let data = kommun.data().display().to_string();
    let narrow = format!("mount --bind '{data}' '{data}' && mount -o remount,bind,ro / && exec \"$@\"");
    let mut command = Command::new("unshare");
    if !is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    command.args(["--mount", "--ipc", "--propagation", "private", "sh", "-c", &narrow, "sh", "setpriv"]);
    if is_root() {
        command.args(["--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]);
    }
    command.args(["--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]).arg(&program).arg("--data").arg(&data);
    let mut check = command_again(&command);
    let ran = command.args(["once", "import"]).env_remove("LD_LIBRARY_PATH").output().unwrap();
    let told = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(told.contains("september.csv: inläst, 1 rader = 1 nya"), "{ran:?}");
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    // The reader of workbooks is locked in there too.
    let told = String::from_utf8(check.arg("check").output().unwrap().stdout).unwrap();
    assert!(told.contains("agree with each other") && !told.contains("seccomp"), "{told}");
}

fn command_again(command: &Command) -> Command {
    let mut again = Command::new(command.get_program());
    again.args(command.get_args());
    again
}

#[test]
fn secrets_come_from_the_service_manager_and_none_is_told() {
    let kommun = Kommun::new("2026-09");
    let given = kommun.root().join("credentials");
    fs::create_dir(&given).unwrap();
    let server = "postgres://arvode:hemligt-ord@127.0.0.1:1/arvode";
    fs::write(given.join("arvode_database"), format!("{server}\n")).unwrap();
    kommun.edit("arvode.toml", |text| text.replacen("database_file = \"\"", "database_file = \"arvode_database\"", 1));
    let with = |folder: Option<&Path>| {
        let mut command = kommun.command(&["check"]);
        if let Some(folder) = folder {
            command.env("CREDENTIALS_DIRECTORY", folder);
        }
        support::Ran::of(&command.output().unwrap())
    };
    let refused = with(Some(&given)).exits(3).says(&["PostgreSQL, schema arvode", "cannot be used"]);
    assert!(!refused.err.contains("hemligt-ord") && !refused.out.contains("hemligt-ord"), "{refused:?}");
    with(None).exits(2).says(&["arvode_database", "`database_file` names this file"]);
    fs::write(given.join("arvode_database"), "arvode.db\n").unwrap();
    with(Some(&given)).exits(2).says(&["not a PostgreSQL address"]);
    assert_eq!(of_unit("LoadCredential"), ["arvode:/etc/arvode/credentials"]);
}

// ---- the package

/// Built of the program that is tested, in a folder of its own; gives the package's path.
fn package(folder: &Path) -> PathBuf {
    let mut command = Command::new("sh");
    command.arg(Path::new(PACKAGE).join("deb")).arg(folder).env("ARVODE_BIN", PROGRAM);
    command.env("SOURCE_DATE_EPOCH", "1767225600").env_remove("LD_LIBRARY_PATH");
    command.env("FEATURES", if cfg!(feature = "pdf") { "pdf" } else { "" });
    command.env("DPKG_DEB_COMPRESSOR_TYPE", "gzip").env("DPKG_DEB_COMPRESSOR_LEVEL", "1");
    let built = command.output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    PathBuf::from(String::from_utf8(built.stdout).unwrap().trim())
}

#[test]
fn the_package_is_the_same_twice_and_holds_what_it_promises() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let deb = package(one.path());
    let name = deb.file_name().unwrap().to_str().unwrap().to_owned();
    assert!(name.starts_with(concat!("arvode_", env!("CARGO_PKG_VERSION"), "_")), "{name}");
    assert!(fs::read(&deb).unwrap() == fs::read(package(other.path())).unwrap(), "the same sources give other bytes");

    let listed = done(Command::new("dpkg-deb").arg("-c").arg(&deb));
    let foreign: Vec<&str> = listed.lines().filter(|line| !line.contains(" root/root ")).collect();
    assert_eq!(foreign, [""; 0]);
    let field = |name: &str| done(Command::new("dpkg-deb").arg("-f").arg(&deb).arg(name)).trim().to_owned();
    assert_eq!((field("Package"), field("Version")), ("arvode".to_owned(), env!("CARGO_PKG_VERSION").to_owned()));
    assert!(field("Depends").starts_with("libc6 (>= 2."), "{}", field("Depends"));

    let root = one.path().join("root");
    done(Command::new("dpkg-deb").arg("-x").arg(&deb).arg(&root));
    let program = root.join("usr/bin/arvode");
    runs(&program, one.path());
    manual(&root, &program);
    completions(&root);
    let unit = fs::read_to_string(root.join("lib/systemd/system/arvode.service")).unwrap();
    assert_eq!(unit, text("arvode.service"));
    assert_eq!(of_unit("EnvironmentFile"), ["-/etc/default/arvode"]);
    assert!(root.join("etc/default/arvode").exists());
    let secrets = fs::metadata(root.join("etc/arvode/credentials")).unwrap();
    assert_eq!(secrets.permissions().mode() & 0o777, 0o700);
    let shipped = fs::read(root.join("usr/share/arvode/arvode.toml")).unwrap();
    assert_eq!(shipped, fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/config/arvode.toml")).unwrap());

    let control = one.path().join("control");
    done(Command::new("dpkg-deb").arg("-e").arg(&deb).arg(&control));
    assert_eq!(fs::read_to_string(control.join("conffiles")).unwrap(), "/etc/default/arvode\n");
    done(
        Command::new("sh")
            .arg("-c")
            .arg("cd \"$1\" && md5sum --quiet -c \"$2\"/md5sums")
            .arg("sh")
            .arg(&root)
            .arg(&control),
    );
    maintained(&control, one.path());
}

/// The unpacked program does its first steps.
fn runs(program: &Path, folder: &Path) {
    let version = done(Command::new(program).arg("--version"));
    assert_eq!(version, concat!("arvode ", env!("CARGO_PKG_VERSION"), "\n"));
    let kommun = folder.join("kommun");
    done(Command::new(program).arg("init").arg(&kommun));
    let checked = Command::new(program).arg("--data").arg(&kommun).arg("check").output().unwrap();
    assert!(matches!(checked.status.code(), Some(0 | 1)), "{checked:?}");
}

/// Each command that `--help` lists has a page, and each page is set without a complaint.
fn manual(root: &Path, program: &Path) {
    let help = done(Command::new(program).arg("--help"));
    let list = help.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    let commands = list.lines().filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next());
    let folder = root.join("usr/share/man/man1");
    let page = |command: &str| folder.join(format!("arvode-{command}.1.gz"));
    let missing: Vec<&str> = commands.filter(|command| *command != "help" && !page(command).exists()).collect();
    assert_eq!(missing, [""; 0], "no page");
    assert!(page("attest-sign").exists() && !page("generate").exists());
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let mut man = Command::new("man");
        man.args(["--warnings", "-E", "UTF-8", "-Tutf8", "-l"]).arg(&path);
        man.env("MANROFFSEQ", "").env("MANWIDTH", "80").env("LC_ALL", "C.UTF-8").env("MANPAGER", "cat");
        let set = unstruck(&done(&mut man));
        assert!(set.contains("SYNOPSIS"), "{}: {set}", path.display());
        if path.ends_with("arvode.1.gz") {
            for part in ["EXIT STATUS", "SIGNALS", "arvode-attest(1)"] {
                assert!(set.contains(part), "{part} is not in\n{set}");
            }
        }
    }
}

/// Bold and underlined as a terminal of paper does it, letter over letter, made plain.
fn unstruck(set: &str) -> String {
    let mut plain = String::new();
    for letter in set.chars() {
        match letter {
            '\u{8}' => drop(plain.pop()),
            _ => plain.push(letter),
        }
    }
    plain
}

/// What bash offers for the beginning of a word; the two others at least read theirs.
fn completions(root: &Path) {
    let share = root.join("usr/share");
    let script = share.join("bash-completion/completions/arvode");
    let offered = |words: &str, at: usize, last: &str, before: &str| {
        let run = format!(
            "source '{}' && COMP_WORDS=({words}) COMP_CWORD={at} && _arvode arvode '{last}' '{before}' && echo \"${{COMPREPLY[*]}}\"",
            script.display()
        );
        done(Command::new("bash").args(["--norc", "-c", &run])).trim().to_owned()
    };
    assert_eq!(offered("arvode exp", 1, "exp", "arvode"), "explain export");
    assert_eq!(offered("arvode export --cut-off ''", 3, "", "--cut-off"), "delivered not-delivered");
    assert_eq!(offered("arvode gen", 1, "gen", "arvode"), "", "what is for packages is hidden");
    assert!(fs::read_to_string(share.join("zsh/vendor-completions/_arvode")).unwrap().starts_with("#compdef arvode"));
    let fish = fs::read_to_string(share.join("fish/vendor_completions.d/arvode.fish")).unwrap();
    assert!(fish.contains("complete -c arvode"), "{fish}");
}

/// The scripts of dpkg, with everything that would change this machine replaced by a note of what was asked.
fn maintained(control: &Path, folder: &Path) {
    let (tools, root, notes) = (folder.join("tools"), folder.join("machine"), folder.join("notes"));
    for folder in [&tools, &root.join("run/systemd/system"), &root.join("var/lib/arvode/kommun")] {
        fs::create_dir_all(folder).unwrap();
    }
    for tool in ["adduser", "systemctl", "install", "getent", "rm", "userdel", "deluser"] {
        let path = tools.join(tool);
        let ends = if tool == "getent" { 2 } else { 0 };
        fs::write(&path, format!("#!/bin/sh\necho {tool} \"$@\" >>'{}'\nexit {ends}\n", notes.display())).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let asks = |script: &str, arguments: &[&str]| {
        fs::write(&notes, "").unwrap();
        let mut command = Command::new("sh");
        command.arg(control.join(script)).args(arguments).env("DPKG_ROOT", &root);
        let told = done(command.env("PATH", format!("{}:/usr/bin:/bin", tools.display())));
        (fs::read_to_string(&notes).unwrap(), told)
    };
    let (asked, _) = asks("postinst", &["configure", ""]);
    assert!(asked.contains("adduser --system --group") && asked.contains("systemctl daemon-reload"), "{asked}");
    assert!(!asked.contains("start") && !asked.contains("install"), "nothing is started, no folder changed: {asked}");
    let (asked, _) = asks("postinst", &["configure", "0.0.9"]);
    assert!(asked.contains("systemctl try-restart arvode.service"), "{asked}");
    assert_eq!(asks("prerm", &["remove"]).0, "systemctl disable --now arvode.service\n");
    assert_eq!(asks("prerm", &["upgrade", "0.2.0"]).0, "");
    let (asked, told) = asks("postrm", &["purge"]);
    assert_eq!(asked, "systemctl daemon-reload\n");
    assert!(told.contains("/var/lib/arvode stays as it is"), "{told}");
    assert!(root.join("var/lib/arvode/kommun").exists());
}

// ---- the container

#[test]
fn the_container_file_names_what_is_there_and_the_program_that_the_unit_starts() {
    let (file, root) = (text("Containerfile"), Path::new(env!("CARGO_MANIFEST_DIR")));
    let copied: Vec<&str> = file
        .lines()
        .filter_map(|line| line.strip_prefix("COPY ").filter(|rest| !rest.starts_with("--from")))
        .flat_map(|line| line.split_whitespace().rev().skip(1))
        .collect();
    assert!(copied.contains(&"src"), "{copied:?}");
    for name in &copied {
        assert!(root.join(name).exists(), "COPY {name}");
    }
    // What the sources include of other folders goes with them.
    for path in sources(&root.join("src")) {
        let source = fs::read_to_string(&path).unwrap();
        for part in source.split("include_").skip(1) {
            let named = part.split('"').nth(1).unwrap_or_default();
            let top = named.trim_start_matches("../").split('/').next().unwrap_or_default();
            let is_outside = named.starts_with("../") && ["config", "fixtures", "tests"].contains(&top);
            assert!(!is_outside || copied.contains(&top), "{}: {named} is not copied", path.display());
        }
    }
    let rust = env!("CARGO_PKG_RUST_VERSION");
    assert!(file.contains(&format!("library/rust:{rust}-")), "the compiler is {rust}");
    assert_eq!(of_unit("ExecStart"), ["/usr/bin/arvode run $ARVODE_FOLDERS"]);
    for line in ["COPY --from=build /build/target/release/arvode /usr/bin/arvode", "ENTRYPOINT [\"/usr/bin/arvode\"]"] {
        assert!(file.contains(line), "{line}");
    }
    let data = of_unit("Environment").into_iter().find(|set| set.starts_with("ARVODE_DATA=")).unwrap();
    assert!(file.contains(&format!("ENV {data}\n")), "{data}");
    let volume = file.lines().find_map(|line| line.strip_prefix("VOLUME ")).unwrap();
    assert!(data.trim_start_matches("ARVODE_DATA=").starts_with(volume));
    assert!(file.contains("\nUSER 10001:10001\n") && file.find("USER 10001").unwrap() > file.find("RUN ").unwrap());
    // The commands that it gives are commands of the program.
    let help = done(Command::new(PROGRAM).arg("--help"));
    for command in ["status", "run", "init"] {
        assert!(file.contains(command) && help.contains(&format!("\n  {command}")), "{command}");
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

#[test]
fn the_readme_names_the_places_that_the_package_has() {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    for word in ["/etc/default/arvode", "/etc/arvode/credentials", "arvode_smtp", "sh config/package/deb"] {
        assert!(readme.contains(word), "{word} is not told");
    }
}
