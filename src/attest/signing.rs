use thiserror::Error;

use super::{Forteckning, Official, Role, Sheet};
use crate::calendar::Day;
use crate::domain::Fault;
use crate::ledger::BatchName;
use crate::money::{Ore, swedish};

/// Why an official may not sign a sheet in a role, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WhyNot {
    /// The list of today is not the one on the sheet.
    #[error(
        "attestförteckningen har ändrats since the sheets of {0} were made; void the batch (`arvode void {0} --because …`) and freeze it again"
    )]
    ListChanged(BatchName),
    /// Its last day has passed.
    #[error(
        "sheet {sheet} of {batch} could be signed until {expires}; void the batch (`arvode void {batch} --because …`) and freeze it again"
    )]
    Expired {
        /// The sheet's batch.
        batch: BatchName,
        /// The sheet's number.
        sheet: u32,
        /// Its last day.
        expires: Day,
    },
    /// No such id in the list.
    #[error("\"{0}\" is not in attestforteckning.toml; kommunstyrelsen decides who is in it")]
    NotListed(String),
    /// The entry has not this role.
    #[error("\"{id}\" does not hold the role {role} in attestforteckning.toml; somebody who holds it must sign")]
    RoleNotHeld {
        /// Who.
        id: String,
        /// The role asked for.
        role: Role,
    },
    /// The entry begins later.
    #[error("\"{id}\" may sign from {from}; until then somebody else must sign")]
    NotYet {
        /// Who.
        id: String,
        /// First day.
        from: Day,
    },
    /// The entry has ended.
    #[error("\"{id}\" might sign until {to}; somebody else must sign, or kommunstyrelsen prolongs the entry")]
    NoLonger {
        /// Who.
        id: String,
        /// Last day.
        to: Day,
    },
    /// Own money.
    #[error(
        "sheet {sheet} holds rows of \"{id}\"; nobody attests their own money (jäv): another official must sign it"
    )]
    OwnRows {
        /// Who.
        id: String,
        /// The sheet's number.
        sheet: u32,
    },
    /// Rows of an ansvar that is not theirs.
    #[error("\"{id}\" may not sign for ansvar {missing}; an official who covers it must sign")]
    AnsvarNotCovered {
        /// Who.
        id: String,
        /// The codes, with commas.
        missing: String,
    },
    /// More money than they may sign for.
    #[error("the sheet's sum {} is above max_belopp {} of \"{id}\"; an official with a higher max_belopp must sign", swedish(*sum), swedish(*max))]
    AboveMaxBelopp {
        /// Who.
        id: String,
        /// The sheet's sum.
        sum: Ore,
        /// The entry's limit.
        max: Ore,
    },
    /// One of two hands twice.
    #[error(
        "\"{id}\" is the same person as \"{other}\", who has signed {role} on this sheet; the other attest must be another official's"
    )]
    SignedOtherRole {
        /// Who.
        id: String,
        /// Under which id they have signed.
        other: String,
        /// What.
        role: Role,
    },
}

impl From<WhyNot> for Fault {
    fn from(why: WhyNot) -> Fault {
        Fault::Refused(why.to_string())
    }
}

/// A verified signature on a sheet: who, as what, and on which day it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// As what.
    pub role: Role,
    /// The official's id.
    pub official: String,
    /// The civil day it was taken in.
    pub day: Day,
}

/// Why a sheet's rows may not leave yet.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotSigned {
    /// A role without signature.
    #[error("sheet {sheet} of {batch} lacks its {role}sattest")]
    Missing {
        /// The sheet's batch.
        batch: BatchName,
        /// The sheet's number.
        sheet: u32,
        /// Which.
        role: Role,
    },
    /// The only signature of a role does not count.
    #[error("sheet {sheet} of {batch}: {role}: {why}")]
    NotValid {
        /// The sheet's batch.
        batch: BatchName,
        /// The sheet's number.
        sheet: u32,
        /// Which.
        role: Role,
        /// Why it does not count.
        why: WhyNot,
    },
    /// One person signed both.
    #[error(
        "sheet {sheet} of {batch}: granskning and beslut are signed by one person; another official must sign one of them"
    )]
    OnePerson {
        /// The sheet's batch.
        batch: BatchName,
        /// The sheet's number.
        sheet: u32,
    },
}

