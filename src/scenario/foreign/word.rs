//! A word of another tool, and how a list of them is written.

/// A word of another tool.
#[derive(Clone, Copy, Debug)]
pub struct Foreign {
    /// As its users write it.
    pub word: &'static str,
    pub whose: &'static str,
    /// What says the same here, as `rollsim explain` knows it: where there are several, each in a section
    /// of its own. Empty where nothing does.
    pub ours: &'static [&'static str],
    /// What is different here: a clause in lower case without a full stop; empty where nothing is.
    pub note: &'static str,
}

pub(super) const OF_SERVICES: &str =
    "services and routes are not modelled; `by` says whose traffic moves";

pub(super) const fn same(
    word: &'static str,
    whose: &'static str,
    ours: &'static [&'static str],
) -> Foreign {
    Foreign { word, whose, ours, note: "" }
}

pub(super) const fn but(
    word: &'static str,
    whose: &'static str,
    ours: &'static [&'static str],
    note: &'static str,
) -> Foreign {
    Foreign { word, whose, ours, note }
}
