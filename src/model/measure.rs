//! What an outcome measures, in one list: names, units and meaning. Expectations, tables, JSON and
//! `rollsim explain` all read it here.

use std::{collections::BTreeMap, fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de};

use super::Phase;
use crate::units::{Limit, LimitKind, Malformed};

macro_rules! measures {
    ($( $(#[doc = $text:literal])+ $name:ident $kind:ident ),+ $(,)?) => {
        /// What must hold at the end of a trial; `rollsim run` exits with 1 when it does not.
        ///
        /// Besides measures it takes names of strategies, each with conditions on estimates over
        /// many trials, for `rollsim compare`: a measure with the suffix `_mean`, `_p50`, `_p95` or
        /// `_p99`, `cost_mean`, `cost_p95`, `false_rollback` (of the good releases), `escaped` (of
        /// the bad ones), `rolled_back` and `completed` (of all), as in
        /// `canary: {users_hurt_p95: "< 500"}`.
        #[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
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
        }
    };
}

measures! {
    /// Requests that users sent after the warm-up.
    requests Count,
    /// Requests without a good answer after all retries.
    failed Count,
    /// Share of the requests that failed.
    failed_share Ratio,
    /// Requests that failed, without those that fail on a normal day (`fleet.errors` and the like).
    failed_beyond_normal Count,
    /// Requests that failed with an error as the answer to their last attempt.
    failed_errors Count,
    /// Requests that failed because their last attempt timed out.
    failed_timeouts Count,
    /// Requests that failed because their last attempt was refused or cut off: no endpoint, a full queue, a process
    /// that ended.
    failed_refused Count,
    /// Requests that failed because their client hung up while the last attempt waited.
    failed_abandoned Count,
    /// Share of the requests that failed, of those whose last attempt went to the stable release.
    failed_share_stable Ratio,
    /// Share of the requests that failed, of those whose last attempt went to the candidate.
    failed_share_candidate Ratio,
    /// Requests that failed because the rollout stopped an instance: refused or cut off.
    failed_by_stopping Count,
    /// Requests that failed without an answer to any attempt: no endpoint, refused, cut off or timed out.
    lost Count,
    /// Requests that were served successfully more than once: the client had given up on an attempt
    /// that the server completed anyway.
    duplicated Count,
    /// Requests answered well, but more slowly than the client's `slow_after`.
    slow Count,
    /// Requests answered wrongly, which no metric shows.
    wrong Count,
    /// Users who met the release: served by the candidate, with its flag on where it has one.
    users_met Count,
    /// Users who met the release although neither flag nor weight selected them.
    users_met_unmeant Count,
    /// Users with at least one failed or wrong answer that a normal day would not have given them.
    users_hurt Count,
    /// Users with at least one such answer from the candidate.
    users_hurt_by_release Count,
    /// Users hurt who never met the release.
    users_hurt_unmet Count,
    /// Users hurt who met the release, in a trial in which the defect went undetected: no failed
    /// verdict, no alert and no rollback.
    users_hurt_undetected Count,
    /// Users hurt who met the release, first hurt before the defect was detected.
    users_hurt_detecting Count,
    /// Users hurt who met the release, first hurt after the defect was detected.
    users_hurt_rolling_back Count,
    /// Users with at least ten such answers.
    users_hurt_badly Count,
    /// Time in which at least half of the requests failed that end well on a normal day, in slices of 5 s. A slice in
    /// which no request ended is like the one before it.
    downtime Span,
    /// Failed requests as a multiple of what a 99.9 % objective allows for the whole trial.
    error_budget Factor,
    /// Mean time from a request's first attempt to its good answer.
    latency_mean Span,
    /// Median time from a request's first attempt to its good answer.
    latency_p50 Span,
    /// 90th percentile of the time from a request's first attempt to its good answer.
    latency_p90 Span,
    /// 95th percentile of the time from a request's first attempt to its good answer.
    latency_p95 Span,
    /// 99th percentile of the time from a request's first attempt to its good answer.
    latency_p99 Span,
    /// 99.9th percentile of the time from a request's first attempt to its good answer.
    latency_p999 Span,
    /// Mean latency of the requests that the stable release answered well.
    latency_mean_stable Span,
    /// 99th percentile of the latency of the requests that the stable release answered well.
    latency_p99_stable Span,
    /// Mean latency of the requests that the candidate answered well.
    latency_mean_candidate Span,
    /// 99th percentile of the latency of the requests that the candidate answered well.
    latency_p99_candidate Span,
    /// Mean time that an attempt waited for a worker, or until its client hung up.
    wait_mean Span,
    /// 90th percentile of the time that an attempt waited for a worker.
    wait_p90 Span,
    /// 95th percentile of the time that an attempt waited for a worker.
    wait_p95 Span,
    /// 99th percentile of the time that an attempt waited for a worker.
    wait_p99 Span,
    /// 99.9th percentile of the time that an attempt waited for a worker.
    wait_p999 Span,
    /// Mean time that an attempt waited for a worker at the stable release.
    wait_mean_stable Span,
    /// Mean time that an attempt waited for a worker at the candidate.
    wait_mean_candidate Span,
    /// Mean number of requests that waited for a worker, at all instances together.
    queue_mean Count,
    /// Most requests that waited for a worker at once.
    queue_max Count,
    /// Requests that waited for a worker at the end.
    queue_end Count,
    /// Share of the attempts that had to wait.
    waited_share Ratio,
    /// Mean time from an attempt's arrival at an instance to the end of its service.
    sojourn_mean Span,
    /// Share of the attempts that found the queue full.
    rejected_share Ratio,
    /// Share of the attempts whose client hung up while they waited.
    abandoned_share Ratio,
    /// Mean attempts per request.
    attempts_mean Factor,
    /// Busy share of the workers of serving instances, those being stopped included.
    utilisation Ratio,
    /// Share of the time that desired instances were up, mean over the fleet.
    instances_up Ratio,
    /// Fewest instances that were ready at once during the rollout.
    instances_ready_min Count,
    /// Most instances that existed at once.
    instances_peak Count,
    /// Instance-hours paid for.
    instance_hours Count,
    /// Instance-hours paid for beyond the fleet's desired size at the time.
    instance_hours_extra Count,
    /// Time from the start of the rollout until it was completed, rolled back or failed.
    rollout_time Span,
    /// Time from the first symptom to the first failed verdict or alert. The first symptom is the first request since the
    /// rollout started that failed, was answered wrongly or was slow, and would not have been on a normal day.
    detection_time Span,
    /// Time from the decision to roll back until all traffic was on the old release.
    rollback_time Span,
    /// Pages to the operator.
    pages Count,
    /// Complaints that arrived.
    complaints Count,
    /// Restarts of instances.
    restarts Count,
    /// Instances killed for using too much memory.
    oom_kills Count,
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
}

/// A condition on a measure: `< 500`, `<= 5m`, `> 1%`, `>= 3`, a range `450..550`, or one value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Condition {
    Below(Limit),
    AtMost(Limit),
    Above(Limit),
    AtLeast(Limit),
    /// Both ends count.
    Within(Limit, Limit),
    Is(Limit),
}

