//! What an outcome measures, in one list: names, units and meaning. Expectations, tables, JSON and
//! `rollsim explain` all read it here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Condition, Phase};
use crate::units::LimitKind;

/// What a figure lies within, whatever happens: from nothing to what its scenario has of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeasureRange {
    /// The requests.
    Requests,
    /// The attempts of all requests.
    Attempts,
    /// A mean number of attempts.
    MeanAttempts,
    /// The users.
    Users,
    /// The users, and the attempts besides.
    Complaints,
    /// What can page the operator.
    Pages,
    /// What the operator may do.
    Actions,
    /// What can happen to instances.
    Restarts,
    /// The whole of something.
    Share,
    /// A whole that failed, by what an objective allows.
    Budget,
    /// From one attempt at a request to as many as there may be.
    Tries,
    /// The length of a trial.
    Length,
    /// The same, where something took a time.
    Time,
    /// The same, where a quantile is asked for.
    TimeAsked,
    /// The same, where there are alerts.
    TimeOfAlerts,
    /// What is left of a trial when the rollout starts.
    TimeOfRollout,
    /// The instances, where there is a rollout.
    Instances,
    /// From the fleet to all instances.
    Peak,
    /// All instances all the time.
    InstanceHours,
    /// The defects of a release.
    Defects,
    /// The incidents.
    Incidents,
}

