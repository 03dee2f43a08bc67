//! What the dice once found, told as short stories.

use arvode::adapters::db::Db;
use arvode::calendar::{Clock, Day, Month};
use arvode::domain::{Betalning, Fact, LineKind, Merge, PersonId, Personnummer, Utbetalt, Utfall};
use arvode::jobs::freeze_batch::Wanted;
use arvode::jobs::named::MeetingName;
use arvode::jobs::withdraw_facts::Target;
use arvode::money::Ore;
use arvode::ports::{BeslutPart, BeslutRow, Clock as _, Given, PersonRow, RowContent, SheetKind, Store};

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

/// Payroll's answer about a row that sets off what was paid too much.
async fn refusal_of_the_last_row(kommun: &mut Kommun, person: PersonId) -> Fact {
    let (id, batch) = kommun.latest().await.unwrap();
    let stored = kommun.db.rows(id, 1, 1_000).await.unwrap().pop().unwrap();
    assert_eq!((stored.row.kind, stored.row.belopp), (LineKind::Kvittning, Ore(-38_200)));
    Fact::Utbetalt(Utbetalt {
        person,
        payout: batch.name.payout,
        anstid: Some(stored.row.anstid.to_string()),
        lonart: stored.row.lonart.to_string(),
        kinds: vec![stored.row.kind],
        day: Some(stored.row.day),
        meeting: None,
        antal: Some(stored.row.antal),
        apris: Some(stored.row.apris),
        belopp: stored.row.belopp,
        status: Betalning::Avvisad,
        row: Some(stored.id),
        orsak: Some("okänd lönart".to_owned()),
        nummer: 1,
    })
}

#[test]
fn what_was_set_off_again_since_payroll_refused_it_goes_back_when_payroll_paid_it_after_all() {
    with_two(async |kommun, [number, _], merge| {
        meets(kommun, "KS 1", "2024-01-10", &number).await;
        assert_eq!(pay(kommun, "2024-02").await, ["1001 2024-01-10 382.00"]);
        assert!(kommun.withdraw(&Target::Meeting(MeetingName::External("KS 1".to_owned()))).await);
        let decision = BeslutRow {
            diarienummer: Some("AU 1".to_owned()),
            day: Some(kommun.clock.today()),
            about: vec![BeslutPart::Number(number.clone())],
            utfall: Some(Utfall::Kvittning),
            innebord: Some("kvittas".to_owned()),
            ..BeslutRow::default()
        };
        kommun.import(&Book::of(SheetKind::Beslut, vec![RowContent::Beslut(Box::new(decision))])).await;
        assert_eq!(pay(kommun, "2024-03").await, [""; 0], "booked as a debt");
        meets(kommun, "KS 2", "2024-03-13", &number).await;
        assert_eq!(pay(kommun, "2024-04").await, ["1001 2024-03-13 382.00", "1001 2024-04-26 -382.00"]);
        let refused = refusal_of_the_last_row(kommun, merge.into).await;
        kommun.record(&refused, true).await;
        meets(kommun, "KS 3", "2024-04-10", &number).await;
        assert_eq!(pay(kommun, "2024-05").await, ["1001 2024-04-10 382.00", "1001 2024-05-27 -382.00"]);
        kommun.record(&refused, false).await;
        assert_eq!(pay(kommun, "2024-06").await, ["1001 2024-06-27 382.00"], "as it was set off, without other pay");
        assert_eq!(pay(kommun, "2024-07").await, [""; 0], "once");
        kommun.record(&refused, true).await;
        meets(kommun, "KS 4", "2024-07-10", &number).await;
        assert_eq!(
            pay(kommun, "2024-08").await,
            ["1001 2024-07-10 382.00", "1001 2024-08-27 -382.00"],
            "refused anyway"
        );
    });
}
