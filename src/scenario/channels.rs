//! Whether the channels can be as they are written, and whether anything comes on them.

use super::{
    Problem, Severity,
    check::{Check, TIMEOUT_MIN},
    path::below,
};
use crate::{
    channel::{ATTEMPTS_MAX, Flaw},
    units::text,
};

/// Most channels beside the client: one is found among all whenever a time-out has passed.
const CHANNELS_MAX: usize = 16;

impl Check<'_> {
    /// Whether each channel can be as it is written.
    pub(super) fn channels(&mut self) {
        for (index, (path, channel)) in self.scenario.channels().into_iter().enumerate() {
            let channel = channel.kind();
            let deadline = channel.terms().deadline;
            self.at_least(&format!("{path}.{}", deadline.key), deadline.after, TIMEOUT_MIN);
            let most = channel.attempts_max();
            if most > ATTEMPTS_MAX {
                let message = format!("{} at a request are too many", attempts(most));
                self.refuse_allowing(&path, message, format!("at most {}", attempts(ATTEMPTS_MAX)));
            }
            let beside = if index > 0 { channel.flaws_beside_another() } else { Vec::new() };
            let flaws = channel.flaws().into_iter().chain(beside);
            self.problems.extend(flaws.map(|it| placed(&path, it, Severity::Error)));
            let doubts = channel.doubts().into_iter();
            self.problems.extend(doubts.map(|it| placed(&path, it, Severity::Warning)));
        }
    }

    /// Whether the channels beside the client are few, and each of them carries something.
    pub(super) fn named_channels(&mut self) {
        let scenario = self.scenario;
        if scenario.channels.len() > CHANNELS_MAX {
            let message = format!("{} channels are too many", scenario.channels.len());
            self.refuse_allowing("channels", message, format!("at most {CHANNELS_MAX}"));
        }
        let carried = scenario.operations.values().filter(|it| !it.share.is_zero());
        let used: Vec<&String> = carried.filter_map(|it| it.channel.as_ref()).collect();
        for name in scenario.channels.keys().filter(|it| !used.contains(it)) {
            let hint = format!("`operations.NAME.channel: {name}` lets an operation come on it");
            self.warn(below("channels", name), format!("nothing comes on `{name}`"), hint);
        }
    }
}

fn attempts(count: u32) -> String {
    text::counted(u64::from(count), "attempt")
}

/// A flaw in the section at this path.
fn placed(path: &str, flaw: Flaw, severity: Severity) -> Problem {
    let of_key = |key: &str| format!("{path}.{key}");
    Problem {
        severity,
        hint: flaw.hint,
        beside: flaw.beside.map(of_key),
        ..Problem::error(flaw.message).path(of_key(flaw.key))
    }
}
