//! The regulation paragraph by paragraph: case files that a clerk can read (`fixtures/law/`), tables of boundaries, and
//! what holds for any facts.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod any_facts;
mod bilaga_jour;
mod bilaga_kurser;
mod bilaga_loneavdrag;
mod bilaga_ordforande;
mod p01_vilka_som_omfattas;
mod p02_sammantraden;
mod p03_forlorad_arbetsinkomst;
mod p04_forlorad_pensionsforman;
mod p05_forlorad_semesterforman;
mod p06_sarskilda_arbetsforhallanden;
mod p07_arsarvode;
mod p08_fast_arvode;
mod p09_sammantradesarvode;
mod p10_kommunal_pension;
mod p11_resekostnader;
mod p12_barntillsyn;
mod p13_vard_av_annan;
mod p14_egna_kostnader;
mod p15_ovriga_kostnader;
mod p16_sista_dag;
mod p17_tolkning;
mod p18_utbetalning;
mod p19_uppfoljning;
mod support;
mod tariff;