impl From<NotSigned> for Fault {
    fn from(why: NotSigned) -> Fault {
        Fault::Refused(why.to_string())
    }
}

/// Whether an official may sign a sheet in a role on a day, given who has signed which role before.
/// The entries that count are those of the current list, which must be the very list that the sheet was made with:
/// a sheet names its signers' rights as they were, so any change of the list voids it.
///
/// # Errors
/// The first reason against it.
pub fn may_sign(
    list: &Forteckning,
    official: &Official,
    role: Role,
    sheet: &Sheet,
    today: Day,
    signed_already: &[(Role, &str)],
) -> Result<(), WhyNot> {
    let id = || official.id.clone();
    let (batch, number) = (sheet.batch, sheet.number);
    if sheet.forteckning_sha256 != list.sha256 {
        return Err(WhyNot::ListChanged(batch));
    }
    if today > sheet.expires {
        return Err(WhyNot::Expired { batch, sheet: number, expires: sheet.expires });
    }
    if !official.roles.contains(&role) {
        return Err(WhyNot::RoleNotHeld { id: id(), role });
    }
    if today < official.from {
        return Err(WhyNot::NotYet { id: id(), from: official.from });
    }
    if let Some(to) = official.to.filter(|to| today > *to) {
        return Err(WhyNot::NoLonger { id: id(), to });
    }
    if sheet.own_rows_of.iter().any(|own| is_same(list, own, official)) {
        return Err(WhyNot::OwnRows { id: id(), sheet: number });
    }
    let missing: Vec<&str> = sheet.ansvar.iter().map(String::as_str).filter(|code| !official.covers(code)).collect();
    if !missing.is_empty() {
        return Err(WhyNot::AnsvarNotCovered { id: id(), missing: missing.join(", ") });
    }
    if sheet.sum.abs() > official.max_belopp {
        return Err(WhyNot::AboveMaxBelopp { id: id(), sum: sheet.sum, max: official.max_belopp });
    }
    let mut others = signed_already.iter().filter(|(signed, _)| *signed != role);
    match others.find(|(_, other)| is_same(list, other, official)) {
        Some((role, other)) => Err(WhyNot::SignedOtherRole { id: id(), other: (*other).to_owned(), role: *role }),
        None => Ok(()),
    }
}

/// Whether a sheet's rows may leave: both roles signed, each by an official who was allowed to on the day it came in,
/// and the two are different persons (other id, key, name and e-mail).
///
/// # Errors
/// The first thing that lacks.
pub fn fully_signed(list: &Forteckning, sheet: &Sheet, signed: &[Signed]) -> Result<(), NotSigned> {
    let (batch, number) = (sheet.batch, sheet.number);
    let granskning = counting(list, sheet, signed, Role::Granskning)?;
    let beslut = counting(list, sheet, signed, Role::Beslut)?;
    let two = granskning.iter().any(|one| beslut.iter().any(|other| !one.is_same_person(other)));
    if two { Ok(()) } else { Err(NotSigned::OnePerson { batch, sheet: number }) }
}

/// The officials whose signature in a role counts; at least one.
fn counting<'a>(
    list: &'a Forteckning,
    sheet: &Sheet,
    signed: &[Signed],
    role: Role,
) -> Result<Vec<&'a Official>, NotSigned> {
    let (batch, number) = (sheet.batch, sheet.number);
    let mut why = NotSigned::Missing { batch, sheet: number, role };
    let mut counting = Vec::new();
    for signature in signed.iter().filter(|signature| signature.role == role) {
        let listed = list.get(&signature.official).ok_or_else(|| WhyNot::NotListed(signature.official.clone()));
        let allowed =
            listed.and_then(|official| may_sign(list, official, role, sheet, signature.day, &[]).map(|()| official));
        match allowed {
            Ok(official) => counting.push(official),
            Err(reason) => why = NotSigned::NotValid { batch, sheet: number, role, why: reason },
        }
    }
    if counting.is_empty() { Err(why) } else { Ok(counting) }
}

