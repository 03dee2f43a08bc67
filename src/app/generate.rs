//! `generate`: man pages and completions, made of the command line as it is. A package carries them; nobody writes them.

use std::fs;
use std::io;
use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;
use serde_json::json;

use super::Ended;
use super::cli::Arguments;
use crate::domain::Fault;

/// Where each shell looks for the completions of a program that is called `arvode`.
const SHELLS: [(Shell, &str); 3] = [
    (Shell::Bash, "bash-completion/completions/arvode"),
    (Shell::Zsh, "zsh/vendor-completions/_arvode"),
    (Shell::Fish, "fish/vendor_completions.d/arvode.fish"),
];

/// What the page of the program says beside what the command line says of itself.
const MORE: &str = include_str!("generate/more.man");

/// Writes `man/man1/` and the completions below DIR, in the folders that Debian has below /usr/share.
pub(super) fn generate(dir: &Path, json: bool) -> Result<Ended, Fault> {
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    let failed =
        |path: &Path, error: io::Error| Fault::Input(format!("{}: {error}; name a new folder", path.display()));
    let mut written = Vec::new();
    for page in pages(&command) {
        written.push((format!("man/man1/{}", page.0), page.1));
    }
    for (shell, place) in SHELLS {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut shown(&Arguments::command()), "arvode", &mut script);
        written.push((place.to_owned(), script));
    }
    for (name, content) in &written {
        let path = dir.join(name);
        let folder = path.parent().unwrap_or(dir);
        fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
        fs::write(&path, content).map_err(|error| failed(&path, error))?;
    }
    if json {
        say!("{}", json!({ "files": written.iter().map(|(name, _)| name).collect::<Vec<_>>() }));
    } else {
        say!("{} filer i {}", written.len(), dir.display());
    }
    Ok(Ended::Done)
}

/// Without commands that are hidden: not every shell's completions leave them out.
fn shown(command: &clap::Command) -> clap::Command {
    let mut shown = clap::Command::new("arvode").version(env!("CARGO_PKG_VERSION"));
    for argument in command.get_arguments() {
        shown = shown.arg(argument.clone());
    }
    shown.subcommands(command.get_subcommands().filter(|command| !command.is_hide_set()).cloned())
}

/// A page for the program and one for each command, whatever is hidden left out: name and content.
fn pages(command: &clap::Command) -> Vec<(String, Vec<u8>)> {
    let mut pages = vec![page(command, MORE)];
    let mut open: Vec<&clap::Command> = command.get_subcommands().collect();
    while let Some(next) = open.pop() {
        if next.is_hide_set() {
            continue;
        }
        pages.push(page(next, ""));
        open.extend(next.get_subcommands());
    }
    pages
}

fn page(command: &clap::Command, more: &str) -> (String, Vec<u8>) {
    // Built, a command is called by its whole path: arvode-attest-sign.
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    let man = Man::new(command.clone()).title(&name).manual("arvode").source(version());
    let mut text = Vec::new();
    // To memory, where nothing fails.
    let _ = man.render(&mut text);
    text.extend_from_slice(more.as_bytes());
    (format!("{name}.1"), text)
}

fn version() -> String {
    format!("arvode {}", env!("CARGO_PKG_VERSION"))
}
