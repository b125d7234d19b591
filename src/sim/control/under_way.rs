//! An analysis that is under way.

use crate::judge::AnalysisRun;

/// An analysis by its number; there may be several at once.
#[derive(Clone, Default)]
pub(super) struct UnderWay {
    /// None while it is not under way.
    pub(super) run: Option<AnalysisRun>,
    /// Number of the look that counts.
    pub(super) look: u32,
}

impl UnderWay {
    pub(super) const fn is_running(&self) -> bool {
        self.run.is_some()
    }
}