fn is_same(list: &Forteckning, id: &str, official: &Official) -> bool {
    id == official.id || list.get(id).is_some_and(|other| other.is_same_person(official))
}

#[cfg(test)]
mod tests {
    use super::super::samples::{KEYS, parse, person, sheet, three};
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    /// Asks for a role of `id` on the last day of the sheet, after `change` of list and sheet.
    fn ask(
        id: &str,
        role: Role,
        list: &str,
        change: impl Fn(&mut Sheet),
        today: &str,
        before: &[(Role, &str)],
    ) -> Option<WhyNot> {
        let list = parse(list).unwrap();
        let mut sheet = sheet(&list);
        change(&mut sheet);
        may_sign(&list, list.get(id).unwrap(), role, &sheet, day(today), before).err()
    }

    const LAST: &str = "2026-11-13";

    #[test]
    fn the_role_must_be_held() {
        assert_eq!(ask("anna", Role::Granskning, &three(), |_| (), LAST, &[]), None);
        let why = ask("anna", Role::Beslut, &three(), |_| (), LAST, &[]);
        assert!(matches!(why, Some(WhyNot::RoleNotHeld { role: Role::Beslut, .. })), "{why:?}");
    }

    #[test]
    fn the_entry_must_be_valid_on_the_day() {
        let from = |from: &str| three().replace("from = 2026-01-01", &format!("from = {from}"));
        assert_eq!(ask("bo", Role::Beslut, &from(LAST), |_| (), LAST, &[]), None);
        let why = ask("bo", Role::Beslut, &from("2026-11-14"), |_| (), LAST, &[]);
        assert!(matches!(why, Some(WhyNot::NotYet { .. })), "{why:?}");

        let to = |to: &str| three().replace("to = 2026-12-31", &format!("to = {to}"));
        assert_eq!(ask("bo", Role::Beslut, &to(LAST), |_| (), LAST, &[]), None);
        let why = ask("bo", Role::Beslut, &to("2026-11-12"), |_| (), LAST, &[]);
        assert!(matches!(why, Some(WhyNot::NoLonger { .. })), "{why:?}");
    }

    #[test]
    fn nobody_signs_own_rows_under_any_id() {
        let own = |id: &'static str| move |sheet: &mut Sheet| sheet.own_rows_of = vec![id.to_owned()];
        assert_eq!(ask("bo", Role::Beslut, &three(), own("anna"), LAST, &[]), None);
        let why = ask("bo", Role::Beslut, &three(), own("bo"), LAST, &[]);
        assert!(matches!(why, Some(WhyNot::OwnRows { .. })), "{why:?}");
        let second_id = three() + &person("bo-2", "Bo i Alm", KEYS[1], "\"beslut\"");
        let why = ask("bo-2", Role::Beslut, &second_id, own("bo"), LAST, &[]);
        assert!(matches!(why, Some(WhyNot::OwnRows { .. })), "{why:?}");
    }

    #[test]
    fn every_ansvar_must_be_covered() {
        let list = |codes: &str| three().replace("[\"*\"]", codes);
        assert_eq!(ask("bo", Role::Beslut, &list("[\"100\", \"120\"]"), |_| (), LAST, &[]), None);
        let why = ask("bo", Role::Beslut, &list("[\"100\", \"130\"]"), |_| (), LAST, &[]);
        assert_eq!(why, Some(WhyNot::AnsvarNotCovered { id: "bo".to_owned(), missing: "120".to_owned() }));
    }

    #[test]
    fn the_sum_may_reach_but_not_pass_the_limit_either_way() {
        let sum = |ore| move |sheet: &mut Sheet| sheet.sum = Ore(ore);
        assert_eq!(ask("bo", Role::Beslut, &three(), sum(50_000_000), LAST, &[]), None);
        for ore in [50_000_001, -50_000_001] {
            let why = ask("bo", Role::Beslut, &three(), sum(ore), LAST, &[]);
            assert!(matches!(why, Some(WhyNot::AboveMaxBelopp { .. })), "{why:?}");
        }
    }

