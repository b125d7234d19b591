//! The figures of a trial, from what was booked.

use super::{keeper::Books, release_books::ReleaseBooks, user_counts::UserCounts};
use crate::{
    model::{Measure, ReleaseId},
    sim::data::Failure,
};

/// What figures need beside the ledger.
#[derive(Clone, Copy, Debug)]
pub(in crate::sim) struct Beside {
    /// The end of the trial in nanoseconds.
    pub(in crate::sim) end: u64,
    /// The strategy ships something.
    pub(in crate::sim) ships: bool,
    /// The quantile that is asked for, from 0 to 1.
    pub(in crate::sim) quantile: Option<f64>,
    /// Workers of one instance.
    pub(in crate::sim) workers_each: u32,
    pub(in crate::sim) pages: u64,
    pub(in crate::sim) actions: u64,
    /// Nanoseconds from the first page until no alert fired any more.
    pub(in crate::sim) mitigation_time: Option<u64>,
    pub(in crate::sim) defects_struck: Option<u64>,
    pub(in crate::sim) incidents_struck: Option<u64>,
}

struct Counted<'a> {
    users: UserCounts,
    /// All releases.
    whole: ReleaseBooks,
    beside: &'a Beside,
}

impl Books {
    /// Every measure that is known of a trial.
    pub(in crate::sim) fn figures(&self, beside: &Beside) -> Vec<(Measure, f64)> {
        let mut whole = ReleaseBooks::default();
        self.ledger.releases.iter().for_each(|it| whole.add(it));
        let users = self.ledger.user_counts();
        let for_one_reason = users.hurt_unmet() + users.hurt_early() + users.hurt_late();
        assert_eq!(users.hurt(), for_one_reason, "users are hurt for one reason");
        let counted = Counted { users, whole, beside };
        let mut figures = Vec::with_capacity(Measure::ALL.len());
        let known = |it: &&Measure| beside.ships || !it.of_a_rollout();
        let value = |it: &Measure| self.figure(*it, &counted).map(|value| (*it, value));
        figures.extend(Measure::ALL.iter().filter(known).filter_map(value));
        figures
    }

    #[expect(clippy::too_many_lines, reason = "a line for each measure")]
    fn figure(&self, measure: Measure, of: &Counted<'_>) -> Option<f64> {
        let Counted { users, whole, beside } = of;
        let Self { ledger, fleet, queue, .. } = self;
        let course = ledger.course();
        let of_release = |it: ReleaseId| &ledger.releases[it];
        let (stable, candidate) = (of_release(ReleaseId::STABLE), of_release(ReleaseId::CANDIDATE));
        let total = ledger.total;
        let asked = beside.quantile;
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
                count(if course.noticed { 0 } else { users.hurt_early() })
            }
            Measure::users_hurt_detecting => {
                count(if course.noticed { users.hurt_early() } else { 0 })
            }
            Measure::users_hurt_rolling_back => {
                count(if course.way_home_from.is_some() { users.hurt_late() } else { 0 })
            }
            Measure::users_hurt_after_detection => {
                count(if course.way_home_from.is_some() { 0 } else { users.hurt_late() })
            }
            Measure::users_hurt_badly => count(users.hurt_badly()),
            Measure::downtime => Some(ledger.downtime.clone().until(beside.end) as f64 / 1e9),
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
            Measure::queue_mean => queue.clone().mean(beside.end),
            Measure::queue_max => count(queue.most),
            Measure::queue_end => count(queue.length),
            Measure::waited_share => share(whole.waits.count(), whole.waited_out),
            Measure::sojourn_mean => {
                (ledger.served > 0).then(|| ledger.sojourn as f64 / ledger.served as f64 / 1e9)
            }
            Measure::rejected_share => share(ledger.rejected, ledger.attempts),
            Measure::abandoned_share => share(ledger.abandoned, ledger.attempts),
            Measure::attempts_mean => share(ledger.attempts, ledger.requests),
            Measure::utilisation => {
                let capacity = fleet.serving_nanos as f64 * f64::from(beside.workers_each);
                (capacity > 0.0).then(|| ledger.busy_nanos as f64 / capacity)
            }
            Measure::instances_up => {
                let wanted = fleet.wanted_nanos as f64;
                (wanted > 0.0).then(|| fleet.running_nanos as f64 / wanted)
            }
            Measure::instances_ready_min => course.ready_min.map(f64::from),
            Measure::instances_peak => Some(f64::from(fleet.peak)),
            Measure::instance_hours => Some(fleet.paid_nanos as f64 / 3.6e12),
            Measure::instance_hours_extra => Some(fleet.extra_nanos as f64 / 3.6e12),
            Measure::rollout_time => span(course.begun, course.rested),
            Measure::promotion_time => {
                course.promoted().and_then(|it| span(course.begun, Some(it)))
            }
            Measure::detection_time => span(ledger.first_symptom(), course.detected),
            Measure::rollback_time => span(course.way_home_from, course.home),
            Measure::pages => count(beside.pages),
            Measure::operator_actions => count(beside.actions),
            Measure::mitigation_time => beside.mitigation_time.map(|it| it as f64 / 1e9),
            Measure::complaints => count(ledger.complaints),
            Measure::restarts => count(ledger.restarts),
            Measure::oom_kills => count(ledger.oom_kills),
            Measure::defects_struck => beside.defects_struck.and_then(count),
            Measure::incidents_struck => beside.incidents_struck.and_then(count),
        }
    }
}
