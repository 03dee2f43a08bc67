//! `arvode` turns meeting attendance into attested, explained, exactly-once payroll rows for elected representatives.
//!
//! Imports point down only: `app` builds adapters and gives them to `jobs`; jobs read through `ports`, ask the core
//! (`ledger`, `attest`, `register`, `law`, `regelverk`, `domain`) and write through `ports`. The core opens no file and
//! has no clock. `tests/tidy.rs` guards it.

pub mod adapters;
pub mod app;
pub mod attest;
pub mod calendar;
pub mod domain;
pub mod jobs;
pub mod law;
pub mod ledger;
pub mod money;
pub mod ports;
pub mod regelverk;
pub mod register;
