//! Villkorsbilagan: villkor för kommunfullmäktiges ordförande, kommunstyrelsens ordförande och vice ordförande,
//! utskottsordförande och gruppledare.
//!
//! 1. Who serves in other central, regional or local functions by appointment of the kommun, SKR or Region Örebro län may
//!    keep a complementary arvode for it. No working hours are regulated, and no leave has to be asked for.
//! 2. The duties of each ordförande and vice ordförande, and of gruppledare: supervision, representation, calling and
//!    preparing meetings. They are included in the arvode.
//! 3. Deliberations with loss of pay: [`super::bilaga_loneavdrag`]. Jour: [`super::bilaga_jour`].
//!
//! Clause 1 reduces nothing here, so there is nothing to carry out: an uppdrag outside that pays by itself is not in the
//! register at all, or stands there with a nyckel whose `slag` is "inget". Clause 2 is § 9's exclusion of who has
//! årsarvode or fast arvode ([`super::p09_sammantradesarvode`]).
