//! The write-once folder `out/` and the copy into `deliver/`.
//!
//! What a kill between any two steps leaves, and what the next run makes of it:
//!
//! 1. While a file is written or read back: `out/.paxml-2026-11-1.xml.tmp`, perhaps partial. Nobody reads a name with a
//!    leading dot; the next export removes it and begins anew. State: before.
//! 2. After the rename, before the folder is durable: the whole file under its name (its content was durable first), or,
//!    after a power loss, as in 1. The next export makes the same bytes, finds them there and makes the folder durable.
//! 3. Between file and receipt: the file without its receipt. Delivery asks for the receipt and refuses, so this is not
//!    yet exported; the next export finds the same bytes and adds the receipt. State: before.
//! 4. After the receipt: exported. The next export changes nothing. State: after.
//! 5. Where the filesystem cannot rename without replacing, after the second name and before the first is removed: both
//!    names are one whole file; the next export removes the temporary name, never writes through it. As in 2.
//! 6. While copying to `deliver/`: a partial name with a leading dot there. The next delivery removes it. State: before.
//! 7. After the rename in `deliver/`: delivered; payroll may fetch and remove it at once. From then on `Absent` does not
//!    mean that it never left: who calls has noted `delivering` before, and asks a person instead of delivering again.
//!
//! A fault of the disk at any step ends in the same states, without a kill: the temporary name is removed if it can be.
//! Two processes cannot be at it at once: the folder `out/` is locked from the first step to the last, and a killed
//! process holds no lock. One that is frozen does: others wait for it, and say so. A file server may give its lock away;
//! therefore whoever wakes after another took over asks the database before a file gets its name, and whoever takes over
//! removes the temporary name first: what was copied before cannot get its name after.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::paxml::{Charset, PaxmlWriter};
use super::place::{BUFFER_BYTES, Folder, Hashing, Readers, Temp, hash_of};
use super::readback::{Proof, read_back};
use super::receipt;
use crate::domain::Fault;
use crate::ledger::{BatchName, BatchRow, hex};
use crate::ports::payroll::{
    Attest, DeliveryState, Handover, NotDelivered, PayrollFile, PayrollHead, PayrollOut, Receipt, SealedFile,
};

/// PAXml files in folders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutFolder {
    /// Ours alone; each name is written once.
    pub out: PathBuf,
    /// Where payroll fetches; none if somebody carries the files from `out/`.
    pub deliver: Option<PathBuf>,
    /// The files' charset.
    pub charset: Charset,
}

impl PayrollOut for OutFolder {
    fn begin(&self, head: &PayrollHead) -> Result<Box<dyn PayrollFile + Send>, Fault> {
        let folder = Folder::open_at(&self.out, "out")?;
        folder.lock()?;
        let temp = folder.begin(&receipt::xml_name(head.batch))?;
        let file =
            temp.file().try_clone().map_err(|error| folder.failed(&receipt::xml_name(head.batch), "write", &error))?;
        let xml = PaxmlWriter::start(BufWriter::with_capacity(BUFFER_BYTES, file), &temp.path(), self.charset, head)?;
        let proof = Proof::new(head);
        Ok(Box::new(Writing { folder, temp, xml, proof, head: head.clone() }))
    }

    fn exported(&self) -> Result<Vec<(BatchName, Option<String>)>, Fault> {
        let folder = Folder::open_at(&self.out, "out")?;
        let mut found = Vec::new();
        for name in folder.names()? {
            if let Some(batch) = receipt::batch_of(&name) {
                found.push((batch, receipt::read(&folder, batch).ok().map(|receipt| receipt.sha256_rows)));
            }
        }
        found.sort();
        Ok(found)
    }

    fn receipt(&self, batch: BatchName) -> Result<Option<Receipt>, Fault> {
        let folder = Folder::open_at(&self.out, "out")?;
        let is_there = folder.open(&receipt::json_name(batch))?.is_some();
        is_there.then(|| receipt::read(&folder, batch)).transpose()
    }

