//! What the dice once found, told as short stories.

use arvode::adapters::db::Db;
use arvode::calendar::{Clock, Day, Month};
use arvode::domain::{Fact, Merge, PersonId, Personnummer};
use arvode::jobs::freeze_batch::Wanted;
use arvode::jobs::named::MeetingName;
use arvode::jobs::withdraw_facts::Target;
use arvode::ports::{Given, PersonRow, RowContent, SheetKind, Store};

use super::book::{Book, meeting, narvaro};
use super::kommun::Kommun;
use super::life::personnummer;

async fn person(kommun: &mut Kommun, number: &Personnummer, anstid: &str) -> PersonId {
    let row = PersonRow {
        personnummer: Some(number.clone()),
        efternamn: Given::Is("Ek".to_owned()),
        fornamn: Given::Is(format!("Anna{anstid}")),
        anstid: Given::Is(anstid.to_owned()),
        ..PersonRow::default()
    };
    kommun.import(&Book::of(SheetKind::Personer, vec![RowContent::Person(Box::new(row))])).await;
    kommun.person(number).await
}

/// A meeting of an hour.
async fn meets(kommun: &mut Kommun, external: &str, day: &str, number: &Personnummer) {
    let clock = |hour| Clock::from_hms_opt(hour, 0, 0).unwrap();
    let row = narvaro(meeting(external, "KS", day.parse().unwrap()), number, (clock(13), clock(14)));
    kommun.import(&Book::of(SheetKind::Narvaro, vec![RowContent::Narvaro(Box::new(row))])).await;
}

/// Freezes and delivers a month: each row's anställningsnummer, day and amount.
async fn pay(kommun: &mut Kommun, payout: &str) -> Vec<String> {
    let payout: Month = payout.parse().unwrap();
    kommun.clock.set(payout.first() + chrono::Duration::days(14));
    let Some(name) = kommun.freeze(&Wanted::Monthly(payout)).await else { return Vec::new() };
    kommun.deliver(name).await;
    let (id, _) = kommun.batch(name).await;
    let rows = kommun.db.rows(id, 1, 1_000).await.unwrap();
    rows.iter().map(|stored| format!("{} {} {}", stored.row.anstid, stored.row.day, stored.row.belopp)).collect()
}

fn with_two(story: impl AsyncFnOnce(&mut Kommun, [Personnummer; 2], Merge)) {
    let folder = tempfile::tempdir().unwrap();
    super::wait_for(async {
        let mut kommun = Kommun::new(Db::open_file(&folder.path().join("arvode.db")).await.unwrap());
        kommun.clock.set("2024-02-01".parse::<Day>().unwrap());
        let numbers = [personnummer("19800101980"), personnummer("19750630981")];
        let into = person(&mut kommun, &numbers[0], "1001").await;
        let from = person(&mut kommun, &numbers[1], "1002").await;
        story(&mut kommun, numbers, Merge { from, into }).await;
        kommun.db.close().await.unwrap();
    });
}

#[test]
fn who_is_one_person_is_paid_under_the_number_of_the_one_that_is_kept() {
    with_two(async |kommun, [_, double], merge| {
        kommun.record(&Fact::Merge(merge), true).await;
        meets(kommun, "KS 1", "2024-01-10", &double).await;
        assert_eq!(pay(kommun, "2024-02").await, ["1001 2024-01-10 382.00"]);
    });
}

#[test]
fn what_was_taken_back_from_two_that_were_one_stays_taken_back_when_they_are_two() {
    with_two(async |kommun, [kept, double], merge| {
        meets(kommun, "KS 1", "2024-01-10", &double).await;
        assert_eq!(pay(kommun, "2024-02").await, ["1002 2024-01-10 382.00"]);
        kommun.record(&Fact::Merge(merge), true).await;
        assert!(kommun.withdraw(&Target::Meeting(MeetingName::External("KS 1".to_owned()))).await);
        meets(kommun, "KS 2", "2024-02-14", &kept).await;
        assert_eq!(pay(kommun, "2024-03").await, ["1001 2024-02-14 382.00", "1002 2024-01-10 -382.00"]);
        kommun.record(&Fact::Merge(merge), false).await;
        assert_eq!(pay(kommun, "2024-04").await, [""; 0], "each has got what each is entitled to");
    });
}