const CONDITION_ALLOWED: &str =
    "`< 500`, `<= 5m`, `> 1%`, `>= 3`, a range `450..550`, or one value, in the measure's unit";

impl Condition {
    /// Whether a value in the measure's own unit meets it.
    pub fn holds(self, value: f64) -> bool {
        match self {
            Self::Below(limit) => value < limit.value(),
            Self::AtMost(limit) => value <= limit.value(),
            Self::Above(limit) => value > limit.value(),
            Self::AtLeast(limit) => value >= limit.value(),
            Self::Within(low, high) => (low.value()..=high.value()).contains(&value),
            Self::Is(limit) => (value - limit.value()).abs() <= 1e-9 * limit.value().abs(),
        }
    }

    /// Whether every value from `low` to `high` meets it, or none does; none where some do.
    pub fn holds_within(self, low: f64, high: f64) -> Option<bool> {
        let ends = (self.holds(low), self.holds(high));
        match (self, ends) {
            (_, (true, true)) => Some(true),
            (Self::Within(least, largest), (false, false)) => {
                let beside = high < least.value() || low > largest.value();
                beside.then_some(false)
            }
            (Self::Is(limit), (false, false)) => {
                let beside = high < limit.value() || low > limit.value();
                beside.then_some(false)
            }
            (_, (false, false)) => Some(false),
            (_, (true, false) | (false, true)) => None,
        }
    }

    /// The limits in it.
    pub fn limits(self) -> (Limit, Option<Limit>) {
        match self {
            Self::Below(it)
            | Self::AtMost(it)
            | Self::Above(it)
            | Self::AtLeast(it)
            | Self::Is(it) => (it, None),
            Self::Within(low, high) => (low, Some(high)),
        }
    }
}

/// Makes a condition of the limit after its operator.
type Bounded = fn(Limit) -> Condition;

impl FromStr for Condition {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let limit = |text: &str| {
            let reword = |it: Malformed| Malformed { allowed: CONDITION_ALLOWED, ..it };
            text.parse::<Limit>().map_err(reword)
        };
        let text = text.trim();
        let operators: [(&str, Bounded); 4] =
            [("<=", Self::AtMost), (">=", Self::AtLeast), ("<", Self::Below), (">", Self::Above)];
        for (operator, condition) in operators {
            if let Some(rest) = text.strip_prefix(operator) {
                return limit(rest).map(condition);
            }
        }
        let Some((low, high)) = text.split_once("..") else { return limit(text).map(Self::Is) };
        let (low, high) = (limit(low)?, limit(high)?);
        if low.kind() != high.kind() || low.value() > high.value() {
            let problem = format!("`{low}..{high}` is not a range");
            return Err(Malformed { problem, allowed: CONDITION_ALLOWED });
        }
        Ok(Self::Within(low, high))
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Below(it) => write!(f, "< {it}"),
            Self::AtMost(it) => write!(f, "<= {it}"),
            Self::Above(it) => write!(f, "> {it}"),
            Self::AtLeast(it) => write!(f, ">= {it}"),
            Self::Within(low, high) => write!(f, "{low}..{high}"),
            Self::Is(it) => write!(f, "{it}"),
        }
    }
}

impl Serialize for Condition {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Condition;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(CONDITION_ALLOWED)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Condition, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, count: u64) -> Result<Condition, E> {
                count.to_string().parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for Condition {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Condition".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": ["string", "integer"],
            "format": "condition",
            "description": "a condition: `< 500`, `<= 5m`, `> 1%`, `>= 3`, `450..550`, or one value",
            "examples": ["< 500", "30s..45s", 0],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(condition: &str, value: f64) -> bool {
        condition.parse::<Condition>().unwrap().holds(value)
    }

    #[test]
    fn conditions_hold_at_their_edges_as_written() {
        assert!(!holds("< 500", 500.0) && holds("<= 500", 500.0));
        assert!(!holds("> 1%", 0.01) && holds(">= 1%", 0.01));
        assert!(holds("30s..45s", 45.0) && !holds("30s..45s", 45.1));
        assert!(holds("0", 0.0) && !holds("0", 1.0));
    }

    #[test]
    fn ranges_backwards_or_of_mixed_units_are_refused() {
        for text in ["5..4", "1s..5", "<", "about 5", ".."] {
            assert!(text.parse::<Condition>().is_err(), "{text}");
        }
    }
}