    fn proven(&self, batch: BatchName) -> Result<Option<Receipt>, Fault> {
        let folder = Folder::open_at(&self.out, "out")?;
        let xml = receipt::xml_name(batch);
        let there = folder.sha256(&xml)?;
        let receipt = self.receipt(batch)?;
        let wrong = |how: &str| Err(Fault::Refused(format!("{} {how}", folder.path(&xml))));
        match (&receipt, there) {
            (None, None) => Ok(None),
            (Some(read), Some(sha256)) if read.sha256 == sha256 => Ok(receipt),
            (Some(_), Some(_)) => wrong("is not what its receipt says: it has changed since it was proven"),
            (Some(_), None) => wrong("is gone, and its receipt is there"),
            // Written, and cut off before its receipt: the next export adds it.
            (None, Some(_)) => Ok(None),
        }
    }

    fn strangers(&self) -> Result<Vec<String>, Fault> {
        let folder = Folder::open_at(&self.out, "out")?;
        let is_ours = |name: &str| {
            let receipt = name.strip_suffix(".xml").map_or_else(|| name.to_owned(), |stem| format!("{stem}.json"));
            name.starts_with('.') || receipt::batch_of(&receipt).is_some()
        };
        let mut names = folder.names()?;
        names.retain(|name| !is_ours(name));
        names.sort();
        Ok(names)
    }

    fn delivers(&self) -> bool {
        self.deliver.is_some()
    }

    fn copy(&self, batch: BatchName) -> Result<Box<dyn Handover + Send>, NotDelivered> {
        let (out, to) = (Folder::open_at(&self.out, "out")?, self.deliver_folder()?);
        out.lock()?;
        let receipt = receipt::read(&out, batch)?;
        let Some(mut source) = out.open(&receipt.file)? else {
            return Err(changed(&out.path(&receipt.file), "is gone").into());
        };
        let temp = to.begin(&receipt.file)?;
        let copied = std::io::copy(&mut source, &mut temp.file());
        copied.map_err(|error| to.failed(&receipt.file, "copy", &error))?;
        temp.seal(Readers::Group)?;
        // What is handed over is what counts: where it is what was proven, the source was, too.
        let again = hash_of(temp.reopen()?).map_err(|error| to.failed(&receipt.file, "read back", &error))?;
        if again != receipt.sha256 {
            if out.sha256(&receipt.file)?.as_ref() != Some(&receipt.sha256) {
                return Err(changed(&out.path(&receipt.file), "has changed").into());
            }
            let message = format!(
                "{}: the copy read back is not what was copied; look at the disk or the mount, then deliver again",
                temp.path()
            );
            return Err(Fault::Refused(message).into());
        }
        Ok(Box::new(Copy { _out: out, temp, sha256: receipt.sha256 }))
    }

    fn clear_unfinished(&self, batch: BatchName) -> Result<(), Fault> {
        if !self.delivers() {
            return Ok(());
        }
        self.deliver_folder()?.clear(&receipt::xml_name(batch))
    }

    fn delivery_state(&self, batch: BatchName) -> Result<DeliveryState, Fault> {
        let receipt = receipt::read(&*Folder::open_at(&self.out, "out")?, batch)?;
        Ok(match self.deliver_folder()?.sha256(&receipt.file)? {
            None => DeliveryState::Absent,
            Some(there) if there == receipt.sha256 => DeliveryState::Same,
            Some(_) => DeliveryState::Different,
        })
    }
}

impl OutFolder {
    /// Removes a batch's payroll file and receipt from `out/`, of which gallring has left no row; `true` if one was there.
    /// What payroll was handed is payroll's.
    ///
    /// # Errors
    /// The folder or a file cannot be used.
    pub fn forget(&self, batch: BatchName) -> Result<bool, Fault> {
        let out = Folder::open_at(&self.out, "out")?;
        out.lock()?;
        let mut was_there = false;
        for name in [receipt::xml_name(batch), receipt::json_name(batch)] {
            was_there |= out.remove(&name)?;
        }
        Ok(was_there)
    }

    fn deliver_folder(&self) -> Result<Arc<Folder>, Fault> {
        let path = self.deliver.as_ref();
        let missing = || Fault::Input("no deliver folder is set in arvode.toml; fetch the file from out/".to_owned());
        Folder::open_at(path.ok_or_else(missing)?, "deliver")
    }
}

