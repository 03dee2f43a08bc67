//! Letters that nobody can be sent: to the kansli, bundled, to be printed and handed over.

use serde_json::{Value, json};

use super::{Outcome, ended};
use crate::domain::Fault;
use crate::jobs::letters::{Desk, Draft, People};
use crate::jobs::wholly::wholly;
use crate::ports::{
    Clock, LetterFile, LetterHead, LetterKind, LetterState, Office, Press, Receiver, Store, StoredLetter,
};

/// What one list carries at most: mail servers refuse larger letters.
const LETTERS_TOGETHER: usize = 40;
const BYTES_TOGETHER: usize = 10 << 20;

/// A letter with its files.
pub struct Printable {
    /// The letter.
    pub letter: StoredLetter,
    /// What goes with it.
    pub files: Vec<LetterFile>,
}

/// Hands the kansli what is for print. Letters to persons with skyddade personuppgifter are not among them: the kansli is
/// told how many there are, once, and the operator prints them.
pub(super) async fn bundle<P: Press>(
    store: &mut impl Store,
    clock: &impl Clock,
    desk: &Desk<'_, P>,
    people: &People,
    outcome: &mut Outcome,
) -> Result<(), Fault> {
    let kansli = Receiver::Office(Office::Kansli);
    if desk.address(people, &kansli).is_none() {
        return Ok(());
    }
    loop {
        let heads = store.letter_heads(&[LetterState::ToPrint]).await?;
        let (guarded, free): (Vec<LetterHead>, Vec<LetterHead>) =
            heads.into_iter().filter(is_for_others).partition(|head| is_guarded(people, head));
        let told = told(&store.occasions(LetterKind::PrintList, &kansli).await?);
        let untold: Vec<i64> = guarded.iter().map(|head| head.id).filter(|id| !told.contains(id)).collect();
        if free.is_empty() && untold.is_empty() {
            return Ok(());
        }
        let together = gather(store, &free).await?;
        let count = together.len();
        let within = async |store: &mut _| hand(store, clock, desk, people, together, &untold).await;
        wholly(store, within).await?;
        outcome.printed += u32::try_from(count).unwrap_or(u32::MAX);
    }
}

/// A list for print that the kansli did not get is no letter for its own list.
fn is_for_others(head: &LetterHead) -> bool {
    head.kind != LetterKind::PrintList && head.receiver != Receiver::Office(Office::Kansli)
}

pub(super) fn is_guarded(people: &People, head: &LetterHead) -> bool {
    match &head.receiver {
        Receiver::Person(person) => people.of(*person).is_none_or(|contact| contact.is_protected),
        _ => false,
    }
}

/// The first letters that go into one list.
async fn gather(store: &mut impl Store, heads: &[LetterHead]) -> Result<Vec<Printable>, Fault> {
    let (mut together, mut bytes): (Vec<Printable>, usize) = (Vec::new(), 0);
    for head in heads.iter().take(LETTERS_TOGETHER) {
        let Some(letter) = store.letter(head.id).await? else { continue };
        let files = store.letter_files(head.id).await?;
        bytes += letter.letter.written.html.len() + files.iter().map(|file| file.content.len()).sum::<usize>();
        // One that is too large alone goes alone.
        if bytes > BYTES_TOGETHER && !together.is_empty() {
            break;
        }
        together.push(Printable { letter, files });
    }
    Ok(together)
}

