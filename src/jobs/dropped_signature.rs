//! A signature that came as a file: over which sheet it is follows from itself, so that its name need not say anything. It
//! counts exactly as one that `arvode attest add` takes; what does not count is refused in words for the one who sent it.

use super::attest_batch::{SheetView, add, sheets};
use crate::attest::{Forteckning, Official, Role, WhyNot, may_sign, sheet_text};
use crate::calendar::local_text;
use crate::domain::Fault;
use crate::ledger::{Batch, BatchName, BatchState, LeftOut};
use crate::money::swedish;
use crate::ports::signature::SignerKey;
use crate::ports::{Clock, Signatures, Store, Unreadable};

/// What signatures are judged by.
pub struct Signing<'a, S, C> {
    /// Verifies them.
    pub signatures: &'a S,
    /// Who may sign.
    pub list: &'a Forteckning,
    /// When it is.
    pub clock: &'a C,
}

/// A signature that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fits {
    /// The sheet's batch.
    pub batch: BatchName,
    /// The sheet's number.
    pub sheet: u32,
    /// As what.
    pub role: Role,
    /// By whom, as the attestförteckning names them.
    pub official: String,
    /// It did not count before.
    pub is_new: bool,
}

/// The sheet and role whose text a signature is over.
struct Place {
    batch: Batch,
    view: SheetView,
    role: Role,
}

/// Takes a signature, or says why not.
///
/// # Errors
/// The database, or a sheet was tampered with: the file stays.
pub async fn take_signature(
    store: &mut impl Store,
    signing: &Signing<'_, impl Signatures, impl Clock>,
    signature: &str,
) -> Result<Result<Fits, Unreadable>, Fault> {
    let Ok(key) = signing.signatures.signer(signature) else { return Ok(Err(no_signature())) };
    let Some(place) = place_of(store, signing, signature, &key).await? else { return Ok(Err(over_nothing())) };
    let fits = |official: &str, is_new: bool| Fits {
        batch: place.batch.name,
        sheet: place.view.sheet.number,
        role: place.role,
        official: official.to_owned(),
        is_new,
    };
    let signed = place.view.attests.iter().find(|attest| attest.role == place.role.name());
    let officials: Vec<&Official> = signing.list.officials.iter().filter(|official| official.key == key).collect();
    if let Some(attest) = signed
        && (attest.signature.trim() == signature.trim() || officials.iter().any(|one| one.id == attest.official))
    {
        return Ok(Ok(fits(&attest.official, false)));
    }
    if let Some(left_out) = &place.view.left_out {
        return Ok(Err(was_left_out(&place, left_out)));
    }
    if place.batch.state != BatchState::Calculated {
        return Ok(Err(too_late(&place)));
    }
    if officials.is_empty() {
        return Ok(Err(nobodys()));
    }
    if let Some(attest) = signed {
        return Ok(Err(signed_by_another(&place, &attest.official)));
    }
    match add(store, signing.signatures, signing.list, signing.clock, place.batch.name, &[signature.to_owned()]).await {
        Ok(outcome) => Ok(outcome.signed.first().map(|(_, _, by)| fits(by, true)).ok_or_else(over_nothing)),
        Err(Fault::Refused(text)) => Ok(Err(refused(signing, &place, &officials, text))),
        Err(fault) => Err(fault),
    }
}

/// Looks through the sheets of the batch that waits, then of those before it: a signature that came too late, or comes again
/// after a crash, is told from one that is over something else.
async fn place_of(
    store: &mut impl Store,
    signing: &Signing<'_, impl Signatures, impl Clock>,
    signature: &str,
    key: &SignerKey,
) -> Result<Option<Place>, Fault> {
    for (_, batch, _) in store.batches().await?.into_iter().rev() {
        let views = match sheets(store, batch.name).await {
            Ok(views) => views,
            // What is wrong with a sheet that left long ago is for `arvode verify` to say.
            Err(Fault::Refused(_)) if !batch.state.is_open() => continue,
            Err(fault) => return Err(fault),
        };
        for view in views {
            let is_over =
                |role: &Role| signing.signatures.verify(&sheet_text(&view.sheet, *role), signature, key).is_ok();
            if let Some(role) = Role::ALL.into_iter().find(is_over) {
                return Ok(Some(Place { batch, view, role }));
            }
        }
    }
    Ok(None)
}

fn refused(
    signing: &Signing<'_, impl Signatures, impl Clock>,
    place: &Place,
    officials: &[&Official],
    text: String,
) -> Unreadable {
    let today = signing.clock.today();
    let signed: Vec<(Role, &str)> = place
        .view
        .attests
        .iter()
        .filter_map(|attest| Some((attest.role.parse().ok()?, attest.official.as_str())))
        .collect();
    let may = |official: &&Official| may_sign(signing.list, official, place.role, &place.view.sheet, today, &signed);
    match officials.iter().find_map(|official| may(official).err()) {
        Some(why) => not_allowed(place, &why),
        None => never(&format!("Underskriften räknas inte: {text}."), "Tala med den som kör programmet."),
    }
}

