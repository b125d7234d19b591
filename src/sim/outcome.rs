//! The outcome: everything that one trial leaves, plain data.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    Entry, Fork, attempts::Failure, lives::Life, release_books::ReleaseBooks,
    user_counts::UserCounts, world::World,
};
use crate::{
    judge::{Measurement, RunState, Tally},
    kernel::Seed,
    model::{Cohort, Measure, Phase},
    units::{Bytes, Instant, Ratio, Span},
};

/// What one trial leaves.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    pub seed: u64,
    pub phase: Phase,
    /// Every figure that there is, in the measure's own unit.
    pub figures: Vec<(Measure, f64)>,
    /// When the rollout started, since the start of the trial.
    pub rollout_began: Option<Instant>,
    pub first_symptom: Option<Instant>,
    pub detected: Option<Instant>,
    /// When the rollback started, and when all traffic was on the old release again.
    pub rollback_began: Option<Instant>,
    pub rollback_done: Option<Instant>,
    /// When the rollout was over.
    pub rested: Option<Instant>,
    /// Pages by hour of the day.
    pub pages_by_hour: [u32; 24],
    pub timeline: Vec<Entry>,
    /// Entries that were too many to keep; the timeline says where they would be.
    pub entries_lost: u64,
    pub measurements: Vec<Measurement>,
    /// Every gate of the analysis, in the order of the scenario; empty before the first
    /// measurement.
    pub gates: Vec<GateOutcome>,
    /// What the strategy did in order, the rollback included.
    pub steps: Vec<StepOutcome>,
    pub faults: Vec<FaultMark>,
    /// Every defect of the release and every incident, in the order of the scenario: what became of it.
    pub struck: Vec<FaultOutcome>,
    /// Where the rollout stood; each lasts until the next, the last until the end.
    pub phases: Vec<PhaseMark>,
    pub lives: Vec<Life>,
    pub series: Series,
    /// Where it was forked, in their order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub forks: Vec<Fork>,
}

impl Outcome {
    /// A figure by its measure; none where the trial has no data.
    pub fn figure(&self, measure: Measure) -> Option<f64> {
        self.figures.iter().find(|(it, _)| *it == measure).map(|&(_, value)| value)
    }
}

/// The result of a gate of the analysis.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GateOutcome {
    pub name: String,
    /// Measurements, those with too few samples included.
    pub looks: u64,
    /// When it first stopped the rollout, and how: failed, inconclusive or without data. For a dry
    /// run, when it would have.
    pub objection: Option<(Instant, RunState)>,
    /// What its measurements came to.
    pub tally: Tally,
}

/// A step of the strategy.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepOutcome {
    pub text: String,
    pub state: StepState,
    /// None where the step was never reached.
    pub began: Option<Instant>,
    /// None where it was not over at the end.
    pub ended: Option<Instant>,
    /// What each gate saw meanwhile, by its name; gates that were not measured are left out.
    pub gates: Vec<(String, Tally)>,
}

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    Done,
    /// The rollout ended in it, or was turned back.
    Failed,
    /// Not over at the end of the trial.
    Running,
    /// Not reached at the end of the trial.
    Pending,
    /// Never to be reached, since the rollout ended before it.
    Skipped,
}

impl StepState {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Running => "running",
            Self::Pending => "pending",
            Self::Skipped => "skipped",
        }
    }
}

/// When a fault showed for the first time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FaultMark {
    pub at: Instant,
    pub name: String,
    /// It is part of the release.
    pub defect: bool,
}

/// What became of a defect or an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FaultOutcome {
    pub name: String,
    /// It is part of the release.
    pub defect: bool,
    /// It took effect: it was active while there was something in its scope to act on.
    pub struck: bool,
    /// When it showed for the first time.
    pub since: Option<Instant>,
}

/// When the rollout entered a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PhaseMark {
    pub at: Instant,
    pub phase: Phase,
}

/// How things went over time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Series {
    /// Length of a point.
    pub step: Span,
    pub points: Vec<SeriesPoint>,
}

/// One point of the series: what happened in the step that ends at `at`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct SeriesPoint {
    pub at: Instant,
    /// Requests that ended well, and without a good answer.
    pub good: u64,
    pub failed: u64,
    pub slow: u64,
    pub wrong: u64,
    /// Requests that waited for a worker at the end of the step.
    pub queue: u64,
    /// Attempts and failures as the balancer saw them: stable, candidate dark, candidate exposed.
    pub attempts: [u64; Cohort::COUNT],
    pub failures: [u64; Cohort::COUNT],
    pub latency_p50: [Option<Span>; Cohort::COUNT],
    pub latency_p99: [Option<Span>; Cohort::COUNT],
    /// Mean memory of an instance: stable, candidate.
    pub memory: [Option<Bytes>; 2],
    /// Busy part of the workers.
    pub saturation: f64,
    /// Ready instances: stable, candidate.
    pub ready: [u32; 2],
    /// Share of the traffic assigned to the candidate.
    pub weight: f64,
}