async fn hand<P: Press>(
    store: &mut impl Store,
    clock: &impl Clock,
    desk: &Desk<'_, P>,
    people: &People,
    together: Vec<Printable>,
    untold: &[i64],
) -> Result<(), Fault> {
    let now_ms = clock.now_ms();
    let brev: Vec<Value> = together
        .iter()
        .map(|one| {
            let files: Vec<String> = names(one).into_iter().map(|(name, _)| name).collect();
            json!({
                "nummer": one.letter.id,
                "till": whom(people, &one.letter.letter.receiver),
                "arende": one.letter.letter.written.subject,
                "filer": files,
            })
        })
        .collect();
    let ids = |ids: &[i64]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let numbers: Vec<i64> = together.iter().map(|one| one.letter.id).collect();
    let draft = Draft {
        kind: LetterKind::PrintList,
        receiver: Receiver::Office(Office::Kansli),
        occasion: format!("{}+{}", ids(&numbers), ids(untold)),
        content: json!({ "antal": brev.len(), "brev": brev, "skyddade": untold.len() }),
        files: together.iter().flat_map(files_to_print).collect(),
        useless_after_ms: None,
    };
    desk.post(store, people, draft, now_ms).await?;
    for one in &together {
        let told = "lämnat till kansliet för utskrift".to_owned();
        let after = ended(&one.letter.progress, LetterState::Printed, told, now_ms);
        store.move_letter(one.letter.id, &one.letter.progress, &after).await?;
    }
    Ok(())
}

/// The letters to persons with skyddade personuppgifter that lists have told of: what stands after the sign in their
/// occasions.
fn told(occasions: &[String]) -> Vec<i64> {
    let after = occasions.iter().filter_map(|occasion| occasion.split_once('+')).map(|(_, after)| after);
    after.flat_map(|ids| ids.split(',')).filter_map(|id| id.parse().ok()).collect()
}

/// Whom a letter is for, to somebody who may know.
fn whom(people: &People, receiver: &Receiver) -> String {
    match receiver {
        Receiver::Person(person) => people.shown(*person).to_owned(),
        Receiver::Official(id) => format!("attestanten {id}"),
        Receiver::Office(office) => place(*office).to_owned(),
        Receiver::Secretary(organ) => format!("sekreteraren i {organ}"),
    }
}

/// A place in a word.
pub(super) fn place(office: Office) -> &'static str {
    match office {
        Office::Kansli => "kansliet",
        Office::Lonekontor => "lönekontoret",
        Office::Registrator => "kommunstyrelsens registrator",
        Office::AllmannaUtskottet => "allmänna utskottet",
        Office::Ekonomi => "ekonomi",
        Office::Operator => "driften",
    }
}

/// Names of the files that a letter is printed from, each with what is in it; nothing in a name tells of a person.
fn names(one: &Printable) -> Vec<(String, &[u8])> {
    let id = one.letter.id;
    let page = (format!("brev-{id}.html"), one.letter.letter.written.html.as_bytes());
    let files = one.files.iter().enumerate();
    let files = files.map(|(place, file)| (format!("brev-{id}-bilaga-{}-{}", place + 1, file.name), &*file.content));
    std::iter::once(page).chain(files).collect()
}

fn files_to_print(one: &Printable) -> Vec<LetterFile> {
    let types = std::iter::once("text/html").chain(one.files.iter().map(|file| file.media_type.as_str()));
    let files = names(one).into_iter().zip(types);
    let file = |((name, content), media_type): ((String, &[u8]), &str)| LetterFile {
        name,
        media_type: media_type.to_owned(),
        content: content.to_vec(),
    };
    files.map(file).collect()
}

/// Everything that is for print, with the files that each letter is printed from.
///
/// # Errors
/// The database.
pub async fn print_list(store: &mut impl Store) -> Result<Vec<(LetterHead, Vec<LetterFile>)>, Fault> {
    let mut found = Vec::new();
    for head in store.letter_heads(&[LetterState::ToPrint]).await? {
        let Some(letter) = store.letter(head.id).await? else { continue };
        let files = store.letter_files(head.id).await?;
        found.push((head, files_to_print(&Printable { letter, files })));
    }
    Ok(found)
}

/// Letters that somebody has printed; those that were moved meanwhile are not.
///
/// # Errors
/// The database; none is marked then.
pub async fn printed(store: &mut impl Store, clock: &impl Clock, heads: &[LetterHead]) -> Result<(), Fault> {
    let now_ms = clock.now_ms();
    wholly(store, async |store| {
        for head in heads {
            let after = ended(&head.progress, LetterState::Printed, "utskrivet av driften".to_owned(), now_ms);
            store.move_letter(head.id, &head.progress, &after).await?;
        }
        Ok(())
    })
    .await
}
