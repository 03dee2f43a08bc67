//! Bestämmelser om ekonomiska förmåner till förtroendevalda (KF 2014-12-11 § 91), a file a paragraph.
//!
//! | paragraph | heading | where |
//! | --- | --- | --- |
//! | § 1 | Förtroendeuppdrag som omfattas | [`p01_vilka_som_omfattas`] |
//! | § 2 | Ersättningsberättigade sammanträden | [`p02_sammantraden`] |
//! | § 3 | Förlorad arbetsinkomst | [`p03_forlorad_arbetsinkomst`]: proven amounts; schablon is held |
//! | § 4 | Förlorad pensionsförmån | claims are held ([`p16_sista_dag`] guards their last day) |
//! | § 5 | Förlorad semesterförmån | claims are held |
//! | § 6 | Särskilda arbetsförhållanden | its minutes widen the time of § 3, in [`p03_forlorad_arbetsinkomst`] |
//! | § 7 | Årsarvode | [`p07_arsarvode`]; its chain of amounts is `regelverk`'s |
//! | § 8 | Fast arvode | [`p08_fast_arvode`] |
//! | § 9 | Arvode för sammanträden | [`p09_sammantradesarvode`] |
//! | § 10 | Kommunal pension | another regulation; not part of this program |
//! | § 11 | Resekostnader | [`p11_resekostnader`]: own car; other means and traktamente are held |
//! | §§ 12-15 | Barntillsyn, vård, funktionshindrad, övriga kostnader | claims are held |
//! | § 16 | Hur man begär ersättning | [`p16_sista_dag`] |
//! | § 17 | Tolkning | `config/regelverk/tolkningar.toml` |
//! | § 18 | Utbetalning | [`p18_utbetalning`] |
//! | § 19 | Uppföljning | reports |

pub mod bilaga_jour;
pub mod bilaga_loneavdrag;
pub mod innehall;
pub mod p01_vilka_som_omfattas;
pub mod p02_sammantraden;
pub mod p03_forlorad_arbetsinkomst;
pub mod p04_forlorad_pensionsforman;
pub mod p05_forlorad_semesterforman;
pub mod p06_sarskilda_arbetsforhallanden;
pub mod p07_arsarvode;
pub mod p08_fast_arvode;
pub mod p09_sammantradesarvode;
pub mod p11_resekostnader;
pub mod p12_barntillsyn;
pub mod p13_vard_av_annan;
pub mod p14_egna_kostnader;
pub mod p15_ovriga_kostnader;
pub mod p16_sista_dag;
pub mod p17_tolkning;
pub mod p18_utbetalning;