/// A file between its first row and its name.
struct Writing {
    folder: Arc<Folder>,
    temp: Temp,
    xml: PaxmlWriter<BufWriter<File>>,
    proof: Proof,
    head: PayrollHead,
}

impl PayrollFile for Writing {
    fn row(&mut self, row: &BatchRow) -> Result<(), Fault> {
        self.xml.row(row)?;
        self.proof.add(row);
        Ok(())
    }

    fn seal(self: Box<Self>, attests: &[Attest]) -> Result<Box<dyn SealedFile + Send>, Fault> {
        let Writing { folder, temp, xml, proof, head } = *self;
        if (proof.rows(), proof.sum()) != (head.rows, head.sum) {
            return Err(Fault::Refused(format!(
                "{}: {} rows with the sum {} were to be written, but {} with {} came; restore the database from a backup",
                head.batch,
                head.rows,
                head.sum,
                proof.rows(),
                proof.sum()
            )));
        }
        drop(xml.finish()?);
        temp.seal(Readers::Owner)?;
        let mut written = BufReader::with_capacity(BUFFER_BYTES, Hashing::new(temp.reopen()?));
        read_back(&mut written, &temp.path(), &proof)?;
        let sha256 = written.into_inner().sha256();
        let receipt = receipt_of(&head, sha256, attests);
        receipt_is_free(&folder, &receipt)?;
        Ok(Box::new(Sealed { folder, temp, receipt }))
    }
}

/// A file between its last look and its name.
struct Sealed {
    folder: Arc<Folder>,
    temp: Temp,
    receipt: Receipt,
}

impl SealedFile for Sealed {
    fn place(self: Box<Self>) -> Result<Receipt, Fault> {
        let Sealed { folder, temp, receipt } = *self;
        temp.place(&receipt.sha256)?;
        put_receipt(&folder, &receipt)?;
        Ok(receipt)
    }
}

/// A copy in `deliver/` that has not got its name.
struct Copy {
    /// Keeps its lock for as long.
    _out: Arc<Folder>,
    temp: Temp,
    sha256: String,
}

impl Handover for Copy {
    fn hand_over(self: Box<Self>) -> Result<(), NotDelivered> {
        let Copy { _out, temp, sha256 } = *self;
        temp.place(&sha256)
    }
}

fn receipt_of(head: &PayrollHead, sha256: String, attests: &[Attest]) -> Receipt {
    Receipt {
        batch: head.batch,
        payout_month: head.batch.payout,
        sequence: head.batch.sequence,
        file: receipt::xml_name(head.batch),
        rows: head.rows,
        persons: head.persons,
        total: head.sum.to_string(),
        sha256,
        sha256_rows: head.sha256_rows.clone(),
        example: head.example,
        attests: attests.to_vec(),
    }
}

/// A receipt's name that something else has stops the export before the payroll file gets its name.
fn receipt_is_free(folder: &Folder, receipt: &Receipt) -> Result<(), Fault> {
    let (name, text) = (receipt::json_name(receipt.batch), receipt::render(receipt)?);
    let ours = hex(&Sha256::digest(text.as_bytes()));
    match folder.sha256(&name)? {
        Some(there) if there != ours => Err(Fault::Refused(format!(
            "{} is there already with another content (sha256 {there}; ours would have {ours}) and is never overwritten; find out where it comes from, then move the file away",
            folder.path(&name)
        ))),
        _ => Ok(()),
    }
}

fn put_receipt(folder: &Arc<Folder>, receipt: &Receipt) -> Result<(), Fault> {
    let (name, text) = (receipt::json_name(receipt.batch), receipt::render(receipt)?);
    let temp = folder.begin(&name)?;
    let written = temp.file().write_all(text.as_bytes());
    written.map_err(|error| folder.failed(&name, "write", &error))?;
    temp.seal(Readers::Owner)?;
    let hashed = hash_of(temp.reopen()?);
    Ok(temp.place(&hashed.map_err(|error| folder.failed(&name, "read back", &error))?)?)
}

fn changed(path: &str, how: &str) -> Fault {
    Fault::Refused(format!("{path} {how} since it was proven; nothing is delivered: restore the file from a backup"))
}
