//! What the proxy knows: of each attempt, of each user's connection, of each endpoint. Pure state; what happens
//! to it is in `proxy`, `keep_alive`, `health_checks` and `outliers`.

use super::{attempts::Attempt, slot::State};
use crate::{
    model::{Begins, ByGroup, DeadHost, GroupId, HealthChecksSpec, ProxyRules, ProxySpec},
    sim::{
        ids::{AttemptId, ByAttempt, BySlot, SlotId},
        user_pages::UserPages,
    },
};

/// The proxy of a trial.
#[derive(Clone)]
pub(super) struct Proxy {
    pub(super) rules: ProxyRules,
    pub(super) dead_host: Option<DeadHost>,
    /// Attempts pass through it: any of its parts is on. The only thing that is asked of it otherwise.
    pub(super) on: bool,
    /// It finds out by itself which endpoints are healthy.
    pub(super) watches: bool,
    /// What it knows of each attempt, by the attempt's record.
    pub(super) passages: ByAttempt<Passage>,
    pub(super) connections: Connections,
    /// What it knows of each endpoint, by the endpoint's slot.
    pub(super) servers: BySlot<Server>,
    /// The endpoints of each pool, counted.
    pub(super) censuses: ByGroup<Census>,
}

/// How an attempt passes through the proxy.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, not one state")]
pub(super) struct Passage {
    /// The group whose pool its endpoints are in.
    pub(super) pool: GroupId,
    /// Tries after the first that `retries` counts.
    pub(super) retries: u8,
    /// It came over a connection that had been used before.
    pub(super) reused: bool,
    /// No instance has it: it waits for a connection or for its next try.
    pub(super) held: bool,
    /// Its connection was cut, and work on it had begun.
    pub(super) cut: bool,
    pub(super) begun: bool,
    /// Its client's patience with queues is running out already.
    pub(super) impatient: bool,
    /// A try of it failed that would not have on a normal day.
    pub(super) abnormal: bool,
    /// The endpoint that its next try may not, or must, go to.
    pub(super) last: SlotId,
    pub(super) other: bool,
    /// When an instance got it, in nanoseconds.
    pub(super) reached: u64,
}

impl Proxy {
    pub(super) fn new(spec: &ProxySpec, users: u32, groups: usize) -> Self {
        let rules = spec.rules();
        let watches = rules.health_checks.is_some() || rules.outlier_detection.is_some();
        let on = watches
            || rules.keep_alive.is_some()
            || rules.connect_timeout.is_some()
            || rules.retries.is_some()
            || spec.dead_host.is_some()
            || spec.overhead.is_some();
        let connected = if rules.keep_alive.is_some() { users } else { 0 };
        Self {
            rules,
            dead_host: spec.dead_host,
            on,
            watches,
            passages: ByAttempt::new(),
            connections: Connections(
                std::iter::repeat_n(UserPages::new(connected), groups).collect(),
            ),
            servers: BySlot::new(),
            censuses: std::iter::repeat_n(Census::default(), groups).collect(),
        }
    }

    pub(super) fn begin(&mut self, index: AttemptId, passage: Passage) {
        self.passages.reach(index, Passage::default());
        self.passages[index] = passage;
    }

    pub(super) fn passage(&mut self, index: AttemptId) -> &mut Passage {
        &mut self.passages[index]
    }

    /// Whether the proxy has had an attempt that no instance has; from now on it has it no longer.
    pub(super) fn lets_go(&mut self, index: AttemptId) -> bool {
        let passage = self.passages.get_mut(index);
        self.on && passage.is_some_and(|it| std::mem::take(&mut it.held))
    }

    /// Whether a try of an attempt failed that would not have on a normal day.
    pub(super) fn failed_abnormally(&self, index: AttemptId) -> bool {
        self.on && self.passages.get(index).is_some_and(|it| it.abnormal)
    }

    /// When an attempt began to wait at its instance.
    #[inline]
    pub(super) fn reached(&self, index: AttemptId, attempt: &Attempt) -> u64 {
        if self.on { self.passages[index].reached } else { attempt.arrived }
    }

    /// Whether a connection to an instance in this state is never answered.
    pub(super) fn is_silent(&self, state: State) -> bool {
        let down = match state {
            State::Vacant | State::Gone => true,
            State::Pending | State::Waiting | State::Starting | State::Backoff => {
                self.dead_host.is_some()
            }
            State::Up | State::Stopping | State::Finishing | State::Draining | State::Closing => {
                false
            }
        };
        down && self.dead_host != Some(DeadHost::Refuses)
    }
}

/// Kept connections by pool and user. Closed ones stay until their user comes again.
#[derive(Clone, Debug)]
pub(super) struct Connections(ByGroup<UserPages<Option<Connection>>>);