fn not_allowed(place: &Place, why: &WhyNot) -> Unreadable {
    let (batch, sheet, role) = (place.batch.name, place.view.sheet.number, place.role);
    let again = format!("Ta tillbaka körningen (arvode void {batch} --because \"…\") och frys månaden igen.");
    let other = "Låt en annan av attestförteckningens tjänstemän skriva under.".to_owned();
    let (wrong, instead) = match why {
        WhyNot::ListChanged(_) => (
            format!(
                "Attestförteckningen har ändrats sedan bladen i körning {batch} gjordes, så de gäller inte längre."
            ),
            again,
        ),
        WhyNot::Expired { expires, .. } => {
            (format!("Blad {sheet} av körning {batch} kunde skrivas under till och med {expires}."), again)
        }
        WhyNot::NotListed(id) => (format!("{id} står inte i attestförteckningen."), other),
        WhyNot::RoleNotHeld { id, .. } => {
            (format!("{id} får inte ge {role}sattest enligt attestförteckningen."), other)
        }
        WhyNot::NotYet { id, from } => (format!("{id} får skriva under först från {from}."), other),
        WhyNot::NoLonger { id, to } => (format!("{id} fick skriva under till och med {to}."), other),
        WhyNot::OwnRows { id, .. } => {
            (format!("Blad {sheet} har egna rader för {id}: ingen attesterar sina egna pengar (jäv)."), other)
        }
        WhyNot::AnsvarNotCovered { id, missing } => {
            (format!("{id} får inte skriva under för ansvar {missing}."), other)
        }
        WhyNot::AboveMaxBelopp { id, sum, max } => {
            (format!("Bladets summa {} är över {}, som {id} får attestera.", swedish(*sum), swedish(*max)), other)
        }
        WhyNot::SignedOtherRole { id, other: by, role } => {
            (format!("{id} har redan gett bladets {role}sattest (som {by}): de två ska vara olika personer."), other)
        }
    };
    never(&wrong, &instead)
}

fn no_signature() -> Unreadable {
    never(
        "Filen är ingen underskrift med en SSH-nyckel, eller en som är gjord för något annat än attest.",
        "Skriv under attestbladets text med ssh-keygen -Y sign -n arvode-attest -f NYCKEL FIL, och lägg .sig-filen här.",
    )
}

fn nobodys() -> Unreadable {
    never(
        "Nyckeln som filen är underskriven med är ingens i attestförteckningen.",
        "Skriv under med den nyckel som står där, eller låt en annan av tjänstemännen skriva under.",
    )
}

fn over_nothing() -> Unreadable {
    never(
        "Underskriften gäller inget attestblad: den är över en annan text, eller skadad.",
        "Skriv under filen precis som den kom med brevet, eller som den ligger i mappen attest, utan att ändra något i den.",
    )
}

fn signed_by_another(place: &Place, by: &str) -> Unreadable {
    let (batch, sheet, role) = (place.batch.name, place.view.sheet.number, place.role);
    never(
        &format!("Blad {sheet} av körning {batch} har redan sin {role}sattest, av {by}."),
        "Ingenting behöver göras för det bladet.",
    )
}

fn was_left_out(place: &Place, left_out: &LeftOut) -> Unreadable {
    let (batch, sheet, when) = (place.batch.name, place.view.sheet.number, local_text(left_out.at_ms));
    let what = match &left_out.by {
        None => "vid brytdagen".to_owned(),
        Some(by) => format!("av {by}"),
    };
    never(
        &format!("Underskriften kom för sent: blad {sheet} av körning {batch} utelämnades {when}, {what}."),
        "Ingenting behöver göras med den: raderna kommer med nästa körning, på ett nytt blad att skriva under.",
    )
}

fn too_late(place: &Place) -> Unreadable {
    let name = place.batch.name;
    if place.batch.state == BatchState::Void {
        return never(
            &format!("Körning {name} är tagen tillbaka, så den väntar inte på någon underskrift."),
            "Skriv under den körning som har kommit i stället; dess blad kommer med ett eget brev.",
        );
    }
    never(
        &format!("Körning {name} väntar inte längre på underskrifter: den är lämnad eller på väg."),
        "Ingenting behöver göras. Var bladet inte med, kommer dess rader med nästa körning.",
    )
}

fn never(wrong: &str, instead: &str) -> Unreadable {
    Unreadable { wrong: wrong.to_owned(), instead: instead.to_owned(), temporary: false }
}
