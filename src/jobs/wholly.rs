//! All or nothing: what a job does to the store stays wholly or not at all.

use crate::domain::Fault;
use crate::ports::Store;

/// Does something wholly or not at all.
///
/// # Errors
/// Its own, or the database's; nothing is changed then.
pub(super) async fn wholly<S: Store, T>(
    store: &mut S,
    within: impl AsyncFnOnce(&mut S) -> Result<T, Fault>,
) -> Result<T, Fault> {
    wholly_if(store, |_| true, within).await
}

/// The same for what may also be done to look at its outcome: it stays only if the outcome is to be kept.
///
/// # Errors
/// As of [`wholly`].
pub(super) async fn wholly_if<S: Store, T>(
    store: &mut S,
    is_kept: impl FnOnce(&T) -> bool,
    within: impl AsyncFnOnce(&mut S) -> Result<T, Fault>,
) -> Result<T, Fault> {
    store.begin().await?;
    match within(store).await {
        Ok(outcome) if is_kept(&outcome) => store.commit().await.map(|()| outcome),
        Ok(outcome) => store.rollback().await.map(|()| outcome),
        Err(fault) => {
            store.rollback().await?;
            Err(fault)
        }
    }
}
