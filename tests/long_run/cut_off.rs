//! Officials who sign some sheets and others not, and the cut-off that leaves out the others.

use std::path::Path;

use arvode::attest::Forteckning;
use arvode::domain::Fault;
use arvode::jobs::attest_batch::sheets;
use arvode::jobs::cut_off::{Outcome, leave_out_unsigned};
use arvode::jobs::export_batch::Settings;
use arvode::ledger::{BatchKind, BatchName};
use arvode::ports::{
    Attest, Clock, DeliveryState, Handover, NotDelivered, PayrollFile, PayrollHead, PayrollOut, Receipt, Signatures,
    SignerKey, Store,
};
use arvode::regelverk::reader::SettingsText;

use super::dice::Dice;
use super::kommun::Kommun;

/// Who checks everything, and who decides for which ansvar: so each organ's rows stand on a sheet of their own.
const OFFICIALS: [(&str, &str, &str, &str); 4] = [
    ("greta", "granskning", "*", "AAAAC3NzaC1lZDI1NTE5AAAAIGb1jjI5t2ywWbTnGufDt76UpuE5ncXB+7ph7o9QSep4"),
    ("kf", "beslut", "1000", "AAAAC3NzaC1lZDI1NTE5AAAAIHuN8VXepEiBmazLsR3ESXPGDrevFg16Ax41YBkCTUyx"),
    ("ks", "beslut", "1100", "AAAAC3NzaC1lZDI1NTE5AAAAIOZa7N84R1cGZrnCWxoq+cd8Ap1dKx4BaZ3BpKraebtm"),
    ("bsu", "beslut", "1200", "AAAAC3NzaC1lZDI1NTE5AAAAIOe8DBmk1tu3VtqHbOBqv2u4aHn77w+1pPWoubnnvbMo"),
];

pub fn officials() -> Forteckning {
    let entry = |(id, role, ansvar, key): &(&str, &str, &str, &str)| {
        format!(
            "[[person]]\nid = \"{id}\"\nname = \"{id} Attestant\"\nemail = \"{id}@kommun.example\"\nkey = \"ssh-ed25519 {key}\"\n\
             roles = [\"{role}\"]\nansvar = [\"{ansvar}\"]\nmax_belopp = 50000000\nfrom = 2014-12-11\nkind = \"ordinarie\"\n\
             decision = \"KS 2014/1\"\n"
        )
    };
    let content = OFFICIALS.iter().map(entry).collect::<Vec<_>>().join("\n");
    let text = SettingsText { name: "attestforteckning.toml".to_owned(), content };
    Forteckning::parse(&text).unwrap_or_else(|wrong| panic!("{wrong:?}"))
}

/// Every signature is good: who signed is what matters here.
struct Good;

impl Signatures for Good {
    fn public_key(&self, _: &Path) -> Result<SignerKey, Fault> {
        Err(Fault::Input("nobody asks".to_owned()))
    }

    fn sign(&self, _: &str, _: &Path, _: Option<&str>) -> Result<String, Fault> {
        Err(Fault::Input("nobody asks".to_owned()))
    }

    fn signer(&self, _: &str) -> Result<SignerKey, Fault> {
        Err(Fault::Input("nobody asks".to_owned()))
    }

    fn verify(&self, _: &str, _: &str, _: &SignerKey) -> Result<(), Fault> {
        Ok(())
    }
}

/// Nothing has left that the database does not know.
struct Nowhere;

impl PayrollOut for Nowhere {
    fn begin(&self, _: &PayrollHead) -> Result<Box<dyn PayrollFile + Send>, Fault> {
        Err(Fault::Input("nobody asks".to_owned()))
    }

    fn exported(&self) -> Result<Vec<(BatchName, Option<String>)>, Fault> {
        Ok(Vec::new())
    }

    fn receipt(&self, _: BatchName) -> Result<Option<Receipt>, Fault> {
        Ok(None)
    }

    fn proven(&self, _: BatchName) -> Result<Option<Receipt>, Fault> {
        Ok(None)
    }

    fn strangers(&self) -> Result<Vec<String>, Fault> {
        Ok(Vec::new())
    }

    fn delivers(&self) -> bool {
        false
    }

    fn copy(&self, _: BatchName) -> Result<Box<dyn Handover + Send>, NotDelivered> {
        Err(Fault::Input("nobody asks".to_owned()).into())
    }

    fn clear_unfinished(&self, _: BatchName) -> Result<(), Fault> {
        Ok(())
    }

    fn delivery_state(&self, _: BatchName) -> Result<DeliveryState, Fault> {
        Ok(DeliveryState::Absent)
    }
}

impl Kommun {
    /// Who signs is up to the dice; then the cut-off comes. Of a recalculation at least one sheet is signed, for no other
    /// batch would carry it; where nothing of it may leave, all of it is signed after all.
    pub async fn cut_off(&mut self, name: BatchName, dice: &mut Dice) -> Outcome {
        let (id, batch) = self.batch(name).await;
        let views = sheets(&mut self.db, name).await.unwrap();
        let numbers: Vec<u32> = views.iter().map(|view| view.sheet.number).collect();
        let mut signed: Vec<u32> = numbers.iter().copied().filter(|_| !dice.once_in(3)).collect();
        if batch.kind == BatchKind::Recalculation && signed.is_empty() {
            signed.clone_from(&numbers);
        }
        self.sign((id, name), &signed).await;
        match self.leave_out(name).await {
            Ok(outcome) => outcome,
            Err(Fault::Refused(why)) if batch.kind == BatchKind::Recalculation => {
                assert!(why.contains("no sheet of"), "{why}");
                let missing: Vec<u32> = numbers.into_iter().filter(|sheet| !signed.contains(sheet)).collect();
                self.sign((id, name), &missing).await;
                self.leave_out(name).await.unwrap()
            }
            Err(fault) => panic!("{fault}"),
        }
    }

    async fn leave_out(&mut self, name: BatchName) -> Result<Outcome, Fault> {
        let settings = Settings {
            forteckning: &self.list,
            kommun: "Kommunen",
            organisationsnummer: "2120000001",
            attested_by_payroll: None,
        };
        leave_out_unsigned(&mut self.db, &Good, &Nowhere, &self.clock, &settings, name, None).await
    }

    async fn sign(&mut self, (batch_id, name): (i64, BatchName), signed: &[u32]) {
        for view in sheets(&mut self.db, name).await.unwrap() {
            if !signed.contains(&view.sheet.number) {
                continue;
            }
            let decides = OFFICIALS
                .iter()
                .find(|(_, role, ansvar, _)| *role == "beslut" && view.sheet.ansvar.iter().all(|code| code == ansvar));
            let (decides, _, _, _) = decides.unwrap_or_else(|| panic!("nobody decides for {:?}", view.sheet.ansvar));
            self.db.begin().await.unwrap();
            for (role, official) in [("granskning", "greta"), ("beslut", *decides)] {
                let attest = Attest {
                    sheet: view.sheet.number,
                    role: role.to_owned(),
                    official: official.to_owned(),
                    signed_at_ms: self.clock.now_ms(),
                    signature: "underskrift".to_owned(),
                };
                self.db.add_attest(batch_id, &attest).await.unwrap();
            }
            self.db.commit().await.unwrap();
        }
    }
}
