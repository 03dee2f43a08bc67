//! `demo`: placeholder until the fixtures stand.
use super::Ended;
use crate::domain::Fault;
use std::path::PathBuf;
pub(super) async fn demo(_dir: Option<PathBuf>, _json: bool) -> Result<Ended, Fault> {
    Err(Fault::Input("no fixtures".to_owned()))
}
