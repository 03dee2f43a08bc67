//! The outside: the only places that know the libraries for workbooks, databases, signatures, files and time.

pub mod backup;
pub mod clock;
pub mod db;
pub mod diarium;
pub mod drop;
pub mod excel;
pub mod exposition;
pub mod http;
pub mod intake;
pub mod listener;
pub mod lock;
pub mod mail;
pub mod memory;
pub mod payroll;
pub mod press;
pub mod secret;
pub mod service;
pub mod settings;
pub mod signature;
pub mod telemetry;
pub mod tenure;
pub mod ticks;
