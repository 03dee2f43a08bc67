//! The program: the child that parses a workbook, or the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    if args.get(1).is_some_and(|first| first == arvode::adapters::excel::SUBCOMMAND) {
        return ExitCode::from(arvode::adapters::excel::run_child(&args[2..]));
    }
    ExitCode::from(arvode::app::run())
}