macro_rules! measures {
    ($( $(#[doc = $text:literal])+ $name:ident $kind:ident in $range:ident ),+ $(,)?) => {
        /// What must hold at the end of a trial; `rollsim run` exits with 1 when it does not.
        ///
        /// Besides measures it takes names of strategies, each with conditions on estimates over
        /// many trials, for `rollsim compare`: a measure with the suffix `_mean`, `_p50`, `_p95` or
        /// `_p99`, `cost_mean`, `cost_p95`, `false_rollback` (of the good releases), `escaped` (of
        /// the bad ones), `rolled_back`, `completed` and `unfinished` (of all), as in
        /// `canary: {users_hurt_p95: "< 500"}`.
        #[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        #[serde(default)]
        pub struct ExpectSpec {
            /// The phase of the rollout at the end. Without it, it may be any.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub phase: Option<Phase>,
            $(
                $(#[doc = $text])+
                /// Without it, it may be anything.
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $name: Option<Condition>,
            )+
            // the one flattened part of a scenario: its keys are the scenario's own names, and the
            // check of shapes, which goes first, distinguishes them from misspelt measures
            /// Any other key is the name of a strategy: conditions on what `rollsim compare`
            /// estimates for it.
            #[serde(flatten)]
            pub strategies: BTreeMap<String, BTreeMap<String, Condition>>,
        }

        impl ExpectSpec {
            /// The conditions that were given.
            pub fn conditions(&self) -> Vec<(Measure, Condition)> {
                let mut given = Vec::new();
                $( given.extend(self.$name.map(|it| (Measure::$name, it))); )+
                given
            }
        }

        /// One figure of an outcome.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[expect(non_camel_case_types, reason = "the names are those of the scenario file")]
        pub enum Measure {
            $( $name, )+
        }

        impl Measure {
            /// Every measure, in the order in which tables show them.
            pub const ALL: &'static [Self] = &[$( Self::$name, )+];

            /// Name in scenario files, tables and data.
            pub const fn name(self) -> &'static str {
                match self { $( Self::$name => stringify!($name), )+ }
            }

            /// What it means.
            pub fn meaning(self) -> &'static str {
                match self { $( Self::$name => concat!($($text),+).trim(), )+ }
            }

            /// Its unit.
            pub const fn kind(self) -> LimitKind {
                match self { $( Self::$name => LimitKind::$kind, )+ }
            }

            /// What it lies within, whatever happens.
            pub const fn range(self) -> MeasureRange {
                match self { $( Self::$name => MeasureRange::$range, )+ }
            }
        }
    };
}

measures! {
    /// Requests that users sent after the warm-up.
    requests Count in Requests,
    /// Requests without a good answer after all retries.
    failed Count in Attempts,
    /// Share of the requests that failed, of those that ended. A request that is still open at the end of the trial has
    /// neither failed nor been answered.
    failed_share Ratio in Share,
    /// Requests that failed, without those that fail on a normal day (`fleet.errors` and the like).
    failed_beyond_normal Count in Attempts,
    /// Requests that failed with an error as the answer to their last attempt.
    failed_errors Count in Attempts,
    /// Requests that failed because their last attempt timed out.
    failed_timeouts Count in Attempts,
    /// Requests that failed because their last attempt was refused or cut off: no endpoint, a full queue, a process
    /// that ended.
    failed_refused Count in Attempts,
    /// Requests that failed because their client hung up while the last attempt waited.
    failed_abandoned Count in Attempts,
    /// Share of the requests that failed, of those that ended and whose last attempt went to the stable release.
    failed_share_stable Ratio in Share,
    /// Share of the requests that failed, of those that ended and whose last attempt went to the candidate.
    failed_share_candidate Ratio in Share,
    /// Requests that failed, the first or a later attempt of which an instance refused or cut off because the rollout
    /// stopped it.
    failed_by_stopping Count in Attempts,
    /// Requests that failed without an answer to any attempt: no endpoint, refused, cut off or timed out.
    lost Count in Attempts,
    /// Requests that were served successfully more than once: the client had given up on an attempt
    /// that the server completed anyway.
    duplicated Count in Attempts,
    /// Requests answered well, but later than the `slow_after` of their channel.
    slow Count in Attempts,
    /// Requests answered wrongly, which no metric shows.
    wrong Count in Attempts,
    /// Users who met the release: served by the candidate, with its flag on where it has one.
    users_met Count in Users,
    /// Users who met the release although neither flag nor weight selected them.
    users_met_unmeant Count in Users,
    /// Users with at least one failed or wrong answer that a normal day would not have given them.
    users_hurt Count in Users,
    /// Users with at least one such answer from the candidate.
    users_hurt_by_release Count in Users,
    /// Users hurt who never met the release.
    users_hurt_unmet Count in Users,
    /// Users hurt who met the release, in a trial in which the defect went undetected: no failed
    /// measurement, no alert and no rollback.
    users_hurt_undetected Count in Users,
    /// Users hurt who met the release, first hurt before the defect was detected.
    users_hurt_detecting Count in Users,
    /// Users hurt who met the release, first hurt after the defect was detected, in a trial with a rollback.
    users_hurt_rolling_back Count in Users,
    /// Users hurt who met the release, first hurt after the defect was detected, in a trial without a rollback.
    users_hurt_after_detection Count in Users,
    /// Users with at least ten such answers.
    users_hurt_badly Count in Users,
    /// Time in which at least half of the requests failed that end well on a normal day, in slices of 5 s. A slice in
    /// which no request ended is like the one before it.
    downtime Span in Length,
    /// Failed requests as a multiple of what a 99.9 % objective allows for all requests that ended.
    error_budget Factor in Budget,
    /// Mean time from a request's first attempt to its good answer.
    latency_mean Span in Time,
    /// Median time from a request's first attempt to its good answer.
    latency_p50 Span in Time,
    /// 90th percentile of the time from a request's first attempt to its good answer.
    latency_p90 Span in Time,
    /// 95th percentile of the time from a request's first attempt to its good answer.
    latency_p95 Span in Time,
    /// 99th percentile of the time from a request's first attempt to its good answer.
    latency_p99 Span in Time,
    /// 99.9th percentile of the time from a request's first attempt to its good answer.
    latency_p999 Span in Time,
    /// Quantile `client.quantile` of the time from a request's first attempt to its good answer.
    latency_quantile Span in TimeAsked,
    /// Mean latency of the requests that the stable release answered well.
    latency_mean_stable Span in Time,
    /// 99th percentile of the latency of the requests that the stable release answered well.
    latency_p99_stable Span in Time,
    /// Mean latency of the requests that the candidate answered well.
    latency_mean_candidate Span in Time,
    /// 99th percentile of the latency of the requests that the candidate answered well.
    latency_p99_candidate Span in Time,
    /// Mean time that an attempt waited for a worker, or until its client hung up; without attempts that were cut off
    /// while they waited.
    wait_mean Span in Time,
    /// 90th percentile of the time that an attempt waited for a worker.
    wait_p90 Span in Time,
    /// 95th percentile of the time that an attempt waited for a worker.
    wait_p95 Span in Time,
    /// 99th percentile of the time that an attempt waited for a worker.
    wait_p99 Span in Time,
    /// 99.9th percentile of the time that an attempt waited for a worker.
    wait_p999 Span in Time,
    /// Quantile `client.quantile` of the time that an attempt waited for a worker.
    wait_quantile Span in TimeAsked,
    /// Mean time that an attempt waited for a worker at the stable release.
    wait_mean_stable Span in Time,
    /// Mean time that an attempt waited for a worker at the candidate.
    wait_mean_candidate Span in Time,
    /// Mean number of requests that waited for a worker, at all instances together.
    queue_mean Count in MeanAttempts,
    /// Most requests that waited for a worker at once.
    queue_max Count in Attempts,
    /// Requests that waited for a worker at the end.
    queue_end Count in Attempts,
    /// Share of the attempts that had to wait.
    waited_share Ratio in Share,
    /// Mean time from an attempt's arrival at an instance to the end of its service, for good, with an error, or because
    /// the database did not answer in time.
    sojourn_mean Span in Time,
    /// Share of the attempts that found the queue full.
    rejected_share Ratio in Share,
    /// Share of the attempts whose client hung up while they waited.
    abandoned_share Ratio in Share,
    /// Mean number of attempts of a request.
    attempts_mean Factor in Tries,
    /// Busy share of the workers of serving instances, those being stopped included.
    utilisation Ratio in Share,
    /// Share of the time that desired instances were up, mean over the fleet.
    instances_up Ratio in Share,
    /// Fewest instances that were ready at once during the rollout.
    instances_ready_min Count in Instances,
    /// Most instances that existed at once.
    instances_peak Count in Peak,
    /// Instance-hours paid for.
    instance_hours Count in InstanceHours,
    /// Instance-hours paid for beyond the fleet's desired size at the time.
    instance_hours_extra Count in InstanceHours,
    /// Time from the start of the rollout until it was completed, rolled back or failed.
    rollout_time Span in TimeOfRollout,
    /// Time from the start of the rollout until all users were on the new release, of rollouts that were completed. A
    /// bake after that, or old instances that are kept, is no delay for users.
    promotion_time Span in TimeOfRollout,
    /// Time from the first symptom to the first failed measurement of a gate (not of a dry run) or the first alert, whichever
    /// is earlier; 0 where that came before the symptom. The first symptom is the first request since the
    /// rollout started that failed, was answered wrongly or was slow, and would not have been on a normal day: requests that only
    /// waited in line count once they are well over one in twenty, and over three times what they were before the rollout. Where
    /// nothing is shipped, it is the first of the trial. Absent where there was no symptom: no request was affected.
    detection_time Span in TimeOfRollout,
    /// Time from the decision to roll back until all traffic was on the old release, or the feature off for all users. Where
    /// its code hurt users too and the operator undid it, until that was gone.
    rollback_time Span in TimeOfRollout,
    /// Pages to the operator.
    pages Count in Pages,
    /// Actions that the operator carried out after a page: rollbacks, restarts and the like.
    operator_actions Count in Actions,
    /// Time from the first page until no alert fired any more, as the monitoring shows it. There is none while
    /// one still fires at the end.
    mitigation_time Span in TimeOfAlerts,
    /// Complaints that arrived.
    complaints Count in Complaints,
    /// Restarts of instances.
    restarts Count in Restarts,
    /// Instances killed for using too much memory.
    oom_kills Count in Restarts,
    /// Defects of the release that took effect: each was active while there was something in its scope to act on, such as a
    /// request, an instance or a start, whatever chance then made of it. A release without defects has no such figure.
    defects_struck Count in Defects,
    /// Incidents that took effect: each was active while there was something in its scope to act on. A scenario without
    /// incidents has no such figure.
    incidents_struck Count in Incidents,
}

impl Measure {
    /// What its figures count, as data names it.
    pub const fn unit(self) -> &'static str {
        match self.kind() {
            LimitKind::Ratio => "ratio",
            LimitKind::Span => "seconds",
            LimitKind::Factor => "times",
            LimitKind::Slope => "bytes per hour",
            LimitKind::Count => "count",
        }
    }

    /// Whether it says something of a rollout or of its candidate, so that there is none where nothing is
    /// shipped.
    pub fn of_a_rollout(self) -> bool {
        const THEIRS: [Measure; 20] = [
            Measure::failed_share_stable,
            Measure::failed_share_candidate,
            Measure::users_met,
            Measure::users_met_unmeant,
            Measure::users_hurt_by_release,
            Measure::users_hurt_unmet,
            Measure::users_hurt_undetected,
            Measure::users_hurt_detecting,
            Measure::users_hurt_rolling_back,
            Measure::users_hurt_after_detection,
            Measure::latency_mean_stable,
            Measure::latency_p99_stable,
            Measure::latency_mean_candidate,
            Measure::latency_p99_candidate,
            Measure::wait_mean_stable,
            Measure::wait_mean_candidate,
            Measure::instances_ready_min,
            Measure::rollout_time,
            Measure::promotion_time,
            Measure::rollback_time,
        ];
        THEIRS.contains(&self)
    }
}