impl Connections {
    pub(super) fn of(&mut self, user: u32, pool: GroupId) -> &mut Option<Connection> {
        self.0[pool].of(user)
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Connection {
    pub(super) slot: SlotId,
    /// The process at its other end.
    pub(super) pod: u32,
    pub(super) epoch: u32,
    /// Requests that it has yet to carry.
    pub(super) left: u32,
    /// Requests on it now, and when the last one ended, in nanoseconds.
    pub(super) in_hand: u32,
    pub(super) rested: u64,
}

/// What the balancer knows of an endpoint.
#[derive(Clone, Copy, Debug)]
pub(super) struct Server {
    pub(super) check: Check,
    /// One of the moments of its checks, in nanoseconds; the others are whole intervals away.
    pub(super) origin: u64,
    /// Number of the event of its next check; 0 while it is not checked.
    pub(super) event: u32,
    /// Failures of requests in a row.
    pub(super) failures: u32,
    pub(super) ejected_at: Option<u64>,
    pub(super) ejections: u32,
    /// What the census of its pool counts it as: healthy or not; none while it is no endpoint.
    pub(super) counted: Option<bool>,
}

/// The endpoints of a pool.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Census {
    endpoints: u32,
    healthy: u32,
    /// So few are healthy that all of them get requests.
    pub(super) panics: bool,
}

impl Census {
    /// Counts an endpoint otherwise than before.
    pub(super) fn recount(&mut self, before: Option<bool>, after: Option<bool>) {
        self.endpoints -= u32::from(before.is_some());
        self.endpoints += u32::from(after.is_some());
        self.healthy -= u32::from(before == Some(true));
        self.healthy += u32::from(after == Some(true));
    }

    /// The part that is healthy; not a number where there is no endpoint.
    pub(super) fn share(self) -> f64 {
        f64::from(self.healthy) / f64::from(self.endpoints)
    }
}

impl Default for Server {
    fn default() -> Self {
        Self {
            check: Check::new(Begins::Up),
            origin: 0,
            event: 0,
            failures: 0,
            ejected_at: None,
            ejections: 0,
            counted: None,
        }
    }
}

impl Server {
    pub(super) const fn is_healthy(&self) -> bool {
        self.check.up && self.ejected_at.is_none()
    }

    /// The moment of its next check after `now`.
    pub(super) const fn next_check(&self, interval: u64, now: u64) -> u64 {
        if self.origin > now {
            self.origin
        } else {
            self.origin + ((now - self.origin) / interval + 1) * interval
        }
    }
}

/// Results of checks in a row, against `rise` and `fall`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Check {
    pub(super) up: bool,
    /// Results in a row that speak against what it is.
    run: u32,
    /// The first result alone decides.
    untried: bool,
}

impl Check {
    pub(super) const fn new(begins: Begins) -> Self {
        Self { up: matches!(begins, Begins::Up), run: 0, untried: true }
    }

    /// Of an endpoint that has been up for long.
    pub(super) const STANDING: Self = Self { up: true, run: 0, untried: false };

    /// Of a process that is new on a fixed list.
    pub(super) const DOWN: Self = Self { up: false, run: 0, untried: false };

    /// A check has come out well or badly; says whether that changes what the endpoint is.
    pub(super) fn answer(&mut self, success: bool, spec: &HealthChecksSpec) -> bool {
        self.run = if success == self.up { 0 } else { self.run + 1 };
        let untried = std::mem::take(&mut self.untried);
        let threshold = match (untried, success) {
            (true, _) => 1,
            (false, true) => spec.rise,
            (false, false) => spec.fall,
        };
        if self.run < threshold {
            return false;
        }
        (self.up, self.run) = (success, 0);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(mut check: Check, results: &str) -> String {
        let spec = HealthChecksSpec { rise: 2, fall: 3, ..HealthChecksSpec::default() };
        let after = |it: char| {
            check.answer(it == '+', &spec);
            if check.up { 'u' } else { 'd' }
        };
        results.chars().map(after).collect()
    }

    /// HAProxy counts results in a row: a success before the third failure begins again.
    #[test]
    fn it_takes_rise_successes_or_fall_failures_in_a_row() {
        assert_eq!(course(Check::STANDING, "--+---+-++--++"), "uuuuudddduuuuu");
        assert_eq!(course(Check::DOWN, "+-++---"), "ddduuud");
    }

    #[test]
    fn one_that_begins_down_is_up_with_its_first_success() {
        assert_eq!(course(Check::new(Begins::Down), "+---++"), "uuuddu");
        // the first result was a failure: from then on it takes two
        assert_eq!(course(Check::new(Begins::Down), "-+++"), "dduu");
    }

    /// HAProxy begins with servers that are up and fall at the first failure.
    #[test]
    fn one_that_begins_up_is_down_with_its_first_failure() {
        assert_eq!(course(Check::new(Begins::Up), "-++---"), "dduuud");
        // the first result was a success: from then on it takes three
        assert_eq!(course(Check::new(Begins::Up), "+---"), "uuud");
    }
}