    #[test]
    fn one_person_signs_one_role() {
        assert_eq!(ask("cia", Role::Beslut, &three(), |_| (), LAST, &[(Role::Granskning, "anna")]), None);
        let why = ask("cia", Role::Beslut, &three(), |_| (), LAST, &[(Role::Granskning, "cia")]);
        assert!(matches!(why, Some(WhyNot::SignedOtherRole { .. })), "{why:?}");
        let again = ask("cia", Role::Granskning, &three(), |_| (), LAST, &[(Role::Granskning, "cia")]);
        assert_eq!(again, None, "the same attest again is no second role");
    }

    #[test]
    fn a_sheet_has_a_last_day() {
        let why = ask("bo", Role::Beslut, &three(), |_| (), "2026-11-14", &[]);
        assert!(matches!(why, Some(WhyNot::Expired { .. })), "{why:?}");
    }

    #[test]
    fn any_change_of_the_list_voids_the_sheet() {
        let why = ask("bo", Role::Beslut, &three(), |sheet| sheet.forteckning_sha256 = "other".to_owned(), LAST, &[]);
        assert!(matches!(why, Some(WhyNot::ListChanged(_))), "{why:?}");
        assert!(why.unwrap().to_string().starts_with("attestförteckningen har ändrats since the sheets of 2026-11/1"));
    }

    fn all(list: &str, signed: &[(Role, &str, &str)]) -> Result<(), NotSigned> {
        let list = parse(list).unwrap();
        let signed: Vec<Signed> = signed
            .iter()
            .map(|(role, official, on)| Signed { role: *role, official: (*official).to_owned(), day: day(on) })
            .collect();
        fully_signed(&list, &sheet(&list), &signed)
    }

    #[test]
    fn both_roles_by_two_officials() {
        use Role::{Beslut, Granskning};
        assert_eq!(all(&three(), &[(Granskning, "anna", LAST), (Beslut, "bo", LAST)]), Ok(()));
        assert_eq!(
            all(&three(), &[(Granskning, "cia", LAST), (Granskning, "anna", LAST), (Beslut, "cia", LAST)]),
            Ok(())
        );
        for (signed, role) in [(&[][..], Granskning), (&[(Granskning, "anna", LAST)][..], Beslut)] {
            let why = all(&three(), signed).unwrap_err();
            assert!(matches!(why, NotSigned::Missing { role: missing, .. } if missing == role), "{why:?}");
        }
        let why = all(&three(), &[(Granskning, "cia", LAST), (Beslut, "cia", LAST)]).unwrap_err();
        assert!(matches!(why, NotSigned::OnePerson { .. }), "{why:?}");
    }

    #[test]
    fn two_ids_with_one_key_name_or_email_are_one_person() {
        use Role::{Beslut, Granskning};
        let entry = |name: &str, key: &str| person("anna-2", name, key, "\"beslut\"");
        let check = |second: String, allowed: bool| {
            let signed = all(&(three() + &second), &[(Granskning, "anna", LAST), (Beslut, "anna-2", LAST)]);
            assert_eq!(signed.is_ok(), allowed, "{second}");
        };
        let other_key = KEYS[2];
        check(entry("Annat Namn", other_key), true);
        check(entry("anna ek", other_key), false);
        check(entry("Annat Namn", KEYS[0]), false);
        check(entry("Annat Namn", other_key).replace("anna-2@", "Anna@"), false);
    }

    #[test]
    fn a_signature_that_was_not_allowed_does_not_count() {
        use Role::{Beslut, Granskning};
        let late = all(&three(), &[(Granskning, "anna", LAST), (Beslut, "bo", "2026-11-14")]).unwrap_err();
        assert!(matches!(late, NotSigned::NotValid { why: WhyNot::Expired { .. }, .. }), "{late:?}");
        let unknown = all(&three(), &[(Granskning, "eva", LAST), (Beslut, "bo", LAST)]).unwrap_err();
        assert!(matches!(unknown, NotSigned::NotValid { why: WhyNot::NotListed(_), .. }), "{unknown:?}");
        assert!(matches!(Fault::from(unknown), Fault::Refused(_)));
    }
}
