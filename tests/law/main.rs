//! The regulation paragraph by paragraph: case files that a clerk can read (`fixtures/law/`), tables of boundaries, and
//! what holds for any facts.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod any_facts;
mod p01_vilka_som_omfattas;
mod p02_sammantraden;
mod p03_forlorad_arbetsinkomst;
mod p07_arsarvode;
mod p08_fast_arvode;
mod p09_sammantradesarvode;
mod p11_resekostnader;
mod p16_sista_dag;
mod p18_utbetalning;
mod support;
mod tariff;