impl World<'_> {
    /// The end of the trial: what lasts until then is booked, and what is left to say is said.
    pub(super) fn come_to_end(&mut self) {
        self.now = self.end;
        self.ledger.integrate(self.now);
        self.settle_busy_workers();
        self.tell_symptom();
        self.tell_undone();
    }

    /// The last checks, the figures, the outcome of a trial that is at its end.
    pub(super) fn close(self) -> Outcome {
        let users = self.ledger.user_counts();
        self.check_books(&users);
        let figures = self.figures(&users);
        let steps = if self.draws_picture() { self.steps() } else { Vec::new() };
        let struck = if self.draws_picture() { self.fault_outcomes() } else { Vec::new() };
        let (timeline, entries_lost) = self.timeline.end();
        let ledger = self.ledger;
        let at = |it: Option<u64>| it.map(Instant::from_nanos);
        Outcome {
            seed: Seed::get(self.seed),
            phase: self.rollout.phase,
            figures,
            rollout_began: at(ledger.begun_at),
            first_symptom: at(ledger.symptoms.first.map(|it| it.at)),
            detected: at(ledger.detected_at),
            rollback_began: at(ledger.way_home_from),
            rollback_done: at(ledger.home_at),
            rested: at(ledger.rested_at),
            pages_by_hour: self.operator.pages_by_hour,
            timeline,
            entries_lost,
            measurements: self.rollout.measurements,
            gates: self.rollout.gates,
            steps,
            faults: ledger.faults,
            struck,
            phases: ledger.phases,
            lives: ledger.lives.into_list(),
            series: self.monitor.into_series(),
            forks: self.forks,
        }
    }

    fn fault_outcomes(&self) -> Vec<FaultOutcome> {
        let mut since: BTreeMap<(bool, &str), Instant> = BTreeMap::new();
        for it in &self.ledger.faults {
            since.entry((it.defect, it.name.as_str())).or_insert(it.at);
        }
        let outcome = |(name, defect, struck): (&str, bool, bool)| FaultOutcome {
            name: name.to_owned(),
            defect,
            struck,
            since: since.get(&(defect, name)).copied(),
        };
        self.active_faults.each().map(outcome).collect()
    }

    fn figures(&self, users: &UserCounts) -> Vec<(Measure, f64)> {
        let mut figures = Vec::with_capacity(Measure::ALL.len());
        let mut whole = ReleaseBooks::default();
        self.ledger.releases.iter().for_each(|it| whole.add(it));
        let ships = self.rollout.strategy.ships();
        let known = |it: &&Measure| ships || !it.of_a_rollout();
        let value = |it: &Measure| self.figure(*it, users, &whole).map(|value| (*it, value));
        figures.extend(Measure::ALL.iter().filter(known).filter_map(value));
        figures
    }

    #[expect(clippy::too_many_lines, reason = "a line for each measure")]
    fn figure(&self, measure: Measure, users: &UserCounts, whole: &ReleaseBooks) -> Option<f64> {
        let ledger = &self.ledger;
        let [stable, candidate] = &ledger.releases;
        let total = ledger.total;
        let asked = self.plan.scenario.client.quantile.map(Ratio::get);
        let ended = total.good + total.failed;
        let count = |it: u64| Some(it as f64);
        let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
        let span = |from: Option<u64>, to: Option<u64>| {
            let (from, to) = (from?, to?);
            Some(to.saturating_sub(from) as f64 / 1e9)
        };
        match measure {
            Measure::requests => count(ledger.requests),
            Measure::failed => count(total.failed),
            Measure::failed_share => share(total.failed, ended),
            Measure::failed_beyond_normal => count(total.failed - ledger.failed_normally),
            Measure::failed_errors => count(ledger.failed_as[Failure::Error as usize]),
            Measure::failed_timeouts => count(ledger.failed_as[Failure::Timeout as usize]),
            Measure::failed_refused => count(ledger.failed_as[Failure::Refused as usize]),
            Measure::failed_abandoned => count(ledger.failed_as[Failure::Abandoned as usize]),
            Measure::failed_share_stable => stable.failed_share(),
            Measure::failed_share_candidate => candidate.failed_share(),
            Measure::failed_by_stopping => count(ledger.failed_by_stopping),
            Measure::lost => count(ledger.lost),
            Measure::duplicated => count(ledger.duplicated),
            Measure::slow => count(total.slow),
            Measure::wrong => count(total.wrong),
            Measure::users_met => count(users.met()),
            Measure::users_met_unmeant => count(users.met_unmeant()),
            Measure::users_hurt => count(users.hurt()),
            Measure::users_hurt_by_release => count(users.hurt_by_release()),
            Measure::users_hurt_unmet => count(users.hurt_unmet()),
            Measure::users_hurt_undetected => {
                count(if ledger.noticed { 0 } else { users.hurt_early() })
            }
            Measure::users_hurt_detecting => {
                count(if ledger.noticed { users.hurt_early() } else { 0 })
            }
            Measure::users_hurt_rolling_back => {
                count(if ledger.way_home_from.is_some() { users.hurt_late() } else { 0 })
            }
            Measure::users_hurt_after_detection => {
                count(if ledger.way_home_from.is_some() { 0 } else { users.hurt_late() })
            }
            Measure::users_hurt_badly => count(users.hurt_badly()),
            Measure::downtime => Some(ledger.downtime.clone().until(self.end) as f64 / 1e9),
            Measure::error_budget => share(total.failed, ended).map(|it| it / 0.001),
            Measure::latency_mean => whole.latency.mean(),
            Measure::latency_p50 => whole.latency_quantile(0.5),
            Measure::latency_p90 => whole.latency_quantile(0.9),
            Measure::latency_p95 => whole.latency_quantile(0.95),
            Measure::latency_p99 => whole.latency_quantile(0.99),
            Measure::latency_p999 => whole.latency_quantile(0.999),
            Measure::latency_quantile => asked.and_then(|q| whole.latency_quantile(q)),
            Measure::latency_mean_stable => stable.latency.mean(),
            Measure::latency_p99_stable => stable.latency_quantile(0.99),
            Measure::latency_mean_candidate => candidate.latency.mean(),
            Measure::latency_p99_candidate => candidate.latency_quantile(0.99),
            Measure::wait_mean => whole.wait_mean(),
            Measure::wait_p90 => whole.wait_quantile(0.9),
            Measure::wait_p95 => whole.wait_quantile(0.95),
            Measure::wait_p99 => whole.wait_quantile(0.99),
            Measure::wait_p999 => whole.wait_quantile(0.999),
            Measure::wait_quantile => asked.and_then(|q| whole.wait_quantile(q)),
            Measure::wait_mean_stable => stable.wait_mean(),
            Measure::wait_mean_candidate => candidate.wait_mean(),
            Measure::queue_mean => ledger.queue.clone().mean(self.end),
            Measure::queue_max => count(ledger.queue.most),
            Measure::queue_end => count(ledger.queue.length),
            Measure::waited_share => share(whole.waits.count(), whole.waited_out),
            Measure::sojourn_mean => {
                (ledger.served > 0).then(|| ledger.sojourn as f64 / ledger.served as f64 / 1e9)
            }
            Measure::rejected_share => share(ledger.rejected, ledger.attempts),
            Measure::abandoned_share => share(ledger.abandoned, ledger.attempts),
            Measure::attempts_mean => share(ledger.attempts, ledger.requests),
            Measure::utilisation => {
                let capacity = ledger.serving_nanos as f64 * f64::from(self.workers_each());
                (capacity > 0.0).then(|| ledger.busy_nanos as f64 / capacity)
            }
            Measure::instances_up => {
                let wanted = ledger.wanted_nanos as f64;
                (wanted > 0.0).then(|| ledger.running_nanos as f64 / wanted)
            }
            Measure::instances_ready_min => ledger.ready_min.map(f64::from),
            Measure::instances_peak => Some(f64::from(ledger.peak)),
            Measure::instance_hours => Some(ledger.paid_nanos as f64 / 3.6e12),
            Measure::instance_hours_extra => Some(ledger.extra_nanos as f64 / 3.6e12),
            Measure::rollout_time => span(ledger.begun_at, ledger.rested_at),
            Measure::detection_time => {
                span(ledger.symptoms.first.map(|it| it.at), ledger.detected_at)
            }
            Measure::rollback_time => span(ledger.way_home_from, ledger.home_at),
            Measure::pages => count(self.operator.pages),
            Measure::operator_actions => count(self.operator.actions),
            Measure::mitigation_time => self.operator.time_to_quiet().map(|it| it as f64 / 1e9),
            Measure::complaints => count(ledger.complaints),
            Measure::restarts => count(ledger.restarts),
            Measure::oom_kills => count(ledger.oom_kills),
            Measure::defects_struck => self.active_faults.struck(true).and_then(count),
            Measure::incidents_struck => self.active_faults.struck(false).and_then(count),
        }
    }
}
