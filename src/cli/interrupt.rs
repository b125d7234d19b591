//! Ctrl-C, heard in one place for all studies.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Whether the user wants it to end.
#[derive(Clone, Debug, Default)]
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens from now on.
    pub(super) fn listen() -> Self {
        let heard = Self::default();
        let told = heard.clone();
        // where no handler can be had, Ctrl-C ends the process, and `--resume` goes on
        let _ = ctrlc::set_handler(move || told.0.store(true, Ordering::Relaxed));
        heard
    }

    pub(super) fn is_heard(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
