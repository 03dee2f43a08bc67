//! Contacts that the settings call elected or organ. No other contact is asked for: the register holds every inhabitant
//! who ever wrote to the kommun.

use serde_json::{Map, Value};

use super::Public360Settings;
use super::call::{Listing, Rpc};
use super::wire::{Enterprise, PrivatePerson};
use crate::domain::Fault;
use crate::ports::{Content, OrganizationRecord, PersonRecord, Record, RecordKind};

const PERSONS: Listing<'static> =
    Listing { operation: "ContactService/GetPrivatePersons", list: "PrivatePersons", size: "MaxRows" };
const ENTERPRISES: Listing<'static> =
    Listing { operation: "ContactService/GetEnterprises", list: "Enterprises", size: "MaxRows" };

/// All of them, and the kinds that were asked for.
pub(super) async fn all(rpc: &mut Rpc, settings: &Public360Settings) -> Result<(Vec<Record>, Vec<RecordKind>), Fault> {
    let (mut records, mut kinds) = (Vec::new(), Vec::new());
    if !settings.organ_categories.is_empty() {
        let found: Vec<Enterprise> = rpc.all(&ENTERPRISES, &of_categories(&settings.organ_categories)).await?;
        records.extend(found.into_iter().filter_map(organization));
        kinds.push(RecordKind::Organization);
    }
    if !settings.person_categories.is_empty() {
        let found: Vec<PrivatePerson> = rpc.all(&PERSONS, &of_categories(&settings.person_categories)).await?;
        records.extend(found.into_iter().filter_map(person));
        kinds.push(RecordKind::Person);
    }
    Ok((records, kinds))
}

fn of_categories(categories: &[String]) -> Map<String, Value> {
    let mut parameter = Map::new();
    parameter.insert("Categories".to_owned(), categories.to_vec().into());
    parameter.insert("SortCriterion".to_owned(), "RecnoAscending".into());
    parameter
}

/// One without a name is nobody that anybody could recognise.
fn person(found: PrivatePerson) -> Option<Record> {
    let given: Vec<String> = [found.first_name, found.middle_name].into_iter().filter_map(plain).collect();
    let (fornamn, efternamn) = (plain(Some(given.join(" "))), plain(found.last_name));
    let names: Vec<&str> = [&fornamn, &efternamn].into_iter().filter_map(Option::as_deref).collect();
    let person =
        PersonRecord { name: names.join(" "), efternamn, fornamn, personnummer: plain(found.personal_id_number) };
    let id = format!("person:{}", found.recno.0);
    (!person.name.is_empty()).then_some(Record { id, content: Some(Content::Person(person)) })
}

fn organization(found: Enterprise) -> Option<Record> {
    let organization = OrganizationRecord { name: plain(found.name)?, short: plain(found.initials) };
    let id = format!("organ:{}", found.recno.0);
    Some(Record { id, content: Some(Content::Organization(organization)) })
}

fn plain(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}
