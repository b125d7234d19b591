//! Whether the channels can be as they are written, and whether anything comes on them.

use super::{
    Problem, Severity,
    check::{Check, TIMEOUT_MIN},
    path::below,
    quoted,
};
use crate::{
    channel::{ATTEMPTS_MAX, Flaw, Http},
    units::text,
};

/// What the channel of the whole bot is called.
const CLIENT: &str = "client";

impl Check<'_> {
    /// Whether each channel can be as it is written.
    pub(super) fn channels(&mut self) {
        let used = self.scenario.used_channels();
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
            let doubts = channel.doubts().into_iter().filter(|_| used.contains(&index));
            self.problems.extend(doubts.map(|it| placed(&path, it, Severity::Warning)));
        }
    }

    /// Whether the channels beside the client can be told apart, and whether each carries something.
    pub(super) fn named_channels(&mut self) {
        let scenario = self.scenario;
        for name in scenario.channels.keys() {
            let path = below("channels", name);
            if name == CLIENT {
                let problem = Problem::error("`client` is the channel that there is in any case");
                let hint = "give this one another name, or set `client` itself";
                self.problems.push(problem.path(path).hint(hint));
            } else {
                self.name(&path, name);
            }
        }
        let is_known = |it: &String| scenario.channels.contains_key(it);
        // one that nothing comes on may be that of a misspelt name, which is a problem already
        if scenario.operations.values().all(|it| it.channel.as_ref().is_none_or(is_known)) {
            self.unused_channels();
        }
    }

    fn unused_channels(&mut self) {
        let scenario = self.scenario;
        let used = scenario.used_channels();
        for (name, _) in scenario.channels.keys().zip(1..).filter(|it| !used.contains(&it.1)) {
            let shown = quoted(name);
            let mut on_it =
                scenario.operations.iter().filter(|it| it.1.channel.as_ref() == Some(name));
            let (why, hint) = if let Some((operation, _)) = on_it.next() {
                let operation = quoted(operation);
                (format!(": the share of {operation} is 0 %"), format!("a `share` for {operation}"))
            } else if scenario.operations.is_empty() {
                let all = format!("operations: {{NAME: {{share: 100%, channel: {name}}}}}");
                let hint = format!("`{all}` lets all requests come on it");
                (": the scenario has no operations".to_owned(), hint)
            } else {
                let hint =
                    format!("`operations.NAME.channel: {name}` lets an operation come on it");
                (String::new(), hint)
            };
            self.warn(below("channels", name), format!("nothing comes on {shown}{why}"), hint);
        }
        let client = Http { quantile: None, ..scenario.client.clone() };
        if !used.contains(&0) && client != Http::default() {
            let message = "nothing comes on `client`: every operation has a channel of its own";
            let hint = "leave it out but for its `quantile`, or an operation without `channel`";
            self.warn(CLIENT, message, hint);
        }
    }

    /// Whether there is the channel that an operation names.
    pub(super) fn known_channel(&mut self, path: String, name: &str) {
        let channels = &self.scenario.channels;
        if name == CLIENT && !channels.contains_key(name) {
            let problem = Problem::error("`client` is no name of `channels`").path(path);
            let hint = "leave `channel` out: without it, requests come on `client`";
            self.problems.push(problem.hint(hint));
        } else {
            self.known(path, "channel", name, channels.keys());
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
