//! Bestämmelser om ekonomiska förmåner till förtroendevalda (KF 2014-12-11 § 91), a file a paragraph.
//!
//! | paragraph | heading | where | state |
//! | --- | --- | --- | --- |
//! | § 1 | Förtroendeuppdrag som omfattas | [`p01_vilka_som_omfattas`] | carried out |
//! | § 2 | Ersättningsberättigade sammanträden | [`p02_sammantraden`] | carried out; presence told only by paragraphs of the minutes is held |
//! | § 3 | Förlorad arbetsinkomst | [`p03_forlorad_arbetsinkomst`] | carried out: proven, schablon, self-employed |
//! | § 4 | Förlorad pensionsförmån | [`p04_forlorad_pensionsforman`] | carried out |
//! | § 5 | Förlorad semesterförmån | [`p05_forlorad_semesterforman`] | carried out |
//! | § 6 | Särskilda arbetsförhållanden | [`p06_sarskilda_arbetsforhallanden`] | carried out |
//! | § 7 | Årsarvode | [`p07_arsarvode`]; its chain of amounts is `regelverk`'s | carried out; a kommunalråd's absence goes to payroll |
//! | § 8 | Fast arvode | [`p08_fast_arvode`] | carried out |
//! | § 9 | Arvode för sammanträden | [`p09_sammantradesarvode`], an instance of [`crate::law::tariff`] | carried out |
//! | § 10 | Kommunal pension | [`p10_kommunal_pension`] | another regulation: not part of this program |
//! | § 11 | Resekostnader | [`p11_resekostnader`] | carried out: own car, traktamente; tickets are paid against their receipt elsewhere |
//! | § 12 | Barntillsynskostnader | [`p12_barntillsyn`] | carried out |
//! | § 13 | Kostnader för vård och tillsyn | [`p13_vard_av_annan`] | carried out |
//! | § 14 | Funktionshindrad förtroendevalds särskilda kostnader | [`p14_egna_kostnader`] | carried out |
//! | § 15 | Övriga kostnader | [`p15_ovriga_kostnader`] | carried out: by decision |
//! | § 16 | Hur man begär ersättning | [`p16_sista_dag`] | carried out; reminders come with the letters |
//! | § 17 | Tolkning av bestämmelserna | [`p17_tolkning`] | carried out |
//! | § 18 | Utbetalning | [`p18_utbetalning`] | carried out |
//! | § 19 | Uppföljning och utbildning | [`p19_uppfoljning`] | carried out |
//! | villkorsbilagan | Villkor för ordförande och gruppledare | [`bilaga_ordforande`], [`bilaga_loneavdrag`] | carried out |
//! | bilagan om jour | Jour för bildnings- och sociala utskottets ordförande | [`bilaga_jour`] | carried out |
//! | sista sidan | Deltagande i kurser | [`bilaga_kurser`] | carried out |
//!
//! Numbers and headings are data too: [`innehall`].

pub mod bilaga_jour;
pub mod bilaga_kurser;
pub mod bilaga_loneavdrag;
pub mod bilaga_ordforande;
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
pub mod p10_kommunal_pension;
pub mod p11_resekostnader;
pub mod p12_barntillsyn;
pub mod p13_vard_av_annan;
pub mod p14_egna_kostnader;
pub mod p15_ovriga_kostnader;
pub mod p16_sista_dag;
pub mod p17_tolkning;
pub mod p18_utbetalning;
pub mod p19_uppfoljning;
